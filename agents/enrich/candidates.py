"""What a name may mean, made ready for ranking: each place with its prior and its point on the unit sphere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from agents.names.entity import Entity
from agents.names.scan import Meaning, Meanings

NOT_POINTS = frozenset(("country", "continent", "area", "sea", "ocean"))
"""Features too large for their point to say where a text plays."""
INSTALLATIONS = frozenset(("airbase", "base", "dam", "camp", "airport", "crossing"))
"""Features named after a town, which is meant unless a word beside the name says otherwise."""
_WIDE = frozenset(("continent", "area", "sea", "ocean"))
_CONSIDERED = 30
_MAY_LIE = 12
_MANY_NAMED = 300_000
"""People of a city whose other names count as its main one: other languages have their own for those."""
_WELL_KNOWN = 100_000
"""People of a city that is spoken of far from where it lies."""
_REMEMBERED = 20_000
_CELL_DEGREES = 4.0
_COLUMNS = 1_000
"""More than the columns of the grid, so that a cell is one number."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Weights of what is known of a place before the text is read, in natural log-odds."""

    people: float
    """For each ten-fold of population."""
    fame: float
    """For each e-fold of the names that it has in all languages."""
    main: float
    """The spelling is its main name, or one of a large city's or that a pack gives."""
    country: float
    small_country: float
    region: float
    wide: float
    """A continent, a sea, an area of several countries."""
    county: float
    pack: float
    watch: float


class Candidate:
    """One place that a name may mean."""

    __slots__ = ("admin1", "cell", "country", "entity", "feature", "point", "prior", "tells", "x", "y", "z")

    def __init__(self, meaning: Meaning, prior: float) -> None:
        entity = meaning.entity
        self.entity = entity
        self.prior = prior
        self.feature = entity.feature
        self.country = entity.country or ""
        self.admin1 = entity.admin1 or ""
        self.point = entity.lat is not None and entity.lon is not None and entity.feature not in NOT_POINTS
        self.x, self.y, self.z = unit(entity)
        self.cell = cell_of(entity)
        far_known = entity.population >= _WELL_KNOWN and self.point and entity.feature != "region"
        self.tells = 0.5 if far_known else 1.0
        """How much its naming says that the text is of its country."""


class Candidates:
    """Everything one name may mean, likeliest first; the meanings of a name are prepared once and remembered."""

    __slots__ = ("admins", "listed", "meanings", "share")

    def __init__(self, meanings: Meanings, weights: Prior) -> None:
        self.meanings = meanings
        rated = sorted(((prior_of(meaning, weights), at) for at, meaning in enumerate(meanings)), reverse=True)
        self.listed = [Candidate(meanings[at], prior) for prior, at in rated[:_CONSIDERED]]
        self.admins = {one.admin1 for one in self.listed[:_MAY_LIE] if one.admin1}
        self.share = 1.0 / math.sqrt(max(1, len(self.admins)))
        """How much the name says of each region it may lie in, 0 to 1."""


class Prepared:
    """Candidates of the names met lately."""

    def __init__(self, weights: Prior) -> None:
        self._weights = weights
        self._met: dict[int, Candidates] = {}

    def of(self, meanings: Meanings) -> Candidates:
        """The candidates of a name's meanings."""
        met = self._met.get(id(meanings))
        if met is not None:  # it holds its meanings, so their id is theirs alone
            return met
        if len(self._met) >= _REMEMBERED:
            self._met.clear()
        made = self._met[id(meanings)] = Candidates(meanings, self._weights)
        return made


def prior_of(meaning: Meaning, weights: Prior) -> float:
    """How likely a name means this place when nothing else is said."""
    entity = meaning.entity
    score = weights.people * math.log10(entity.population + 30)
    score += weights.fame * math.log(max(meaning.spellings, len(entity.names)))
    given = entity.population >= _MANY_NAMED or entity.source.startswith("pack:")
    if meaning.main or (given and not meaning.alias):
        score += weights.main
    if entity.feature == "country":
        score += weights.country if entity.population > 1_000_000 else weights.small_country
    elif entity.feature == "region":
        score += weights.region
    elif entity.feature in _WIDE:
        score += weights.wide
    elif entity.feature == "county":
        score += weights.county
    elif entity.source.startswith("watch:"):
        score += weights.watch
    elif entity.source.startswith("pack:"):
        score += weights.pack
    return score


def unit(entity: Entity) -> tuple[float, float, float]:
    """A place's point on the unit sphere; the centre where it has no coordinates."""
    if entity.lat is None or entity.lon is None:
        return 0.0, 0.0, 0.0
    lat, lon = math.radians(entity.lat), math.radians(entity.lon)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def cell_of(entity: Entity) -> int:
    """The cell of a coarse grid that a place lies in; cells around it differ by 1 and by the columns of the grid."""
    if entity.lat is None or entity.lon is None:
        return -1
    return int((entity.lat + 90.0) / _CELL_DEGREES) * _COLUMNS + int((entity.lon + 180.0) / _CELL_DEGREES)


@cache
def cells_around(cell: int) -> tuple[int, ...]:
    """A cell and its eight neighbours."""
    return tuple(cell + row + column for row in (-_COLUMNS, 0, _COLUMNS) for column in (-1, 0, 1))
