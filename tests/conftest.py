"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streams.archive.engine import Archive, open_archive

sys.path.insert(0, str(Path(__file__).parent / "kafka"))  # by their own names: a `tests` elsewhere cannot shadow them

if TYPE_CHECKING:
    from real_kafka import RealKafka

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The corpora outside the repository: `NEWSWATCH_SHARED`, or `shared` beside the repository.

    A path given by name must exist; only where none is given and none is found does the test skip.
    """
    named = os.environ.get("NEWSWATCH_SHARED")
    if named:
        directory = Path(named)
        assert directory.is_dir(), f"NEWSWATCH_SHARED names {directory}, which is no directory"
        return directory
    directory = REPOSITORY.parent / "shared"
    if not directory.is_dir():
        pytest.skip("no corpora: set NEWSWATCH_SHARED, or put them into `shared` beside the repository")
    return directory


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """A fresh archive in an SQLite file, migrated."""
    opened = open_archive(f"sqlite:///{tmp_path / 'archive.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def kafka_at_hand() -> None:
    """Apache Kafka can be run here: Java and the jars are there.

    Where they cannot be had the test is skipped with one loud line; under CI it fails, since there a missing
    service is a fault.
    """
    from kafka_jars import KafkaUnavailable, java, kafka_jars  # noqa: PLC0415 - for tests of services only

    try:
        java()
        kafka_jars()
    except KafkaUnavailable as unavailable:
        without_service("APACHE KAFKA", str(unavailable))


@pytest.fixture
def real_kafka(kafka_at_hand: None, tmp_path: Path) -> Iterator[RealKafka]:  # noqa: ARG001
    """A fresh Apache Kafka of one node; its test is marked `services`."""
    from real_kafka import RealKafka  # noqa: PLC0415

    with RealKafka(tmp_path / "kafka") as kafka:
        yield kafka


@pytest.fixture
def three_kafkas(kafka_at_hand: None, tmp_path: Path) -> Iterator[RealKafka]:  # noqa: ARG001
    """A fresh Apache Kafka of three nodes; its test is marked `services`."""
    from real_kafka import RealKafka  # noqa: PLC0415

    with RealKafka(tmp_path / "kafka", nodes=3) as kafka:
        yield kafka


def without_service(service: str, why: str) -> None:
    """Skip for want of a service; fail instead where the environment says `CI=true`."""
    line = f"NO {service}, NOT TESTED: {why}"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(line, pytrace=False)
    pytest.skip(line)
