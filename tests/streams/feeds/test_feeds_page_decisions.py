"""When a page is worth fetching, and what becomes of one that cannot be fetched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streams.errors import FetchFailed
from streams.feeds.page_fate import retry_wait
from streams.feeds.page_text import is_teaser, is_worth_fetching
from streams.records import Article

TEASER = "La route entre Alep et Khanasser est coupée depuis ce matin."


@pytest.mark.parametrize(
    ("failure", "waits"),
    [
        (FetchFailed("timeout", ""), [60, 600, 3_600, 14_400, None]),
        (FetchFailed("dns", ""), [60, 600, 3_600, 14_400, None]),
        (FetchFailed("http", "", status=502), [60, 600, 3_600, 14_400, None]),
        (FetchFailed("block", "", 900, 429), [900, 900, 3_600, 14_400, None]),
        (FetchFailed("parse", "no answer within 5 s, process killed"), [600, None]),
        (FetchFailed("parse", "no page but application/pdf", status=200), [None]),
        (FetchFailed("http", "", status=404), [None]),
        (FetchFailed("block", "", status=403), [None]),
        (FetchFailed("too_large", ""), [None]),
        (FetchFailed("refused", ""), [None]),
    ],
)
def test_when_a_page_is_tried_again(failure: FetchFailed, waits: list[float | None]) -> None:
    assert [retry_wait(failure, tries) for tries in range(1, len(waits) + 1)] == waits


@pytest.mark.parametrize(
    ("text", "teaser"),
    [
        ("", True),
        (TEASER, True),
        ("Une phrase. " * 60, False),
        ("Une phrase. " * 60 + "La suite manque…", True),
        ("Une phrase. " * 60 + "[...]", True),
        ("Une phrase. " * 60 + "Lire la suite »", True),
        ("A sentence. " * 60 + "Read the full story", True),
        ("جملة قصيرة. " * 60 + "اقرأ المزيد", True),
        ("Une phrase. " * 300 + "…", False),  # so long a text is the article
    ],
)
def test_what_is_a_teaser(text: str, teaser: bool) -> None:
    assert is_teaser(text) is teaser


def test_old_news_and_articles_without_a_page_are_not_fetched() -> None:
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    one = Article("a", 1, "wire", "", "https://wire.example/a", "t", TEASER, None, now - timedelta(days=2), now)
    assert is_worth_fetching(one, "auto", now)
    assert not is_worth_fetching(replace(one, published=now - timedelta(days=4)), "always", now)
    assert is_worth_fetching(replace(one, published=None), "auto", now)
    assert not is_worth_fetching(replace(one, url=None), "always", now)
