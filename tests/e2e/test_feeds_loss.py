"""Feeds that change while poller, publisher and broker are killed again and again: no item missing, none twice.

`NEWSWATCH_KILLS` says how often (`make chaos-feeds` sets 200), `NEWSWATCH_SEED` repeats a run. The poller and the
publisher are one process, the `poll` role; it is killed at any moment, between fetching, writing and publishing too.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import web
from house import Entry, House, Loopback, rss
from sqlalchemy import func, select

from streams.archive.schema import articles, outbox, revisions

KILLS = int(os.environ.get("NEWSWATCH_KILLS", "8"))
FEEDS = 6
WINDOW = 15
SEEN_BEFORE_IT_LEAVES = 4
"""An item leaves its feed's window once so many requests that had it were answered and followed by another: what no
poll could see is no poll's loss."""
ROLES = ("broker", "poll", "work")


class Changing:
    """A feed that brings items, mends titles, and answers conditionally."""

    def __init__(self, name: str, chance: random.Random) -> None:
        self.name = name
        self.titles: dict[str, list[str]] = {}
        """Every title that an item had, in order."""
        self._chance = chance
        self._window: list[str] = []
        self._asked: Counter[str] = Counter()
        self._version = 0
        self._changing = False
        self.bring()

    def bring(self) -> None:
        """A new item, and at times another title for an old one; the oldest leaves if it was there to be seen."""
        number = len(self.titles)
        guid = f"{self.name}-{number}"
        self.titles[guid] = [f"Brève {number} de {self.name}"]
        self._window.insert(0, guid)
        while len(self._window) > WINDOW:
            del self._asked[self._window.pop()]  # before any shuffling: what leaves is what `is_ripe` looked at
        self._version += 1
        if self._chance.random() < 0.3:
            old = self._chance.choice(self._window)
            self.titles[old].append(f"{self.titles[old][0]}, corrigé {len(self.titles[old])} fois")
        if self._chance.random() < 0.2:
            self._chance.shuffle(self._window)

    def is_ripe(self) -> bool:
        """Whether the next item may push the oldest out."""
        return len(self._window) < WINDOW or self._asked[self._window[-1]] >= SEEN_BEFORE_IT_LEAVES

    async def answer(self, request: web.Request) -> web.Response:
        etag = f'"{self._version}"'
        if request.headers.get("If-None-Match") == etag:
            for guid in self._window:  # who asks so has kept this version
                self._asked[guid] += 1
            return web.Response(status=304, headers={"ETag": etag})
        entries = [Entry(guid, self.titles[guid][-1], f"Rien de neuf ({guid}).", dated=False) for guid in self._window]
        return web.Response(body=rss(entries), headers={"ETag": etag, "Content-Type": "application/rss+xml"})


class Roles:
    """The roles as processes of their own, each started again at once when it ends."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self.starts: Counter[str] = Counter()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Roles]:
        keepers = [asyncio.create_task(self._keep(role)) for role in ROLES]
        try:
            yield self
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
            family = [one for process in self._processes.values() for one in _family(process.pid)]
            for one in family:
                with contextlib.suppress(psutil.Error):
                    one.send_signal(signal.SIGKILL)
            await asyncio.gather(*(process.wait() for process in self._processes.values()))

    async def _keep(self, role: str) -> None:
        while True:
            with (self._house.directory / f"{role}.log").open("ab") as log:
                self._processes[role] = process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "newswatch", role, "--config", str(self._house.config)),
                    stdout=log,
                    stderr=log,
                )
            self.starts[role] += 1
            await process.wait()

    def kill(self, what: str) -> bool:
        """SIGKILL a role, or the broker's server; whether there was one."""
        role = "broker" if what == "server" else what
        process = self._processes.get(role)
        if process is None or process.returncode is not None:
            return False
        if what != "server":
            process.kill()
            return True
        for one in _family(process.pid)[1:]:
            with contextlib.suppress(psutil.Error):
                if "--kafka-cluster-id=newswatch" in one.cmdline():
                    one.kill()
                    return True
        return False


