"""Folding many names in one go, for the compiler: what `agents.names.key` gives name by name, much sooner."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agents.names.key import ARTICLES, fold

_MARK = "\U00013000"
"""Parts the names while they are folded together: a letter that folding leaves alone and that no name has."""
_SPACES = re.compile(" {2,}")


def apart(names: Sequence[str]) -> list[str]:
    """Each name as it stands in folded text, with every space that its punctuation leaves."""
    found = fold(_MARK.join(names)).text[1:-1].split(_MARK) if names else []
    if len(found) == len(names):
        return found
    return [fold(name).text[1:-1] for name in names]  # one of them does have it


def closed(folded: Sequence[str]) -> list[str]:
    """`agents.names.key.spelling` of the names that `apart` folded."""
    found = _SPACES.sub(" ", _MARK.join(folded)).split(_MARK) if folded else []
    return [one.strip() for one in (found if len(found) == len(folded) else map(_one_space, folded))]


def _one_space(text: str) -> str:
    return _SPACES.sub(" ", text)


def spellings(names: Sequence[str]) -> list[str]:
    """`agents.names.key.spelling` of each name."""
    return closed(apart(names))


def keys(plains: Iterable[str]) -> list[str]:
    """`agents.names.key.name_key` of the names that have these spellings."""
    return [_key(plain.lower()) for plain in plains]


def _key(lower: str) -> str:
    if " " not in lower:
        return lower[2:] if lower.startswith("ال") and len(lower) > 4 else lower
    words = lower.split(" ")
    kept = [word for word in words if word not in ARTICLES] or words
    return " ".join([word[2:] if word.startswith("ال") and len(word) > 4 else word for word in kept])
