"""What a released version left: its archive as rows in JSON lines, and the records on its topics, one a line.

`archive.jsonl` begins with the shape (Alembic's number) and then has a table's name and a row in each line. Times are
ISO 8601 in UTC, bytes base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import alembic.command
from sqlalchemy import Connection, DateTime, LargeBinary, MetaData, Table, create_engine, insert, select

from streams.archive import migrating
from streams.archive.dialect import address
from streams.archive.engine import Archive

FOLDER = Path(__file__).parent
ROWS = "archive.jsonl"


def released() -> list[Path]:
    """The folder of each version that is kept."""
    return sorted(path.parent for path in FOLDER.glob(f"*/{ROWS}"))


def rows_of(folder: Path) -> tuple[str, dict[str, list[dict[str, Any]]]]:
    """The shape, and the rows of each table."""
    with (folder / ROWS).open(encoding="utf-8") as file:
        shape = json.loads(next(file))["shape"]
        tables: dict[str, list[dict[str, Any]]] = {}
        for line in file:
            one = json.loads(line)
            tables.setdefault(one["table"], []).append(one["row"])
    return shape, tables


def records_of(folder: Path, topic: str) -> list[bytes]:
    """The records as they stood on a topic."""
    return (folder / f"{topic}.jsonl").read_bytes().splitlines()


def put_back(folder: Path, url: str) -> None:
    """Make an archive of that version's shape, with its rows, in an empty place."""
    shape, tables = rows_of(folder)
    engine = create_engine(address(url))
    with engine.begin() as connection:
        config = migrating._config()
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, shape)
        for table in _tables(connection):
            if table.name == "watch_sequence":
                connection.execute(table.delete())  # a new archive has a row of its own
            rows = [_read(table, row) for row in tables.get(table.name, ())]
            if rows:
                connection.execute(insert(table), rows)
    engine.dispose()


def leave(archive: Archive, folder: Path, hidden: dict[str, str]) -> None:
    """Write every row of an archive; each text of `hidden` is replaced by its other."""
    lines = [json.dumps({"shape": migrating.newest_revision()})]
    with archive.read() as connection:
        for table in _tables(connection):
            for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
                lines.append(json.dumps({"table": table.name, "row": dict(_write(row))}, ensure_ascii=False))
    text = "\n".join(lines) + "\n"
    for of_here, instead in hidden.items():
        text = text.replace(of_here, instead)
    (folder / ROWS).write_text(text, encoding="utf-8")


def _tables(connection: Connection) -> list[Table]:
    """As they stand there, whatever this version would have."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _write(row: Any) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, datetime):
            yield name, value.replace(tzinfo=UTC).isoformat()
        elif isinstance(value, bytes):
            yield name, base64.b64encode(value).decode()
        else:
            yield name, value


def _read(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    values = dict(row)
    for name, value in row.items():
        kind = table.c[name].type
        if value is not None and isinstance(kind, DateTime):
            instant = datetime.fromisoformat(value)
            values[name] = instant if kind.timezone else instant.replace(tzinfo=None)
        elif value is not None and isinstance(kind, LargeBinary):
            values[name] = base64.b64decode(value)
    return values
