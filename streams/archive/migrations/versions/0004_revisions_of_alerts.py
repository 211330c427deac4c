"""Alerts as they were told at each revision; who has a delivery in hand; an endpoint's deliveries by their time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import streams.archive.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "alert_revisions",
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name=op.f("fk_alert_revisions_alert"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert", "revision", name=op.f("pk_alert_revisions")),
    )
    op.execute("INSERT INTO alert_revisions SELECT id, revision, record, opened_at FROM alerts")
    op.add_column("deliveries", sa.Column("leased_by", sa.String()))
    op.drop_index(op.f("ix_deliveries_state_due_at"), table_name="deliveries")
    op.create_index(op.f("ix_deliveries_state_endpoint_due_at"), "deliveries", ["state", "endpoint", "due_at"])
    op.drop_index(op.f("ix_deliveries_alert"), table_name="deliveries")
    op.create_index(op.f("ix_deliveries_alert_endpoint"), "deliveries", ["alert", "endpoint"])
