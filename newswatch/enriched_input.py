"""Enriched articles for commands that judge them: lines of JSON as `newswatch enrich` reads them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from agents.enrich.enricher import Enricher
from agents.enrich.recognise import Recogniser
from agents.names.knowledge import NamesKnowledge
from newswatch.cli.enrich import BATCH, read_articles
from newswatch.settings import Settings
from streams.memory import loading
from streams.records import Article, EnrichedArticle


class EnrichedInput:
    """Yields enriched articles in order; `wrong` counts what was left out, each told in a line on standard error."""

    def __init__(self) -> None:
        self.wrong = 0

    def lines(self, file: str, knowledge: NamesKnowledge, settings: Settings) -> Iterator[EnrichedArticle]:
        """The articles of a file of JSON lines, or of standard input (`-`)."""
        with loading():
            enricher = Enricher(knowledge, Recogniser(dict(settings.enrich.models)))
        if file == "-":
            yield from self._enriched(enricher, read_articles(sys.stdin.buffer, "-", text=False, language=None))
            return
        with Path(file).open("rb") as source:
            yield from self._enriched(enricher, read_articles(source, file, text=False, language=None))

    def _enriched(self, enricher: Enricher, items: Iterable[Article | str]) -> Iterator[EnrichedArticle]:
        batch: list[Article] = []
        for item in items:
            if isinstance(item, str):
                self._leave_out(item)
                continue
            batch.append(item)
            if len(batch) == BATCH:
                yield from self._enrich(enricher, batch)
                batch = []
        if batch:
            yield from self._enrich(enricher, batch)

    def _enrich(self, enricher: Enricher, batch: Sequence[Article]) -> Iterator[EnrichedArticle]:
        try:
            found = enricher.enrich(batch)
        except Exception as error:  # one article must not take its neighbours with it
            if len(batch) == 1:
                self._leave_out(f"article {batch[0].id}: {type(error).__name__}: {error}; it was left out")
                return
            for article in batch:
                yield from self._enrich(enricher, [article])
        else:
            yield from found

    def _leave_out(self, message: str) -> None:
        self.wrong += 1
        print(message, file=sys.stderr)


def counted(articles: Iterable[EnrichedArticle]) -> Iterator[EnrichedArticle]:
    """The same articles, with a count on standard error where that is a terminal."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed} articles"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("articles", total=None)
        for article in articles:
            yield article
            progress.advance(task)
