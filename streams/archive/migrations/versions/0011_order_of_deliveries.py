"""Deliveries due, and what an article is compared with, are read in their order from indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    columns = ["state", "endpoint", "due_at", "added_at"]
    op.create_index(op.f("ix_deliveries_state_endpoint_due_at_added_at"), "deliveries", columns)
    op.drop_index(op.f("ix_deliveries_state_endpoint_due_at"), "deliveries")
    leased = sa.text("leased_by IS NOT NULL")
    op.create_index(
        "ix_deliveries_leased_by", "deliveries", ["leased_by"], sqlite_where=leased, postgresql_where=leased
    )
    for before, after in (
        (["watch", "fingerprint"], ["watch", "fingerprint", "told_at"]),
        (["watch", "told_at"], ["watch", "told_at", "article"]),
    ):
        op.drop_index(op.f(f"ix_alert_articles_{'_'.join(before)}"), "alert_articles")
        op.create_index(op.f(f"ix_alert_articles_{'_'.join(after)}"), "alert_articles", after)
