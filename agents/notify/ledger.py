"""The notifier's side of the archive: in one transaction a turn it writes down what ended and takes what is due."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from agents.notify import exhausted
from agents.notify.endpoint import Endpoint
from agents.notify.schedule import LONGEST
from streams import metrics
from streams.archive import deliveries
from streams.archive.deliveries import DueDelivery, Outcome
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.errors import RetryLater
from streams.owner import has_died, new_owner

log = logging.getLogger(__name__)

_LEASE_BEYOND_ATTEMPT = timedelta(seconds=60)
"""For the archive: what a notifier on another machine had in hand when it died waits this long and an attempt."""
_GRACE = timedelta(minutes=10)
"""What is a day old was due for its last attempt so long and got none, since its endpoint's circuit is open; what is
for an endpoint that nobody knows may be for one that this notifier is yet to hear of."""
_TAKE_OVER_EVERY_SECONDS = 2.0
_GIVE_UP_EVERY_SECONDS = 60.0


@dataclass(slots=True)
class Settled:
    """What the next transaction writes."""

    outcomes: list[Outcome] = field(default_factory=list)
    given_up: list[tuple[str, str]] = field(default_factory=list)
    """For each delivery of an alert that is exhausted: its endpoint, and why."""
    recovered: set[str] = field(default_factory=set)
    """Endpoints that work again."""
    gone: dict[str, str] = field(default_factory=dict)
    """Endpoints that want no more, and what they said."""

    def __bool__(self) -> bool:
        return bool(self.outcomes or self.recovered or self.gone)

    def add(self, later: Settled) -> None:
        """Put what was settled later behind it."""
        self.outcomes += later.outcomes
        self.given_up += later.given_up
        self.recovered |= later.recovered
        self.gone |= later.gone


class Ledger:
    """The deliveries of one notifier; every method blocks, and raises ArchiveUnavailable."""

    def __init__(
        self, archive: Archive, endpoints: Mapping[str, Endpoint], clock: Clock, exhausted_to: Sequence[str] = ()
    ) -> None:
        """`exhausted_to` are the endpoints that are told when deliveries to another are given up."""
        self._archive = archive
        self._endpoints = endpoints
        self._clock = clock
        self._exhausted_to = exhausted_to
        self._owner = new_owner()
        self._lasting = {
            key: timedelta(seconds=one.attempt_seconds) + _LEASE_BEYOND_ATTEMPT for key, one in endpoints.items()
        }
        self._in_doubt = False
        self._took_over = -_TAKE_OVER_EVERY_SECONDS
        self._gave_up = -_GIVE_UP_EVERY_SECONDS
        self._began = time.monotonic()

    def turn(self, settled: Settled, room: Mapping[str, int], in_hand: Collection[str]) -> list[DueDelivery]:
        """Write down what was settled and lease what is due, for each endpoint as many as it has room.

        `in_hand` are the ids of the deliveries on their way.
        """
        now, at = self._clock(), time.monotonic()
        taking_over = at - self._took_over >= _TAKE_OVER_EVERY_SECONDS
        giving_up = at - self._gave_up >= _GIVE_UP_EVERY_SECONDS
        # looking is free of locks; only what is really due takes them
        due = self._archive.glance(lambda connection: deliveries.look(connection, room, now, self._owner))
        dead = self._archive.glance(self._dead) if taking_over else set()
        if due or dead or giving_up or settled or self._in_doubt:
            in_doubt, self._in_doubt = self._in_doubt, True
            with self._archive.begin() as connection:
                self._write(connection, settled, now)
                if in_doubt:  # an answer to a commit was lost: what it leased is in nobody's hand
                    deliveries.release_lost(connection, self._owner, in_hand)
                if dead:
                    many = deliveries.release(connection, dead)
                    log.info("notify: %d deliveries of a notifier that died", many)
                if giving_up:
                    self._give_up(connection, now)
                leased = deliveries.take(connection, due, now, self._lasting, self._owner) if due else []
            self._in_doubt = False
        else:
            leased = []
        self._took_over = at if taking_over else self._took_over
        self._gave_up = at if giving_up else self._gave_up
        return leased

    def leave(self, settled: Settled) -> None:
        """Write down the last and give everything back."""
        try:
            with self._archive.begin() as connection:
                self._write(connection, settled, self._clock())
                deliveries.release(connection, [self._owner])
        except RetryLater as error:
            log.warning("notify: %s; what was in hand waits for the end of its lease", error)

    def _write(self, connection: Connection, settled: Settled, now: datetime) -> None:
        deliveries.settle(connection, settled.outcomes, self._owner)
        lost = Counter(endpoint for endpoint, _ in settled.given_up)
        why = dict(settled.given_up)
        for endpoint, said in settled.gone.items():
            also = deliveries.give_up(connection, endpoint, said)
            metrics.DELIVERIES.labels(self._endpoints[endpoint].kind, "refused").inc(also)
            lost[endpoint] += also
            why.setdefault(endpoint, said)
        for endpoint in settled.recovered:
            deliveries.hasten(connection, endpoint, now)
        for endpoint, many in lost.items():
            if many:
                exhausted.tell(connection, self._exhausted_to, endpoint, many, why[endpoint], now)

    def _dead(self, connection: Connection) -> set[str]:
        return {owner for owner in deliveries.lease_owners(connection) if has_died(owner)}

    def _give_up(self, connection: Connection, now: datetime) -> None:
        """Give up what nobody can deliver any more."""
        unknown = deliveries.exhaust_unknown(connection, list(self._endpoints), now - _GRACE)
        if unknown:
            log.warning("notify: %d deliveries to endpoints that are not in the settings are given up", unknown)
        if time.monotonic() - self._began < _GRACE.total_seconds():
            return  # after a day without a notifier each is tried once, at least
        for endpoint, about in self._endpoints.items():
            why = f"not delivered within {LONGEST}"
            lost = deliveries.give_up(connection, endpoint, why, now - LONGEST, now - _GRACE)
            if lost:
                metrics.DELIVERIES.labels(about.kind, "exhausted").inc(lost)
                log.error("notify: %d deliveries to %s are given up after a day", lost, endpoint)
                exhausted.tell(connection, self._exhausted_to, endpoint, lost, why, now)
