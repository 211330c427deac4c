"""Actors: armies, groups, governments and organisations, linked to ids by their names, unlinked where unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from agents.enrich.acronyms import is_shared, spelled_otherwise
from agents.enrich.bodies import ARTICLES, Body, acts, apart, bodies, members_end, with_article
from agents.enrich.bodies_romance import body_of_country
from agents.enrich.known_bodies import at_home, kind_of_body, known_bodies
from agents.enrich.span import Span
from agents.names.entity import Entity
from agents.names.key import spelling
from agents.names.knowledge import NamesKnowledge
from agents.names.scan import Meaning
from streams.records import Field, Mention

_LETTERS, _LONG, _FAR = 4, 300, 0.4
"""Letters of an acronym that may mean something else, characters of a text that would say where it plays, and how sure
such an acronym is where the text says another place."""
_SPELLED_OTHERWISE = 0.6


def actor_mentions(
    field: Field, text: str, spans: Sequence[Span], knowledge: NamesKnowledge, here: Mapping[str, float], language: str
) -> list[Mention]:
    """The actors of one field: known ones, bodies of a people (`Turkish army`), and what the model sees."""
    found = [_mention(field, text, span, here, knowledge) for span in spans if span.kind == "actor"]
    known = [(m.start, m.end) for m in found if m.entity is not None]
    loose = [m for m in found if m.entity is None]
    told = list(bodies(text, language, knowledge.people_of))
    if language in ("fr", "es"):  # `Cruz Roja` of `Cruz Roja Colombiana`
        ends = {body.start: body.end for body in told if body.country}
        found = [m for m in found if ends.get(m.start, 0) <= m.end]
        known = [(m.start, m.end) for m in found if m.entity is not None]
    reach = max((m.end for m in loose), default=0)  # the model reads a text's beginning only: a bound on the pairs
    described = [
        _of_a_people(field, text, body, knowledge)
        for body in apart(told, known)
        if body.start >= reach or not any(_holds(m, body) for m in loose)
    ]
    near = [mention for mention in described if mention.start < reach]
    found = [m for m in found if m.entity is not None or not any(m.start < b.end and m.end > b.start for b in near)]
    found += described
    if language in ("fr", "es"):
        ruled = _of_countries(field, text, spans, found, knowledge)
        same = {(mention.start, mention.end) for mention in ruled}
        found = [m for m in found if (m.start, m.end) not in same] + ruled
    home = _home(here)
    if home:
        found = [_at_home(mention, home, knowledge) if mention.entity is None else mention for mention in found]
    if language != "en":
        return found
    found += _acting(field, text, spans, found)
    whole = {(m.start, m.end): m for m in found}
    for mention in found:
        end = members_end(text, mention.end) if mention.entity is not None else None
        if end is not None:
            longer = replace(mention, end=end, surface=text[mention.start : end], confidence=0.7)
            whole.setdefault((longer.start, end), longer)
    return [_with_article(text, mention) for mention in whole.values()]


def _home(here: Mapping[str, float]) -> str:
    """The country that most of the text's places lie in; empty where none has more than half of them."""
    most = max(here, key=here.__getitem__, default="")
    return most if most and 2 * here[most] > sum(here.values()) else ""


def _at_home(mention: Mention, home: str, knowledge: NamesKnowledge) -> Mention:
    """A body without a country in its name is the one that the text's own country calls so (`Guardia Nacional`)."""
    entity = at_home(knowledge).get((spelling(mention.surface).lower(), home))
    if entity is None:
        return mention
    reason = f"{mention.reason.partition(';')[0]}; known to {entity.source.replace(':', ' ')}"
    return replace(mention, entity=entity.id, name=entity.name, country=entity.country, reason=reason)


def _holds(mention: Mention, body: Body) -> bool:
    """Whether what the model sees is the body with more words."""
    longer = mention.end - mention.start > body.end - body.start
    return longer and mention.start <= body.start and body.end <= mention.end


def _of_a_people(field: Field, text: str, body: Body, knowledge: NamesKnowledge) -> Mention:
    """A body of a people, linked where a pack knows that country's army, government, ..."""
    mention = _described(field, text, body.start, body.end, body.country, body.why)
    entity = known_bodies(knowledge).get((kind_of_body(body.word), body.country or "")) if body.word else None
    if entity is None:
        return mention
    reason = f"{body.why}; known to {entity.source.replace(':', ' ')}"
    return replace(mention, entity=entity.id, name=entity.name, confidence=0.85, reason=reason)


