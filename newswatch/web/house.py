"""What the web role works with, and what it loads only when somebody asks for it: names, models, watches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from newswatch.roles.rereading import taken_over
from newswatch.settings import Settings
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.memory import loading

if TYPE_CHECKING:
    from agents.enrich.enricher import Enricher
    from agents.names.knowledge import NamesKnowledge


@dataclass(slots=True)
class House:
    """The parts of the web role; safe to share between threads."""

    config: Path
    settings: Settings
    archive: Archive
    clock: Clock
    known: NamesKnowledge | None = None
    """Everything known by name, once it is loaded."""
    _enricher: Enricher | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def take(self, fresh: Settings) -> str:
        """Show feeds, watches and endpoints as the settings file has them now; how many there are."""
        self.settings = taken_over(self.settings, fresh)
        return f"{len(fresh.feeds)} feeds, {len(fresh.watches)} watches, {len(fresh.endpoints)} endpoints"

    def knowledge(self) -> NamesKnowledge:
        """Everything known by name; the first call loads it, which takes seconds."""
        with self._lock:
            return self._load()

    def reading(self, use: Callable[[Enricher], object]) -> None:
        """Let `use` read with the models, one at a time; the first call loads them."""
        with self._lock:
            if self._enricher is None:
                with loading():
                    from agents.enrich.enricher import Enricher  # noqa: PLC0415 - hundreds of MB, only where asked for
                    from agents.enrich.recognise import Recogniser  # noqa: PLC0415

                    self._enricher = Enricher(self._load(), Recogniser(dict(self.settings.enrich.models)))
            use(self._enricher)

    def _load(self) -> NamesKnowledge:
        if self.known is None:
            from newswatch.watch_intake import known_names  # noqa: PLC0415

            with loading():
                self.known = known_names(self.settings.enrich)
        return self.known


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


TheHouse = Annotated[House, Depends(_house)]
