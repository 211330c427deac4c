"""The last changes of live watches: few, made one by one, in force at once."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence

from agents.match.asked import Asked
from agents.match.conditions import CompiledCondition
from agents.match.corridor import Box
from agents.match.facts import Facts
from agents.match.keys import CITIES, EntityKeys
from agents.match.making import Maker
from agents.match.phrase import FoldedText, PhraseScanner, Span
from agents.match.resolved import GROUPS, ResolvedWatch
from agents.match.tables import Scope
from agents.match.traces import PlaceForgotten, Trace, Tracer
from agents.match.traits import CompiledWatch, fires

_ENTITY_BITS = 30


class Scanners:
    """Phrases in several automata, for those that come one at a time; each automaton numbers on from a number."""

    def __init__(self, parts: Sequence[tuple[int, PhraseScanner]]) -> None:
        self._parts = parts
        self.phrases = any(scanner.phrases for _, scanner in parts)

    def find(self, text: FoldedText) -> list[tuple[int, Span]]:
        """Every whole-word occurrence as (phrase number, span in the text as it stands)."""
        return [(first + number, span) for first, scanner in self._parts for number, span in scanner.find(text)]


class Delta:
    """Watches that are only ever added, numbered from 0; whoever asks says which of them are gone.

    A reader asks for the first so many watches, so that adding more does not disturb it.
    """

    def __init__(self, tracer: Tracer, maker: Maker, keys: EntityKeys, first_phrase: int) -> None:
        self._tracer, self._maker, self._keys = tracer, maker, keys
        self.watches: list[CompiledWatch] = []
        self.resolved: list[ResolvedWatch] = []
        self.orders: list[int] = []
        self.scanners: tuple[tuple[int, PhraseScanner], ...] = ()
        self.cities: frozenset[int] = frozenset()
        self.any_facts_only = False
        self._numbers: dict[str, list[int]] = {}
        self._first_phrase = first_phrase
        self._phrases: dict[str, int] = {}
        self._posted: dict[tuple[str, int], list[int]] = {}
        self._boxes: list[tuple[Box, int]] = []

    def __len__(self) -> int:
        return len(self.watches)

    def add(self, watch: ResolvedWatch, order: int) -> int:
        """Add a watch; its number. Raises PlaceForgotten."""
        asked = [condition for group in GROUPS for condition in getattr(watch, group)]
        traced = self._tracer.trace(asked)
        for place in traced.forgotten.values():
            raise PlaceForgotten(place)
        traces = [traced[number] for number in range(len(asked))]
        made = [
            self._maker.make(condition, trace.triggers, trace.quiet, self._phrase(trace.phrase))
            for condition, trace in zip(asked, traces, strict=True)
        ]
        number = len(self.watches)
        any_, all_ = len(watch.any), len(watch.any) + len(watch.all)
        self.any_facts_only |= watch.facts_only
        self.orders.append(order)
        self.resolved.append(watch)
        self._numbers.setdefault(watch.id, []).append(number)
        self.watches.append(_compiled(watch, made, any_, all_))
        choices = [[trace] for trace in traces[any_:all_]] + ([traces[:any_]] if any_ else [])
        for trace in min(choices, key=lambda choice: sum(one.common for one in choice)):
            self._post(trace, number)
        return number

    def numbers_of(self, watch: str) -> list[int]:
        """Every number under which a watch of this id was ever added."""
        return self._numbers.get(watch, [])

    def _phrase(self, folded: str) -> int:
        if not folded:
            return -1
        number = self._phrases.get(folded)
        if number is None:
            number = self._phrases[folded] = self._first_phrase + len(self._phrases)
            parts = [*self.scanners, (number, PhraseScanner((folded,)))]
            # Two of like size become one, as in a binary counter: each phrase is built in a few times in all.
            while len(parts) > 1 and len(parts[-2][1].phrases) <= len(parts[-1][1].phrases):
                (first, older), (_, newer) = parts[-2:]
                parts[-2:] = [(first, PhraseScanner((*older.phrases, *newer.phrases)))]
            self.scanners = tuple(parts)
        return number

    def _post(self, trace: Trace, number: int) -> None:
        keys = [("entity", key) for key in trace.triggers] + [("pair", key) for key in trace.pairs]
        if trace.country:
            keys.append(("country", trace.country))
        if trace.phrase:
            keys.append(("phrase", self._phrases[trace.phrase]))
        for key in keys:
            self._posted.setdefault(key, []).append(number)
        self._boxes.extend((box, number) for box in trace.boxes)
        cities = [key for key in trace.pairs if key >> (2 * _ENTITY_BITS) == CITIES]
        mask = (1 << _ENTITY_BITS) - 1
        self.cities |= {city for key in cities for city in (key >> _ENTITY_BITS & mask, key & mask)}

    def firing(self, facts: Facts, upto: int, gone: Container[int], *, facts_only: bool) -> list[int]:
        """The numbers below `upto`, but those `gone`, of the watches that fire."""
        asked = Asked(facts, self._keys, self.cities)
        numbers: set[int] = set()
        for kind, wanted in (
            ("entity", asked.entities),
            ("pair", asked.pairs),
            ("country", asked.countries),
            ("phrase", asked.phrases),
        ):
            self._look_up(kind, wanted, numbers)
        numbers.update(self._around(facts))
        return [
            number
            for number in numbers
            if number < upto
            and number not in gone
            and self.watches[number].facts_only == facts_only
            and fires(self.watches[number], facts)
        ]

    def _look_up(self, kind: str, wanted: Collection[int], found: set[int]) -> None:
        for key in wanted:
            found.update(self._posted.get((kind, key), ()))

    def _around(self, facts: Facts) -> Iterable[int]:
        for mention in facts.loose:
            lat, lon = mention.lat or 0.0, mention.lon or 0.0
            for (south, west, north, east), number in tuple(self._boxes):
                if south <= lat <= north and west <= lon <= east:
                    yield number


def _compiled(watch: ResolvedWatch, made: list[CompiledCondition], any_: int, all_: int) -> CompiledWatch:
    scope = Scope(frozenset(watch.languages), watch.outlets, watch.facts_only)
    return CompiledWatch(watch.id, tuple(made[:any_]), tuple(made[any_:all_]), tuple(made[all_:]), scope)