def _of_countries(
    field: Field, text: str, spans: Sequence[Span], found: Sequence[Mention], knowledge: NamesKnowledge
) -> list[Mention]:
    """Bodies by the country's name after them (`gouvernement d'Irak`), unless they are found already."""
    ends = {mention.end for mention in found if mention.entity is not None}
    made = []
    for span in spans:
        country = next((m.entity.country for m in span.meanings if m.entity.feature == "country"), None)
        body = body_of_country(text, span.start) if span.kind == "place" and country else None
        if body is not None and span.end not in ends:
            of_country = Body(body[0], span.end, country, "a body of a country", body[1])
            made.append(_of_a_people(field, text, of_country, knowledge))
    return made


def _described(field: Field, text: str, start: int, end: int, country: str | None, why: str) -> Mention:
    surface = text[start:end]
    return Mention(field, start, end, surface, "actor", None, surface, None, None, country, 0.7, reason=why)


def _acting(field: Field, text: str, spans: Sequence[Span], found: Sequence[Mention]) -> list[Mention]:
    """Countries that the text says do something: an actor as well as a place."""
    taken = {(mention.start, mention.end) for mention in found}
    acting = []
    for span in spans:
        country = next((m.entity.country for m in span.meanings if m.entity.feature == "country"), None)
        if span.kind == "place" and country and (span.start, span.end) not in taken and acts(text, span.end):
            start = span.start - 4 if text[max(0, span.start - 4) : span.start] in ARTICLES else span.start
            acting.append(_described(field, text, start, span.end, country, "a country that acts"))
    return acting


def _with_article(text: str, mention: Mention) -> Mention:
    start = with_article(text, mention.start, mention.end)
    return mention if start == mention.start else replace(mention, start=start, surface=text[start : mention.end])


def _mention(field: Field, text: str, span: Span, here: Mapping[str, float], knowledge: NamesKnowledge) -> Mention:
    meanings = [meaning for meaning in span.meanings if not _is_spelled_otherwise(text, span, meaning.entity)]
    if span.meanings and not meanings:
        return replace(
            _described(field, text, span.start, span.end, None, "letters that the text spells out as another body"),
            confidence=_SPELLED_OTHERWISE,
        )
    entity = _best(meanings, here)
    if entity is None:
        return Mention(
            field, span.start, span.end, span.surface, "actor", None, span.surface, None, None, None,
            round(span.strength, 3), reason=f"{span.why}; no known actor of this name",
        )  # fmt: skip
    known = f"known to {entity.source.replace(':', ' ')}"
    sure, why = round(span.strength, 3), known
    if _is_far_acronym(text, span, entity, here, knowledge):
        sure, why = _FAR, f"letters that mean something else far from home; {known}"
    return Mention(
        field, span.start, span.end, span.surface, "actor", entity.id, entity.name, None, None, entity.country,
        sure, reason=why,
    )  # fmt: skip


def _is_spelled_otherwise(text: str, span: Span, entity: Entity) -> bool:
    acronym = span.surface
    return len(acronym) > 1 and acronym.isupper() and spelled_otherwise(text, acronym, entity)


def _is_far_acronym(
    text: str, span: Span, entity: Entity, here: Mapping[str, float], knowledge: NamesKnowledge
) -> bool:
    """Whether a few letters (`AFC`, `RDF`) are a country's actor in a text that speaks of no country of its pack."""
    if len(span.surface) > _LETTERS or not span.surface.isupper():
        return False
    if entity.country is None:
        return is_shared(span.surface, here, knowledge.theatre)
    if entity.country not in knowledge.theatre:
        return False  # the FBI is known everywhere
    if not here and len(text) < _LONG:
        return False  # a headline tells nothing of where it plays
    return not _homes(knowledge).get(entity.source, frozenset()) & here.keys()


@lru_cache(maxsize=2)
def _homes(knowledge: NamesKnowledge) -> dict[str, frozenset[str]]:
    """The countries of each pack's actors."""
    found: dict[str, set[str]] = {}
    for actor in knowledge.actors():
        if actor.country is not None:
            found.setdefault(actor.source, set()).add(actor.country)
    return {source: frozenset(countries) for source, countries in found.items()}


def _best(meanings: Sequence[Meaning], here: Mapping[str, float]) -> Entity | None:
    """Of actors that share an acronym, the one at home where the text plays."""
    entities = [meaning.entity for meaning in meanings]
    return max(entities, key=lambda entity: here.get(entity.country or "", 0.0), default=None)
