"""Why each delivery was made, held or dropped; what people say of alerts; what is to be told later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from streams.archive.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("alerts", sa.Column("pace", sa.Text()))
    op.add_column("alerts", sa.Column("scope", sa.String(), nullable=False, server_default=""))
    op.add_column("deliveries", sa.Column("reason", sa.String(), nullable=False, server_default="sent"))
    op.add_column("deliveries", sa.Column("detail", sa.Text(), nullable=False, server_default=""))
    op.add_column("deliveries", sa.Column("cause", sa.String(), nullable=False, server_default=""))
    op.add_column("deliveries", sa.Column("together", sa.String()))
    op.add_column("deliveries", sa.Column("carrier", sa.String()))
    op.add_column("deliveries", sa.Column("carries", sa.Integer(), nullable=False, server_default="0"))
    _create_partial_index("ix_deliveries_carrier", "carrier", "carrier IS NOT NULL")
    _create_partial_index("ix_deliveries_cause", "cause", "cause <> ''")
    op.create_index(op.f("ix_alerts_scope_closes_at"), "alerts", ["scope", "closes_at"])
    op.create_table(
        "handled_alerts",
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("acknowledged_by", sa.String()),
        sa.Column("acknowledged_at", UtcDateTime(timezone=True)),
        sa.Column("snoozed_by", sa.String()),
        sa.Column("snoozed_until", UtcDateTime(timezone=True)),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name=op.f("fk_handled_alerts_alert"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert", name=op.f("pk_handled_alerts")),
    )
    op.create_index(op.f("ix_handled_alerts_snoozed_until"), "handled_alerts", ["snoozed_until"])
    op.create_table(
        "silences",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("matchers", sa.Text(), nullable=False),
        sa.Column("starts_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
    )
    op.create_index(op.f("ix_silences_ends_at"), "silences", ["ends_at"])
    op.create_table(
        "holds",
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("together", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "together", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_due_at"), "holds", ["due_at"])
    op.create_table(
        "tallies",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("had", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "ends_at", name=op.f("pk_tallies")),
    )
    op.create_index(op.f("ix_tallies_ends_at"), "tallies", ["ends_at"])
    op.create_table(
        "repeats",
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("every_seconds", sa.Float(), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name=op.f("fk_repeats_alert"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert", "endpoint", name=op.f("pk_repeats")),
    )
    op.create_index(op.f("ix_repeats_due_at"), "repeats", ["due_at"])
    op.create_table(
        "alert_actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_actions")),
    )
    op.create_index(op.f("ix_alert_actions_subject_at"), "alert_actions", ["subject", "at"])


def _create_partial_index(name: str, column: str, where: str) -> None:
    clause = sa.text(where)
    op.create_index(name, "deliveries", [column], sqlite_where=clause, postgresql_where=clause)
