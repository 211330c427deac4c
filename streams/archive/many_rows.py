"""Many rows into a table at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, insert
from sqlalchemy.dialects.postgresql.base import PGIdentifierPreparer

_NUL = json.dumps("\0")[1:-1]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns, of texts and numbers, in one statement.

    PostgreSQL's driver would run it once a row; so the rows go as one JSON document, which the server takes apart.
    Text is kept as `dialect` keeps it: a NUL becomes U+FFFD there.
    """
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(_inserting(table), list(rows))
        return
    document = json.dumps(rows, ensure_ascii=False)
    if _NUL in document:
        document = json.dumps([{name: _without_nul(value) for name, value in row.items()} for row in rows])
    preparer: Any = connection.dialect.identifier_preparer
    connection.exec_driver_sql(_from_document(preparer, table, tuple(rows[0])), (document,))


@cache
def _inserting(table: Table) -> Insert:
    return insert(table)


@cache
def _from_document(preparer: PGIdentifierPreparer, table: Table, columns: tuple[str, ...]) -> str:
    name = preparer.format_table(table)
    named = ", ".join(preparer.quote(column) for column in columns)
    taken_apart = f"json_populate_recordset(NULL::{name}, CAST(%s AS json))"
    return f"INSERT INTO {name} ({named}) SELECT {named} FROM {taken_apart}"  # noqa: S608 - names of our own schema


def _without_nul(value: Any) -> Any:
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value
