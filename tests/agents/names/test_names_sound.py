"""Names sound alike across alphabets and schools of transliteration, and other names do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.names.knowledge import NamesKnowledge
from agents.names.sound import likeness, nearby, sound_key, sound_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Khanasser", "Khanaser"),
        ("Cheikh Halal", "Sheikh Hilal"),
        ("خناصر", "Khanasser"),
        ("Khan Shaykhun", "Khan Cheikhoun"),
        ("Maarat al-Noumane", "معرة النعمان"),
        ("Deir ez-Zor", "Дейр-эз-Зор"),
        ("Homs", "Хомс"),
        ("Qamishliyah", "Kamechlieh"),
        ("As-Suwayda", "Soueïda"),
        ("Djeddah", "Jidda"),
        ("Baghouz", "Al Baghuz"),
        ("Tell Abyad", "تل أبيض"),
        ("Kramatorsk", "Краматорськ"),
        ("Beer Sheba", "באר שבע"),
        ("Hodaïdah", "Al Ḩudaydah"),
        ("Šibarghān", "Sheberghan"),
    ],
)
def test_spellings_of_one_name_sound_alike(one: str, other: str) -> None:
    assert sound_key(one) == sound_key(other)
    assert likeness(sound_of(one), sound_of(other)) >= 82


@pytest.mark.parametrize(
    ("one", "other"),
    [("Aleppo", "Idlib"), ("Homs", "Hama"), ("حلب", "حماة"), ("Saraqib", "Sarmin"), ("Kharkiv", "Kherson")],
)
def test_other_names_do_not(one: str, other: str) -> None:
    assert likeness(sound_of(one), sound_of(other)) < 82


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_bounded(one: str, other: str) -> None:
    here, there = sound_of(one), sound_of(other)
    assert likeness(here, there) == likeness(there, here)
    assert 0.0 <= likeness(here, there) <= 100.0
    assert likeness(here, here) == 100.0


def test_a_key_of_few_consonants_has_no_neighbours() -> None:
    assert list(nearby("lb")) == []
    assert set(nearby("srkb")) == {"rkb", "skb", "srb", "srk"}


@pytest.mark.parametrize(
    ("name", "country", "place"),
    [
        ("Khanassir", "SY", "Khanāşir"),
        ("Maaret el-Noomane", "SY", "Ma‘arrat an Nu‘mān"),
        ("Kaferzita", "SY", "Kafr Zaytā"),
        ("Zouwara", "LY", "Zuwārah"),
        ("Kramatorske", "UA", "Kramators’k"),
        ("Hodaïdah", "YE", "Al Ḩudaydah"),
    ],
)
def test_an_unseen_spelling_is_the_place_it_sounds_like_in_its_country(
    knowledge: NamesKnowledge, name: str, country: str, place: str
) -> None:
    meant = knowledge.find(place, "place")[0]
    assert knowledge.alike(name, {country})[0][1].id == meant.id
    assert all(entity.country != country for _, entity in knowledge.alike(name, {"NZ"}))


def test_a_word_sounds_like_no_place(knowledge: NamesKnowledge) -> None:
    assert knowledge.alike("Wednesday", {"SY", "IQ"}) == []
    assert knowledge.alike("", {"SY"}) == []
