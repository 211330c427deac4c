"""Roads from their words: which phrasings make one, how far its span goes, and in which order it passes its places."""

from __future__ import annotations

import re
import time

import pytest

from agents.enrich.routes import RouteSpan, Waypoint, find_routes
from agents.names.entity import Entity

_MARKED = re.compile(r"\[([\w -]+)\]")


def _routes(marked: str) -> list[tuple[str, list[str]]]:
    text = _MARKED.sub(r"\1", marked)
    places, gone = [], 0
    for found in _MARKED.finditer(marked):
        start, name = found.start() - gone, found.group(1)
        gone += 2
        entity = Entity(id=f"place:{name.lower()}", kind="place", name=name, names=(name,))
        places.append(Waypoint(start, start + len(name), entity))
    found_routes: list[RouteSpan] = find_routes(text, places)
    return [(text[road.start : road.end], [place.name for place in road.waypoints]) for road in found_routes]


@pytest.mark.parametrize(
    ("text", "span", "order"),
    [
        (
            "la route reliant [Alep] à [Khanasser] et [Athriya].",
            "route reliant Alep à Khanasser et Athriya",
            "Alep Khanasser Athriya",
        ),
        ("la route stratégique qui relie [Alep] à [Raqqa].", "route stratégique qui relie Alep à Raqqa", "Alep Raqqa"),
        ("sur l'axe routier [Sake]-[Goma], dit-il", "axe routier Sake-Goma", "Sake Goma"),
        ("la route nationale [Sake] – [Goma]", "route nationale Sake – Goma", "Sake Goma"),
        ("la route nationale 2 entre [Goma] et [Beni]", "route nationale 2 entre Goma et Beni", "Goma Beni"),
        ("la nationale entre [Gao] et [Kidal], a-t-il dit", "nationale entre Gao et Kidal", "Gao Kidal"),
        (
            "l'autoroute entre les villes de [Homs] et de [Hama]",
            "autoroute entre les villes de Homs et de Hama",
            "Homs Hama",
        ),
        ("l'autoroute M5 reliant [Homs] à [Hama]", "autoroute M5 reliant Homs à Hama", "Homs Hama"),
        ("la route d’[Alep] vers [Raqqa]", "route d’Alep vers Raqqa", "Alep Raqqa"),
        ("la route de [Gao] à [Kidal] via [Anefis]", "route de Gao à Kidal via Anefis", "Gao Anefis Kidal"),
        (
            "la route qui relie [Gao] à [Kidal] en passant par [Anefis].",
            "route qui relie Gao à Kidal en passant par Anefis",
            "Gao Anefis Kidal",
        ),
        ("la route menant à [Kidal] depuis [Gao]", "route menant à Kidal depuis Gao", "Gao Kidal"),
        (
            "la carretera que conecta [Alepo] con [Homs] y [Hama].",
            "carretera que conecta Alepo con Homs y Hama",
            "Alepo Homs Hama",
        ),
        ("la vía [Cali]-[Popayán]", "vía Cali-Popayán", "Cali Popayán"),
        ("the coastal road between [Misrata] and [Sirte]", "coastal road between Misrata and Sirte", "Misrata Sirte"),
        ("the [Aleppo]-[Raqqa] highway", "Aleppo-Raqqa highway", "Aleppo Raqqa"),
        ("snow closed the M5 between [Homs] and [Hama]", "M5", "Homs Hama"),
    ],
)
def test_a_road_is_found_with_its_span_and_order(text: str, span: str, order: str) -> None:
    assert _routes(text) == [(span, order.split())]


@pytest.mark.parametrize(
    "text",
    [
        "une feuille de route entre [Bagdad] et [Erbil]",
        "en route vers [Alep] et [Homs]",
        "les combats entre [Alep] et [Homs]",
        "la voie ferrée entre [Kiev] et [Lviv]",
        "le corridor aérien entre [Kiev] et [Lviv]",
        "la route de [Damas], [Homs] et [Hama] ont rouvert",
        "La route est coupée. [Homs]-[Hama] reste sûr",
    ],
)
def test_what_is_no_road_is_none(text: str) -> None:
    assert _routes(text) == []


def test_several_roads_share_one_word() -> None:
    assert _routes("les routes [Homs]-[Palmyre] et [Hama]-[Alep] sont fermées") == [
        ("routes Homs-Palmyre", ["Homs", "Palmyre"]),
        ("Hama-Alep", ["Hama", "Alep"]),
    ]


def test_other_towns_of_the_sentence_are_not_on_the_road() -> None:
    assert _routes("la route entre [Homs] et [Hama] et [Damas]") == [("route entre Homs et Hama", ["Homs", "Hama"])]


def test_many_places_take_time_in_proportion() -> None:
    def seconds(count: int) -> float:
        text = "la route de " + ", ".join(["[Homs]", "[Hama]"] * count)
        began = time.perf_counter()
        _routes(text)
        return time.perf_counter() - began

    seconds(100)
    assert seconds(4_000) < 40 * max(seconds(400), 0.01)
