"""Names of places that are also ordinary words, above all in Arabic: what around them says that a place is meant.

Arabic has no capital letters, so `السفيرة` may be a town or an ambassador and `الباب` a town or a door.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Iterable, Sequence

from agents.enrich.context import locative_before
from agents.enrich.locate import prior
from agents.enrich.span import BIG, Span, named
from agents.names.entity import Entity
from agents.names.scan import Found, Meanings
from agents.names.words import is_ordinary

NEAR_KM = 130.0
_FEATURE = re.compile(
    r"(?:^|\s)[وفبلك]{0,2}(?:ال)?(?:مدينتي|مدينة|بلدة|بلدتي|بلدات|قرية|قريتي|قرى|ناحية|قضاء|محافظة|ريف|ريفي|معبر|"
    r"مطار|مخيم|جبهة|معركة|أهالي|سكان|ضواحي|ضاحية|أطراف|محيط|بادية|آثار|قلعة|مستشفى|مشفى|بلدية|"
    r"حصار|اقتحام|جسر|سد|مفرق|ميناء|مرفأ|قاعدة|شرق|غرب|شمال|جنوب|شرقي|غربي|شمالي|جنوبي|شهر|شهرستان|استان|روستای)\s+$"
)
_ROAD = re.compile(r"(?:طريق|الطريق|أوتوستراد|اوتوستراد|محور)\s(?:\S+\s){0,4}$")
_CLOSE = re.compile(r"(?:^|\s)[وف]?(?:قرب|باتجاه|نحو|تجاه|بين|في|إلى|الى|داخل|وسط|عبر|حتى|صوب)\s+$")
_FROM = re.compile(r"(?:^|\s)[وف]?(?:من|عن|على|حول)\s+$")
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
_LISTED = re.compile(r"^(?:\s?[،,]\s?و?|\s+و|\s?[-‐‑–—/]\s?)(?:ال)?$")
_LOOK_BACK = 60
_BESIDE = 12

_NEVER = frozenset((
    "شرق", "غرب", "شمال", "جنوب", "وسط", "مركز", "مدينه", "قريه", "بلده", "بلد", "حي", "جبل", "وادي", "نهر", "بحر",
    "عين", "راس", "سد", "جسر", "بيت", "دار", "سوق", "ساحل", "عنه", "دور", "علم", "نور", "سلام",
))  # fmt: skip
"""Words for kinds of places and the like: alone they name none."""
_THINGS = frozenset((
    "باب", "حمام", "طبقه", "ميادين", "صور", "خمس", "حجه", "عماره", "قايم", "خيام", "تل", "زاويه", "مرج", "قبه", "جوف",
    "طور", "ميدان", "قصر", "شجره", "صوره", "كسوه", "ابيض", "بيضاء", "عاليه", "برج", "حراك", "خليل", "حريه", "وحده",
    "ثوره", "نصر", "امل", "خان", "شهداء", "سعيد", "كريم", "امير", "سيد", "محمد", "احمد", "علي", "حسن", "حسين", "عمر",
    "خالد", "صالح", "ناصر", "جميل",
))  # fmt: skip
"""Words that stand as well after a preposition when no place is meant (`من الباب`, `في صور`)."""
_QUALITIES = frozenset((
    "سفيره", "سلميه", "قصير", "رطبه", "حديثه", "تدمر", "مخمور", "سخنه", "ناصره", "قريتين", "مهاجرين", "مدني", "صبوره",
    "مهين", "نوي", "جاسم", "ازرع", "عبور", "سادات", "موزع", "حرض", "عبس", "رمله", "كبير", "صغير", "جديد", "جديده",
    "قديم", "قديمه",
))  # fmt: skip
"""Adjectives, persons and verbs: after a preposition that means `in` or `to` a place is meant."""


def arabic_word(plain: str) -> str:
    """`never`, `thing` or `quality` where a folded Arabic name of one word is an ordinary word too, else nothing."""
    for bare in (plain, plain.removeprefix("ال"), plain.removeprefix("ل")):
        if bare in _NEVER:
            return "never"
        if bare in _THINGS:
            return "thing"
        if bare in _QUALITIES:
            return "quality"
    return ""


_REPEATED = 0.85
_AROUND = 200
"""Names of a field that are looked at beside each other: a bound on time."""


def is_word(text: str, name: Found, places: Meanings) -> bool:
    """Whether a name is judged by the places around it: an Arabic word, or a pack's place by an ordinary word."""
    if " " in name.plain:
        return False
    if not name.plain.isascii():
        return bool(arabic_word(name.plain))
    theatre = any(meaning.entity.source.startswith(("pack:", "watch:")) for meaning in places)
    large = any(meaning.entity.feature in BIG for meaning in places)
    return theatre and not large and is_ordinary(name.plain) and locative_before(text, name.start)


