"""Places on corridors and in areas, many corridors at once: what each corridor says alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import SmallWorld

from agents.match.area import bbox_shape
from agents.match.corridor import Corridor
from agents.match.ground import CITY_PARTS, Ground, is_point
from agents.match.keys import EntityKeys
from agents.match.lines import Lines
from agents.names.entity import Entity
from agents.names.knowledge import NamesKnowledge

LATITUDE = st.one_of(st.floats(-89.9, 89.9), st.floats(30, 40))
LONGITUDE = st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 179.9, -179.9]), st.floats(30, 45))


@st.composite
def lines(draw: st.DrawFn) -> Corridor:
    """Within a few hundred kilometres, as roads are, or right across the map."""
    lat, lon = draw(LATITUDE), draw(LONGITUDE)
    apart = draw(st.sampled_from([0.5, 3.0, 15.0]))
    points = [(lat, lon)]
    for _ in range(draw(st.integers(0, 4))):
        north = points[-1][0] + draw(st.floats(-apart, apart))
        east = points[-1][1] + draw(st.floats(-apart, apart))
        points.append((max(-89.9, min(89.9, north)), (east + 180) % 360 - 180))
    return Corridor(tuple(points), draw(st.sampled_from([0.5, 5.0, 40.0, 100.0])))


def laid_end_to_end(corridors: list[Corridor]) -> Lines:
    points = np.array([point for corridor in corridors for point in corridor.points])
    counts = np.array([len(corridor.points) for corridor in corridors])
    return Lines(counts, points[:, 0], points[:, 1], np.array([corridor.width_km for corridor in corridors]))


def world_of(points: list[tuple[float, float]]) -> SmallWorld:
    return SmallWorld(
        Entity(f"place:{number}", "place", str(number), (str(number),), lat, lon, "XX", None, "village")
        for number, (lat, lon) in enumerate(points)
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(lines(), min_size=1, max_size=5), st.lists(st.tuples(LATITUDE, LONGITUDE), max_size=30), st.data())
def test_many_corridors_hold_what_each_holds(
    corridors: list[Corridor], points: list[tuple[float, float]], data: st.DataObject
) -> None:
    for corridor in corridors:  # some that lie near
        for lat, lon in corridor.points:
            shift = data.draw(st.floats(-1.5, 1.5))
            points.append((max(-90.0, min(90.0, lat + shift)), (lon + shift / 2 + 180) % 360 - 180))
    keys = EntityKeys()
    laid = laid_end_to_end(corridors)
    on, found = Ground(world_of(points), keys).on(laid)
    for position, corridor in enumerate(corridors):
        held = {keys.entity(key) for key in found.keys[on == position].tolist()}
        boxes = laid.boxes()[position].reshape(-1, 4).tolist()
        for number, (lat, lon) in enumerate(points):
            away = corridor.distance_km((lat, lon))
            if abs(away - corridor.width_km) > 1e-6:
                assert (f"place:{number}" in held) == (away <= corridor.width_km)
            if away <= corridor.width_km:
                assert any(south <= lat <= north and west <= lon <= east for south, west, north, east in boxes)


def test_a_road_right_across_a_continent_is_looked_at_in_pieces() -> None:
    cape_cairo = Corridor(((-33.9, 18.4), (-1.3, 36.8), (30.0, 31.2)), 20.0)
    owners, _, boxes = laid_end_to_end([cape_cairo]).pieces()
    assert set(owners.tolist()) == {0}
    assert len(boxes) > 100
    assert (boxes[:, 2] - boxes[:, 0]).max() < 2


def test_places_in_a_box_across_the_antimeridian() -> None:
    keys = EntityKeys()
    ground = Ground(world_of([(-17.0, 179.5), (-17.0, -179.5), (-17.0, 178.0), (-17.0, 180.0)]), keys)
    inside = ground.inside(bbox_shape((179.0, -18.0, -179.0, -16.0)))
    assert {keys.entity(key) for key in inside.keys.tolist()} == {"place:0", "place:1", "place:3"}


@pytest.fixture(scope="module")
def keys() -> EntityKeys:
    return EntityKeys()


@pytest.fixture(scope="module")
def ground(knowledge: NamesKnowledge, keys: EntityKeys) -> Ground:
    return Ground(knowledge, keys)


@pytest.mark.parametrize("box", [(35.0, 36.0, 36.9, 38.9), (51.0, -0.6, 51.7, 0.4), (-18.5, 177.0, -16.0, 180.0)])
def test_columns_of_the_gazetteer_are_the_places_it_gives(
    knowledge: NamesKnowledge, ground: Ground, keys: EntityKeys, box: tuple[float, float, float, float]
) -> None:
    south, west, north, east = box
    found = ground.inside(shapely.box(west, south, east, north))
    wanted = {place.id: place for place in knowledge.places_in_box(*box) if is_point(place)}
    assert len(wanted) > 10
    assert {keys.entity(key) for key in found.keys.tolist()} == wanted.keys()
    for row, key in enumerate(found.keys.tolist()):
        place = wanted[keys.entity(key)]
        spots, known = ground.spots([key])
        assert known.all()
        assert (spots.people[0], bool(found.part[row])) == (place.population, place.feature in CITY_PARTS)
        assert math.isclose(spots.latitudes[0], place.lat or 0, abs_tol=1e-9)
        assert math.isclose(spots.longitudes[0], place.lon or 0, abs_tol=1e-9)


def test_what_is_no_point_has_no_spot(ground: Ground, keys: EntityKeys) -> None:
    _, known = ground.spots([keys.key("country:SY"), keys.key("geonames:170063")])
    assert known.tolist() == [False, True]
