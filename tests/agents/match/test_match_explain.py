"""Why not: the clause that failed and the nearest miss."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from small_world import compiled, read

from agents.match.explain import Explanation, explain
from streams.records import EnrichedArticle, Mention

ROAD = {"route": ["Alep", "Khanasser", "Athriya"], "corridor_km": 10}
ROAD_NAME = "Aleppo - Khanasser - Athriya"
LIBYA = {"town": "Tripoli", "country": "LY"}


def said(article: EnrichedArticle, **watch: Any) -> Explanation:
    return explain(article, compiled({"id": "w", **watch}), "w")


def test_yes_is_the_hit() -> None:
    yes = said(read("Khanasser slept."), any=[LIBYA, ROAD])
    assert (yes.fires, yes.clause, yes.watch) == (True, "any[1].route", "w")
    assert yes.reason == f"Khanasser lies on the road {ROAD_NAME}."
    assert [one.surface for one in yes.evidence] == ["Khanasser"]


@pytest.mark.parametrize(
    ("text", "condition", "reason", "surfaces"),
    [
        (
            "Tripoli slept.",
            LIBYA,
            "Tripoli was placed in Lebanon (.90), the watch is on Libya.",
            ["Tripoli"],
        ),
        (
            "Khanasser slept.",
            {"town": "place:khanasser-far"},
            "Khanasser was placed in Syria as Khanasser, 354 km away (.90), the watch is on another Khanasser there.",
            ["Khanasser"],
        ),
        ("Nobody slept.", {"town": "Rastan"}, "Rastan is not named.", []),
        (
            "Homs slept. Beirut slept.",
            {"town": "Rastan"},
            "Rastan is not named; the nearest place named, Homs, lies 21 km from it.",
            ["Homs"],
        ),
        (
            "Hezbollah and the Syrian Army slept.",
            {"actor": "Daech"},
            "Islamic State is not named; the actors named are Hezbollah, Syrian Army.",
            ["Hezbollah", "Syrian Army"],
        ),
        (
            "Rasm al-Nafl slept.",
            {"town": "place:khanasser", "within_km": 5},
            "The nearest place named, Rasm al-Nafl, lies 10 km from Khanasser; the watch asks for 5 km.",
            ["Rasm al-Nafl"],
        ),
        (
            "Aleppo slept.",
            ROAD,
            f"Of the road {ROAD_NAME} only Aleppo is named; "
            "a big city fires it only in a sentence that names another and speaks of a road.",
            ["Aleppo"],
        ),
        (
            "Snow closed the M5 between Homs and Damascus.",
            {"route": ["Hama", "Aleppo"], "corridor_km": 2},
            "M5 is named, but the sentence tells of another stretch of it than Hama - Aleppo.",
            ["M5"],
        ),
        (
            "Salamiyah slept.",
            ROAD,
            f"The nearest place named, Salamiyah, lies 77 km from the road {ROAD_NAME}; the corridor reaches 10 km.",
            ["Salamiyah"],
        ),
        ("Nobody slept.", ROAD, f"Neither the road {ROAD_NAME} nor anything on it is named.", []),
        ("Nobody slept.", {"actor": "Daech"}, "Islamic State is not named.", []),
        (
            "Beirut and Tripoli slept.",
            {"area": {"country": "SY"}},
            "The places named lie in Lebanon, none in Syria.",
            ["Beirut"],
        ),
        ("Nobody slept.", {"area": {"country": "SY"}}, "No place is named.", []),
        (
            "Hama slept.",
            {"area": {"bbox": [36.5, 34.5, 37.0, 35.0]}},
            "Hama lies 14 km outside the box 36.5, 34.5, 37, 35.",
            ["Hama"],
        ),
        (
            "Du savon de Homs.",
            {"phrase": "savon d'Alep"},
            'The words "savon d\'Alep" do not stand in the article, "d\'alep" is missing.',
            [],
        ),
        (
            "A bomb by the roadside",
            {"phrase": "roadside bomb"},
            'The words "roadside bomb" do not stand in the article next to each other.',
            [],
        ),
    ],
)
def test_nearest_miss(text: str, condition: dict[str, Any], reason: str, surfaces: list[str]) -> None:
    no = said(read(text), any=[condition])
    assert (no.fires, no.reason) == (False, reason)
    assert [one.surface for one in no.evidence] == surfaces


def test_readings_that_were_too_unsure() -> None:
    no = said(read("Khanasser slept.", unsure=["Khanasser"]), any=[{"town": "Khanasser"}, ROAD])
    assert no.clause == "any[1].route"
    assert no.reason == "Khanasser was read as Khanasser with confidence .30, a watch needs .50."
    no = said(read("Daech fled.", unsure=["Daech"]), any=[{"actor": "Daech"}])
    assert no.reason == "Daech was read as Islamic State with confidence .30, a watch needs .50."
    no = said(read("Homs slept.", unsure=["Homs"]), any=[{"area": {"country": "SY"}}])
    assert no.reason == "Homs was placed in Syria with confidence .30, too low to count."


def test_a_word_that_was_read_as_something_else() -> None:
    surname = Mention("text", 0, 4, "Homs", "actor", None, "Homs", None, None, None, 0.8)
    article = read("Hom's column")
    article = type(article)(article.article, "en", (surname,), "")
    assert said(article, any=[{"town": "Homs"}]).reason == "Homs was read as an unknown actor."


def test_of_any_the_nearest_miss_is_told_and_of_all_the_first_that_fails() -> None:
    no = said(read("Tripoli slept."), any=[ROAD, {"actor": "Daech"}, LIBYA])
    assert no.clause == "any[2].town"
    no = said(read("Tripoli slept. Homs slept."), all=[{"town": "Homs"}, {"actor": "Daech"}, LIBYA])
    assert (no.clause, no.reason) == ("all[1].actor", "Islamic State is not named.")


def test_what_is_ruled_out_language_and_outlet() -> None:
    watch = {"any": [{"town": "Homs"}], "none": [{"town": "Beirut"}, {"phrase": "film festival"}]}
    no = said(read("Homs opens its film festival."), **watch)
    assert no.clause == "none[1].phrase"
    assert no.reason == 'The words "film festival" stand in the article, which the watch rules out.'
    assert [one.surface for one in no.evidence] == ["film festival"]
    no = said(read("Homs", language="en"), any=[{"town": "Homs"}], languages=["fr", "ar"])
    assert (no.clause, no.reason) == ("languages", 'The article\'s language is "en", the watch takes ar, fr.')
    no = said(read("Homs", outlet="other.test"), any=[{"town": "Homs"}], outlets=["sana.sy"])
    assert (no.clause, no.reason) == ("outlets", "The article is from other.test, the watch takes sana.sy.")


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"town": "Homs"}, "Homs is named, but only as a plan; the watch takes facts only."),
        ({"area": {"country": "SY"}}, "Homs lies in Syria, but only as a plan; the watch takes facts only."),
        (
            {"town": "Rastan", "within_km": 30},
            "Homs lies 21 km from Rastan, but only as a plan; the watch takes facts only.",
        ),
    ],
)
def test_what_is_no_fact_is_told_of(condition: dict[str, Any], reason: str) -> None:
    article = read("They will go to Homs. Beirut slept.")
    planned = tuple(replace(one, modality="planned") if one.surface == "Homs" else one for one in article.mentions)
    article = replace(article, mentions=planned)
    assert said(article, any=[condition]).fires
    no = said(article, any=[condition], facts_only=True)
    assert (no.fires, no.reason) == (False, reason)
    assert [one.surface for one in no.evidence] == ["Homs"]
    assert said(article, all=[condition], facts_only=True).clause == f"all[0].{next(iter(condition))}"
    assert said(article, any=[{"town": "Beirut"}], none=[condition], facts_only=True).fires


def test_facts_alone_are_the_evidence_of_a_yes() -> None:
    article = read("They will go to Homs. Homs slept.")
    first, second = article.mentions
    article = replace(article, mentions=(replace(first, modality="planned"), second))
    yes = said(article, any=[{"town": "Homs"}], facts_only=True)
    assert [one.start for one in yes.evidence] == [second.start]
    assert len(said(article, any=[{"town": "Homs"}]).evidence) == 2


def test_no_such_watch() -> None:
    with pytest.raises(KeyError):
        explain(read("Homs"), compiled({"id": "w", "any": [{"town": "Homs"}]}), "other")
