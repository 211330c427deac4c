"""Great regular expressions kept compiled in the cache folder: spaCy's French tokeniser is one of 1.4 million letters.

The standard library takes a fifth of a worker's start to compile it. What it made of it is kept in a file, named by
the expression and by the version of Python, and given to the standard library's matcher again, which checks it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

GREAT = 100_000
"""Letters from which an expression is kept."""


@contextmanager
def kept_compiled(cache: Path | None) -> Iterator[None]:
    """Within it, great expressions are taken from the folder, or left there; where this Python cannot, nothing."""
    compiler: Any = getattr(re, "_compiler", None)
    make, encode = getattr(compiler, "compile", None), getattr(compiler, "_code", None)
    if cache is None or make is None or encode is None:
        yield
        return
    encoded: list[list[int]] = []

    def encoding(*given: Any) -> list[int]:
        code: list[int] = encode(*given)
        encoded.append(code)
        return code

    def compiled(pattern: Any, flags: int = 0) -> Any:
        if not isinstance(pattern, str) or len(pattern) < GREAT:
            return make(pattern, flags)
        file = cache / f"expression-{_digest(pattern, int(flags))}.code"
        # a file that is missing, cut short or not what the matcher takes: compile
        with contextlib.suppress(OSError, ValueError, TypeError, RuntimeError):
            return _matcher(compiler, pattern, file.read_bytes())
        encoded.clear()
        made = make(pattern, flags)
        if encoded:
            _keep(file, made, encoded[-1])
        return made

    compiler.compile, compiler._code = compiled, encoding
    try:
        yield
    finally:
        compiler.compile, compiler._code = make, encode


def _digest(pattern: str, flags: int) -> str:
    made_by = f"{sys.version} {sys.byteorder} {flags} "
    return hashlib.sha256(made_by.encode() + pattern.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _matcher(compiler: Any, pattern: str, kept: bytes) -> Any:
    head, _, code = kept.partition(b"\n")
    flags, groups, named = json.loads(head)
    names = [None] * (groups + 1)
    for name, number in named.items():
        names[number] = name
    return compiler._sre.compile(pattern, flags, array("I", code).tolist(), groups, named, tuple(names))


def _keep(file: Path, made: re.Pattern[str], code: list[int]) -> None:
    """Write it beside and move it, as several processes may do so at once; where that cannot be done, nothing."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix="expression-", dir=file.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(json.dumps([made.flags, made.groups, dict(made.groupindex)]).encode() + b"\n")
            out.write(array("I", code).tobytes())
        os.replace(temporary, file)  # noqa: PTH105 - atomic
