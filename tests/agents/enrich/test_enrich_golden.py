"""Short texts with what must and must not be found in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from streams.records import EnrichedArticle, Mention

Read = Callable[..., EnrichedArticle]
_GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "reading"


def _texts() -> list[Any]:
    yaml = YAML(typ="safe", pure=True)
    return [
        pytest.param(entry, id=f"{path.stem}-{at}")
        for path in sorted(_GOLDEN.glob("*.yaml"))
        for at, entry in enumerate(yaml.load(path.read_text(encoding="utf-8")), 1)
    ]


def _is(mention: Mention, wanted: str) -> bool:
    kind, _, rest = wanted.partition(": ")
    surface, _, entity = rest.partition(" = ")
    return mention.kind == kind and mention.surface == surface and entity in ("", mention.entity)


@pytest.mark.parametrize("entry", _texts())
def test_a_text_gives_what_it_must_and_no_more(read: Read, entry: dict[str, Any]) -> None:
    mentions = read(entry["text"]).mentions
    assert all(entry["text"][m.start : m.end] == m.surface for m in mentions)
    found = [(m.kind, m.surface, m.entity) for m in mentions]
    missing = [wanted for wanted in entry.get("find", ()) if not any(_is(m, wanted) for m in mentions)]
    assert not missing, found
    assert not [surface for surface in entry.get("absent", ()) if any(m.surface == surface for m in mentions)], found
    for surface, times in entry.get("times", {}).items():
        assert len([m for m in mentions if m.surface == surface]) == times
