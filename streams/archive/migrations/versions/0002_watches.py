"""Watches that owners keep in the archive; how a mention is meant; postings from entities to articles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import streams.archive.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "watches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("resolved", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("created_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
    )
    op.create_index(op.f("ix_watches_sequence"), "watches", ["sequence"])
    op.create_index(op.f("ix_watches_owner_removed"), "watches", ["owner", "removed"])
    sequence = op.create_table(
        "watch_sequence",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_sequence")),
    )
    op.bulk_insert(sequence, [{"id": 1, "last": 0}])
    op.create_table(
        "watch_changes",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("at", streams.archive.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_watch_changes")),
    )
    op.create_index(op.f("ix_watch_changes_owner_at"), "watch_changes", ["owner", "at"])

    op.add_column("mentions", sa.Column("modality", sa.String(), server_default="fact", nullable=False))
    op.drop_index(op.f("ix_mentions_entity"), table_name="mentions")
    op.create_index(op.f("ix_mentions_entity_article"), "mentions", ["entity", "article"])
    _create_partial("ix_mentions_country_article", ["country", "article"], "kind = 'place'")
    _create_partial("ix_mentions_roads", ["article"], "kind = 'route'")
    _create_partial("ix_mentions_unlinked", ["article"], "entity IS NULL AND lat IS NOT NULL")


def _create_partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "mentions", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
