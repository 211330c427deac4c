"""A database that is restarted or killed under its users: they say so, and go on when it is back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from builders import NOON, a_hit, an_article, an_enriched, poll_in
from real_postgres import PASSWORD, RealPostgres
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from streams.archive import alerts, articles, facts
from streams.archive.engine import Archive, open_archive
from streams.archive.schema import deliveries
from streams.errors import ArchiveUnavailable

pytestmark = pytest.mark.services
WATCHES = {name: Watch(id=name, any=(TownCondition(town="Khanasser"),)) for name in ("road", "town", "south")}


@pytest.fixture
def server() -> Iterator[RealPostgres]:
    with RealPostgres() as server:
        yield server


def opened(server: RealPostgres) -> Archive:
    return open_archive(make_url(server.fresh("news")).set(password=PASSWORD).render_as_string(hide_password=False))


def test_what_was_committed_is_there_after_a_kill_and_the_archive_goes_on(server: RealPostgres) -> None:
    archive = opened(server)

    def cut_short() -> None:
        with archive.begin() as connection:
            facts.tell(connection, "half", "1", NOON)
            server.kill()

    with archive.begin() as connection:
        facts.tell(connection, "whole", "1", NOON)
    with pytest.raises(ArchiveUnavailable):
        cut_short()
    with pytest.raises(ArchiveUnavailable, match="archive: "), archive.read():
        pass
    server.start()
    with archive.begin() as connection:
        assert (facts.told(connection, "whole"), facts.told(connection, "half")) == ("1", None)
        facts.tell(connection, "after", "1", NOON)
    archive.close()


def test_a_restart_between_two_looks_is_not_noticed(server: RealPostgres) -> None:
    """Nobody asks beforehand whether a connection that was kept is still there; one that is not is replaced."""
    archive = opened(server)
    with archive.begin() as connection:
        facts.tell(connection, "a", "1", NOON)
    for _ in range(2):
        server.restart()
        assert archive.glance(lambda connection: facts.told(connection, "a")) == "1"
        server.restart()
        with archive.read() as connection:
            assert facts.told(connection, "a") == "1"
        server.restart()
        with archive.begin() as connection:
            facts.tell(connection, "a", "1", NOON)
    server.stop()
    with pytest.raises(ArchiveUnavailable, match="archive: "):
        archive.glance(lambda connection: facts.told(connection, "a"))
    archive.close()


def test_workers_lose_and_double_nothing_while_the_server_is_killed_twice(server: RealPostgres) -> None:
    """Four workers record the same articles in different orders, each until it is done; the server dies under them."""
    archive = opened(server)
    names = [f"n{number}" for number in range(60)]
    poll_in(archive, *(an_article(name, text=words(name)) for name in names))
    left = threading.Semaphore(0)
    trouble: list[BaseException] = []

    def work(order: list[str]) -> None:
        try:
            for name in order:
                enriched = an_enriched(name, text=words(name))
                hits = [a_hit(enriched, watch) for watch in WATCHES]
                while True:
                    try:
                        record_article(archive, enriched, hits, WATCHES, ["desk"], NOON + timedelta(seconds=1))
                        break
                    except ArchiveUnavailable:
                        continue
                left.release()
        except BaseException as error:
            trouble.append(error)
            raise

    orders = [names, names[::-1], names[30:] + names[:30], names[::2] + names[1::2]]
    threads = [threading.Thread(target=work, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for _ in range(2):
        for _ in range(40):
            assert left.acquire(timeout=120)
        server.kill()
        server.start()
    for thread in threads:
        thread.join(180)
    assert trouble == []
    with archive.read() as connection:
        assert articles.counts(connection).done == len(names)
        told = alerts.recent_alerts(connection, 1_000)
        owed = connection.execute(select(func.count()).select_from(deliveries)).scalar_one()
    assert len(told) == owed == len(names) * len(WATCHES)
    archive.close()


def words(name: str) -> str:
    """A text of its own, so that each article is a story of its own."""
    return "Khanasser. " + " ".join(f"{name}word{number}" for number in range(40))
