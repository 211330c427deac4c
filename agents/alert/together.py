"""Several articles in one transaction: it ends as one by one, in about as many statements as one takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Connection

from agents.alert.decide import Known, Step, decide_hit
from agents.alert.kept import KeptStories
from agents.alert.story import StoryChoice
from agents.alert.telling import Told, told
from agents.alert.transaction import Recorded, keep_steps, recorded
from agents.match.watch import Watch
from agents.tell.owe import owe_in_order
from agents.tell.rules import Recipients
from streams.archive import alert_lives, alerts, articles
from streams.archive.alert_lives import KeptAlert
from streams.archive.alerts import Teller
from streams.archive.dialect import hold
from streams.archive.engine import Archive
from streams.records import EnrichedArticle, Hit


@dataclass(frozen=True, slots=True)
class Matched:
    """An article, and the watches that it hits."""

    enriched: EnrichedArticle
    hits: Sequence[tuple[Hit, Watch]]


def record_together(
    archive: Archive, given: Sequence[Matched], to: Recipients, now: datetime, stories: KeptStories
) -> dict[str, Recorded]:
    """Keep first revisions, each article once, all in one transaction; what each of those that are kept changed.

    Left to `record_article`: an article that needs more than this (it was done before, had failed, or no poll of
    this archive brought it), and from the first such on all that hit watches, since they are decided in their order.
    Raises ArchiveUnavailable, and then none is kept.
    """
    with archive.begin() as connection:
        fresh = articles.fresh(connection, [one.enriched.article.id for one in given])
        quiet = [one.enriched for one in given if not one.hits and one.enriched.article.id in fresh]
        hitting = list(takewhile(lambda one: one.enriched.article.id in fresh, (one for one in given if one.hits)))
        decided = _decide(connection, hitting, to, now, stories) if hitting else []
        done = [one.matched.enriched for one in decided]
        joined = keep_steps(
            connection, [(one.matched.enriched.article.id, one.told, one.steps) for one in decided], now
        )
        owings = [[step.owing for step in one.steps if step.owing is not None] for one in decided]
        notices = owe_in_order(connection, owings, to.rules, now) if owings else []
        articles.mark_fresh_done(connection, [*quiet, *done], now)
    stories.remember(joined)
    found = {one.article.id: Recorded("ok") for one in quiet}
    for one, names in zip(decided, notices, strict=True):
        found[one.matched.enriched.article.id] = recorded(one.steps, names)
    return found


@dataclass(frozen=True, slots=True)
class _Decided:
    matched: Matched
    told: Told
    steps: list[Step]


def _decide(
    connection: Connection, given: Sequence[Matched], to: Recipients, now: datetime, stories: KeptStories
) -> list[_Decided]:
    """What articles make of their alerts, one after another.

    It ends before one for which what has been decided must first be kept: where an alert would be told twice, or was
    forgotten, and where alerts may quiet those of later articles.
    """
    given = given[:1] if to.rules.inhibitions else given
    hold(connection, "watch", {watch.id for one in given for _, watch in one.hits})
    tellings = [told(one.enriched) for one in given]
    asked = [([hit.watch for hit, _ in one.hits], telling) for one, telling in zip(given, tellings, strict=True)]
    choices = stories.place_in_order(connection, asked)
    known = _known(connection, choices)
    owed: set[str] = set()
    decided: list[_Decided] = []
    for one, telling, chosen in zip(given, tellings, choices, strict=True):
        if any(not choice.is_new and choice.alert not in known.standing for choice in chosen.values()):
            break
        steps = [
            decide_hit(hit, watch, chosen[hit.watch], one.enriched, telling, known, to.endpoints, to.rules, now)
            for hit, watch in one.hits
        ]
        telling_of = {step.decision.alert.id for step in steps if step.owing is not None}
        if telling_of & owed:
            break
        owed |= telling_of
        known = _after(known, steps, telling)
        decided.append(_Decided(one, telling, steps))
    return decided


def _known(connection: Connection, choices: Sequence[Mapping[str, StoryChoice]]) -> Known:
    """What stands before the first of the articles."""
    chosen = {choice.alert for each in choices for choice in each.values()}
    standing = alert_lives.standings(connection, chosen)
    return Known(standing, alerts.tellers(connection, standing.keys()) if standing else {}, {})


def _after(known: Known, steps: Sequence[Step], telling: Told) -> Known:
    """What stands once these steps are kept."""
    standing, tellers = dict(known.standing), dict(known.tellers)
    for one in steps:
        alert, about = one.decision.alert, one.keeping.about
        assert about is not None, "a hit says what its watch does"
        standing[alert.id] = KeptAlert(one.keeping.status, alert, one.keeping.closes_at, about.pace, about.scope)
        if one.choice is not None and one.choice.reason != "same_article":
            teller = Teller(alert.id, telling.article, telling.origin, one.choice.copy_of)
            tellers[alert.id] = [*tellers.get(alert.id, ()), teller]
    return Known(standing, tellers, known.alone)
