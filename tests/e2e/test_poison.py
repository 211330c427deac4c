"""Articles that would stop a lesser stream: each ends right or in `dead`, and its neighbours go on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from house import Entry, House, Loopback, rss
from kafka import KafkaConsumer, KafkaProducer
from sqlalchemy import select

from streams import topics
from streams.archive import dead, facts
from streams.archive.schema import articles

pytestmark = pytest.mark.slow

NEIGHBOUR = Entry("neighbour", "La route rouverte", "La route Alep-Khanasser-Athriya a rouvert jeudi, sans incident.")
HUGE = Entry("huge", "Un très long relevé", "Le relevé cite Athriya. " + "Une ligne de chiffres sans fin. " * 170_000)
BARE = (
    "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Our words</title><item>"
    "<description>Une panne a bloqué la piste entre Khanasser et Athriya pendant une heure.</description>"
    "</item></channel></rss>"
).encode()
BROKEN = b"".join(
    (
        b"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Our words</title><item>",
        b"<guid>broken</guid><title>Caf\xe9 et \xff\xfe th\xe9</title>",
        "<description>Des camions attendent à Khanasser, près d'Athriya.</description>".encode(),
        b"</item></channel></rss>",
    )
)
RAISING_PART = """
from spacy.language import Language
@Language.component("raises_on_a_word")
def raises_on_a_word(doc):
    if "explosif-mot" in doc.text:
        raise RuntimeError("the model met its word")
    return doc
"""
ENTRY_POINTS = "[spacy_factories]\nraises_on_a_word = raising_part:raises_on_a_word\n"
MAKE_MODEL = (
    "import spacy, sys; model = spacy.blank('fr'); model.add_pipe('raises_on_a_word', name='ner'); "
    "model.to_disk(sys.argv[1])"
)


def raising_model(directory: Path) -> tuple[Path, dict[str, str]]:
    """A spaCy model on disk that raises on one word, and the environment in which spaCy knows its part."""
    modules = directory / "modules"
    installed = modules / "raising_part-1.0.dist-info"
    installed.mkdir(parents=True)
    (modules / "raising_part.py").write_text(RAISING_PART)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: raising-part\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(ENTRY_POINTS)
    environment = {"PYTHONPATH": str(modules)}
    model = directory / "model"
    subprocess.run([sys.executable, "-c", MAKE_MODEL, str(model)], env={**os.environ, **environment}, check=True)
    return model, environment


async def test_each_ends_right_or_dead_and_neighbours_go_on(tmp_path: Path) -> None:
    model, environment = raising_model(tmp_path)
    raising = Entry("raising", "Un mot de trop", "Ce texte contient explosif-mot et rien d'autre.")
    async with Loopback().serving() as loopback:
        loopback.feeds |= {
            "plain.xml": rss([raising, HUGE, NEIGHBOUR]),
            "bare.xml": BARE,
            "broken.xml": BROKEN,
        }
        feeds = [{"id": name[:-4], "url": loopback.url(name), "every_seconds": 2} for name in loopback.feeds]
        house = House(tmp_path / "house", loopback, feeds=feeds, enrich={"models": {"fr": str(model)}})
        async with house.running(environment):
            await house.until(lambda: len(loopback.received) >= 4, 120, "alerts for the neighbour and the odd ones")
            await house.until(lambda: _dead(house), 60, "the raising article in `dead`")
            await house.until(lambda: not _waiting(house), 60, "nothing waiting")
            assert {body["data"]["title"] for _, body in loopback.received} >= {NEIGHBOUR.title, HUGE.title, ""}
            (row,) = _dead(house)
            assert (row.feed, row.step) == ("plain", "enrich")
            assert "the model met its word" in row.error

            address = _broker(house)
            on_topic = KafkaConsumer(
                topics.DEAD.name, bootstrap_servers=address, auto_offset_reset="earliest", consumer_timeout_ms=10_000
            )
            assert row.article.encode() in {record.key for record in on_topic}
            on_topic.close()

            producer = KafkaProducer(bootstrap_servers=address)
            producer.send(topics.ARTICLES.name, key=b"stray", value=b"\xff not a record \x00").get(10)
            producer.close()
            await house.until(lambda: len(_dead(house)) == 2, 30, "bytes that are no record in `dead`")
            stray = next(one for one in _dead(house) if one.article == "stray")
            assert "MalformedRecord" in stray.error
            code, out, _ = await house.command("dead", "list", "--json")
            assert code == 0
            assert len(out.splitlines()) == 2


def _dead(house: House) -> list[dead.DeadRow]:
    with house.archive.read() as connection:
        return dead.list_dead(connection, 10)


def _waiting(house: House) -> list[str]:
    with house.archive.read() as connection:
        return list(connection.execute(select(articles.c.id).where(articles.c.waiting)).scalars())


def _broker(house: House) -> str:
    with house.archive.read() as connection:
        address = facts.told(connection, facts.BROKER_ADDRESS)
    assert address is not None
    return address
