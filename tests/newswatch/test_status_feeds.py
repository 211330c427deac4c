"""`newswatch status` tells of the feeds what a poller counted last."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from streams.archive import subscriptions
from streams.archive.engine import open_archive
from streams.archive.pages import WantedPage, want
from streams.archive.polls import FeedState, PollCommit, write_poll
from streams.archive.subscriptions import AdvertisedHub
from streams.feeds.catalogue import Feed
from streams.feeds.health import feed_health
from streams.feeds.summary import read_summary, summed_up, tell_summary
from streams.feeds.websub import new_subscription

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def status(config: Path, *options: str) -> str:
    command = [sys.executable, "-m", "newswatch", "status", *options, "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_feeds_outage_hubs_and_pages_are_told(tmp_path: Path) -> None:
    config = tmp_path / "newswatch.yaml"
    config.write_text("feeds:\n  - {id: wire, url: 'https://wire.example/feed'}\n")
    archive = open_archive(f"sqlite:///{tmp_path / 'newswatch-data' / 'archive.sqlite'}")
    assert "feeds:" not in status(config)
    feeds = [Feed(url=f"https://{name}.example/feed", id=name) for name in ("wire", "desk", "new")]  # type: ignore[arg-type]
    offer = AdvertisedHub("wire", "https://wire.example/feed", "https://hub.example/", "https://wire.example/feed")
    with archive.begin() as connection:
        for feed, outcome, failures in (("wire", "ok", 0), ("desk", "dns", 3)):
            state = FeedState(feed, f"https://{feed}.example/feed", outcome=outcome, failures=failures, read_at=NOW)
            write_poll(connection, state, PollCommit(), NOW)
        subscriptions.keep(connection, new_subscription(offer, "https://news.example", NOW))
        want(connection, [WantedPage("a", "wire", "https://wire.example/1", "wire.example", 3, "teaser")], NOW)
    rows = feed_health(archive, feeds, NOW)
    assert {row.id: row.hub for row in rows} == {"desk": None, "new": None, "wire": "asked"}
    with archive.begin() as connection:
        told = summed_up(connection, rows, "5 of 6 hosts cannot be reached: the network here is away", NOW)
        tell_summary(connection, told)
        assert read_summary(connection) == told
    out = status(config)
    assert "3 feeds: 1 well, 1 new, 1 failing" in out
    assert "not to be read: https://desk.example/feed: its name is not found (None; 3 times in a row)" in out
    assert "5 of 6 hosts cannot be reached: the network here is away" in out
    assert "at hubs: 1 asked" in out
    assert "1 pages of articles to be fetched" in out
    found = json.loads(status(config, "--json"))["feeds"]
    assert found["states"] == {"failing": 1, "new": 1, "well": 1}
    assert found["pages_waiting"] == 1
