"""Towns that no list spells so and no model sees: what stands right after a word for a town.

`بلدة X`, `село X` or `ciudad de X` tells that X is one, whoever knows it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from agents.enrich.span import Span
from agents.names.key import spelling

MOST_UNSEEN = 20
"""Names of a field that are looked at: a bound on time."""
_CUES = {
    "fr": ("ville de ", "village de ", "localité de ", "bourgade de ", "bourg de "),
    "en": ("city of ", "town of ", "village of "),
    "ar": ("مدينة ", "بلدة ", "قرية ", "ناحية ", "مدينتي ", "بلدتي ", "مخيم "),
    "fa": ("شهر ", "شهرستان ", "روستای ", "شهرک "),
    "es": ("ciudad de ", "pueblo de ", "localidad de ", "aldea de ", "municipio de ", "villa de ", "en ",
        "En ", "hacia ", "Hacia ", "cerca de "),
    "ru": (
        "город ", "городе ", "города ", "городу ", "городом ", "село ", "селе ", "села ", "селу ", "посёлок ",
        "посёлке ", "посёлка ", "поселок ", "поселке ", "поселка ", "деревня ", "деревне ", "деревни ", "деревню ",
    ),
    "uk": ("місто ", "місті ", "міста ", "село ", "селі ", "села ", "селище ", "селищі "),
    "de": ("Stadt ", "Dorf ", "Ortschaft ", "Kleinstadt "),
    "it": ("città di ", "villaggio di ", "cittadina di "),
    "pt": ("cidade de ", "aldeia de ", "vila de ", "município de "),
}  # fmt: skip
_CAPITALISED = re.compile(
    r"(?:(?:al|el|as|ash|an|ad|ar|az|at)[- ])?(?:[^\W\d_a-zа-яіїєґß-ÿ][\w’'ʼ]+)"
    r"(?:[- ](?:(?:al|el|as|ash|an|ad|ar|az|at|ez|es)[- ])?[^\W\d_a-zа-яіїєґß-ÿ][\w’'ʼ]+){0,2}"
)
_ARABIC = re.compile("[\u0620-\u06d3]{3,}")
_ARABIC_TWO = re.compile("[\u0620-\u06d3]{2,} [\u0620-\u06d3]{3,}")


def unseen(text: str, language: str, spans: Sequence[Span]) -> list[Span]:
    """The names after words for towns that no span of the field covers, longer readings first."""
    cues = _CUES.get(language)
    if cues is None:
        return []
    starts = [span.start for span in spans]
    found: list[Span] = []
    for cue in cues:
        at = text.find(cue)
        while at >= 0 and len(found) < MOST_UNSEEN:
            after = at + len(cue)
            if not (at and text[at - 1].isalpha() and text[at - 1] not in "وفبلك"):
                for start, end in _names(text, after, language):
                    near = bisect_right(starts, start) - 1
                    if (near < 0 or spans[near].end <= start) and not any(
                        start <= one < end for one in starts[near + 1 :][:1]
                    ):
                        surface = text[start:end]
                        found.append(
                            Span(start, end, surface, spelling(surface), "place", (), 0.5, "named as a town")
                        )  # fmt: skip
            at = text.find(cue, after)
    return found


def _names(text: str, at: int, language: str) -> Iterator[tuple[int, int]]:
    patterns = (_ARABIC_TWO, _ARABIC) if language in ("ar", "fa") else (_CAPITALISED,)
    for pattern in patterns:
        if name := pattern.match(text, at):
            yield name.span()
