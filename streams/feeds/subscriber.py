"""Keeping the subscriptions of feeds at their hubs: the errands to the hubs."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from streams import metrics
from streams.archive import subscriptions
from streams.archive.engine import Archive
from streams.archive.subscriptions import AdvertisedHub, Subscription
from streams.clock import Clock
from streams.errors import FetchFailed
from streams.feeds.asking import AskLimits, hub_fetcher
from streams.feeds.catalogue import Feed
from streams.feeds.errands import Errand
from streams.feeds.ledger import Ledger
from streams.feeds.manners import host_of_address
from streams.feeds.parts import Whole
from streams.feeds.shares import share_of
from streams.feeds.websub import Mode, Next, form_of, new_subscription, next_steps, wait_after

log = logging.getLogger(__name__)
_COUNT_EVERY = timedelta(seconds=5)
_UNREAD_FOR = timedelta(days=1)


class Subscriber(Whole):
    """The errands to hubs; an asynchronous context manager that owns its connections.

    `wanted` gives every feed that is polled now, by id, whoever polls it: a hub is seen to by the poller that has
    its host's share. `base` is the address that callbacks begin with, empty where there is none.
    """

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        limits: AskLimits,
        clock: Clock,
        base: str,
        wanted: Callable[[], Mapping[str, Feed]],
    ) -> None:
        self._archive = archive
        self._ledger = ledger
        self._clock = clock
        self._base = base.rstrip("/")
        self._wanted = wanted
        self._fetcher = hub_fetcher(limits)
        self._next: deque[Next] = deque()
        self._counted_at: datetime | None = None
        super().__init__(self._fetcher)

    async def due(self, own: frozenset[int], busy: frozenset[str], room: int) -> list[Errand]:
        """What is to be asked of hubs; see `Errands`."""
        now = self._clock()
        if self._counted_at is None or now - self._counted_at >= _COUNT_EVERY:
            wanted = self._wanted()
            self._next = deque(await self._ledger.in_thread(lambda: self._steps(own, wanted, now)))
            self._counted_at = now
        errands: dict[str, Errand] = {}
        waiting: list[Next] = []
        while self._next and len(errands) < room:
            one = self._next.popleft()
            host = host_of_address(one.hub)
            if host in busy or host in errands:
                waiting.append(one)
            else:
                errands[host] = Errand(f"hub {one.feed}", host, partial(self._ask, one))
        self._next.extendleft(reversed(waiting))
        return list(errands.values())

    def _steps(self, own: Collection[int], wanted: Mapping[str, Feed], now: datetime) -> list[Next]:
        with self._archive.read() as connection:
            offers = [one for one in subscriptions.advertised(connection) if _is_wanted(one, wanted)]
            known = subscriptions.subscriptions_of(connection)
            for state in ("asked", "verified", "denied", "leaving"):
                metrics.SUBSCRIPTIONS.labels(state).set(sum(one.state == state for one in known))
        with self._archive.begin() as connection:
            subscriptions.drop_unread(connection, now - _UNREAD_FOR)
        steps = next_steps(offers, known, self._base, now)
        return [one for one in steps if share_of(host_of_address(one.hub)) in own]

    async def _ask(self, step: Next) -> float:
        """Ask a hub, if that is still what comes next."""
        asked = await self._ledger.in_thread(lambda: self._prepare(step))
        if asked is None:
            return 0.0
        mode, subscription = asked
        try:
            await self._fetcher.post(subscription.hub, form_of(subscription, mode))
        except FetchFailed as error:
            metrics.HUB_REQUESTS.labels(mode, error.outcome).inc()
            said = str(error).encode("utf-8", "replace").decode()
            log.info("feed %s: its hub %s: %s", subscription.feed, subscription.hub, said)
            retry_at = self._clock() + wait_after(subscription.failures, error.retry_after)
            await self._ledger.in_thread(lambda: self._change(subscription.token, error=said, retry_at=retry_at))
        else:
            metrics.HUB_REQUESTS.labels(mode, "ok").inc()
        return 0.0

    def _prepare(self, step: Next) -> tuple[Mode, Subscription] | None:
        """Write down what is about to be asked, so that it is asked again should no answer come."""
        now = self._clock()
        wanted = self._wanted()
        with self._archive.begin() as connection:
            offers = [one for one in subscriptions.advertised(connection, step.feed) if _is_wanted(one, wanted)]
            known = subscriptions.subscriptions_of(connection, step.feed)
            steps = next_steps(offers, known, self._base, now)
            token = step.subscription.token if step.subscription else None
            for one in steps:
                same = (one.subscription.token if one.subscription else None) == token
                if same and (one.step, one.hub) == (step.step, step.hub):
                    return self._begin(connection, one, now)
        return None

    def _begin(self, connection: Connection, step: Next, now: datetime) -> tuple[Mode, Subscription] | None:
        subscription = step.subscription
        if subscription is None:
            assert step.offer is not None
            subscription = new_subscription(step.offer, self._base, now)
            subscriptions.keep(connection, subscription)
        if step.step == "forget":
            subscriptions.forget(connection, subscription.token)
            return None
        leaves = step.step == "unsubscribe"
        begins = leaves and subscription.state != "leaving"
        failures = 0 if begins else subscription.failures
        state = "leaving" if leaves else "asked" if subscription.state == "denied" else subscription.state
        subscriptions.change(
            connection,
            subscription.token,
            state=state,
            asked_at=now,
            retry_at=now + wait_after(failures),
            failures=failures + 1,
        )
        return "unsubscribe" if leaves else "subscribe", replace(subscription, failures=failures)

    def _change(self, token: str, **values: object) -> None:
        with self._archive.begin() as connection:
            subscriptions.change(connection, token, **values)


def _is_wanted(offer: AdvertisedHub, wanted: Mapping[str, Feed]) -> bool:
    feed = wanted.get(offer.feed)
    return feed is not None and str(feed.url) == offer.url
