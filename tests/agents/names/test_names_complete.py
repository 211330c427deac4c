"""Completion of names: what begins so, in any script, the likeliest first."""

from __future__ import annotations

import pytest

from agents.names.key import name_key
from agents.names.knowledge import NamesKnowledge, load_knowledge


@pytest.fixture(scope="module")
def knowledge() -> NamesKnowledge:
    return load_knowledge()


@pytest.mark.parametrize(
    ("begun", "kind", "expected"),
    [
        ("khanas", "place", "Khanasser"),
        ("KHANAS", "place", "Khanasser"),
        ("خناص", "place", "Khanasser"),
        ("Alep", "place", "Aleppo"),
        ("حلب", "place", "Aleppo"),
        ("pari", "place", "Paris"),
        ("بيرو", "place", "Beirut"),
        ("hezb", "actor", "Hezbollah"),
    ],
)
def test_what_begins_so_is_found_in_any_script(knowledge: NamesKnowledge, begun: str, kind: str, expected: str) -> None:
    found = knowledge.completer.complete(begun, kind)  # type: ignore[arg-type]
    assert expected in [one.entity.name for one in found[:3]]
    assert all(name_key(one.name).startswith(name_key(begun)) for one in found)
    assert {one.entity.kind for one in found} == {kind}


def test_each_entity_comes_once_and_no_more_than_asked_for(knowledge: NamesKnowledge) -> None:
    found = knowledge.completer.complete("San", "place", 20)
    assert len({one.entity.id for one in found}) == len(found) == 20


def test_what_begins_no_name_completes_nothing(knowledge: NamesKnowledge) -> None:
    assert knowledge.completer.complete("  ") == []
    assert knowledge.completer.complete("qqqzzzxx") == []
    assert knowledge.completer.complete("[.*") == []
