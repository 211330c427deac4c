"""Which place a name means: candidates rated by what the text says, with a margin and a reason."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agents.enrich.candidates import Candidate, prior_of
from agents.enrich.confidence import Standing, chance, place_odds, span_odds
from agents.enrich.context import is_sited
from agents.enrich.learnt import Ranking, place_signs, ranking
from agents.enrich.ranking import EARTH_KM, Evidence, Group, Surroundings, said
from agents.enrich.span import Span
from agents.names.entity import Entity
from agents.names.scan import Meaning
from streams.frozen import soon_made

_SAME_KM = 40.0
_SAME_COSINE = math.cos(_SAME_KM / EARTH_KM)
_ROUNDS = 3
SURE_MARGIN = 6.0
_CLOSE = 1.0
_OF_ONE_COUNTRY, _MOSTLY, _LITTLE = 4, 0.7, 15_000
"""Places of a text, and the share of them in one country, that make a little town elsewhere a namesake."""
_SHORT, _WELL_KNOWN, _FAR_AND_SHORT = 5, 500_000, 0.4
"""Letters and people of a town whose name may as well be a word or a brand far from home, and how sure it is then."""
_BESIDE_COSINE = math.cos(250.0 / EARTH_KM)
"""So near another place of the text, also across a border, such a town is not far from home."""
_LONG = 300
"""Characters of a text that would say where it plays."""
_MOST_AROUND = 40
"""Places of a text that a county is put amid: a bound on time."""


@soon_made
@dataclass(frozen=True, slots=True)
class Choice:
    """The entity a group means."""

    entity: Entity
    lat: float | None
    lon: float | None
    standing: Standing
    reason: str


def prior(meaning: Meaning) -> float:
    """How likely a name means this place when nothing else is said, in natural log-odds."""
    return prior_of(meaning, ranking().prior)


def locate(groups: Mapping[str, Group], evidence: Evidence, by: Ranking | None = None) -> dict[str, Choice]:
    """The choice for every group that has candidates, by the fitted ranking or another."""
    keys = [key for key, group in groups.items() if group.meanings]
    if not keys:
        return {}
    by = by or ranking()
    weights = by.weights
    names = [by.prepared.of(groups[key].meanings) for key in keys]
    mentions = [groups[key].mentions for key in keys]
    base: list[list[float]] = []
    for key, name in zip(keys, names, strict=True):
        group = groups[key]
        if len(name.listed) == 1:
            base.append([name.listed[0].prior])
        else:
            base.append([one.prior + said(one, group, evidence, weights) for one in name.listed])
    scores = base
    chosen = [max(range(len(rated)), key=rated.__getitem__) for rated in scores]
    open_ones = [at for at, name in enumerate(names) if len(name.listed) > 1]
    if open_ones:
        scores = list(base)
        for _ in range(_ROUNDS):
            around = Surroundings(names, chosen, mentions)
            for at in open_ones:
                scores[at] = [b + s for b, s in zip(base[at], around.rate(at, weights), strict=True)]
            again = [max(range(len(rated)), key=rated.__getitem__) for rated in scores]
            if again == chosen:
                break
            chosen = again
    tops = [name.listed[at] for name, at in zip(names, chosen, strict=True)]
    countries: dict[str, int] = defaultdict(int)
    regions: dict[str, int] = defaultdict(int)
    for top in tops:
        if top.country:
            countries[top.country] += 1
        if top.admin1:
            regions[top.admin1] += 1
    placed = sum(countries.values())
    choices = {}
    for at, (key, name) in enumerate(zip(keys, names, strict=True)):
        top, group = tops[at], groups[key]
        margin = _margin(name.listed, scores[at], chosen[at])
        standing = _standing(top, margin, group, evidence, countries, regions, placed)
        if standing.alone and len(key.partition("|")[0]) <= _SHORT and any(_beside(top, other) for other in tops):
            standing = replace(standing, beside=True)
        if standing.alone and placed >= _OF_ONE_COUNTRY and _is_stray(top, group, countries, placed):
            continue
        lat, lon = top.entity.lat, top.entity.lon
        if lat is None:
            others = zip(tops, mentions, strict=True)
            lat, lon = _amid([(o.entity, times) for o, times in others if o is not top][:_MOST_AROUND], top.entity)
        choices[key] = Choice(top.entity, lat, lon, standing, _reason(top.entity, len(name.listed), group, standing))
    return choices


def confidence_of(text: str, span: Span, choice: Choice | None) -> float:
    """The chance that a span names a place and that the choice, or that no known place is meant, is right."""
    signs = place_signs()
    odds = span_odds(text, span, signs)
    if choice is None:
        return chance(odds + signs.unlinked)
    sure = chance(odds + place_odds(choice.entity, choice.lat is not None, choice.standing, signs))
    return min(sure, _FAR_AND_SHORT) if _is_far_and_short(text, span, choice) else sure


def _is_far_and_short(text: str, span: Span, choice: Choice) -> bool:
    """Whether a short word (`Muse`) names a town of a pack in a text that speaks of nothing near it, or of nowhere."""
    entity, standing = choice.entity, choice.standing
    lonely = not (standing.within or standing.named or standing.neighbour or standing.company or standing.beside)
    return (
        lonely
        and (standing.alone or len(text) >= _LONG)
        and len(span.plain) <= _SHORT
        and entity.population < _WELL_KNOWN
        and entity.source.startswith("pack:")
        and entity.feature in ("city", "town", "village", "")
        and not is_sited(text, span.start, span.end)
    )


def _beside(one: Candidate, other: Candidate) -> bool:
    """Whether two different places of a text lie near each other."""
    if one is other or not other.point or one.entity.id == other.entity.id:
        return False
    return one.x * other.x + one.y * other.y + one.z * other.z > _BESIDE_COSINE


def elsewhere(one: Candidate, other: Candidate) -> bool:
    """Whether two candidates would put a name at places apart."""
    if one.entity.id == other.entity.id:
        return False
    if one.entity.lat is None or other.entity.lat is None:
        return True
    return one.x * other.x + one.y * other.y + one.z * other.z < _SAME_COSINE


def _is_stray(top: Candidate, group: Group, countries: Mapping[str, int], placed: int) -> bool:
    """Whether a small place far from all others of a text of one country is a namesake of one that no list has."""
    entity = top.entity
    if entity.source != "geonames" or entity.population >= _LITTLE or top.feature in ("country", "region", "county"):
        return False
    return not group.within and max(countries.values()) >= _MOSTLY * (placed - 1)


def _margin(listed: list[Candidate], scores: list[float], at: int) -> float:
    """How far a candidate is ahead of the best one elsewhere."""
    if len(listed) == 1:
        return SURE_MARGIN
    for other in sorted(range(len(listed)), key=scores.__getitem__, reverse=True):
        if other != at and elsewhere(listed[at], listed[other]):
            return min(SURE_MARGIN, scores[at] - scores[other])
    return SURE_MARGIN


def _standing(
    top: Candidate,
    margin: float,
    group: Group,
    evidence: Evidence,
    countries: Mapping[str, int],
    regions: Mapping[str, int],
    placed: int,
) -> Standing:
    country = top.country
    within = any(region.country == country for region in group.within) if country else False
    if not country:
        return Standing(margin, within, fame=top.fame)
    others = placed - 1
    same = countries[country] - 1
    named = evidence.countries.get(country, 0.0) > 0
    return Standing(
        margin,
        within,
        named,
        same / others if others else 0.0,
        regions.get(top.admin1, 0) > 1,
        others > 0 and not same and not named,
        top.fame,
    )


def _amid(placed: Sequence[tuple[Entity, int]], entity: Entity) -> tuple[float | None, float | None]:
    """Where a county lies: at the text's town in its region that is nearest to all of them, each by its mentions."""
    inside = [
        (other.lat, other.lon, times, other.feature == "region") for other, times in placed
        if other.admin1 == entity.admin1 and other.lat is not None and other.lon is not None
    ]  # fmt: skip
    towns = [one for one in inside if not one[3]] or inside
    if not towns:
        return None, None
    narrow = math.cos(math.radians(towns[0][0]))

    def far(one: tuple[float, float, int, bool]) -> float:
        return sum(times * math.hypot(lat - one[0], (lon - one[1]) * narrow) for lat, lon, times, _ in towns)

    lat, lon, *_ = min(towns, key=far)
    return lat, lon


def _reason(entity: Entity, count: int, group: Group, standing: Standing) -> str:
    """Why this place, in a few words."""
    for region in group.within:
        if region.country == entity.country:
            return f"stands before {region.name}"
    if count == 1:
        only = "the only place of this name"
        if entity.source.startswith(("pack:", "watch:")):
            only = f"known to {entity.source.replace(':', ' ')}"
        return f"{only}, far from the others" if standing.alone else only
    if entity.feature == "country":
        why = f"the country before {count - 1} places of this name"
    elif standing.neighbour:
        why = f"near other places of the text; of {count} of this name"
    elif standing.named or standing.company:
        why = f"in a country that the text speaks of; of {count} places of this name"
    else:
        why = f"the best known of {count} places of this name"
    if entity.source.startswith(("pack:", "watch:")):
        why = f"known to {entity.source.replace(':', ' ')}; {why}"
    return f"{why}; a close call" if standing.margin < _CLOSE else why
