"""Actors that texts describe more than name: a people's army, the regime, a group's fighters, a country that acts.

English spans hold the article of a described body (`the Syrian army`), as the guidelines of OntoNotes and ACE have it
(Linguistic Data Consortium, "ACE English Annotation Guidelines for Entities", 2008); acronyms stand alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from agents.enrich.bodies_arabic import arabic_bodies
from agents.enrich.bodies_romance import romance_bodies
from agents.enrich.prefilter import Cued
from streams.frozen import soon_made

_BODIES_EN = (
    "army|armed forces|security forces|government forces|forces|force|military|troops|government|regime|"
    "air force|navy|police|militias?|parliament|intelligence|opposition|authorities|advisers|advisors|coalition|"
    "state media|coast guard|border guards?|special forces|defence ministry|defense ministry|foreign ministry|"
    "army command|rebels|people|civilians|officials|leaders|allies|partners|soldiers|fighters|militants|warplanes|"
    "service members|ships|companies|children|refugees|pilots|commanders|delegation|diplomats|peacekeepers"
)
_PEOPLE_EN = r"(?P<people>[A-Z][a-zA-Z]+(?:[ -][A-Z][a-z]+)?)"
_QUALITY = r"(?:(?:regional|military|democratic|armed|senior|security|special|ground|air|naval|regime) )?"
_ENGLISH = Cued(rf"\b{_PEOPLE_EN} {_QUALITY}(?:{_BODIES_EN})\b", holding=_BODIES_EN, begins=r"\b[A-Z]")
_STATES = Cued(rf"(?<![\w.])(?:U\.S\.|U\.K\.|US|UK) {_QUALITY}(?:{_BODIES_EN})\b")
_PLURAL = re.compile(r"\b[A-Z][a-z]+s\b(?! [a-z]+s\b)")
_DEFINITE = Cued(
    r"\b[Tt]he (?:regime|enemy|international community|rebels|opposition|militants|insurgents|jihadists|militia|"
    r"militias|ministry|ministers|coalition|Coalition)\b"
)
_CAPITALISED = Cued(
    r"(?<![-\w])Coalition(?: military)?(?: (?:forces|partners|aircraft|members|nations|troops|leaders))?\b"
)
_MEMBERS = re.compile(
    r"^ (?:tactical units?|fighters?|forces|militants|terrorists|members|partners|troops|soldiers|units?|leaders|"
    r"operatives|commanders|militiamen|gunmen|insurgents|officials|cells|loyalists)\b"
)
_RULED = Cued(
    r"\b[A-Z][a-z]+['’]s (?:[a-z]+ ){0,3}(?:regime|government|army|military|forces|troops|police|militia)\b"
    r"|\b(?:people|residents|inhabitants|citizens) of (?:eastern |western )?[A-Z][a-z]+\b",
    holding="regime|government|army|military|forces|troops|police|militia|(?:people|residents|inhabitants|citizens) of",
    within=80,
)
_ACTS = re.compile(
    r"^ (?:has|have|is|was|will|would|said|says|and its|remains|continues|condemns?|condemned|welcomes?|welcomed|calls|"
    r"called|supports|supported|must|can|should|urged|warned|announced|agreed|denied|accused|rejected|backs|backed|"
    r"sent|wants|insists?|launched|vowed|also|strongly|does|did|believes|stands|recogni[sz]es)\b"
)
ARTICLES = ("the ", "The ")


@soon_made
@dataclass(frozen=True, slots=True)
class Body:
    """A described actor; offsets in code points, the country it belongs to where that is told."""

    start: int
    end: int
    country: str | None
    why: str
    word: str = ""
    """What stands beside the people: `army`, `ejército`; empty where that is not told."""


def bodies(text: str, language: str, people_of: Callable[[str], str | None]) -> Iterator[Body]:
    """The bodies of peoples in English, French and Spanish; in English also peoples and what the article tells."""
    for first, end, code, body, why in romance_bodies(text, language, people_of):
        yield Body(first, end, code, why, body)
    for first, end, code, why in arabic_bodies(text, language, people_of):
        yield Body(first, end, code, why)
    for match in _ENGLISH.finditer(text) if language not in ("fr", "es") else ():
        people, start = match.group("people"), match.start()
        code = people_of(people)
        if code is None and " " in people:
            start += people.index(" ") + 1
            code = people_of(people.partition(" ")[2])
        if code is not None:
            yield Body(start, match.end(), code, "a body of a people", _after_people(match.group()))
    if language != "en":
        return
    for match in _STATES.finditer(text):
        yield Body(match.start(), match.end(), "GB" if "K" in match.group()[:4] else "US", "a body of a country")
    for match in _PLURAL.finditer(text):
        code = people_of(match.group())
        if code is not None and not match.group().endswith("ss"):  # `Swiss` is no plural
            yield Body(match.start(), match.end(), code, "a people")
    for pattern in (_DEFINITE, _CAPITALISED, _RULED):
        for match in pattern.finditer(text):
            yield Body(match.start(), match.end(), None, "a body that the text speaks of")


def _after_people(body: str) -> str:
    """`army` of `Syrian army`; of a people of two words what follows the second."""
    words = body.split(" ")
    return " ".join(words[1:]) if len(words) < 3 or words[1][:1].islower() else " ".join(words[2:])


def acts(text: str, end: int) -> bool:
    """Whether what stands before is said to do something (`Russia has sent`)."""
    return _ACTS.match(text[end : end + 16]) is not None


def members_end(text: str, end: int) -> int | None:
    """Where `fighters`, `forces`, ... right after a group's name end, or None."""
    found = _MEMBERS.match(text[end : end + 20])
    return end + found.end() if found else None


def with_article(text: str, start: int, end: int) -> int:
    """The start of an English actor with its article; acronyms stand without."""
    if text[max(0, start - 4) : start] not in ARTICLES or text[start:end].isupper():
        return start
    return start - 4


def apart(found: Iterable[Body], taken: list[tuple[int, int]]) -> list[Body]:
    """The bodies, longest first, that overlap neither what is taken nor each other; in text order."""
    kept: list[Body] = []
    spans = sorted(taken)
    for body in sorted(found, key=lambda one: (one.start, -one.end)):
        if kept and body.start < kept[-1].end:
            continue
        kept.append(body)
    return [body for body in kept if not _overlaps(body, spans)]


def _overlaps(body: Body, spans: list[tuple[int, int]]) -> bool:
    at = bisect_left(spans, (body.end,))
    return any(end > body.start for _, end in spans[max(0, at - 3) : at])
