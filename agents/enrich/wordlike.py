"""Names of places that are also ordinary words, above all in Arabic: what around them says that a place is meant.

Arabic has no capital letters, so `السفيرة` may be a town or an ambassador and `الباب` a town or a door.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence

from agents.enrich.context import inside_person_name, is_sited, locative_before
from agents.enrich.meant import meant
from agents.enrich.prefilter import Ending
from agents.enrich.span import Span, named
from agents.names.entity import Entity
from agents.names.scan import Found, Meanings
from agents.names.words import arabic_word, is_ordinary

NEAR_KM = 130.0
_LISTED_KM = 450.0
_WELL_KNOWN = 60_000
_TOWN = 50_000
"""People of a town that a text in a language without a model means by its main name with no other sign."""
_FEATURE = Ending(
    r"(?:^|\s)[وفبلك]{0,2}(?:مدينتي|مدينة|مدينه|بلدة|بلدتي|بلدات|قرية|قريتي|قرى|ناحية|قضاء|محافظة|محافظتي|ولاية|مديرية|"
    r"ريف|ريفي|معبر|مطار|مخيم|جبهة|معركة|أهالي|اهالي|سكان|ضواحي|ضاحية|أطراف|اطراف|محيط|بادية|آثار|قلعة|مستشفى|مشفى|بلدية|"
    r"اقتحام|جسر|سد|مفرق|ميناء|مرفأ|قاعدة|شرق|غرب|شمال|جنوب|شرقي|غربي|شمالي|جنوبي|شهر|شهرستان|استان|روستای)\s+$"
)
_ROAD = re.compile(r"(?:طريق|الطريق|أوتوستراد|اوتوستراد|محور)\s(?:\S+\s){0,4}$")
_CLOSE = Ending(
    r"(?:^|\s)[وف]?(?:قرب|باتجاه|نحو|تجاه|بين|في|فى|إلى|الى|داخل|وسط|عبر|حتى|صوب|مدخل|مداخل|أحياء|شوارع|در|نزدیک|سوی)\s+$"
)
_ROAD_BEFORE = re.compile(r"(?<!\w)(?:[Vv]ía|[Cc]arretera|[Aa]utopista|[Rr]uta|[Tt]ramo|[Ee]je) $")
_HELD = Ending(
    r"(?:^|\s)[وفبلك]?(?:أبناء|ابناء|وجهاء|شيوخ|عشائر|شباب|نازحي|نازحو|مهجري|محال|محلات|أسواق|اسواق|سوق|مدارس|مزارع|بساتين|"
    r"مشارف|تخوم|استعادة|سقوط|دخول|تحرير|حصار|قصف|قصفت|قصفوا|شرطة|مجلس|قائمقام|مستوصف|جامعة|حقول|تلال|آبار|سهل)\s+$"
)
"""What belongs to a town or is done to it: with a place nearby, the name after it is one."""
_NOUN_BEFORE = re.compile(r"(?:^|\s)[وفبك]?(?:ال|لل)\S{2,}\s+$")
_FROM = Ending(r"(?:^|\s)[وف]?(?:من|عن|على|حول|حصار|از|به|تا)\s+$")
_COUNTRY_AFTER = re.compile(
    r"(?:(?:^|[.،؛:!؟«\"(\n-])\s*|(?:^|\s)[وف]?(?:في|فى|إلى|الى|من|عن|على|حول|شرق|غرب|شمال|جنوب|وسط|داخل|خارج|نحو|باتجاه|"
    r"عبر|بين|ضد|مع|كل|دولة|حكومة|رئيس)\s+)$"
)
"""What stands before a country whose name is also the feminine of its people (`في سورية`, but `عائلة سورية`)."""
_DESCRIBED = re.compile(
    r"^\s+(?!الواقع|الخاضع|المحاصر|الحدودي|الاستراتيجي|السوري|العراقي|الليبي|اليمني|الأسبوع|اليوم|"
    r"الليلة|الشهر|"
    r"العام|الجمعة|السبت|الأحد|الاثنين|الإثنين|الثلاثاء|الأربعاء|الخميس|الساعة|التي|الذي)ال\S{3,}"
    r"|^\s+(?:أخرى|آخر|عديدة|كثيرة|جديدة|جديد|قديمة|مختلفة|متعددة|متداولة|واحدة|واحد|كامل|كاملة)\b"
)
"""An adjective after a noun describes a thing: `السفيرة الأميركية`, `الباب الرئيسي`, `صور أخرى`."""
_SITED = re.compile(
    r"^\s+(?:بريف|في ريف|بمحافظة|في محافظة|بقضاء|في قضاء|التابعة|شرق|غرب|شمال|جنوب|شرقي|غربي|شمالي|جنوبي|قرب)\s"
)
_LISTED = re.compile(r"^(?:\s?[،,]\s?و?|\s+و|\s?[-‐‑–—/]\s?| (?:and|et|y|e|und|и|та|ve) )(?:ال)?$")
_AS_A_THING = Ending(
    r"(?:^|\s)[وفبلك]?(?:قبل|بعد|عند|أمام|خلف|نصبت|فتح|فتحت|أغلق|هذا|هذه|تلك|كل|بعض|أما|نشر|نشرت|التقاط|إن|أن)\s+$"
)
_LOOK_BACK = 60
_BESIDE = 12

_SETTLEMENT = re.compile(r"^(?:مدينه|بلده|قريه|ناحيه|قضاء) ")
_ARABIC = re.compile("[\u0600-\u06ff]")
_PERSIAN = re.compile("[پچژگکی]")
_DOUBLED = "\u0651"
_LARGE, _MIDDLING = 700_000, 300_000
"""People of a town by whose name of at most four, of five letters a text with no other sign means the town."""


def _word_of(text: str, name: Found, places: Meanings) -> str:
    """The kind of word an Arabic name is, with `weak` for a town too little known to be meant by a short name alone.

    Nothing for a country's or a region's name, but `people` where it is also an adjective (`سورية`).
    """
    if meant(places).big:
        if arabic_word(name.plain) == "persian" and not _persian(text, name):
            return "never"
        return "people" if _feminine(name, places) else ""
    kind = arabic_word(name.plain)
    if kind == "doubled":
        return "never" if _DOUBLED in name.surface else ""
    if kind:
        return "" if name.plain in _PERSIAN_TOWNS and _persian(text, name) else kind
    described = (m.entity.source.startswith(("pack:", "watch:", "names")) and not m.alias for m in places)
    if any(described):
        return ""
    letters = len(name.plain.removeprefix("ال"))
    enough = 100_000 if letters > 5 else _MIDDLING if letters == 5 else _LARGE
    return "" if any(meaning.entity.population >= enough for meaning in places) else "weak"


def _persian(text: str, name: Found) -> bool:
    """Whether letters that only Persian has stand around a name."""
    return _PERSIAN.search(text, max(0, name.start - _LOOK_BACK), name.end + _LOOK_BACK) is not None


_PERSIAN_TOWNS = frozenset(("مشهد",))


def _feminine(name: Found, places: Meanings) -> bool:
    """Whether a country's name, as Persian or Syrians write it, is also what belongs to it (`تركية`, `سورية`)."""
    return name.surface.endswith("ة") and any(
        meaning.entity.feature == "country" and len(meaning.entity.names) > 1 and name.plain.endswith("يه")
        for meaning in places
    )


