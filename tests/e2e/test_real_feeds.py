"""Every real feed at hand through `newswatch run`: each entry in the archive or in `dead`, once; nothing crashes."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import House, Loopback
from sqlalchemy import func, select

from streams.archive.feed_schema import entries, feeds
from streams.archive.schema import articles, dead, revisions


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.timeout(600)
async def test_every_entry_ends_somewhere_and_a_second_round_adds_nothing(tmp_path: Path, shared_dir: Path) -> None:
    root = shared_dir / "corpora" / "feeds"
    files = [file for file in sorted(root.rglob("*.xml")) if "w3c-feedvalidator" not in file.parts]
    assert len(files) > 50
    async with Loopback().serving() as loopback:
        catalogue = []
        for number, file in enumerate(files):
            name = f"{number}.xml"
            loopback.feeds[name] = file.read_bytes()
            loopback.content_types[name] = "application/xml"
            catalogue.append({"id": f"f{number}", "url": loopback.url(name), "every_seconds": 20})
        house = House(tmp_path, loopback, feeds=catalogue)
        async with house.running():
            await house.until(lambda: _polled(house) == len(files), 120, "every feed polled")
            first = _kept(house)
            assert first["entries"] > 800
            await house.until(lambda: min(loopback.gets.values()) >= 2, 120, "every feed polled twice")
            await house.until(lambda: not _waiting(house), 300, "every article done or dead")
            second = _kept(house)
            assert {name: second[name] for name in ("articles", "entries", "revisions")} == {
                name: first[name] for name in ("articles", "entries", "revisions")
            }
            with house.archive.read() as connection:
                errors = list(connection.execute(select(dead.c.error)).scalars())
                assert all(errors), "every dead row says why"
                # no feed is without an outcome, and those that failed say why
                told = connection.execute(select(feeds.c.id, feeds.c.outcome, feeds.c.error)).all()
                assert [row.id for row in told if row.outcome is None] == []
                assert [row.id for row in told if row.outcome not in {"ok", "unchanged"} and not row.error] == []
            status = await house.status()
            assert status["healthy"], status


def _polled(house: House) -> int:
    with house.archive.read() as connection:
        return connection.execute(
            select(func.count()).select_from(feeds).where(feeds.c.polled_at.is_not(None))
        ).scalar_one()


def _kept(house: House) -> dict[str, int]:
    with house.archive.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (articles, entries, revisions, dead)
        }


def _waiting(house: House) -> bool:
    with house.archive.read() as connection:
        return connection.execute(select(articles.c.id).where(articles.c.waiting).limit(1)).first() is not None
