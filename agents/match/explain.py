"""Why a watch fires on an article, or why it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.match.compiled import CompiledWatch, CompiledWatches
from agents.match.conditions import CompiledCondition
from agents.match.facts import MIN_CONFIDENCE, Facts
from agents.match.matcher import fires, hit, in_order, language_wanted, outlet_wanted
from agents.match.miss import Miss, nearest_miss
from agents.names.entity import Knowledge
from streams.records import EnrichedArticle, Evidence, Modality

_SAID: dict[Modality, str] = {
    "negated": "something denied",
    "planned": "a plan",
    "hypothetical": "a possibility",
    "historical": "something of the past",
    "figurative": "something that bears its name",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer for one article and watch.

    For a yes `clause`, `reason` and `evidence` are those of the hit; for a no they are the clause that failed, what
    was wanting, and the spans of what came nearest.
    """

    watch: str
    article: str
    fires: bool
    reason: str
    clause: str
    evidence: tuple[Evidence, ...]


def explain(enriched: EnrichedArticle, watches: CompiledWatches, watch_id: str) -> Explanation:
    """Why a watch fires or does not. Raises KeyError where there is no such watch."""
    watch = watches.by_id[watch_id]
    everything = watches.facts(enriched)
    facts = everything.sure() if watch.facts_only else everything
    article = enriched.article.id
    if fires(watch, facts):
        yes = hit(watch, facts)
        return Explanation(watch.id, article, True, yes.reason, yes.clause, yes.evidence)
    clause, miss = _failed(watch, facts, watches.knowledge)
    unsure = _not_a_fact(watch, clause, everything) if facts is not everything else None
    reason = (unsure or miss).reason
    evidence = in_order((unsure or miss).evidence)
    return Explanation(watch.id, article, False, f"{reason[:1].upper()}{reason[1:]}.", clause, evidence)


def _not_a_fact(watch: CompiledWatch, clause: str, everything: Facts) -> Miss | None:
    """The miss of a clause that only what the watch leaves out would meet: what is denied, planned or past."""
    group = clause.partition("[")[0]
    conditions = watch.any if group == "any" else watch.all if group == "all" else ()
    left_out = {
        (one.field, one.start, one.end): one.modality
        for one in everything.enriched.mentions
        if one.modality != "fact" and one.confidence >= MIN_CONFIDENCE
    }
    for index, condition in enumerate(conditions):
        if (group == "any" or _clause(group, index, condition) == clause) and condition.holds(everything):
            proof = condition.proof(everything)
            found = {left_out[at]: one for one in proof.evidence if (at := (one.field, one.start, one.end)) in left_out}
            how = " or ".join(_SAID[modality] for modality in found) or "what is no fact"
            reason = f"{proof.reason}, but only as {how}; the watch takes facts only"
            return Miss(1.0, reason, tuple(found.values()))
    return None


def _failed(watch: CompiledWatch, facts: Facts, knowledge: Knowledge) -> tuple[str, Miss]:
    """The clause that fails first in the matcher's order, and its nearest miss."""
    for index, condition in enumerate(watch.all):
        if not condition.holds(facts):
            return _clause("all", index, condition), nearest_miss(condition, facts, knowledge)
    if watch.any and not any(condition.holds(facts) for condition in watch.any):
        return _nearest_of(watch.any, facts, knowledge)
    for index, condition in enumerate(watch.none):
        if condition.holds(facts):
            proof = condition.proof(facts)
            return _clause("none", index, condition), Miss(
                1.0, f"{proof.reason}, which the watch rules out", proof.evidence
            )
    language = facts.enriched.language
    if not language_wanted(watch, facts):
        return "languages", Miss(
            1.0, f'the article\'s language is "{language}", the watch takes {_list(watch.languages)}'
        )
    assert not outlet_wanted(watch, facts), "a watch that fails none of its clauses fires"
    outlet = facts.enriched.article.outlet or "an unknown outlet"
    return "outlets", Miss(1.0, f"the article is from {outlet}, the watch takes {_list(watch.outlets)}")


def _nearest_of(conditions: Sequence[CompiledCondition], facts: Facts, knowledge: Knowledge) -> tuple[str, Miss]:
    misses = [
        (_clause("any", index, condition), nearest_miss(condition, facts, knowledge))
        for index, condition in enumerate(conditions)
    ]
    return max(misses, key=lambda one: one[1].nearness)


def _clause(group: str, index: int, condition: CompiledCondition) -> str:
    return f"{group}[{index}].{condition.kind}"


def _list(values: Sequence[str] | frozenset[str]) -> str:
    return ", ".join(sorted(values))