_REPEATED = 0.85
_PASSES = 2
_AROUND = 200
"""Names of a field that are looked at beside each other: a bound on time."""


def is_word(text: str, name: Found, places: Meanings, *, has_model: bool) -> bool:
    """Whether a name is judged by the places around it: an Arabic word, a pack's place by an ordinary word, and in a
    language without a model any little-known town by a single word (in German every noun is capitalised).
    """
    if " " in name.plain:
        return False
    if _ARABIC.match(name.plain):
        return bool(_word_of(text, name, places))
    theatre, large = meant(places).theatre, meant(places).big
    if theatre or large:
        return theatre and not large and is_ordinary(name.plain) and locative_before(text, name.start)
    if has_model:
        return False
    return not any(
        meaning.entity.population >= (_TOWN if meaning.main else _MIDDLING) or meaning.entity.source == "names"
        for meaning in places
    )


def said_to_be_places(
    text: str, words: list[tuple[Found, Meanings]], chosen: list[Span], known: Collection[str] = ()
) -> list[Span]:
    """The names that are words too and that their surroundings make places; `known` are sure in another field."""
    around = [(span.start, span.end, span.meanings) for span in chosen if span.kind == "place" and span.meanings]
    around = around[:_AROUND]
    found: list[Span] = []
    waiting = words[:_AROUND]
    for _ in range(_PASSES):  # one that is told by another's neighbourhood may tell the next
        waiting, told = [], waiting
        for name, places in told:
            arabic = _ARABIC.match(name.plain)
            sure = (strength_of_word if arabic else _strength_beside)(text, name, places, around)
            if sure:
                # a village of a name that is known far away only: a place, and not that one
                meant = places if not around or _may_be_here(places, around) else ()
                found.append(named(name, "place", meant, sure, "word that its surroundings make a place"))
                around.append((name.start, name.end, places))
            else:
                waiting.append((name, places))
    certain = {span.plain for span in found if span.strength >= _REPEATED} | set(known)
    certain.update(filter(None, (_SETTLEMENT.sub("", span.plain) for span in chosen if _SETTLEMENT.match(span.plain))))
    taken = {span.start for span in found}
    for name, places in words:
        if name.plain in certain and name.start not in taken and not _is_a_thing(text, name):
            found.append(named(name, "place", places, 0.65, "named as a place elsewhere in the text"))
    return found


