"""The real web application over a real archive, asked over HTTP's own interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders import NOON, a_hit, an_enriched, poll_in
from fastapi.testclient import TestClient

from agents.alert.transaction import record_article
from agents.match.watch import Watch
from agents.names.knowledge import NamesKnowledge, load_knowledge
from newswatch.settings import Settings
from newswatch.web.app import create_web
from newswatch.web.house import House
from streams.archive import tokens
from streams.archive.engine import Archive
from streams.feeds.catalogue import Feed

ROAD = Watch.model_validate({"id": "road", "any": [{"route": ["Alep", "Khanasser", "Athriya"]}]})
Ask = Callable[..., TestClient]


@pytest.fixture(scope="session")
def knowledge() -> NamesKnowledge:
    """Loaded once: it takes seconds."""
    return load_knowledge()


@pytest.fixture
def house(archive: Archive, tmp_path: Path, knowledge: NamesKnowledge) -> House:
    """A house with one watch and one feed in its file, and three articles that tell of the road."""
    feed = Feed.model_validate({"id": "sana", "url": "https://outlet.example/rss"})
    settings = Settings(data_dir=tmp_path, watches=(ROAD,), feeds=(feed,))
    now = [NOON + timedelta(days=1)]

    def clock() -> datetime:
        now[0] += timedelta(milliseconds=1)
        return now[0].astimezone(UTC)

    for number, name in enumerate(("one", "two", "three")):
        words = f"Convoy {number} left Khanasser and {name} more came to Athriya in the {name} hour of day {number}."
        enriched = an_enriched(name, text=words, first_seen=NOON + timedelta(hours=number), title=f"Camión {name}")
        poll_in(archive, enriched.article)
        record_article(
            archive, enriched, [a_hit(enriched)], {"road": ROAD}, ["console"], NOON + timedelta(hours=number)
        )
    return House(tmp_path / "newswatch.yaml", settings, archive, clock, knowledge)


@pytest.fixture
def here(house: House) -> Iterator[TestClient]:
    """Somebody on this machine, without a token."""
    with TestClient(create_web(house), base_url="http://127.0.0.1:8787", client=("127.0.0.1", 50_000)) as client:
        yield client


@pytest.fixture
def elsewhere(house: House) -> Iterator[Ask]:
    """Somebody on another machine, with a token of these scopes, or without one."""
    opened: list[TestClient] = []

    def ask(*scopes: str, owner: str = "desk", secret: str | None = None) -> TestClient:
        if scopes:
            with house.archive.begin() as connection:
                _, secret = tokens.issue(connection, owner, scopes, "", house.clock(), None)
        headers = {"authorization": f"Bearer {secret}"} if secret is not None else {}
        client = TestClient(
            create_web(house), base_url="http://watch.example", client=("192.0.2.7", 50_000), headers=headers
        )
        opened.append(client.__enter__())
        return client

    yield ask
    for client in opened:
        client.__exit__(None, None, None)
