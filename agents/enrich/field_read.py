"""One field of an article with what was found in it, and what its fields tell each other."""

from __future__ import annotations

from dataclasses import dataclass

from agents.enrich.meant import meant
from agents.enrich.recognise import ModelSpan
from agents.enrich.span import Span
from agents.enrich.spans import choose, sure_names
from agents.names.key import Folded
from agents.names.scan import Found, longest
from streams.records import Field


@dataclass(slots=True)
class FieldRead:
    """One field with what was found in it."""

    field: Field
    text: str
    folded: Folded
    peoples: list[Found]
    """Words for a people (`Syrian`), each with its country."""
    spans: list[Span]
    routes: list[Found]
    names: list[Found]
    model: list[ModelSpan]


def agree(reads: list[FieldRead], *, has_model: bool) -> None:
    """Read each field again where another leaves no doubt that a name in it is a place's."""
    sure = [sure_names(read.spans) for read in reads]
    for at, read in enumerate(reads):
        known = set[str]().union(*(names for other, names in enumerate(sure) if other != at)) - sure[at]
        if known and (any(name.plain in known for name in read.names) or _unread(read)):
            names, beside = longest(read.names), [s for other in reads if other is not read for s in other.spans]
            read.spans = choose(
                read.text, names, read.model, has_model=has_model, nested=read.names, known=known, beside=beside
            )


def _unread(read: FieldRead) -> bool:
    """Whether a title holds a name that was not read as a place."""
    if read.field != "title":
        return False
    taken = {span.start for span in read.spans if span.kind == "place"}
    return any(name.start not in taken and meant(name.meanings).places for name in read.names)
