"""`newswatch run`: everything on one machine."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path

import typer

from newswatch import systemd
from newswatch.cli.names_progress import prepare_names
from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import ConfigBroken, load_settings
from newswatch.data_lock import hold_data_dir
from newswatch.logs import configure_logs
from newswatch.settings import Settings
from newswatch.supervise import Supervisor
from streams.archive.engine import open_archive
from streams.archive.moving import refuse_half_moved
from streams.errors import ConfigInvalid

log = logging.getLogger(__name__)


def run(config: Config = DEFAULT_CONFIG) -> None:
    """Run every role on this machine, each supervised, until Ctrl-C or SIGTERM; SIGHUP reads the file again."""
    settings = _settings(config)
    configure_logs("run")
    with hold_data_dir(settings.data_dir):
        prepare_names(settings.cache_dir())
        raise typer.Exit(asyncio.run(_run(settings, config)))


def _settings(config: Path) -> Settings:
    try:
        return load_settings(config)
    except ConfigBroken as error:
        from newswatch.watch_intake import every_mistake  # noqa: PLC0415 - much to load, and this process stays

        raise ConfigInvalid(every_mistake(error, error.enrich)) from error


def _page_address(listen: str) -> str:
    if listen.endswith(":0"):
        return "the address that `newswatch status` shows for web"
    return f"http://{listen}"


async def _run(settings: Settings, config: Path) -> int:
    archive = await asyncio.to_thread(open_archive, settings.archive_url(), settings.backups_dir())
    await asyncio.to_thread(refuse_half_moved, archive)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    supervisor = Supervisor(settings, config, archive)
    # a terminal that closes ends us; without one it is the way to say that the file has changed
    on_hangup = stopping.set if sys.stdin is not None and sys.stdin.isatty() else supervisor.reload
    loop.add_signal_handler(signal.SIGHUP, on_hangup)
    try:
        await supervisor.start()
        log.info(
            "running %s: %d feeds, %d watches; the page is at %s; the first alert may take half a minute",
            ", ".join(supervisor.pids()),
            len(settings.feeds),
            len(settings.watches),
            _page_address(settings.web.listen),
        )
        systemd.tell("READY=1")
        alive = asyncio.create_task(systemd.keep_alive())
        waits = [asyncio.create_task(event.wait()) for event in (stopping, supervisor.given_up)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in (*waits, alive):
            wait.cancel()
        systemd.tell("STOPPING=1")
        log.info("stopping")
    finally:
        await supervisor.stop()
        archive.close()
    return 1 if supervisor.given_up.is_set() else 0
