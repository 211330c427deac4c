"""What a telling of a story says, so that its copies and other tellings of its event are known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import streams.archive.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    for column in (
        sa.Column("origin", sa.String(), nullable=False, server_default=""),
        sa.Column("told_at", streams.archive.types.UtcDateTime(timezone=True)),
        sa.Column("sketch", sa.LargeBinary(), nullable=False, server_default=""),
        sa.Column("shingles", sa.LargeBinary(), nullable=False, server_default=""),
        sa.Column("features", sa.Text(), nullable=False, server_default=""),
        sa.Column("reason", sa.String(), nullable=False, server_default=""),
        sa.Column("copy_of", sa.String()),
    ):
        op.add_column("alert_articles", column)
    op.execute("UPDATE alert_articles SET told_at = added_at, origin = outlet")
    op.create_index(op.f("ix_alert_articles_watch_told_at"), "alert_articles", ["watch", "told_at"])
