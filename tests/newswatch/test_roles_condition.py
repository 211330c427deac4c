"""Alive is not ready; a role reads its file again when asked; and systemd is told."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from newswatch import systemd
from newswatch.roles.condition import Readiness, Reload
from newswatch.roles.status_server import StatusServer, address_of, listen_on


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The end of systemd."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield channel


async def test_a_role_is_ready_when_it_says_so_and_its_archive_is_there() -> None:
    readiness, reload = Readiness(), Reload()
    listening = listen_on("127.0.0.1:0")
    server = StatusServer(listening, lambda: {"ok": True}, readiness.why_not, reload.ask)
    await server.start()
    base = f"http://{address_of(listening)}"
    async with aiohttp.ClientSession() as session:

        async def asked() -> tuple[int, str]:
            async with session.get(f"{base}/readyz") as answer:
                return answer.status, (await answer.json())["why"]

        assert await asked() == (503, "it is starting")
        readiness.ready()
        assert await asked() == (200, "")
        readiness.archive = "archive: gone"
        assert await asked() == (503, "archive: gone")
        async with session.get(f"{base}/healthz") as answer:
            assert answer.status == 200  # to start it again would not bring the archive back
        readiness.archive = ""
        readiness.not_ready("it is stopping")
        assert await asked() == (503, "it is stopping")
    await server.stop()


async def test_who_asks_for_a_reload_hears_what_is_wrong_also_when_several_ask() -> None:
    reload = Reload()
    listening = listen_on("127.0.0.1:0")
    server = StatusServer(listening, lambda: {"ok": True}, lambda: "", reload.ask)
    await server.start()

    async def read() -> None:
        for mistakes in (("a.yaml:1:1: no",), ()):
            await reload.wait()
            reload.begin()
            reload.answer(mistakes)

    reading = asyncio.create_task(read())
    async with aiohttp.ClientSession() as session:
        url = f"http://{address_of(listening)}/-/reload"
        async with session.get(url) as answer:
            assert answer.status == 405  # a link that is followed must not do it
        async with session.post(url) as answer:
            assert (answer.status, (await answer.json())["mistakes"]) == (400, ["a.yaml:1:1: no"])
        async with session.post(url) as answer:
            assert answer.status == 200
    await reading
    await server.stop()


def test_systemd_hears_of_ready_reload_and_stop(manager: socket.socket) -> None:
    readiness, reload = Readiness(), Reload()
    readiness.ready()
    assert manager.recv(1000) == b"READY=1"
    reload.begin()
    assert manager.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
    reload.answer(())
    assert manager.recv(1000) == b"READY=1"


async def test_the_watchdog_is_fed_only_where_it_asks(manager: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    await systemd.keep_alive()  # returns at once
    monkeypatch.setenv("WATCHDOG_USEC", "60000")
    feeding = asyncio.create_task(systemd.keep_alive())
    for _ in range(3):
        assert await asyncio.to_thread(manager.recv, 1000) == b"WATCHDOG=1"
    feeding.cancel()


def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not systemd.tell("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    assert not systemd.tell("READY=1")


async def test_a_whole_role_tells_systemd_survives_hangup_and_stops_in_time(
    manager: socket.socket, tmp_path: Path
) -> None:
    config = tmp_path / "newswatch.yaml"
    config.write_text("data_dir: data\nweb:\n  metrics: {notify: 127.0.0.1:0}\n")
    environment = {**os.environ, "WATCHDOG_USEC": "30000000"}
    command = [sys.executable, "-m", "newswatch", "notify", "--config", str(config)]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdin=asyncio.subprocess.DEVNULL)

    async def until(line: bytes) -> None:
        while line not in (await asyncio.to_thread(manager.recv, 1000)).splitlines():
            pass

    try:
        await until(b"READY=1")
        process.send_signal(signal.SIGHUP)
        await until(b"RELOADING=1")
        await until(b"READY=1")
        process.send_signal(signal.SIGTERM)
        await until(b"STOPPING=1")
        async with asyncio.timeout(10):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
