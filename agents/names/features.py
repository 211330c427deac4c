"""GeoNames' feature codes as the features of our places."""

from __future__ import annotations

SETTLEMENT = ""
"""A populated place: its size decides between city, town and village."""

_BY_CODE = {
    **dict.fromkeys(("A.ADM1", "A.ADM1H"), "region"),
    **dict.fromkeys(("A.ADM2", "A.ADM2H"), "district"),
    **dict.fromkeys(("H.LK", "H.LKS", "H.LKI", "H.LKN", "H.LKNI", "H.LKSI", "H.LKC", "H.RSV", "H.RSVI", "H.LGN",
                     "H.LGNS", "H.SBKH", "H.MRSH", "T.SBKH"), "lake"),
    **dict.fromkeys(("H.STM", "H.STMS", "H.STMI", "H.STMIX", "H.WAD", "H.WADS", "H.WADM", "H.CNL", "H.CNLI"), "river"),
    **dict.fromkeys(("T.MT", "T.MTS", "T.PK", "T.PKS", "T.HLL", "T.HLLS", "T.RDGE", "T.VLC"), "mountain"),
    **dict.fromkeys(("T.DSRT",), "desert"),
    **dict.fromkeys(("S.AIRB",), "airbase"),
    **dict.fromkeys(("L.MILB", "L.NVB", "S.INSM", "S.FT"), "base"),
    **dict.fromkeys(("S.AIRP", "S.AIRF", "S.AIRH"), "airport"),
    **dict.fromkeys(("S.DAM",), "dam"),
    **dict.fromkeys(("S.CMPRF", "S.CMP", "L.CMP"), "camp"),
    **dict.fromkeys(("R.RD", "R.RDA", "R.RDCR", "R.RDB", "R.RTE", "R.RDJCT"), "road"),
    "P.PPLX": "quarter",
}  # fmt: skip
_NOT_TAKEN = frozenset(("P.PPLH", "P.PPLCH"))
"""Populated places of the past: their names live on in today's."""

FEATURES = (SETTLEMENT, *sorted(set(_BY_CODE.values())))
"""Every feature a compiled place may have, by the number it is stored as."""


def feature_of_code(feature_class: str, code: str) -> str | None:
    """Our feature for a GeoNames class and code; None for what newswatch does not read.

    >>> feature_of_code("H", "LK"), feature_of_code("P", "PPL"), feature_of_code("S", "HTL")
    ('lake', '', None)
    """
    whole = f"{feature_class}.{code}"
    if whole in _BY_CODE:
        return _BY_CODE[whole]
    return SETTLEMENT if feature_class == "P" and whole not in _NOT_TAKEN else None


def feature_of_size(population: int) -> str:
    """City from 50,000 people, town from 5,000, else village."""
    return "city" if population >= 50_000 else "town" if population >= 5_000 else "village"
