"""Names found in text: what they may mean, and which of those that overlap are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from agents.names.entity import Entity
from streams.frozen import soon_made

Meanings = tuple["Meaning", ...]
_REMEMBERED = 50_000


@soon_made
@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name found in text may stand for."""

    entity: Entity
    main: bool = False
    """The spelling is the entity's main name, not one of its other names."""
    article: bool = False
    """The spelling bears the Arabic article, which may be glued to a preposition."""
    code: bool = False
    """An abbreviation that means the place only after a comma (`Athens, Ga.`, `Lexington, KY`)."""
    dotted: bool = False
    """The spelling ends with a full stop, which belongs to the name."""
    exact: tuple[str, ...] = ()
    """The only forms in which it counts (acronyms that, in other letters, are words); empty for any."""
    alias: bool = False
    """The gazetteer alone gives the spelling to a place that a pack or a watch describes by others."""
    spellings: int = 1
    """How many names the gazetteer has for the place: the better known it is, the more."""


class Found(NamedTuple):
    """A name in the text; offsets are into the original text."""

    start: int
    end: int
    surface: str
    plain: str
    """The name as spelled in folded text."""
    meanings: Meanings
    shouted: bool = False
    """All in capitals."""


def longest(found: list[Found]) -> list[Found]:
    """The leftmost longest names, none overlapping, meanings of one span joined; in text order."""
    found.sort(key=lambda name: (name.start, -name.end))
    kept: list[Found] = []
    reach = -1
    for name in found:
        if kept and name.start == kept[-1].start and name.end == kept[-1].end:
            kept[-1] = joined(kept[-1], name)
        elif name.start >= reach:
            kept.append(name)
            reach = name.end
        elif _behind_article(kept[-1], name):
            kept[-1] = name
            reach = name.end
    return kept


_ARTICLES = frozenset(("l", "la", "le", "les", "el", "los", "las", "the"))


def _behind_article(place: Found, name: Found) -> bool:
    """Whether a place takes an article from another name: `L'Union` is a town, `L'Union européenne` an actor."""
    if place.surface[: name.start - place.start].strip(" '’").lower() not in _ARTICLES:
        return False
    acts = any(meaning.entity.kind == "actor" for meaning in name.meanings)
    return name.end > place.end or (
        name.end == place.end and acts and not any(meaning.entity.kind == "actor" for meaning in place.meanings)
    )


def joined(one: Found, other: Found) -> Found:
    """One span found in two sources, with the meanings of both."""
    meanings = _both(one.meanings, other.meanings)
    return Found(one.start, one.end, one.surface, one.plain, meanings, one.shouted and other.shouted)


_BOTH: dict[tuple[int, int], tuple[Meanings, Meanings, Meanings]] = {}


def _both(some: Meanings, others: Meanings) -> Meanings:
    """The meanings of both; the same two give the same tuple, so that what follows from it is told once."""
    met = _BOTH.get((id(some), id(others)))
    if met is not None:  # it holds the two, so their ids are theirs alone
        return met[2]
    by_id = {meaning.entity.id: meaning for meaning in some}
    for meaning in others:
        same = by_id.get(meaning.entity.id)
        if same is None or (same.alias and not meaning.alias):
            by_id[meaning.entity.id] = meaning
    if len(_BOTH) >= _REMEMBERED:
        _BOTH.clear()
    return _BOTH.setdefault((id(some), id(others)), (some, others, tuple(by_id.values())))[2]
