"""Tokens of the API, who changed what, and the order in which readers see alerts told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import streams.archive.types

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

_INSTANT = streams.archive.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT),
        sa.Column("revoked_at", _INSTANT),
        sa.Column("used_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("secret_hash"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    op.add_column("alert_revisions", sa.Column("sequence", sa.BigInteger()))
    op.create_index(op.f("ix_alert_revisions_sequence"), "alert_revisions", ["sequence"])
    unseen = sa.text("sequence IS NULL")
    op.create_index(
        "ix_alert_revisions_unseen", "alert_revisions", ["at"], sqlite_where=unseen, postgresql_where=unseen
    )
