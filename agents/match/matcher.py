"""Which watches an article fires, and why."""

from __future__ import annotations

from collections.abc import Iterable

from agents.match.compiled import CompiledWatches
from agents.match.conditions import CompiledCondition
from agents.match.facts import Facts
from agents.match.placing import Proof
from agents.match.traits import CompiledWatch, fires, language_wanted, outlet_wanted
from agents.match.watch import CONDITION_KINDS
from streams.records import EnrichedArticle, Evidence, Hit

__all__ = ["MAX_EVIDENCE", "fires", "hit", "in_order", "language_wanted", "match", "outlet_wanted"]

MAX_EVIDENCE = 200
"""Spans of a hit: what a person can look at, and a bound where a text repeats a name without end."""


def match(enriched: EnrichedArticle, watches: CompiledWatches) -> list[Hit]:
    """The hits of an article, one a watch that fires, in the order of the settings file.

    Pure: the same article and watches give the same hits, live and in a backtest.
    """
    return [hit(watch, facts) for watch, facts in watches.firing(enriched)]


def hit(watch: CompiledWatch, facts: Facts) -> Hit:
    """The hit of a watch that fires.

    The first condition of `any` that holds decides, or the first of `all` where there is no `any`; the evidence is
    that of every condition that holds.
    """
    held: list[tuple[str, CompiledCondition, Proof]] = []
    for group, conditions in (("any", watch.any), ("all", watch.all)):
        for index, condition in enumerate(conditions):
            if condition.holds(facts):
                held.append((f"{group}[{index}].{condition.kind}", condition, condition.proof(facts)))
    deciding = [proof.reason for clause, _, proof in held if clause.startswith("any")][:1]
    deciding += [proof.reason for clause, _, proof in held if clause.startswith("all")]
    kinds = {condition.kind for _, condition, _ in held}
    return Hit(
        watch=watch.id,
        article=facts.enriched.article.id,
        clause=held[0][0],
        kinds=tuple(kind for kind in CONDITION_KINDS if kind in kinds),
        reason="; ".join(dict.fromkeys(deciding)) + ".",
        evidence=in_order(one for _, _, proof in held for one in proof.evidence),
    )


def in_order(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Evidence in the order of the article, title first, at most `MAX_EVIDENCE`.

    Of two reasons for one span the first given stays.
    """
    spans: dict[tuple[str, int, int], Evidence] = {}
    for one in evidence:
        spans.setdefault((one.field, one.start, one.end), one)
    ordered = sorted(spans.values(), key=lambda one: (one.field == "text", one.start, -one.end))
    return tuple(ordered[:MAX_EVIDENCE])
