#!/usr/bin/env python3
"""Fit how places are ranked and how sure mentions are; write agents/enrich/data/learnt.yaml.

usage: bench/enrichment/fit.py [CORPUS.jsonl ...]   (bench/enrichment/scored.py tells the form of a corpus)

The golden articles are always fitted on. Ranking: a conditional logit over each name's candidates (McFadden, 1974),
pulled towards weights set by hand, so that what no text shows keeps a sensible weight; what a candidate's surroundings
say is observed under the ranking so far, and the fit repeated. Confidence of places: a logistic model whose weights for
evidence and lead are kept from falling below nothing. Actors and roads: the rate of right ones by the way they were
found, drawn towards the mean rate.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scored

from agents.enrich.calibrated import sort_of
from agents.enrich.candidates import Candidates, Prior, prior_of
from agents.enrich.confidence import RISING, PlaceSigns, place_odds, span_odds
from agents.enrich.learnt import FILE, Ranking
from agents.enrich.locate import locate
from agents.enrich.ranking import Surroundings, Weights, said

Floats = npt.NDArray[np.float64]
PRIOR = Prior(
    people=1.0,
    fame=0.0,
    main=0.8,
    country=3.5,
    small_country=2.5,
    region=2.0,
    wide=2.0,
    county=0.0,
    pack=2.0,
    watch=2.5,
)
WEIGHTS = Weights(
    within_country=4.0, within_region=3.0, within_other_region=-3.0, follows=3.0, named=0.8, named_share=1.2,
    theatre=0.2, outlet=0.8, feature=2.5, other_feature=-0.5, installation=-1.0, near=1.3, region=1.1, region_named=0.0,
    together=0.5, apart=0.0, country_apart=0.0, around_region=1.5, around_country=1.0,
)  # fmt: skip
BY_HAND = Ranking(PRIOR, WEIGHTS)
"""Where the fit starts, and the peer it must beat."""
_HELD = ("watch", "outlet")
"""Weights that the texts here say nothing of."""
_PULL = 0.5
_ROUNDS = 3
_STEPS = 400
_RATE_PULL = 6.0
"""A rate counts as if so many mentions at the mean rate had been seen too, and half a wrong one."""


def names_of(*kinds: Any) -> list[str]:
    """The fields of dataclasses, in order."""
    return [field.name for kind in kinds for field in fields(kind)]


def units(kind: Any) -> list[Any]:
    """One instance for each field, with 1 there and 0 elsewhere: what is linear in its weights tells its signs."""
    nothing = kind(*[0.0] * len(fields(kind)))
    return [replace(nothing, **{field.name: 1.0}) for field in fields(kind)]


def _observed(seen: scored.Seen, by: Ranking) -> Iterable[tuple[Floats, npt.NDArray[np.bool_], float]]:
    """For each name that gold can judge: its candidates' observations, which of them are right, its weight."""
    gold: dict[str, list[scored.Mark]] = defaultdict(list)
    for spot, (_, _, choice) in seen.chosen.items():
        mark = seen.document.marks.get(spot)
        if choice is None or mark is None or (mark.place is None and (mark.golden is None or not mark.golden.places)):
            continue
        gold[seen.keys[id(choice)]].append(mark)
    choices = locate(seen.groups, seen.evidence, by)
    keys = list(choices)
    names = [Candidates(seen.groups[key].meanings, by.prior) for key in keys]
    chosen = [
        next(at for at, one in enumerate(name.listed) if one.entity.id == choices[key].entity.id)
        for key, name in zip(keys, names, strict=True)
    ]
    around = Surroundings(names, chosen, [seen.groups[key].mentions for key in keys])
    for at, (key, name) in enumerate(zip(keys, names, strict=True)):
        if key not in gold or len(name.listed) < 2:
            continue
        right = np.array(
            [gold[key][0].place_is(one.entity.lat, one.entity.lon, one.entity.country) for one in name.listed]
        )
        if right.all() or not right.any():
            continue
        meanings = {id(meaning.entity): meaning for meaning in seen.groups[key].meanings}
        columns = [[prior_of(meanings[id(one.entity)], unit) for one in name.listed] for unit in units(Prior)]
        for unit in units(Weights):
            nearby = around.rate(at, unit)
            columns.append(
                [
                    said(one, seen.groups[key], seen.evidence, unit) + more
                    for one, more in zip(name.listed, nearby, strict=True)
                ]
            )
        weight = min(4, len(gold[key])) ** 0.5 * (3.0 if seen.document.corpus == scored.GOLDEN else 1.0)
        yield np.array(columns).T, right, weight


