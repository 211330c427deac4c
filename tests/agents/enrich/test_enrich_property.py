"""Whatever the text: no crash, offsets that slice it exactly, mentions in order, confidences between 0 and 1."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.enrich.enricher import Enricher
from agents.names.key import fold
from agents.names.knowledge import NamesKnowledge
from streams.records import Article, EnrichedArticle, decode_enriched, encode_enriched

_SURROGATE = re.compile("[\ud800-\udfff]")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LANGUAGES = (None, "fr", "en", "ar", "es", "ru", "tr", "fa", "de", "he", "xx", "", "FR", "français")

_MARKS = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad\u0640"
_COMBINING = "\u0300\u0301\u0327\u0338\u064b\u0651\u0670\u05b0\u0483\u20dd\ufe0f\U000e0100"
_GROWING = "ßŒæﬁﬃ½Ⅷ㎞İıǅŉΐﷺ﷽℃①Å"
_NAMES = (
    "Alep", "Aleppo", "حلب", "Алеппо", "Khanasser", "al-Tabqa", "Deir ez-Zor", "دير الزور", "U.S.", "Ga.",
    "Athens, Ga.", "Syrie", "السورية",
    "Hezbollah", "حزب الله", "Daech", "YPG", "Tours", "Nice", "Reading", "الباب", "M5", "Київ",
    "Харків", "İstanbul", "Σπάρτη", "ירושלים", "route reliant Alep à Khanasser et Athriya", "طريق حلب خناصر أثريا",
    "base aérienne d’al-Tabqa", "lac Assad", "the Aleppo-Khanasser-Athriya road", "армия", "Syrian army", "北京",
    "بحلب",
)  # fmt: skip

_character = st.one_of(
    st.characters(),  # every plane but surrogates
    st.characters(categories=["Cs"]),
    st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Zs"]),
    st.characters(categories=["Mn", "Mc", "Me"]),
    st.characters(min_codepoint=0x10000),
    st.sampled_from(_MARKS + _COMBINING + _GROWING + "\n\r\t '’-–—.,;:()[]«»\"ـ"),
)
_noise = st.text(_character, max_size=12)
_name = st.sampled_from(_NAMES)


@st.composite
def _broken_name(draw: st.DrawFn) -> str:
    """A name with marks inside it, in other letters' case, or cut."""
    name = draw(_name)
    at = draw(st.integers(0, len(name)))
    inserted = draw(st.text(st.sampled_from(_MARKS + _COMBINING + "-' \x00\ud800"), max_size=3))
    changed: Callable[[str], str] = draw(st.sampled_from([str, str.upper, str.lower, str.swapcase, str.title]))
    return changed(name[:at] + inserted + name[at:])


_texts = st.lists(
    st.one_of(_noise, _name, _broken_name(), st.sampled_from([" ", ", ", "\n\n", " - "])), max_size=14
).map("".join)


def _article(text: str, title: str = "", language: str | None = None) -> Article:
    return Article("one", 1, "feed", "outlet.sy", None, title, text, language, None, NOW)


def _hold(enriched: EnrichedArticle, title: str, text: str) -> None:
    fields = {"title": title, "text": text}
    order = {"title": 0, "text": 1}
    places = []
    for mention in enriched.mentions:
        assert 0 <= mention.start < mention.end <= len(fields[mention.field])
        assert fields[mention.field][mention.start : mention.end] == mention.surface
        assert mention.surface == mention.surface.strip() != ""
        assert 0.0 <= mention.confidence <= 1.0
        assert mention.kind in ("place", "actor", "route")
        assert (mention.lat is None) == (mention.lon is None)
        if mention.lat is not None and mention.lon is not None:
            assert abs(mention.lat) <= 90
            assert abs(mention.lon) <= 180
            assert (round(mention.lat, 5), round(mention.lon, 5)) == (mention.lat, mention.lon)
        places.append((order[mention.field], mention.start))
    assert places == sorted(places)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(title=_texts, text=_texts, language=st.sampled_from(LANGUAGES))
def test_any_text_is_read(enricher: Enricher, title: str, text: str, language: str | None) -> None:
    _hold(enricher.enrich([_article(text, title, language)])[0], title, text)


def _spans(enriched: EnrichedArticle) -> list[tuple[int, int, str | None]]:
    return [(mention.start, mention.end, mention.entity) for mention in enriched.mentions]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batch=st.lists(st.tuples(_texts, st.sampled_from(LANGUAGES)), min_size=2, max_size=5))
def test_an_article_reads_the_same_alone_and_among_others(
    enricher: Enricher, batch: list[tuple[str, str | None]]
) -> None:
    articles = [_article(text, "", language) for text, language in batch]
    together = enricher.enrich(articles)
    assert [one.article.text for one in together] == [text for text, _ in batch]
    for article, read in zip(articles, together, strict=True):
        alone = enricher.enrich([article])[0]
        assert [(m.start, m.end, m.entity) for m in alone.mentions] == [
            (m.start, m.end, m.entity) for m in read.mentions
        ]


