"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Option("--config", "-c", metavar="FILE", help="The settings file.", show_default=True)]
DEFAULT_CONFIG = Path("newswatch.yaml")
AnyOwner = Annotated[
    str | None, typer.Option("--owner", metavar="NAME", help="Of this owner only; of any where left out.")
]
