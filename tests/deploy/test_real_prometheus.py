"""A running newswatch scraped by a real Prometheus: every query of every rule and panel has data."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from queries import DEPLOY, RULES, panels, rules, selectors
from ruamel.yaml import YAML

from streams.orphan import die_with_parent_thread

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
from house import Entry, House, Loopback, rss

ROLES = ("poll", "work", "notify", "web")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def settings_of(addresses: dict[str, str]) -> dict[str, Any]:
    """The deployed settings, quicker, and with the targets where they are here."""
    settings: dict[str, Any] = YAML(typ="safe").load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    settings["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    del settings["alerting"]
    for job in settings["scrape_configs"]:
        job.pop("dns_sd_configs", None)
        job["static_configs"] = [{"targets": [addresses[job["job_name"]]]}]
    return settings


@pytest.mark.services
@pytest.mark.timeout(500)
async def test_every_query_names_a_series_that_exists_and_returns_data(
    tmp_path: Path, program_of: Callable[[str, str], str]
) -> None:
    program = program_of("prometheus", "PROMETHEUS")
    text = "Un convoi a pris lundi la route reliant Alep à Khanasser et Athriya."
    async with Loopback().serving() as loopback:
        loopback.feeds["sample.xml"] = rss([Entry("convoy", "Un convoi attendu", text)])
        house = House(tmp_path / "house", loopback)
        async with house.running():
            await house.until(lambda: loopback.received, 240, "a delivered alert")
            addresses = {role["role"]: role["address"] for role in (await house.status())["roles"]}
            with (tmp_path / "prometheus.yml").open("w") as file:
                YAML().dump(settings_of(addresses), file)
            shutil.copy(RULES, tmp_path)
            base = f"127.0.0.1:{free_port()}"
            with (tmp_path / "prometheus.log").open("wb") as log:
                prometheus = subprocess.Popen(
                    [
                        *(program, f"--config.file={tmp_path / 'prometheus.yml'}", f"--web.listen-address={base}"),
                        f"--storage.tsdb.path={tmp_path / 'series'}",
                    ],
                    stdout=log,
                    stderr=log,
                    env={**os.environ, "GOMAXPROCS": "1"},
                    preexec_fn=die_with_parent_thread,  # noqa: PLW1509 - one system call, no lock taken
                )
            try:
                await _everything_answers(f"http://{base}")
            finally:
                prometheus.terminate()
                prometheus.wait(30)


async def _everything_answers(base: str) -> None:
    asked = [(where, query) for where, query in panels()]
    for rule in rules():
        if "record" in rule:
            asked.append((rule["record"], rule["record"]))
        # an alert that does not fire has no data itself; all that it looks at has
        asked += [(rule.get("alert") or rule["record"], one) for one in selectors(rule["expr"])]
    async with aiohttp.ClientSession() as session:

        async def empty() -> list[tuple[str, str]]:
            found = []
            for where, query in asked:
                async with session.get(f"{base}/api/v1/query", params={"query": query}) as answer:
                    told = await answer.json()
                    assert told["status"] == "success", (where, told)
                    if not told["data"]["result"]:
                        found.append((where, query))
            return found

        left: list[tuple[str, str]] = [("nothing was asked yet", "")]
        try:
            async with asyncio.timeout(120):
                while left:
                    await asyncio.sleep(1)
                    try:
                        left = await empty()
                    except aiohttp.ClientError as error:  # it is not up yet
                        left = [(str(error), "")]
        except TimeoutError:
            raise AssertionError(f"no data for: {left}") from None
        async with session.get(f"{base}/api/v1/rules") as answer:
            groups = (await answer.json())["data"]["groups"]
        loaded = [rule for group in groups for rule in group["rules"]]
        assert len(loaded) == len(rules())
        assert [rule for rule in loaded if rule["health"] != "ok"] == []
