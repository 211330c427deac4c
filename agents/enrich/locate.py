"""Which place a name means: candidates rated by what the text says, with a confidence and a reason.

One sense a name and article (Gale, Church and Yarowsky, 1992), places of one text near each other (Leidner, 2007),
population as the prior.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from agents.names.entity import Entity
from agents.names.scan import Meaning, Meanings

Floats = npt.NDArray[np.float64]
_EARTH_KM = 6371.0
_NEAR_KM = 120.0
_CONSIDERED = 25
_NOT_POINTS = ("country", "continent", "area", "sea", "ocean")


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
    feature: str = ""
    """The kind of place that a word beside it says."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The entity a group means."""

    entity: Entity
    lat: float | None
    lon: float | None
    certainty: float
    """0 to 1: how far it is ahead of the next candidate elsewhere."""
    reason: str


def prior(meaning: Meaning) -> float:
    """How likely a name means this place when nothing else is said, in units of ten-fold population."""
    entity = meaning.entity
    score = math.log10(entity.population + 30)
    if meaning.main:
        score += 0.8
    if entity.feature == "country":
        score += 3.5 if entity.population > 1_000_000 else 2.5
    elif entity.feature in ("region", "continent", "area", "sea", "ocean"):
        score += 2.0
    elif entity.source.startswith("watch:"):
        score += 2.5
    elif entity.source.startswith("pack:"):
        score += 2.0
    return score


def locate(groups: Mapping[str, Group], evidence: Evidence) -> dict[str, Choice]:
    """The choice for every group that has candidates."""
    names = [name for name, group in groups.items() if group.meanings]
    if not names:
        return {}
    candidates = {name: sorted(groups[name].meanings, key=prior, reverse=True)[:_CONSIDERED] for name in names}
    base = {name: [_said(meaning, groups[name], evidence) for meaning in candidates[name]] for name in names}
    chosen = {name: max(range(len(base[name])), key=base[name].__getitem__) for name in names}
    scores = base
    for _ in range(2):
        scores = _near_each_other(names, candidates, base, chosen, groups)
        chosen = {name: max(range(len(scores[name])), key=scores[name].__getitem__) for name in names}
    picked = {name: candidates[name][chosen[name]].entity for name in names}
    return {
        name: _choice(picked, name, candidates[name], scores[name], chosen[name], groups[name], evidence)
        for name in names
    }


def _said(meaning: Meaning, group: Group, evidence: Evidence) -> float:
    entity = meaning.entity
    score = prior(meaning)
    for region in group.within:
        if region.country == entity.country and region.id != entity.id:
            score += 4.0
            if region.feature != "country":
                score += 3.0 if region.admin1 == entity.admin1 else -3.0
    if entity.country and entity.feature != "country":
        named = evidence.countries.get(entity.country, 0.0)
        if named:
            total = sum(evidence.countries.values())
            score += 0.8 + 1.2 * named / total
        if entity.country == evidence.outlet_country:
            score += 0.8
        if entity.country in evidence.theatre:
            score += 0.2
    if group.feature:
        score += 2.5 if entity.feature == group.feature else -0.5
    elif entity.feature in ("airbase", "base", "dam", "camp", "airport", "crossing"):
        score -= 1.0
    return score


def _near_each_other(
    names: list[str],
    candidates: Mapping[str, list[Meaning]],
    base: Mapping[str, list[float]],
    chosen: Mapping[str, int],
    groups: Mapping[str, Group],
) -> dict[str, list[float]]:
    """The scores with what nearness to the other names' present choices, and sharing their regions, adds."""
    tops = {name: candidates[name][chosen[name]].entity for name in names}
    regions: dict[str, float] = defaultdict(float)
    countries: dict[str, float] = defaultdict(float)
    for name in names:
        shares: dict[str, float] = {}
        for meaning in candidates[name][:12]:
            if meaning.entity.admin1:
                shares[meaning.entity.admin1] = 1.0
        weight = 1.0 / max(1, len(shares)) ** 0.5
        for admin in shares:
            regions[admin] += weight
        countries[tops[name].country or ""] += 1.0
    inside: dict[str, float] = defaultdict(float)
    for entity in tops.values():
        if entity.feature not in ("region", *_NOT_POINTS):
            inside[entity.admin1 or ""] += 1.0
            inside[entity.country or ""] += 1.0
    points = [
        (name, entity.lat, entity.lon)
        for name, entity in tops.items()
        if entity.lat is not None and entity.lon is not None and entity.feature not in _NOT_POINTS
    ]
    others_lat = np.radians(np.array([lat for _, lat, _ in points], dtype=np.float64))
    others_lon = np.radians(np.array([lon for _, _, lon in points], dtype=np.float64))
    place = {name: at for at, (name, _, _) in enumerate(points)}
    weights = np.array([min(3, groups[name].mentions) ** 0.5 for name, _, _ in points], dtype=np.float64)
    scores: dict[str, list[float]] = {}
    for name in names:
        listed = candidates[name]
        if len(listed) == 1:
            scores[name] = base[name]
            continue
        near = _nearness(listed, others_lat, others_lon, weights, place.get(name))
        scores[name] = []
        for at, meaning in enumerate(listed):
            entity = meaning.entity
            own = 1.0 / max(1, len({m.entity.admin1 for m in listed[:12] if m.entity.admin1})) ** 0.5
            shared = max(0.0, regions.get(entity.admin1 or "", 0.0) - own) if entity.admin1 else 0.0
            same = (
                max(0.0, countries[entity.country] - (entity.country == tops[name].country)) if entity.country else 0.0
            )
            scores[name].append(
                base[name][at]
                + 1.3 * math.log1p(2.0 * near[at])
                + 1.1 * math.log1p(shared)
                + (0.5 * math.log1p(same) if entity.feature != "country" else 0.0)
                + (1.5 * math.log1p(inside[entity.admin1]) if entity.feature == "region" and entity.admin1 else 0.0)
                + (1.0 * math.log1p(inside[entity.country]) if entity.feature == "country" and entity.country else 0.0)
            )
    return scores


