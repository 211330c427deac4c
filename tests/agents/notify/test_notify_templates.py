"""Texts in every language and of every status, and templates that do no harm."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest
from notify_receivers import an_alert

from agents.alert.places import places_of
from agents.notify import defaults
from agents.notify.render import console_lines
from agents.notify.template import TemplateMistake, check_template, render
from agents.notify.words import EXPLANATIONS, HEADINGS, LABELS, LANGUAGES, SEVERITIES
from streams.errors import DeliveryFailed
from streams.records import Alert, AlertPlace, Article, EnrichedArticle, Evidence, Mention

STATUSES = get_args(get_type_hints(Alert)["status"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_has_words_of_its_own_in_every_language(language: str) -> None:
    assert set(HEADINGS[language]) == set(EXPLANATIONS[language]) == set(STATUSES)  # type: ignore[index]
    texts = {render(defaults.TITLE, an_alert(status=status), language) for status in STATUSES}  # type: ignore[arg-type]
    assert len(texts) == len(STATUSES)
    for table in (SEVERITIES, LABELS):
        assert table[language].keys() == table["en"].keys()  # type: ignore[index]


def test_languages_differ_and_what_is_quoted_does_not() -> None:
    texts = [render(defaults.TEXT, an_alert(status="retracted"), language) for language in LANGUAGES]
    assert len(set(texts)) == len(LANGUAGES)
    for text in texts:
        assert "« A convoy left [Khanasser] on Monday. »" in text
        assert "https://www.openstreetmap.org/?mlat=35.78000&mlon=37.50000" in text


def test_a_bare_alert_has_no_empty_lines_for_what_it_lacks() -> None:
    bare = an_alert(url=None, published=None, outlet="", places=())
    text = render(defaults.TEXT, bare, "en")
    assert text.splitlines()[-1] == "Why: Khanasser is on the road"
    assert "None" not in text + render(defaults.HTML, bare, "en", html=True)


def test_overlapping_evidence_is_marked_once() -> None:
    alert = an_alert(quote="From Alep to <Khanasser>.", quote_spans=((5, 9), (5, 12), (13, 24)))
    assert "From [Alep to] [<Khanasser>]." in render(defaults.TEXT, alert, "en")
    assert "From <mark>Alep to</mark> <mark>&lt;Khanasser&gt;</mark>." in render(defaults.HTML, alert, "en", html=True)
    assert "ALERT warning" in console_lines(alert, colour=False)
    assert "WITHDRAWN" in console_lines(an_alert(status="retracted"), colour=False)


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("{{ heading }}\n\n{{ nobody }}", 3, "nobody"),
        ("{% if url %}\n{{ url }}", 2, "endif"),
        ("a\n{{ ''.__class__.__base__.__subclasses__() }}", 2, "unsafe"),
        ("{{ places.append(1) }}", 1, ""),
        ("{% for i in range(10000000) %}x{% endfor %}", 1, "Range too big"),
        ("{{ confidence + 1 }}", 1, "nothing"),
        ("{% include 'secrets' %}", 1, ""),
        ("x" * 20_001, 1, "20001"),
    ],
)
def test_what_a_template_may_not_is_told_with_its_line(source: str, line: int, said: str) -> None:
    with pytest.raises(TemplateMistake) as mistake:
        check_template(source)
    assert mistake.value.line == line
    assert said in str(mistake.value)
    with pytest.raises(DeliveryFailed):
        render(source if len(source) < 20_000 else "{{ x }}", an_alert(places=()), "en")


def test_what_is_named_in_html_is_escaped_and_marks_stay() -> None:
    alert = an_alert(title="<script>alert(1)</script>")
    assert render("{{ title }} {{ quote_html }}", alert, "en", html=True) == (
        "&lt;script&gt;alert(1)&lt;/script&gt; A convoy left <mark>Khanasser</mark> on Monday."
    )


def a_place(name: str, start: int, lat: float | None, kind: str = "place") -> Mention:
    lon = None if lat is None else 37.0
    return Mention("text", start, start + 4, name, kind, f"place:{name}", name, lat, lon, "SY", 0.8)  # type: ignore[arg-type]


def test_an_alert_is_where_its_evidence_is() -> None:
    article = Article("one", 1, "feed", "", None, "", "Alep Homs Hama Alep Raqa", "fr", None, an_alert().opened)
    mentions = (
        a_place("Alep", 0, 36.2),
        a_place("Homs", 5, 34.7),
        a_place("Hama", 10, None),
        a_place("Alep", 15, 36.2),
    )
    enriched = EnrichedArticle(article, "fr", mentions, "words")
    evidence = [
        Evidence("text", 10, 14, "Hama", ""),
        Evidence("text", 15, 19, "Alep", ""),
        Evidence("text", 0, 4, "", ""),
    ]
    assert places_of(enriched, evidence) == (AlertPlace("Alep", 36.2, 37.0, "SY", 0.8),)
    assert places_of(enriched, [Evidence("title", 0, 4, "Alep", "")]) == ()
