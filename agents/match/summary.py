"""What a backtest comes to: hits a day, alerts, and the name that makes the most noise."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from agents.match.phrase import fold
from streams.records import EnrichedArticle, Hit


@dataclass(frozen=True, slots=True)
class Alias:
    """A name as articles have it, folded: how many hits hold it, and how many hold nothing else."""

    surface: str
    hits: int
    alone: int


@dataclass(frozen=True, slots=True)
class WatchSummary:
    """What one watch came to."""

    watch: str
    hits: int
    alerts: int
    hits_a_day: float
    days: dict[str, int]
    """Hits by the day on which their article was first seen (UTC), such as `2026-03-01`."""
    noisiest: Alias | None
    """The name that the most hits rest on alone, then that the most hold."""


@dataclass(slots=True)
class _Tally:
    hits: int = 0
    alerts: set[str] = field(default_factory=set)
    days: Counter[str] = field(default_factory=Counter)
    aliases: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)


class Summary:
    """Counts the hits of a backtest from `since` on."""

    def __init__(self) -> None:
        self._tallies: dict[str, _Tally] = {}

    def add(self, enriched: EnrichedArticle, hit: Hit, alert: str) -> None:
        """Count a hit."""
        tally = self._tallies.setdefault(hit.watch, _Tally())
        tally.hits += 1
        tally.alerts.add(alert)
        tally.days[f"{enriched.article.first_seen:%Y-%m-%d}"] += 1
        surfaces = {fold(one.surface) for one in hit.evidence}
        tally.aliases.update(surfaces)
        if len(surfaces) == 1:
            tally.alone.update(surfaces)

    def of(self, watch: str, since: datetime, until: datetime) -> WatchSummary:
        """What a watch came to between two instants."""
        tally = self._tallies.get(watch, _Tally())
        days = max((until - since).total_seconds() / 86_400, 1.0)
        surface = max(tally.aliases, key=lambda one: (tally.alone[one], tally.aliases[one], one), default=None)
        return WatchSummary(
            watch=watch,
            hits=tally.hits,
            alerts=len(tally.alerts),
            hits_a_day=tally.hits / days,
            days=dict(sorted(tally.days.items())),
            noisiest=None if surface is None else Alias(surface, tally.aliases[surface], tally.alone[surface]),
        )
