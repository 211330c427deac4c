"""What every role does alike: settings, archive, logs, `/metrics`, heartbeat, and a prompt end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from newswatch import systemd
from newswatch.config_file import load_settings
from newswatch.logs import configure_logs
from newswatch.roles.condition import Readiness, Reload
from newswatch.roles.rereading import read_again_when_asked
from newswatch.roles.status_server import StatusServer, address_of, listen_on
from newswatch.settings import Settings
from streams import metrics
from streams.archive import facts, roles
from streams.archive.engine import Archive, open_archive
from streams.archive.moving import refuse_half_moved
from streams.clock import Clock, utc_now
from streams.errors import ArchiveUnavailable, BrokerUnavailable, NewswatchError, Stop
from streams.kafka import Kafka
from streams.orphan import end_with_parent

log = logging.getLogger(__name__)

SUPERVISOR_VARIABLE = "NEWSWATCH_SUPERVISOR"
"""Holds the supervisor's pid in the environment of a role that it started: the role ends with it."""
EXIT_NEEDS_A_PERSON = 1
"""Wrong settings, a taken address: starting again would not help."""
EXIT_FAILED = 70
_STOP_SECONDS = 8.0
_BEAT_SECONDS = 2.0
_BROKER_WAIT_SECONDS = 60.0
_EMBEDDED_SESSION_SECONDS = 8.0
_TAKE_OVER = frozenset({"poll", "work", "notify", "web"})
"""Roles that take something over from a settings file that has changed, each in its own way."""


@dataclass(frozen=True, slots=True)
class RoleContext:
    """What a role works with; it runs until `stopping` is set."""

    role: str
    config: Path
    settings: Settings
    archive: Archive
    clock: Clock
    stopping: asyncio.Event
    listening: socket.socket
    """Where the role's `/metrics` and `/healthz` are served."""
    readiness: Readiness = field(default_factory=Readiness)
    reload: Reload = field(default_factory=Reload)

    def end_at_once(self, why: str) -> NoReturn:
        """End this process now, as asked; nothing that it holds may need finishing."""
        log.info("%s", why)
        with contextlib.suppress(ArchiveUnavailable), self.archive.begin() as connection:
            roles.stop_process(connection, self.role, os.getpid(), self.clock())
        os._exit(0)

    async def until_stopped(self, work: Coroutine[Any, Any, None], patience_seconds: float) -> None:
        """Run `work`, which only an error ends, until the role is to stop; then cancel it and wait a while for it."""
        working = asyncio.create_task(work)
        stopping = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if working.done():
            working.result()
        working.cancel()
        await asyncio.wait({working}, timeout=patience_seconds)

    async def kafka(self) -> Kafka:
        """Where Kafka is; with the embedded broker, as soon as its role has said so (else BrokerUnavailable)."""
        wanted = self.settings.kafka
        address = wanted.bootstrap
        waited = 0.0
        while wanted.bootstrap == "embedded":
            told = await asyncio.to_thread(self._broker_address)
            if told is not None:
                address = told
                break
            if waited >= _BROKER_WAIT_SECONDS or self.stopping.is_set():
                raise BrokerUnavailable(
                    "the embedded broker has not started: run `newswatch run` or `newswatch broker`"
                )
            await asyncio.sleep(0.2)
            waited += 0.2
        if wanted.bootstrap == "embedded":
            return Kafka(address, wanted.partitions, 1, _EMBEDDED_SESSION_SECONDS)
        return wanted.external()

    def _broker_address(self) -> str | None:
        with self.archive.read() as connection:
            return facts.told(connection, facts.BROKER_ADDRESS)


Main = Callable[[RoleContext], Awaitable[None]]
"""What a role does until `stopping` is set."""


