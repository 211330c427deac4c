"""Debian's own Alertmanager receives, groups and resolves what newswatch pushes."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from notify_receivers import an_alert, http_server, send

from agents.notify.endpoint import AlertmanagerEndpoint
from streams.broker import free_port

pytestmark = pytest.mark.services
PROGRAM = "prometheus-alertmanager"
SETTINGS = """\
route:
  receiver: desk
  group_by: [watch]
  group_wait: 200ms
  group_interval: 300ms
receivers:
  - name: desk
    webhook_configs:
      - url: {url}/grouped
        send_resolved: true
"""


def found(base: str) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = httpx.get(f"{base}/api/v2/alerts", timeout=5).raise_for_status().json()
    return answer


async def until(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    async with asyncio.timeout(seconds):
        while True:
            try:
                if result := await asyncio.to_thread(what):
                    return result
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Start an Alertmanager that notifies an address; gives its own."""
    if shutil.which(PROGRAM) is None:
        from without_service import without_service  # noqa: PLC0415

        without_service("ALERTMANAGER", f"{PROGRAM} is not installed")
    programs = []

    def run(url: str) -> str:
        (tmp_path / "alertmanager.yml").write_text(SETTINGS.format(url=url), "utf-8")
        address = f"127.0.0.1:{free_port()}"
        programs.append(
            subprocess.Popen(
                [
                    PROGRAM, f"--config.file={tmp_path / 'alertmanager.yml'}", f"--storage.path={tmp_path / 'data'}",
                    f"--web.listen-address={address}", "--cluster.listen-address=",
                ],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )  # fmt: skip
        return f"http://{address}"

    yield run
    for program in programs:
        program.terminate()
        program.wait(timeout=10)


async def test_it_receives_groups_and_resolves(start: Callable[[str], str]) -> None:
    async with http_server() as posts:
        base = start(posts.url)
        await until(lambda: httpx.get(f"{base}/-/ready", timeout=5).status_code == 200)
        pagers = AlertmanagerEndpoint.model_validate({"id": "pagers", "kind": "alertmanager", "url": base})
        first, second = an_alert(id="first"), an_alert(id="second")
        for alert in (first, second, an_alert(id="third", watch="other")):
            assert (await send(pagers, alert)).startswith("200")
        assert {one["labels"]["alert_id"] for one in await until(lambda: found(base))} == {"first", "second", "third"}
        groups = httpx.get(f"{base}/api/v2/alerts/groups", timeout=5).json()
        assert sorted(len(group["alerts"]) for group in groups) == [1, 2]
        # More severe: it fires under its new labels only, and changed words reach it.
        worse = an_alert(id="first", revision=2, status="updated", severity="critical", reason="There is more")
        await send(pagers, worse, [first])
        (one,) = await until(lambda: [one for one in found(base) if one["labels"]["alert_id"] == "first"])
        assert one["labels"]["severity"] == "critical"
        assert one["annotations"]["reason"] == "There is more"
        # Withdrawn and closed: gone, and its receiver is told so.
        await send(pagers, an_alert(id="first", revision=3, status="retracted", severity="critical"), [first, worse])
        await send(pagers, an_alert(id="second", revision=2, status="closed"), [second])
        await until(lambda: {one["labels"]["alert_id"] for one in found(base)} == {"third"})
        await until(lambda: any(b'"status":"resolved"' in body for _, body in posts.taken))
