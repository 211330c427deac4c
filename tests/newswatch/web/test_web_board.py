"""What pages are told of alerts: once for all of them, only what is new, and nothing while nobody looks."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

from builders import NOON, a_hit, an_enriched

from agents.alert.transaction import record_article
from agents.notify import notices
from newswatch.web.house import House
from newswatch.web.pages.board import NOTHING, Board
from newswatch.web.pages.cards import key_of, telling
from newswatch.web.pages.timeline import Week
from newswatch.web.told_stream import ToldStream
from streams.archive import alert_search
from streams.records import Alert


def alerts(house: House) -> list[Alert]:
    with house.archive.read() as connection:
        return alert_search.search(connection, alert_search.Wanted(), 10)


def tell(house: House) -> None:
    enriched = an_enriched("four", text="Grain reached Khanasser.", first_seen=NOON + timedelta(days=2))
    (road,) = house.settings.watches
    record_article(house.archive, enriched, [a_hit(enriched)], {"road": road}, [], NOON + timedelta(days=2))


def give_notice(house: House) -> None:
    told = notices.notice("exhausted-1", notices.EXHAUSTED_WATCH, ("desk", "Desk"), "late", "see", "none", NOON)
    with house.archive.begin() as connection:
        notices.tell(connection, told, [], "exhausted", NOON)


def shown(told: str) -> tuple[list[str], list[str], float | None]:
    order, fresh, _, then = json.loads(told.removeprefix("newswatch.tell(...").removesuffix(")"))
    return order, sorted(fresh), then


def test_a_page_is_sent_only_what_it_has_not(house: House) -> None:
    found = alerts(house)
    order = [key_of(one) for one in found]
    assert shown(telling(found, NOTHING, "en")) == (order, sorted(order), None)
    assert shown(telling(found, set(order[1:]), "en")) == (order, order[:1], None)
    changed = [replace(found[0], revision=found[0].revision + 1), *found[1:]]
    assert shown(telling(changed, set(order), "fr", NOON))[1:] == ([key_of(changed[0])], NOON.timestamp() * 1000)


async def test_every_page_is_told_the_same_once_there_is_more(house: House) -> None:
    board = Board(house.archive, ToldStream(house.archive))
    told: list[asyncio.Event] = [asyncio.Event() for _ in range(25)]
    for one in told:
        await board.open(one, one.set)
    before = board.keys
    assert len(before) == 3
    await asyncio.to_thread(tell, house)
    async with asyncio.timeout(30):
        await asyncio.gather(*(one.wait() for one in told))
    (new,) = board.keys - before
    said = board.telling(before, "en")
    assert shown(said)[1] == [new]
    assert board.telling(before, "en") is said, "written once for all"
    for one in told:
        board.close(one)
    assert board._keeping is None, "nobody looks at the archive for no page"


async def test_a_notice_of_deliveries_holds_nobody_up(house: House) -> None:
    stream = ToldStream(house.archive)
    following = stream.follow(None)
    assert await anext(following) == []
    await asyncio.to_thread(give_notice, house)
    coming = asyncio.create_task(anext(following))
    async with asyncio.timeout(30):
        while stream._last < 4:
            await asyncio.sleep(0.05)
        await asyncio.to_thread(tell, house)
        (alert,) = await coming
    assert alert.watch == "road"
    await following.aclose()


async def test_a_week_is_counted_once_for_everybody(house: House) -> None:
    week = Week(house.archive, lambda: NOON + timedelta(hours=3))
    first, *others = await asyncio.gather(*(week.drawing("Alerts") for _ in range(10)))
    assert 'aria-label="Alerts: 3"' in first
    assert all(one is first for one in others)
