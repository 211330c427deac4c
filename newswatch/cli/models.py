"""`newswatch models list|add`: the spaCy models that read articles."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from typing import Annotated

import typer
from rich.console import Console

from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.cli.packs import enrich_settings

models = typer.Typer(help="spaCy models: list those installed, add one by name.", no_args_is_help=True)


@models.command("list")
def list_models(
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List installed models, with the languages the settings use them for. Exit code 1 if one of those is missing."""
    from agents.enrich.models import installed_models, package_of  # noqa: PLC0415 - late: spaCy

    used = {package_of(name): language for language, name in enrich_settings(config).models.items()}
    found = installed_models()
    missing = [name for name in used if name not in {model.package for model in found}]
    for model in found:
        row = {
            "model": model.package, "version": model.version, "language": model.language,
            "recognises": model.recognises, "used_for": used.get(model.package),
        }  # fmt: skip
        if as_json:
            print(json.dumps(row))
        else:
            use = f"used for {row['used_for']}" if row["used_for"] else "not in the settings"
            print(f"{model.package:<26} {model.version:<8} {model.language}  {use}")
    for name in missing:
        print(f"{name}: named in the settings, not installed; run newswatch models add {name}", file=sys.stderr)
    raise typer.Exit(1 if missing else 0)


@models.command()
def add(
    name: Annotated[str, typer.Argument(help="A spaCy model, such as de_core_news_md.")],
    version: Annotated[str | None, typer.Option(help="Its version; the newest that fits spaCy where left out.")] = None,
    address: Annotated[
        str | None, typer.Option(envvar="NEWSWATCH_MODELS", help="Where releases of models are, if not at spaCy's.")
    ] = None,
) -> None:
    """Install a spaCy model and check that it recognises names; says which line the settings need."""
    from agents.enrich.models import RELEASES, add_model  # noqa: PLC0415 - late: spaCy

    console = Console(stderr=True)
    if not console.is_terminal:
        print(f"installing {name}", file=sys.stderr)
    try:
        with console.status(f"installing {name}") if console.is_terminal else nullcontext():
            model = add_model(name, version=version, address=address or RELEASES)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    print(f"{model.package} {model.version} is installed and recognises {', '.join(model.recognises)}")
    print(f"to use it, write in the settings under enrich.models: {model.language}: {model.package}")
