"""Migrations of the archive (Alembic), oldest first in `versions/`."""
