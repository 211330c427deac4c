"""Endpoints that changed in the settings file are told from then on, without a restart; mistakes change nothing."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web
from builders import a_hit, an_enriched
from ruamel.yaml import YAML
from sqlalchemy import select

from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from newswatch.alert_rules import rules_of
from newswatch.config_file import load_settings
from newswatch.roles import notify
from newswatch.roles.runner import RoleContext
from newswatch.roles.status_server import listen_on
from newswatch.web.house import House
from streams.archive.engine import Archive, open_archive
from streams.archive.schema import deliveries
from streams.clock import utc_now

WATCHES = {"road": Watch(id="road", any=(TownCondition(town="Khanasser"),))}


class Receiver:
    """Takes what each endpoint is told; one whose name is in `held` gets no answer until it is let go."""

    def __init__(self) -> None:
        self.told: dict[str, list[str]] = defaultdict(list)
        self.held: dict[str, asyncio.Event] = {}
        self.base = ""

    async def handle(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.told[name].append(request.headers["webhook-id"])
        if name in self.held:
            await self.held[name].wait()
        return web.Response()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/{name}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


def write(config: Path, receiver: Receiver, *names: str, secret: str = "") -> None:
    endpoints = [{"id": name, "kind": "webhook", "url": f"{receiver.base}/{name}"} for name in names]
    if secret:
        endpoints[-1]["secrets"] = [secret]  # type: ignore[assignment]
    with config.open("w") as file:
        YAML().dump({"endpoints": endpoints, "notify": {"allow_networks": ["127.0.0.0/8"]}}, file)


def tell(archive: Archive, name: str, *endpoints: str) -> None:
    enriched = an_enriched(name, published=utc_now(), first_seen=utc_now())
    record_article(archive, enriched, [a_hit(enriched)], WATCHES, list(endpoints), utc_now())


def delivered(archive: Archive, endpoint: str) -> list[int]:
    """Attempts of what was delivered to an endpoint."""
    chosen = select(deliveries.c.attempts).where(deliveries.c.endpoint == endpoint, deliveries.c.state == "delivered")
    with archive.read() as connection:
        return list(connection.execute(chosen).scalars())


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.02)


async def test_the_notifier_takes_endpoints_over_and_loses_nothing_that_it_had_in_hand(
    tmp_path: Path, receiver: Receiver
) -> None:
    config = tmp_path / "newswatch.yaml"
    write(config, receiver, "old", "slow")
    settings = load_settings(config)
    archive = open_archive(settings.archive_url())
    listening = listen_on("127.0.0.1:0")
    context = RoleContext("notify", config, settings, archive, utc_now, asyncio.Event(), listening)
    receiver.held["slow"] = asyncio.Event()
    role = asyncio.create_task(notify.main(context))
    try:
        tell(archive, "one", "slow", "new")  # `new` is in nobody's settings yet
        await until(lambda: len(receiver.told["slow"]) == 1)
        write(config, receiver, "new", "slow", secret="env:NEWSWATCH_NO_SUCH_SECRET")
        (mistake,) = await context.reload.ask()
        assert "NEWSWATCH_NO_SUCH_SECRET" in mistake
        tell(archive, "two", "old")
        await until(lambda: len(receiver.told["old"]) == 1)  # the old ones go on
        write(config, receiver, "new", "slow")
        assert await context.reload.ask() == ()
        await until(lambda: len(receiver.told["new"]) == 1)
        tell(archive, "three", "new", "old")
        await until(lambda: len(receiver.told["new"]) == 2)
        receiver.held["slow"].set()
        await until(lambda: delivered(archive, "slow") == [1])
        assert len(receiver.told["slow"]) == 1  # once, by the notifier that had it in hand
        assert len(receiver.told["old"]) == 1  # it is in the settings no more
    finally:
        context.stopping.set()
        await asyncio.wait_for(role, 20)
        listening.close()
        archive.close()


async def test_the_page_shows_the_endpoints_that_the_file_has_now(tmp_path: Path, receiver: Receiver) -> None:
    config = tmp_path / "newswatch.yaml"
    write(config, receiver, "old")
    settings = load_settings(config)
    archive = open_archive(settings.archive_url())
    house = House(config, settings, archive, utc_now)
    config.write_text(config.read_text().replace("old", "new") + "enrich: {processes: 7}\n")
    assert await house.take(load_settings(config)) == "0 feeds, 0 watches, 1 endpoints"
    assert [one.id for one in house.settings.endpoints] == ["new"]
    assert house.settings.enrich.processes == settings.enrich.processes  # that needs a restart
    assert rules_of(house.settings).of("new") is not rules_of(settings).of("new")
    archive.close()
