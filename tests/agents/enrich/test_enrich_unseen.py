"""Spellings that no list has are placed where the text plays, with a model and without."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from agents.enrich.unseen import MOST_UNSEEN, unseen
from agents.names.knowledge import NamesKnowledge
from streams.records import EnrichedArticle

Read = Callable[..., EnrichedArticle]


@pytest.mark.parametrize(
    ("language", "text", "surface", "name"),
    [
        ("ar", "قتل راع قرب بلدة خان شيخوون في سوريا.", "خان شيخوون", "Khan Shaykhun"),
        ("ar", "سقطت قذيفة على بلدة سراقيب في سوريا.", "سراقيب", "Saraqib"),
        ("es", "Un dron cayó en la ciudad de Kramatorske, en Ucrania.", "Kramatorske", "Kramatorsk"),
        ("es", "En Ucrania, la localidad de Kupiansque quedó sin luz.", "Kupiansque", "Kupiansk"),
        ("ru", "Взрыв прогремел в городе Салкын, сообщила Сирия.", "Салкын", "Salqin"),
        ("fr", "En Syrie, des tirs ont visé la ville de Khan Cheykhoune hier.", "Khan Cheykhoune", "Khan Shaykhun"),
    ],
)
def test_an_unseen_spelling_is_placed(
    read: Read, knowledge: NamesKnowledge, language: str, text: str, surface: str, name: str
) -> None:
    found = {one.surface: one for one in read(text, language=language).mentions if one.entity is not None}
    assert surface in found, list(found)
    assert found[surface].entity == knowledge.find(name, "place")[0].id
    assert found[surface].start == text.index(surface)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "سقطت قذيفة على بلدة خناسير أمس."),  # no country is named
        ("ar", "وصل إلى مدينة كبيرة في سوريا."),
        ("es", "La ciudad de Wellingtonia, en Ucrania, no existe."),
        ("ru", "В городе Ничейске, сообщила Сирия, тихо."),
    ],
)
def test_what_sounds_like_nothing_there_is_left(read: Read, language: str, text: str) -> None:
    assert not [one for one in read(text, language=language).mentions if one.reason.startswith("spelled like")]


def test_a_word_for_a_town_without_end_is_bounded() -> None:
    text = "ciudad de Nada " * 50_000
    began = time.process_time()
    assert len(unseen(text, "es", [])) == MOST_UNSEEN
    assert time.process_time() - began < 5.0
