"""The words of articles, for searching. SQLite and PostgreSQL each have an index of their own over them.

Migrations make the indexes: on SQLite the FTS5 table `article_words_index`, kept by triggers; on PostgreSQL a GIN index
of the words as a `tsvector`. Neither belongs to the metadata, which knows only what both have.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text

from streams.archive.metadata import metadata

INDEX = "article_words_index"

article_words = Table(
    "article_words",
    metadata,
    # made of the article's id: FTS5 needs a number, and it must be the same in an archive that was moved
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("article", String, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("words", Text, nullable=False),  # each once, folded, with spaces between
)


def belongs_to_metadata(name: str | None, kind: str, _parents: MutableMapping[Any, Any]) -> bool:
    """Whether something found in a database is compared with the metadata (Alembic's `include_name`)."""
    return not (kind in ("table", "index") and (name or "").startswith(INDEX))
