"""What the settings say of how alerts live and are told, as the agents take it."""

from __future__ import annotations

from datetime import timedelta

from agents.tell.rules import EndpointRules, Recipients, Rules
from agents.tell.theatre import theatres
from newswatch.settings import Settings

_KEEP_STATE = frozenset({"alertmanager"})
_ONE_BY_ONE = frozenset({"alertmanager", "kafka"})
"""Programs that take each alert as a record of its own."""


def recipients_of(settings: Settings) -> Recipients:
    """Every endpoint, and the rules."""
    return Recipients(tuple(one.id for one in settings.endpoints), rules_of(settings))


def rules_of(settings: Settings) -> Rules:
    """The rules; packs are read only where an endpoint groups by theatre."""
    endpoints = {
        one.id: EndpointRules(one.pace, one.kind in _KEEP_STATE, one.kind not in _ONE_BY_ONE)
        for one in settings.endpoints
    }
    by_theatre = any(one.pace.group is not None and one.pace.group.by == "theatre" for one in settings.endpoints)
    return Rules(
        endpoints,
        tuple(rule.inhibition() for rule in settings.alerts.inhibit),
        timedelta(hours=settings.alerts.close_after_hours),
        theatres(settings.enrich.packs) if by_theatre else {},
    )
