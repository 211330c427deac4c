"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.engine import make_url
from without_service import without_service

from streams.archive.engine import Archive, open_archive
from streams.archive.metadata import metadata
from streams.archive.schema import watch_sequence

for room in ("kafka", "postgres"):  # by their own names: a `tests` elsewhere cannot shadow them
    sys.path.insert(0, str(Path(__file__).parent / room))

if TYPE_CHECKING:
    from real_kafka import RealKafka
    from real_postgres import RealPostgres

ENGINES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.services),
]

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


@pytest.fixture(scope="session")
def postgres() -> Iterator[RealPostgres]:
    """A PostgreSQL server for all tests of this process; a test uses it that is marked `services`."""
    from real_postgres import PostgresUnavailable, RealPostgres  # noqa: PLC0415 - for tests of services only

    try:
        server = RealPostgres()
    except PostgresUnavailable as unavailable:
        without_service("POSTGRESQL", str(unavailable))
    with server:
        yield server


@pytest.fixture(params=ENGINES)
def empty_archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a place for an archive, nothing in it yet: an SQLite file, and a PostgreSQL database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'archive.sqlite'}"
        return
    server: RealPostgres = request.getfixturevalue("postgres")
    yield with_password(server.fresh(f"t{uuid.uuid4().hex}"))  # it goes with the server


@pytest.fixture(params=ENGINES)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """A fresh archive, migrated: in an SQLite file, and in a PostgreSQL database."""
    if request.param == "sqlite":
        opened = open_archive(f"sqlite:///{tmp_path / 'archive.sqlite'}")
        yield opened
        opened.close()
        return
    yield request.getfixturevalue("postgres_archive")


@pytest.fixture
def postgres_archive(shared_database: Archive) -> Iterator[Archive]:
    """A fresh archive in PostgreSQL; a test that names it is marked `services`."""
    yield shared_database
    with shared_database.begin() as connection:  # far quicker than a new database for each test
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
        connection.execute(insert(watch_sequence).values(id=1, last=0))


@pytest.fixture
def sqlite_archive(tmp_path: Path) -> Iterator[Archive]:
    """A fresh archive in an SQLite file, for what only SQLite can count."""
    opened = open_archive(f"sqlite:///{tmp_path / 'archive.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shared_database(postgres: RealPostgres) -> Iterator[Archive]:
    """The database that tests share, one after another; `postgres_archive` empties it after each."""
    opened = open_archive(with_password(postgres.fresh("shared")))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def program_of() -> Callable[[str, str], str]:
    """Where a program (its name, its service) is; a test that uses it is marked `services`."""

    def find(name: str, service: str) -> str:
        found = shutil.which(name)
        if found is None:
            without_service(service, f"no {name} found: run scripts/install_services.sh")
        return found

    return find


def with_password(address: str) -> str:
    """An address of the test server with its password in it."""
    from real_postgres import PASSWORD  # noqa: PLC0415

    return make_url(address).set(password=PASSWORD).render_as_string(hide_password=False)


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


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Debian's Chromium is; its tests are marked `services`."""
    path = shutil.which("chromium")
    if path is None:
        without_service("CHROMIUM", "install it: apt-get install chromium")
    return path
