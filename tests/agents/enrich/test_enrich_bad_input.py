"""Whatever comes in, an answer within a bounded time whose offsets slice the input exactly."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.enrich.enricher import Enricher, enrich_encoded
from streams.processes import ProcessPool
from streams.records import Article, decode_enriched, encode_article

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _article(text: str, title: str = "", language: str | None = None, name: str = "one") -> Article:
    return Article(name, 1, "feed", "", None, title, text, language, None, NOW)


_WORDS = st.sampled_from(
    ["Alep", "d’Alep", "الرقة", "للرقة", "حَلَب", "Дамаске", "U.S.", "Ga.", "route",
     "reliant", " à ", " et ", "-", "ISIS", "\n",
     "Ⅷ", "ﬁ", "é", "e\u0301", "\u200f", "\ud83d", "😀", "ß", "İ", ", ", "L'",
     "\x00", "\t", "مدينة ", "base aérienne d'"]
)  # fmt: skip
_TEXTS = st.one_of(
    st.text(max_size=120), st.lists(_WORDS, max_size=30).map("".join), st.lists(_WORDS, max_size=30).map(" ".join)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=_TEXTS, text=_TEXTS, language=st.sampled_from([None, "fr", "en", "ar", "xx", ""]))
def test_offsets_always_slice_the_input(enricher: Enricher, title: str, text: str, language: str | None) -> None:
    enriched = enricher.enrich([_article(text, title, language)])[0]
    fields = {"title": title, "text": text}
    for mention in enriched.mentions:
        assert fields[mention.field][mention.start : mention.end] == mention.surface
        assert 0 <= mention.confidence <= 1
        assert mention.surface.strip() == mention.surface != ""


@pytest.mark.parametrize(
    "text",
    [
     "", " ", "\x00\x01\x02", "\ud800\udfff", "a" * 1_000_000, "Alep " * 200_000, "-" * 500_000,
     "l'" * 300_000, "route " * 100_000,
     "ـ" * 300_000, "A-" * 200_000, "Alep-" * 50_000, "base aérienne d’al-Tabqa " * 20_000],
)  # fmt: skip
def test_hostile_texts_are_read(enricher: Enricher, text: str) -> None:
    enriched = enricher.enrich([_article(text)])[0]
    assert all(text[m.start : m.end] == m.surface for m in enriched.mentions[:50])


@pytest.mark.slow
def test_names_are_found_in_all_of_a_long_text(enricher: Enricher) -> None:
    text = "Rien à signaler ce matin. " * 200_000 + "Des tirs à Khanasser."
    found = enricher.enrich([_article(text)])[0].mentions
    assert [m.surface for m in found][-1] == "Khanasser"


def test_bytes_that_are_no_article_fail_alone(enricher: Enricher) -> None:
    good = encode_article(_article("Des tirs à Khanasser."))
    results = enrich_encoded(enricher, [good, b"{nonsense", good])
    assert [state for state, _ in results] == ["ok", "failed", "ok"]
    assert str(results[1][1]).startswith("MalformedRecord: ")


async def test_worker_processes_run_it() -> None:
    pool = ProcessPool("agents.enrich.enricher:make_enricher", ({"fr": "fr_core_news_md"}, (), None), size=1)
    await pool.start()
    try:
        batch = [encode_article(_article("Des tirs à Khanasser.", name=str(at))) for at in range(3)] + [b"[]"]
        process = psutil.Process(pool.pids[0])
        before = process.io_counters().read_chars
        results = await pool.call(batch, 60)
        read_meanwhile = process.io_counters().read_chars - before
    finally:
        await pool.stop()
        await asyncio.sleep(0)
    assert read_meanwhile < 10_000  # the batch: what the first article needs was loaded before
    assert [state for state, _ in results] == ["ok", "ok", "ok", "failed"]
    read = [decode_enriched(raw) for state, raw in results if state == "ok"]
    assert [one.article.id for one in read] == ["0", "1", "2"]
    assert {m.surface for one in read for m in one.mentions} == {"Khanasser"}
