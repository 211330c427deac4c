"""Two thousand articles while the worker is killed five times and the broker once: none lost, none told twice."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path

import psutil
import pytest
from house import Entry, House, Loopback, rss
from sqlalchemy import func, select

from streams.archive import articles
from streams.archive.schema import alerts, deliveries

ARTICLES = 2000
EVERY = 20
PLACES = ("Khanasser", "Athriya")


_WORDS = [
    "sable",
    "pluie",
    "nuit",
    "jour",
    "vent",
    "pneu",
    "frein",
    "eau",
    "sac",
    "toile",
    "bois",
    "fer",
    "cuir",
    "pain",
    "sel",
    "thé",
    "lampe",
    "corde",
    "clou",
    "roue",
]


def an_entry(number: int) -> Entry:
    """Every twentieth is about the road; no two have the same words."""
    if number % EVERY == 0:
        return Entry(
            f"road-{number}",
            f"Incident {number} sur l'axe du désert",
            f"Un camion numéro {number} est tombé en panne sur la route reliant Alep à Khanasser et Athriya. "
            + " ".join(random.Random(number).choices(_WORDS, k=60)),  # near copies would be one story
        )
    return Entry(f"other-{number}", f"Brève {number}", f"Le marché numéro {number} a ouvert ses portes ce matin.")


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_every_alert_exactly_once_whatever_is_killed(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    print(f"seed {seed}")
    async with Loopback().serving() as loopback:
        names = [f"part-{part}.xml" for part in range(4)]
        for part, name in enumerate(names):
            loopback.feeds[name] = rss([an_entry(number) for number in range(part, ARTICLES, len(names))])
        feeds = [{"id": name[:-4], "url": loopback.url(name), "every_seconds": 2} for name in names]
        house = House(tmp_path, loopback, feeds=feeds)
        async with house.running():
            await house.until(lambda: _done(house) > 0, 180, "the first article")
            kills = ["work"] * 5
            kills.insert(chance.randrange(1, 5), "broker")
            for what in kills:
                await asyncio.sleep(chance.uniform(0.0, 2.0))
                await _kill(house, what)
            await house.until(lambda: _done(house) == ARTICLES, 300, "every article done")
            expected = ARTICLES // EVERY
            await house.until(lambda: len(_ids(loopback)) == expected, 60, "every alert delivered")
            with house.archive.read() as connection:
                assert connection.execute(select(func.count()).select_from(alerts)).scalar_one() == expected
                titles = {alert["title"] for alert in _told(loopback)}
                assert titles == {an_entry(number).title for number in range(0, ARTICLES, EVERY)}
                owed = dict(connection.execute(select(deliveries.c.id, deliveries.c.state)).all())  # type: ignore[arg-type]
            # what the receiver saw more than once it can tell by the id, and it saw nothing it was not owed
            assert _ids(loopback) == set(owed)
            assert set(owed.values()) == {"delivered"}


async def _kill(house: House, what: str) -> None:
    """SIGKILL the worker as soon as it has done something since its start, or the broker's server."""
    find = (lambda: house.role("work")) if what == "work" else house.broker_server
    before = _done(house)
    process: psutil.Process = await house.until(find, 60, f"a {what} to kill")
    if what == "work":
        await house.until(lambda: _done(house) > before or _done(house) == ARTICLES, 90, "progress before the kill")
    process.send_signal(signal.SIGKILL)
    await house.until(lambda: not process.is_running() or process.status() == "zombie", 10, "its end")


def _done(house: House) -> int:
    with house.archive.read() as connection:
        return articles.counts(connection).done


def _ids(loopback: Loopback) -> set[str]:
    return {identity for identity, _ in loopback.received}


def _told(loopback: Loopback) -> list[dict[str, object]]:
    return [body["data"] for _, body in loopback.received]
