"""Names that GeoNames gives to a town beside its own: in news they are more often something else."""

from __future__ import annotations

from agents.names.alphabets import LATIN
from agents.names.scan import Found, Meanings

STRONG_POPULATION = 15_000
"""People of a town that its own name alone means, where that is no ordinary word."""
GREAT = 1_000_000
"""People of a city that is meant by another name of few letters (`Prag`), or of other accents than it has."""


def by_another_name(name: Found, places: Meanings) -> bool:
    """Whether one Latin word is no place's own name but another one of a town (`Google` of Topeka, `Recht` of Rasht).

    Names that a pack, a watch or the list of exonyms gives are its own, and so is any of a great city's. A village's
    own name (`Monster`) does not make it that of a town far away.
    """
    if " " in name.plain or not LATIN.covers(name.surface):
        return False
    return not any(
        (meaning.main and meaning.entity.population >= STRONG_POPULATION)
        or meaning.entity.source != "geonames"
        or meaning.entity.population >= GREAT
        or meaning.entity.feature in ("country", "region", "county")
        for meaning in places
    )
