"""Text with spans marked, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to mark, in code points, end exclusive; `kind` is the class of its `mark`, `title` is told on hovering."""

    start: int
    end: int
    kind: str
    title: str = ""


def marked(text: str, marks: Sequence[Mark]) -> str:
    """The text as HTML with its marks; of two that overlap the one that begins first stays, then the longer one."""
    parts: list[str] = []
    at = 0
    for one in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if one.start < at or one.end <= one.start:
            continue
        parts.append(escape(text[at : one.start]))
        title = f' title="{escape(one.title)}"' if one.title else ""
        parts.append(f'<mark class="{escape(one.kind)}"{title}>{escape(text[one.start : one.end])}</mark>')
        at = one.end
    parts.append(escape(text[at:]))
    return "".join(parts).replace("\n", "<br>")
