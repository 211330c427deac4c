"""Pages of articles, robots.txt, subscriptions at hubs and what hubs send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from streams.archive.types import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("feeds", sa.Column("hub", sa.String()))
    op.add_column("feeds", sa.Column("topic", sa.String()))
    op.create_table(
        "pages",
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("added_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("hops", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("teaser", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("text_hash", sa.String()),
        sa.PrimaryKeyConstraint("article", name=op.f("pk_pages")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_pages_waiting", "pages", ["share", "due_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index(op.f("ix_pages_feed_text_hash"), "pages", ["feed", "text_hash"])
    op.create_index(op.f("ix_pages_added_at"), "pages", ["added_at"])
    op.create_table(
        "robots",
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(timezone=True), nullable=False),
        sa.Column("unreachable_since", UtcDateTime(timezone=True)),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("hub", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("callback", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("added_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True)),
        sa.Column("retry_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("pushed_at", UtcDateTime(timezone=True)),
        sa.Column("missed_at", UtcDateTime(timezone=True)),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_feed"), "subscriptions", ["feed"])
    op.create_table(
        "pushes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushes")),
    )
    op.create_index(op.f("ix_pushes_received_at"), "pushes", ["received_at"])
