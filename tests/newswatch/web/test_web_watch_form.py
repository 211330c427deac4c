"""A watch as a form and back: nothing is lost, and every path of a mistake leads to its field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.match.watch import Watch
from newswatch.web.pages.watch_form import ConditionForm, WatchForm, definition_of, form_of, place_of, slug

NAMES = st.text("abc ضحل", min_size=1, max_size=8).map(str.strip).filter(bool)
KM = st.floats(0.5, 90).map(lambda km: round(km, 3))
CONDITIONS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"town": NAMES}, optional={"country": st.just("SY"), "within_km": KM}),
    st.fixed_dictionaries({"route": st.lists(NAMES, min_size=2, max_size=4) | NAMES}, optional={"corridor_km": KM}),
    st.fixed_dictionaries({"actor": NAMES}),
    st.fixed_dictionaries({"phrase": NAMES}),
    st.sampled_from(
        [
            {"area": {"country": "SY"}},
            {"area": {"bbox": [36.5, -34.25, 38.0, 36.0]}},
            {"area": {"polygon": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}},
        ]
    ),
)
WATCHES = st.fixed_dictionaries(
    {"id": st.just("road"), "any": st.lists(CONDITIONS, min_size=1, max_size=3)},
    optional={
        "name": NAMES,
        "all": st.lists(CONDITIONS, min_size=1, max_size=2),
        "none": st.lists(CONDITIONS, min_size=1, max_size=2),
        "languages": st.just(["fr", "ar"]),
        "outlets": st.just(["sana.sy"]),
        "notify": st.just(["ops"]),
        "sources": st.integers(2, 9),
        "facts_only": st.just(True),
        "severity": st.sampled_from(["info", "critical"]),
        "severity_by_sources": st.sampled_from([{"warning": 2, "critical": 4}, {"critical": 3}]),
        "close_after_hours": st.just(5.0),
        "pace": st.just({"digest": {"every": "day", "at": "07:00"}}),
    },
)


@given(WATCHES)
def test_a_form_gives_back_the_definition_that_it_was_made_of(definition: dict[str, Any]) -> None:
    if definition.get("name") is not None:
        definition["name"] = definition["name"].strip()
    written, places = definition_of(form_of(definition))
    assert written == definition
    for group in ("any", "all", "none"):
        for index, condition in enumerate(definition.get(group, ())):
            for number, _ in enumerate(condition["route"] if isinstance(condition.get("route"), list) else [0]):
                at = f"{group}[{index}].route[{number}]" if "route" in condition else f"{group}[{index}]"
                assert place_of(at, places) is not None


def test_what_a_watch_leaves_out_stays_out() -> None:
    watch = Watch.model_validate({"id": "road", "any": [{"town": "Homs"}]})
    given_back, _ = definition_of(form_of(watch.model_dump(mode="json", exclude_unset=True)))
    assert given_back == {"id": "road", "any": [{"town": "Homs"}]}


def test_empty_rows_and_places_are_left_out_and_mistakes_still_find_their_field() -> None:
    form = WatchForm(name="Aleppo - Khanasser")
    form.conditions = [
        ConditionForm(names=[" "]),
        ConditionForm(kind="route", names=["Alep", "", "Khanaser"], km="10"),
        ConditionForm(group="none", kind="phrase", names=["savon d'Alep"]),
    ]
    definition, places = definition_of(form)
    assert definition == {
        "id": "aleppo-khanasser",
        "name": "Aleppo - Khanasser",
        "any": [{"route": ["Alep", "Khanaser"], "corridor_km": 10}],
        "none": [{"phrase": "savon d'Alep"}],
    }
    assert place_of("any[0].route[1]", places) == (1, 2)
    assert place_of("any[0].corridor_km", places) == (1, 0)
    assert place_of("none[0].phrase", places) == (2, 0)
    assert place_of("severity", places) is None


@pytest.mark.parametrize(
    ("name", "made"), [("Alep - Khanasser", "alep-khanasser"), ("طريق حلب", "tryq-hlb"), ("!?", "")]
)
def test_ids_are_made_of_names_in_any_script(name: str, made: str) -> None:
    assert slug(name) == made


def test_numbers_may_be_in_the_digits_of_any_script_and_what_is_none_is_told_as_it_is() -> None:
    form = WatchForm(id="x", sources="٣")
    form.conditions = [ConditionForm(names=["Homs"], km="٢٫٥"), ConditionForm(names=["Hama"], km="far")]
    definition, _ = definition_of(form)
    assert definition["sources"] == 3
    assert [one["within_km"] for one in definition["any"]] == [2.5, "far"]
