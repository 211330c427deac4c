"""Tables of what people say of alerts, and of what is to be told later."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text

from streams.archive.metadata import metadata
from streams.archive.types import UtcDateTime

handled_alerts = Table(
    "handled_alerts",  # those that somebody has acknowledged or snoozed
    metadata,
    Column("alert", String, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("acknowledged_by", String),
    Column("acknowledged_at", UtcDateTime),
    Column("snoozed_by", String),
    Column("snoozed_until", UtcDateTime),  # none again once what waited for it was told
    Index(None, "snoozed_until"),
)

silences = Table(
    "silences",
    metadata,
    Column("id", String, primary_key=True),
    Column("matchers", Text, nullable=False),  # JSON list of texts
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("author", String, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "ends_at"),
)

holds = Table(
    "holds",  # when what waits for an endpoint under one name is told; the deliveries that wait have the name
    metadata,
    Column("endpoint", String, primary_key=True),
    Column("together", String, primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Index(None, "due_at"),
)

tallies = Table(
    "tallies",  # how many alerts a limit's period has had
    metadata,
    Column("key", String, primary_key=True),
    Column("ends_at", UtcDateTime, primary_key=True),
    Column("had", Integer, nullable=False),
    Index(None, "ends_at"),
)

repeats = Table(
    "repeats",  # when an open alert is told to an endpoint again
    metadata,
    Column("alert", String, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("endpoint", String, primary_key=True),
    Column("every_seconds", Float, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("outcome", String, nullable=False, server_default=""),  # what became of the last turn, by name
    Index(None, "due_at"),
)

alert_labels = Table(
    "alert_labels",  # what each person says of an alert; the last word counts
    metadata,
    Column("alert", String, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("who", String, primary_key=True),
    Column("watch", String, nullable=False),
    Column("label", String, nullable=False),  # right, wrong
    Column("comment", Text, nullable=False),
    Column("revision", Integer, nullable=False),  # of the alert, as it was seen
    Column("at", UtcDateTime, nullable=False),
    Index(None, "watch", "label"),
)
