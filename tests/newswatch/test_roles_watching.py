"""A worker's watches: the file's and the archive's, changed while it works."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_world import WORLD, read

from agents.match.matcher import match
from agents.match.watch import Watch
from agents.names.entity import Entity
from newswatch.config_file import load_settings
from newswatch.kept_watches import Keeping, given
from newswatch.roles import watching as module
from newswatch.roles.condition import Reload
from newswatch.roles.watching import Watching, keep_watching, teach
from streams.archive.engine import Archive, open_archive
from streams.archive.watch_changes import OwnerLimits, enable_watches, put_watches, remove_watches
from streams.clock import utc_now
from streams.errors import ConfigInvalid
from streams.processes import ProcessPool

FILE = """\
data_dir: .
endpoints: [{id: ops, kind: console}]
watches:
  - {id: of-file, any: [{town: Homs}]}
  - {id: other, any: [{town: Athriya}]}
"""
LIMITS = OwnerLimits(1000, 1000)


@pytest.fixture(autouse=True)
def _small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "known_names", lambda _: WORLD)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "newswatch.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.fixture
def kept(config: Path) -> Iterator[Archive]:
    opened = open_archive(load_settings(config).archive_url())
    yield opened
    opened.close()


@pytest.fixture
def watching(config: Path, kept: Archive) -> Watching:
    made = Watching(config, load_settings(config), kept)
    made.load()
    return made


def put(archive: Archive, *watches: dict[str, Any], owner: str = "desk") -> None:
    rows = [given(Watch.model_validate(watch), Keeping()) for watch in watches]
    with archive.begin() as connection:
        put_watches(connection, owner, rows, LIMITS, utc_now())


def fired(watching: Watching, text: str) -> list[str]:
    return sorted(hit.watch for hit in match(read(text), watching.live.matcher))


def test_both_kinds_of_watches_are_in_force_from_the_start(config: Path, kept: Archive) -> None:
    put(kept, {"id": "mine", "any": [{"town": "place:khanasser"}]})
    made = Watching(config, load_settings(config), kept)
    made.load()
    assert fired(made, "A convoy left Homs for Khanasser.") == ["mine", "of-file"]
    mine = made.live.watch("mine")
    assert mine is not None
    assert mine.any[0].model_dump(exclude_unset=True) == {"town": "place:khanasser"}


def test_changes_of_the_archive_are_taken_over(watching: Watching, kept: Archive) -> None:
    assert watching.poll() is False
    put(
        kept, {"id": "mine", "any": [{"town": "place:khanasser"}]}, {"id": "gone", "any": [{"town": "place:khanasser"}]}
    )
    assert watching.poll() is True
    assert fired(watching, "Khanasser is quiet.") == ["gone", "mine"]
    put(kept, {"id": "mine", "any": [{"town": "Rastan"}]})
    with kept.begin() as connection:
        remove_watches(connection, "desk", ["gone"], LIMITS, utc_now())
    assert watching.poll() is True
    assert fired(watching, "Khanasser is quiet, Rastan is not.") == ["mine"]
    with kept.begin() as connection:
        enable_watches(connection, "desk", ["mine"], False, LIMITS, utc_now())
    watching.poll()
    assert fired(watching, "Rastan is quiet.") == []
    with kept.begin() as connection:
        enable_watches(connection, "desk", ["mine"], True, LIMITS, utc_now())
    watching.poll()
    assert fired(watching, "Rastan is quiet.") == ["mine"]
    assert watching.poll() is False


def test_a_name_that_means_nothing_here_leaves_its_watch_out(
    watching: Watching, kept: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    put(kept, {"id": "lost", "any": [{"town": "Xqzzt"}]}, {"id": "mine", "any": [{"town": "place:khanasser"}]})
    watching.poll()
    assert fired(watching, "Khanasser is quiet.") == ["mine"]
    assert "the watch lost is left out" in caplog.text


def test_the_files_watch_stays_where_the_archive_gets_one_of_its_id(
    watching: Watching, kept: Archive, config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(kept, {"id": "of-file", "any": [{"town": "place:khanasser"}]})
    watching.poll()
    assert fired(watching, "From Homs to Khanasser.") == ["of-file"]
    assert fired(watching, "Khanasser.") == []
    assert "the file's stays" in caplog.text
    with pytest.raises(ConfigInvalid, match=r"newswatch.yaml:4:10: the archive already has a watch .of-file., of desk"):
        Watching(config, load_settings(config), kept).load()


def test_the_file_is_read_again(watching: Watching, config: Path) -> None:
    config.write_text(
        FILE.replace("Homs", "Rastan").replace("  - {id: other, any: [{town: Athriya}]}\n", "")
        + "  - {id: new, any: [{town: Hama}], notify: [ops]}\n"
    )
    assert watching.reload() is True
    assert fired(watching, "Homs, Athriya, Rastan and Hama.") == ["new", "of-file"]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ("  - {id: new, any: [{twon: Hama}]}\n", "6:21: "),
        ("  - {id: new, any: [{town: Xqzzt}]}\n", "6:28: "),
        ("  - {id: new, any: [{town: Hama}], notify: [nobody]}\n", "6:45: "),
        ("  - [\n", "7:1: "),
    ],
)
def test_a_file_with_mistakes_leaves_the_old_watches_and_says_so(
    watching: Watching, config: Path, caplog: pytest.LogCaptureFixture, wrong: str, where: str
) -> None:
    config.write_text(FILE.replace("Homs", "Rastan") + wrong)
    with caplog.at_level(logging.INFO):
        assert watching.reload() is False
    assert fired(watching, "Homs and Rastan.") == ["of-file"]
    assert fired(watching, "Rastan.") == []
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1
    assert told[0].startswith(f"{config} has 1 mistake, watches and endpoints stay as they were: {config}:{where}")


def test_endpoints_come_with_the_file_and_the_watches_that_name_them(watching: Watching, config: Path) -> None:
    assert watching.recipients.endpoints == ("ops",)
    config.write_text(
        FILE.replace("ops, kind: console", "new, kind: console, pace: {repeat_hours: 5}")
        + "  - {id: more, any: [{town: Hama}], notify: [new]}\n",
        encoding="utf-8",
    )
    assert watching.reload() is True
    assert watching.live.watch("more") is not None
    assert watching.recipients.endpoints == ("new",)
    assert watching.recipients.rules.of("new").pace.repeat_hours == 5


async def test_a_change_is_in_force_within_a_second(watching: Watching, kept: Archive, config: Path) -> None:
    pool = ProcessPool("listening:make", size=1)
    reload = Reload()
    keeping = asyncio.create_task(keep_watching(watching, pool, reload))
    try:
        for number in range(3):
            began = time.monotonic()
            await asyncio.to_thread(put, kept, {"id": f"n{number}", "any": [{"town": "place:khanasser"}]})
            while f"n{number}" not in await asyncio.to_thread(fired, watching, "Khanasser."):
                assert time.monotonic() - began < 10
                await asyncio.sleep(0.01)
            assert time.monotonic() - began < 5  # a second on a machine that does nothing else
        config.write_text(FILE.replace("Homs", "Nowhereville-les-Bains"))
        (mistake,) = await reload.ask()
        assert mistake.startswith(f"{config}:4:")
        assert await asyncio.to_thread(fired, watching, "Homs.") == ["of-file"]
        config.write_text(FILE.replace("Homs", "Hama"))
        assert await reload.ask() == ()
        while await asyncio.to_thread(fired, watching, "Hama.") != ["of-file"]:
            await asyncio.sleep(0.01)
        assert not keeping.done()
    finally:
        keeping.cancel()


async def test_processes_learn_what_only_watches_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parent}:{Path(__file__).parents[2]}")
    pool = ProcessPool("listening:make", size=2)
    await pool.start()
    try:
        brigade = Entity("actor:own-brigade", "actor", "Own Brigade", ("Own Brigade",))
        await teach(pool, (brigade,))
        assert await asyncio.gather(pool.call("?", 10), pool.call("?", 10)) == [["Own Brigade"]] * 2
        await teach(pool, ())
        assert await pool.call("?", 10) == []
    finally:
        await pool.stop()
