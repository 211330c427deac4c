"""Rows written as CSV, as GeoJSON (RFC 7946) and as Parquet."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from newswatch.web.exports.rows import Exported, Kind
from newswatch.web.problem import Problem
from newswatch.web.words import plain

CSV_TYPE = "text/csv; charset=utf-8; header=present"
GEOJSON_TYPE = "application/geo+json"
PARQUET_TYPE = "application/vnd.apache.parquet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CHUNK = 64 * 1024
_GROUP = 1_000
"""Rows of one group of a Parquet file, which is what it holds in memory."""


def as_csv(columns: Mapping[str, Kind], found: Iterable[Exported]) -> Iterator[str]:
    """RFC 4180, the header first. Text that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for one in found:
        writer.writerow([_cell(one.row[name], kind) for name, kind in columns.items()])
        if out.tell() > _CHUNK:
            yield _taken(out)
    yield _taken(out)


def as_geojson(columns: Mapping[str, Kind], found: Iterable[Exported]) -> Iterator[str]:
    """A feature collection, a feature a row; what has no place has the geometry null."""
    yield '{"type": "FeatureCollection", "features": ['
    for number, one in enumerate(found):
        properties = {name: plain(one.row[name]) for name in columns if name not in ("id", "lat", "lon")}
        feature = {"type": "Feature", "id": one.row["id"], "geometry": _geometry(one), "properties": properties}
        told = json.dumps(feature, ensure_ascii=False).encode("utf-8", "replace").decode()
        yield (",\n" if number else "\n") + told
    yield "\n]}\n"


def as_parquet(columns: Mapping[str, Kind], found: Iterable[Exported]) -> Iterator[bytes]:
    """A file of rows in groups, made in a temporary file first, since its table of contents stands at its end.

    Raises Problem where pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an optional part, and a heavy one
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise Problem(
            "not-installed", "Parquet needs pyarrow: pip install 'newswatch[parquet]'; CSV needs nothing more"
        ) from error
    types = {"text": pa.string(), "number": pa.float64(), "count": pa.int64(), "time": pa.timestamp("us", tz="UTC")}
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - handed to the iterator, which closes it
    try:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            rows = iter(found)
            while group := [dict(one.row) for one in islice(rows, _GROUP)]:
                writer.write_table(pa.Table.from_pylist(group, schema=schema))
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return _chunks(file)


def _chunks(file: Any) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _cell(value: Any, kind: Kind) -> Any:
    if value is None:
        return ""
    if kind == "text":
        text = str(value).encode("utf-8", "replace").decode()
        return f"'{text}" if text.startswith(_FORMULA) else text
    return plain(value)


def _taken(out: io.StringIO) -> str:
    told = out.getvalue()
    out.seek(0)
    out.truncate()
    return told


def _geometry(one: Exported) -> dict[str, Any] | None:
    if not one.points:
        return None
    if len(one.points) == 1:
        return {"type": "Point", "coordinates": list(one.points[0])}
    return {"type": "MultiPoint", "coordinates": [list(point) for point in one.points]}
