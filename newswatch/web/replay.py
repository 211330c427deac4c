"""A watch over the articles of the archive, for the API and the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from agents.match.summary import Summary, WatchSummary
from agents.match.watch import Watch
from newswatch.web.house import House

if TYPE_CHECKING:
    from agents.match.backtest import Replayed


def replayed(watch: Watch, days: float, house: House) -> Iterator[Replayed | WatchSummary]:
    """Each hit of the last `days` in the order in which articles were done, then what they come to."""
    from agents.match.backtest import backtest  # noqa: PLC0415 - heavy, and only where asked for
    from agents.match.compile import compile_watches  # noqa: PLC0415
    from newswatch.archive_input import archived  # noqa: PLC0415

    now = house.clock()
    since = now - timedelta(days=days)
    compiled, _ = compile_watches([watch], house.knowledge())
    summary = Summary()
    for found in backtest(archived(house.archive, since, compiled), compiled):
        summary.add(found.enriched, found.hit, found.alert)
        yield found
    yield summary.of(watch.id, since, now)
