"""That `agents` and `streams` are ours: other distributions install packages of these names too."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from streams.errors import WrongInstallation

_OURS = {"agents": "pipeline.py", "streams": "records.py"}


def check_installation() -> None:
    """Raise WrongInstallation when another distribution's package shadows one of ours."""
    for package, proof in _OURS.items():
        found = importlib.util.find_spec(package)
        origin = Path(found.origin) if found is not None and found.origin else None
        if origin is None or not (origin.parent / proof).exists():
            raise WrongInstallation(
                f"the package `{package}` at {origin or 'no place'} is not newswatch's: "
                "install newswatch into a virtual environment of its own"
            )
