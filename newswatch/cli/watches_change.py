"""`newswatch watches add|edit|remove|import|enable|disable`: changes that every worker has within a second."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer

from agents.match.resolved import ResolvedWatch
from agents.match.watch import Watch
from newswatch.cli.options import DEFAULT_CONFIG, AnyOwner, Config
from newswatch.config_file import load_settings
from newswatch.kept_watches import OPERATOR, OWNER, Keeping, given, item_of, limits_of, row_of
from newswatch.settings import Settings
from newswatch.watch_text import watch_yaml
from streams.archive import watch_changes
from streams.archive.engine import open_archive
from streams.archive.watches import owners_of
from streams.clock import utc_now
from streams.errors import ChangeRefused, ConfigInvalid

if TYPE_CHECKING:
    from newswatch.watch_intake import Intake

_FEW = 20
_Given = tuple[Watch, Keeping, ResolvedWatch]

Owner = Annotated[str, typer.Option(metavar="NAME", help="Whose watches they are.", envvar="NEWSWATCH_OWNER")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of watches.")]


def add(
    file: Annotated[
        str | None, typer.Argument(help="YAML: one watch, or a list under `watches:`; `-` reads standard input.")
    ] = None,
    watch_id: Annotated[str | None, typer.Option("--id", help="Without FILE: the watch's id.")] = None,
    name: Annotated[str | None, typer.Option(help="Without FILE: its name for people.")] = None,
    route: Annotated[
        list[str] | None, typer.Option(help='A road: its places in order, "Alep, Khanasser, Athriya", or its name.')
    ] = None,
    town: Annotated[list[str] | None, typer.Option(help="A town.")] = None,
    actor: Annotated[list[str] | None, typer.Option(help="An actor.")] = None,
    country: Annotated[list[str] | None, typer.Option(help="A country's two letters.")] = None,
    phrase: Annotated[list[str] | None, typer.Option(help="Words of the text.")] = None,
    notify: Annotated[list[str] | None, typer.Option(help="Id of an endpoint; every one where none is given.")] = None,
    severity: Annotated[str | None, typer.Option(metavar="LEVEL", help="info, warning or critical.")] = None,
    sources: Annotated[int | None, typer.Option(metavar="N", help="Independent outlets before it opens.")] = None,
    severity_by_sources: Annotated[
        str | None,
        typer.Option(metavar="STEPS", help="More severe from so many outlets on, as warning=2,critical=4."),
    ] = None,
    owner: Owner = OPERATOR,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Add watches, from YAML or in short: any of the conditions given fires. Nothing is added where one is wrong."""
    conditions: list[dict[str, Any]] = [{"route": _places(one)} for one in route or []]
    conditions += [{"town": one} for one in town or []] + [{"actor": one} for one in actor or []]
    conditions += [{"area": {"country": one}} for one in country or []] + [{"phrase": one} for one in phrase or []]
    steps = _steps(severity_by_sources) if severity_by_sources is not None else None
    fields: dict[str, Any] = {"id": watch_id, "name": name, "notify": notify, "severity": severity, "sources": sources}
    fields |= {"severity_by_sources": steps}
    fields = {key: value for key, value in fields.items() if value not in (None, [])}
    short = bool(conditions or fields)
    if (file is None) != short:
        raise typer.BadParameter("give a FILE, or --id with --route, --town, --actor, --country or --phrase")
    if short and not (watch_id and conditions):
        raise typer.BadParameter("the short form takes --id and at least one condition, such as --town Homs")
    settings = load_settings(config)
    with _told():
        from newswatch.watch_intake import from_options, take_in  # noqa: PLC0415 - names take seconds to load

        intake = take_in(file, settings) if file is not None else from_options(fields, conditions, settings)
        with open_archive(settings.archive_url()).read() as connection:
            taken = owners_of(connection, [watch.id for watch in intake.watches])
        if taken:
            first, whose = next(iter(taken.items()))
            raise ChangeRefused(f'there is a watch "{first}" already, of {whose}: give yours another id, or edit it')
        _put(settings, _owner(owner), _given(intake))


