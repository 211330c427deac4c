"""The weights that `bench/enrichment/fit.py` fits: how places are ranked and how sure a mention is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from agents.enrich.candidates import Prepared, Prior
from agents.enrich.confidence import PlaceSigns
from agents.enrich.ranking import Weights

FILE = files("agents.enrich") / "data" / "learnt.yaml"


@dataclass(frozen=True, slots=True)
class Ranking:
    """The weights of candidates, and the candidates prepared with them."""

    prior: Prior
    weights: Weights
    prepared: Prepared = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "prepared", Prepared(self.prior))


@cache
def _read() -> Any:
    return YAML(typ="safe", pure=True).load(FILE.read_text(encoding="utf-8"))


@cache
def ranking() -> Ranking:
    """The ranking as fitted."""
    content = _read()
    return Ranking(Prior(**content["prior"]), Weights(**content["ranking"]))


@cache
def place_signs() -> PlaceSigns:
    """The weights of the signs that a mention of a place is right."""
    return PlaceSigns(**_read()["place"])


@cache
def chances(kind: str) -> dict[str, float]:
    """How often mentions of a kind (`actor`, `route`) are right, by the beginning of their reason."""
    return dict(_read()[kind])
