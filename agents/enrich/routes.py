"""Roads named in a text: by a pack's name, or as a chain of places with a word for a road before or after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.names.entity import Entity

_ROAD_FR = r"(?:autoroute|route|axe|voie|tronçon|corridor|piste|carretera|autopista|ruta)s?"
_ROAD_EN = r"(?:road|highway|motorway|route|axis|corridor|expressway|freeway|supply line|supply route)s?"
_ROAD_OTHER = (
    r"(?:Straße|Autobahn|Strecke|трасса|трассе|трассу|трассы|дорога|дороге|дорогу|дороги|шоссе|yolu|karayolu|"
    r"otoyolu|جاده)"
)
_ROAD_AR = r"(?:طريق|الطريق|طرق|أوتوستراد|اوتوستراد|الأوتوستراد|محور|طريقي|لطريق|بطريق|وطريق|جاده|مسیر)"
_TOWN = (
    r"(?:(?:la |les |le )?(?:villes?|localités?|villages?|provinces?) (?:de |d['’]|du )|(?:the )?(?:cities|city|"
    r"towns?|villages?) of )?"
)
_ARTICLE = r"(?:the |la |le |les |l['’]|el )?"
_WORDS = r"(?:[ ,]+[^\s.,;:!?()\d]+){0,5}?"

_LINKING = re.compile(
    rf"\b(?:{_ROAD_FR}|{_ROAD_EN})\b{_WORDS}[ ,]+"
    r"(?:reliant|relie(?:nt|ra)?|entre|rejoignant|connectant|unissant|linking|links?|connecting|connects?|joining|"
    r"between|que une|que conecta|une|conecta)"
    rf" {_ARTICLE}{_TOWN}$",
    re.IGNORECASE,
)
_FROM = re.compile(
    rf"\b(?:{_ROAD_FR}|{_ROAD_EN})\b(?: [^\s.,;:!?()\d]+){{0,2}}? (?:de |d['’]|du |depuis |from |"
    rf"allant d[e'’] ?|menant d[e'’] ?|"
    rf"running from |leading from |partant d[e'’] ?){_ARTICLE}{_TOWN}$",
    re.IGNORECASE,
)
_DIRECT = re.compile(
    rf"\b(?:(?:{_ROAD_FR}|{_ROAD_EN})(?: [^\W\d_A-Z]+){{0,3}}? ?[«\"“]?|{_ROAD_OTHER}(?: von| zwischen| между|"
    rf" от)? )\s*{_ARTICLE}$",
    re.IGNORECASE,
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
_HYPHEN = re.compile(r"^\s?[-‐‑–—/]\s?(?:l['’]|al-)?$")
_TO = re.compile(
    rf"^,? (?:à|au|aux|vers|jusqu['’]à|to|towards?|a|hasta|con|y a|nach|und|до|и|с|avec|with|en passant par|via|"
    rf"through|par|por|et à|et|and to|and|y)"
    rf" (?:la |le |l['’]|the |d['’])?{_TOWN}$",
    re.IGNORECASE,
)
_COMMA = re.compile(rf"^, (?:à |to |a )?{_TOWN}$")
_ARABIC_LINK = re.compile(
    r"^(?:\s*[-‐–—/،]\s*|\s+(?:إلى|الى|ثم|عبر|مرورا ب|نحو|به|تا)\s+(?:مدينة\s+|بلدة\s+)?|\s+و?(?:مدينة\s+|"
    r"بلدة\s+)?|\s+[بول])$"
)
_ARABIC = re.compile("[\u0600-\u06ff]")
_LOOK_BACK = 110
_LOOK_ON = 48


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A placed mention that a road may pass through."""

    start: int
    end: int
    entity: Entity


@dataclass(frozen=True, slots=True)
class RouteSpan:
    """A road named in a field, with its places in the order of the text."""

    start: int
    end: int
    waypoints: tuple[Entity, ...]


