"""What a text says of a name: fact, or negated, planned, hypothetical, historical, figurative."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

from builders import a_mention, an_article, an_enriched
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from agents.enrich.modality import Marks, mark
from newswatch.cli.enrich import as_row
from streams.records import EnrichedArticle, Modality, decode_enriched, encode_enriched

CASES = Path(__file__).parents[2] / "golden" / "modality.yaml"
LEAST, LEAST_FACTS = 0.95, 0.97


def cases() -> Iterator[tuple[str, Modality, str, int, int]]:
    read = YAML(typ="safe", pure=True).load(CASES.read_text(encoding="utf-8"))
    for language, by_modality in read.items():
        for modality, texts in by_modality.items():
            for marked in texts:
                start, end = marked.index("["), marked.index("]") - 1
                yield language, modality, marked.replace("[", "", 1).replace("]", "", 1), start, end


def test_the_words_around_a_name_say_what_is_told_of_it() -> None:
    right: Counter[Modality] = Counter()
    total: Counter[Modality] = Counter()
    wrong = []
    for language, wanted, text, start, end in cases():
        total[wanted] += 1
        found = Marks(text, language, 2026).of(start, end)
        right[wanted] += found == wanted
        if found != wanted:
            wrong.append(f"{language}: {text[start:end]} in {text!r} is {found}, not {wanted}")
    assert set(total) == set(get_args(Modality))
    assert right.total() >= LEAST * total.total(), "\n".join(wrong)
    assert right["fact"] >= LEAST_FACTS * total["fact"], "\n".join(wrong)


def test_capitals_at_the_beginning_and_in_a_title_change_nothing() -> None:
    for text, wanted in (
        ("SI ALEP TOMBE, LE FRONT S'EFFONDRE", "fact"),  # a title in capitals says too little
        ("Aucune frappe sur Alep cette nuit", "negated"),
        ("Le président se rendra à Alep demain", "planned"),
    ):
        start = text.lower().index("alep")
        assert Marks(text, "fr", 2026).of(start, start + 4) == wanted


def test_a_year_is_past_on_the_day_the_article_appeared() -> None:
    text = "The bridge at Deir ez-Zor was hit in 2016."
    start = text.index("Deir")
    assert Marks(text, "en", 2026).of(start, start + 11) == "historical"
    assert Marks(text, "en", 2016).of(start, start + 11) == "fact"
    assert Marks(text, "en", None).of(start, start + 11) == "fact"


def test_another_sentence_says_nothing() -> None:
    text = "The envoy will land on Tuesday. Shells fell on Aleppo. No talks are planned."
    start = text.index("Aleppo")
    assert Marks(text, "en", 2026).of(start, start + 6) == "fact"


def test_a_language_without_rules_still_knows_the_past() -> None:
    text = "Alepo fue bombardeada en 1944."
    assert Marks(text, "es", 2026).of(0, 5) == "historical"
    assert Marks("Alepo no fue bombardeada.", "es", 2026).of(0, 5) == "fact"


def test_mentions_are_marked_and_survive_the_topics() -> None:
    article = an_article(text="They will leave Khanasser. Athriya slept.", language="en")
    mentions = mark([a_mention("Khanasser", article.text), a_mention("Athriya", article.text)], article, "en")
    assert [mention.modality for mention in mentions] == ["planned", "fact"]
    enriched = EnrichedArticle(article, "en", mentions, "f")
    assert decode_enriched(encode_enriched(enriched)) == enriched
    assert as_row(mentions[0])["modality"] == "planned"
    assert "modality" not in as_row(mentions[1])


def test_records_of_before_are_facts() -> None:
    enriched = an_enriched()
    old = json.loads(encode_enriched(enriched))
    for mention in old["mentions"]:
        del mention["modality"]
    assert decode_enriched(json.dumps(old).encode()) == enriched


@given(
    text=st.text(max_size=200),
    at=st.tuples(st.integers(0, 200), st.integers(0, 30)),
    language=st.sampled_from(["fr", "en", "ar", "de"]),
)
def test_any_text_has_an_answer(text: str, at: tuple[int, int], language: str) -> None:
    start = min(at[0], len(text))
    assert Marks(text, language, 2026).of(start, min(len(text), start + at[1])) in get_args(Modality)


def test_a_word_repeated_without_end_is_read_in_time_linear_in_it() -> None:
    text = "will not " * 20_000 + "Aleppo"
    article = replace(an_article(), text=text)
    mentions = [a_mention("Aleppo", text)] * 2_000
    assert {one.modality for one in mark(mentions, article, "en")} == {"negated"}
