"""News that come while everything is shaken: feeds on hosts of their own, and the desk that is told."""

from __future__ import annotations

import contextlib
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from aiohttp import web

WATCH = {"id": "road", "any": [{"route": ["Alep", "Khanasser", "Athriya"], "corridor_km": 10}]}
_LINK = "https://outlet.example/"
"""All are of one publisher: what another one told like it would be the same story."""
_WORDS = [
    *("sable", "pluie", "nuit", "jour", "vent", "pneu", "frein", "eau", "sac", "toile", "bois", "fer", "cuir", "pain"),
    *("sel", "thé", "lampe", "corde", "clou", "roue", "pierre", "puits", "mur", "toit", "porte", "route", "pont"),
    *("col", "champ", "four", "grain", "laine", "encre", "plume", "drap", "seau", "pelle", "hache"),
]


def title_of(number: int, of_the_road: bool) -> str:
    """Of an article; no two are alike."""
    return f"Incident {number} sur l'axe du désert" if of_the_road else f"Brève {number}"


def text_of(number: int, of_the_road: bool) -> str:
    """Of an article: its own words, since near copies would be one story."""
    words = " ".join(random.Random(number).choices(_WORDS, k=60))
    if of_the_road:
        return (
            f"Un camion numéro {number} est tombé en panne sur la route reliant Alep à Khanasser et Athriya. {words}."
        )
    return f"Le marché numéro {number} a ouvert ses portes ce matin. {words}."


@dataclass
class Newsroom:
    """Feeds by number, each on an address of its own (`127.1.0.N`), and a receiver of alerts.

    Times are those of `time.monotonic`.
    """

    feeds: int
    every: int = 20
    """Every so-manieth article is of the watched road, and a story of its own."""
    listed_seconds: float = 150.0
    """An entry stays in its feed for so long."""
    appeared: list[float] = field(default_factory=list)
    """When each article appeared."""
    told: dict[str, list[tuple[str, float]]] = field(default_factory=lambda: defaultdict(list))
    """Of each title the ids of the deliveries that came, and when."""
    port: int = 0

    def url(self, feed: int) -> str:
        """Of a feed."""
        return f"http://127.1.0.{feed + 1}:{self.port}/feeds/{feed}.xml"

    @property
    def hook(self) -> str:
        """Where the desk is told."""
        return f"http://127.0.0.1:{self.port}/hook"

    def write(self) -> None:
        """Let one more article appear."""
        self.appeared.append(time.monotonic())

    def settings(self, every_seconds: float) -> dict[str, object]:
        """The sections of the settings that read these feeds and tell this desk."""
        return {
            "feeds": [
                {"id": f"f{feed}", "url": self.url(feed), "every_seconds": every_seconds} for feed in range(self.feeds)
            ],
            "watches": [WATCH],
            "endpoints": [{"id": "desk", "kind": "webhook", "url": self.hook}],
            "poll": {
                "allow_networks": ["127.0.0.0/8"],
                "host_spacing_seconds": 0,
                "host_requests_per_hour": 360_000,
                "full_text": "never",
            },
            "notify": {"allow_networks": ["127.0.0.0/8"]},
        }

    async def _feed(self, request: web.Request) -> web.Response:
        feed = int(request.match_info["feed"])
        now = time.monotonic()
        items = []
        for number in range(feed, len(self.appeared), self.feeds):
            age = now - self.appeared[number]
            if age < self.listed_seconds:
                of_the_road = number % self.every == 0
                at = format_datetime(datetime.fromtimestamp(round(time.time() - age), UTC))
                items.append(
                    f"<item><guid isPermaLink='false'>n{number}</guid><link>{_LINK}{number}</link>"
                    f"<title>{title_of(number, of_the_road)}</title><pubDate>{at}</pubDate>"
                    f"<description>{text_of(number, of_the_road)}</description></item>"
                )
        head = "<title>Our words</title><language>fr</language>"
        body = f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{''.join(items)}</channel></rss>"
        return web.Response(text=body, content_type="application/rss+xml")

    async def _hook(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.told[body["data"]["title"]].append((request.headers["webhook-id"], time.monotonic()))
        return web.Response(status=204)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Newsroom]:
        """Serve until the block ends."""
        app = web.Application()
        app.router.add_get("/feeds/{feed:\\d+}.xml", self._feed)
        app.router.add_post("/hook", self._hook)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        for feed in range(self.feeds):
            await web.TCPSite(runner, f"127.1.0.{feed + 1}", self.port).start()
        try:
            yield self
        finally:
            await runner.cleanup()

    def expected(self) -> set[str]:
        """The titles that alerts must have."""
        return {title_of(number, True) for number in range(0, len(self.appeared), self.every)}

    def seconds_to_alert(self) -> list[float]:
        """From an article's appearance in its feed to the first delivery of its alert."""
        return [
            min(at for _, at in self.told[title_of(number, True)]) - self.appeared[number]
            for number in range(0, len(self.appeared), self.every)
            if title_of(number, True) in self.told
        ]

    def faults(self) -> list[str]:
        """What was lost or told twice; empty where every alert was told under one id."""
        found = []
        lost = self.expected() - self.told.keys()
        if lost:
            found.append(f"{len(lost)} alerts were lost: {sorted(lost)[:5]}")
        unasked = self.told.keys() - self.expected()
        if unasked:
            found.append(f"{len(unasked)} alerts of nothing watched: {sorted(unasked)[:5]}")
        for title, came in self.told.items():
            if len({identity for identity, _ in came}) > 1:
                found.append(f"{title} was told under {len({identity for identity, _ in came})} ids")
        return found

    def repeats(self) -> int:
        """Deliveries that came more than once under their own id."""
        return sum(len(came) for came in self.told.values()) - len(self.told)
