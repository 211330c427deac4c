"""Keeping the index of words up to date: the web role reads what is new into it, and a search reads the rest."""

from __future__ import annotations

import asyncio
import logging

from agents.match.terms import terms
from newswatch.web.house import House
from streams.archive import article_words
from streams.errors import ArchiveUnavailable

log = logging.getLogger(__name__)

_STEP = 100
"""Articles a transaction: nobody who writes waits long for it."""
_STEPS_A_SEARCH = 5
_MOST_COUNTED = 10_000
_REST_SECONDS = 2.0


def brought_up_to_date(house: House) -> int:
    """Read some of what is not in the index yet; how many are left, up to 10,000. Raises ArchiveUnavailable."""
    for _ in range(_STEPS_A_SEARCH):
        if not _step(house):
            return 0
    with house.archive.read() as connection:
        return article_words.unread(connection, _MOST_COUNTED)


async def keep_reading(house: House) -> None:
    """Read what is new into the index, a step at a time, until cancelled."""
    while True:
        try:
            count = await asyncio.to_thread(_step, house)
        except ArchiveUnavailable as error:
            log.warning("index of words: %s", error)
            count = 0
        await asyncio.sleep(_REST_SECONDS if count < _STEP else 0.05)


def _step(house: House) -> int:
    with house.archive.read() as connection:
        if not article_words.unread(connection, 1):
            return 0
    with house.archive.begin() as connection:
        return article_words.read_more(connection, terms, _STEP)
