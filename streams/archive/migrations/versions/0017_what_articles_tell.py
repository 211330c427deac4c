"""What the story decision reads of an article, kept with it: a backtest need not read its words again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    for name, kind in (("fingerprint", sa.String()), ("sketch", sa.String()), ("origin", sa.String())):
        op.add_column("articles", sa.Column(name, kind))
    op.add_column("articles", sa.Column("features", sa.Text()))
