"""The whole way once more on real Apache Kafka: feed to delivered alert, and a killed worker loses nothing."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from house import Entry, House, Loopback, rss
from real_kafka import RealKafka

from streams.archive import articles


@pytest.mark.services
@pytest.mark.timeout(400)
async def test_from_feed_to_alert_on_apache_kafka(tmp_path: Path, real_kafka: RealKafka) -> None:
    def entries(first: int, last: int) -> list[Entry]:
        return [
            Entry(f"e{number}", f"Incident {number}", f"Panne {number} sur la route Alep-Khanasser-Athriya ce matin.")
            for number in range(first, last)
        ]

    async with Loopback().serving() as loopback:
        loopback.feeds["sample.xml"] = rss(entries(0, 20))
        house = House(tmp_path / "house", loopback, kafka={"bootstrap": real_kafka.bootstrap, "partitions": 4})
        async with house.running():
            await house.until(lambda: len(loopback.received) == 20, 120, "the alerts of the first round")
            assert {role["role"]: role["state"] for role in (await house.status())["roles"]} == {
                "broker": "never started",
                "poll": "up",
                "work": "up",
                "notify": "up",
                "web": "up",
            }
            loopback.feeds["sample.xml"] = rss(entries(0, 200))
            await house.until(lambda: _done(house) > 20, 60, "the second round under way")
            worker = await house.until(lambda: house.role("work"), 10, "the worker")
            worker.send_signal(signal.SIGKILL)
            await house.until(lambda: _done(house) == 200, 180, "every article done")
            await house.until(lambda: len({identity for identity, _ in loopback.received}) == 200, 60, "every alert")
            assert {body["data"]["title"] for _, body in loopback.received} == {
                f"Incident {number}" for number in range(200)
            }


def _done(house: House) -> int:
    with house.archive.read() as connection:
        return articles.counts(connection).done
