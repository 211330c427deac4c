"""How far the chaos of deliveries is: kills follow the work, however quick the machine is with it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from delivery_receivers import Receivers


@dataclass
class Progress:
    """How much of the work has arrived at healthy endpoints; what is repeated counts once."""

    receivers: Receivers
    deliveries: int
    patience_seconds: float

    def share(self) -> float:
        """From 0 to 1."""
        return len(self.receivers.well) / self.deliveries

    async def reach(self, share: float) -> None:
        """Wait until so much has arrived. Raises TimeoutError where nothing does for too long."""
        newest, since = self.share(), time.monotonic()
        while newest < share:
            await asyncio.sleep(0.1)
            now = self.share()
            if now > newest:
                newest, since = now, time.monotonic()
            elif time.monotonic() - since > self.patience_seconds:
                raise TimeoutError
