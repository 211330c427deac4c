"""The archive's side of polling: how each feed stands, and each poll committed in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import TypeVar

from sqlalchemy import Connection

from streams.archive import subscriptions
from streams.archive.engine import Archive
from streams.archive.polls import (
    FeedState,
    PollCommit,
    feed_states,
    forget_dead,
    keep_dead,
    known_articles,
    known_dead,
    write_poll,
)
from streams.clock import Clock
from streams.errors import FetchFailed
from streams.feeds.catalogue import Feed
from streams.feeds.decide import decide, names_of
from streams.feeds.document import Document
from streams.feeds.fetch import FetchResult
from streams.feeds.pace import Answer, Bounds, next_wait
from streams.feeds.page_text import FullText
from streams.feeds.page_wishes import with_pages
from streams.feeds.report import PollReport
from streams.feeds.rhythm import decode_rhythm, encode_rhythm, observed
from streams.records import DeadArticle

_Result = TypeVar("_Result")
MOVES_BELIEVED = 3
"""A redirect for good is followed without asking after it led to a good document this often in a row."""
_FAILURES_UNTIL_THE_OLD_ADDRESS = 3
_HUB_TAKES = timedelta(minutes=10)
"""A hub that has not sent by now what a feed brought has missed it."""
_WATCHED_EVERY = timedelta(hours=1)
"""A feed that stays as it is has its rhythm written down no more often than this."""


class Ledger:
    """Writes polls down; an asynchronous context manager that owns one thread.

    `full_text` says whose pages are wanted, where a feed does not say itself.

    Its thread is its own, since hanging name look-ups fill the shared ones, and one is enough, since SQLite takes
    one writer at a time. Every method raises ArchiveUnavailable, and then nothing was written.
    """

    def __init__(
        self,
        archive: Archive,
        clock: Clock,
        chance: Callable[[], float],
        bounds: Bounds | None = None,
        full_text: FullText = "never",
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._chance = chance
        self._bounds = bounds or Bounds()
        self._full_text = full_text
        self._states: dict[str, FeedState] = {}
        self.pushed: frozenset[str] = frozenset()
        """The feeds whose hubs send what they bring."""
        self._thread: ThreadPoolExecutor | None = None

    async def __aenter__(self) -> Ledger:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="poll-archive")
        try:
            self._states = await self.in_thread(self._load)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._thread.shutdown(wait=True)  # what was begun is committed
            self._thread = None

    def state(self, feed: Feed) -> FeedState:
        """How the feed stood after its last poll; the beginning for one that was never polled at this address."""
        known = self._states.get(feed.key())
        if known is None or known.url != str(feed.url):
            return FeedState(id=feed.key(), url=str(feed.url), name=feed.name)
        return known

    def address(self, feed: Feed) -> str:
        """Where to fetch the feed: its own address, or where it moved to for good, unless that fails."""
        state = self.state(feed)
        believed = state.moved_seen >= MOVES_BELIEVED and state.failures < _FAILURES_UNTIL_THE_OLD_ADDRESS
        return state.moved_to if believed and state.moved_to else str(feed.url)

    async def read(self, feed: Feed, fetched: FetchResult, document: Document, dead_id: str) -> PollReport:
        """A document was read: decide over it and write what it changes.

        `dead_id` is what it is called among the dead, should an earlier try have failed on a busy machine.
        """
        return await self.in_thread(lambda: self._read(feed, fetched, document, dead_id))

    async def unchanged(self, feed: Feed, fetched: FetchResult) -> PollReport:
        """The feed says what it said before."""
        state = self._kept(feed, "unchanged", fetched, self.state(feed).ttl_seconds)
        rhythm = decode_rhythm(state.rhythm)
        now = self._clock()
        if rhythm.upto is not None and now - rhythm.upto >= _WATCHED_EVERY:
            state = replace(state, rhythm=encode_rhythm(observed(rhythm, now, (), 0)))
        state = self._timed(feed, state, Answer("unchanged", hint_seconds=_hint(fetched, state.ttl_seconds)))
        await self.in_thread(lambda: self._write(state, PollCommit()))
        return PollReport(feed.key(), "unchanged")

    async def failed(
        self, feed: Feed, failure: FetchFailed, dead: DeadArticle | None = None, *, ours: bool = False
    ) -> PollReport:
        """The feed could not be read; `dead` is its document where that was the reason.

        `ours` says that most hosts fail at this moment: the feed's own failures are not counted up.
        """
        error = str(failure).encode("utf-8", "replace").decode()  # a server's words may be bytes that no text can hold
        before = self.state(feed)
        failures = before.failures if ours else before.failures + 1
        state = replace(before, name=feed.name, outcome=failure.outcome, error=error, failures=failures)
        answer = Answer(failure.outcome, failures, retry_after=failure.retry_after, ours=ours)
        state = self._timed(feed, state, answer)
        commit = PollCommit(dead=(dead,) if dead else ())
        written = await self.in_thread(lambda: self._write(state, commit))
        return PollReport(
            feed.key(), failure.outcome, error, dead=len(written.dead), failures=state.failures, ours=ours
        )

    def _read(self, feed: Feed, fetched: FetchResult, document: Document, dead_id: str) -> PollReport:
        now = self._clock()
        failed_before = self.state(feed).failures > 0
        state = self._with_hub(self._kept(feed, "ok", fetched, document.hint_seconds), fetched, document)
        with self._archive.begin() as connection:
            commit = self._decided(connection, feed, document, now)
            if commit.articles:
                state = replace(state, new_at=now)
                self._note_missed(connection, state, commit, now)
            dates = [article.published for article in commit.articles]
            rhythm = observed(decode_rhythm(state.rhythm), now, dates, len(document.entries))
            state = replace(state, rhythm=encode_rhythm(rhythm))
            state = self._timed(feed, state, Answer("ok", hint_seconds=_hint(fetched, document.hint_seconds)))
            if failed_before:
                forget_dead(connection, dead_id)
            write_poll(connection, state, commit, now)
        self._states[state.id] = state
        return _report(feed, document, commit)

    def _note_missed(self, connection: Connection, state: FeedState, commit: PollCommit, now: datetime) -> None:
        """What a poll finds and a hub had the time to send, it has not sent: it is relied on no more for now."""
        late = [one.published for one in commit.articles if one.published is None or now - one.published > _HUB_TAKES]
        if state.hub and late:
            subscriptions.missed(connection, state.id, late, now)

    async def take_push(self, feed: Feed, push: str, document: Document) -> PollReport:
        """A document that the feed's hub sent was read: what is new in it is written as by a poll.

        When the feed is polled next stays as it is, and so do its validators.
        """
        return await self.in_thread(lambda: self._take_push(feed, push, document))

    def _take_push(self, feed: Feed, push: str, document: Document) -> PollReport:
        now = self._clock()
        state = self.state(feed)
        with self._archive.begin() as connection:
            commit = self._decided(connection, feed, document, now)
            if commit.articles:
                dates = [article.published for article in commit.articles]
                # what a hub sends says nothing of how long the feed's own document is
                rhythm = observed(decode_rhythm(state.rhythm), now, dates, 0)
                state = replace(state, new_at=now, rhythm=encode_rhythm(rhythm))
            write_poll(connection, state, commit, now)
            subscriptions.read(connection, push)
        self._states[state.id] = state
        return _report(feed, document, commit)

    async def drop_push(self, feed: Feed, push: str, dead: DeadArticle | None = None) -> None:
        """A document that a hub sent cannot be read; `dead` is what is kept of it."""

        def work() -> None:
            with self._archive.begin() as connection:
                subscriptions.read(connection, push)
                if dead is not None:
                    keep_dead(connection, dead, feed=feed.key())

        await self.in_thread(work)

    def _decided(self, connection: Connection, feed: Feed, document: Document, now: datetime) -> PollCommit:
        """Known and written in one transaction, so that no two polls decide over the same state."""
        known = known_articles(connection, feed.key(), names_of(document))
        commit = decide(feed, document, known, now)
        commit = with_pages(connection, commit, feed.full_text or self._full_text, now)
        return commit.without_dead(known_dead(connection, [one.article for one in commit.dead]))

    def _write(self, state: FeedState, commit: PollCommit) -> PollCommit:
        """Write a poll that read no document; returns what of it was new."""
        with self._archive.begin() as connection:
            commit = commit.without_dead(known_dead(connection, [one.article for one in commit.dead]))
            write_poll(connection, state, commit, self._clock())
        self._states[state.id] = state
        return commit

    def _kept(self, feed: Feed, outcome: str, fetched: FetchResult, ttl_seconds: float | None) -> FeedState:
        """The state after a poll that went well, but for when the next one is."""
        before = self.state(feed)
        moved_to, moved_seen = fetched.moved_to, 1 if fetched.moved_to else 0
        if before.moved_to is not None:
            if fetched.moved_to == before.moved_to:
                moved_seen = before.moved_seen + 1
            elif fetched.moved_to is None and self.address(feed) == before.moved_to:
                moved_to, moved_seen = before.moved_to, before.moved_seen  # it was asked there, and it is there
        return replace(
            before,
            name=feed.name,
            etag=fetched.validators.etag,
            last_modified=fetched.validators.last_modified,
            outcome=outcome,
            error=None,
            failures=0,
            ttl_seconds=ttl_seconds,
            moved_to=moved_to,
            moved_seen=moved_seen,
            read_at=self._clock(),
            full_at=before.full_at if fetched.is_unchanged else self._clock(),
        )

    def _with_hub(self, state: FeedState, fetched: FetchResult, document: Document) -> FeedState:
        links = fetched.hub_links.over(document.hub_links)
        return replace(state, hub=links.hub, topic=(links.topic or fetched.url) if links.hub else None)

    def _timed(self, feed: Feed, state: FeedState, answer: Answer) -> FeedState:
        now = self._clock()
        rhythm = decode_rhythm(state.rhythm)
        answer = replace(answer, pushed=feed.key() in self.pushed)
        wait = next_wait(feed.every_seconds, rhythm, answer, now, self._bounds, self._chance())
        return replace(state, polled_at=now, next_poll_at=now + timedelta(seconds=wait.seconds), pace=wait.reason)

    def _load(self, feeds: Sequence[str] | None = None) -> dict[str, FeedState]:
        with self._archive.read() as connection:
            return feed_states(connection, feeds)

    async def load(self, feeds: Sequence[str]) -> None:
        """Read how these feeds stand anew: another poller may have had them."""
        states = await self.in_thread(lambda: self._load(feeds))
        self._states.update(states)

    async def load_pushed(self) -> None:
        """Read anew which feeds' hubs send what they bring."""

        def work() -> frozenset[str]:
            with self._archive.read() as connection:
                return subscriptions.trusted(connection, self._clock())

        self.pushed = await self.in_thread(work)

    async def in_thread(self, work: Callable[[], _Result]) -> _Result:
        """Work on the archive in the ledger's own thread."""
        assert self._thread is not None, "the ledger is used inside `async with`"
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _report(feed: Feed, document: Document, commit: PollCommit) -> PollReport:
    new, revised, dead = len(commit.articles), len(commit.revisions), len(commit.dead)
    known = len(document.entries) - new - revised - dead
    return PollReport(feed.key(), "ok", new=new, revised=revised, known=known, dead=dead)


def _hint(fetched: FetchResult, ttl_seconds: float | None) -> float | None:
    hints = [hint for hint in (fetched.hint_seconds, ttl_seconds) if hint is not None]
    return max(hints, default=None)
