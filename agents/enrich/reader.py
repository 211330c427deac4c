"""Reading one article: from its text and the model's spans to placed mentions. No model, no input or output here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from agents.enrich.actors import actor_mentions
from agents.enrich.bodies import ARTICLES
from agents.enrich.calibrated import calibrated
from agents.enrich.field_read import FieldRead, agree
from agents.enrich.genitive import german_genitives
from agents.enrich.groups import Keys, groups_of
from agents.enrich.inside import without_parts
from agents.enrich.known_routes import KnownRoutes, road_of
from agents.enrich.learnt import chances
from agents.enrich.locate import Choice, confidence_of, locate
from agents.enrich.meant import meant
from agents.enrich.otherwise import in_language
from agents.enrich.ranking import Evidence, Group
from agents.enrich.recognise import ModelSpan
from agents.enrich.road_senses import by_known_roads, by_road_names
from agents.enrich.routes import RouteSpan, Waypoint, find_routes, route_id, with_road_word
from agents.enrich.span import Span
from agents.enrich.spans import choose
from agents.enrich.unseen import unseen
from agents.names.entity import Entity
from agents.names.key import fold, fold_lately, spelling
from agents.names.knowledge import NamesKnowledge
from agents.names.scan import Found, Meaning, Meanings, longest
from agents.names.words import is_ordinary
from streams.records import Field, Mention

MOST_NAMES, MOST_OF_ONE = 150_000, 20_000
"""Names of one field that are considered, and mentions of one name: a bound on the time a hostile text takes."""

MOST_LIKENED, MOST_ALIKE, MOST_SHORT = 30, 5, 4
"""Unknown names of a field that are looked up by sound, the places kept for each, and letters too few for it."""


class Reader:
    """Reads articles with one knowledge of names."""

    def __init__(
        self,
        knowledge: NamesKnowledge,
        *,
        place: Callable[[Mapping[str, Group], Evidence], dict[str, Choice]] = locate,
        sure: Callable[[str, Span, Choice | None], float] = confidence_of,
    ) -> None:
        self._knowledge = knowledge
        self._locate, self._sure = place, sure
        self._routes = KnownRoutes(knowledge.routes(), lambda name: knowledge.scan(fold(name), name))
        self._states = knowledge.namesake_states()

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
        agree(reads, has_model=has_model)
        evidence = self._evidence(reads, outlet_country)
        if evidence.countries:
            for read in reads:
                read.spans = self._heard(read, language, evidence)
        for read in reads:
            read.spans = self._likened(read, evidence)
        groups, keys = self._groups(reads)
        for read in reads:
            by_road_names(read.field, read.spans, read.routes, groups, keys)
        choices = self._locate(groups, evidence)
        roads = [_roads(read, keys, choices) for read in reads]
        read_anew = [
            by_known_roads(read.field, read.spans, found, self._routes, groups, keys)
            for read, found in zip(reads, roads, strict=True)
        ]
        if any(read_anew):
            choices = self._locate(groups, evidence)
            roads = [_roads(read, keys, choices) for read in reads]
        mentions: list[Mention] = []
        here: dict[str, int] = defaultdict(int)
        places = [self._place(read, keys, choices) for read in reads]
        for placed in places:
            mentions.extend(mention for mention, _ in placed)
            for _, entity in placed:
                if entity is not None and entity.country:
                    here[entity.country] += 1
        for code, weight in evidence.countries.items():
            here[code] += round(weight)
        for read, found in zip(reads, roads, strict=True):
            mentions.extend(self._road_mentions(read, found, here))
        for read in reads:
            mentions.extend(actor_mentions(read.field, read.text, read.spans, self._knowledge, here, language))
        if language == "es":
            texts = {read.field: read.text for read in reads}
            mentions = without_parts(texts, mentions)
        order = {"title": 0, "text": 1}
        mentions = calibrated(mentions, chances("actor"), chances("route"))
        return tuple(sorted(mentions, key=lambda m: (order[m.field], m.start, -m.end, m.kind)))

    def _spans(self, field: Field, text: str, model: list[ModelSpan], language: str, *, has_model: bool) -> FieldRead:
        folded = fold_lately(text)
        found, peoples = self._knowledge.scan_all(folded, text)
        if language == "de":
            found += german_genitives(text, {name.start for name in found}, self._knowledge)
        if len(found) > MOST_OF_ONE:
            found = _bounded(found)
        routes = [name for name in found if meant(name.meanings).routes]
        others = [
            name
            for name in in_language(found, language)
            if meant(name.meanings).more_than_routes
            and not (name.plain.endswith("s") and language != "de" and self._genitive(name))
            and not (language == "fr" and self._of_a_people(name))
        ]
        spans = choose(text, longest(others), model, has_model=has_model, nested=others)
        return FieldRead(field, text, folded, peoples, spans, longest(routes), others, model)

    def _genitive(self, name: Found) -> bool:
        """Whether a name ending with s is a country's only as a German genitive, elsewhere a people's (`Syriens`)."""
        return meant(name.meanings).all_countries and all(
            name.surface not in meaning.entity.names for meaning in name.meanings
        )

    def _of_a_people(self, name: Found) -> bool:
        """Whether a name is a country's in German and a people's in French (`Syrien`, `Jordanien`)."""
        plain = name.plain
        return (
            plain.endswith("ien")
            and meant(name.meanings).all_countries
            and self._knowledge.people_of(plain) is not None
        )

    def _evidence(self, reads: list[FieldRead], outlet_country: str | None) -> Evidence:
        countries: dict[str, float] = defaultdict(float)
        for read in reads:
            for span in read.spans:
                if span.kind != "place" or not span.meanings:
                    continue
                country = _clear_country(span)
                if country:
                    countries[country] += 1.0
            for people in read.peoples:
                countries[people.meanings[0].entity.country or ""] += 0.5
        return Evidence(countries, self._knowledge.theatre, outlet_country)

    def _likened(self, read: FieldRead, evidence: Evidence) -> list[Span]:
        """The spans, those that the model alone sees with the places they are spelled like where the text plays.

        What bears an article in English (`the Americas`, `the States`) is no town.
        """
        spans = read.spans
        unnamed = (s for s in spans if s.kind == "place" and not s.meanings)
        named = (s for s in unnamed if not read.text.startswith(ARTICLES, max(0, s.start - len(ARTICLES[0]))))
        unknown = list(dict.fromkeys(s.surface for s in named))[:MOST_LIKENED]
        alike = {surface: self._alike(surface, evidence) for surface in unknown}
        return [
            replace(span, meanings=alike[span.surface], strength=0.7, why="spelled like a known name")
            if span.kind == "place" and alike.get(span.surface) and not span.meanings
            else span
            for span in spans
        ]

    def _heard(self, read: FieldRead, language: str, evidence: Evidence) -> list[Span]:
        """The spans, with names after a word for a town that are spelled like a place where the text plays."""
        spans, reach = list(read.spans), -1
        for span in sorted(unseen(read.text, language, read.spans), key=lambda one: (one.start, -one.end)):
            if span.start >= reach and self._alike(span.surface, evidence):
                spans.append(span)
                reach = span.end
        return sorted(spans, key=lambda one: (one.start, -one.end)) if reach >= 0 else read.spans

    def _alike(self, surface: str, evidence: Evidence) -> Meanings:
        named = {code for code, times in evidence.countries.items() if times >= 1}
        short = MOST_SHORT if surface.isascii() else MOST_SHORT - 1  # other scripts leave vowels out
        if not named or len(surface) <= short or is_ordinary(spelling(surface)):
            return ()
        found = self._knowledge.alike(surface, named)[:MOST_ALIKE]
        return tuple(Meaning(entity, alias=True) for likeness, entity in found if likeness >= found[0][0] - 2.0)

    def _groups(self, reads: list[FieldRead]) -> tuple[dict[str, Group], Keys]:
        return groups_of([(read.field, read.text, read.spans) for read in reads], self._states)

    def _place(self, read: FieldRead, keys: Keys, choices: Mapping[str, Choice]) -> list[tuple[Mention, Entity | None]]:
        placed: list[tuple[Mention, Entity | None]] = []
        for span in read.spans:
            if span.kind != "place":
                continue
            choice = choices.get(keys.get((read.field, span.start, span.end), ""))
            if choice is None:
                placed.append((_unlinked(read, span, self._sure(read.text, span, None)), None))
                continue
            entity = choice.entity
            mention = Mention(
                read.field, span.start, span.end, span.surface, "place", entity.id, entity.name, choice.lat, choice.lon,
                entity.country, self._sure(read.text, span, choice), reason=f"{span.why}; {choice.reason}",
            )  # fmt: skip
            placed.append((mention, entity))
        return placed

    def _road_mentions(self, read: FieldRead, roads: list[RouteSpan], here: Mapping[str, float]) -> list[Mention]:
        mentions: list[Mention] = []
        for road in roads:
            ids = tuple(entity.id for entity in road.waypoints)
            known = _named(read.routes, road.start, road.end, ids) or self._routes.of(ids)
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
        for found in read.routes:
            entity = road_of(found)
            if any(found.start < end and found.end > start for start, end in taken):
                continue
            countries = {place.country for place in map(self._knowledge.entity, entity.waypoints) if place is not None}
            if len(found.surface) <= 4 and not countries & here.keys():
                continue
            start = with_road_word(read.text, found.start)
            mentions.append(
                Mention(
                    read.field, start, found.end, read.text[start : found.end], "route", entity.id, entity.name, None,
                    None, next(iter(countries)) if len(countries) == 1 else None, 0.9, entity.waypoints,
                    f"known to {entity.source.replace(':', ' ')}",
                )
            )  # fmt: skip
        return mentions


def _bounded(found: list[Found]) -> list[Found]:
    """The first names of a text, so many of each that one that is repeated for ever does not hide the others."""
    times: Counter[str] = Counter()
    kept: list[Found] = []
    for name in sorted(found, key=lambda name: name.start):
        times[name.plain] += 1
        if times[name.plain] <= MOST_OF_ONE:
            kept.append(name)
    return kept[:MOST_NAMES]


def _named(routes: list[Found], start: int, end: int, along: tuple[str, ...]) -> Entity | None:
    """The known road whose name stands in a span, or None."""
    return next((road_of(name, along) for name in routes if start <= name.start and name.end <= end), None)


def _roads(read: FieldRead, keys: Keys, choices: Mapping[str, Choice]) -> list[RouteSpan]:
    """The roads that a field's places make as they were chosen."""
    waypoints: list[Waypoint] = []
    for span in read.spans:
        choice = choices.get(keys.get((read.field, span.start, span.end), "")) if span.kind == "place" else None
        if choice is not None and not (waypoints and span.start < waypoints[-1].end):
            waypoints.append(Waypoint(span.start, span.end, choice.entity))
    return find_routes(read.text, waypoints)


def _clear_country(span: Span) -> str | None:
    """The country a name means, unless a large place elsewhere bears it too (Georgia, Jordan)."""
    for meaning in span.meanings:
        if meaning.entity.feature == "country":
            rivals = (m.entity for m in span.meanings if m.entity.country != meaning.entity.country)
            clear = not any(rival.feature == "region" or rival.population > 200_000 for rival in rivals)
            return meaning.entity.country if clear else None
    return None


def _unlinked(read: FieldRead, span: Span, confidence: float) -> Mention:
    return Mention(
        read.field, span.start, span.end, span.surface, "place", None, span.surface, None, None, None,
        confidence, reason=f"{span.why}; no known place of this name",
    )  # fmt: skip
