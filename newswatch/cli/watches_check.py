"""`newswatch watches check`: what an experienced eye would say of watches that are right in form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newswatch.cli.backtest import parse_since
from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import ConfigFile, load_settings, read_config
from newswatch.kept_watches import existing_archive, watch_of
from newswatch.settings import Settings
from streams.archive.engine import Archive
from streams.archive.watches import list_watches
from streams.clock import utc_now
from streams.errors import ConfigInvalid

if TYPE_CHECKING:
    from agents.match.compile import CompiledWatches
    from agents.match.doctor import Finding
    from agents.match.watch import Watch

_MOST_REPLAYED = 200
_TITLES = 2


def check(
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="YAML with watches; those in force where none is given.")
    ] = None,
    since: Annotated[str, typer.Option(help="How far back to look in the archive: 12h, 30d, or a date.")] = "30d",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Warn of names that mislead and clauses that fight, with what such watches would have fired on.

    Of names that mean several places or are common words, of watches that can never fire or only where another does,
    and of languages that shut a country's own press out. Exit code 1 on findings.
    """
    now = utc_now()
    first = parse_since(since, now)
    try:
        findings = _look(file, config, first)
    except ConfigInvalid as error:
        for mistake in error.mistakes:
            print(mistake)
        raise typer.Exit(1) from error
    raise typer.Exit(1 if findings else 0)


def _look(file: str | None, config: Path, since: datetime) -> int:
    """Print every finding; how many there are. Raises ConfigInvalid for mistakes in the watches themselves."""
    # late, so that `--help` and mistakes in the arguments answer at once
    from agents.match.compile import compile_watches  # noqa: PLC0415
    from agents.match.doctor import look_at  # noqa: PLC0415
    from newswatch.watch_intake import known_names, read_given  # noqa: PLC0415

    # watches of a file need no settings file beside them
    alone = file is not None and config == DEFAULT_CONFIG and not config.exists()
    settings = Settings() if alone else load_settings(config)
    given = read_given(file, settings) if file is not None else read_config(config)
    archive = existing_archive(settings)
    owners: dict[str, str] = {}
    watches: list[Watch] = list(given.settings.watches)
    if file is None and archive is not None:
        with archive.read() as connection:
            kept = [row for row in list_watches(connection) if row.enabled]
        owners = {row.id: row.owner for row in kept}
        watches += [watch_of(row) for row in kept]
    compiled, problems = compile_watches(watches, known_names(settings.enrich))
    in_file = [one for one in problems if one.position < len(given.settings.watches)]
    if mistakes := given.name_mistakes(in_file):
        raise ConfigInvalid(mistakes)
    findings = look_at(watches, compiled, problems)
    places = {watch.id: at for at, watch in enumerate(given.settings.watches)}
    fired = _fired(archive, since, compiled, list(dict.fromkeys(one.watch for one in findings)))
    _print(findings, given, places, owners, fired, f"since {since:%Y-%m-%d}" if archive else "")
    if not findings:
        print(f"{len(watches)} {'watch' if len(watches) == 1 else 'watches'}: nothing to say against that")
    return len(findings)


@dataclass(slots=True)
class _Fired:
    articles: int = 0
    titles: list[str] = field(default_factory=list)


def _fired(
    archive: Archive | None, since: datetime, compiled: CompiledWatches, watches: Sequence[str]
) -> dict[str, _Fired]:
    """What watches would have fired on, by the live code; of very many the first."""
    from agents.match.backtest import backtest  # noqa: PLC0415
    from newswatch.archive_input import archived  # noqa: PLC0415

    found: dict[str, _Fired] = defaultdict(_Fired)
    asked = set(watches[:_MOST_REPLAYED])
    if archive is None or not asked:
        return found
    for one in backtest(archived(archive, since, compiled, sorted(asked)), compiled):
        if one.hit.watch in asked:
            tally = found[one.hit.watch]
            tally.articles += 1
            if len(tally.titles) < _TITLES:
                tally.titles.append(one.enriched.article.title)
    return found


def _print(
    findings: Sequence[Finding],
    given: ConfigFile,
    places: dict[str, int],
    owners: dict[str, str],
    fired: dict[str, _Fired],
    period: str,
) -> None:
    for at, finding in enumerate(findings):
        if finding.watch in places:
            where = given.lines([(("watches", places[finding.watch], *finding.path), "")])[0].rstrip(": ")
            print(f"{where}: {finding.watch}: {finding.message}")
        else:
            path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in finding.path)
            print(f"{owners.get(finding.watch, '')}/{finding.watch}{path}: {finding.message}")
        is_last = at + 1 == len(findings) or findings[at + 1].watch != finding.watch
        if is_last and period:
            tally = fired.get(finding.watch, _Fired())
            titles = "".join(f'; "{title}"' for title in tally.titles)
            print(f"  {finding.watch} would have fired on {tally.articles} articles {period}{titles}")
