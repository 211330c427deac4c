"""A whole newswatch over several processes: three brokers, a database, and roles that are looked after one by one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from other_machine import OtherMachine
from real_kafka import RealKafka, free_ports
from real_postgres import PASSWORD, RealPostgres
from role_process import RoleProcess
from sqlalchemy import func, make_url, select

from streams.archive.engine import Archive, open_archive
from streams.archive.schema import articles
from streams.errors import ArchiveUnavailable


class Cluster:
    """Kafka, PostgreSQL and roles; made by `started`."""

    def __init__(
        self, directory: Path, kafka: RealKafka, postgres: RealPostgres, sections: Mapping[str, object], processes: int
    ) -> None:
        self._directory = directory
        self.kafka = kafka
        self.postgres = postgres
        secret = directory / "archive-password"
        secret.write_text(PASSWORD)
        url = postgres.fresh("newswatch")
        self._settings = {
            **sections,
            "archive": url,
            "archive_password": f"file:{secret}",
            "kafka": {"bootstrap": kafka.bootstrap, "partitions": 6},
            "enrich": {"processes": processes},
        }
        full = make_url(url).set(password=PASSWORD).render_as_string(hide_password=False)
        self.archive: Archive = open_archive(full)
        self.roles: dict[str, RoleProcess] = {}

    async def add(
        self,
        role: str,
        name: str,
        machine: OtherMachine | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> RoleProcess:
        """Start a role under a name of its own, here or on another machine."""
        (port,) = free_ports(1)
        process = RoleProcess(
            role,
            name,
            self._directory,
            self._settings,
            listen=f"{machine.there if machine else '127.0.0.1'}:{port}",
            under=machine.under if machine else (),
            environment=environment,
        )
        self.roles[name] = process
        await process.start()
        return process

    async def remove(self, name: str) -> int:
        """End a role in order, for good; its exit code."""
        return await self.roles.pop(name).stop()

    def counts(self) -> tuple[int, int]:
        """Articles that are known and those of them that are done. Raises ArchiveUnavailable."""
        with self.archive.read() as connection:
            done = func.count().filter(articles.c.done_revision >= articles.c.revision)
            row = connection.execute(select(func.count(), done).select_from(articles)).one()
            return row[0], row[1]

    async def all_done(self, many: int, seconds: float) -> bool:
        """Whether so many articles are done within so long."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    with contextlib.suppress(ArchiveUnavailable):
                        if (await asyncio.to_thread(self.counts))[1] >= many:
                            return True
                    await asyncio.sleep(0.3)
        except TimeoutError:
            return False

    async def end(self) -> dict[str, int]:
        """End every role in order; their exit codes."""
        names = list(self.roles)
        codes = await asyncio.gather(*(self.roles[name].stop() for name in names))
        self.archive.close()
        return dict(zip(names, codes, strict=True))


@contextlib.asynccontextmanager
async def started(
    directory: Path,
    sections: Mapping[str, object],
    *,
    brokers: int = 3,
    host: str = "127.0.0.1",
    disk: Path | None = None,
    processes: int = 1,
) -> AsyncIterator[Cluster]:
    """Brokers and database at an address of this machine, the database on a disk of its own if one is given.

    `processes` are those of each worker that read articles.
    """
    with RealKafka(directory / "kafka", nodes=brokers, host=host) as kafka, RealPostgres(host, disk) as postgres:
        cluster = Cluster(directory, kafka, postgres, sections, processes)
        try:
            yield cluster
        finally:
            await cluster.end()
