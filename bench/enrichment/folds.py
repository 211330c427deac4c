#!/usr/bin/env python3
"""Score enrichment by corpus and fold: F1, places within 161 km, and how far confidences can be trusted.

usage: bench/enrichment/folds.py [CORPUS.jsonl ...] [--folds 5] [--fit]

Without `--fit` the shipped weights are scored, fold by fold, to show the spread. With it, for each fold, weights are
fitted on the others (and, under "left out", on the other corpora alone), beside the ranking set by hand on the same
fold. The golden articles are scored by their links, corpora as their own scorer does: F1 by exact spans, `at161` over
all gold places with a point.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import fit
import scored

from agents.enrich.confidence import PlaceSigns, chance, place_odds, span_odds
from agents.enrich.learnt import Ranking
from agents.enrich.locate import Choice, confidence_of, locate
from agents.enrich.span import Span

SURE = 0.7
KINDS = ("place", "actor", "route")
Report = dict[str, list["Counts"]]


@dataclass(slots=True)
class Counts:
    """What one fold of a corpus came to."""

    hit: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    found: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    gold: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    points: int = 0
    near: int = 0
    mentions: int = 0
    sure: int = 0
    sure_and_right: int = 0
    off: float = 0.0
    """Sum of confidences less the sum of right mentions."""

    def f1(self, kind: str) -> float | None:
        """F1 of a kind, where there is any."""
        both = self.found[kind] + self.gold[kind]
        return 2 * self.hit[kind] / both if self.gold[kind] else None

    def add(self, seen: scored.Seen) -> None:
        """Count one document."""
        document = seen.document
        fields = {key[0] for key in document.marks} | {"text"}
        mentions = {
            (m.field, m.start, m.end, m.kind): m
            for m in seen.mentions
            if m.kind in document.kinds and m.field in fields
        }
        for key, mention in mentions.items():
            mark = document.marks.get(key)
            if mark is not None and mark.optional:
                continue
            right = mark is not None and mark.is_right(mention)
            self.found[mention.kind] += 1
            self.hit[mention.kind] += right if document.corpus == scored.GOLDEN else mark is not None
            if mention.kind == "place":
                self.mentions += 1
                self.off += mention.confidence - right
                self.sure += mention.confidence >= SURE
                self.sure_and_right += right and mention.confidence >= SURE
        for key, mark in document.marks.items():
            if mark.optional:
                continue
            self.gold[mark.kind] += 1
            if mark.kind == "place" and (mark.place is not None or (mark.golden is not None and mark.golden.places)):
                self.points += 1
                there = mentions.get(key)
                self.near += there is not None and mark.is_right(there)


def measures(one: Counts) -> dict[str, float | None]:
    """The numbers that are printed."""
    return {
        **{f"{kind} F1": one.f1(kind) for kind in KINDS},
        "at161": one.near / one.points if one.points else None,
        f">={SURE} right": one.sure_and_right / one.sure if one.sure else None,
        f">={SURE} of all": one.sure / one.mentions if one.mentions else None,
        "bias": one.off / one.mentions if one.mentions else None,
    }


def together(folds: Sequence[Counts]) -> Counts:
    """The counts of several folds as one."""
    whole = Counts()
    for one in folds:
        for name in ("hit", "found", "gold"):
            for kind, count in getattr(one, name).items():
                getattr(whole, name)[kind] += count
        for name in ("points", "near", "mentions", "sure", "sure_and_right", "off"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    return whole


def show(title: str, reports: Report) -> None:
    """Print a table: a corpus a line, the whole of it and the standard deviation over its folds."""
    print(f"\n{title}")
    for corpus, folds in sorted(reports.items()):
        parts = []
        by_fold = [measures(one) for one in folds]
        for name, whole in measures(together(folds)).items():
            values = [value for value in (row[name] for row in by_fold) if value is not None]
            if whole is not None:
                spread = f"±{statistics.stdev(values):.3f}" if len(values) > 1 else ""
                parts.append(f"{name} {whole:.3f}{spread}")
        print(f"  {corpus:10} {'  '.join(parts)}")


def counted(seen: Sequence[scored.Seen], fold_of: Callable[[scored.Document], int]) -> Report:
    """Counts by corpus and fold."""
    counts: dict[str, dict[int, Counts]] = defaultdict(lambda: defaultdict(Counts))
    for one in seen:
        counts[one.document.corpus][fold_of(one.document)].add(one)
    return {corpus: [folds[at] for at in sorted(folds)] for corpus, folds in counts.items()}


def sure_by(signs: PlaceSigns) -> Callable[[str, Span, Choice | None], float]:
    """Confidence by other signs than the shipped ones."""

    def sure(text: str, span: Span, choice: Choice | None) -> float:
        odds = span_odds(text, span, signs)
        if choice is None:
            return chance(odds + signs.unlinked)
        return chance(odds + place_odds(choice.entity, choice.lat is not None, choice.standing, signs))

    return sure


def read_by(documents: Sequence[scored.Document], ranking: Ranking, signs: PlaceSigns | None) -> list[scored.Seen]:
    """Read with a ranking, and with signs if given."""
    return scored.read(
        documents,
        place=lambda groups, evidence: locate(groups, evidence, ranking),
        sure=sure_by(signs) if signs else confidence_of,
    )


def fitted_on(documents: Sequence[scored.Document], seen: Sequence[scored.Seen]) -> tuple[Ranking, PlaceSigns]:
    """A ranking and signs fitted on some documents, which were read before."""
    ids = {id(document) for document in documents}
    ranking = fit.fit_ranking([one for one in seen if id(one.document) in ids])
    return ranking, fit.fit_places(read_by(documents, ranking, None))


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpora", nargs="*", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--fit", action="store_true", help="fit on the other folds, and on the other corpora")
    given = parser.parse_args()
    documents = scored.load(given.corpora)
    seen = scored.read(documents)

    def fold_of(document: scored.Document) -> int:
        return document.fold(given.folds)

    show("as shipped", counted(seen, fold_of))
    if not given.fit:
        return
    show("ranking set by hand", counted(read_by(documents, fit.BY_HAND, None), fold_of))
    held_out: list[scored.Seen] = []
    for at in range(given.folds):
        ranking, signs = fitted_on([one for one in documents if fold_of(one) != at], seen)
        held_out += read_by([one for one in documents if fold_of(one) == at], ranking, signs)
    show("fitted on the other folds", counted(held_out, fold_of))
    left_out: list[scored.Seen] = []
    for corpus in {one.corpus for one in documents}:
        ranking, signs = fitted_on([one for one in documents if one.corpus != corpus], seen)
        left_out += read_by([one for one in documents if one.corpus == corpus], ranking, signs)
    show("left out: fitted on the other corpora", counted(left_out, fold_of))


if __name__ == "__main__":
    main()
