"""Which pages a poll asks for, and what earlier ones add to the articles that it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from streams.archive import pages
from streams.archive.pages import WantedPage
from streams.archive.polls import PollCommit, locked
from streams.feeds.manners import host_of_address
from streams.feeds.page_text import FullText, is_worth_fetching, with_page
from streams.feeds.shares import share_of
from streams.records import Article

_MOST_PAGES = 50
"""Of one document: those of its newest articles."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def with_pages(connection: Connection, commit: PollCommit, full_text: FullText, now: datetime) -> PollCommit:
    """The same, with the pages that it wants.

    A revision is numbered after the newest there is, which a page may have made, and keeps what the page said.
    """
    revisions = _continued(connection, commit.revisions)
    texts = pages.texts(connection, [one.id for one in revisions])
    wanted = [
        WantedPage(one.id, one.feed, one.url, host, share_of(host), one.text)
        for one in sorted((*commit.articles, *revisions), key=_age, reverse=True)
        if one.url and is_worth_fetching(one, full_text, now) and (host := host_of_address(one.url))
    ]
    merged = ((with_page(one, texts[one.id]) if one.id in texts else None) or one for one in revisions)
    return replace(commit, revisions=tuple(merged), pages=tuple(wanted[:_MOST_PAGES]))


def _continued(connection: Connection, revisions: Sequence[Article]) -> list[Article]:
    newest = locked(connection, [one.id for one in revisions])
    return [
        replace(one, revision=max(one.revision, newest[one.id].revision + 1)) if one.id in newest else one
        for one in revisions
    ]


def _age(article: Article) -> datetime:
    return article.published or _LONG_AGO
