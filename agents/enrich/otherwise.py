"""Names that one language gives to another place than the next: French `Mexico` is the city, English the country."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agents.names.scan import Found

_NOT_MEANT: dict[str, dict[str, str]] = {
    "fr": {
        "Mexico": "country:MX", "Jordan": "country:JO", "Chad": "country:TD", "Georgia": "country:GE",
        "Lebanon": "country:LB", "India": "country:IN", "Tigre": "region:ET.tigray",
    },
    "ar": {"عمان": "country:OM", "عُمان": "geonames:250441"},
    "es": {"Jordan": "country:JO", "Jordán": "country:JO", "Tigre": "region:ET.tigray"},
}  # fmt: skip
"""By language and exact spelling, the country or region that the language calls something else."""


def in_language(found: Iterable[Found], language: str) -> Iterator[Found]:
    """The names without what their spelling does not mean in a language; those that mean nothing else are left out."""
    table = _NOT_MEANT.get(language)
    if table is None:
        yield from found
        return
    for name in found:
        other = table.get(name.surface)
        if other is None:
            yield name
            continue
        kept = tuple(meaning for meaning in name.meanings if meaning.entity.id != other)
        if kept:
            yield name._replace(meanings=kept)
