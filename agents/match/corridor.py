"""Corridors and circles on the ground: how far a point lies from a line of places.

A line is laid flat by the azimuthal equidistant projection about the middle of its places (Snyder, Map Projections:
A Working Manual, USGS PP 1395, 1987, p. 191), on a sphere of the Earth's mean radius. That holds at the poles and
across the antimeridian alike, keeps distances from the middle exact, and errs by less than 0.3% at 700 km from it.
Roads are not straight: the corridor's width, not the projection, limits how well a line stands for a road.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_KM = 6371.0088
_SAMPLES = 64
Degrees = tuple[float, float]
"""Latitude, longitude."""
Box = tuple[float, float, float, float]
"""South, west, north, east in degrees, west <= east, both within -180 to 180."""
_Numbers = npt.NDArray[np.float64]


def distance_km(one: Degrees, other: Degrees) -> float:
    """Great-circle distance in kilometres (haversine)."""
    south, north = math.radians(one[0]), math.radians(other[0])
    half_lat = (north - south) / 2
    half_lon = math.radians(other[1] - one[1]) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(south) * math.cos(north) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def distances_km(south: _Numbers, west: _Numbers, north: _Numbers, east: _Numbers) -> _Numbers:
    """`distance_km` of many points, each from the one beside it."""
    one, other = np.radians(south), np.radians(north)
    half_lat, half_lon = (other - one) / 2, np.radians(east - west) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(one) * np.cos(other) * np.sin(half_lon) ** 2
    found: _Numbers = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(chord)))
    return found


@dataclass(frozen=True)
class Corridor:
    """Everything within `width_km` of the line through `points`; of the point, where there is only one."""

    points: tuple[Degrees, ...]
    width_km: float

    @cached_property
    def _centre(self) -> Degrees:
        latitudes = np.radians([point[0] for point in self.points])
        longitudes = np.radians([point[1] for point in self.points])
        x = float(np.sum(np.cos(latitudes) * np.cos(longitudes)))
        y = float(np.sum(np.cos(latitudes) * np.sin(longitudes)))
        z = float(np.sum(np.sin(latitudes)))
        if math.hypot(x, y, z) < 1e-6:  # places that balance around the globe have no middle
            return self.points[0]
        return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))

    @cached_property
    def _line(self) -> BaseGeometry:
        flat = self._flatten(np.array([p[0] for p in self.points]), np.array([p[1] for p in self.points]))
        if len(self.points) == 1:
            return shapely.Point(flat[0])
        return shapely.LineString(np.round(flat, 9))  # of a piece too short to square, no distance can be told

    def _flatten(self, latitudes: _Numbers, longitudes: _Numbers) -> _Numbers:
        return flatten(latitudes, longitudes, self._centre[0], self._centre[1])

    def distances_km(self, latitudes: Sequence[float] | _Numbers, longitudes: Sequence[float] | _Numbers) -> _Numbers:
        """How far each point lies from the line, in kilometres."""
        flat = self._flatten(np.asarray(latitudes, dtype=float), np.asarray(longitudes, dtype=float))
        distances: _Numbers = shapely.distance(self._line, shapely.points(flat))
        return distances

    def distance_km(self, point: Degrees) -> float:
        """How far a point lies from the line, in kilometres."""
        return float(self.distances_km([point[0]], [point[1]])[0])

    def contains(self, point: Degrees) -> bool:
        """Whether a point lies within the corridor, its edge included."""
        return self.distance_km(point) <= self.width_km

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """One or two boxes that hold the whole corridor."""
        if len(self.points) == 1:
            flat, step = np.zeros((1, 2)), 0.0
        else:
            step = self._line.length / _SAMPLES
            flat = shapely.get_coordinates(self._line.interpolate(np.linspace(0, self._line.length, _SAMPLES + 1)))
        latitudes, longitudes = unflatten(flat, self._centre[0])
        margin = math.degrees((self.width_km + step) / EARTH_RADIUS_KM) * 1.01 + 1e-9
        south, north = float(latitudes.min()) - margin, float(latitudes.max()) + margin
        if south <= -90 or north >= 90:
            return ((max(-90.0, south), -180.0, min(90.0, north), 180.0),)
        # A circle spans the most degrees of longitude where it comes nearest a pole.
        reach = math.sin(math.radians(margin)) / math.cos(math.radians(max(abs(south), abs(north))))
        widen = math.degrees(math.asin(reach)) if reach < 1 else 180.0
        west = self._centre[1] + float(longitudes.min()) - widen
        east = self._centre[1] + float(longitudes.max()) + widen
        return split_at_antimeridian(south, west, north, east)


def flatten(
    latitudes: _Numbers, longitudes: _Numbers, centre_lat: float | _Numbers, centre_lon: float | _Numbers
) -> _Numbers:
    """Kilometres east and north of a centre (one for all points or one each), one row a point; degrees in."""
    lat0, lon0 = np.radians(centre_lat), np.radians(centre_lon)
    lat, lon = np.radians(latitudes), np.radians(longitudes) - lon0
    cos_lat, sin_lat, cos_lon = np.cos(lat), np.sin(lat), np.cos(lon)
    east = cos_lat * np.sin(lon)
    north = np.cos(lat0) * sin_lat - np.sin(lat0) * cos_lat * cos_lon
    upward = np.sin(lat0) * sin_lat + np.cos(lat0) * cos_lat * cos_lon
    sine = np.hypot(east, north)
    angle = np.arctan2(sine, upward)
    stretch = np.where(sine < 1e-12, 1.0, angle / np.maximum(sine, 1e-12))
    flat: _Numbers = np.column_stack((east * stretch, north * stretch)) * EARTH_RADIUS_KM
    flat[(sine < 1e-12) & (upward < 0)] = math.pi * EARTH_RADIUS_KM, 0.0  # which lies in any direction
    return flat


def unflatten(flat: _Numbers, centre_lat: float | _Numbers) -> tuple[_Numbers, _Numbers]:
    """The inverse of `flatten`: latitudes, and longitudes relative to the centre's, in degrees."""
    lat0 = np.radians(centre_lat)
    east, north = flat[:, 0] / EARTH_RADIUS_KM, flat[:, 1] / EARTH_RADIUS_KM
    angle = np.hypot(east, north)
    ratio = np.where(angle < 1e-12, 1.0, np.sin(angle) / np.maximum(angle, 1e-12))
    lat = np.arcsin(np.clip(np.cos(angle) * np.sin(lat0) + north * ratio * np.cos(lat0), -1, 1))
    lon = np.arctan2(east * ratio, np.cos(angle) * np.cos(lat0) - north * ratio * np.sin(lat0))
    return np.degrees(lat), np.degrees(lon)


def split_at_antimeridian(south: float, west: float, north: float, east: float) -> tuple[Box, ...]:
    """A box whose longitudes may run past 180 degrees, as one or two that do not."""
    if east - west >= 360:
        return ((south, -180.0, north, 180.0),)
    if west < -180:
        return ((south, west + 360, north, 180.0), (south, -180.0, north, east))
    if east > 180:
        return ((south, west, north, 180.0), (south, -180.0, north, east - 360))
    return ((south, west, north, east),)
