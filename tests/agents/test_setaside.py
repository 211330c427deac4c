"""Whatever cannot be processed can be set aside."""

from __future__ import annotations

import base64

import pytest
from builders import NOON, an_article

from agents.setaside import dead_record
from streams.archive import dead
from streams.archive.engine import Archive
from streams.errors import EnrichmentFailed, MalformedRecord
from streams.records import encode_article, encode_dead
from streams.topics import MAX_RECORD_BYTES


@pytest.mark.parametrize("size", [0, 10, MAX_RECORD_BYTES])
def test_a_record_of_any_size_fits_the_topic_of_the_dead(size: int) -> None:
    record = dead_record("enrich", b"\xff" * size, b"a key", MalformedRecord("no record"), None, NOON)
    assert (record.article, record.revision) == ("a key", 0)
    assert len(encode_dead(record)) < MAX_RECORD_BYTES // 2
    assert (f"of {size} bytes" in record.error) == (size == MAX_RECORD_BYTES)


def test_an_error_of_any_words_can_be_kept(archive: Archive) -> None:
    article = an_article()
    words = EnrichmentFailed("\udce9" + "x" * 10_000_000)
    record = dead_record("enrich", encode_article(article), b"key", words, article, NOON)
    with archive.begin() as connection:
        dead.set_aside(connection, record)
        (row,) = dead.list_dead(connection, 1)
    assert (row.article, row.revision) == (article.id, 1)
    assert len(row.error) < 3_000
    assert base64.b64decode(record.raw) == encode_article(article)


def test_bytes_without_a_key_are_known_by_themselves() -> None:
    records = [dead_record("enrich", raw, None, MalformedRecord("no"), None, NOON) for raw in (b"a", b"a", b"b")]
    assert records[0] == records[1]
    assert records[1].article != records[2].article


def test_a_record_without_any_bytes_is_kept_too() -> None:
    record = dead_record("alert", None, b"a key", MalformedRecord("no"), None, NOON)
    assert (record.article, record.raw) == ("a key", "")
