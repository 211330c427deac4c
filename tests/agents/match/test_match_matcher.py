"""When a watch fires, with its clause, reason and evidence."""

from __future__ import annotations

from typing import Any

import pytest
from small_world import compiled, read

from agents.match.matcher import MAX_EVIDENCE, match
from streams.records import EnrichedArticle, Hit, Mention

ROAD = {"id": "road", "any": [{"route": ["Alep", "Khanasser", "Athriya"], "corridor_km": 10}]}
M5 = {"id": "m5", "any": [{"route": "M5"}]}


def hits(article: EnrichedArticle, *watches: dict[str, Any]) -> list[Hit]:
    return match(article, compiled(*watches))


def only(article: EnrichedArticle, *watches: dict[str, Any]) -> Hit:
    (hit,) = hits(article, *watches)
    return hit


@pytest.mark.parametrize(
    "text",
    [
        "Khanasser was quiet.",
        "Trucks waited at Ithriya.",
        "أغلقت الطريق قرب خناصر",
        "A mine exploded in Rasm al-Nafl.",
        "Alep and Khanasser exchanged visits.",
        "al-Safira opened a clinic.",
    ],
)
def test_a_village_on_the_road_fires_it(text: str) -> None:
    hit = only(read(text), ROAD)
    assert (hit.watch, hit.clause, hit.kinds) == ("road", "any[0].route", ("route",))


@pytest.mark.parametrize(
    "text",
    [
        "Aleppo celebrated the harvest.",
        "Sheikh Maqsoud has a new school.",
        "Aleppo Governorate counted its olives.",
        "The Euphrates rose by a metre.",
        "Syria played a draw.",
        "Homs and Hama shared the bill.",
        "Batroun makes lemonade.",
    ],
)
def test_a_big_city_at_the_end_or_something_wide_does_not(text: str) -> None:
    assert hits(read(text), ROAD) == []


@pytest.mark.parametrize(
    "waypoints",
    [
        ["place:aleppo", "place:khanasser"],
        ["place:khanasser", "place:aleppo"],
        ["place:athriya", "place:khanasser", "place:aleppo"],
        ["place:hama", "place:aleppo", "place:khanasser-again"],
    ],
)
def test_a_road_named_by_two_of_its_places_in_either_direction(waypoints: list[str]) -> None:
    article = read("The long road was cut.", roads=[("The long road", waypoints)])
    hit = only(article, ROAD)
    assert hit.reason == (
        "The road Aleppo - Khanasser - Athriya is named by "
        + ("Aleppo and Khanasser." if "place:athriya" not in waypoints else "Khanasser and Athriya.")
    )
    assert [evidence.surface for evidence in hit.evidence] == ["The long road"]


@pytest.mark.parametrize(
    "waypoints", [["place:aleppo"], ["place:aleppo", "place:hama"], ["place:homs", "place:aleppo", "place:rastan"]]
)
def test_another_road_that_only_shares_an_end_does_not(waypoints: list[str]) -> None:
    assert hits(read("The long road was cut.", roads=[("The long road", waypoints)]), ROAD) == []


def test_a_known_road_by_its_name() -> None:
    hit = only(read("Snow closed the M5 today."), M5)
    assert hit.reason == "The road M5 motorway is named."
    assert [(one.surface, one.why) for one in hit.evidence] == [("M5", "names the road M5 motorway")]


def test_big_cities_of_a_road_by_name_count_only_in_a_sentence_about_a_road() -> None:
    assert hits(read("Homs and Hama held exams. Damascus too."), M5) == []
    hit = only(read("Exams began. The convoy left Homs for Hama at dawn. Aleppo waited."), M5)
    assert hit.reason == "Homs and Hama on the road M5 motorway are named in one sentence about a road."
    assert [one.surface for one in hit.evidence] == ["Homs", "Hama"]
    assert hits(read("The convoy left Homs. Hama slept."), M5) == []


def test_cities_of_another_written_out_road_do_not_name_this_one() -> None:
    palmyra = {"id": "w", "any": [{"route": ["Damas", "al-Nabk", "Alep"], "corridor_km": 1}]}
    text = "The Alep-Homs-Damas road is open."
    road = [("Alep-Homs-Damas road", ["place:aleppo", "place:homs", "place:damascus"])]
    assert hits(read(text, roads=road), palmyra) == []
    assert only(read("The road from Damas to Alep is open."), palmyra).watch == "w"


def test_both_big_ends_in_one_sentence_about_a_road() -> None:
    watch = {"id": "w", "any": [{"route": ["Homs", "Hama"], "corridor_km": 1}]}
    assert hits(read("Homs and Hama celebrate."), watch) == []
    assert [one.surface for one in only(read("Les camions de la route de Homs à Hama"), watch).evidence] == [
        "Homs",
        "Hama",
    ]
    assert only(read("الطريق بين حمص و Hama مغلق"), watch).watch == "w"