def beside_others(text: str, weak: list[tuple[Found, Meanings]], chosen: list[Span], *, has_model: bool) -> list[Span]:
    """Names that alone would not do, joined by `and` or a comma to a sure place nearby; without a model also those of
    several words, and Arabic ones that are no words, that lie near one.
    """
    sure = sorted((s.start, s.end, s.meanings) for s in chosen if s.kind == "place" and s.meanings and s.strength > 0.6)
    starts = [start for start, _, _ in sure]
    found: list[Span] = []
    for name, places in weak if sure else ():
        at = bisect_left(starts, name.start)
        next_to = [
            other for other in sure[max(0, at - 1) : at + 1]
            if _LISTED.match(text[other[1] : name.start] if other[1] <= name.start else text[name.end : other[0]])
        ]  # fmt: skip
        clear = not has_model and (" " in name.plain or _ARABIC.match(name.plain) is not None)
        long = clear and near_another(places, sure[:_AROUND])
        if (long or near_another(places, next_to)) and not inside_person_name(text, name.start, name.end):
            found.append(named(name, "place", places, 0.65, "beside a place nearby"))
    return found


def _may_be_here(places: Meanings, around: Sequence[tuple[int, int, Meanings]]) -> bool:
    """Whether a name can mean a place near the others, or one that is known anywhere."""
    large = any(m.entity.population >= _WELL_KNOWN or m.entity.source != "geonames" for m in places)
    return large or near_another(places, around, _LISTED_KM)


def _strength_beside(text: str, name: Found, places: Meanings, around: Sequence[tuple[int, int, Meanings]]) -> float:
    """How sure it is that a name that may be a word means a place, by a preposition or list and a place nearby."""
    if not (
        is_sited(text, name.start, name.end)
        or _ROAD_BEFORE.search(text, max(0, name.start - 12), name.start)
        or _in_a_list(text, name, around, places)
    ):
        return 0.0
    return 0.75 if near_another(places, around) else 0.0


def strength_of_word(text: str, name: Found, places: Meanings, around: Sequence[tuple[int, int, Meanings]]) -> float:
    """How sure it is that an Arabic name that is also a word means a place here, 0 to 1.

    `around` are the start, end and meanings of the places found beside it, in text order.
    """
    kind = _word_of(text, name, places)
    if kind == "never":
        return 0.0
    before = text[max(0, name.start - _LOOK_BACK) : name.start]
    if kind == "people":
        own = any(name.surface in meaning.entity.names for meaning in places)
        return 0.7 if own and _COUNTRY_AFTER.search(before) else 0.0
    if _FEATURE.ends(before):
        return 0.9
    beside = any(0 <= name.start - end <= _BESIDE or 0 <= start - name.end <= _BESIDE for start, end, _ in around)
    if beside and _ROAD.search(before):
        return 0.9
    if is_described(text, name.end):
        return 0.0
    near = near_another(places, around)
    if near and _SITED.match(text[name.end : name.end + 24]):
        return 0.85
    if near and kind == "weak" and _HELD.ends(before):
        return 0.8
    if _in_a_list(text, name, around, places):
        return 0.85
    thing = kind == "thing"
    if _CLOSE.ends(before):
        well_known = kind != "weak" or max(meaning.entity.population for meaning in places) >= _WELL_KNOWN
        return 0.8 if near else 0.0 if thing or not well_known else 0.7
    if _FROM.ends(before):
        return 0.7 if near and not thing else 0.0
    return 0.0


def _is_a_thing(text: str, name: Found) -> bool:
    """Whether the word stands here with an adjective, or without the article that its name has, as a thing does."""
    if is_described(text, name.end):
        return True
    before = text[max(0, name.start - _LOOK_BACK) : name.start]
    if arabic_word(name.plain) != "thing":
        return False
    # an adjective has the article of the noun before it: `الثوب الأبيض`
    agreeing = name.surface.startswith("ال") and _NOUN_BEFORE.search(before) is not None
    return agreeing or _AS_A_THING.ends(before)


def is_described(text: str, end: int) -> bool:
    """Whether an adjective stands right after: `السفيرة الأميركية` is an ambassador."""
    return _DESCRIBED.match(text[end : end + 24]) is not None


def _in_a_list(text: str, name: Found, around: Iterable[tuple[int, int, Meanings]], places: Meanings) -> bool:
    """Whether a place of the same country or nearby stands right before or after it, joined by a comma or `and`."""
    for start, end, meanings in around:
        gap = text[end : name.start] if end <= name.start else text[name.end : start]
        if len(gap) <= 5 and _LISTED.match(gap) and near_another(places, [(start, end, meanings)], _LISTED_KM):
            return True
    return False


def near_another(places: Meanings, around: Iterable[tuple[int, int, Meanings]], within_km: float = NEAR_KM) -> bool:
    """Whether a likely sense of a name lies near a likely sense of another place, or in a region's country."""
    mine = meant(places).likely
    for _, _, meanings in around:
        for other in meant(meanings).likely[:3]:
            if any(other.id != entity.id and _km(entity, other) <= within_km for entity in mine):
                return True
    return False


def _km(one: Entity, other: Entity) -> float:
    if other.feature == "region" and other.country == one.country:
        return 0.0
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return math.inf
    if other.feature in ("country", "continent", "area", "sea", "ocean"):
        return math.inf
    north = (one.lat - other.lat) * 111.2
    east = (one.lon - other.lon) * 111.2 * math.cos(math.radians((one.lat + other.lat) / 2))
    return math.hypot(north, east)
