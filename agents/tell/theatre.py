"""Which theatre a country belongs to: the pack that names it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from agents.names.packs import bundled_packs
from streams.records import Alert

_BODY = re.compile(r"^(?:places|actors|routes|tests):", re.MULTILINE)


@lru_cache(maxsize=8)
def theatres(packs: tuple[Path, ...] = ()) -> Mapping[str, str]:
    """The pack of each country (ISO 3166-1 alpha-2), the user's own before the bundled ones.

    Only the heads of the files are read: they are checked elsewhere, and long.
    """
    found: dict[str, str] = {}
    for path in (*packs, *bundled_packs()):
        head = _BODY.split(path.read_text(encoding="utf-8"), maxsplit=1)[0]
        pack = YAML(typ="safe").load(head)
        for country in pack.get("countries") or ():
            found.setdefault(country, str(pack.get("pack") or pack.get("id")))
    return found


def theatre_of(alert: Alert, by: str, known: Mapping[str, str]) -> str:
    """Where an alert belongs: the theatre (or, `by` country, the country) of its first place that has one."""
    countries: Iterable[str] = (place.country for place in alert.places if place.country)
    for country in countries:
        return known.get(country, country) if by == "theatre" else country
    return ""