def edit(
    watch: Annotated[str, typer.Argument(metavar="ID", help="The watch's id.")],
    file: Annotated[
        str | None,
        typer.Argument(help="The watch as YAML, `-` for standard input; else an editor opens."),
    ] = None,
    owner: AnyOwner = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Change a watch: give it anew, or change it in your editor. It stays as it was where something is wrong."""
    settings = load_settings(config)
    row = row_of(settings, watch)
    with _told():
        from newswatch.watch_intake import take_in  # noqa: PLC0415

        made = None
        if file is None:
            made = _in_editor(watch_yaml(item_of(row)))
            if made is None:
                print("nothing was changed", file=sys.stderr)
                return
            file = str(made)
        intake = take_in(file, settings)
        if [one.id for one in intake.watches] != [watch]:
            raise ChangeRefused(
                f'give one watch, with the id "{watch}": an id cannot be changed, alerts are made of it'
            )
        keeping = intake.keeping[0]
        expected = {watch: row.revision}
        on = row.enabled if keeping.enabled is None else keeping.enabled
        _put(
            settings,
            _owner(owner or row.owner),
            [(intake.watches[0], Keeping(keeping.owner, on), intake.resolved[0])],
            expected=expected,
        )
        if made is not None:
            made.unlink()


def import_file(
    file: Annotated[str, typer.Argument(help="YAML with `watches:`, as `export` writes it; `-` reads standard input.")],
    owner: Owner = OPERATOR,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Add the watches of a file and change those that are there already; all of them, or none where one is wrong.

    Watches that name no owner in the file become those of --owner.
    """
    settings = load_settings(config)
    with _told():
        from newswatch.watch_intake import take_in  # noqa: PLC0415

        intake = take_in(file, settings)
        _put(settings, _owner(owner), _given(intake))


def remove(ids: Ids, owner: AnyOwner = None, config: Config = DEFAULT_CONFIG) -> None:
    """Remove watches: they fire no more. Their alerts stay."""
    settings = load_settings(config)
    with open_archive(settings.archive_url()).begin() as connection:
        watch_changes.remove_watches(connection, owner, ids, limits_of(settings.limits), utc_now())
    _tell(ids, "removed")


def enable(ids: Ids, owner: AnyOwner = None, config: Config = DEFAULT_CONFIG) -> None:
    """Turn watches on."""
    _switch(ids, True, owner, config)


def disable(ids: Ids, owner: AnyOwner = None, config: Config = DEFAULT_CONFIG) -> None:
    """Turn watches off, for as long as you like."""
    _switch(ids, False, owner, config)


def _switch(ids: list[str], on: bool, owner: str | None, config: Path) -> None:
    settings = load_settings(config)
    with open_archive(settings.archive_url()).begin() as connection:
        watch_changes.enable_watches(connection, owner, ids, on, limits_of(settings.limits), utc_now())
    _tell(ids, "on" if on else "off")


def _places(written: str) -> list[str] | str:
    """A road as an option has it: places with commas between, or one name."""
    places = [place.strip() for place in written.split(",")]
    return places if len(places) > 1 else written


def _steps(written: str) -> dict[str, int | str]:
    """Steps of severity as an option has them; what is no number is left for the watch to refuse."""
    steps: dict[str, int | str] = {}
    for one in written.split(","):
        severity, equals, count = one.partition("=")
        if not equals:
            raise typer.BadParameter(f'{one.strip()!r} is no step: write "warning=2,critical=4", or one of the two')
        steps[severity.strip()] = int(count) if count.strip().isdecimal() else count.strip()
    return steps


def _owner(name: str) -> str:
    if not OWNER.fullmatch(name):
        raise typer.BadParameter(f"{name!r} is no owner: write small letters, digits and _ . @ -")
    return name


def _in_editor(text: str) -> Path | None:
    """A file with what the person made of the text; None where nothing was changed."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal for an editor: give a FILE, or `-` for standard input")
    changed = click.edit(text, extension=".yaml")
    if changed is None or changed == text:
        return None
    handle, path = tempfile.mkstemp(prefix="newswatch-watch-", suffix=".yaml")  # kept: nobody writes a watch twice
    with open(handle, "w", encoding="utf-8") as out:  # noqa: PTH123 - a descriptor, no path
        out.write(changed)
    return Path(path)


@contextmanager
def _told() -> Iterator[None]:
    """Mistakes are findings: each on a line of standard output, and exit code 1."""
    try:
        yield
    except ConfigInvalid as error:
        for mistake in error.mistakes:
            print(mistake)
        raise typer.Exit(1) from error


def _given(intake: Intake) -> list[_Given]:
    return [*zip(intake.watches, intake.keeping, intake.resolved, strict=True)]


def _put(
    settings: Settings,
    owner: str,
    taken: Sequence[_Given],
    *,
    expected: dict[str, int] | None = None,
) -> None:
    """Write watches for their owners, all or none."""
    archive = open_archive(settings.archive_url())
    in_file = {watch.id for watch in settings.watches}
    by_owner: dict[str, list[watch_changes.GivenWatch]] = {}
    for watch, keeping, resolved in taken:
        if watch.id in in_file:
            raise ChangeRefused(f'the settings file has a watch "{watch.id}": change it there, or use another id')
        by_owner.setdefault(keeping.owner or owner, []).append(given(watch, keeping, resolved))
    limits, now = limits_of(settings.limits), utc_now()
    with archive.begin() as connection:
        done = [
            watch_changes.put_watches(connection, whose, some, limits, now, expected=expected)
            for whose, some in sorted(by_owner.items())
        ]
    for word in ("added", "changed", "unchanged"):
        _tell([one for written in done for one in getattr(written, word)], word)


def _tell(ids: Sequence[str], what: str) -> None:
    if len(ids) > _FEW:
        print(f"{len(ids)} watches: {what}")
        return
    for one in ids:
        print(f"{one}: {what}")
