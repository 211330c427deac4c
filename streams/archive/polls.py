"""What a poll leaves behind: articles, seen ids, validators and outbox rows, in the caller's one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, literal, select, update

from streams.archive import pages
from streams.archive.articles import content_hash
from streams.archive.dialect import insert_absent, upsert
from streams.archive.feed_schema import entries, feeds
from streams.archive.pages import WantedPage
from streams.archive.schema import articles, dead, outbox, revisions
from streams.records import Article, DeadArticle, decode_article, encode_article

_MOST_PARAMETERS = 500


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """An article of the archive, as far as a poll must know it."""

    id: str
    revision: int
    content_hash: str
    title: str
    url: str | None
    published: datetime | None
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """An identity that an entry of a feed was seen under, and the article it is."""

    identity: str
    article: str


@dataclass(frozen=True, slots=True)
class PollCommit:
    """What a poll found that the archive does not hold yet."""

    articles: tuple[Article, ...] = ()
    """Seen for the first time."""
    revisions: tuple[Article, ...] = ()
    """Known, with another title or text."""
    seen: tuple[SeenEntry, ...] = ()
    """Identities that are new, or name another article from now on."""
    dead: tuple[DeadArticle, ...] = ()
    pages: tuple[WantedPage, ...] = ()
    """Those that are to be fetched."""

    def without_dead(self, article_ids: Collection[str]) -> PollCommit:
        """The same without the dead of these ids."""
        return replace(self, dead=tuple(one for one in self.dead if one.article not in article_ids))


@dataclass(frozen=True, slots=True)
class FeedState:
    """How a feed stood after its last poll."""

    id: str
    url: str
    name: str = ""
    etag: str | None = None
    last_modified: str | None = None
    polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    new_at: datetime | None = None
    """When a poll last brought an unknown entry."""
    outcome: str | None = None
    error: str | None = None
    failures: int = 0
    """In a row."""
    pace: str | None = None
    """What decided when the next poll is: see `streams.feeds.pace.Reason`."""
    rhythm: str = ""
    """See `streams.feeds.rhythm.encode_rhythm`."""
    ttl_seconds: float | None = None
    """How often the feed itself says it is worth a look."""
    moved_to: str | None = None
    """Where the server says the feed is for good, and how many times in a row it led to a good document."""
    moved_seen: int = 0
    read_at: datetime | None = None
    """When a poll last went well."""
    full_at: datetime | None = None
    """When a whole document came last."""
    hub: str | None = None
    """The WebSub hub that the feed names, and what the hub calls the feed."""
    topic: str | None = None


def feed_states(connection: Connection, ids: Sequence[str] | None = None) -> dict[str, FeedState]:
    """The state of these feeds (of all, without ids) that were ever polled, by id."""
    columns = select(*(feeds.c[name] for name in FeedState.__slots__))
    if ids is None:
        return {row.id: FeedState(*row) for row in connection.execute(columns)}
    batches = (connection.execute(columns.where(feeds.c.id.in_(some))) for some in _batches(ids))
    return {row.id: FeedState(*row) for rows in batches for row in rows}


def known_articles(connection: Connection, feed: str, identities: Sequence[str]) -> dict[str, KnownArticle]:
    """The articles that a feed's entries of these identities are, by identity; unknown ones are left out."""
    columns = [articles.c[name] for name in KnownArticle.__slots__]
    known: dict[str, KnownArticle] = {}
    for some in _batches(identities):
        rows = connection.execute(
            select(entries.c.identity, *columns)
            .join(articles, articles.c.id == entries.c.article)
            .where(entries.c.feed == feed, entries.c.identity.in_(some))
        )
        known.update({identity: KnownArticle(*rest) for identity, *rest in rows})
    return known


