"""Whether an endpoint is told, now, later or not at all: the stages in their order, each a pure function.

A stage gives a verdict or None; the first verdict stands. Every verdict has a name. What is not to be told at all is
found before what is to be told later, so that nothing waits that somebody sees to already. A correction or retraction
reaches whoever was told what it corrects: no stage drops it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from agents.tell.facts import ENDINGS, Around, Notice, Verdict
from agents.tell.mute import muted_until
from agents.tell.slots import next_digest
from streams.records import Alert

_SEVERITIES = ("info", "warning", "critical")
Stage = Callable[[Notice, Around], Verdict | None]


def never_told(notice: Notice, around: Around) -> Verdict | None:
    """The end of what an endpoint never heard of is not told to it."""
    if notice.alert.status in ENDINGS and not around.told and around.waiting is None:
        return Verdict("drop", "never_told", "nothing of it was told to this endpoint")
    return None


def inhibited(notice: Notice, around: Around) -> Verdict | None:
    """A wider alert that the endpoint was told of, and that is no less severe, says enough."""
    if must_be_told(notice, around) or notice.alert.status in ENDINGS:
        return None
    for rule in around.inhibitions:
        if not all(one.matches(notice.labels) for one in rule.quiets):
            continue
        for wider in around.standing:
            if (
                wider.alert.id != notice.alert.id
                and notice.now - wider.told_at < rule.lasting
                and _rank(wider.alert.severity) >= _rank(notice.alert.severity)
                and all(one.matches(wider.labels) for one in rule.by)
                and all(set(wider.labels[label]) & set(notice.labels[label]) for label in rule.equal)
            ):
                detail = f"alert {wider.alert.id} of watch {wider.alert.watch} stands"
                return Verdict("drop", "inhibited", detail, wider.alert.id)
    return None


def silenced(notice: Notice, around: Around) -> Verdict | None:
    """A person has asked for quiet about alerts such as this."""
    if must_be_told(notice, around):
        return None
    for one in around.silences:
        if one.quiets(notice.labels, notice.now):
            detail = f"silence {one.id} by {one.author} until {_minute(one.ends_at)}: {one.comment or 'no comment'}"
            return Verdict("drop", "silenced", detail, one.id)
    return None


def acknowledged(notice: Notice, around: Around) -> Verdict | None:
    """Somebody sees to it: what adds to the alert need not be told, unless it has become more severe."""
    who = around.handling.acknowledged_by
    if who is None or must_be_told(notice, around) or notice.alert.status in ENDINGS or notice.why == "severity_up":
        return None
    return Verdict("drop", "acknowledged", f"by {who}", who)


def snoozed(notice: Notice, around: Around) -> Verdict | None:
    """Somebody wants to hear of the alert later."""
    until = around.handling.snoozed_until
    if until is None or until <= notice.now or must_be_told(notice, around):
        return None
    who = around.handling.snoozed_by or ""
    together = snooze_of(notice.alert.id)
    return Verdict("hold", "snoozed", f"by {who} until {_minute(until)}", who, until, together)


def muted(notice: Notice, around: Around) -> Verdict | None:
    """The watch or the endpoint is muted at this time of the week."""
    if notice.alert.severity in around.ways.at_once:
        return None
    until = muted_until(around.ways.mute, notice.now)
    if until is None:
        return None
    return Verdict("hold", "muted", f"until {_minute(until)}", until=until, together=f"muted {until.isoformat()}")


def follows(notice: Notice, around: Around) -> Verdict | None:
    """An earlier revision waits for the endpoint: this one waits with it, so that none overtakes another."""
    waiting = around.waiting
    if waiting is None or waiting.reason == "snoozed" or waiting.until <= notice.now:
        return None
    if notice.alert.severity in around.ways.at_once:
        return None
    detail = f"an earlier revision waits until {_minute(waiting.until)}"
    return Verdict("hold", waiting.reason, detail, until=waiting.until, together=waiting.together)


def limited(notice: Notice, around: Around) -> Verdict | None:
    """The watch or the endpoint has had as many alerts as it may in this period."""
    ways = around.ways
    if must_be_told(notice, around) or ways.digest is not None or notice.alert.severity in ways.at_once:
        return None
    for one in around.counted:
        if one.had >= one.limit.alerts:
            detail = f"{one.limit.alerts} alerts a {one.limit.per} of the {one.whose}, until {_minute(one.ends_at)}"
            return Verdict("hold", "limited", detail, until=one.ends_at, together=f"limited {one.key}")
    return None


def digested(notice: Notice, around: Around) -> Verdict | None:
    """The watch or the endpoint gets everything of an hour or a day in one."""
    ways = around.ways
    if ways.digest is None or notice.alert.severity in ways.at_once:
        return None
    until = next_digest(ways.digest, notice.now)
    together = f"digested {ways.digest_of}".strip()
    return Verdict("hold", "digested", f"until {_minute(until)}", until=until, together=together)


def grouped(notice: Notice, around: Around) -> Verdict | None:
    """Alerts of one theatre that come within a short time are told in one."""
    group = around.ways.group
    if group is None or not around.theatre or notice.alert.severity in around.ways.at_once:
        return None
    until = notice.now + timedelta(seconds=group.seconds)
    detail = f"with others of {around.theatre} until {until:%H:%M:%S}Z"
    return Verdict("hold", "grouped", detail, until=until, together=f"grouped {around.theatre}")


STAGES: tuple[Stage, ...] = (
    never_told,
    inhibited,
    silenced,
    acknowledged,
    snoozed,
    muted,
    follows,
    limited,
    digested,
    grouped,
)
REASONS = (
    "sent",
    "released",
    "inhibitor_ended",
    "withdrawn_before_told",
    "still_owed",
    *(stage.__name__ for stage in STAGES),
)
"""Every name that something may have which became of a revision for an endpoint."""


def decide(notice: Notice, around: Around) -> Verdict:
    """What becomes of a notice: the verdict of the first stage that has one, else it is sent."""
    for stage in STAGES:
        verdict = stage(notice, around)
        if verdict is not None:
            return verdict
    return Verdict("send", "sent")


def must_be_told(notice: Notice, around: Around) -> bool:
    """Whether it takes something back that the endpoint was or will be told, or ends what it keeps as firing."""
    status = notice.alert.status
    knows = around.told or around.waiting is not None
    return knows and (status in ("corrected", "retracted") or (status == "closed" and around.ways.keeps_state))


def still_open(alert: Alert) -> bool:
    """Whether an alert stands."""
    return alert.status not in ENDINGS


def snooze_of(alert: str) -> str:
    """What waits for the end of an alert's snooze goes by this name."""
    return f"snoozed {alert}"


def _rank(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else 0


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}Z"
