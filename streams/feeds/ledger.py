"""The archive's side of polling: how each feed stands, and each poll committed in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import TypeVar

from streams.archive.engine import Archive
from streams.archive.polls import (
    FeedState,
    PollCommit,
    feed_states,
    forget_dead,
    known_articles,
    known_dead,
    write_poll,
)
from streams.clock import Clock
from streams.feeds.catalogue import Feed
from streams.feeds.decide import decide, names_of
from streams.feeds.document import Document
from streams.feeds.fetch import Validators
from streams.feeds.report import PollReport
from streams.feeds.schedule import next_delay
from streams.records import DeadArticle

_Result = TypeVar("_Result")


class Ledger:
    """Writes polls down; an asynchronous context manager that owns one thread.

    Its thread is its own, since hanging name look-ups fill the shared ones, and one is enough, since SQLite takes
    one writer at a time. Every method raises ArchiveUnavailable, and then nothing was written.
    """

    def __init__(self, archive: Archive, clock: Clock, chance: Callable[[], float]) -> None:
        self._archive = archive
        self._clock = clock
        self._chance = chance
        self._states: dict[str, FeedState] = {}
        self._thread: ThreadPoolExecutor | None = None

    async def __aenter__(self) -> Ledger:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="poll-archive")
        try:
            self._states = await self._in_thread(self._load)
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

    async def read(self, feed: Feed, validators: Validators, document: Document, dead_id: str) -> PollReport:
        """A document was read: decide over it and write what it changes.

        `dead_id` is what it is called among the dead, should an earlier try have failed on a busy machine.
        """
        return await self._in_thread(lambda: self._read(feed, validators, document, dead_id))

    async def unchanged(self, feed: Feed, validators: Validators) -> PollReport:
        """The feed says what it said before."""
        state = self._next(feed, "unchanged", 0, validators)
        await self._in_thread(lambda: self._write(state, PollCommit()))
        return PollReport(feed.key(), "unchanged")

    async def failed(self, feed: Feed, outcome: str, error: str, dead: DeadArticle | None = None) -> PollReport:
        """The feed could not be read; `dead` is its document where that was the reason."""
        error = error.encode("utf-8", "replace").decode()  # a server's words may be bytes that no text can hold
        before = self.state(feed)
        kept = Validators(before.etag, before.last_modified)
        state = replace(self._next(feed, outcome, before.failures + 1, kept), error=error)
        commit = PollCommit(dead=(dead,) if dead else ())
        written = await self._in_thread(lambda: self._write(state, commit))
        return PollReport(feed.key(), outcome, error, dead=len(written.dead), failures=state.failures)

    def _read(self, feed: Feed, validators: Validators, document: Document, dead_id: str) -> PollReport:
        now = self._clock()
        failed_before = self.state(feed).failures > 0
        state = self._next(feed, "ok", 0, validators)
        # known and written in one transaction, so that no two polls decide over the same state
        with self._archive.begin() as connection:
            known = known_articles(connection, feed.key(), names_of(document))
            commit = decide(feed, document, known, now)
            commit = commit.without_dead(known_dead(connection, [one.article for one in commit.dead]))
            if commit.articles:
                state = replace(state, new_at=now)
            if failed_before:
                forget_dead(connection, dead_id)
            write_poll(connection, state, commit, now)
        self._states[state.id] = state
        new, revised, dead = len(commit.articles), len(commit.revisions), len(commit.dead)
        known_count = len(document.entries) - new - revised - dead
        return PollReport(feed.key(), "ok", new=new, revised=revised, known=known_count, dead=dead)

    def _write(self, state: FeedState, commit: PollCommit) -> PollCommit:
        """Write a poll that read no document; returns what of it was new."""
        with self._archive.begin() as connection:
            commit = commit.without_dead(known_dead(connection, [one.article for one in commit.dead]))
            write_poll(connection, state, commit, self._clock())
        self._states[state.id] = state
        return commit

    def _next(self, feed: Feed, outcome: str, failures: int, validators: Validators) -> FeedState:
        now = self._clock()
        return replace(
            self.state(feed),
            name=feed.name,
            etag=validators.etag,
            last_modified=validators.last_modified,
            polled_at=now,
            next_poll_at=now + timedelta(seconds=next_delay(feed.every_seconds, failures, self._chance())),
            outcome=outcome,
            error=None,
            failures=failures,
        )

    def _load(self) -> dict[str, FeedState]:
        with self._archive.read() as connection:
            return feed_states(connection)

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        assert self._thread is not None, "the ledger is used inside `async with`"
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
