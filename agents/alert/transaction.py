"""The one transaction of an article: what was found, its stories, its alerts, what is owed, and that it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from agents.alert import kept, lifecycle
from agents.alert.lifecycle import Decision
from agents.alert.outlets import independent_outlets
from agents.alert.story import StoryChoice
from agents.alert.telling import told
from agents.match.watch import AreaCondition, Watch
from agents.tell.labels import scope_of
from agents.tell.owe import Owing, owe
from agents.tell.rules import Rules, WatchRules, kept_rules
from streams.archive import alert_lives, alerts, articles
from streams.archive.alert_lives import KeptAlert, WatchSays
from streams.archive.dialect import hold
from streams.archive.engine import Archive
from streams.records import Alert, AlertSource, EnrichedArticle, Hit


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
) -> Recorded:
    """Keep an article and everything that follows from it, all or nothing; twice equals once.

    `watches` by id; `endpoints` are the ids that a watch without `notify` goes to; `in_force` says whether a watch
    still is, so that one that was taken away retracts nothing; `rules` say how alerts are told. Raises
    ArchiveUnavailable.
    """
    article = enriched.article
    rules = rules or Rules()
    with archive.begin() as connection:
        done = articles.done_revision(connection, article.id)
        if done is not None and done >= article.revision:
            return Recorded("again")
        # Two workers that both hit a watch, or withdraw from its alerts, do so one after the other: the second sees
        # the story that the first has opened. Article, watches, alerts: locks are taken in this order everywhere.
        before_it = alert_lives.alerts_of(connection, article.id) if article.revision > 1 else {}
        hold(connection, "watch", {*(hit.watch for hit in hits), *before_it.values()})
        decisions: list[Decision] = []
        owings: list[Owing] = []
        telling = told(enriched) if hits else None
        choices = kept.place(connection, [hit.watch for hit in hits], telling) if telling else {}
        # in one order everywhere, so that two workers never wait for each other's locks
        stand = {one: alert_lives.standing(connection, one) for one in sorted({one.alert for one in choices.values()})}
        for hit in hits:
            watch, choice = watches[hit.watch], choices[hit.watch]
            says = WatchRules.of(watch)
            about = WatchSays(says.kept(), scope_of(hit, _countries_only(watch)))
            closes_at = says.closes_at(rules, now)
            alone = lifecycle.alone(watch, hit, enriched, choice.story, choice.alert, now)
            before = stand[choice.alert]
            independent = _independent(connection, choice.alert, before)
            decision = lifecycle.opened(alone, watch.sources)
            if before is None:
                keep_decision(connection, decision, closes_at, about)  # a telling needs its alert
            if telling is not None:
                kept.note(connection, choice, telling, now, decision.reason, alone)
            if before is not None:
                decision = _further(connection, before, alone, choice, watch, independent, now)
                keep_decision(connection, decision, closes_at, about)
                alert_lives.note_outcome(connection, choice.alert, article.id, decision.reason, alone)
            if decision.told:
                first = tuple(watch.notify or endpoints) if decision.alert.revision == 1 else None
                owings.append(Owing(decision.alert, decision.reason, says, about.scope, first))
            decisions.append(decision)
        if article.revision > 1:
            gone = _withdraw(connection, article.id, {one.alert.id for one in decisions}, in_force, rules, now)
            decisions += [decision for decision, _ in gone]
            owings += [owing for _, owing in gone if owing is not None]
        notices = owe(connection, owings, rules, now)
        articles.mark_done(connection, enriched, now)
    return Recorded(
        "ok",
        tuple(one.alert for one in decisions if one.told and one.alert.revision == 1),
        tuple(one.reason for one in decisions if not (one.told and one.alert.revision == 1)),
        tuple(one.alert for one in decisions if one.told and one.alert.revision > 1),
        tuple(notices),
    )


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
    rules: Rules,
    now: datetime,
) -> list[tuple[Decision, Owing | None]]:
    """What a revision does to the alerts whose story the article told before and tells no more."""
    found: list[tuple[Decision, Owing | None]] = []
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
        says = kept_rules(before.pace)
        keep_decision(connection, decision, says.closes_at(rules, now))
        alert_lives.note_outcome(connection, alert, article, decision.reason, None)
        owing = Owing(decision.alert, decision.reason, says, before.scope) if decision.told else None
        found.append((decision, owing))
    return found


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


def _countries_only(watch: Watch) -> bool:
    """Whether every area that a watch names is a country."""
    areas = [one.area for one in (*watch.any, *watch.all) if isinstance(one, AreaCondition)]
    return all(area.country is not None for area in areas)


def keep_decision(
    connection: Connection, decision: Decision, closes_at: datetime | None, about: WatchSays | None = None
) -> None:
    """Keep an alert as decided; `about` is what its watch says of it, where that may have changed."""
    alert = decision.alert
    status = "waiting" if decision.waiting else alert.status
    over = status in ("retracted", "closed")
    alert_lives.keep(connection, alert, status, None if over else closes_at, about)
