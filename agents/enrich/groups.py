"""The names of an article, each with all its mentions and what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.enrich.evidence import feature_beside
from agents.enrich.ranking import Group
from agents.enrich.span import Span
from agents.names.entity import Entity
from agents.names.scan import Meaning
from streams.records import Field

Keys = dict[tuple[Field, int, int], str]
INSIDE = re.compile(
    r"^(?:,\s?| ?\(|,? (?:in|en|au|im|в|في) (?:the |le )?(?:(?:north|south|east|west|central|nord|sud|est|ouest)"
    r"[a-z]*[ -]?){0,2})$"
)
"""What may stand between a place and the region or country that it lies in."""
_LONGEST_GAP = 24
_KNOWN_AS = 20
"""A state that bears a city's name is meant after a town of it that is no smaller than so many times its namesakes."""


def groups_of(
    reads: Sequence[tuple[Field, str, Sequence[Span]]], states: Mapping[str, Entity]
) -> tuple[dict[str, Group], Keys]:
    """The groups of an article by key, and the key of every place's span.

    `states` are regions by the name of a city that they share it with: meant only after a town of theirs
    (`Rochester, New York`).
    """
    groups: dict[str, Group] = {}
    keys: Keys = {}
    for field, text, spans in reads:
        places = [span for span in spans if span.kind == "place" and span.meanings]
        for at, span in enumerate(places):
            feature, _ = feature_beside(text, span.start, span.end)
            if feature and not any(meaning.entity.feature == feature for meaning in span.meanings):
                feature = ""
            key = f"{span.plain.lower()}|{feature}"
            meanings = span.meanings
            state = _state_after(text, places[at - 1], span, states) if at else None
            if state is not None:
                key, meanings = f"{key}|{state.id}", (Meaning(state, main=True),)
            keys[field, span.start, span.end] = key
            group = groups.get(key)
            if group is None:
                group = groups[key] = Group(meanings, feature=feature)
            else:
                group.mentions += 1
            if at and _holds(text, places[at - 1], span):
                group.follows.update(m.entity.admin1 for m in places[at - 1].meanings if m.main and m.entity.admin1)
            following = places[at + 1] if at + 1 < len(places) else None
            if following is not None and _holds(text, span, following):
                larger = _state_after(text, span, following, states)
                group.within.extend(
                    [larger] if larger is not None
                    else [m.entity for m in following.meanings if m.entity.feature in ("country", "region")]
                )  # fmt: skip
    return groups, keys


def _holds(text: str, span: Span, following: Span) -> bool:
    gap = following.start - span.end
    return 0 < gap <= _LONGEST_GAP and INSIDE.match(text[span.end : following.start]) is not None


def _state_after(text: str, before: Span, span: Span, states: Mapping[str, Entity]) -> Entity | None:
    """The state that a name means after a town of it, or None."""
    state = states.get(span.plain)
    if state is None or text[before.end : span.start] != ", ":
        return None
    largest = max(meaning.entity.population for meaning in before.meanings)
    if any(m.entity.admin1 == state.admin1 and m.entity.population * _KNOWN_AS >= largest for m in before.meanings):
        return state
    return None
