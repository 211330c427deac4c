"""Things, bodies and houses that bear the name of a town, which is then not what the text speaks of.

A thing (`savon d'Alep`, `Treaty of Versailles`) never is the town. A body (`University of Aleppo`) is not either,
unless something happens at its seat: a preposition of place stands before it, or it is hit, stormed or closed. A house
or street (`Hotel Beirut`, `rue de Damas`) bears the name where it is written as one, and lies in the town where it is
not (`a Kabul hotel`, `un hôtel de Beyrouth`).
"""

from __future__ import annotations

import re

_HOUSE = re.compile("(?:hotel|hôtel|restaurant|cafe|cinéma|club)$")
_CAPITAL = frozenset((
    "real", "inter", "sporting", "stade", "racing", "dynamo", "olympique", "jack", "miss", "julian", "lionel", "calle",
    "hotel", "restaurant", "cafe", "street", "avenue", "boulevard", "derby", "cup", "agreement", "agreements", "accord",
    "process", "declaration",
))  # fmt: skip
"""Things that bear a name only where they begin with a capital: a stadium or a street of the town itself does not."""
_STREET = re.compile("(?:rue|avenue|boulevard|quai)$")
_A_STREET = re.compile(r"\b(?:une|cette|quelle|autre|grande|petite|a|another) $", re.IGNORECASE)
_BEFORE = re.compile(r"^(?:\s|[\s'’]?(?:\s(?:d['’]|de la |de l['’]|de |du |des |del |of |of the |ال)))$")
_AFTER = re.compile(r"^(?:['’]s)?[\s-]$")
_AN_INSTANCE = re.compile(
    r"\b(?:an?|another|some|two|three|several|une?|cette|ce|deux|trois|plusieurs|una?|varios|dos) $", re.IGNORECASE
)
"""One of several, which nobody calls by its name: `une banque de Damas`."""
_AT = re.compile(
    r"(?:\b(?:(?:in|at|near|outside|inside|into|around|against|on|towards?|behind|beside|opposite) (?:the )?|"
    r"(?:à|dans|devant|derrière|contre|sur|près de|autour de|vers) (?:la |l['’]|le |les )?|"
    r"(?:en|contra|cerca de|hacia|frente a) (?:la |el |las |los )?)|"
    r"(?:^|\s)[وف]?(?:في|فى|قرب|داخل|أمام|امام|حول|إلى|الى|نحو|محيط|على) )$",
    re.IGNORECASE,
)
_WORKS_THERE = re.compile(
    r"\b(?:professor|lecturer|student|researcher|scholar|economist|historian|expert|analyst|dean|rector|teaches|"
    r"professeure?|enseignante?|étudiante?|chercheu(?:r|se)|économiste|historien(?:ne)?|expert|doyen(?:ne)?|"
    r"profesora?|investigadora?|economista|أستاذ|أستاذة|محاضر|باحث|باحثة|عميد|طالب|طالبة)\b[^.,;]{0,30}$",
    re.IGNORECASE,
)
_STRUCK = re.compile(
    r"\b(?:hit|struck|shelled|bombed|stormed|attacked|targeted|destroyed|damaged|besieged|seized|captured|raided|"
    r"evacuated|burned|looted|closed|reopened|explosions?|blast|shelling|protests?|"
    r"visé|frappé|bombardé|touché|attaqué|saisi|endommagé|détruit|incendié|évacué|pillé|fermé|rouvert|assiégé|"
    r"bombardead[ao]|atacad[ao]|alcanzad[ao]|destruid[ao]|asaltad[ao]|cerrad[ao]|evacuad[ao]|atacó|bombardeó)"
    r"(?:e?s?)\b|(?:قصف|استهدف|اقتحم|طال|أصاب|دمر|أغلق|إغلاق|تفجير|انفجار|هجوم|اقتحام|إخلاء|احتراق|حريق)",
    re.IGNORECASE,
)
_LOOK_BACK, _LOOK_AHEAD = 48, 40


def names_a_thing(text: str, begin: int, stop: int, start: int) -> bool:
    """Whether a thing stands before a name that it bears: `savon d'Alep`, but no restaurant in the town itself."""
    gap = text[stop:start]
    thing = text[begin:stop].lower()
    if thing in _CAPITAL and text[begin].islower() and not (gap == " " and _HOUSE.match(thing)):
        return False
    if gap != " " and (
        _HOUSE.match(thing) or (_STREET.match(thing) and _A_STREET.search(text, max(0, begin - 8), begin))
    ):
        return False
    return _BEFORE.match(gap) is not None


def bears_a_name(text: str, end: int, begin: int, stop: int) -> bool:
    """Whether a thing stands right after the name that it bears: `Aleppo soap`; a house with a capital letter."""
    if _AFTER.match(text[end:begin]) is None:
        return False
    return text[begin].isupper() or text[begin:stop] not in _CAPITAL


def is_a_body(text: str, begin: int, stop: int, start: int, end: int) -> bool:
    """Whether a word for a body and a name beside it are that body's own name, and nothing is told of its seat.

    The word stands at `begin` to `stop`, the name at `start` to `end`.
    """
    if stop <= start:
        if _BEFORE.match(text[stop:start]) is None:
            return False
    elif _AFTER.match(text[end:begin]) is None or not text[begin].isupper():
        return False
    first, last = min(begin, start), max(stop, end)
    before = text[max(0, first - _LOOK_BACK) : first]
    if _AN_INSTANCE.search(before):
        return False
    if _AT.search(before) and not _WORKS_THERE.search(before):
        return False
    return not (_STRUCK.search(_clause_end(before)) or _STRUCK.search(_clause(text[last : last + _LOOK_AHEAD])))


def _clause(after: str) -> str:
    return re.split("[.,;:!?،؛؟\n]", after, maxsplit=1)[0]


def _clause_end(before: str) -> str:
    return re.split("[.,;:!?،؛؟\n]", before)[-1]
