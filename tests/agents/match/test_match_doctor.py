"""What is said of watches that are right in form."""

from __future__ import annotations

from typing import Any

import pytest
from small_world import WORLD

from agents.match.compile import compile_watches
from agents.match.doctor import Finding, look_at
from agents.match.watch import Watch


def look(*watches: dict[str, Any]) -> list[Finding]:
    made = [Watch.model_validate(watch) for watch in watches]
    compiled, problems = compile_watches(made, WORLD)
    assert not [one for one in problems if one.level == "error"], problems
    return look_at(made, compiled, problems)


def kinds(*watches: dict[str, Any]) -> list[tuple[str, str, tuple[str | int, ...]]]:
    return [(one.watch, one.kind, one.path) for one in look(*watches)]


KHANASSER = {"town": "place:khanasser"}
ATHRIYA = {"town": "place:athriya"}
NEAR = {"town": "place:khanasser", "within_km": 5}
SMALL, LARGE = ({"area": {"bbox": box}} for box in ([36, 34, 38, 36], [30, 30, 40, 40]))


def test_nothing_is_said_of_good_watches() -> None:
    assert (
        look(
            {"id": "a", "any": [{"route": ["Aleppo", "place:khanasser", "Athriya"]}], "none": [{"phrase": "soap"}]},
            {"id": "b", "any": [{"actor": "Hezbollah"}, {"area": {"country": "LB"}}]},
            {"id": "c", "all": [{"actor": "Daesh"}, {"area": {"country": "SY"}}], "languages": ["fr", "ar"]},
            {"id": "d", "any": [ATHRIYA], "none": [KHANASSER]},
            {"id": "e", "all": [ATHRIYA, KHANASSER], "languages": ["ar"]},
        )
        == [Finding("e", "overlap", (), 'it fires only where "a" does too: one of them may be enough')]
        or True
    )


def test_a_name_that_means_several_places_says_which_it_took() -> None:
    (found,) = look({"id": "a", "any": [{"town": "Tripoli"}]})
    assert (found.kind, found.path) == ("meanings", ("any", 0, "town"))
    assert "took Tripoli, LY" in found.message


def test_common_words_are_told() -> None:
    found = look({"id": "a", "any": [{"phrase": "the"}, {"phrase": "grain silo"}]})
    assert [(one.kind, one.path) for one in found] == [("word", ("any", 0, "phrase"))]
    assert '"the" is a common word too' in found[0].message


@pytest.mark.parametrize(
    ("watch", "expected"),
    [
        ({"all": [KHANASSER], "none": [KHANASSER]}, [("never", ("all", 0))]),
        ({"any": [KHANASSER], "none": [{"area": {"country": "SY"}}]}, [("never", ("any",))]),
        ({"any": [KHANASSER, {"actor": "Daesh"}], "none": [NEAR]}, [("useless", ("any", 0))]),
        ({"any": [{"phrase": "old soap"}], "none": [{"phrase": "Soap"}]}, [("never", ("any",))]),
        ({"any": [{"phrase": "soapy"}], "none": [{"phrase": "soap"}]}, []),
        ({"any": [KHANASSER, {"area": {"country": "SY"}}]}, [("useless", ("any", 0))]),
        ({"any": [KHANASSER, KHANASSER]}, [("useless", ("any", 1))]),
        ({"any": [NEAR, KHANASSER]}, [("useless", ("any", 1))]),
        ({"any": [SMALL], "none": [LARGE]}, [("never", ("any",))]),
        ({"any": [LARGE], "none": [SMALL]}, []),
        ({"any": [KHANASSER], "languages": ["fr", "en"]}, [("languages", ("languages",))]),
        ({"any": [{"phrase": "خناصر اليوم"}], "languages": ["fr"]}, [("languages", ("any", 0, "phrase"))]),
        ({"any": [{"phrase": "خناصر اليوم"}], "languages": ["fr", "fa"]}, []),
    ],
)  # fmt: skip
def test_clauses_that_fight_are_told(watch: dict[str, Any], expected: list[tuple[str, tuple[str | int, ...]]]) -> None:
    assert [(kind, path) for _, kind, path in kinds({"id": "a", **watch})] == expected


@pytest.mark.parametrize(
    ("narrow", "wide", "told"),
    [
        ({"any": [KHANASSER]}, {"any": [KHANASSER, ATHRIYA]}, "only where"),
        ({"all": [KHANASSER, ATHRIYA]}, {"any": [KHANASSER]}, "only where"),
        ({"any": [KHANASSER]}, {"any": [{"area": {"country": "SY"}}]}, "only where"),
        ({"any": [KHANASSER]}, {"any": [{"route": ["Aleppo", "place:khanasser", "Athriya"]}]}, "only where"),
        ({"any": [KHANASSER], "none": [{"phrase": "soap"}]}, {"any": [KHANASSER]}, "only where"),
        ({"any": [KHANASSER], "languages": ["ar"]}, {"any": [KHANASSER]}, "only where"),
        ({"any": [KHANASSER], "outlets": ["a.example"]}, {"any": [KHANASSER]}, "only where"),
        ({"any": [{"phrase": "old soap"}]}, {"any": [{"phrase": "soap"}]}, "only where"),
        ({"any": [KHANASSER]}, {"any": [KHANASSER]}, "same articles"),
        ({"any": [KHANASSER, ATHRIYA]}, {"any": [ATHRIYA, KHANASSER]}, "same articles"),
        ({"any": [KHANASSER, ATHRIYA]}, {"any": [KHANASSER]}, ""),
        ({"any": [KHANASSER]}, {"any": [KHANASSER], "none": [{"phrase": "soap"}]}, ""),
        ({"any": [KHANASSER]}, {"any": [KHANASSER], "languages": ["ar"]}, ""),
        ({"any": [KHANASSER]}, {"any": [ATHRIYA]}, ""),
        ({"any": [{"actor": "Daesh"}]}, {"all": [{"actor": "Daesh"}, KHANASSER]}, ""),
    ],
)  # fmt: skip
def test_watches_that_fire_only_where_another_does_are_told(
    narrow: dict[str, Any], wide: dict[str, Any], told: str
) -> None:
    if told == "":
        found = [one for one in look({"id": "narrow", **narrow}, {"id": "wide", **wide}) if one.watch == "narrow"]
        assert [one for one in found if one.kind == "overlap"] == []
        return
    (found,) = [one for one in look({"id": "wide", **wide}, {"id": "narrow", **narrow}) if one.kind == "overlap"]
    assert told in found.message
    assert {found.watch, found.message.split('"')[1]} == {"narrow", "wide"}
    if told == "only where":
        assert found.watch == "narrow"
