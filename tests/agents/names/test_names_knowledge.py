"""What a person's name for something means, over the real gazetteer and packs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents.names.entity import Entity
from agents.names.key import fold, spelling
from agents.names.knowledge import NamesKnowledge, load_knowledge
from agents.names.scan import longest
from streams.errors import ConfigInvalid

pytestmark = pytest.mark.slow

ALEPPO = "geonames:170063"


@pytest.mark.parametrize("name", ["Alep", "aleppo", "HALAB", "حلب", "Алеппо", "Halep", "Alepo"])
def test_any_spelling_and_script_means_the_city(knowledge: NamesKnowledge, name: str) -> None:
    assert knowledge.find(name)[0].id == ALEPPO


def test_an_entity_is_known_where_it_can_be_had(knowledge: NamesKnowledge) -> None:
    listed = [entity.id for entity in knowledge.listed()][:50]
    numbers = [int(number) for number in knowledge.gazetteer.ids[:: len(knowledge.gazetteer) // 50]]
    near = [f"geonames:{number + step}" for number in numbers for step in (0, 1)]
    odd = ["geonames:", "geonames:x", "geonames:²", "place:nowhere", "", "geonames:99999999999", f"geonames:{10**30}"]
    asked = [*listed, *near, *odd]
    for one in asked:
        assert knowledge.knows(one) == (knowledge.entity(one) is not None), one
    assert knowledge.unknown(asked) == [one for one in asked if not knowledge.knows(one)]
    assert knowledge.unknown(odd) == odd
    assert knowledge.unknown([]) == []
    assert all(knowledge.knows(one) for one in (*listed, ALEPPO))
    assert not all(knowledge.knows(one) for one in near)


def test_a_misspelt_name_is_found_by_its_sound(knowledge: NamesKnowledge) -> None:
    assert knowledge.find("Khanaser")[0].name == "Khanasser"


def test_a_name_that_means_nothing_has_near_ones(knowledge: NamesKnowledge) -> None:
    assert knowledge.find("Qzxvkw") == []
    assert any("hanas" in name for name in knowledge.nearest_names("Khanasserr", "place"))
    near = knowledge.nearest_names("Nyalla")
    assert "Nyala" in near
    assert len({spelling(name).casefold() for name in near}) == len(near) == 3  # not Nyala, Nyāla and nyala


def test_a_country_comes_before_a_village_of_its_name(knowledge: NamesKnowledge) -> None:
    assert knowledge.find("Syrie")[0].id == "country:SY"
    assert knowledge.find("Liban")[0].country == "LB"


def test_several_places_of_one_name_come_largest_first(knowledge: NamesKnowledge) -> None:
    found = knowledge.find("Springfield", "place")
    assert len(found) > 5
    assert found[0].population == max(place.population for place in found)


def test_kinds_are_kept_apart(knowledge: NamesKnowledge) -> None:
    assert {entity.kind for entity in knowledge.find("Daech", "actor")} == {"actor"}
    assert knowledge.find("Daech", "place") == []


def test_places_in_a_box_hold_towns_and_what_packs_add(knowledge: NamesKnowledge) -> None:
    found = {place.id for place in knowledge.places_in_box(35.0, 36.9, 36.4, 38.0)}
    assert ALEPPO in found
    assert any(entity.startswith("place:") for entity in found)
    assert all(entity.lat is not None for entity in knowledge.places_in_box(35.0, 36.9, 36.4, 38.0))


def test_a_box_may_cross_the_date_line(knowledge: NamesKnowledge) -> None:
    countries = {place.country for place in knowledge.places_in_box(-20, 176, -15, -178)}
    assert "FJ" in countries


def test_a_watch_teaches_a_name_nobody_else_knows(knowledge: NamesKnowledge) -> None:
    entity = Entity("place:w-qzxvkw", "place", "Qzxvkw", ("Qzxvkw",), 35.0, 37.0, "SY", source="watch:w")
    taught = knowledge.with_entities([entity])
    assert taught.find("qzxvkw")[0].id == entity.id
    text = "Des tirs à Qzxvkw."
    assert [found.surface for found in longest(taught.scan(fold(text), text))] == ["Qzxvkw"]
    assert knowledge.find("qzxvkw") == []


def test_learnt_names_stand_beside_the_others(knowledge: NamesKnowledge) -> None:
    first = Entity("place:w-qzxvkw", "place", "Qzxvkw", ("Qzxvkw",), 35.0, 37.0, "SY", source="watch:w")
    second = Entity("actor:w-vrblgh", "actor", "Vrblgh Qwm", ("Vrblgh Qwm",), source="watch:w")
    taught = knowledge.with_entities([first]).with_entities([second])
    text = "Syrian families left Aleppo for Qzxvkw, Vrblgh Qwm said."
    names, peoples = taught.scan_all(fold(text), text)
    found = {(name.surface, meaning.entity.id) for name in names for meaning in name.meanings}
    assert {("Aleppo", ALEPPO), ("Qzxvkw", first.id), ("Vrblgh Qwm", second.id)} <= found
    assert [people.surface for people in peoples] == ["Syrian"]
    assert [taught.entity(one) for one in (first.id, second.id)] == [first, second]
    assert taught.find("qzxvkw") == [first]
    assert taught.find("vrblgh qwm", "actor") == [second]
    assert taught.find("Alep")[0].id == ALEPPO
    assert second in taught.actors()


def test_what_is_known_by_its_id_gains_names_beside_what_is_new(knowledge: NamesKnowledge) -> None:
    fresh = Entity("place:w-qzxvkw", "place", "Qzxvkw", ("Qzxvkw",), 35.0, 37.0, "SY", source="watch:w")
    taught = knowledge.with_entities([fresh])
    again = taught.with_entities([Entity(ALEPPO, "place", "", ("Xwvolb",))])
    text = "From Xwvolb to Qzxvkw."
    assert {found.surface for found in longest(again.scan(fold(text), text))} == {"Xwvolb", "Qzxvkw"}
    assert [one.id for one in again.find("Xwvolb")] == [ALEPPO]
    assert again.entity(fresh.id) == fresh


def test_a_pack_of_ones_own_overrides_by_id(tmp_path: Path) -> None:
    pack = tmp_path / "mine.yaml"
    pack.write_text(
        "pack: mine\nname: Mine\ncountries: [SY]\nplaces:\n"
        "  - id: geonames:170063\n    name: Aleppo the White\n    names: {fr: [La Blanche-Neuve]}\n"
        "  - id: place:nowhere\n    name: Zwyqq\n    feature: village\n    lat: 35.1\n    lon: 37.1\n    country: SY\n",
        encoding="utf-8",
    )
    mine = load_knowledge([pack])
    aleppo = mine.entity(ALEPPO)
    assert aleppo is not None
    assert (aleppo.name, aleppo.source) == ("Aleppo the White", "pack:mine")
    assert aleppo.lat == pytest.approx(36.2, abs=0.01)
    assert mine.find("La Blanche-Neuve")[0].id == ALEPPO
    assert mine.find("حلب")[0].id == ALEPPO
    assert mine.find("zwyqq")[0].lat == 35.1


def test_mistakes_in_a_pack_say_where_and_what_to_do(tmp_path: Path) -> None:
    pack = tmp_path / "bad.yaml"
    pack.write_text("pack: bad\nname: Bad\nplaces:\n  - id: place:x\n    name: X\n    lat: 95\n", encoding="utf-8")
    with pytest.raises(ConfigInvalid) as raised:
        load_knowledge([pack])
    assert raised.value.mistakes[0].startswith(f"{pack}:6:5: places.0.lat: ")
    assert "correct or remove it" in raised.value.mistakes[0]


def test_a_pack_that_is_no_yaml_says_where(tmp_path: Path) -> None:
    pack = tmp_path / "broken.yaml"
    pack.write_text("pack: [unclosed\n", encoding="utf-8")
    with pytest.raises(ConfigInvalid, match=r"broken\.yaml:\d+:\d+: "):
        load_knowledge([pack])


def test_a_pack_that_is_missing_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        load_knowledge([tmp_path / "absent.yaml"])


@pytest.mark.timeout(600)
def test_processes_may_race_to_compile_an_empty_cache(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from agents.names.knowledge import load_knowledge;"
        "k = load_knowledge(cache_dir=Path(sys.argv[1])); print(k.find('Alep')[0].id)"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        for _ in range(2)
    ]
    assert [process.communicate(timeout=500)[0].strip() for process in started] == [ALEPPO, ALEPPO]
    assert len(list(tmp_path.glob("gazetteer-*"))) == 1
    assert not [left for left in tmp_path.iterdir() if left.name.startswith("tmp")]
