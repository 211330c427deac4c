"""The stories of watches as the archive keeps them: read, decided and noted inside the article's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from agents.alert.near import from_bytes
from agents.alert.story import StoryChoice, choose_story
from agents.alert.telling import Told
from agents.enrich.sketch import Shingles
from streams.archive import alerts
from streams.archive.alerts import Telling
from streams.records import Alert


def place(connection: Connection, watches: Collection[str], told: Told) -> dict[str, StoryChoice]:
    """The story of an article for each of the watches that it hits; nothing is written."""
    if not watches:
        return {}
    known: dict[str, list[Telling]] = {watch: [] for watch in watches}
    for one in alerts.tellings(connection, watches, told.article, told.fingerprint, told.told_at):
        known[one.watch].append(one)

    def read(tellings: Sequence[Telling]) -> Mapping[str, Shingles]:
        return {article: from_bytes(raw) for article, raw in alerts.shingles(connection, tellings).items()}

    return {watch: choose_story(watch, told, known[watch], read) for watch in watches}


def note(
    connection: Connection,
    choice: StoryChoice,
    told: Told,
    now: datetime,
    outcome: str = "",
    alone: Alert | None = None,
) -> None:
    """Note that the article tells its story, and what became of it; its alert must be there.

    Noting it again changes nothing.
    """
    telling = told.telling(choice.watch, choice.alert, choice.story, choice.reason, choice.copy_of)
    alerts.join_alert(connection, telling, told.shingle_bytes(), now, outcome, alone)
