"""`newswatch gazetteer import|info|remove`: places of GeoNames dumps beside those that come with newswatch."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from agents.names.gazetteer import Gazetteer, compiled_folder, open_gazetteer
from agents.names.geonames_download import ADDRESS, download_country
from agents.names.importing import alternates_beside, import_dump, remove_import
from agents.names.imports import Import, list_imports
from agents.names.knowledge import default_cache_dir
from newswatch.cli.names_progress import Bars, bars, prepare_names
from newswatch.settings import PollSettings

gazetteer = typer.Typer(help="The places known by name: import more, see what is known.", no_args_is_help=True)
_COUNTRY = re.compile("[A-Za-z]{2}")
_SHOWN = 15

Cache = Annotated[Path | None, typer.Option(help="Where the compiled gazetteer is kept.")]
Source = Annotated[str, typer.Argument(metavar="FILE|COUNTRY", help="A GeoNames dump, or a country's two letters.")]


@gazetteer.command("import")
def import_(
    source: Source,
    alternate_names: Annotated[
        Path | None, typer.Option(help="GeoNames' alternateNamesV2; the one beside the dump where left out.")
    ] = None,
    address: Annotated[
        str, typer.Option(envvar="NEWSWATCH_GEONAMES", help="Where a country's dump is fetched from.")
    ] = ADDRESS,
    cache_dir: Cache = None,
) -> None:
    """Add the places of a GeoNames dump (.txt or .zip), or of a country whose dump is fetched."""
    cache = cache_dir or default_cache_dir()
    file = Path(source)
    if alternate_names is not None and not alternate_names.is_file():
        raise typer.BadParameter(f"{alternate_names} is not a file")
    if not file.is_file() and not _COUNTRY.fullmatch(source):
        raise typer.BadParameter(f"{source} is not a file, nor the two letters of a country, such as SY")
    with bars() as shown:
        if file.is_file():
            beside = alternate_names or alternates_beside(file)
            one = _import(file, cache, str(file.resolve()), beside, shown)
        else:
            with tempfile.TemporaryDirectory(prefix="newswatch-") as folder:
                fetching = shown.reading(f"fetching {source.upper()}", None)
                fetched = download_country(
                    source.upper(),
                    Path(folder),
                    address=address,
                    user_agent=PollSettings().user_agent,
                    fetched=fetching.at,
                )
                one = _import(fetched, cache, source.upper(), alternate_names, shown)
    print(f"{one.name}: {_count(one.places, 'place')} imported ({_listed(one.countries)})")
    if one.skipped:
        print(f"{_count(one.skipped, 'other feature')} left out: no places that news names")
    if one.bad:
        print(f"{_count(one.bad, 'bad line')} left out; the first is line {one.first_bad}")
    print("workers know them from their next start")


def _import(file: Path, cache: Path, origin: str, alternates: Path | None, shown: Bars) -> Import:
    size = file.stat().st_size + (alternates.stat().st_size if alternates else 0)
    return import_dump(
        file,
        cache,
        origin=origin,
        alternates=alternates,
        now=datetime.now(UTC),
        advance=shown.reading(f"reading {file.name}", size),
        progress=shown.compiling("compiling the gazetteer"),
    )


@gazetteer.command()
def remove(
    source: Source,
    cache_dir: Cache = None,
) -> None:
    """Take what was imported from a file or for a country out again."""
    with bars() as shown:
        one = remove_import(source, cache_dir or default_cache_dir(), shown.compiling("compiling the gazetteer"))
    print(f"{one.name}: {_count(one.places, 'place')} removed; workers forget them at their next start")


@gazetteer.command()
def info(
    cache_dir: Cache = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with every country.")] = False,
) -> None:
    """Show what is known: places, by source and country, their size and where they are kept."""
    cache = cache_dir or default_cache_dir()
    prepare_names(cache)
    known = open_gazetteer(cache)
    imports = list_imports(cache)
    folder = compiled_folder(cache, imports)
    size = sum(file.stat().st_size for file in folder.iterdir())
    by_source = known.counts()
    if as_json:
        print(json.dumps(_as_json(known, by_source, imports, folder, size), ensure_ascii=False))
        return
    totals = _by_country(by_source)
    print(f"{len(known):,} places in {len(totals)} countries, {size / 1e6:.0f} MB in {folder}")
    print(f"  geonames: {sum(by_source.get('geonames', {}).values()):,} that come with newswatch")
    for one in imports:
        print(f"  {one.name}: {one.places:,} imported on {one.at[:10]} from {one.origin} ({_listed(one.countries)})")
    most = sorted(totals, key=lambda country: -totals[country])
    shown_countries = dict.fromkeys([*(code for one in imports for code in one.countries), *most[:_SHOWN]])
    for country in list(shown_countries)[: _SHOWN * 2]:
        added = totals[country] - by_source.get("geonames", {}).get(country, 0)
        print(f"  {country} {totals[country]:>9,}" + (f"  ({added:,} of them imported)" if added else ""))
    if len(shown_countries) < len(totals):
        print(f"  ... and {len(totals) - min(len(shown_countries), _SHOWN * 2)} more countries: --json lists them")


def _as_json(
    known: Gazetteer, by_source: dict[str, dict[str, int]], imports: list[Import], folder: Path, size: int
) -> dict[str, object]:
    return {
        "places": len(known),
        "bytes": size,
        "folder": str(folder),
        "sources": {source: sum(countries.values()) for source, countries in by_source.items()},
        "imports": [
            {
                "name": one.name, "origin": one.origin, "at": one.at, "places": one.places, "left_out": one.skipped,
                "bad_lines": one.bad, "first_bad": one.first_bad, "countries": one.countries,
            }
            for one in imports
        ],
        "countries": _by_country(by_source),
    }  # fmt: skip


def _by_country(by_source: dict[str, dict[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for countries in by_source.values():
        for country, count in countries.items():
            totals[country] = totals.get(country, 0) + count
    return dict(sorted(totals.items()))


def _listed(countries: dict[str, int]) -> str:
    most = sorted(countries, key=lambda country: -countries[country])
    shown = ", ".join(f"{country} {countries[country]:,}" for country in most[:5])
    return shown + (f" and {len(most) - 5} more countries" if len(most) > 5 else "")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