def _linked(gap: str) -> str:
    """How the text between two places joins them on one road: `hyphen`, `to`, `list`, or nothing."""
    if len(gap) > 40:
        return ""
    if _HYPHEN.match(gap):
        return "hyphen"
    if _ARABIC.search(gap) or gap.isspace() or "،" in gap:
        return "hyphen" if _ARABIC_LINK.match(gap) else ""
    if _TO.match(gap):
        return "to"
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
        route = _route(text, chain, links) if links else None
        if route is not None:
            found.append(route)
            at += sum(1 for place in chain if place.end <= route.end)
        else:
            at += max(1, len(chain) - 1)
    return found


def _route(text: str, chain: list[Waypoint], links: list[str]) -> RouteSpan | None:
    before = text[max(0, chain[0].start - _LOOK_BACK) : chain[0].start]
    offset = chain[0].start - len(before)
    cut = max(before.rfind(". "), before.rfind("\n"), before.rfind("! "), before.rfind("? "))
    if cut >= 0:
        before, offset = before[cut + 1 :], offset + cut + 1
    cue = _last(_LINKING, before)
    kept = len(chain)
    if cue is None:
        cue = _last(_ARABIC_CUE, before)
    if cue is None and links[0] in ("hyphen", "to"):
        cue = _last(_FROM, before) if links[0] == "to" else _last(_FROM, before) or _last(_DIRECT, before)
    if cue is not None:
        kept = _reach(links)
        if kept >= 2:
            return _made(offset + cue, chain[:kept], None)
    hyphens = [at for at, link in enumerate(links) if link == "hyphen"]
    if len(hyphens) == len(links):
        after = _ROAD_AFTER.match(text[chain[-1].end : chain[-1].end + _LOOK_ON])
        if after:
            return _made(chain[0].start, chain, chain[-1].end + after.end())
    return None


def _reach(links: list[str]) -> int:
    """How many places of a chain are on the road: a list of other towns after it is not."""
    count = 1
    for at, link in enumerate(links):
        if at and link == "list" and "to" not in links[at:]:
            break
        if at and links[0] == "hyphen" and link != "hyphen":
            break
        count += 1
    return count


def _last(cue: re.Pattern[str], before: str) -> int | None:
    """Where the last cue that ends right before the first place begins."""
    found = None
    start = 0
    while match := cue.search(before, start):
        found = match
        start = match.start() + 1
    if found is None:
        return None
    return found.start() + (len(found.group()) - len(found.group().lstrip()))


def _made(start: int, chain: Iterable[Waypoint], end: int | None) -> RouteSpan | None:
    kept = list(chain)
    entities: list[Entity] = []
    for place in kept:
        if place.entity.feature in ("country", "continent", "area") or place.entity.id in {e.id for e in entities}:
            continue
        entities.append(place.entity)
    if len(entities) < 2:
        return None
    return RouteSpan(start, end if end is not None else kept[-1].end, tuple(entities))


def route_id(waypoints: Sequence[str]) -> str:
    """The id of a road that no pack knows: its places' ids, the same in either direction."""
    forward, backward = tuple(waypoints), tuple(reversed(waypoints))
    return "route:" + "+".join(min(forward, backward))


class KnownRoutes:
    """Pack roads by their waypoints in either direction: from end to end, or a part of two neighbours or more."""

    def __init__(self, routes: Iterable[Entity]) -> None:
        self._ends: dict[tuple[str, str], list[tuple[tuple[str, ...], Entity]]] = {}
        self._parts: dict[tuple[str, ...], Entity] = {}
        for route in sorted(routes, key=lambda road: len(road.waypoints)):
            for ids in (route.waypoints, tuple(reversed(route.waypoints))):
                self._ends.setdefault((ids[0], ids[-1]), []).append((ids, route))
                for first in range(len(ids) - 1):
                    for last in range(first + 2, len(ids) + 1):
                        self._parts.setdefault(ids[first:last], route)

    def of(self, waypoints: tuple[str, ...]) -> Entity | None:
        """The road between the first and the last that passes the others, else the one they neighbour on, or None."""
        for ids, route in self._ends.get((waypoints[0], waypoints[-1]), ()):
            along = iter(ids)
            if all(waypoint in along for waypoint in waypoints):
                return route
        return self._parts.get(waypoints)