def _nearness(
    listed: list[Meaning], others_lat: Floats, others_lon: Floats, weights: Floats, own: int | None
) -> list[float]:
    if len(others_lat) == 0:
        return [0.0] * len(listed)
    lat = np.radians(np.array([m.entity.lat if m.entity.lat is not None else np.nan for m in listed], dtype=np.float64))
    lon = np.radians(np.array([m.entity.lon if m.entity.lon is not None else np.nan for m in listed], dtype=np.float64))
    closeness = np.exp(-_kilometres(lat[:, None], lon[:, None], others_lat[None, :], others_lon[None, :]) / _NEAR_KM)
    closeness = closeness * weights[None, :]
    if own is not None:
        closeness[:, own] = 0.0
    return [float(value) for value in np.nan_to_num(closeness).sum(axis=1)]


def _kilometres(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    distance: Floats = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.minimum(1.0, half)))
    return distance


def apart_km(one: Entity, other: Entity) -> float:
    """Kilometres between two places; 0 where either has no coordinates."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return 0.0
    values = [np.array([math.radians(value)]) for value in (one.lat, one.lon, other.lat, other.lon)]
    return float(_kilometres(*values)[0])


def _choice(
    picked: Mapping[str, Entity],
    name: str,
    listed: list[Meaning],
    scores: list[float],
    at: int,
    group: Group,
    evidence: Evidence,
) -> Choice:
    entity = listed[at].entity
    rivals = [
        score for other, score in zip(listed, scores, strict=True)
        if other.entity.id != entity.id
        and (apart_km(entity, other.entity) > 40 or other.entity.feature == entity.feature == "county")
    ]  # fmt: skip
    margin = scores[at] - max(rivals) if rivals else 4.0
    certainty = 1.0 / (1.0 + math.exp(-1.2 * (margin + 0.3)))
    lat, lon = entity.lat, entity.lon
    if lat is None:
        lat, lon = _middle([other for key, other in picked.items() if key != name], entity)
        certainty *= 0.9
    return Choice(entity, lat, lon, certainty, _reason(entity, len(listed), group, evidence))


def _middle(placed: list[Entity], entity: Entity) -> tuple[float | None, float | None]:
    """Where a county lies: amid the text's places in its region, else at the region's middle."""
    inside = [
        other for other in placed
        if other.admin1 == entity.admin1 and other.lat is not None and other.lon is not None
    ]  # fmt: skip
    towns = [other for other in inside if other.feature != "region"] or inside
    if not towns:
        return None, None
    lats = [other.lat for other in towns if other.lat is not None]
    lons = [other.lon for other in towns if other.lon is not None]
    return sum(lats) / len(lats), sum(lons) / len(lons)


def _reason(entity: Entity, count: int, group: Group, evidence: Evidence) -> str:
    for region in group.within:
        if region.country == entity.country:
            return f"stands before {region.name}"
    if entity.source.startswith(("pack:", "watch:")):
        return f"known to {entity.source.replace(':', ' ')}"
    if count == 1:
        return "the only place of this name"
    if entity.country and evidence.countries.get(entity.country) and entity.feature != "country":
        return f"the text speaks of {entity.country}; {count} places bear this name"
    return f"best of {count} places of this name by size and nearness"
