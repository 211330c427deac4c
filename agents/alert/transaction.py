"""The one transaction of an article: what was found, its stories, its alerts, what is owed, and that it is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from agents.alert.decide import Known, Step, decide_hit, decide_withdrawn, keeping_of
from agents.alert.kept import KeptStories, joining
from agents.alert.lifecycle import Decision
from agents.alert.story import StoryChoice
from agents.alert.telling import Told, told
from agents.match.watch import Watch
from agents.tell.owe import owe
from agents.tell.rules import Rules
from streams.archive import alert_lives, alerts, articles
from streams.archive.alert_lives import Outcome
from streams.archive.alerts import Joining
from streams.archive.dialect import hold
from streams.archive.engine import Archive
from streams.records import Alert, EnrichedArticle, Hit


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one article changed."""

    outcome: str
    """`ok`, or `again` where this revision was done before and nothing changed."""
    opened: tuple[Alert, ...] = ()
    joined: tuple[str, ...] = ()
    """For each other decision on an alert: its reason, such as `near_copy`, `new_source` or `retracted`."""
    changed: tuple[Alert, ...] = ()
    """Later revisions that are told: updates, corrections and retractions."""
    notices: tuple[str, ...] = ()
    """For each revision and endpoint what became of it, by name, such as `sent` or `silenced`."""


def record_article(
    archive: Archive,
    enriched: EnrichedArticle,
    hits: Sequence[Hit],
    watches: Mapping[str, Watch],
    endpoints: Sequence[str],
    now: datetime,
    in_force: Callable[[str], bool] = lambda _: True,
    rules: Rules | None = None,
    stories: KeptStories | None = None,
) -> Recorded:
    """Keep an article and everything that follows from it, all or nothing; twice equals once.

    `watches` by id; `endpoints` are the ids that a watch without `notify` goes to; `in_force` says whether a watch
    still is, so that one that was taken away retracts nothing; `rules` say how alerts are told; `stories` may be the
    same for many articles of one archive. Many hits take as many statements as one. Raises ArchiveUnavailable.
    """
    article = enriched.article
    rules, stories = rules or Rules(), stories or KeptStories()
    telling = told(enriched) if hits else None
    with archive.begin() as connection:
        before = articles.before(connection, article.id)
        if before.done >= article.revision:
            return Recorded("again")
        # Two workers that both hit a watch, or withdraw from its alerts, do so one after the other: the second sees
        # the story that the first has opened. Article, watches, alerts, limits, what waits: locks are taken in this
        # order everywhere.
        earlier = alert_lives.alerts_of(connection, article.id) if article.revision > 1 else {}
        hold(connection, "watch", {*(hit.watch for hit in hits), *earlier.values()})
        choices, known = _read(connection, stories, [hit.watch for hit in hits], telling, set(earlier))
        steps = [] if telling is None else [
            decide_hit(hit, watches[hit.watch], choices[hit.watch], enriched, telling, known, endpoints, rules, now)
            for hit in hits
        ]  # fmt: skip
        left = earlier.keys() - {one.decision.alert.id for one in steps}
        steps += decide_withdrawn(article.id, {one for one in left if in_force(earlier[one])}, known, rules, now)
        joined = keep_steps(connection, [(article.id, telling, steps)], now)
        notices = owe(connection, [one.owing for one in steps if one.owing is not None], rules, now)
        articles.mark_done(connection, enriched, now, before)
    stories.remember(joined)
    return recorded(steps, notices)


def recorded(steps: Sequence[Step], notices: Sequence[str]) -> Recorded:
    """What an article changed by what it made of its alerts."""
    decisions = [one.decision for one in steps]
    return Recorded(
        "ok",
        tuple(one.alert for one in decisions if one.told and one.alert.revision == 1),
        tuple(one.reason for one in decisions if not (one.told and one.alert.revision == 1)),
        tuple(one.alert for one in decisions if one.told and one.alert.revision > 1),
        tuple(notices),
    )


def _read(
    connection: Connection, stories: KeptStories, watches: Collection[str], telling: Told | None, earlier: set[str]
) -> tuple[dict[str, StoryChoice], Known]:
    """The story of the article for each watch, and what stands of its alerts and of those that it told `earlier`."""
    choices = stories.place(connection, watches, telling) if telling is not None else {}
    standing = alert_lives.standings(connection, {*earlier, *(one.alert for one in choices.values())})
    if telling is not None and any(not one.is_new and one.alert not in standing for one in choices.values()):
        stories.forget()  # the alert was forgotten, and an article of its story told anew by another worker
        choices = stories.place(connection, watches, telling)
        standing |= alert_lives.standings(connection, {one.alert for one in choices.values()} - standing.keys())
    joined = {one.alert for one in choices.values()} & standing.keys()
    return choices, Known(
        standing,
        alerts.tellers(connection, joined) if joined else {},
        alert_lives.told_alone(connection, earlier) if earlier else {},
    )


def keep_steps(
    connection: Connection, given: Sequence[tuple[str, Told | None, Sequence[Step]]], now: datetime
) -> list[Joining]:
    """Keep what was decided, by article and in order; what articles tell from now on that they did not before."""
    last = {one.decision.alert.id: one.keeping for _, _, steps in given for one in steps}
    new = {one.decision.alert.id for _, _, steps in given for one in steps if one.is_new}
    alert_lives.add(connection, [last[alert] for alert in last if alert in new])  # a telling needs its alert
    alert_lives.change(connection, [last[alert] for alert in last if alert not in new])
    joined: list[Joining] = []
    known_before: list[Outcome] = []
    for article, telling, steps in given:
        for one in steps:
            if one.choice is not None and one.choice.reason != "same_article" and telling is not None:
                joined.append(joining(one.choice, telling, one.decision.reason, one.alone))
            else:
                known_before.append(Outcome(one.decision.alert.id, article, one.decision.reason, one.alone))
    alerts.join_alerts(connection, joined, now)
    alert_lives.note_outcomes(connection, known_before)
    return joined


def keep_decision(connection: Connection, decision: Decision, closes_at: datetime | None) -> None:
    """Keep an alert that stands already as it was decided on."""
    alert_lives.change(connection, [keeping_of(decision, closes_at)])
