"""What an article says, laid out for asking: who and what is named, which roads, which words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Protocol

from agents.match.phrase import FoldedText, Span
from agents.match.sentence import sentence_ends, sentence_number, speaks_of_a_road
from streams.records import EnrichedArticle, Evidence, Field, Mention

MIN_CONFIDENCE = 0.5
"""A mention counts from here on; below it the reading is more likely wrong than right."""
Pair = tuple[str, str]
"""Two entity ids in order of their text, so that a road is the same in both directions."""


def pair(one: str, other: str) -> Pair:
    """Two ids without direction."""
    return (one, other) if one <= other else (other, one)


def is_sure(mention: Mention) -> bool:
    """Whether a mention is more likely read right than wrong."""
    return mention.confidence >= MIN_CONFIDENCE


def counts(mention: Mention) -> bool:
    """Whether a mention names what it is said to name: it is sure, and does not only lend something else its name."""
    return is_sure(mention) and mention.modality != "figurative"


class Scanner(Protocol):
    """What finds phrases."""

    @property
    def phrases(self) -> Collection[str] | bool:
        """Empty or false where there is nothing to find."""

    def find(self, text: FoldedText) -> list[tuple[int, Span]]:
        """Every whole-word occurrence as (phrase number, span in the text as it stands)."""


class Facts:
    """The facts of one article.

    `known` tells whether an entity was known when the watches were made: what was not is looked up by its
    coordinates.
    """

    def __init__(self, enriched: EnrichedArticle, scanner: Scanner, known: Callable[[str], bool]) -> None:
        self.enriched = enriched
        self._scanner, self._known = scanner, known
        self.named: dict[str, list[Mention]] = {}
        """Entity id to the mentions that mean it."""
        self.countries: dict[str, list[Mention]] = {}
        """Country code to the places mentioned in it."""
        self.roads: dict[Pair, list[Mention]] = {}
        """Two places to the route mentions in which they stand next to each other, or whose known road has both on the
        stretch that is meant."""
        self.loose: list[Mention] = []
        """Mentions with coordinates whose entity no watch could know of."""
        self.phrases: dict[int, list[tuple[Field, Span]]] = {}
        """Phrase number to where its words stand."""
        self._ends: dict[Field, list[int]] = {}
        roads: list[Mention] = []
        for mention in enriched.mentions:
            if counts(mention):
                self._take(mention, known)
                if mention.kind == "route":
                    roads.append(mention)
        for road in roads:
            # A known road runs through all of its places; one that is written out only from each to the next.
            for one, other in pairwise(road.waypoints) if road.entity is None else self._stretch(road):
                self.roads.setdefault(pair(one, other), []).append(road)
        if scanner.phrases:
            self._read("title", scanner)
            self._read("text", scanner)
        self._together: dict[Pair, tuple[Mention, Mention] | None] = {}
        self._road_mentions = [mention for mention in enriched.mentions if mention.kind == "route"]
        self._road_sentences: dict[tuple[Field, int], bool] = {}

    def sure(self) -> Facts:
        """Without the mentions that the text denies, plans or tells of the past; itself where there are none."""
        mentions = tuple(mention for mention in self.enriched.mentions if mention.modality == "fact")
        if len(mentions) == len(self.enriched.mentions):
            return self
        return Facts(replace(self.enriched, mentions=mentions), self._scanner, self._known)

    def _take(self, mention: Mention, known: Callable[[str], bool]) -> None:
        if mention.entity is not None:
            self.named.setdefault(mention.entity, []).append(mention)
        if mention.kind == "place":
            if mention.country is not None:
                self.countries.setdefault(mention.country, []).append(mention)
            if mention.lat is not None and (mention.entity is None or not known(mention.entity)):
                self.loose.append(mention)

    def _stretch(self, road: Mention) -> Iterator[Pair]:
        """Every two places of a known road, but where its sentence names some only those whose stretch has part in it.

        "Snow closed the M5 at Nabk" says nothing of the road from Homs to Hama, "Snow closed the M5" does.
        """
        sentence = self._sentence(road)
        named = [
            position
            for position, place in enumerate(road.waypoints)
            if any(self._sentence(one) == sentence for one in self.named.get(place, ()))
        ]
        first, last = (named[0], named[-1]) if named else (0, len(road.waypoints) - 1)
        for begin, end in combinations(range(len(road.waypoints)), 2):
            if (first < last and begin < last and end > first) or (first == last and begin <= first <= end):
                yield road.waypoints[begin], road.waypoints[end]

    def _read(self, field: Field, scanner: Scanner) -> None:
        for number, span in scanner.find(FoldedText(self.field(field))):
            self.phrases.setdefault(number, []).append((field, span))

    def field(self, field: Field) -> str:
        """The title or the text as it stands."""
        article = self.enriched.article
        return article.title if field == "title" else article.text

    def _sentence(self, mention: Mention) -> tuple[Field, int]:
        ends = self._ends.get(mention.field)
        if ends is None:
            ends = self._ends[mention.field] = sentence_ends(self.field(mention.field))
        return mention.field, sentence_number(ends, mention.start)

    def same_sentence(self, one: str, other: str) -> tuple[Mention, Mention] | None:
        """The first mentions of two entities that stand in one sentence."""
        if one not in self.named or other not in self.named:
            return None
        where = {self._sentence(mention): mention for mention in reversed(self.named[one])}
        for mention in self.named[other]:
            if partner := where.get(self._sentence(mention)):
                return partner, mention
        return None

    def same_road_sentence(self, one: str, other: str) -> tuple[Mention, Mention] | None:
        """The first mentions of two places in one sentence that speaks of a road.

        A road written out with both of them among others ("A - B - C") already says which places follow each
        other, and does not count here.
        """
        key = (one, other)
        if key not in self._together:
            self._together[key] = self._find_road_sentence(one, other)
        return self._together[key]

    def _find_road_sentence(self, one: str, other: str) -> tuple[Mention, Mention] | None:
        if one not in self.named or other not in self.named:
            return None
        where: dict[tuple[Field, int], list[Mention]] = {}
        for mention in self.named[one]:
            where.setdefault(self._sentence(mention), []).append(mention)
        for mention in self.named[other]:
            sentence = self._sentence(mention)
            partners = where.get(sentence)
            if partners and self._speaks_of_a_road(*sentence):
                for partner in partners:
                    if not self._in_one_road(partner, mention):
                        return partner, mention
        return None

    def _in_one_road(self, one: Mention, other: Mention) -> bool:
        start, end = min(one.start, other.start), max(one.end, other.end)
        return any(road.field == one.field and road.start <= start and end <= road.end for road in self._road_mentions)

    def _speaks_of_a_road(self, field: Field, number: int) -> bool:
        key = (field, number)
        if key not in self._road_sentences:
            ends = self._ends[field]
            sentence = self.field(field)[ends[number - 1] if number else 0 : ends[number]]
            self._road_sentences[key] = speaks_of_a_road(sentence)
        return self._road_sentences[key]

    def evidence(self, mention: Mention, why: str) -> Evidence:
        """A mention as evidence."""
        return Evidence(mention.field, mention.start, mention.end, mention.surface, why)

    def phrase_evidence(self, number: int, why: str) -> list[Evidence]:
        """Where a phrase stands, as evidence."""
        return [
            Evidence(field, start, end, self.field(field)[start:end], why)
            for field, (start, end) in self.phrases.get(number, ())
        ]


def mentions_of(facts: Facts, ids: Sequence[str]) -> list[Mention]:
    """The mentions of several entities in the order of the article, title first."""
    found = [mention for one in ids for mention in facts.named.get(one, ())]
    return sorted(found, key=lambda mention: (mention.field == "text", mention.start))
