"""Run the newswatch of this tree for a while and keep what it leaves, for newer versions to load: once a release.

    .venv/bin/python tests/upgrade/leave_behind.py 0.1.0

Feeds, watches of both kinds, alerts told, failed and silenced, a dead article, tokens; and the records on its topics.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    tests = Path(__file__).resolve().parents[1]
    sys.path[0] = str(tests.parent)
    sys.path += [str(tests / room) for room in (".", "e2e", "upgrade")]

from house import Entry, House, Loopback, rss
from kafka import KafkaConsumer, KafkaProducer
from kept_archive import FOLDER, leave
from sqlalchemy import func, select

from streams import topics
from streams.archive import articles, facts
from streams.archive.schema import alerts, deliveries
from streams.archive.schema import dead as dead_table

_ENTRIES = [
    Entry("convoy", "Un convoi attendu", "Un convoi a pris lundi la route reliant Alep à Khanasser et Athriya."),
    Entry("copy", "Un convoi", "Un convoi a pris lundi la route reliant Alep à Khanasser et Athriya."),
    Entry("well", "Un puits rouvert", "À Khanasser, un puits fermé depuis l'hiver a rouvert mardi pour les éleveurs."),
    Entry("market", "Brève", "Le marché de la ville a ouvert ses portes ce matin."),
    Entry("tripoli", "Pluies", "De fortes pluies sont tombées sur Tripoli, au Liban, et sur Zahlé."),
    Entry("undated", "Sans date", "Des camions attendent à Athriya.", dated=False),
]
_ARABIC = [Entry("arabic", "قافلة", "وصلت قافلة إلى خناصر ثم أثريا يوم الاثنين قادمة من حلب.")]


async def run(folder: Path) -> None:
    """Live a short life and write it into `folder`."""
    async with Loopback().serving() as loopback:
        loopback.feeds |= {"fr.xml": rss(_ENTRIES), "ar.xml": rss(_ARABIC, "ar")}
        feeds = [{"id": name[:-4], "url": loopback.url(name), "every_seconds": 1} for name in loopback.feeds]
        endpoints = [
            {"id": "desk", "kind": "webhook", "url": f"{loopback.base}/hook"},
            {"id": "away", "kind": "webhook", "url": "http://127.0.0.1:9/nobody"},
            {"id": "hourly", "kind": "webhook", "url": f"{loopback.base}/hook", "pace": {"digest": {"every": "hour"}}},
            {"id": "others", "kind": "kafka", "topic": topics.ALERTS.name},
        ]
        with tempfile.TemporaryDirectory() as directory:
            house = House(Path(directory), loopback, feeds=feeds, endpoints=endpoints)
            await house.command("watches", "add", "--id", "desk-lb", "--town", "Tripoli", "--notify", "desk")
            await house.command("silences", "add", "watch=nothing", "--for", "365d")
            await house.command("tokens", "add", "--scope", "read", "--note", "a screen")
            async with house.running():
                await house.until(lambda: _count(house, alerts) >= 3, 120, "alerts")
                address = await asyncio.to_thread(_broker, house)
                await asyncio.to_thread(_publish_noise, address)
                await house.until(lambda: _count(house, dead_table), 60, "a dead article")
                loopback.feeds["fr.xml"] = rss([_revised(), *_ENTRIES[1:]])
                await house.until(lambda: _count(house, alerts, alerts.c.revision > 1), 60, "a corrected alert")
                told = deliveries.c.state == "delivered"
                await house.until(lambda: _count(house, deliveries, told) >= 4, 60, "deliveries")
                await house.until(lambda: not _waiting(house), 60, "nothing waiting")
                (first, *_) = await asyncio.to_thread(_ids, house)
                await house.command("alerts", "ack", first, "--comment", "seen")
                records = await asyncio.to_thread(_records, address)
            house.archive = type(house.archive)(house.archive.url)
            folder.mkdir(parents=True, exist_ok=True)
            leave(house.archive, folder, {socket.gethostname(): "first-machine", directory: "/var/lib/newswatch"})
            house.archive.close()
    for topic, lines in records.items():
        (folder / f"{topic}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
        print(f"{topic}: {len(lines)} records")


def _revised() -> Entry:
    text = "Un convoi n'a jamais pris la route reliant Alep à Khanasser et Athriya ; il est resté à Zahlé."
    return Entry("convoy", "Un convoi attendu, rectificatif", text)


def _count(house: House, table: object, *where: object) -> int:
    with house.archive.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())  # type: ignore[arg-type]


def _waiting(house: House) -> int:
    with house.archive.read() as connection:
        return articles.waiting(connection).articles


def _ids(house: House) -> list[str]:
    with house.archive.read() as connection:
        return list(connection.execute(select(alerts.c.id).order_by(alerts.c.opened_at)).scalars())


def _broker(house: House) -> str:
    with house.archive.read() as connection:
        address = facts.told(connection, facts.BROKER_ADDRESS)
    assert address is not None
    return address


def _publish_noise(address: str) -> None:
    producer = KafkaProducer(bootstrap_servers=address)
    producer.send(topics.ARTICLES.name, key=b"noise", value=b"no record \xff").get(30)
    producer.close()


def _records(address: str) -> dict[str, list[bytes]]:
    found = {}
    for topic in topics.ALL:
        consumer = KafkaConsumer(
            topic.name, bootstrap_servers=address, auto_offset_reset="earliest", consumer_timeout_ms=5_000
        )
        values = [record.value for record in consumer]
        found[topic.name] = [value for value in values if value.startswith(b"{")]
        consumer.close()
    return found


if __name__ == "__main__":
    asyncio.run(run(FOLDER / sys.argv[1]))
