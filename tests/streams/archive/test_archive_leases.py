from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from streams.archive.engine import Archive
from streams.archive.feed_schema import poll_leases
from streams.archive.leases import LEASE, SHARES, Renewal, give_back, owners, renew

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def renewed(archive: Archive, owner: str, now: datetime, dead: frozenset[str] = frozenset()) -> Renewal:
    with archive.begin() as connection:
        return renew(connection, owner, now, dead)


def test_one_poller_has_everything_and_two_share_evenly(archive: Archive) -> None:
    assert renewed(archive, "a", NOW) == Renewal(frozenset(range(SHARES)), 1)
    assert renewed(archive, "b", NOW + SECOND) == Renewal(frozenset(), 2)  # nothing is free until it is given back
    kept = renewed(archive, "a", NOW + 2 * SECOND)
    taken = renewed(archive, "b", NOW + 3 * SECOND)
    assert (len(kept.own), len(taken.own)) == (SHARES // 2, SHARES // 2)
    assert kept.own | taken.own == frozenset(range(SHARES))


def test_a_dead_pollers_share_passes_on_within_a_minute(archive: Archive) -> None:
    renewed(archive, "a", NOW)
    renewed(archive, "b", NOW)
    renewed(archive, "a", NOW + SECOND)
    renewed(archive, "b", NOW + SECOND)
    now = NOW + SECOND
    while len(renewed(archive, "b", now).own) < SHARES:
        now += 10 * SECOND
        assert now - NOW <= timedelta(minutes=1)
    assert now - NOW > LEASE


def test_who_gives_back_or_is_known_to_be_dead_is_not_waited_for(archive: Archive) -> None:
    renewed(archive, "a", NOW)
    with archive.begin() as connection:
        give_back(connection, "a", NOW)
    assert len(renewed(archive, "b", NOW).own) == SHARES
    assert len(renewed(archive, "c", NOW, frozenset(["b"])).own) == SHARES
    with archive.read() as connection:
        assert owners(connection) == {"c"}


def test_a_poller_that_was_paused_too_long_has_lost_its_share(archive: Archive) -> None:
    renewed(archive, "a", NOW)
    later = NOW + LEASE + SECOND
    assert len(renewed(archive, "b", later).own) == SHARES
    back = renewed(archive, "a", later + SECOND)
    assert back == Renewal(frozenset(), 2)


def test_no_share_is_ever_had_by_two(archive: Archive) -> None:
    now = NOW
    lock = threading.Lock()
    had: list[str] = []

    def live(owner: str) -> None:
        nonlocal now
        for _ in range(12):
            with lock:
                now += SECOND
                moment = now
            mine = renewed(archive, owner, moment).own
            with archive.read() as connection:
                rows = connection.execute(poll_leases.select().where(poll_leases.c.owner == owner)).all()
            if not mine <= {row.share for row in rows}:
                had.append(owner)

    threads = [threading.Thread(target=live, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shares = [renewed(archive, name, now).own for name in "abc"]
    assert had == []
    assert sum(map(len, shares)) == len(frozenset().union(*shares))
