"""Reading one article: from its text and the model's spans to placed mentions. No model, no input or output here."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agents.enrich.actors import actor_mentions
from agents.enrich.evidence import feature_beside
from agents.enrich.locate import Choice, Evidence, Group, locate
from agents.enrich.recognise import ModelSpan
from agents.enrich.routes import KnownRoutes, Waypoint, find_routes, route_id
from agents.enrich.span import Span
from agents.enrich.spans import choose
from agents.names.entity import Entity
from agents.names.key import Folded, fold
from agents.names.knowledge import NamesKnowledge
from agents.names.scan import Found, Meaning, Meanings, longest
from streams.records import Field, Mention

MOST_NAMES = 400_000
"""Names of one field that are considered: a bound on the time a hostile text takes."""

MOST_LIKENED, MOST_ALIKE, MOST_SHORT = 30, 5, 4
"""Unknown names of a field that are looked up by sound, the places kept for each, and letters too few for it."""


@dataclass(frozen=True, slots=True)
class _Read:
    """One field with what was found in it."""

    field: Field
    text: str
    folded: Folded
    spans: list[Span]
    routes: list[Found]


class Reader:
    """Reads articles with one knowledge of names."""

    def __init__(self, knowledge: NamesKnowledge) -> None:
        self._knowledge = knowledge
        self._routes = KnownRoutes(knowledge.routes())

    def read(
        self,
        fields: Sequence[tuple[Field, str, list[ModelSpan]]],
        language: str,
        *,
        has_model: bool,
        outlet_country: str | None = None,
    ) -> tuple[Mention, ...]:
        """Every mention of the fields, by field and offset."""
        reads = [self._spans(name, text, model, language, has_model=has_model) for name, text, model in fields]
        evidence = self._evidence(reads, outlet_country)
        reads = [replace(read, spans=self._likened(read.spans, evidence)) for read in reads]
        groups, keys = self._groups(reads)
        choices = locate(groups, evidence)
        mentions: list[Mention] = []
        here: Counter[str] = Counter()
        for read in reads:
            placed = self._place(read, keys, choices)
            mentions.extend(mention for mention, _ in placed)
            here.update(entity.country for _, entity in placed if entity is not None and entity.country)
            mentions.extend(self._road_mentions(read, placed, evidence))
        for code, weight in evidence.countries.items():
            here[code] += round(weight)
        for read in reads:
            mentions.extend(actor_mentions(read.field, read.text, read.spans, self._knowledge, here, language))
        order = {"title": 0, "text": 1}
        return tuple(sorted(mentions, key=lambda m: (order[m.field], m.start, -m.end, m.kind)))

    def _spans(self, field: Field, text: str, model: list[ModelSpan], language: str, *, has_model: bool) -> _Read:
        folded = fold(text)
        found = self._knowledge.scan(folded, text)[:MOST_NAMES]
        routes = [name for name in found if any(meaning.entity.kind == "route" for meaning in name.meanings)]
        others = [
            name
            for name in found
            if any(meaning.entity.kind != "route" for meaning in name.meanings)
            and not (language != "de" and self._genitive(name))
        ]
        spans = choose(text, longest(others), model, has_model=has_model, nested=others)
        return _Read(field, text, folded, spans, longest(routes))

    def _genitive(self, name: Found) -> bool:
        """Whether a name is a country's only as a German genitive, and elsewhere a people's (`Syriens`)."""
        return name.plain.endswith("s") and all(
            meaning.entity.feature == "country" and name.surface not in meaning.entity.names
            for meaning in name.meanings
        )

    def _evidence(self, reads: list[_Read], outlet_country: str | None) -> Evidence:
        countries: dict[str, float] = defaultdict(float)
        for read in reads:
            for span in read.spans:
                if span.kind != "place" or not span.meanings:
                    continue
                country = _clear_country(span)
                if country:
                    countries[country] += 1.0
            for code, times in self._knowledge.peoples_in(read.folded).items():
                countries[code] += 0.5 * times
        return Evidence(countries, self._knowledge.theatre, outlet_country)

    def _likened(self, spans: list[Span], evidence: Evidence) -> list[Span]:
        """The spans, those that the model alone sees with the places they are spelled like where the text plays."""
        unknown = list(dict.fromkeys(s.surface for s in spans if s.kind == "place" and not s.meanings))[:MOST_LIKENED]
        alike = {surface: self._alike(surface, evidence) for surface in unknown}
        return [
            replace(span, meanings=alike[span.surface], strength=0.7, why="spelled like a known name")
            if span.kind == "place" and alike.get(span.surface) and not span.meanings
            else span
            for span in spans
        ]

    def _alike(self, surface: str, evidence: Evidence) -> Meanings:
        named = {code for code, times in evidence.countries.items() if times >= 1}
        found = self._knowledge.find(surface, "place") if named and len(surface) > MOST_SHORT else []
        return tuple(Meaning(entity, alias=True) for entity in found[:MOST_ALIKE] if entity.country in named)

    def _groups(self, reads: list[_Read]) -> tuple[dict[str, Group], dict[tuple[Field, int, int], str]]:
        groups: dict[str, Group] = {}
        keys: dict[tuple[Field, int, int], str] = {}
        for read in reads:
            places = [span for span in read.spans if span.kind == "place"]
            for at, span in enumerate(places):
                if not span.meanings:
                    continue
                feature, _ = feature_beside(read.text, span.start, span.end)
                if feature and not any(meaning.entity.feature == feature for meaning in span.meanings):
                    feature = ""
                key = f"{span.plain.lower()}|{feature}"
                keys[read.field, span.start, span.end] = key
                group = groups.get(key)
                if group is None:
                    group = groups[key] = Group(span.meanings, feature=feature)
                else:
                    group.mentions += 1
                if at + 1 < len(places) and read.text[span.end : places[at + 1].start] in (", ", " (", ","):
                    group.within.extend(
                        meaning.entity
                        for meaning in places[at + 1].meanings
                        if meaning.entity.feature in ("country", "region")
                    )
        return groups, keys

    def _place(
        self, read: _Read, keys: Mapping[tuple[Field, int, int], str], choices: Mapping[str, Choice]
    ) -> list[tuple[Mention, Entity | None]]:
        placed: list[tuple[Mention, Entity | None]] = []
        for span in read.spans:
            if span.kind != "place":
                continue
            choice = choices.get(keys.get((read.field, span.start, span.end), ""))
            if choice is None:
                placed.append((_unlinked(read.field, span), None))
                continue
            entity = choice.entity
            mention = Mention(
                read.field, span.start, span.end, span.surface, "place", entity.id, entity.name, choice.lat, choice.lon,
                entity.country, round(min(0.99, span.strength * choice.certainty), 3),
                reason=f"{span.why}; {choice.reason}",
            )  # fmt: skip
            placed.append((mention, entity))
        return placed

    def _road_mentions(
        self, read: _Read, placed: list[tuple[Mention, Entity | None]], evidence: Evidence
    ) -> list[Mention]:
        waypoints: list[Waypoint] = []
        for mention, entity in placed:
            if entity is not None and not (waypoints and mention.start < waypoints[-1].end):
                waypoints.append(Waypoint(mention.start, mention.end, entity))
        mentions: list[Mention] = []
        for road in find_routes(read.text, waypoints):
            ids = tuple(entity.id for entity in road.waypoints)
            known = _named(read.routes, road.start, road.end) or self._routes.of(ids)
            name = known.name if known else " - ".join(entity.name for entity in road.waypoints)
            countries = {entity.country for entity in road.waypoints}
            mentions.append(
                Mention(
                    read.field, road.start, road.end, read.text[road.start : road.end], "route",
                    known.id if known else route_id(ids), name, None, None,
                    countries.pop() if len(countries) == 1 else None, 0.9, ids,
                    "places joined by words for a road",
                )
            )  # fmt: skip
        taken = [(mention.start, mention.end) for mention in mentions]
        here = {entity.country for _, entity in placed if entity is not None} | set(evidence.countries)
        for found in read.routes:
            entity = next(meaning.entity for meaning in found.meanings if meaning.entity.kind == "route")
            if any(found.start < end and found.end > start for start, end in taken):
                continue
            countries = {place.country for place in map(self._knowledge.entity, entity.waypoints) if place is not None}
            if len(found.surface) <= 4 and not countries & here:
                continue
            mentions.append(
                Mention(
                    read.field, found.start, found.end, found.surface, "route", entity.id, entity.name, None, None,
                    next(iter(countries)) if len(countries) == 1 else None, 0.9, entity.waypoints,
                    f"known to {entity.source.replace(':', ' ')}",
                )
            )  # fmt: skip
        return mentions


def _named(routes: list[Found], start: int, end: int) -> Entity | None:
    """The pack's road whose name stands in a span, or None."""
    for found in routes:
        if start <= found.start and found.end <= end:
            return next(meaning.entity for meaning in found.meanings if meaning.entity.kind == "route")
    return None


def _clear_country(span: Span) -> str | None:
    """The country a name means, unless a large place elsewhere bears it too (Georgia, Jordan)."""
    for meaning in span.meanings:
        if meaning.entity.feature == "country":
            rivals = (m.entity for m in span.meanings if m.entity.country != meaning.entity.country)
            clear = not any(rival.feature == "region" or rival.population > 200_000 for rival in rivals)
            return meaning.entity.country if clear else None
    return None


def _unlinked(field: Field, span: Span) -> Mention:
    return Mention(
        field, span.start, span.end, span.surface, "place", None, span.surface, None, None, None,
        round(span.strength * 0.6, 3), reason=f"{span.why}; no known place of this name",
    )  # fmt: skip


def fingerprint(title: str, text: str) -> str:
    """Equal for articles whose words are equal, whatever their case, accents and punctuation."""
    words = " ".join(f"{fold(title).text} {fold(text).text}".lower().split())
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]
