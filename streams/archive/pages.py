"""Pages of articles that are to be fetched, what they said, and what robots.txt says of their sites."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from streams.archive.feed_schema import pages, robots

_MOST_PARAMETERS = 500
_MOST_LOOKED_AT = 5_000


@dataclass(frozen=True, slots=True)
class Page:
    """A page that waits to be fetched."""

    article: str
    feed: str
    url: str
    host: str
    added_at: datetime
    tries: int
    hops: int


@dataclass(frozen=True, slots=True)
class WantedPage:
    """A page that an article's feed gave only a teaser of; `share` is that of its host."""

    article: str
    feed: str
    url: str
    host: str
    share: int
    teaser: str


@dataclass(frozen=True, slots=True)
class RobotsRow:
    """What a site's robots.txt says, or that it cannot be had."""

    origin: str
    outcome: str
    body: str
    until: datetime
    unreachable_since: datetime | None = None
    error: str | None = None


def want(connection: Connection, wanted: Sequence[WantedPage], now: datetime) -> None:
    """Have these pages fetched, also where they were before: what was read of them stays until then."""
    if not wanted:
        return
    rows = [
        {"article": one.article, "feed": one.feed, "url": one.url, "host": one.host, "share": one.share,
         "teaser": one.teaser, "state": "waiting", "added_at": now, "due_at": now, "tries": 0, "hops": 0, "error": None}
        for one in wanted
    ]  # fmt: skip
    statement = _insert(connection)(pages)
    values = {name: statement.excluded[name] for name in rows[0] if name != "article"}
    connection.execute(statement.on_conflict_do_update(index_elements=["article"], set_=values), rows)


def due(
    connection: Connection, shares: Collection[int], busy_hosts: Collection[str], now: datetime, limit: int
) -> list[Page]:
    """One page a host that is due, of hosts in these shares and not busy: first what came last, as news age."""
    if not shares or limit <= 0:
        return []
    newest = (
        select(*(pages.c[name] for name in Page.__slots__))
        .where(pages.c.state == "waiting", pages.c.share.in_(sorted(shares)), pages.c.due_at <= now)
        .order_by(pages.c.added_at.desc())
        .limit(_MOST_LOOKED_AT)
        .subquery()
    )
    place = (
        func.row_number()
        .over(partition_by=newest.c.host, order_by=(newest.c.tries, newest.c.added_at.desc(), newest.c.article))
        .label("place")
    )
    chosen = select(newest, place).subquery()
    rows = connection.execute(
        select(*(chosen.c[name] for name in Page.__slots__))
        .where(chosen.c.place == 1)
        .order_by(chosen.c.tries, chosen.c.added_at.desc())
        .limit(limit + len(busy_hosts))
    )
    return [page for page in (Page(*row) for row in rows) if page.host not in busy_hosts][:limit]


def done(
    connection: Connection, article: str, state: str, *, error: str | None = None, text: str = "", text_hash: str = ""
) -> None:
    """A page is not waited for any more: `read`, `nothing` (more than the feed says), or `failed`.

    What it said earlier stays where this fetch brought nothing.
    """
    values: dict[str, Any] = {"state": state, "error": error}
    if text:
        values.update(text=text, text_hash=text_hash)
    connection.execute(update(pages).where(pages.c.article == article).values(**values))


def again(connection: Connection, article: str, due_at: datetime, error: str) -> None:
    """A page could not be fetched this time."""
    connection.execute(
        update(pages).where(pages.c.article == article).values(due_at=due_at, tries=pages.c.tries + 1, error=error)
    )


def moved(connection: Connection, article: str, url: str, host: str, share: int, now: datetime) -> None:
    """A page is elsewhere, says its server: it waits for its turn there."""
    connection.execute(
        update(pages)
        .where(pages.c.article == article)
        .values(url=url, host=host, share=share, due_at=now, hops=pages.c.hops + 1)
    )


def put_off(connection: Connection, host: str, until: datetime) -> None:
    """No page of a host is due before `until`."""
    connection.execute(
        update(pages)
        .where(pages.c.host == host, pages.c.state == "waiting", pages.c.due_at < until)
        .values(due_at=until)
    )


def texts(connection: Connection, articles: Sequence[str]) -> dict[str, str]:
    """What the pages of these articles said, by article; those that were never read are left out."""
    found: dict[str, str] = {}
    for start in range(0, len(articles), _MOST_PARAMETERS):
        chosen = select(pages.c.article, pages.c.text).where(
            pages.c.article.in_(articles[start : start + _MOST_PARAMETERS]), pages.c.text.is_not(None)
        )
        found.update((article, text) for article, text in connection.execute(chosen).tuples())
    return found


def teaser(connection: Connection, article: str) -> str | None:
    """What the feed says of an article whose page is waited for; None where it is not any more."""
    chosen = select(pages.c.teaser).where(pages.c.article == article, pages.c.state == "waiting")
    return connection.execute(chosen).scalar()


def is_elsewhere_too(connection: Connection, feed: str, text_hash: str, article: str) -> bool:
    """Whether the page of another article of the feed said the very same."""
    same = (
        select(pages.c.article)
        .where(pages.c.feed == feed, pages.c.text_hash == text_hash, pages.c.article != article)
        .limit(1)
    )
    return connection.execute(same).first() is not None


def waiting(connection: Connection) -> int:
    """How many pages wait to be fetched."""
    chosen = select(func.count()).select_from(pages).where(pages.c.state == "waiting")
    return connection.execute(chosen).scalar_one()


def forget(connection: Connection, before: datetime) -> int:
    """Drop the pages that were wanted before an instant, whatever became of them; how many."""
    return connection.execute(delete(pages).where(pages.c.added_at < before)).rowcount


def robots_of(connection: Connection, origin: str) -> RobotsRow | None:
    """What is known of a site's robots.txt."""
    columns = [robots.c[name] for name in RobotsRow.__slots__]
    row = connection.execute(select(*columns).where(robots.c.origin == origin)).first()
    return RobotsRow(*row) if row is not None else None


def keep_robots(connection: Connection, row: RobotsRow) -> None:
    """Write down what a site's robots.txt says."""
    values = {name: getattr(row, name) for name in RobotsRow.__slots__}
    statement = _insert(connection)(robots).values(**values)
    others = {name: value for name, value in values.items() if name != "origin"}
    connection.execute(statement.on_conflict_do_update(index_elements=["origin"], set_=others))


def _insert(connection: Connection) -> Any:
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert
