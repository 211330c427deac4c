"""Little towns with no sign of their own beside them, told by two other places of the text that lie nearby.

A model that was taught on large cities takes Goundam or Spin Boldak for an organisation, or for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.enrich.context import after_title, inside_person_name
from agents.enrich.groups import INSIDE
from agents.enrich.span import Span, is_big, named
from agents.enrich.wordlike import near_another
from agents.names.scan import Found, Meanings
from agents.names.words import is_ordinary

_WITHIN_KM = 120.0
_ENOUGH = 2
"""Other names nearby that leave little to chance."""
_LONGEST_GAP = 16
_SHORTEST = 4
_SURNAMES = frozenset(("US", "CA", "GB", "IE", "AU", "NZ"))
"""Countries whose little towns bear the surnames that their news is full of."""
_MOST = 60
"""Names of a field that are looked at, and sure ones that they are put beside: a bound on time."""


def amid_others(
    text: str, weak: Iterable[tuple[Found, Meanings]], chosen: Sequence[Span], beside: Sequence[Span] = ()
) -> list[Span]:
    """The names, each with its places, that two other sure names of the text, or of its other field, lie near."""
    sure = {
        span.plain: (span.start, span.end, span.meanings)
        for span in (*chosen, *beside)
        if span.kind == "place" and span.meanings and span.strength > 0.6
    }
    taken = {span.start for span in chosen}
    found: list[Span] = []
    lands = [span for span in chosen if span.kind == "place" and span.meanings and is_big(span.meanings[0].entity)]
    for name, places in list(weak)[:_MOST] if len(sure) >= _ENOUGH or lands else ():
        if name.start in taken or not _may_be(text, name) or _SURNAMES & {m.entity.country for m in places}:
            continue
        if any(_lies_in(text, name, places, land) for land in lands[:_MOST]):
            found.append(named(name, "place", places, 0.65, "before its country"))
            continue
        near = 0
        for plain, other in list(sure.items())[:_MOST]:
            near += plain != name.plain and near_another(places, (other,), _WITHIN_KM)
            if near == _ENOUGH:
                found.append(named(name, "place", places, 0.65, "amid places nearby"))
                break
    return found


def _lies_in(text: str, name: Found, places: Meanings, land: Span) -> bool:
    """Whether a country or region that the place lies in stands right after it (`par Bassikounou, en Mauritanie`)."""
    gap = land.start - name.end
    if not 0 < gap <= _LONGEST_GAP or not INSIDE.match(text[name.end : land.start]):
        return False
    countries = {meaning.entity.country for meaning in land.meanings}
    return any(meaning.entity.country in countries for meaning in places)


def _may_be(text: str, name: Found) -> bool:
    if len(name.plain) < _SHORTEST or not name.surface[:1].isupper() or is_ordinary(name.plain):
        return False
    return not after_title(text, name.start) and not inside_person_name(text, name.start, name.end)
