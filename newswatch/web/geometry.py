"""What is watched, as GeoJSON for the map: roads with their corridors, towns, areas."""

from __future__ import annotations

import json
from math import cos, radians
from typing import Any

import shapely
from shapely.geometry import mapping

from agents.match.resolved import GROUPS, ResolvedCondition, ResolvedWatch
from agents.names.entity import Entity, Knowledge

_DEGREE_KM = 111.2
_CORRIDOR_KM = 5.0
_ROUND = 5


def features_of(watch: ResolvedWatch, knowledge: Knowledge, name: str) -> list[dict[str, Any]]:
    """A watch as features, each with `watch`, `name` and `kind`: `corridor`, `road`, `town` or `area`."""
    own = {entity.id: entity for entity in watch.entities}
    found: list[dict[str, Any]] = []
    for condition in (one for group in GROUPS if group != "none" for one in getattr(watch, group)):
        places = [own.get(ids[0]) or knowledge.entity(ids[0]) for ids in condition.ids]
        for kind, shape in _shapes(condition, [one for one in places if one is not None]):
            properties = {"watch": watch.id, "name": name, "kind": kind}
            found.append({"type": "Feature", "properties": properties, "geometry": shape})
    return found


def _shapes(condition: ResolvedCondition, places: list[Entity]) -> list[tuple[str, dict[str, Any]]]:
    points = [(one.lon, one.lat) for one in places if one.lat is not None and one.lon is not None]
    if condition.kind == "route" and len(points) >= 2:
        line = {"type": "LineString", "coordinates": [[round(x, _ROUND), round(y, _ROUND)] for x, y in points]}
        return [("corridor", _around(points, condition.km or _CORRIDOR_KM)), ("road", line)]
    if condition.kind == "town" and points:
        shown: list[tuple[str, dict[str, Any]]] = [("town", {"type": "Point", "coordinates": list(points[0])})]
        return [("area", _around(points[:1], condition.km)), *shown] if condition.km else shown
    if condition.kind == "area" and condition.area:
        return _area(json.loads(condition.area))
    return []


def _around(points: list[tuple[float, float]], km: float) -> dict[str, Any]:
    """Everything within so many kilometres of a line or point; flat, which does for drawing."""
    middle = sum(latitude for _, latitude in points) / len(points)
    squeeze = max(0.05, cos(radians(middle)))
    flat = [(longitude * squeeze, latitude) for longitude, latitude in points]
    line = shapely.LineString(flat) if len(flat) > 1 else shapely.Point(flat[0])
    grown = shapely.transform(line.buffer(km / _DEGREE_KM, quad_segs=6), lambda xy: xy / [squeeze, 1.0])
    return dict(mapping(shapely.set_precision(grown, 10**-_ROUND)))


def _area(area: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    if area.get("bbox"):
        west, south, east, north = area["bbox"]
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return [("area", {"type": "Polygon", "coordinates": [ring]})]
    polygon = area.get("polygon")
    return [("area", polygon)] if isinstance(polygon, dict) else []
