"""The watches of a worker: those of the settings file and those of the archive, changed while it works."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from itertools import chain, starmap
from pathlib import Path

from agents.enrich.enricher import Learn
from agents.match.compile import WatchResolver
from agents.match.live import LiveWatches
from agents.match.resolve import NameProblem
from agents.match.resolved import KeptWatch
from agents.match.watch import Watch
from agents.names.entity import Entity
from agents.names.knowledge import NamesKnowledge
from newswatch.alert_rules import recipients_of
from newswatch.config_file import ConfigFile
from newswatch.kept_watches import clashes
from newswatch.roles.condition import Reload
from newswatch.roles.rereading import taken_over
from newswatch.settings import Settings
from newswatch.watch_intake import known_names, read_wholly
from streams import metrics
from streams.archive.engine import Archive
from streams.archive.watches import in_force, last_sequence, news_since
from streams.errors import ArchiveUnavailable, ConfigInvalid, WorkTimedOut
from streams.processes import ProcessPool, WorkFailed

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
_LEARN_SECONDS = 60.0
_FEW = 20


class Watching:
    """Keeps a worker's watches as the file and the archive have them. Its methods block; one caller at a time."""

    def __init__(self, config: Path, settings: Settings, archive: Archive) -> None:
        self._config = config
        self._settings = settings
        self.recipients = recipients_of(settings)
        """The endpoints of the file, for watches that name none, and the rules by which they are told."""
        self._archive = archive
        self._knowledge: NamesKnowledge | None = None
        self._of_file: dict[str, Watch] = {}
        self._sequence = 0
        self._live: LiveWatches | None = None
        self.mistakes: tuple[str, ...] = ()
        """Of the file, when it was last read again."""

    @property
    def live(self) -> LiveWatches:
        """The watches in force; `load` comes first."""
        assert self._live is not None, "the watches are not loaded yet"
        return self._live

    def load(self) -> LiveWatches:
        """Read both, pack them, and begin. Raises ConfigInvalid with every mistake of the file."""
        config = read_wholly(self._config)
        self._knowledge = known_names(config.settings.enrich)
        self._refuse(config, list(clashes(self._archive, config.settings.watches)), ())
        self._of_file = {watch.id: watch for watch in config.settings.watches}
        with self._archive.read() as connection:
            self._sequence = last_sequence(connection)
            of_archive = starmap(KeptWatch, in_force(connection))
            self._live = LiveWatches(chain(self._of_file.values(), of_archive), self._knowledge)
        self._refuse(config, (), [one for one in self._live.problems if one.watch in self._of_file])
        _warn(one for one in self._live.problems if one.watch not in self._of_file)
        self._count()
        return self._live

    def poll(self) -> bool:
        """Take over what changed in the archive since the last time; whether anything did. One look at one row."""
        if self._archive.glance(last_sequence) == self._sequence:
            return False
        with self._archive.read() as connection:
            news = news_since(connection, self._sequence)
        changed = []
        for row in news.changed:
            if row.id in self._of_file:
                log.error('the archive has a watch "%s" and so has the settings file: the file\'s stays', row.id)
            else:
                changed.append(KeptWatch(row.id, row.resolved or "", row.definition))
        removed = [one for one in news.removed if one not in self._of_file]
        _warn(self.live.apply(changed, removed))
        self._sequence = news.sequence
        self._count()
        log.info("watches: %d changed, %d gone (change %d)", len(changed), len(removed), news.sequence)
        return True

    def reload(self) -> bool:
        """Read the file's watches and endpoints again; whether it was right.

        Where it has mistakes the old ones stay, and it says so. Other settings need a restart.
        """
        try:
            config = self._checked_again()
        except ConfigInvalid as error:
            self.mistakes = tuple(error.mistakes)
            for mistake in error.mistakes[1:]:
                log.warning("%s", mistake)
            count = len(error.mistakes)
            log.error(  # noqa: TRY400 - the mistake is the file's, no trace of ours says more
                "%s has %s, watches and endpoints stay as they were: %s",
                self._config,
                "1 mistake" if count == 1 else f"{count} mistakes",
                error.mistakes[0],
            )
            return False
        self.mistakes = ()
        fresh = {watch.id: watch for watch in config.settings.watches}
        changed = [watch for watch in config.settings.watches if self._of_file.get(watch.id) != watch]
        removed = [one for one in self._of_file if one not in fresh]
        self._settings = taken_over(self._settings, config.settings)
        self.recipients = recipients_of(self._settings)  # before the watches that name them
        _warn(self.live.apply(changed, removed))
        self._of_file = fresh
        self._count()
        log.info("%s was read again: %d watches changed, %d gone", self._config, len(changed), len(removed))
        return True

    def _checked_again(self) -> ConfigFile:
        assert self._knowledge is not None, "the watches are not loaded yet"
        config = read_wholly(self._config)
        found = list(clashes(self._archive, config.settings.watches))
        changed = [
            (position, watch)
            for position, watch in enumerate(config.settings.watches)
            if self._of_file.get(watch.id) != watch
        ]
        resolver = WatchResolver(self._knowledge)
        for position, watch in changed:
            resolver.resolve(watch, position)
        self._refuse(config, found, resolver.problems)
        return config

    def _refuse(
        self,
        config: ConfigFile,
        found: Sequence[tuple[tuple[str | int, ...], str]],
        problems: Sequence[NameProblem],
    ) -> None:
        """Raise ConfigInvalid where there is a mistake."""
        told = [*found]
        for one in problems:
            if one.level == "error":
                told.append((("watches", one.position, *one.path), one.message))
        if told:
            raise ConfigInvalid(config.lines(told))

    def _count(self) -> None:
        metrics.WATCHES.labels("file").set(len(self._of_file))
        metrics.WATCHES.labels("archive").set(len(self.live.matcher) - len(self._of_file))
        metrics.WATCH_SEQUENCE.set(self._sequence)


def _warn(problems: Iterable[NameProblem]) -> None:
    wrong = [problem for problem in problems if problem.level == "error"]
    for problem in wrong[:_FEW]:
        log.warning("the watch %s is left out: %s", problem.watch, problem.message)
    if len(wrong) > _FEW:
        log.warning("and %d more are left out: `newswatch watches check` tells them all", len(wrong) - _FEW)


async def keep_watching(watching: Watching, pool: ProcessPool, reload: Reload) -> None:
    """Look for changes four times a second, and read the file again when `reload` is set, until cancelled.

    What only watches know by name is told to the processes that read articles.
    """
    known: tuple[Entity, ...] = ()
    is_away = False
    while True:
        try:
            if reload.is_set():
                reload.begin()
                await asyncio.to_thread(watching.reload)
                reload.answer(watching.mistakes)
            await asyncio.to_thread(watching.poll)
            if is_away:
                log.info("watches: the archive is back")
            is_away = False
        except ArchiveUnavailable as error:
            if not is_away:  # once, not four times a second
                log.warning("watches: %s; they stay as they are until it is back", error)
            is_away = True
        if (entities := watching.live.entities) != known:
            known = entities
            await teach(pool, entities)
        await asyncio.sleep(POLL_SECONDS)


async def teach(pool: ProcessPool, entities: tuple[Entity, ...]) -> None:
    """Have the processes that read articles know these names; those at work learn before their next piece."""
    pool.brief(Learn(entities), anew=True)
    try:
        await pool.spread(_LEARN_SECONDS)
    except (WorkTimedOut, WorkFailed) as error:
        log.warning("a process could not learn the names of watches: %s", error)
