"""Alerts that never happened: templates are tried on them, and one is sent to try an endpoint."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args, get_type_hints

from agents.notify.facts import TEST_WATCH
from streams.ids import digest
from streams.records import Alert, AlertPlace, Evidence

_QUOTE = "This is a test of newswatch: no convoy has left Khanasser."
_START = _QUOTE.index("Khanasser")
_END = _START + len("Khanasser")


def trial_alert(now: datetime) -> Alert:
    """An alert that says in each of its texts that it is a test; each has an id of its own."""
    return Alert(
        id="test-" + digest("test alert", now.isoformat())[:24],
        revision=1,
        status="opened",
        watch=TEST_WATCH,
        watch_name="TEST of newswatch",
        severity="info",
        story="test",
        article="test",
        title="TEST: newswatch tries this endpoint",
        url="https://example.org/newswatch-test",
        outlet="example.org",
        language="en",
        kinds=("town",),
        reason="This is a test. Nothing has happened.",
        quote=_QUOTE,
        quote_spans=((_START, _END),),
        evidence=(Evidence("text", _START, _END, "Khanasser", "is named in this test"),),
        published=now,
        first_seen=now,
        opened=now,
        places=(AlertPlace("Khanasser", 35.78, 37.50, "SY", 0.9),),
    )


def sample_alerts() -> list[Alert]:
    """One of every status, full and as bare as an alert can be."""
    full = trial_alert(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
    bare = replace(full, url=None, published=None, outlet="", quote="", quote_spans=(), evidence=(), places=())
    statuses = get_args(get_type_hints(Alert)["status"])
    return [replace(one, status=status) for status in statuses for one in (full, bare)]
