"""The cache folder: what killed processes, older packs and older versions left in it is cleared away."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

KEPT_BOOKS = 12
"""Compiled packs that are kept at least: several settings may use one cache."""
KEPT_GAZETTEERS = 3
"""Compiled gazetteers that are kept at least, those lately opened: of other imports, or of another newswatch."""
KEPT_EXPRESSIONS = 4
"""Compiled expressions of models that are kept at least."""
LEFT_SECONDS = 24 * 3600.0
"""Nothing younger is touched, since another process may be writing it."""


def clear_leftovers(cache: Path) -> None:
    """Remove unfinished files of processes that were killed, and the least lately used of what is compiled."""
    old = time.time() - LEFT_SECONDS
    books = sorted(cache.glob("book-*.pickle"), key=_made, reverse=True)
    left = [path for path in books[KEPT_BOOKS:] if _made(path) < old]
    left += [path for path in cache.glob("book-*") if not path.suffix and _made(path) < old]
    expressions = sorted(cache.glob("expression-*.code"), key=_made, reverse=True)
    left += [path for path in expressions[KEPT_EXPRESSIONS:] if _made(path) < old]
    left += [path for path in cache.glob("expression-*") if not path.suffix and _made(path) < old]
    left += [path for path in cache.glob("imports/new-*") if _made(path) < old]
    whole = sorted(cache.glob("gazetteer-*/meta.json"), key=_made, reverse=True)
    left += [meta.parent for meta in whole[KEPT_GAZETTEERS:] if _made(meta) < old]
    left += [path for path in cache.glob("gazetteer-*") if not (path / "meta.json").exists() and _made(path) < old]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def _made(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()
