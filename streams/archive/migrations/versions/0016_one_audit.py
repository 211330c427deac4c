"""What people did to alerts and silences stands in the audit log, with every other change."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

import streams.archive.types

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NAMES = {
    "acknowledge": "alert.acknowledge",
    "take back": "alert.take_back",
    "snooze": "alert.snooze",
    "unsnooze": "alert.unsnooze",
    "add silence": "silence.add",
    "expire silence": "silence.expire",
}
_AT_ONCE = 1_000


def upgrade() -> None:
    """Forward."""
    instant = streams.archive.types.UtcDateTime(timezone=True)
    texts = ("subject", "action", "detail")
    acts = sa.table(
        "alert_actions", sa.column("id"), sa.column("actor"), sa.column("at", instant), *map(sa.column, texts)
    )
    audit = sa.table("audit", sa.column("at", instant), sa.column("who"), *map(sa.column, texts))
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # rows that were moved or put back by hand bring their numbers along
        op.execute(
            "SELECT setval(pg_get_serial_sequence('audit', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM audit), false)"
        )
    last = 0
    while rows := connection.execute(sa.select(acts).where(acts.c.id > last).order_by(acts.c.id).limit(_AT_ONCE)).all():
        last = rows[-1].id
        connection.execute(
            sa.insert(audit),
            [
                {
                    "at": row.at,
                    "who": row.actor,
                    "action": _NAMES.get(row.action, row.action),
                    "subject": row.subject,
                    "detail": json.dumps({"comment": row.detail} if row.detail else {}),
                }
                for row in rows
            ],
        )
    op.drop_table("alert_actions")
    op.create_index(op.f("ix_audit_subject_id"), "audit", ["subject", "id"])
