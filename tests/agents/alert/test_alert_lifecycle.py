"""What each happening makes of an alert."""

from __future__ import annotations

from dataclasses import replace

from builders import NOON, a_hit, an_enriched

from agents.alert import lifecycle
from agents.match.watch import TownCondition, Watch
from streams.records import Alert, AlertPlace, AlertSource

ROAD = Watch(id="road", any=(TownCondition(town="Khanasser"),))
ATHRIYA = AlertPlace("Athriya", 35.0, 37.0, "SY", 0.9)


def tells(name: str, outlet: str = "outlet.example", **changes: object) -> Alert:
    enriched = an_enriched(name, outlet=outlet)
    alone = lifecycle.alone(ROAD, a_hit(enriched), enriched, "story", "alert", NOON)
    return replace(alone, **changes)  # type: ignore[arg-type]


def source(telling: Alert, copied_from: str | None = None) -> AlertSource:
    return replace(telling.sources[0], copied_from=copied_from)


def test_a_new_independent_outlet_is_told_and_a_copy_is_not() -> None:
    first, other = tells("one"), tells("two", "other.example")
    new = lifecycle.heard(first, other, source(other), 2, "same_event", NOON)
    assert (new.told, new.reason, new.alert.revision) == (True, "new_source", 2)
    assert new.alert.changes == ("a second independent source: other.example",)
    assert new.alert.article == first.article
    copy = lifecycle.heard(first, other, source(other, first.article), None, "near_copy", NOON)
    assert (copy.told, copy.reason, copy.alert.revision) == (False, "near_copy", 1)
    assert len(copy.alert.sources) == 2


def test_a_new_place_shows_the_article_that_names_it_and_severity_only_rises() -> None:
    first = tells("one", severity="critical")
    other = tells("two", places=(*first.places, ATHRIYA))
    new = lifecycle.heard(first, other, source(other), None, "near_copy", NOON)
    assert (new.reason, new.alert.changes) == ("new_name", ("new place: Athriya",))
    assert (new.alert.article, new.alert.severity) == (other.article, "critical")
    up = lifecycle.heard(tells("one"), tells("two", severity="critical"), source(other), None, "near_copy", NOON)
    assert (up.reason, up.alert.severity) == ("severity_up", "critical")
    assert up.alert.changes == ("severity up: warning to critical",)


def test_an_alert_opens_when_enough_outlets_tell_it() -> None:
    waiting = lifecycle.opened(tells("one"), 2)
    assert (waiting.told, waiting.waiting, waiting.alert.revision) == (False, True, 0)
    other = tells("two", "other.example")
    opened = lifecycle.heard_while_waiting(waiting.alert, other, source(other), 2, 2)
    assert (opened.told, opened.alert.revision, opened.alert.status) == (True, 1, "opened")
    assert opened.alert.changes == ("told by 2 independent outlets: outlet.example, other.example",)


def test_a_place_that_a_revision_takes_away_is_corrected_unless_another_tells_it() -> None:
    before = tells("one", places=(ATHRIYA,))
    after, other = tells("one", places=()), tells("two", places=(ATHRIYA,))
    gone = lifecycle.revised(before, before, after, [], NOON)
    assert (gone.alert.status, gone.alert.changes) == ("corrected", ("no longer told: Athriya",))
    assert lifecycle.revised(before, before, after, [other], NOON).reason == "same_article"


def test_what_was_closed_or_retracted_and_is_told_by_another_is_told_again() -> None:
    closed = lifecycle.closed(tells("one"), NOON).alert
    other = tells("two", "other.example")
    again = lifecycle.heard(closed, other, source(other), 2, "same_event", NOON)
    assert (again.reason, again.alert.status) == ("told_again", "updated")
    assert not lifecycle.heard(closed, other, source(other), None, "same_words", NOON).told
    retracted = lifecycle.withdrawn(tells("one"), tells("one").article, [], NOON, waiting=False).alert
    assert (retracted.status, retracted.sources) == ("retracted", ())
    assert lifecycle.heard(retracted, other, source(other), None, "same_words", NOON).alert.article == other.article
