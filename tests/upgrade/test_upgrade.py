"""What each released version left is loaded by this one: its archive on both databases, its records on the topics."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from fastapi.testclient import TestClient
from kept_archive import put_back, records_of, released, rows_of
from sqlalchemy import func, select

from agents.alert.transaction import record_article
from agents.notify.deliver import Notifier
from agents.notify.endpoint import WebhookEndpoint
from agents.tell.rules import Rules
from newswatch.settings import Settings
from newswatch.status import read_status
from newswatch.web.app import create_web
from newswatch.web.house import House
from streams import topics
from streams.addresses import AddressPolicy
from streams.archive.engine import Archive, open_archive
from streams.archive.metadata import metadata
from streams.archive.migrating import newest_revision
from streams.clock import utc_now
from streams.records import decode_article, decode_enriched

MOVED = {"alert_actions": "audit"}
"""Tables of earlier versions that are gone, and where their rows are now."""

VERSIONS = pytest.mark.parametrize("version", released(), ids=lambda path: path.name)


@pytest.fixture
def put(empty_archive: str, tmp_path: Path) -> Callable[[Path], Archive]:
    """Load a version's rows, and open them as this newswatch does."""

    def load(version: Path) -> Archive:
        put_back(version, empty_archive)
        return open_archive(empty_archive, tmp_path / "backups")

    return load


def test_the_first_version_is_kept() -> None:
    assert "0.1.0" in [path.name for path in released()]


@VERSIONS
def test_no_row_is_lost_on_the_way_to_the_newest_shape(version: Path, put: Callable[[Path], Archive]) -> None:
    archive = put(version)
    _, tables = rows_of(version)
    assert {"articles", "mentions", "alerts", "alert_revisions", "deliveries", "watches", "dead"} <= set(tables)
    with archive.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == newest_revision()
        kept: Counter[str] = Counter()
        for name, rows in tables.items():
            kept[MOVED.get(name, name)] += len(rows)
        for name, count in kept.items():
            table = metadata.tables.get(name)
            assert table is not None, f"{name} has gone: say in MOVED where its rows are now"
            counted = connection.execute(select(func.count()).select_from(table)).scalar_one()
            assert counted >= count, name
    archive.close()


@VERSIONS
def test_status_and_the_api_read_it(version: Path, put: Callable[[Path], Archive], tmp_path: Path) -> None:
    archive = put(version)
    _, tables = rows_of(version)
    status = read_status(archive, utc_now())
    assert status.dead == len(tables["dead"])
    house = House(tmp_path / "newswatch.yaml", Settings(data_dir=tmp_path), archive, utc_now)
    with TestClient(create_web(house), base_url="http://127.0.0.1:8787", client=("127.0.0.1", 50_000)) as here:
        told = here.get("/api/v1/alerts", params={"limit": 100}).json()
        listed = {one["id"]: one for one in told["alerts"]}
        shown = {row["id"]: row for row in tables["alerts"] if row["status"] not in ("waiting", "notice")}
        assert listed.keys() == shown.keys()
        assert all(listed[one]["revision"] == row["revision"] for one, row in shown.items())
        for one in listed:
            whole = here.get(f"/api/v1/alerts/{one}")
            assert whole.status_code == 200
            assert json.loads(shown[one]["record"])["quote"] == whole.json()["alert"]["quote"]
        found = here.get("/api/v1/articles", params={"limit": 100}).json()["articles"]
        assert {one["id"] for one in found} == {row["id"] for row in tables["articles"]}
        owned = {one["id"] for one in here.get("/api/v1/watches").json()["watches"]}
        assert owned == {row["id"] for row in tables["watches"]}
        assert here.get("/alerts.atom").status_code == 200
    archive.close()


@VERSIONS
def test_records_on_its_topics_are_read_and_done_once_only(version: Path, put: Callable[[Path], Archive]) -> None:
    archive = put(version)
    _, tables = rows_of(version)
    known = {row["id"]: row for row in tables["articles"]}
    polled = [decode_article(raw) for raw in records_of(version, topics.ARTICLES.name)]
    enriched = [decode_enriched(raw) for raw in records_of(version, topics.ENRICHED.name)]
    assert {one.id for one in polled} == {one.article.id for one in enriched} == known.keys()
    assert any(one.mentions and one.sketch is not None and one.fingerprint for one in enriched)
    before = _alerts(archive)
    for one in enriched:  # they come once more, as after a crash
        assert record_article(archive, one, [], {}, [], utc_now(), rules=Rules()).outcome == "again"
    assert _alerts(archive) == before
    events = [json.loads(raw) for raw in records_of(version, topics.ALERTS.name)]
    assert {event["data"]["id"] for event in events} <= {row["id"] for row in tables["alerts"]}
    assert all(event["specversion"] == "1.0" for event in events)
    dead = [json.loads(raw) for raw in records_of(version, topics.DEAD.name)]
    assert {(one["step"], one["raw"]) for one in dead} == {(row["step"], row["raw"]) for row in tables["dead"]}
    archive.close()


@VERSIONS
async def test_what_it_still_owed_is_delivered_under_its_own_id(version: Path, put: Callable[[Path], Archive]) -> None:
    archive = put(version)
    _, tables = rows_of(version)
    rows = [row for row in tables["deliveries"] if (row["endpoint"], row["state"]) == ("away", "pending")]
    owed = {row["id"] for row in rows}
    assert owed
    told: dict[str, Any] = {}

    async def take(request: web.Request) -> web.Response:
        told[request.headers["webhook-id"]] = await request.json()
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    endpoint = WebhookEndpoint(id="away", kind="webhook", url=url)  # type: ignore[arg-type]
    # what is a day old is given up: the clock stands where the last of them is due
    at = max(datetime.fromisoformat(row["due_at"]) for row in rows)
    delivering = asyncio.create_task(Notifier(archive, [endpoint], lambda: at, AddressPolicy(["127.0.0.0/8"])).run())
    try:
        async with asyncio.timeout(30):
            while set(told) != owed:
                assert not delivering.done()
                await asyncio.sleep(0.05)
    finally:
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
        await runner.cleanup()
        archive.close()


def _alerts(archive: Archive) -> set[tuple[str, int]]:
    with archive.read() as connection:
        table = metadata.tables["alerts"]
        return {(row.id, row.revision) for row in connection.execute(select(table.c.id, table.c.revision))}