@settings(max_examples=200, deadline=None)
@given(title=_texts, text=_texts)
def test_what_was_read_goes_through_bytes(enricher: Enricher, title: str, text: str) -> None:
    title, text = (_SURROGATE.sub("\ufffd", field) for field in (title, text))  # bytes from a topic never hold any
    enriched = enricher.enrich([_article(text, title)])[0]
    _hold(decode_enriched(encode_enriched(enriched)), enriched.article.title, enriched.article.text)


@settings(max_examples=400, deadline=None)
@given(text=st.text(_character, max_size=60))
def test_folding_leads_back_to_every_letter(text: str) -> None:
    folded = fold(text)
    found = [folded.original(at) for at in range(1, len(folded.text) - 1)]
    assert found == sorted(set(found))
    assert all(0 <= at < len(text) for at in found)


@settings(max_examples=300, deadline=None)
@given(before=_noise, name=_name, after=_noise)
def test_names_are_scanned_where_they_stand(knowledge: NamesKnowledge, before: str, name: str, after: str) -> None:
    text = f"{before} {name} {after}"
    for found in knowledge.scan(fold(text), text):
        assert text[found.start : found.end] == found.surface


def _seconds(enricher: Enricher, text: str, language: str | None) -> float:
    """Processor time of one reading, so that what else runs on the machine counts little."""
    article = _article(text, "", language)
    started = time.process_time()
    enriched = enricher.enrich([article])[0]
    taken = time.process_time() - started
    _hold(enriched, "", text)
    return taken


_LONG = {
    "one word": lambda count: "Alep " * count,
    "one word glued": lambda count: "Alep" * count,
    "no word": lambda count: "a" * (4 * count),
    "hyphens": lambda count: "Alep-" * count,
    "capitals": lambda count: "ALEP SYRIE " * (count // 2),
    "lists": lambda count: "Alep, Homs, Hama, Damas et Raqqa, " * (count // 6),
    "roads": lambda count: "route reliant Alep à Homs et Hama " * (count // 6),
    "arabic": lambda count: "وحلب وبحمص " * (count // 2),
    "clitics": lambda count: "وبال" * count,
    "marks": lambda count: "A\u0301l\u200fe\u0640p " * (count // 2),
    "combining": lambda count: "e" + "\u0301" * (4 * count),
    "surrogates": lambda count: "\ud83d Alep " * (count // 2),
    "quotes": lambda count: "l’" * (2 * count),
    "brackets": lambda count: "((((Alep" * (count // 2),
    "unknown places": lambda count: "à Zwyqqar, à Qwertaz, " * (count // 4),
    "different names": lambda count: " ".join(f"à Xa{at}zw" for at in range(count // 2)),
    "newlines": lambda count: "Alep\n\n" * count,
    "lines": lambda count: "\n" * (4 * count),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", _LONG)
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_twice_the_text_takes_about_twice_the_time(enricher: Enricher, kind: str, language: str | None) -> None:
    once, twice = _LONG[kind](12_000), _LONG[kind](24_000)
    assert len(twice) > 1.9 * len(once)
    enricher.enrich([_article(once[:1_000], "", language)])  # what is met first is made ready
    for _ in range(6):  # one slow moment of the machine is no finding
        slower = _seconds(enricher, twice, language) / max(0.05, _seconds(enricher, once, language))
        if slower <= 3.5:  # twice is right, four times would be quadratic
            return
    pytest.fail(f"{kind}: twice the text takes {slower:.1f} times as long")


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "\ud800", "\ufeff", "\u202e" * 50, "\U0010ffff", "'", "’" * 3, "\u0301"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_next_to_nothing_is_read(enricher: Enricher, text: str, language: str | None) -> None:
    enriched = enricher.enrich([_article(text, text, language)])[0]
    _hold(enriched, text, text)
    assert [mention for mention in enriched.mentions if mention.entity] == []


@pytest.mark.parametrize(
    ("text", "declared", "surface"),
    [
        ("Des tirs ont été entendus à Khanasser, au sud d'Alep.", "ar", "Khanasser"),
        ("Shelling was heard in Khanasser, south of Aleppo.", "fr", "Khanasser"),
        ("سمع إطلاق نار في خناصر جنوب حلب.", "en", "حلب"),
        ("В Алеппо слышны взрывы.", "fr", "Алеппо"),
        ("Des tirs à Khanasser.", "zz", "Khanasser"),
    ],
)
def test_a_wrong_language_does_not_hide_a_name(enricher: Enricher, text: str, declared: str, surface: str) -> None:
    enriched = enricher.enrich([_article(text, "", declared)])[0]
    _hold(enriched, "", text)
    assert surface in [mention.surface for mention in enriched.mentions]


@pytest.mark.slow
def test_five_megabytes_are_read(enricher: Enricher) -> None:
    text = "Des tirs ont visé Khanasser, puis la route Alep-Hama, selon l'armée syrienne. " * 65_000
    assert len(text.encode()) > 5_000_000
    enriched = enricher.enrich([_article(text, "", "fr")])[0]
    assert len(enriched.mentions) > 1_000
    _hold(enriched, "", text)


@pytest.mark.slow
def test_one_word_a_million_times_is_read(enricher: Enricher) -> None:
    text = "Alep " * 1_000_000
    enriched = enricher.enrich([_article(text, "", "fr")])[0]
    _hold(enriched, "", text)
    assert enriched.mentions[0].surface == "Alep"
