"""Which places of a text stand in one sentence, and whether the sentence speaks of a road."""

from __future__ import annotations

import re
from bisect import bisect_right

from agents.match.phrase import fold

_MAX_SENTENCE = 600
"""A longer one is cut: places further apart than this are not named together."""
# A sentence ends at its mark before a space, but not after a single letter (an initial), or at a line break.
# Possessive, and begun only at the first of a run of marks: linear on a text of nothing but marks.
_END = re.compile(r"(?<![.!?؟…])(?<![\s.][^\W\d_])[.!?؟…]++[»”\"')\]]*+(?=\s|$)|\n")
# Beginnings of the words for a road, or for what travels on one, in folded French, English, Arabic, Spanish, Russian
# and Turkish; `$` marks a word that is whole.
_ROAD_STEMS = (
    "route autoroute axe$ axes$ chaussee troncon relie reliant relier road$ roads$ roadway highway motorway freeway "
    "link$ links$ linking connect convoi convoy checkpoint barrage$ poste$ طريق الطريق طرق الطرق اوتوستراد الاوتوستراد "
    "قافله القافله carretera autopista autovia ruta$ дорог трасс шоссе автомагистрал yolu yolun karayol otoyol otoban"
)
_ROAD = re.compile(
    r"(?<!\w)(?:[وف]?[بل]?)?(?:" + "|".join(stem.replace("$", r"(?!\w)") for stem in _ROAD_STEMS.split()) + ")"
)


def sentence_ends(text: str) -> list[int]:
    """Where each sentence ends (exclusive), in order; the last is the text's length."""
    ends: list[int] = []
    start = 0
    for end in [*(match.end() for match in _END.finditer(text)), len(text)]:
        while end - start > _MAX_SENTENCE:
            start += _MAX_SENTENCE
            ends.append(start)
        if end > start:
            ends.append(end)
            start = end
    return ends


def sentence_number(ends: list[int], position: int) -> int:
    """Which sentence (from 0) holds the character at `position`."""
    return bisect_right(ends, position)


def speaks_of_a_road(sentence: str) -> bool:
    """Whether a sentence has a word for a road, or for what travels or stands on one."""
    return _ROAD.search(fold(sentence)) is not None
