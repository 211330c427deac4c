"""What one article makes of the alerts of the watches that it hits, and of those whose stories it told before. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agents.alert import lifecycle
from agents.alert.lifecycle import Decision
from agents.alert.outlets import independent_outlets
from agents.alert.story import StoryChoice
from agents.alert.telling import Told
from agents.match.watch import AreaCondition, Watch
from agents.tell.labels import scope_of
from agents.tell.owe import Owing
from agents.tell.rules import Rules, WatchRules, kept_rules
from streams.archive.alert_lives import Keeping, KeptAlert, ToldAlone, WatchSays
from streams.archive.alerts import Teller
from streams.records import Alert, AlertSource, EnrichedArticle, Hit


@dataclass(frozen=True, slots=True)
class Known:
    """What stands before the article, each by the alert's id."""

    standing: Mapping[str, KeptAlert]
    tellers: Mapping[str, Sequence[Teller]]
    """Who tells the story of each."""
    alone: Mapping[str, Sequence[ToldAlone]]
    """What each article alone would tell of those that the article told before, the first teller first."""


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one alert."""

    decision: Decision
    keeping: Keeping
    owing: Owing | None
    """What is told of it, if anything."""
    is_new: bool
    """Whether nothing was kept of it before."""
    choice: StoryChoice | None = None
    """The story that the article tells; None where it tells it no more."""
    alone: Alert | None = None
    """The alert as the article alone would tell it."""


def decide_hit(
    hit: Hit, watch: Watch, choice: StoryChoice, enriched: EnrichedArticle, told: Told, known: Known,
    endpoints: Sequence[str], rules: Rules, now: datetime,
) -> Step:  # fmt: skip
    """What a hit makes of the alert of its story; `endpoints` are told where the watch names none."""
    says = WatchRules.of(watch)
    about = WatchSays(says.kept(), scope_of(hit, _countries_only(watch)))
    alone = lifecycle.alone(watch, hit, enriched, choice.story, choice.alert, now)
    before = known.standing.get(choice.alert)
    if before is None:
        decision = lifecycle.opened(alone, watch.sources)
    else:
        decision = _further(before, alone, choice, watch, told, known, now)
    owing = None
    if decision.told:
        first = tuple(watch.notify or endpoints) if decision.alert.revision == 1 else None
        owing = Owing(decision.alert, decision.reason, says, about.scope, first)
    keeping = keeping_of(decision, says.closes_at(rules, now), about)
    return Step(decision, keeping, owing, before is None, choice, alone)


def decide_withdrawn(article: str, withdrawn: Collection[str], known: Known, rules: Rules, now: datetime) -> list[Step]:
    """What a revision does to the alerts whose story the article told before and tells no more."""
    found: list[Step] = []
    for alert in sorted(withdrawn):
        before = known.standing.get(alert)
        if before is None or before.status == "retracted":
            continue
        others = [one.alert for one in known.alone.get(alert, ()) if one.article != article]
        standing = _with_its_source(before.alert)
        decision = lifecycle.withdrawn(standing, article, others, now, waiting=before.status == "waiting")
        if decision.reason == "withdrawn_before":
            continue
        says = kept_rules(before.pace)
        owing = Owing(decision.alert, decision.reason, says, before.scope) if decision.told else None
        found.append(Step(decision, keeping_of(decision, says.closes_at(rules, now)), owing, is_new=False))
    return found


def keeping_of(decision: Decision, closes_at: datetime | None, about: WatchSays | None = None) -> Keeping:
    """How a decided alert is kept; `about` is what its watch says of it, where that may have changed."""
    status = "waiting" if decision.waiting else decision.alert.status
    over = status in ("retracted", "closed")
    return Keeping(decision.alert, status, None if over else closes_at, about)


def _further(
    before: KeptAlert, alone: Alert, choice: StoryChoice, watch: Watch, told: Told, known: Known, now: datetime
) -> Decision:
    source = AlertSource(alone.outlet, alone.article, alone.url, alone.title, choice.copy_of)
    standing = _with_its_source(before.alert)
    earlier = {one.article for one in standing.sources}
    tellers = list(known.tellers.get(choice.alert, ()))
    independent = _count(tellers, earlier)
    if all(one.article != alone.article for one in tellers):
        tellers.append(Teller(choice.alert, told.article, told.origin, choice.copy_of))
    count = _count(tellers, {*earlier, alone.article})
    telling = replace(alone, severity=watch.severity_at(count))
    if before.status == "waiting":
        return lifecycle.heard_while_waiting(standing, telling, source, count, watch.sources)
    if alone.article in earlier and standing.status != "retracted":
        told_alone = known.alone.get(choice.alert, ())
        was = next((one.alert for one in told_alone if one.article == alone.article), None)
        others = [one.alert for one in told_alone if one.article != alone.article]
        return lifecycle.revised(standing, was, telling, others, now)
    return lifecycle.heard(standing, telling, source, count if count > independent else None, choice.reason, now)


def _with_its_source(alert: Alert) -> Alert:
    """An alert kept before sources were: the article it shows is its source."""
    if alert.sources or alert.status != "opened" or alert.revision != 1:
        return alert
    return replace(alert, sources=(AlertSource(alert.outlet, alert.article, alert.url, alert.title),))


def _count(tellers: Iterable[Teller], among: set[str]) -> int:
    """How many outlets tell an alert independently, of these articles."""
    return independent_outlets(one for one in tellers if one.article in among)


def _countries_only(watch: Watch) -> bool:
    """Whether every area that a watch names is a country."""
    areas = [one.area for one in (*watch.any, *watch.all) if isinstance(one, AreaCondition)]
    return all(area.country is not None for area in areas)
