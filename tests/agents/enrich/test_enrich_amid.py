"""Little towns that nothing but two other places nearby tells of."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streams.records import EnrichedArticle

Read = Callable[..., EnrichedArticle]


def _places(read: Read, text: str) -> list[str]:
    return [mention.surface for mention in read(text, language="en").mentions if mention.kind == "place"]


@pytest.mark.parametrize(
    ("text", "town"),
    [
        (
            "Shells fell near Kadugli and Kauda for a third day, residents said. Talodi was spared, and no one knew "
            "why.",
            "Talodi",
        ),
        (
            "Trucks from Kandahar wait for days on the way to Quetta, traders said. Spin Boldak has run out of flour.",
            "Spin Boldak",
        ),
    ],
)  # fmt: skip
def test_two_places_nearby_tell_of_a_third(read: Read, text: str, town: str) -> None:
    assert town in _places(read, text)


def test_a_surname_is_no_town_of_the_land_it_is_common_in(read: Read) -> None:
    text = "Crews worked in Charleston and Huntington, West Virginia, all night. Adkins said the road would open soon."
    assert "Adkins" not in _places(read, text)


def test_a_minister_of_a_town_s_name_is_none(read: Read) -> None:
    text = "Clashes went on in Kadugli and Kauda. Hassan Talodi, a teacher, left with his sons."
    assert "Talodi" not in _places(read, text)
