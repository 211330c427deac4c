"""What a person does to alerts and silences: functions over a connection, with the actor's name for the record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from agents.tell.matchers import NoMatcher, parse_matcher
from agents.tell.stages import snooze_of
from streams.archive import alert_labels, alert_lives, audit, handled, held, holds, silences
from streams.archive.alert_labels import Label, Verdict
from streams.archive.silences import KeptSilence
from streams.errors import ChangeRefused

LONGEST_SNOOZE = timedelta(days=365)
_LONGEST_COMMENT = 2000


def acknowledge(connection: Connection, alert: str, actor: str, comment: str, now: datetime) -> None:
    """Somebody sees to an alert: it is not told again, and what is added to it is not told.

    Raises ChangeRefused where there is no such alert, or it is over.
    """
    _lock_open(connection, alert)
    handled.acknowledge(connection, alert, actor, now)
    _note(connection, alert, "alert.acknowledge", actor, now, comment)


def take_back(connection: Connection, alert: str, actor: str, comment: str, now: datetime) -> None:
    """Nobody sees to an alert any more. Raises ChangeRefused where nobody did."""
    _lock(connection, alert)
    if handled.handled(connection, alert).acknowledged_by is None:
        raise ChangeRefused(f"alert {alert} is not acknowledged")
    handled.acknowledge(connection, alert, None, None)
    _note(connection, alert, "alert.take_back", actor, now, comment)


def snooze(connection: Connection, alert: str, until: datetime, actor: str, comment: str, now: datetime) -> None:
    """What comes of an alert is told at a time to come, and if nothing does, that it is still open.

    Raises ChangeRefused where there is no such alert, it is over, or the time is past or too far.
    """
    if not now < until <= now + LONGEST_SNOOZE:
        raise ChangeRefused(f"a snooze ends within {LONGEST_SNOOZE.days} days from now: say a time to come")
    _lock_open(connection, alert)
    handled.snooze(connection, alert, actor, until)
    _move(connection, alert, until)
    _note(connection, alert, "alert.snooze", actor, now, comment, until=f"{until:%Y-%m-%d %H:%M}Z")


def unsnooze(connection: Connection, alert: str, actor: str, comment: str, now: datetime) -> None:
    """What waited for the end of a snooze is told now. Raises ChangeRefused where there was none."""
    _lock(connection, alert)
    if handled.handled(connection, alert).snoozed_until is None:
        raise ChangeRefused(f"alert {alert} is not snoozed")
    handled.snooze(connection, alert, None, None)
    _move(connection, alert, now)
    _note(connection, alert, "alert.unsnooze", actor, now, comment)


def label(connection: Connection, alert: str, verdict: Verdict, actor: str, comment: str, now: datetime) -> Label:
    """Somebody says whether an alert is right, which tells later how well its watch does; the last word counts.

    Raises ChangeRefused where there is no such alert, or it waits for more sources.
    """
    standing = _lock(connection, alert)
    if standing.status == "waiting":
        raise ChangeRefused(f"alert {alert} waits for more sources: there is nothing to judge yet")
    one = standing.alert
    said = Label(alert, actor, one.watch, verdict, comment[:_LONGEST_COMMENT], one.revision, now)
    alert_labels.put(connection, said)
    _note(connection, alert, f"alert.label_{verdict}", actor, now, comment)
    return said


def take_back_label(connection: Connection, alert: str, actor: str, now: datetime) -> None:
    """Somebody says nothing of an alert any more. Raises ChangeRefused where they had said nothing."""
    _lock(connection, alert)
    if not alert_labels.take_back(connection, alert, actor):
        raise ChangeRefused(f"{actor} has not labelled alert {alert}")
    _note(connection, alert, "alert.take_back_label", actor, now, "")


def add_silence(
    connection: Connection,
    matchers: Sequence[str],
    starts_at: datetime,
    ends_at: datetime,
    author: str,
    comment: str,
    now: datetime,
) -> KeptSilence:
    """Alerts that meet every matcher are not told for a while. Raises ChangeRefused where that makes no sense."""
    if not matchers:
        raise ChangeRefused("a silence without matchers would quiet everything: give one, such as country=SY")
    if ends_at <= max(starts_at, now):
        raise ChangeRefused("the silence ends before it begins, or in the past: say a later end")
    try:
        read = tuple(str(parse_matcher(one)) for one in matchers)
    except NoMatcher as error:
        raise ChangeRefused(str(error)) from error
    silence = KeptSilence(uuid.uuid4().hex[:12], read, starts_at, ends_at, author, comment[:_LONGEST_COMMENT], now)
    silences.add(connection, silence)
    _note(connection, silence.id, "silence.add", author, now, comment, matchers=" ".join(read))
    return silence


def expire_silence(connection: Connection, silence: str, actor: str, now: datetime) -> None:
    """End a silence. What it kept from being told stays untold. Raises ChangeRefused where there is none to end."""
    if not silences.end(connection, silence, now):
        known = silences.get(connection, silence)
        raise ChangeRefused(
            f"silence {silence} ended at {known.ends_at:%Y-%m-%d %H:%M}Z"
            if known is not None
            else f"no silence has the id {silence}: see `newswatch silences list`"
        )
    _note(connection, silence, "silence.expire", actor, now, "")


def _move(connection: Connection, alert: str, until: datetime) -> None:
    holds.put_all_off(connection, snooze_of(alert), until)
    held.put_off(connection, snooze_of(alert), until)


def _lock(connection: Connection, alert: str) -> alert_lives.KeptAlert:
    """Whoever tells of the alert waits until this is done."""
    standing = alert_lives.standing(connection, alert)
    if standing is None:
        raise ChangeRefused(f"no alert has the id {alert}: see `newswatch alerts list`")
    return standing


def _lock_open(connection: Connection, alert: str) -> None:
    status = _lock(connection, alert).status
    if status not in alert_lives.OPEN:
        why = "waits for more sources" if status == "waiting" else f"is {status}"
        raise ChangeRefused(f"alert {alert} {why}: there is nothing to see to")


def _note(
    connection: Connection, subject: str, action: str, who: str, now: datetime, comment: str, **more: str
) -> None:
    said = {**more, "comment": comment[:_LONGEST_COMMENT]}
    audit.note(connection, who, action, subject, now, {name: value for name, value in said.items() if value})
