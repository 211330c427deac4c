"""When an alert closes, why each revision was told, and what each article alone would tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import streams.archive.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("alerts", sa.Column("closes_at", streams.archive.types.UtcDateTime(timezone=True)))
    op.create_index(op.f("ix_alerts_closes_at"), "alerts", ["closes_at"])
    op.add_column("alert_revisions", sa.Column("reason", sa.String(), nullable=False, server_default="opened"))
    op.add_column("alert_articles", sa.Column("record", sa.Text()))
    op.add_column("alert_articles", sa.Column("outcome", sa.String(), nullable=False, server_default=""))
    op.create_index(op.f("ix_alert_articles_article"), "alert_articles", ["article"])
