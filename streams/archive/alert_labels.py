"""Labels: what people say of alerts, right or wrong. One a person and alert; the last word counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, case, delete, func, select

from streams.archive.alert_schema import alert_labels
from streams.archive.dialect import upsert

Verdict = Literal["right", "wrong"]
_KEPT = alert_labels.c


@dataclass(frozen=True, slots=True)
class Label:
    """What one person says of an alert."""

    alert: str
    who: str
    watch: str
    label: Verdict
    comment: str
    revision: int
    """Of the alert, as it was seen."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """How many alerts of a watch are right and how many wrong, where people have said so; a tie counts as wrong."""

    right: int
    wrong: int

    @property
    def precision(self) -> float:
        """The share that is right, from 0 to 1."""
        return self.right / (self.right + self.wrong)


def put(connection: Connection, label: Label) -> None:
    """Keep what somebody says, in place of what the same person said before."""
    row = {name: getattr(label, name) for name in Label.__slots__}
    upsert(connection, alert_labels, [row], update=("label", "comment", "revision", "at"))


def take_back(connection: Connection, alert: str, who: str) -> bool:
    """Forget what somebody said; whether they had said anything."""
    gone = delete(alert_labels).where(_KEPT.alert == alert, _KEPT.who == who)
    return connection.execute(gone).rowcount > 0


def of_alert(connection: Connection, alert: str) -> list[Label]:
    """What people say of an alert, the first to say so first."""
    columns = [_KEPT[name] for name in Label.__slots__]
    rows = connection.execute(select(*columns).where(_KEPT.alert == alert).order_by(_KEPT.at, _KEPT.who))
    return [Label(*row) for row in rows]


def tally(connection: Connection) -> dict[str, Tally]:
    """By watch; an alert of which people say different things counts as most of them say."""
    right = func.sum(case((_KEPT.label == "right", 1), else_=-1))
    each = select(_KEPT.watch, right.label("lead")).group_by(_KEPT.alert, _KEPT.watch).subquery()
    rows = connection.execute(
        select(
            each.c.watch,
            func.sum(case((each.c.lead > 0, 1), else_=0)),
            func.sum(case((each.c.lead > 0, 0), else_=1)),
        )
        .group_by(each.c.watch)
        .order_by(each.c.watch)
    )
    return {watch: Tally(int(right), int(wrong)) for watch, right, wrong in rows}