def _family(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


@pytest.mark.slow
@pytest.mark.timeout(480 + 30 * KILLS)
async def test_no_item_is_missing_and_none_is_there_twice(tmp_path: Path) -> None:
    seed = int(os.environ.get("NEWSWATCH_SEED", random.randrange(2**32)))
    print(f"NEWSWATCH_SEED={seed} NEWSWATCH_KILLS={KILLS}")
    chance = random.Random(seed)
    feeds = {f"feed-{number}": Changing(f"feed-{number}", chance) for number in range(FEEDS)}

    async def answer(request: web.Request) -> web.Response:
        return await feeds[request.match_info["name"]].answer(request)

    app = web.Application()
    app.router.add_get("/{name}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    listed = [{"id": name, "url": f"{base}/{name}", "every_seconds": 1} for name in feeds]
    house = House(tmp_path, Loopback(), feeds=listed, endpoints=[], watches=[])
    try:
        async with Roles(house).running() as roles:
            await house.until(lambda: _kept(house) >= FEEDS, 90, "the first item of each feed")
            bringing = asyncio.create_task(_bring(feeds, chance))
            killed = await _kill(roles, house, chance)
            bringing.cancel()
            for feed in feeds.values():  # what comes after the last kill
                await house.until(feed.is_ripe, 120, "the last window seen")
                feed.bring()
            wanted = {guid for feed in feeds.values() for guid in feed.titles}
            await house.until(lambda: _kept(house) >= len(wanted), 60, f"{len(wanted)} items kept")
            await house.until(lambda: not _waiting(house), 240 + 2 * KILLS, "every item done")
        print(f"killed {dict(killed)}, started {dict(roles.starts)}; {len(wanted)} items")
        _assert_each_once(house, feeds)
    finally:
        await runner.cleanup()
        house.archive.close()
    assert sum(killed.values()) == KILLS


async def _bring(feeds: dict[str, Changing], chance: random.Random) -> None:
    while True:
        await asyncio.sleep(chance.uniform(0.05, 0.4))
        feed = chance.choice(list(feeds.values()))
        if feed.is_ripe():
            feed.bring()


async def _kill(roles: Roles, house: House, chance: random.Random) -> Counter[str]:
    """Kill at random moments; the poller mostly, once it has kept something since its start or has had a while to."""
    killed: Counter[str] = Counter()
    while sum(killed.values()) < KILLS:
        before = _kept(house)
        what = chance.choices(("poll", "server", "broker"), (7, 2, 1))[0]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(20 if chance.random() < 0.7 else 1):  # at times in the midst of its start
                while _kept(house) <= before:
                    await asyncio.sleep(0.05)
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        killed[what] += roles.kill(what)
        if KILLS > 20 and sum(killed.values()) % 10 == 0:
            print(f"killed {sum(killed.values())} of {KILLS}; {before} items kept", flush=True)
    return killed


def _kept(house: House) -> int:
    with house.archive.read() as connection:
        return connection.execute(select(func.count()).select_from(articles)).scalar_one()


def _waiting(house: House) -> int:
    with house.archive.read() as connection:
        undone = select(func.count()).select_from(articles).where(articles.c.waiting)
        return (
            connection.execute(undone).scalar_one()
            + connection.execute(select(func.count()).select_from(outbox)).scalar_one()
        )


def _assert_each_once(house: House, feeds: dict[str, Changing]) -> None:
    """Every item is one article, under its newest title, with no revision that its feed never had."""
    expected: Counter[tuple[str, str]] = Counter()
    for name, feed in feeds.items():
        for titles in feed.titles.values():
            expected[name, titles[0].partition(",")[0]] += 1
    with house.archive.read() as connection:
        rows: list[Any] = list(connection.execute(select(articles.c.feed, articles.c.title, articles.c.revision)))
        older = connection.execute(select(func.count()).select_from(revisions)).scalar_one()
    found = Counter((row.feed, row.title.partition(",")[0]) for row in rows)
    assert found == expected, (expected - found, found - expected)
    assert older == sum(row.revision - 1 for row in rows)
    for row in rows:
        titles = next(one for one in feeds[row.feed].titles.values() if one[0] == row.title.partition(",")[0])
        assert row.title in titles
        assert row.revision <= len(titles)
