"""Areas as a person writes them: boxes and GeoJSON polygons, in degrees."""

from __future__ import annotations

from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

Bbox = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def check_bbox(bbox: Bbox) -> str:
    """What is wrong with a box and what to do, or an empty string."""
    west, south, east, north = bbox
    if not all(-180 <= longitude <= 180 for longitude in (west, east)):
        return "a longitude lies between -180 and 180: a bbox is [west, south, east, north] in degrees"
    if not all(-90 <= latitude <= 90 for latitude in (south, north)):
        return "a latitude lies between -90 and 90: a bbox is [west, south, east, north] in degrees"
    if south >= north:
        return f"south ({south:g}) is not below north ({north:g}): a bbox is [west, south, east, north] in degrees"
    if west == east:
        return f"west and east are the same ({west:g}): a bbox is [west, south, east, north] in degrees"
    return ""


def bbox_shape(bbox: Bbox) -> BaseGeometry:
    """The box as a shape in (longitude, latitude); two parts where it crosses the antimeridian."""
    west, south, east, north = bbox
    if west < east:
        return shapely.box(west, south, east, north)
    return shapely.MultiPolygon([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])


def parse_polygon(polygon: dict[str, Any]) -> BaseGeometry:
    """A GeoJSON Polygon or MultiPolygon (RFC 7946) as a shape in (longitude, latitude).

    Raises ValueError that says what is wrong and what to do.
    """
    kind = polygon.get("type")
    if kind == "Feature" and isinstance(polygon.get("geometry"), dict):
        return parse_polygon(polygon["geometry"])
    if kind not in {"Polygon", "MultiPolygon"}:
        raise ValueError(f"a polygon's type is Polygon or MultiPolygon and this is {kind!r}: paste a GeoJSON geometry")
    coordinates = polygon.get("coordinates")
    for ring in _rings(coordinates, kind):
        _check_ring(ring)
    geometry: BaseGeometry = shape({"type": kind, "coordinates": coordinates})
    if geometry.is_empty or not geometry.is_valid:
        raise ValueError(f"the polygon crosses or repeats itself ({explain_validity(geometry)}): draw it again")
    return geometry


def _rings(coordinates: Any, kind: str) -> list[Any]:
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        raise ValueError("a polygon's coordinates are a list of rings: paste a GeoJSON geometry")
    rings: list[Any] = []
    for one in polygons:
        if not isinstance(one, list) or not one:
            raise ValueError("a polygon's coordinates are a list of rings: paste a GeoJSON geometry")
        rings.extend(one)
    return rings


def _check_ring(ring: Any) -> None:
    if not isinstance(ring, list) or not all(_is_position(position) for position in ring):
        raise ValueError("a polygon's ring is a list of positions in degrees: write each as [longitude, latitude]")
    if len(ring) < 4 or ring[0][:2] != ring[-1][:2]:
        raise ValueError(
            "a polygon's ring has at least 4 positions and ends where it began: repeat the first at the end"
        )


def _is_position(position: Any) -> bool:
    return (
        isinstance(position, list)
        and len(position) in {2, 3}
        and all(isinstance(number, int | float) and not isinstance(number, bool) for number in position)
        and -180 <= position[0] <= 180
        and -90 <= position[1] <= 90
    )
