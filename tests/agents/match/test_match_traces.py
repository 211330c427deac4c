"""Many roads traced at once, against each by the definition of what names it and what lies on it."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import ENTITIES, WORLD

from agents.match.compile import Entities
from agents.match.corridor import Corridor, distance_km
from agents.match.ground import CITY_PARTS, Ground, is_point
from agents.match.keys import CITIES, NAMED, WRITTEN, EntityKeys, pair_key
from agents.match.resolved import ResolvedCondition
from agents.match.route import BIG_CITY, stretches, waypoint_order
from agents.match.traces import Tracer

POINTS = {one.id: one for one in ENTITIES if one.kind == "place" and one.lat is not None and is_point(one)}
ROADS = [one.id for one in ENTITIES if one.kind == "route"]
STOP = st.lists(st.sampled_from(sorted(POINTS)), min_size=1, max_size=2, unique=True).map(tuple)
ROUTE = st.builds(
    lambda stops, km, road: ResolvedCondition("route", tuple(stops), km, road),
    st.lists(STOP, min_size=2, max_size=5),
    st.sampled_from([2.0, 10.0, 60.0]),
    st.sampled_from(["", "", *ROADS]),
)


def expected(road: ResolvedCondition, keys: EntityKeys) -> tuple[set[str], set[str], set[int]]:
    """What fires a road, what does not though it lies on it, and the pairs that name it."""
    stops = [POINTS[ids[0]] for ids in road.ids]
    points = tuple((stop.lat or 0.0, stop.lon or 0.0) for stop in stops)
    corridor = Corridor(points, road.km or 0.0)
    held = [one for one in POINTS.values() if corridor.contains((one.lat or 0.0, one.lon or 0.0))]
    asked = range(len(stops)) if road.road else (0, len(stops) - 1)
    quiet = {one for at in asked if stops[at].population >= BIG_CITY for one in road.ids[at]}
    if road.road:
        quiet |= {one.id for one in held if one.population >= BIG_CITY}
    cities = [POINTS[one] for one in quiet]
    quiet |= {
        one.id
        for one in held
        if one.feature in CITY_PARTS
        and any(distance_km((city.lat or 0, city.lon or 0), (one.lat or 0, one.lon or 0)) <= 10 for city in cities)
    }
    fires = ({one for ids in road.ids for one in ids} | {one.id for one in held}) - quiet
    straight = stretches(points)
    pairs = set()
    for (one, first), (other, last) in combinations(waypoint_order(road.ids).items(), 2):
        holds = {WRITTEN: True, NAMED: not road.road and (min(first, last), max(first, last)) in straight}
        holds[CITIES] = one in quiet and other in quiet
        if first != last:
            pairs |= {pair_key(how, keys.key(one), keys.key(other)) for how, does in holds.items() if does}
    return fires | ({road.road} if road.road else set()), quiet, pairs


@settings(deadline=None)
@given(st.lists(ROUTE, min_size=1, max_size=6))
def test_roads_together_are_what_each_is_alone(roads: list[ResolvedCondition]) -> None:
    keys = EntityKeys()
    traces = Tracer(Entities(WORLD).entity, Ground(WORLD, keys), keys).trace(roads)
    for number, road in enumerate(roads):
        trace = traces[number]
        fires, quiet, pairs = expected(road, keys)
        assert {keys.entity(key) for key in trace.triggers} == fires
        assert {keys.entity(key) for key in trace.quiet} == quiet
        assert set(trace.pairs) == pairs
        assert len(trace.triggers) == len(fires)


def test_what_lost_its_ground_leaves_the_others_as_they_are() -> None:
    keys = EntityKeys()
    tracer = Tracer(Entities(WORLD).entity, Ground(WORLD, keys), keys)
    road = ResolvedCondition("route", (("place:homs",), ("place:rastan",), ("place:hama",)), 5.0)
    lost = ResolvedCondition("route", (("place:homs",), ("place:atlantis",)), 5.0)
    traces = tracer.trace([lost, road, ResolvedCondition("phrase", words="Red Tea")])
    assert traces.forgotten == {0: "place:atlantis"}
    assert traces[0].triggers == []
    assert traces[1] == tracer.trace([road])[0]
    assert traces[2].phrase == "red tea"
