"""`newswatch packs list|check`: packs of places, actors and routes, and whether they give what their tests say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from agents.names.packs import bundled_packs, read_pack
from newswatch.cli.names_progress import prepare_names
from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from newswatch.settings import EnrichSettings
from streams.errors import ConfigInvalid

packs = typer.Typer(help="Packs of places, actors and routes: list them, run their tests.", no_args_is_help=True)


def enrich_settings(config: Path) -> EnrichSettings:
    """What the settings say of packs and models; the defaults where the default settings file is not there."""
    if config == DEFAULT_CONFIG and not config.exists():
        return EnrichSettings()
    return load_settings(config).enrich


@packs.command("list")
def list_packs(
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the bundled packs and those of the settings, with what each holds."""
    bundled = bundled_packs()
    for path in [*bundled, *enrich_settings(config).packs]:
        pack = read_pack(path)
        row = {
            "pack": pack.pack, "name": pack.name, "countries": list(pack.countries), "places": len(pack.places),
            "actors": len(pack.actors), "routes": len(pack.routes), "tests": len(pack.tests), "file": str(path),
            "bundled": path in bundled,
        }  # fmt: skip
        if as_json:
            print(json.dumps(row, ensure_ascii=False))
        else:
            held = ", ".join(f"{row[what]} {what}" for what in ("places", "actors", "routes", "tests"))
            print(f"{pack.pack:<18} {held}" + ("" if path in bundled else f"  ({path})"))


@packs.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Packs; all where none is given.")] = None,
    config: Config = DEFAULT_CONFIG,
    cache_dir: Annotated[Path | None, typer.Option(help="Where the compiled gazetteer is kept.")] = None,
) -> None:
    """Run the tests in packs. Each failure is one line with its file and line; exit code 1 if there is one."""
    settings = enrich_settings(config)
    own = list(files) if files else list(settings.packs)
    for file in own:
        if not file.is_file():
            raise typer.BadParameter(f"{file} is not a file; name the YAML file of a pack")
    checked = own if files else [*bundled_packs(), *own]
    prepare_names(cache_dir)
    # late, so that mistakes in the arguments answer at once
    from agents.enrich.enricher import Enricher  # noqa: PLC0415
    from agents.enrich.pack_check import check_pack_file  # noqa: PLC0415
    from agents.enrich.recognise import Recogniser  # noqa: PLC0415
    from agents.names.knowledge import load_knowledge  # noqa: PLC0415

    bundled = {path.resolve() for path in bundled_packs()}
    added = [*settings.packs, *own]
    extra = list(dict.fromkeys(path.resolve() for path in added if path.resolve() not in bundled))
    try:
        enricher = Enricher(load_knowledge(extra, cache_dir), Recogniser(dict(settings.models)))
        wrong = [line for path in checked for line in check_pack_file(path, enricher)]
    except ConfigInvalid as error:
        wrong = error.mistakes
    for line in wrong:
        print(line)
    tests = 0 if wrong else sum(len(read_pack(path).tests) for path in checked)
    if not wrong:
        print(f"{_count(len(checked), 'pack')}, {_count(tests, 'test')}: fine")
    raise typer.Exit(1 if wrong else 0)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
