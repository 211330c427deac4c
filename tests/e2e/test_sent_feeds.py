"""`newswatch run` with a feed of teasers that names a hub: its pages are read, and what the hub sends is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import House, Loopback
from hub import Hub
from sqlalchemy import select

from streams.archive.engine import Archive
from streams.archive.feed_schema import subscriptions
from streams.broker import free_port

TEASER = "Le point ce matin sur la circulation dans le nord du pays, où la journée s'annonce longue."
PAGE = (
    "Un convoi de farine a pris lundi la route reliant Alep à Khanasser et Athriya, selon un responsable logistique.",
    "Les chauffeurs, partis avant l'aube, attendent la levée d'un barrage à la sortie du bourg de Khanasser.",
)
SENT = "La circulation a repris dans la soirée entre Khanasser et Athriya, disent plusieurs habitants."


def feed(hub: Hub, *items: tuple[str, str, str]) -> str:
    links = f"<a:link rel='hub' href='{hub.base}/hub'/><a:link rel='self' href='{hub.base}/feed'/>"
    body = "".join(
        f"<item><guid>{hub.base}/{name}</guid><title>{title}</title><link>{hub.base}/{name}</link>"
        f"<description>{text}</description></item>"
        for name, title, text in items
    )
    head = f"<title>Le fil</title><language>fr</language>{links}"
    return f"<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel>{head}{body}</channel></rss>"


@pytest.mark.slow
async def test_a_page_and_a_push_raise_alerts_that_a_poll_alone_would_not(tmp_path: Path) -> None:
    async with Loopback().serving() as loopback, Hub().serving() as hub:
        paragraphs = "".join(f"<p>{one}</p>" for one in (TEASER, *PAGE))
        hub.feeds["/a"] = f"<!doctype html><html lang='fr'><body><article>{paragraphs}</article></body></html>"
        hub.feeds["/feed"] = feed(hub, ("a", "Le point du matin", TEASER))
        port = free_port()
        house = House(
            tmp_path,
            loopback,
            feeds=[{"id": "wire", "url": f"{hub.base}/feed"}],
            web={"listen": f"127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}"},
            poll={"full_text": "auto"},
        )
        async with house.running():
            await house.until(lambda: loopback.received, 180, "an alert on what the page says")
            alert = loopback.received[0][1]["data"]
            assert (alert["status"], alert["title"]) == ("opened", "Le point du matin")
            assert alert["quote"] == PAGE[0]
            await house.until(lambda: _state(house.archive) == "verified" and hub.subscribers, 60, "a subscription")
            sent = feed(hub, ("b", "Athriya: la route rouverte", SENT))
            assert await hub.publish(f"{hub.base}/feed", sent.encode()) == [202]
            await house.until(lambda: len(loopback.received) == 2, 60, "the alert on what the hub sent")
            assert loopback.received[1][1]["data"]["title"] == "Athriya: la route rouverte"
            status = await house.status()
            assert status["healthy"]
            assert hub.gets.count("/feed") == 1
            assert hub.gets.count("/robots.txt") == 1


def _state(archive: Archive) -> str | None:
    with archive.read() as connection:
        return connection.execute(select(subscriptions.c.state)).scalar()
