"""Roads named in a text: by a pack's name, or as a chain of places with a word for a road before or after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.names.entity import Entity
from streams.frozen import soon_made

_NUMBERED = r"(?:RN|RD|RR|RP|N|A|M|D|E|R|H|P|AP)[ -]?\d{1,4}"
_ROAD_FR = (
    r"(?:(?<!feuille de )(?<!feuilles de )(?<!en )routes?|(?:autoroute|axe|voie|tronçon|corridor|piste|nationale|"
    r"départementale|rocade|chaussée|carretera|autopista|autovía|vía|eje|corredor|tramo|troncal|pista|calzada|trocha)s?|"
    r"(?<!hoja de )rutas?)"
)
_ROAD_EN = (
    r"(?:road|highway|motorway|(?<!en )(?<!feuille de )(?<!feuilles de )route|axis|corridor|expressway|freeway|"
    r"supply line|supply route)s?"
)
_ROAD_OTHER = (
    r"(?:Straße|Autobahn|Strecke|трасса|трассе|трассу|трассы|дорога|дороге|дорогу|дороги|шоссе|yolu|karayolu|"
    r"otoyolu|جاده)"
)
_ROAD_AR = r"(?:طريق|الطريق|طرق|أوتوستراد|اوتوستراد|الأوتوستراد|محور|طريقي|لطريق|بطريق|وطريق|جاده|مسیر)"
_ROAD = rf"(?:(?i:{_ROAD_FR}|{_ROAD_EN})(?: \d{{1,4}}\b)?|{_NUMBERED})"
_TOWN = (
    r"(?i:(?:la |les |le |las |los )?(?:villes?|localités?|communes?|villages?|provinces?|ciudad(?:es)?|pueblos?) "
    r"(?:de |d['’]|du )|(?:the )?(?:cities|city|towns?|villages?) of )?"
)
_ARTICLE = r"(?i:the |la |le |les |l['’]|el )?"
_QUALITY = r"(?: [^\W\d_A-ZÀ-Þ]+| %s)" % _NUMBERED  # noqa: UP031
_WORDS = rf"(?:[ ,]+(?:[^\s.,;:!?()\d]+|{_NUMBERED})){{0,6}}?"

_BETWEEN = re.compile(
    rf"\b(?:{_ROAD}\b{_WORDS}[ ,]+(?i:entre|between)|(?i:{_ROAD_OTHER}) (?:[^\s.,;:]+ ){{0,2}}?(?i:zwischen|между)) "
    rf"{_ARTICLE}{_TOWN}$"
)
_LINKING = re.compile(
    rf"\b{_ROAD}\b{_WORDS}[ ,]+"
    r"(?i:reliant|relie(?:nt|ra)?|relian[td]o|rejoignant|rejoint|connectant|connecte|unissant|unit|joignant|"
    r"desservant|traversant|linking|links?|connecting|connects?|joining|"
    r"que une|que conecta|que comunica|que enlaza|une|conecta|uniendo)"
    rf" {_ARTICLE}{_TOWN}$"
)
_FROM = re.compile(
    rf"\b{_ROAD}(?: [^\s.,;:!?()\d]+| {_NUMBERED}){{0,4}}? (?i:de |d['’]|du |depuis |desde |from |"
    rf"allant d[e'’] ?|menant d[e'’] ?|"
    rf"running from |leading from |partant d[e'’] ?){_ARTICLE}{_TOWN}$"
)
_TOWARDS = re.compile(
    rf"\b{_ROAD}(?: [^\s.,;:!?()\d]+| {_NUMBERED}){{0,3}}? (?i:vers|à|au|aux|to|towards?|hacia|a) {_ARTICLE}{_TOWN}$"
)
_DIRECT = re.compile(
    rf"\b(?:{_ROAD}{_QUALITY}{{0,3}}? ?[«\"“]?|(?i:{_ROAD_OTHER}(?: von| zwischen| между| от)?) )\s*{_ARTICLE}$"
)
_COMPOUND = re.compile(
    rf"\b(?:{_ROAD}|(?i:coastal|desert|main|strategic|international|old|key|vital|supply|northern|southern|eastern|"
    r"western|mountain|border|national|central|ring|principal|antigua)) $"
)
"""What stands right before a road word and belongs to it: `route nationale`, `autoroute M5`, `coastal road`."""
_NUMBER = re.compile(rf"{_NUMBERED}(?= )")
_NO_ROAD = re.compile(
    r"\b(?:aérien|aéreo|aérea|diplomati|migratoire|migratori|maritime|marítim|ferré|ferroviaire|férrea)", re.I
)
_ARABIC_CUE = re.compile(
    rf"(?:^|\s){_ROAD_AR}(?:\s+\S+){{0,3}}?\s+(?:(?:من|بين|يصل|يربط|الواصل|الرابط)\s+)?(?:(?:مدينتي|مدينة|"
    rf"بلدة)\s+)?(?:بين\s+)?$"
)
_ROAD_AFTER = re.compile(
    rf"^(?:[\"”»]? (?:international |strategic |main |desert |supply |coastal |old )*{_ROAD_EN}|[- ](?:Autobahn|"
    rf"Straße)"
    r"| yolu| karayolu| otoyolu| трасс[аеуы])\b",
    re.IGNORECASE,
)
_HYPHEN = re.compile(r"^[\s\u00ad\u200b-\u200f]{0,2}[-‐‑‒–—−/→↔][\s\u00ad\u200b-\u200f]{0,2}(?:l['’]|al-)?$")
_PLACE_NEXT = rf"(?:la |le |les |l['’]|the |de |du |d['’])?{_TOWN}$"
_LINKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"^,? (?:{words}) {_PLACE_NEXT}", re.IGNORECASE))
    for kind, words in (
        (
            "via",
            "via|vía|en passant par|passant par|par|through|por|pasando por|a través de|en traversant|traversant|"
            "en passant à travers",
        ),
        (
            "to",
            "à|au|aux|vers|jusqu['’]à|to|towards?|a|hasta|hacia|nach|до|puis|puis à|et à|and to|y a|then",
        ),
        ("and", "et|and|y|e|und|и|с|avec|with|con"),
        ("from", "depuis|from|desde|au départ de|en partant de"),
    )
)  # fmt: skip
_ALSO = re.compile(r"^(?:,| et| y| and| ou| ainsi que)(?: de| du| d['’]| la| l['’])? ?$", re.IGNORECASE)
_COMMA = re.compile(rf"^, (?:à |to |a )?{_TOWN}$")
_ARABIC_LINK = re.compile(
    r"^(?:\s*[-‐‑–—/،]\s*|\s+(?:إلى|الى|ثم|عبر|مرورا ب|نحو|به|تا)\s+(?:مدينة\s+|بلدة\s+)?|\s+و?(?:مدينة\s+|"
    r"بلدة\s+)?|\s+[بول])$"
)
_ARABIC = re.compile("[\u0600-\u06ff]")
_LOOK_BACK = 110
_LOOK_ON = 48


@soon_made
@dataclass(frozen=True, slots=True)
class Waypoint:
    """A placed mention that a road may pass through."""

    start: int
    end: int
    entity: Entity


@soon_made
@dataclass(frozen=True, slots=True)
class RouteSpan:
    """A road named in a field, with its places in the order of the text."""

    start: int
    end: int
    waypoints: tuple[Entity, ...]
    starts: tuple[int, ...]
    """Where the name of each begins."""


def _linked(gap: str) -> str:
    """How the text between two places joins them on one road: `hyphen`, `to`, `and`, `via`, `list`, ... or nothing."""
    if len(gap) > 48:
        return ""
    if _HYPHEN.match(gap):
        return "hyphen"
    if _ARABIC.search(gap) or gap.isspace() or "،" in gap:
        return "hyphen" if _ARABIC_LINK.match(gap) else ""
    for kind, words in _LINKS:
        if words.match(gap):
            return kind
    return "list" if _COMMA.match(gap) else ""


def find_routes(text: str, places: Sequence[Waypoint]) -> list[RouteSpan]:
    """The roads that the places of one field (in text order, none overlapping) make with the words around them."""
    found: list[RouteSpan] = []
    at = 0
    while at < len(places):
        chain = [places[at]]
        links: list[str] = []
        while at + len(chain) < len(places) and len(chain) < 12:
            link = _linked(text[chain[-1].end : places[at + len(chain)].start])
            if not link:
                break
            links.append(link)
            chain.append(places[at + len(chain)])
        route = _route(text, chain, links, found[-1].end if found else 0) if links else None
        if route is not None:
            found.append(route)
            at += max(1, sum(1 for place in chain if place.end <= route.end))
        else:
            # a road may begin inside a chain that is none: `Kidal, Gao-Ansongo`
            inner = (j for j in range(1, len(links)) if links[j] == "hyphen" != links[j - 1])
            at += next(inner, max(1, len(chain) - 1))
    return found


def _route(text: str, chain: list[Waypoint], links: list[str], last: int) -> RouteSpan | None:
    before = text[max(0, chain[0].start - _LOOK_BACK) : chain[0].start]
    offset = chain[0].start - len(before)
    cut = max(before.rfind(". "), before.rfind("\n"), before.rfind("! "), before.rfind("? "))
    if cut >= 0:
        before, offset = before[cut + 1 :], offset + cut + 1
    cue, kept = _cued(before, links)
    if cue is not None and kept >= 2:
        number = _NUMBER.match(before, cue)
        # `the M5 between Homs and Hama`: the number is the road's name
        end = offset + number.end() if number else chain[kept - 1].end
        return _made(offset + cue, _in_order(chain[:kept], links), end)
    hyphens = _all_hyphens(links)
    if last and hyphens >= 1 and _ALSO.match(text[last : chain[0].start]):
        # `les routes Homs-Palmyre et Hama-Alep`
        return _made(chain[0].start, chain[: hyphens + 1], chain[hyphens].end)
    if hyphens == len(links):
        after = _ROAD_AFTER.match(text[chain[-1].end : chain[-1].end + _LOOK_ON])
        if after:
            return _made(chain[0].start, chain, chain[-1].end + after.end())
    return None


def _cued(before: str, links: list[str]) -> tuple[int | None, int]:
    """Where the words for a road that lead up to a chain begin, and how many of its places they take."""
    cue = _last(_BETWEEN, before)
    if cue is not None:
        return cue, _between(links)
    cue = _last(_LINKING, before)
    if cue is None:
        cue = _last(_ARABIC_CUE, before)
    if cue is None and links[0] in ("hyphen", "to", "via"):
        cue = _last(_FROM, before)
    if cue is None and links[0] == "hyphen":
        cue = _last(_DIRECT, before)
    if cue is None and links[0] == "from":
        return _last(_TOWARDS, before), 2
    return cue, _reach(links)


def _all_hyphens(links: list[str]) -> int:
    """How many links from the first on are hyphens."""
    return next((at for at, link in enumerate(links) if link != "hyphen"), len(links))


def _between(links: list[str]) -> int:
    """How many places of a chain stand between: up to the one after `and`, and those it passes."""
    joined = next((at for at, link in enumerate(links) if link != "list"), 0)
    count = joined + 2
    while count <= len(links) and (links[count - 1] == "via" or (count > joined + 2 and links[count - 1] == "and")):
        count += 1
    return count


def _reach(links: list[str]) -> int:
    """How many places of a chain are on the road: a list of other towns after it is not."""
    count = 1
    for at, link in enumerate(links):
        if at and link == "list" and all(later == "list" for later in links[at:]):
            break
        if at and links[0] == "hyphen" and link != "hyphen":
            break
        if link == "from":
            break
        count += 1
    return count


def _in_order(chain: list[Waypoint], links: list[str]) -> list[Waypoint]:
    """The places in the order of the road: `from A to B via C` passes C before B; `to A from B` begins at B."""
    links = links[: len(chain) - 1]
    if links == ["from"]:
        return chain[::-1]
    at = links.index("via") if "via" in links else 0
    if at == 0 or links[0] == "hyphen" or "to" in links[at:]:
        return chain
    return [*chain[:at], *chain[at + 1 :], chain[at]]


def _last(cue: re.Pattern[str], before: str) -> int | None:
    """Where the last cue that ends right before the first place begins."""
    found = None
    start = 0
    while match := cue.search(before, start):
        found = match
        start = match.start() + 1
    if found is None or _NO_ROAD.search(found.group()):
        return None
    begin = found.start() + (len(found.group()) - len(found.group().lstrip()))
    while compound := _COMPOUND.search(before[:begin]):
        begin = compound.start()
    return begin


def _made(start: int, chain: Iterable[Waypoint], end: int) -> RouteSpan | None:
    along: dict[str, Waypoint] = {}
    for place in chain:
        if place.entity.feature not in ("country", "continent", "area"):
            along.setdefault(place.entity.id, place)
    if len(along) < 2:
        return None
    return RouteSpan(start, end, tuple(p.entity for p in along.values()), tuple(p.start for p in along.values()))


_ROAD_OF_NUMBER = re.compile(
    r"(?<!\w)(?:ال)?(?:طريق|أوتوستراد|اوتوستراد)(?: (?:الدولي|الدولية|السريع|الصحراوي|الساحلي))*\s$"
)


def with_road_word(text: str, start: int) -> int:
    """Where a road's number begins with the Arabic words for a road right before it (`الطريق الدولي M4`)."""
    found = _ROAD_OF_NUMBER.search(text, max(0, start - 40), start) if text[start : start + 1].isascii() else None
    return found.start() if found else start


def route_id(waypoints: Sequence[str]) -> str:
    """The id of a road that no pack knows: its places' ids, the same in either direction."""
    forward, backward = tuple(waypoints), tuple(reversed(waypoints))
    return "route:" + "+".join(min(forward, backward))
