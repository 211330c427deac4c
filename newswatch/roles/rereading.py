"""The settings file read again while a role runs: what is taken over, and what is said where it has mistakes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from newswatch.config_file import load_settings
from newswatch.roles.condition import Reload
from newswatch.settings import Settings
from streams.errors import ConfigInvalid

log = logging.getLogger(__name__)

Take = Callable[[Settings], Awaitable[str]]
"""Takes something over from fresh settings and says what; raises ConfigInvalid where it cannot."""


def taken_over(running: Settings, fresh: Settings) -> Settings:
    """What a running role works with from now on: feeds, watches and endpoints are new, the rest needs a restart."""
    new = {name: getattr(fresh, name) for name in ("feeds", "watches", "endpoints", "notify", "alerts")}
    return running.model_copy(update=new)


async def read_again_when_asked(config: Path, reload: Reload, take: Take) -> None:
    """Until cancelled: read the file each time that somebody asks, and have `take` take it over and say what it took.

    Where the file has mistakes, or `take` finds some (ConfigInvalid), everything stays as it was, and it says so.
    """
    while True:
        await reload.wait()
        reload.begin()
        mistakes: tuple[str, ...] = ()
        try:
            fresh = await asyncio.to_thread(load_settings, config)
            log.info("%s was read again: %s", config, await take(fresh))
        except ConfigInvalid as error:
            mistakes = tuple(error.mistakes)
            log.error(  # noqa: TRY400 - the mistake is the file's, no trace of ours says more
                "%s has mistakes, everything stays as it was: %s", config, mistakes[0]
            )
        reload.answer(mistakes)
