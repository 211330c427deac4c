"""What a silence would have quieted, had it been in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from agents.tell.around import FILE
from agents.tell.labels import labels_of
from agents.tell.matchers import Matcher, match_all
from streams.archive import told, watches
from streams.records import Alert


@dataclass(frozen=True, slots=True)
class Quieted:
    """A revision that meets the matchers."""

    alert: Alert
    at: datetime
    why: str
    """Why it was told."""
    told_anyway: bool
    """Whether it takes back what was told, and so would have been told all the same."""


def preview(connection: Connection, matchers: Sequence[Matcher], since: datetime) -> Iterator[Quieted | None]:
    """Every revision told since a time, oldest first: itself where the matchers meet it, else None."""
    owners: dict[str, str] = {}
    needs_owner = any(one.label == "owner" for one in matchers)
    for one in told.told_since(connection, since):
        watch = one.alert.watch
        if needs_owner and watch not in owners:
            owners[watch] = watches.owners_of(connection, [watch]).get(watch, FILE)
        if match_all(matchers, labels_of(one.alert, owners.get(watch, ""), one.scope)):
            takes_back = one.alert.status in ("corrected", "retracted") and one.alert.revision > 1
            yield Quieted(one.alert, one.at, one.why, takes_back)
        else:
            yield None
