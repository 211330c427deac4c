"""Corridors: distances on a sphere, also at the poles and across the antimeridian."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.match.corridor import Corridor, Degrees, distance_km

ALEPPO, KHANASSER, ATHRIYA = (36.20, 37.16), (35.78, 37.50), (35.36, 37.78)


def great_circle(one: Degrees, other: Degrees, steps: int = 400) -> list[Degrees]:
    """Points along the great circle, by spherical interpolation of unit vectors."""

    def vector(point: Degrees) -> tuple[float, float, float]:
        lat, lon = math.radians(point[0]), math.radians(point[1])
        return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)

    a, b = vector(one), vector(other)
    points = []
    for step in range(steps + 1):
        mixed = [x + (y - x) * step / steps for x, y in zip(a, b, strict=True)]
        points.append(
            (
                math.degrees(math.atan2(mixed[2], math.hypot(mixed[0], mixed[1]))),
                math.degrees(math.atan2(mixed[1], mixed[0])),
            )
        )
    return points


def distance_to_line(line: tuple[Degrees, ...], point: Degrees) -> float:
    """The distance to the nearest of many points on the line."""
    return min(distance_km(near, point) for one, other in pairwise(line) for near in great_circle(one, other))


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    [
        ((0, 0), (0, 1), 111.195),
        ((0, 179.5), (0, -179.5), 111.195),
        ((89, 0), (89, 180), 222.39),
        (ALEPPO, ALEPPO, 0),
        ((90, 0), (-90, 0), 20015.1),
    ],
)
def test_great_circle_distance(one: Degrees, other: Degrees, kilometres: float) -> None:
    assert distance_km(one, other) == pytest.approx(kilometres, abs=0.1)


@pytest.mark.parametrize(
    "line",
    [
        (ALEPPO, KHANASSER, ATHRIYA),
        ((-16.43, 179.36), (-16.10, -179.40)),
        ((-17.0, -179.9), (-16.0, 179.9), (-15.0, -179.5)),
        ((78.22, 15.65), (78.92, 11.93)),
        ((89.5, 10.0), (89.2, -150.0)),
        ((-89.9, 0.0), (-89.0, 90.0)),
        ((0.0, 0.0), (4.0, 4.0)),
    ],
)
@pytest.mark.parametrize(("north", "east"), [(0.05, 0.0), (0.0, 0.3), (-0.2, 0.1), (0.3, -0.4)])
def test_distance_from_a_line(line: tuple[Degrees, ...], north: float, east: float) -> None:
    lat = max(-90.0, min(90.0, line[0][0] + north))
    lon = (line[0][1] + east + 540) % 360 - 180
    expected = distance_to_line(line, (lat, lon))
    assert Corridor(line, 5).distance_km((lat, lon)) == pytest.approx(expected, rel=0.005, abs=0.3)


def test_waypoints_lie_on_the_line_and_the_edge_is_inside() -> None:
    corridor = Corridor((ALEPPO, KHANASSER, ATHRIYA), 10)
    assert all(corridor.distance_km(point) < 1e-6 for point in corridor.points)
    beside = (KHANASSER[0], KHANASSER[1] + 0.2)
    exactly = Corridor(corridor.points, corridor.distance_km(beside))
    assert exactly.contains(beside)
    assert not Corridor(corridor.points, exactly.width_km * 0.999).contains(beside)


def test_a_single_point_makes_a_circle() -> None:
    circle = Corridor((KHANASSER,), 20)
    assert circle.distance_km(ALEPPO) == pytest.approx(distance_km(KHANASSER, ALEPPO), rel=1e-9)


def test_the_other_end_of_the_world_is_far_away() -> None:
    assert Corridor(((0.0, 0.0),), 0.5).distance_km((0.0, 180.0)) == pytest.approx(20_015, abs=1)
    assert Corridor(((36.2, 37.16),), 0.5).distance_km((-36.2, -142.84)) == pytest.approx(20_015, abs=1)


def test_boxes_split_at_the_antimeridian_and_open_at_a_pole() -> None:
    assert len(Corridor(((-16.43, 179.36), (-16.10, -179.40)), 5).boxes) == 2
    (polar,) = Corridor(((89.5, 10.0), (89.2, -150.0)), 5).boxes
    assert (polar[1], polar[3]) == (-180.0, 180.0)


LATITUDES = st.floats(-89.9, 89.9)
LONGITUDES = st.floats(-180, 180)


@given(
    st.tuples(LATITUDES, LONGITUDES),
    st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), max_size=3),
    st.floats(0.5, 100),
    st.floats(0, 360),
    st.floats(0, 0.99),
)
def test_boxes_hold_everything_within(
    start: Degrees, steps: list[Degrees], width: float, bearing: float, share: float
) -> None:
    line = [start]
    for north, east in steps:
        lat = max(-89.9, min(89.9, line[-1][0] + north))
        line.append((lat, (line[-1][1] + east + 540) % 360 - 180))
    corridor = Corridor(tuple(line), width)
    for point in line:
        # A step of `share` times the width away from a place of the line, by the spherical direct formula.
        angle, course = share * width / 6371.0088, math.radians(bearing)
        lat = math.asin(
            math.sin(math.radians(point[0])) * math.cos(angle)
            + math.cos(math.radians(point[0])) * math.sin(angle) * math.cos(course)
        )
        lon = math.radians(point[1]) + math.atan2(
            math.sin(course) * math.sin(angle) * math.cos(math.radians(point[0])),
            math.cos(angle) - math.sin(math.radians(point[0])) * math.sin(lat),
        )
        here = (math.degrees(lat), (math.degrees(lon) + 540) % 360 - 180)
        assert any(
            south <= here[0] <= north and west <= here[1] <= east for south, west, north, east in corridor.boxes
        ), (here, corridor.boxes)
