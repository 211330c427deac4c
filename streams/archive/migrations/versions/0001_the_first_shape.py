"""The first shape."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import streams.archive.types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""

    op.create_table(
        "alerts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("watch", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("opened_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alerts_opened_at"), ["opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_alerts_watch_opened_at"), ["watch", "opened_at"], unique=False)

    op.create_table(
        "articles",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("outlet", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("published", streams.archive.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("first_seen", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("sent_at", streams.archive.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("broker_run", sa.String(), nullable=True),
        sa.Column("done_revision", sa.Integer(), nullable=False),
        sa.Column("done_at", streams.archive.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("dead_at", streams.archive.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_articles_done_at"), ["done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_articles_first_seen"), ["first_seen"], unique=False)
        batch_op.create_index(
            "ix_articles_waiting",
            ["sent_at"],
            unique=False,
            sqlite_where=sa.text("waiting = 1"),
            postgresql_where=sa.text("waiting"),
        )

    op.create_table(
        "dead",
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article", "revision", "step", name=op.f("pk_dead")),
    )
    op.create_table(
        "entries",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("seen_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("feed", "identity", name=op.f("pk_entries")),
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entries_article"), ["article"], unique=False)

    op.create_table(
        "facts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "feeds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("polled_at", streams.archive.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("next_poll_at", streams.archive.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("new_at", streams.archive.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
    )
    op.create_table(
        "mentions",
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("waypoints", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("article", "position", name=op.f("pk_mentions")),
    )
    with op.batch_alter_table("mentions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mentions_entity"), ["entity"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("added_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("article", "revision", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_added_at"), ["added_at"], unique=False)

    op.create_table(
        "revisions",
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("replaced_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("article", "revision", name=op.f("pk_revisions")),
    )
    op.create_table(
        "roles",
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("instance", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("started_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("beat_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_at", streams.archive.types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("role", "instance", name=op.f("pk_roles")),
    )
    op.create_table(
        "alert_articles",
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("watch", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("outlet", sa.String(), nullable=False),
        sa.Column("added_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name=op.f("fk_alert_articles_alert"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert", "article", name=op.f("pk_alert_articles")),
    )
    with op.batch_alter_table("alert_articles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_articles_watch_article"), ["watch", "article"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_articles_watch_fingerprint"), ["watch", "fingerprint"], unique=False)

    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("alert_revision", sa.Integer(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("leased_until", streams.archive.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("added_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", streams.archive.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name=op.f("fk_deliveries_alert"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_alert"), ["alert"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_state_due_at"), ["state", "due_at"], unique=False)
