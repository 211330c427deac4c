"""A row that several may write at once: the first does, and the others find it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Write a row unless one with its primary key is there, without an error that would end the transaction."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    keys = [column.name for column in table.primary_key.columns]
    connection.execute(dialect.insert(table).values(**values).on_conflict_do_nothing(index_elements=keys))