class _LastError(logging.Handler):
    """Keeps the last error of a role, for `newswatch status`."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.message: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.message = record.getMessage().partition("\n")[0][:500]


def run_role(role: str, config: Path, main: Main, *, serves_itself: bool = False) -> int:
    """Run a role to its end; its exit code. One that `serves_itself` answers `/metrics` and `/healthz` on its own."""
    supervisor = os.environ.get(SUPERVISOR_VARIABLE)
    if supervisor:
        end_with_parent(int(supervisor), at_once=False)
    configure_logs(role)
    try:
        return asyncio.run(_run(role, config, main, serves_itself))
    except Stop as error:
        for line in str(error).splitlines():
            log.critical("%s", line)
        return EXIT_NEEDS_A_PERSON
    except NewswatchError as error:
        log.critical("%s", error)
        return EXIT_FAILED
    except Exception:  # Python's own exit code would be that of a mistake in the settings: nobody would start us again
        log.critical("%s failed", role, exc_info=True)
        return EXIT_FAILED


async def _run(role: str, config: Path, main: Main, serves_itself: bool) -> int:
    settings = _settings(role, config)
    settings.data_dir.mkdir(parents=True, exist_ok=True)  # with PostgreSQL nothing else does, and the agents need it
    archive = await asyncio.to_thread(open_archive, settings.archive_url(), settings.backups_dir())
    await asyncio.to_thread(refuse_half_moved, archive)
    listening = listen_on(settings.web.address_of(role))
    context = RoleContext(role, config, settings, archive, utc_now, asyncio.Event(), listening)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _begin_stop, context)
    if sys.stdin is not None and sys.stdin.isatty():  # a terminal that closes ends us
        loop.add_signal_handler(signal.SIGHUP, _begin_stop, context)
    else:
        loop.add_signal_handler(signal.SIGHUP, context.reload.set)
    last_error = _LastError()
    logging.getLogger().addHandler(last_error)
    server = StatusServer(
        listening,
        lambda: {"ok": True, "role": role, "last_error": last_error.message},
        context.readiness.why_not,
        context.reload.ask,
    )
    if not serves_itself:
        await server.start()
    address = address_of(listening)
    instance = f"{socket.gethostname()}:{address}"
    metrics.ROLE_START.labels(role).set(utc_now().timestamp())
    ended = asyncio.Event()
    heart = asyncio.create_task(_beat(context, instance, address, last_error, ended))
    beside = [asyncio.create_task(systemd.keep_alive())]
    if role not in _TAKE_OVER:  # it says at least what is wrong with a changed file
        beside.append(asyncio.create_task(read_again_when_asked(config, context.reload, _take_nothing)))
    try:
        await main(context)
    except Exception as error:
        last_error.message = (str(error) or repr(error))[:500]
        raise
    finally:
        ended.set()
        for task in beside:
            task.cancel()
        await heart  # not cancelled: a beat on its way would say after us that we live
        await server.stop()
        listening.close()
        with contextlib.suppress(ArchiveUnavailable), archive.begin() as connection:
            roles.stop(connection, role, instance, utc_now())
        archive.close()
    log.info("%s has stopped", role)
    return 0 if context.stopping.is_set() else EXIT_FAILED


def _settings(role: str, config: Path) -> Settings:
    if role != "work":
        return load_settings(config)
    # it knows the names of watches, and says at once what is wrong with them too; for the others that is much to load
    from newswatch.watch_intake import read_wholly  # noqa: PLC0415

    return read_wholly(config).settings


async def _take_nothing(_fresh: Settings) -> str:
    return "what this role uses of it is read at its start only"


def _begin_stop(context: RoleContext) -> None:
    role, stopping = context.role, context.stopping
    if stopping.is_set():
        return
    log.info("%s is stopping", role)
    stopping.set()
    context.readiness.not_ready("it is stopping")
    systemd.tell("STOPPING=1")

    def overdue() -> None:
        log.warning("%s did not stop within %g s and is ended; nothing in hand was acknowledged", role, _STOP_SECONDS)
        sys.stderr.flush()
        os._exit(0)

    timer = threading.Timer(_STOP_SECONDS, overdue)
    timer.daemon = True
    timer.start()


async def _beat(
    context: RoleContext, instance: str, address: str, last_error: _LastError, ended: asyncio.Event
) -> None:
    archive, role = context.archive, context.role
    started = False
    told: str | None = None
    is_last = False
    while not is_last:
        is_last = ended.is_set()
        try:
            await asyncio.to_thread(_beat_once, archive, role, instance, address, not started)
            started = True
            context.readiness.archive = ""
            disk = shutil.disk_usage(context.settings.data_dir)
            metrics.DISK_FREE.labels(role).set(disk.free / disk.total)
            if last_error.message != told:
                told = last_error.message
                await asyncio.to_thread(_complain, archive, role, instance, told or "")
        except Exception as error:  # a heart that stops says that the role is gone
            log.warning("heartbeat: %s", error)
            context.readiness.archive = str(error) or repr(error)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_BEAT_SECONDS):
                await ended.wait()


def _beat_once(archive: Archive, role: str, instance: str, address: str, first: bool) -> None:
    with archive.begin() as connection:
        if first:
            roles.start(connection, role, instance, os.getpid(), address, utc_now())
        else:
            roles.beat(connection, role, instance, utc_now())


def _complain(archive: Archive, role: str, instance: str, error: str) -> None:
    with archive.begin() as connection:
        roles.complain(connection, role, instance, error, utc_now())
