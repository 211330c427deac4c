"""The tables of access: who may ask the API, and what was changed by whom."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from streams.archive.metadata import metadata
from streams.archive.types import UtcDateTime

tokens = Table(
    "tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("secret_hash", String, nullable=False, unique=True),  # SHA-256: the secret is random, not a password
    Column("owner", String, nullable=False),  # whose watches it may change
    Column("scopes", String, nullable=False),  # with commas between
    Column("note", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("used_at", UtcDateTime),  # to the hour, so that asking does not mean writing
)

audit = Table(
    "audit",  # every change that somebody asked for
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", Text, nullable=False),  # JSON
    Index(None, "at"),
    Index(None, "subject", "id"),
)
