"""What the programs that shake newswatch share: options after their plan, the seed said first, the faults last."""

from __future__ import annotations

import argparse
import sys
from typing import Any, Protocol


class Found(Protocol):
    """What a run found; its text says how it went."""

    faults: list[str]
    """Empty where all held."""


def options(description: str | None, plan: Any, *names: str) -> argparse.ArgumentParser:
    """A parser with an option for each of these fields of a plan, of its type and with its value as the default."""
    parser = argparse.ArgumentParser(description=description)
    for name in names:
        standing = getattr(plan, name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(standing), default=standing)
    return parser


def begin(plan: Any) -> None:
    """Say what is done, so that a run that fails can be repeated by its seed."""
    print(f"seed {plan.seed}, {plan}", file=sys.stderr, flush=True)


def end(found: Found) -> int:
    """Say what was found; the exit code, 1 where anything did not hold."""
    print(found)
    for fault in found.faults[:20]:
        print(f"FAULT: {fault}")
    return 1 if found.faults else 0