def write_poll(connection: Connection, state: FeedState, commit: PollCommit, now: datetime) -> None:
    """Keep what a poll found and how its feed stands. Twice the same is the same as once."""
    upsert(
        connection,
        articles,
        [_row(article) for article in commit.articles],
    )
    for article in sorted(commit.revisions, key=lambda one: one.id):  # in one order everywhere
        _revise(connection, article, now)
    upsert(
        connection,
        outbox,
        [
            {"article": article.id, "revision": article.revision, "added_at": now}
            for article in (*commit.articles, *commit.revisions)
        ],
    )
    upsert(
        connection,
        entries,
        [{"feed": state.id, "identity": one.identity, "article": one.article, "seen_at": now} for one in commit.seen],
        update=("article", "seen_at"),
    )
    keep_dead(connection, *commit.dead, feed=state.id)
    pages.want(connection, commit.pages, now)
    row = {name: getattr(state, name) for name in FeedState.__slots__}
    upsert(connection, feeds, [row], update=tuple(name for name in row if name != "id"))


def write_full_text(connection: Connection, article: Article, now: datetime) -> None:
    """Keep and publish a revision whose text is more than the feed gives, and by which the feed is not to be judged."""
    _revise(connection, article, now, by_the_feed=False)
    row = {"article": article.id, "revision": article.revision, "added_at": now}
    upsert(connection, outbox, [row])


def locked(connection: Connection, article_ids: Sequence[str]) -> dict[str, Article]:
    """Articles as they are, by id; where rows can be locked these are, until the transaction ends."""
    found: dict[str, Article] = {}
    for some in _batches(sorted(article_ids)):
        chosen = select(articles.c.record).where(articles.c.id.in_(some)).order_by(articles.c.id).with_for_update()
        found.update((one.id, one) for one in map(decode_article, connection.execute(chosen).scalars()))
    return found


def known_dead(connection: Connection, article_ids: Sequence[str]) -> set[str]:
    """Those of these ids that are among the dead of the step `parse`."""
    found: set[str] = set()
    for some in _batches(article_ids):
        rows = connection.execute(select(dead.c.article).where(dead.c.article.in_(some), dead.c.step == "parse"))
        found.update(rows.scalars())
    return found


def keep_dead(connection: Connection, *dead_ones: DeadArticle, feed: str = "") -> None:
    """Keep what could not be read; what is among the dead already stays as it is."""
    rows = [
        {"article": one.article, "revision": one.revision, "step": one.step, "feed": feed, "error": one.error,
         "raw": one.raw, "at": one.at, "retries": 0}
        for one in dead_ones
    ]  # fmt: skip
    upsert(connection, dead, rows)


def forget_dead(connection: Connection, article: str) -> None:
    """What was dead at the step `parse` could be read after all."""
    connection.execute(delete(dead).where(dead.c.article == article, dead.c.step == "parse"))


def _row(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "feed": article.feed,
        "revision": article.revision,
        "outlet": article.outlet,
        "url": article.url,
        "title": article.title,
        "language": article.language,
        "published": article.published,
        "first_seen": article.first_seen,
        "content_hash": content_hash(article),
        "record": encode_article(article).decode(),
    }


def _revise(connection: Connection, article: Article, now: datetime, *, by_the_feed: bool = True) -> None:
    """Put the new revision in the place of the one before, which is kept among `revisions`."""
    replaced_at = literal(now, revisions.c.replaced_at.type)
    older = select(articles.c.id, articles.c.revision, articles.c.record, replaced_at).where(
        articles.c.id == article.id, articles.c.revision < article.revision
    )
    columns = ["article", "revision", "record", "replaced_at"]
    if insert_absent(connection, revisions, columns, older) == 0:
        return  # this revision or a later one is there already
    row = _row(article)
    if not by_the_feed:
        del row["content_hash"]
    connection.execute(
        update(articles)
        .where(articles.c.id == article.id)
        .values(**row, waiting=True, dead_at=None, sent_at=None, sends=0, broker_run=None)
    )


def _batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _MOST_PARAMETERS):
        yield values[start : start + _MOST_PARAMETERS]
