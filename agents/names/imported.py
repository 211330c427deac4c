"""First-order regions of imported dumps: their names go to the regions the world already has, or make new ones.

The gazetteer itself neither scans for them nor looks them up, so that a region has one id.
"""

from __future__ import annotations

from dataclasses import replace

from agents.names.compile_part import looks_like_a_name
from agents.names.gazetteer import Gazetteer
from agents.names.packs import PackEntity

_FEWEST = 3
"""Letters of a region's name at least."""


def add_regions(by_id: dict[str, PackEntity], gazetteer: Gazetteer) -> None:
    """Give known regions the names that imports add, and add those that only an import knows."""
    known = {
        item.entity.admin1: entity_id
        for entity_id, item in by_id.items()
        if item.entity.feature == "region" and item.entity.admin1 and not item.entity.id.startswith("geonames:")
    }
    for row in gazetteer.rows_of("region"):
        told = gazetteer.entity(row)
        if told.id in by_id:  # a pack describes it
            continue
        names = tuple(name for name in told.names if len(name) >= _FEWEST and looks_like_a_name(name))
        same = known.get(told.admin1 or "")
        if same is None:
            if names:
                by_id[told.id] = PackEntity(replace(told, name=names[0], names=names))
            continue
        item = by_id[same]
        names = tuple(dict.fromkeys((*item.entity.names, *names)))
        by_id[same] = PackEntity(replace(item.entity, names=names), item.acronyms, item.scanned)