def test_reason_says_where_on_the_road() -> None:
    assert only(read("Khanasser slept."), ROAD).reason == "Khanasser lies on the road Aleppo - Khanasser - Athriya."
    assert only(read("Rasm al-Nafl slept."), ROAD).reason.startswith("Rasm al-Nafl lies ")
    both = only(read("Khanasser and Athriya slept."), ROAD)
    assert both.reason == "Khanasser and Athriya on the road Aleppo - Khanasser - Athriya are named in one sentence."


def test_unsure_readings_do_not_count() -> None:
    assert hits(read("Khanasser slept.", unsure=["Khanasser"]), ROAD) == []
    assert hits(read("Daech fled.", unsure=["Daech"]), {"id": "w", "any": [{"actor": "Daech"}]}) == []


def test_a_place_nobody_knew_is_found_by_its_coordinates() -> None:
    def at(lat: float, lon: float) -> EnrichedArticle:
        unknown = Mention("text", 3, 10, "Somecot", "place", "place:new", "Somecot", lat, lon, "SY", 0.8)
        return read("In Somecot, rain.", extra=[unknown])

    near = {"id": "near", "any": [{"town": "place:khanasser", "within_km": 10}]}
    box = {"id": "box", "any": [{"area": {"bbox": [37.5, 35.7, 37.7, 35.8]}}]}
    assert [hit.watch for hit in hits(at(35.75, 37.55), ROAD, near, box)] == ["road", "near", "box"]
    assert hits(at(34.0, 39.0), ROAD, near, box) == []


def test_town_and_its_surroundings() -> None:
    town = {"id": "w", "any": [{"town": "Khanasser, SY", "within_km": 15}]}
    far = {"id": "w", "any": [{"town": "place:khanasser", "within_km": 12}]}
    assert hits(read("Rasm al-Nafl slept.", prefer=["place:khanasser-far"]), town) == []
    near = only(read("Rasm al-Nafl slept."), far)
    assert near.reason == "Rasm al-Nafl lies 10 km from Khanasser."
    named = only(read("Khanasser slept near Rasm al-Nafl."), far)
    assert named.reason == "Khanasser is named."
    assert [one.why for one in named.evidence] == ["names Khanasser", "10 km from Khanasser"]


def test_namesakes_are_told_apart() -> None:
    watch = {"id": "w", "any": [{"town": "Tripoli", "country": "LY"}]}
    assert hits(read("Tripoli slept.", prefer=["place:tripoli-lb"]), watch) == []
    assert only(read("Tripoli slept.", prefer=["place:tripoli-ly"]), watch).clause == "any[0].town"


def test_area_by_country_counts_every_place_in_it_and_itself() -> None:
    watch = {"id": "w", "any": [{"area": {"country": "SY"}}]}
    assert only(read("Homs slept."), watch).reason == "Homs lies in Syria."
    assert [one.surface for one in only(read("Syria slept, Homs too."), watch).evidence] == ["Syria", "Homs"]
    assert hits(read("Beirut slept."), watch) == []


def test_phrase_anywhere_with_exact_spans() -> None:
    watch = {"id": "w", "any": [{"phrase": "savon d'alep"}]}
    hit = only(read("On vend du savon d’Alep.", title="Le SAVON\u00a0D’ALEP"), watch)
    assert [(one.field, one.surface) for one in hit.evidence] == [
        ("title", "SAVON\u00a0D’ALEP"),
        ("text", "savon d’Alep"),
    ]
    assert hits(read("Savons d'Alep."), watch) == []


def test_all_any_none_together() -> None:
    watch = {
        "id": "w",
        "all": [{"actor": "Daech"}, {"area": {"country": "SY"}}],
        "any": [{"town": "Homs"}, {"town": "Rastan"}],
        "none": [{"phrase": "film festival"}, {"town": "Beirut"}],
    }
    hit = only(read("Daech attacked Rastan."), watch)
    assert (hit.clause, hit.kinds) == ("any[1].town", ("town", "actor", "area"))
    assert hit.reason == "Rastan is named; Islamic State is named; Rastan lies in Syria."
    assert [one.surface for one in hit.evidence] == ["Daech", "Rastan"]
    for text in (
        "Daech attacked Hama.",
        "Rastan slept.",
        "Daech attacked Rastan, says the film festival.",
        "Daech attacked Rastan, not Beirut.",
    ):
        assert hits(read(text), watch) == []
    assert only(read("Daech fled."), {"id": "w", "all": [{"actor": "Daesh"}]}).clause == "all[0].actor"


def test_languages_and_outlets() -> None:
    watch = {"id": "w", "any": [{"town": "Homs"}], "languages": ["fr", "ar"], "outlets": ["https://www.Sana.sy/"]}
    assert only(read("Homs", language="fr", outlet="sana.sy"), watch).watch == "w"
    assert only(read("Homs", language="ar", outlet="news.sana.sy"), watch).watch == "w"
    assert hits(read("Homs", language="en", outlet="sana.sy"), watch) == []
    assert hits(read("Homs", language="fr", outlet="notsana.sy"), watch) == []
    assert hits(read("Homs", language="fr", outlet=""), watch) == []


