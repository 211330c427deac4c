"""The notify role: from the archive to the endpoints."""

from __future__ import annotations

import asyncio

from agents.notify.deliver import Notifier
from newswatch.roles.runner import RoleContext


async def main(context: RoleContext) -> None:
    """Deliver until stopped."""
    notifier = Notifier(context.archive, context.settings.endpoints, context.clock)
    delivering = asyncio.create_task(notifier.run())
    stopping = asyncio.create_task(context.stopping.wait())
    await asyncio.wait({delivering, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if delivering.done():
        delivering.result()  # only an error ends it
    delivering.cancel()
    await asyncio.wait({delivering}, timeout=5)
