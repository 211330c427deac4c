"""The poll role itself: when no host answers, the endpoints of the settings are owed one notice."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import pytest
from sqlalchemy import select

from newswatch.config_file import load_settings
from newswatch.roles import poll
from newswatch.roles.runner import RoleContext
from streams.archive.engine import open_archive
from streams.archive.schema import alerts, deliveries
from streams.clock import utc_now
from streams.kafka import Kafka

SETTINGS = """\
poll: {allow_networks: [127.0.0.0/8], timeout_seconds: 5}
endpoints: [{id: desk, kind: console}, {id: ops, kind: console}]
notify: {outage_to: [ops]}
feeds:
"""


class WithoutBroker(RoleContext):
    async def kafka(self) -> Kafka:
        return Kafka("127.0.0.1:1", 1, 1)


async def test_an_outage_of_ours_is_told_once_to_the_endpoints_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll, "keep_prompt", lambda: None)  # this process is the other tests' too
    config = tmp_path / "newswatch.yaml"
    hosts = range(1, 8)  # on each of which nothing listens at the discard port
    config.write_text(SETTINGS + "".join(f"  - {{id: f{n}, url: 'http://127.0.0.{n}:9/feed'}}\n" for n in hosts))
    settings = load_settings(config)
    archive = open_archive(settings.archive_url())
    stopping = asyncio.Event()
    with socket.socket() as listening:
        context = WithoutBroker("poll", config, settings, archive, utc_now, stopping, listening)
        role = asyncio.create_task(poll.main(context))

        def owed() -> list[str]:
            with archive.read() as connection:
                return list(connection.execute(select(deliveries.c.endpoint)).scalars())

        async with asyncio.timeout(60):
            while not await asyncio.to_thread(owed):
                assert not role.done()
                await asyncio.sleep(0.05)
        stopping.set()
        await role
    assert owed() == ["ops"]
    with archive.read() as connection:
        (record,) = connection.execute(select(alerts.c.record)).scalars()
    assert json.loads(record)["watch"] == "newswatch-network"
    assert "hosts cannot be reached" in json.loads(record)["quote"]
    archive.close()
