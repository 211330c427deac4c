"""What a polled document changes: a pure decision over what is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from streams.archive.articles import content_hash
from streams.archive.polls import KnownArticle, PollCommit, SeenEntry
from streams.errors import EmptyEntry
from streams.feeds.catalogue import Feed
from streams.feeds.document import Document, Entry
from streams.feeds.identity import folded_title
from streams.feeds.link import canonical_link, outlet
from streams.ids import article_id
from streams.records import Article, DeadArticle

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST_AHEAD = timedelta(hours=48)
"""A date outside of these is no date."""


def decide(feed: Feed, document: Document, known: Mapping[str, KnownArticle], now: datetime) -> PollCommit:
    """New articles, revisions, identities and dead entries of a document.

    `known` holds, by identity or alias, the articles that the feed's entries were seen as. Each article is
    claimed by one entry at most, and those that are sure choose first.
    """
    readable = [entry for entry in document.entries if not entry.is_empty]
    matches = _match(readable, known)
    new: list[Article] = []
    revised: list[Article] = []
    seen: dict[str, str] = {}
    for entry, match in zip(readable, matches, strict=True):
        best = entry.identities[0]
        if match is None:
            identity = _fresh_identity(entry, known)
            owner = article_id(feed.key(), identity)
            new.append(_article(feed, entry, owner, 1, now, now))
            seen[identity] = seen[best] = owner  # an id that was given to something else is this one's from now on
        else:
            owner = match.id
            article = _article(feed, entry, owner, match.revision + 1, match.first_seen, now)
            if content_hash(article) != match.content_hash:
                revised.append(article)
            if best not in known or known[best].id != owner:
                seen[best] = owner
        for alias in entry.aliases:
            if alias not in known:
                seen.setdefault(alias, owner)
    return PollCommit(
        articles=tuple(new),
        revisions=tuple(revised),
        seen=tuple(SeenEntry(identity, article) for identity, article in seen.items()),
        dead=tuple(
            # a known entry that was emptied says nothing new
            _dead(feed, entry, now)
            for entry in document.entries
            if entry.is_empty and entry.identities[0] not in known
        ),
    )


def names_of(document: Document) -> list[str]:
    """Every identity and alias of a document: what must be looked up before deciding."""
    return list(dict.fromkeys(name for entry in document.entries for name in (*entry.identities, *entry.aliases)))


def _match(entries: list[Entry], known: Mapping[str, KnownArticle]) -> list[KnownArticle | None]:
    """For each entry the article it is, or None."""
    matches: list[KnownArticle | None] = [None] * len(entries)
    claimed: set[str] = set()
    first = [entry.identities[:1] for entry in entries]
    others = [(*entry.identities[1:], *entry.aliases) for entry in entries]
    titles = Counter(folded_title(entry.title) for entry in entries)
    for candidates in (first, others):
        for position, names in enumerate(candidates):
            if matches[position] is not None:
                continue
            for name in names:
                article = known.get(name)
                if article and article.id not in claimed and not _is_another(entries[position], article, titles):
                    matches[position] = article
                    claimed.add(article.id)
                    break
    return matches


def _is_another(entry: Entry, article: KnownArticle, titles: Counter[str]) -> bool:
    """True where an id was plainly given to another article: its link, title and date all differ.

    A title that several entries of the document have (by `titles`) says nothing.
    """
    title = folded_title(entry.title)
    return bool(
        entry.canonical_url
        and article.url
        and entry.canonical_url != canonical_link(article.url)
        and (title != folded_title(article.title) or titles[title] > 1)
        and (entry.published is None or entry.published != article.published)
    )


def _fresh_identity(entry: Entry, known: Mapping[str, KnownArticle]) -> str:
    """The best identity whose article id is not taken by an article of the past."""
    return next((name for name in entry.identities if name not in known), entry.identities[0])


def _article(feed: Feed, entry: Entry, article: str, revision: int, first_seen: datetime, now: datetime) -> Article:
    return Article(
        id=article,
        revision=revision,
        feed=feed.key(),
        outlet=entry.outlet or outlet(str(feed.url)),
        url=entry.url,
        title=entry.title,
        text=entry.text,
        language=entry.language or feed.language,
        published=_sane(entry.published, now),
        first_seen=first_seen,
        truncated=entry.truncated,
    )


def _sane(published: datetime | None, now: datetime) -> datetime | None:
    return published if published and EARLIEST <= published <= now + LATEST_AHEAD else None


def _dead(feed: Feed, entry: Entry, now: datetime) -> DeadArticle:
    error = EmptyEntry("the entry has no title, no text and no link")
    return DeadArticle(
        article=article_id(feed.key(), entry.identities[0]),
        revision=1,
        step="parse",
        error=f"{type(error).__name__}: {error}",
        raw=entry.raw,
        at=now,
    )
