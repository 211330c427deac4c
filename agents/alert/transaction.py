"""The one transaction of an article: what was found, its stories, its alerts, what is owed, and that it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from agents.alert import kept, lifecycle
from agents.alert.lifecycle import Decision
from agents.alert.outlets import independent_outlets
from agents.alert.story import StoryChoice
from agents.alert.telling import told
from agents.match.watch import Watch
from streams.archive import alert_lives, alerts, articles, deliveries
from streams.archive.alert_lives import KeptAlert
from streams.archive.dialect import hold
from streams.archive.engine import Archive
from streams.records import Alert, AlertSource, EnrichedArticle, Hit

CLOSE_AFTER = timedelta(hours=72)


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


def record_article(
    archive: Archive,
    enriched: EnrichedArticle,
    hits: Sequence[Hit],
    watches: Mapping[str, Watch],
    endpoints: Sequence[str],
    now: datetime,
    in_force: Callable[[str], bool] = lambda _: True,
    close_after: timedelta = CLOSE_AFTER,
) -> Recorded:
    """Keep an article and everything that follows from it, all or nothing; twice equals once.

    `watches` by id; `endpoints` are the ids that a watch without `notify` goes to; `in_force` says whether a watch
    still is, so that one that was taken away retracts nothing. Raises ArchiveUnavailable.
    """
    article = enriched.article
    with archive.begin() as connection:
        done = articles.done_revision(connection, article.id)
        if done is not None and done >= article.revision:
            return Recorded("again")
        # Two workers that both hit a watch, or withdraw from its alerts, do so one after the other: the second sees
        # the story that the first has opened. Article, watches, alerts: locks are taken in this order everywhere.
        before_it = alert_lives.alerts_of(connection, article.id) if article.revision > 1 else {}
        hold(connection, "watch", {*(hit.watch for hit in hits), *before_it.values()})
        decisions: list[Decision] = []
        telling = told(enriched) if hits else None
        choices = kept.place(connection, [hit.watch for hit in hits], telling) if telling else {}
        # in one order everywhere, so that two workers never wait for each other's locks
        stand = {one: alert_lives.standing(connection, one) for one in sorted({one.alert for one in choices.values()})}
        for hit in hits:
            watch, choice = watches[hit.watch], choices[hit.watch]
            alone = lifecycle.alone(watch, hit, enriched, choice.story, choice.alert, now)
            before = stand[choice.alert]
            independent = _independent(connection, choice.alert, before)
            decision = lifecycle.opened(alone, watch.sources)
            if before is None:
                _keep(connection, decision, now + close_after)  # a telling needs its alert
            if telling is not None:
                kept.note(connection, choice, telling, now)
            if before is not None:
                decision = _further(connection, before, alone, choice, watch, independent, now)
                _keep(connection, decision, now + close_after)
            alert_lives.note_outcome(connection, choice.alert, article.id, decision.reason, alone)
            _owe(connection, decision, watch.notify or endpoints, now)
            decisions.append(decision)
        if article.revision > 1:
            decisions += _withdraw(
                connection, article.id, {one.alert.id for one in decisions}, in_force, now, close_after
            )
        articles.mark_done(connection, enriched, now)
    return Recorded(
        "ok",
        tuple(one.alert for one in decisions if one.told and one.alert.revision == 1),
        tuple(one.reason for one in decisions if not (one.told and one.alert.revision == 1)),
        tuple(one.alert for one in decisions if one.told and one.alert.revision > 1),
    )


def close_quiet(archive: Archive, now: datetime, limit: int = 200) -> list[Alert]:
    """Close alerts of which nothing was told for their quiet time, and owe that to those who were told of them.

    One that still waits for sources waits on without a time; at most `limit` at once. Raises ArchiveUnavailable.
    """
    closed = []
    with archive.begin() as connection:
        for one in alert_lives.quiet(connection, now, limit):
            if one.status == "waiting":
                alert_lives.keep(connection, one.alert, "waiting", None)
                continue
            decision = lifecycle.closed(one.alert, now)
            _keep(connection, decision, None)
            _owe(connection, decision, (), now)
            closed.append(decision.alert)
    return closed


def _further(
    connection: Connection,
    before: KeptAlert,
    alone: Alert,
    choice: StoryChoice,
    watch: Watch,
    independent: int,
    now: datetime,
) -> Decision:
    source = AlertSource(alone.outlet, alone.article, alone.url, alone.title, choice.copy_of)
    standing = before.alert if before.alert.sources else _with_its_source(before.alert)
    is_known = any(one.article == alone.article for one in standing.sources)
    if before.status == "waiting":
        sources = (*(one for one in standing.sources if one.article != alone.article), source)
        count = _count(connection, choice.alert, {one.article for one in sources})
        return lifecycle.heard_while_waiting(standing, alone, source, count, watch.sources)
    if is_known and standing.status != "retracted":
        told_alone = alert_lives.told_alone(connection, choice.alert)
        was = next((one.alert for one in told_alone if one.article == alone.article), None)
        others = [one.alert for one in told_alone if one.article != alone.article]
        return lifecycle.revised(standing, was, alone, others, now)
    count = _count(connection, choice.alert, {*(one.article for one in standing.sources), alone.article})
    return lifecycle.heard(standing, alone, source, count if count > independent else None, choice.reason, now)


def _withdraw(
    connection: Connection,
    article: str,
    still: set[str],
    in_force: Callable[[str], bool],
    now: datetime,
    close_after: timedelta,
) -> list[Decision]:
    """What a revision does to the alerts whose story the article told before and tells no more."""
    decisions = []
    for alert, watch in alert_lives.alerts_of(connection, article).items():
        if alert in still or not in_force(watch):
            continue
        before = alert_lives.standing(connection, alert)
        if before is None or before.status == "retracted":
            continue
        standing = before.alert if before.alert.sources else _with_its_source(before.alert)
        others = [one.alert for one in alert_lives.told_alone(connection, alert) if one.article != article]
        decision = lifecycle.withdrawn(standing, article, others, now, waiting=before.status == "waiting")
        if decision.reason == "withdrawn_before":
            continue
        _keep(connection, decision, now + close_after)
        alert_lives.note_outcome(connection, alert, article, decision.reason, None)
        _owe(connection, decision, (), now)
        decisions.append(decision)
    return decisions


def _with_its_source(alert: Alert) -> Alert:
    """An alert kept before sources were: the article it shows is its source."""
    if alert.status != "opened" or alert.revision != 1:
        return alert
    return replace(alert, sources=(AlertSource(alert.outlet, alert.article, alert.url, alert.title),))


def _independent(connection: Connection, alert: str, before: KeptAlert | None) -> int:
    if before is None:
        return 0
    standing = before.alert if before.alert.sources else _with_its_source(before.alert)
    return _count(connection, alert, {one.article for one in standing.sources})


def _count(connection: Connection, alert: str, among: set[str]) -> int:
    """How many outlets tell an alert independently, of these articles."""
    return independent_outlets(one for one in alerts.tellings_of(connection, alert) if one.article in among)


def _keep(connection: Connection, decision: Decision, closes_at: datetime | None) -> None:
    alert = decision.alert
    status = "waiting" if decision.waiting else alert.status
    alert_lives.keep(connection, alert, status, None if status in ("retracted", "closed") else closes_at)


def _owe(connection: Connection, decision: Decision, endpoints: Sequence[str], now: datetime) -> None:
    """A first revision goes to the watch's endpoints; a later one to those that were told of the alert."""
    if not decision.told:
        return
    alert = decision.alert
    alert_lives.keep_revision(connection, alert, decision.reason, now)
    told_to = alert_lives.told_to(connection, alert.id) if alert.revision > 1 else dict.fromkeys(endpoints)
    deliveries.add_deliveries(connection, alert, told_to, now)
