"""The quoted sentence and the evidence in it."""

from __future__ import annotations

from builders import an_article
from hypothesis import given
from hypothesis import strategies as st

from agents.alert.quote import MAX_QUOTE_CHARACTERS, quote
from streams.records import Evidence


def evidence(text: str, surface: str, field: str = "text") -> Evidence:
    start = text.index(surface)
    return Evidence(field, start, start + len(surface), surface, "why")  # type: ignore[arg-type]


def test_the_sentence_around_the_evidence() -> None:
    text = "Rien au nord. Un convoi a quitté Khanasser vers Athriya, dit M. Haddad. La suite demain."
    found = quote(an_article(text=text), [evidence(text, "Khanasser"), evidence(text, "Athriya")])
    assert found.text == "Un convoi a quitté Khanasser vers Athriya, dit M. Haddad."
    assert [found.text[start:end] for start, end in found.spans] == ["Khanasser", "Athriya"]


def test_arabic_sentences_end_at_their_own_marks() -> None:
    text = "هل فتح الطريق؟ وصلت قافلة إلى خناصر."
    assert quote(an_article(text=text), [evidence(text, "خناصر")]).text == "وصلت قافلة إلى خناصر."


def test_evidence_only_in_the_title_quotes_the_title() -> None:
    article = an_article(title="Khanasser: la route rouverte", text="Rien d'autre.")
    found = quote(article, [evidence(article.title, "Khanasser", "title")])
    assert found.text == "Khanasser: la route rouverte"
    assert found.spans == ((0, 9),)


def test_no_evidence_no_quote() -> None:
    assert quote(an_article(), []).text == ""


@given(st.text(max_size=1500), st.text(min_size=1, max_size=30), st.text(max_size=1500))
def test_the_evidence_always_stands_in_a_quote_of_bounded_length(before: str, surface: str, after: str) -> None:
    text = before + surface + after
    one = Evidence("text", len(before), len(before) + len(surface), surface, "why")
    found = quote(an_article(text=text), [one])
    assert len(found.text) <= MAX_QUOTE_CHARACTERS + len(surface)
    assert [found.text[start:end] for start, end in found.spans] == [surface]