def said_to_be_places(text: str, words: list[tuple[Found, Meanings]], chosen: list[Span]) -> list[Span]:
    """The names that are words too and that their surroundings make places."""
    around = [(span.start, span.end, span.meanings) for span in chosen if span.kind == "place" and span.meanings]
    around = around[:_AROUND]
    found: list[Span] = []
    for name, places in words[:_AROUND]:
        if name.plain.isascii():
            sure = 0.75 if near_another(places, around) else 0.0
        else:
            sure = strength_of_word(text, name, places, around)
        if sure:
            found.append(named(name, "place", places, sure, "word that its surroundings make a place's name"))
            around.append((name.start, name.end, places))
    certain = {span.plain for span in found if span.strength >= _REPEATED}
    taken = {span.start for span in found}
    for name, places in words:
        if name.plain in certain and name.start not in taken and not is_described(text, name.end):
            found.append(named(name, "place", places, 0.65, "named as a place elsewhere in the text"))
    return found


def strength_of_word(text: str, name: Found, places: Meanings, around: Sequence[tuple[int, int, Meanings]]) -> float:
    """How sure it is that an Arabic name that is also a word means a place here, 0 to 1.

    `around` are the start, end and meanings of the places found beside it, in text order.
    """
    kind = arabic_word(name.plain)
    if kind == "never":
        return 0.0
    before = text[max(0, name.start - _LOOK_BACK) : name.start]
    if _FEATURE.search(before):
        return 0.9
    beside = any(0 <= name.start - end <= _BESIDE or 0 <= start - name.end <= _BESIDE for start, end, _ in around)
    if beside and _ROAD.search(before):
        return 0.9
    if is_described(text, name.end):
        return 0.0
    near = near_another(places, around)
    if near and _SITED.match(text[name.end : name.end + 24]):
        return 0.85
    if near and _in_a_list(text, name, around):
        return 0.85
    thing = kind == "thing"
    if _CLOSE.search(before):
        return 0.8 if near else 0.0 if thing else 0.7
    if _FROM.search(before):
        return 0.7 if near and not thing else 0.0
    return 0.0


def is_described(text: str, end: int) -> bool:
    """Whether an adjective stands right after: `السفيرة الأميركية` is an ambassador."""
    return _DESCRIBED.match(text[end : end + 24]) is not None


def _in_a_list(text: str, name: Found, around: Iterable[tuple[int, int, Meanings]]) -> bool:
    for start, end, _ in around:
        gap = text[end : name.start] if end <= name.start else text[name.end : start]
        if len(gap) <= 5 and _LISTED.match(gap):
            return True
    return False


def near_another(places: Meanings, around: Iterable[tuple[int, int, Meanings]]) -> bool:
    """Whether a likely sense of a name lies near a likely sense of another place, or in a region's country."""
    mine = [meaning.entity for meaning in heapq.nlargest(4, places, prior)]
    for _, _, meanings in around:
        for meaning in heapq.nlargest(3, meanings, prior):
            other = meaning.entity
            if any(other.id != entity.id and _km(entity, other) <= NEAR_KM for entity in mine):
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
