"""Each feed's rhythm, what decides its next poll, and where it moved to; which poller has which feeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import streams.archive.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("feeds", sa.Column("pace", sa.String()))
    op.add_column("feeds", sa.Column("rhythm", sa.Text(), server_default="", nullable=False))
    op.add_column("feeds", sa.Column("ttl_seconds", sa.Float()))
    op.add_column("feeds", sa.Column("moved_to", sa.String()))
    op.add_column("feeds", sa.Column("moved_seen", sa.Integer(), server_default="0", nullable=False))
    op.add_column("feeds", sa.Column("read_at", streams.archive.types.UtcDateTime(timezone=True)))
    op.add_column("feeds", sa.Column("full_at", streams.archive.types.UtcDateTime(timezone=True)))
    op.create_table(
        "pollers",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("beat_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_pollers")),
    )
    op.create_table(
        "poll_leases",
        sa.Column("share", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("share", name=op.f("pk_poll_leases")),
    )
    op.create_table(
        "kept_feeds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("added_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_feeds")),
    )
    op.create_table(
        "feed_pauses",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_feed_pauses")),
    )
