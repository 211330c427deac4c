"""What silences and inhibition read of an alert: its labels, each with the values it has."""

from __future__ import annotations

from collections.abc import Mapping

from streams.records import Alert, Hit

LABELS = ("watch", "severity", "owner", "country", "place", "actor", "outlet", "language", "kind", "scope")
Labels = Mapping[str, tuple[str, ...]]
"""The values of each label; some have none."""


def labels_of(alert: Alert, owner: str = "", scope: str = "") -> dict[str, tuple[str, ...]]:
    """The labels of an alert as it stands; `owner` is its watch's, `scope` how wide what fired is."""
    outlets = dict.fromkeys(one for one in (alert.outlet, *(source.outlet for source in alert.sources)) if one)
    return {
        "watch": (alert.watch,),
        "severity": (alert.severity,),
        "owner": (owner,) if owner else (),
        "country": tuple(dict.fromkeys(place.country for place in alert.places if place.country)),
        "place": tuple(dict.fromkeys(place.name for place in alert.places)),
        "actor": alert.actors,
        "outlet": tuple(outlets),
        "language": (alert.language,),
        "kind": alert.kinds,
        "scope": (scope,) if scope else (),
    }


def scope_of(hit: Hit, countries_only: bool) -> str:
    """How wide what fired is: `place` (a town or road), `country`, `area` (another), or empty for mere words.

    `countries_only` says whether every area that the watch names is a country.
    """
    if "town" in hit.kinds or "route" in hit.kinds:
        return "place"
    if "area" in hit.kinds:
        return "country" if countries_only else "area"
    return ""
