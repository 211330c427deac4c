"""`newswatch explain`: why a watch fires on articles, or why not."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from newswatch.cli.backtest import json_line


def explain(
    watches: Annotated[Path, typer.Option(metavar="FILE", help="A settings file, or one with only watches.")],
    watch: Annotated[str, typer.Option(metavar="ID", help="The id of the watch.")],
    file: Annotated[str, typer.Argument(help="Articles, one JSON object a line; `-` reads standard input.")] = "-",
) -> None:
    """Print one JSON line an article: whether the watch fires, and the clause, reason and evidence that decide it."""
    # late, so that `--help` and mistakes in the arguments answer at once
    from agents.match.explain import explain as explained  # noqa: PLC0415
    from newswatch.enriched_input import EnrichedInput  # noqa: PLC0415
    from newswatch.watch_file import load_watches  # noqa: PLC0415

    if file != "-" and not Path(file).is_file():
        raise typer.BadParameter(f"{file} is not a file; name a file, or `-` for standard input")
    given = load_watches(watches)
    if given.watches.get(watch) is None:
        known = [one.id for one in given.watches]
        close = get_close_matches(watch, known, n=1) or known[:1]
        hint = f"did you mean {close[0]!r}?" if close else "the file has no watches"
        raise typer.BadParameter(f"no watch of {watches} has the id {watch!r}; {hint}")
    source = EnrichedInput()
    with suppress(BrokenPipeError):
        for enriched in source.lines(file, given.knowledge, given.settings):
            answer = explained(enriched, given.watches, watch)
            row = {
                "article": answer.article,
                "fires": answer.fires,
                "reason": answer.reason,
                "clause": answer.clause,
                "evidence": [asdict(evidence) for evidence in answer.evidence],
            }
            print(json_line(row), flush=True)
    raise typer.Exit(1 if source.wrong else 0)
