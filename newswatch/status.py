"""What `newswatch status` says: each role up or not, how far behind, and its last error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from streams.archive import alert_labels, articles, dead, deliveries, outbox, roles
from streams.archive.alert_labels import Tally
from streams.archive.engine import Archive
from streams.archive.roles import RoleRow
from streams.archive.watches import Kept, kept
from streams.feeds.summary import FeedSummary, read_summary

_SILENT = timedelta(seconds=10)
ROLES = ("broker", "poll", "work", "notify", "web")


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for a role; `unit` is what is counted."""

    waiting: int
    oldest: datetime | None
    unit: str


@dataclass(frozen=True, slots=True)
class RoleStatus:
    """One line of the status."""

    role: str
    state: str
    """`up`, `stopped`, `silent` (has said nothing for 10 s) or `never started`."""
    instance: str
    pid: int | None
    address: str
    behind: int | None
    oldest_waiting_seconds: float | None
    unit: str
    last_error: str | None
    last_error_at: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """The whole answer; `dead` counts dead articles, `kept` the watches of the archive."""

    roles: tuple[RoleStatus, ...]
    dead: int
    kept: Kept
    feeds: FeedSummary | None = None
    """As a poller counted them within the last minute or two."""
    labels: dict[str, Tally] = field(default_factory=dict)
    """By watch: how many of its alerts people call right and wrong."""

    @property
    def healthy(self) -> bool:
        """Whether every role that has ever run here is up."""
        return all(role.state == "up" for role in self.roles if role.state != "never started")


def read_status(archive: Archive, now: datetime) -> Status:
    """The status as the archive has it; raises ArchiveUnavailable."""
    with archive.read() as connection:
        rows = roles.list_roles(connection)
        unsent = outbox.waiting_and_oldest(connection)
        waiting = articles.waiting(connection)
        owed = deliveries.owed(connection)
        backlogs = {
            "poll": Backlog(*unsent, "articles"),
            "work": Backlog(waiting.articles, waiting.oldest, "articles"),
            "notify": Backlog(*owed, "deliveries"),
        }
        count = dead.count_dead(connection)
        in_archive = kept(connection)
        feeds = read_summary(connection)
        labels = alert_labels.tally(connection)
    return Status(decide_status(rows, backlogs, now), count, in_archive, feeds, labels)


def live_roles(archive: Archive, now: datetime) -> list[RoleRow]:
    """The instances that live as far as the archive knows; raises ArchiveUnavailable."""
    with archive.read() as connection:
        return [row for row in roles.list_roles(connection) if _state(row, now) == "up"]


def decide_status(rows: Sequence[RoleRow], backlogs: dict[str, Backlog], now: datetime) -> tuple[RoleStatus, ...]:
    """One line for each instance, in the order of the flow; of instances that have ended only a role's newest."""
    lines = []
    for role in ROLES:
        of_role = sorted((row for row in rows if row.role == role), key=lambda row: row.beat_at, reverse=True)
        live = [row for row in of_role if _state(row, now) == "up"]
        for row in live or of_role[:1]:
            lines.append(_line(role, row, backlogs.get(role), now))
        if not of_role:
            lines.append(_line(role, None, backlogs.get(role), now))
    return tuple(lines)


def _state(row: RoleRow, now: datetime) -> str:
    if row.stopped:
        return "stopped"
    return "silent" if now - row.beat_at > _SILENT else "up"


def _line(role: str, row: RoleRow | None, backlog: Backlog | None, now: datetime) -> RoleStatus:
    oldest = backlog.oldest if backlog else None
    return RoleStatus(
        role=role,
        state=_state(row, now) if row else "never started",
        instance=row.instance if row else "",
        pid=row.pid if row else None,
        address=row.address if row else "",
        behind=backlog.waiting if backlog else None,
        oldest_waiting_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else None,
        unit=backlog.unit if backlog else "",
        last_error=row.error if row else None,
        last_error_at=row.error_at if row else None,
    )
