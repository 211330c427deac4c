"""The embedded broker is recycled at its bound, and nothing is lost or told twice over it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from house import Entry, House, Loopback, rss

from streams.archive import articles, facts

PARTS = ("marché", "école", "récolte", "pont", "fête", "musée", "gare", "jardin", "concert", "atelier")
WORDS = [one + other for one in PARTS for other in PARTS]  # so many that no two articles are near copies


def test_the_corpus_is_larger_than_the_bound() -> None:
    assert sum(len(entry.text) for entry in entries()) > 20_000_000


def entries() -> list[Entry]:
    chance = random.Random(7)
    filler = [" ".join(chance.choices(WORDS, k=12_000)) for _ in range(140)]
    return [
        Entry(f"e{number}", f"Brève {number}", f"La route Alep-Khanasser-Athriya, point {number}. {text}")
        if number % 10 == 0
        else Entry(f"e{number}", f"Brève {number}", f"Point {number}. {text}")
        for number, text in enumerate(filler)
    ]


@pytest.mark.slow
async def test_a_recycled_broker_loses_nothing(tmp_path: Path) -> None:
    async with Loopback().serving() as loopback:
        loopback.feeds["sample.xml"] = rss(entries())
        house = House(
            tmp_path,
            loopback,
            kafka={"embedded_port": 0, "recycle_megabytes": 32},
            poll={"max_document_megabytes": 64, "parse_timeout_seconds": 60},
            enrich={"models": {}},
        )
        async with house.running():
            await house.until(lambda: _run(house), 60, "a broker")
            first = _run(house)
            await house.until(lambda: _run(house) != first, 120, "a recycled broker")
            await house.until(lambda: _done(house) == len(entries()), 180, "every article done")
            await house.until(lambda: len(loopback.received) == 14, 60, "every alert")
        assert len({identity for identity, _ in loopback.received}) == 14
        assert "is recycled" in house.log


def _run(house: House) -> str | None:
    with house.archive.read() as connection:
        return facts.told(connection, facts.BROKER_RUN)


def _done(house: House) -> int:
    with house.archive.read() as connection:
        return articles.counts(connection).done