def test_hits_come_in_the_order_of_the_file_and_evidence_slices_the_article() -> None:
    article = read("Daech a quitté Khanasser pour Homs.", title="حمص : la route d'Alep", language="fr")
    found = hits(
        article,
        {"id": "z", "any": [{"town": "Homs"}]},
        {"id": "a", "any": [{"actor": "Daech"}, {"phrase": "la route"}]},
        {"id": "m", "any": [{"area": {"country": "LB"}}]},
        ROAD,
    )
    assert [hit.watch for hit in found] == ["z", "a", "road"]
    fields = {"title": article.article.title, "text": article.article.text}
    for hit in found:
        assert hit.evidence
        assert hit.article == article.article.id
        for one in hit.evidence:
            assert fields[one.field][one.start : one.end] == one.surface


def test_an_empty_article_and_no_watches() -> None:
    assert hits(read(""), ROAD, M5) == []
    assert hits(read("Khanasser")) == []


def test_hostile_texts_take_linear_time_and_evidence_is_bounded() -> None:
    cities = {"id": "cities", "any": [{"route": ["Homs", "Hama"], "corridor_km": 1}]}
    assert hits(read("Homs " + "." * 200_000 + "x Hama"), cities) == []
    assert hits(read("Homs and Hama slept. " * 2_000), cities) == []
    hit = only(read("Khanasser " * 5_000), ROAD)
    assert len(hit.evidence) == MAX_EVIDENCE


M5_WAYPOINTS = ["place:damascus", "place:homs", "place:hama", "place:aleppo"]


@pytest.mark.parametrize(
    ("places", "fires"),
    [
        (["Homs", "Hama"], True),
        (["Hama", "Homs"], True),
        (["Homs", "Rastan", "Hama"], True),
        (["Damas", "Alep"], True),
        (["Alep", "Khanasser", "Athriya", "Homs"], False),
        (["Alep", "Khanasser", "Athriya"], False),
        (["Damas", "Beyrouth"], False),
    ],
)
def test_the_name_of_a_known_road_fires_roads_that_share_a_stretch_with_it(places: list[str], fires: bool) -> None:
    watch = {"id": "w", "any": [{"route": places, "corridor_km": 1}]}
    found = hits(read("Snow closed the M5 today."), watch)
    assert [one.clause for one in found] == (["any[0].route"] if fires else [])
    if fires:
        assert [one.surface for one in found[0].evidence] == ["M5"]
        assert found[0].reason.startswith("The road ")


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("Snow closed the M5 today. Aleppo waited.", True),
        ("Snow closed the M5 south of Hama today.", True),
        ("Snow closed the M5 between Damascus and Aleppo.", True),
        ("Snow closed the M5 between Damascus and Homs.", False),
        ("Snow closed the M5 near Aleppo. Damascus waited.", False),
        ("From Damascus to Homs the M5 was shut. In Homs the M5 was open.", True),
    ],
)
def test_a_known_road_is_the_stretch_that_its_sentence_names(text: str, fires: bool) -> None:
    watch = {"id": "w", "any": [{"route": ["Homs", "Hama"], "corridor_km": 1}]}
    assert bool(hits(read(text), watch)) == fires
    assert len(hits(read(text), M5)) == 1  # the road itself is named all the same


def test_a_road_written_out_by_its_far_ends_fires_whatever_lies_between() -> None:
    watch = {"id": "w", "any": [{"route": ["Alep", "Khanasser", "Athriya", "Homs"], "corridor_km": 1}]}
    found = only(read("The long road was cut.", roads=[("The long road", ["place:homs", "place:aleppo"])]), watch)
    assert found.reason == "The road Aleppo - Khanasser - Athriya - Homs is named by Aleppo and Homs."


def test_the_name_of_a_road_names_none_of_its_towns() -> None:
    towns = [
        {"id": "town", "any": [{"town": "Homs"}, {"town": "Hama"}]},
        {"id": "near", "any": [{"town": "Rastan", "within_km": 50}]},
        {"id": "land", "any": [{"area": {"country": "SY"}}]},
        {"id": "box", "any": [{"area": {"bbox": [35, 33, 38, 37]}}]},
    ]
    article = read("Snow closed the M5 today.")
    assert article.mentions[0].waypoints == tuple(M5_WAYPOINTS)
    assert hits(article, *towns) == []


def test_a_road_watched_by_its_name_is_not_another_that_shares_a_stretch() -> None:
    other = Mention(
        "text", 0, 3, "M45", "route", "route:m45", "M45", None, None, None, 0.9, ("place:homs", "place:hama")
    )
    article = read("M45 was closed.", extra=[other])
    assert hits(article, M5) == []
    assert only(article, {"id": "w", "any": [{"route": ["Homs", "Hama"], "corridor_km": 1}]}).watch == "w"
