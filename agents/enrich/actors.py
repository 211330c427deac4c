"""Actors: armies, groups, governments and organisations, linked to ids by their names, unlinked where unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.enrich.spans import Span
from agents.names.entity import Entity
from agents.names.knowledge import NamesKnowledge
from agents.names.scan import Meaning
from streams.records import Field, Mention

_BODIES_EN = (
    "army|armed forces|security forces|government forces|forces|force|military|troops|government|regime|"
    "air force|navy|"
    "police|militias?|parliament|intelligence|opposition|authorities|advisers|advisors|coalition|state media|"
    "coast guard|"
    "border guards?|special forces|defence ministry|defense ministry|foreign ministry|army command|rebels"
)
_BODIES_FR = (
    "armée|armée de l['’]air|armée arabe|forces(?: armées| de sécurité| gouvernementales| spéciales|"
    " aériennes)?|gouvernement|régime|"
    "marine|aviation|police|milices?|milicien(?:ne)?s|militaires|parlement|opposition|autorités|"
    "conseillers(?: militaires)?|troupes|coalition|"
    "gendarmerie|ministère de la défense|combattants|soldats"
)
_PEOPLE_EN = r"(?P<people>[A-Z][a-zA-Z]+(?:[ -][A-Z][a-z]+)?)"
_ENGLISH = re.compile(rf"\b{_PEOPLE_EN} (?:{_BODIES_EN})\b")
_FRENCH = re.compile(rf"\b(?:{_BODIES_FR}) (?P<people>[a-zà-ÿ]+(?:-[a-zà-ÿ]+)?)\b", re.IGNORECASE)


def actor_mentions(
    field: Field, text: str, spans: Sequence[Span], knowledge: NamesKnowledge, here: Mapping[str, float]
) -> list[Mention]:
    """The actors of one field: known ones, bodies of a people (`Turkish army`), and what the model sees."""
    found = [_mention(field, span, here) for span in spans if span.kind == "actor"]
    known = [(m.start, m.end) for m in found if m.entity is not None]
    bodies = []
    for pattern in (_ENGLISH, _FRENCH):
        for match in pattern.finditer(text):
            people = match.group("people")
            start = match.start()
            code = knowledge.people_of(people)
            if code is None and pattern is _ENGLISH and " " in people:
                start += people.index(" ") + 1
                code = knowledge.people_of(people.partition(" ")[2])
            if code is None or any(start < taken_end and match.end() > taken for taken, taken_end in known):
                continue
            surface = text[start : match.end()]
            bodies.append(
                Mention(
                    field, start, match.end(), surface, "actor", None, surface, None, None, code, 0.7,
                    reason="a body of a people",
                )
            )  # fmt: skip
    if bodies:
        found = [
            mention for mention in found
            if mention.entity is not None or not any(mention.start < b.end and mention.end > b.start for b in bodies)
        ]  # fmt: skip
    return found + bodies


def _mention(field: Field, span: Span, here: Mapping[str, float]) -> Mention:
    entity = _best(span.meanings, here)
    if entity is None:
        return Mention(
            field, span.start, span.end, span.surface, "actor", None, span.surface, None, None, None,
            round(span.strength, 3), reason=f"{span.why}; no known actor of this name",
        )  # fmt: skip
    return Mention(
        field, span.start, span.end, span.surface, "actor", entity.id, entity.name, None, None, entity.country,
        round(span.strength, 3), reason=f"known to {entity.source.replace(':', ' ')}",
    )  # fmt: skip


def _best(meanings: Sequence[Meaning], here: Mapping[str, float]) -> Entity | None:
    """Of actors that share an acronym, the one at home where the text plays."""
    entities = [meaning.entity for meaning in meanings]
    return max(entities, key=lambda entity: here.get(entity.country or "", 0.0), default=None)
