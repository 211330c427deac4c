"""How candidates are rated by what a text says: a sum of weighted observations, in natural log-odds.

One sense a name and article (Gale, Church and Yarowsky, 1992), places of one text near each other (Leidner, 2007).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agents.enrich.candidates import INSTALLATIONS, Candidate, Candidates, cells_around
from agents.names.entity import Entity
from agents.names.scan import Meanings

EARTH_KM = 6371.0
_NEAR_KM = 80.0
_ALOOF = 0.5
"""Added to the places of a text, so that one other place alone does not make it a text of that country."""
_MOST_POINTS = 64
"""Places of a text, the first ones, that nearness is told by: a bound on time."""
_KERNEL = 2.0 * (EARTH_KM / _NEAR_KM) ** 2
_FAR = 60.0 / _KERNEL
"""One less the cosine of a distance that no longer counts as near, about 600 km."""


@dataclass(slots=True)
class Evidence:
    """What the text says about where it plays."""

    countries: Mapping[str, float] = field(default_factory=dict)
    """Countries by the times they are named; a people counts half."""
    theatre: frozenset[str] = frozenset()
    outlet_country: str | None = None


@dataclass(slots=True)
class Group:
    """One name of the text, all its mentions together."""

    meanings: Meanings
    mentions: int = 1
    within: list[Entity] = field(default_factory=list)
    """Regions and countries that stand right after it (`Lexington, Ky.`)."""
    follows: set[str] = field(default_factory=set)
    """Regions that the place before it may lie in, where it stands as that place's region (`Seattle, WA`)."""
    feature: str = ""
    """The kind of place that a word beside it says."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each observation adds to a candidate."""

    within_country: float
    """It lies in the country of a region or country that stands right after the name (`Lexington, Ky.`)."""
    within_region: float
    within_other_region: float
    follows: float
    """It is a region, and the place that the name stands after may lie in it (`Seattle, WA`)."""
    named: float
    """Its country is named."""
    named_share: float
    """... as a share of all countries named."""
    theatre: float
    outlet: float
    feature: float
    """A word beside the name says its kind."""
    other_feature: float
    installation: float
    """It is a base, dam or camp and no word says so."""
    near: float
    """Nearness to the other names' places."""
    region: float
    """Names that may lie in its region."""
    region_named: float
    together: float
    """Other places in its country."""
    apart: float
    """One less the squared share of the other places that lie in its country: little where a text is of many."""
    country_apart: float
    """The same for a country."""
    around_region: float
    """Places in it, for a region."""
    around_country: float
    """Places in it, for a country."""


def said(one: Candidate, group: Group, evidence: Evidence, weights: Weights) -> float:
    """What the words beside a name and the countries named say for one candidate."""
    score = 0.0
    country = one.country
    for region in group.within:
        if country and region.country == country and region.id != one.entity.id:
            score += weights.within_country
            if region.feature != "country":
                score += weights.within_region if region.admin1 == one.admin1 else weights.within_other_region
    if country and one.feature != "country":
        times = evidence.countries.get(country, 0.0)
        if times:
            score += weights.named * min(1.0, times) + weights.named_share * times / sum(evidence.countries.values())
        if country == evidence.outlet_country:
            score += weights.outlet
        if country in evidence.theatre:
            score += weights.theatre
    if group.follows and one.feature == "region" and one.admin1 in group.follows:
        score += weights.follows
    if group.feature:
        score += weights.feature if one.feature == group.feature else weights.other_feature
    elif one.feature in INSTALLATIONS:
        score += weights.installation
    return score


class Surroundings:
    """The present choices of all names, to rate one name's candidates by the others."""

    def __init__(self, names: Sequence[Candidates], chosen: Sequence[int], mentions: Sequence[int]) -> None:
        self._tops = [one.listed[at] for one, at in zip(names, chosen, strict=True)]
        self._names = names
        self._may: dict[str, float] = defaultdict(float)
        self._named: dict[str, int] = defaultdict(int)
        self._countries: dict[str, float] = defaultdict(float)
        self._inside: dict[str, int] = defaultdict(int)
        self._occupied: set[int] = set()
        self._points: list[tuple[int, float, float, float, float]] = []
        for at, (name, top) in enumerate(zip(names, self._tops, strict=True)):
            for admin in name.admins:
                self._may[admin] += name.share
            if top.country:
                self._countries[top.country] += top.tells
            if top.feature == "region":
                self._named[top.admin1] += 1
            if top.point and len(self._points) < _MOST_POINTS:
                self._points.append((at, top.x, top.y, top.z, math.sqrt(min(3, mentions[at]))))
                self._occupied.update(cells_around(top.cell))
            if top.point and top.feature != "region":
                self._inside[top.admin1] += 1
                self._inside[top.country] += 1
        self._placed = sum(self._countries.values())

    def rate(self, at: int, weights: Weights) -> list[float]:
        """What the other names' places say for each candidate of one name."""
        name, top = self._names[at], self._tops[at]
        others = self._placed - (top.tells if top.country else 0.0)
        occupied, points, may, share = self._occupied, self._points, self._may, name.share
        countries, here = self._countries, top.country
        region = top.admin1 if top.feature == "region" else ""
        scores = []
        for one in name.listed:
            score = 0.0
            if one.cell in occupied:
                near = 0.0
                x, y, z = one.x, one.y, one.z
                for other, ox, oy, oz, weight in points:
                    apart = 1.0 - x * ox - y * oy - z * oz
                    if apart < _FAR and other != at:
                        near += weight / (1.0 + _KERNEL * apart)
                if near:
                    score += weights.near * math.log1p(2.0 * near)
            admin, country = one.admin1, one.country
            if admin:
                # a name's own share is in the sum where its region is among the likeliest
                shared = may.get(admin, 0.0) - (share if admin in name.admins else 0.0)
                if shared > 1e-9:
                    score += weights.region * math.log1p(shared)
                if self._named.get(admin, 0) > (region == admin):
                    score += weights.region_named
            if country:
                same = countries.get(country, 0) - (top.tells if country == here else 0.0)
                if one.feature == "country":
                    score += weights.around_country * math.log1p(self._inside.get(country, 0))
                    if others > 1e-9:
                        score += weights.country_apart * (1.0 - (same / (others + _ALOOF)) ** 2)
                else:
                    if same > 1e-9:
                        score += weights.together * math.log1p(same)
                    if others > 1e-9:
                        score += weights.apart * (1.0 - (same / (others + _ALOOF)) ** 2)
                    if admin and one.feature == "region":
                        score += weights.around_region * math.log1p(self._inside.get(admin, 0))
            scores.append(score)
        return scores