def fit_ranking(seen: Sequence[scored.Seen]) -> Ranking:
    """Weights under which right candidates are likeliest."""
    start = np.array([*astuple(PRIOR), *astuple(WEIGHTS)])
    held = np.array([name in _HELD for name in names_of(Prior, Weights)])
    split = len(fields(Prior))
    weights = start
    for _ in range(_ROUNDS):
        by = Ranking(Prior(*map(float, weights[:split])), Weights(*map(float, weights[split:])))
        data = [row for one in seen for row in _observed(one, by)]
        if not data:
            break
        rows = np.concatenate([values for values, _, _ in data])
        right = np.concatenate([marks for _, marks, _ in data])
        sizes = [len(marks) for _, marks, _ in data]
        first = np.cumsum([0, *sizes])[:-1]
        name = np.repeat(np.arange(len(data)), sizes)
        count = np.array([weight for _, _, weight in data])[name]

        def slope(
            now: Floats, rows: Floats = rows, right: Any = right, first: Any = first, name: Any = name,
            count: Floats = count,
        ) -> Floats:  # fmt: skip
            scores = rows @ now
            each = np.exp(scores - np.maximum.reduceat(scores, first)[name])
            among = np.where(right, each, 0.0)
            chance = each / np.add.reduceat(each, first)[name]
            wanted = among / np.maximum(1e-300, np.add.reduceat(among, first))[name]
            pull: Floats = rows.T @ ((chance - wanted) * count) + _PULL * (now - start)
            return np.where(held, 0.0, pull)

        weights = _descend(slope, start.copy(), lambda now: now)
    return Ranking(Prior(*map(float, weights[:split])), Weights(*map(float, weights[split:])))


def _descend(slope: Callable[[Floats], Floats], start: Floats, within: Callable[[Floats], Floats]) -> Floats:
    """Adam (Kingma and Ba, 2015), each step brought back within bounds."""
    now, mean, square = start, np.zeros_like(start), np.zeros_like(start)
    for step in range(1, _STEPS + 1):
        gradient = slope(now)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        now = within(now - 0.05 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8))
    return now


def fit_places(seen: Sequence[scored.Seen]) -> PlaceSigns:
    """Signs under which the chances of place mentions agree with how often they are right."""
    rows, right, count = [], [], []
    each = units(PlaceSigns)
    with_points = {one.document.corpus for one in seen if any(m.place or m.golden for m in one.document.marks.values())}
    for one in seen:
        judged = {(m.field, m.start, m.end, m.kind): m for m in one.mentions}
        for key, (text, span, choice) in one.chosen.items():
            mark = one.document.marks.get(key)
            if "place" not in one.document.kinds or (mark is not None and mark.optional):
                continue
            placed = choice is not None and choice.lat is not None
            rows.append(
                [
                    span_odds(text, span, sign)
                    + (sign.unlinked if choice is None else place_odds(choice.entity, placed, choice.standing, sign))
                    for sign in each
                ]
            )
            right.append(mark is not None and mark.is_right(judged[key]))
            # a corpus without points cannot tell a place put wrongly, and its countries are often actors
            corpus = one.document.corpus
            count.append(2.0 if corpus == scored.GOLDEN else 1.0 if corpus in with_points else 0.25)
    table, wanted, weight = np.array(rows), np.array(right, dtype=np.float64), np.array(count)
    rising = np.array([name in RISING for name in names_of(PlaceSigns)])

    def slope(now: Floats) -> Floats:
        chance = 1.0 / (1.0 + np.exp(-(table @ now)))
        found: Floats = table.T @ ((chance - wanted) * weight) + now
        return found

    start = np.zeros(table.shape[1])
    found = _descend(slope, start, lambda now: np.where(rising, np.maximum(now, 0.0), now))
    return PlaceSigns(*map(float, found))


def fit_rates(seen: Sequence[scored.Seen], kind: str) -> dict[str, float]:
    """How often mentions of a kind are right, by the way they were found."""
    tally: dict[str, list[bool]] = defaultdict(list)
    for one in seen:
        if kind not in one.document.kinds:
            continue
        for mention in one.mentions:
            mark = one.document.marks.get((mention.field, mention.start, mention.end, mention.kind))
            if mention.kind == kind and not (mark is not None and mark.optional):
                tally[sort_of(mention)].append(mark is not None and mark.is_right(mention))
    every = [right for rights in tally.values() for right in rights]
    mean = sum(every) / max(1, len(every))
    return {
        sort: round((sum(rights) + _RATE_PULL * mean) / (len(rights) + _RATE_PULL + 0.5), 3)
        for sort, rights in sorted(tally.items())
    }


def main() -> None:
    """Fit and write."""
    documents = scored.load([Path(path) for path in sys.argv[1:]])
    ranking = fit_ranking(scored.read(documents))
    seen = scored.read(documents, place=lambda groups, evidence: locate(groups, evidence, ranking))
    sections: list[tuple[str, dict[str, float]]] = [
        ("prior", dict(zip(names_of(Prior), astuple(ranking.prior), strict=True))),
        ("ranking", dict(zip(names_of(Weights), astuple(ranking.weights), strict=True))),
        ("place", dict(zip(names_of(PlaceSigns), astuple(fit_places(seen)), strict=True))),
        ("actor", fit_rates(seen, "actor")),
        ("route", fit_rates(seen, "route")),
    ]
    lines = ["# Fitted by bench/enrichment/fit.py, in natural log-odds (actor, route: rates); run it again to change."]
    for name, values in sections:
        lines.append(f"{name}:")
        lines += [f'  "{key}": {value:.3f}' for key, value in values.items()]
    Path(str(FILE)).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"fitted on {len(documents)} texts; wrote {FILE}")


if __name__ == "__main__":
    main()
