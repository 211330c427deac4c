"""Running the tests that a pack carries: each text through the very code that reads articles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agents.enrich.enricher import Enricher
from agents.names.packs import Expected, Pack, read_pack_lines
from streams.records import Article, Mention

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEAR = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """What a test of a pack finds wrong, and where in the pack it stands."""

    location: tuple[int | str, ...]
    what: str


def check_pack(pack: Pack, enricher: Enricher) -> list[str]:
    """What the tests of a pack find wrong, one line each; empty if all hold."""
    return [f"{pack.pack}: test {int(one.location[1]) + 1}: {one.what}" for one in failures(pack, enricher)]


def check_pack_file(path: Path, enricher: Enricher) -> list[str]:
    """The same for a file, each line as `file:line: test n: what`; a pack without tests is a finding too.

    Raises ConfigInvalid where the file is no pack.
    """
    pack, line_of = read_pack_lines(path)
    if not pack.tests:
        return [f"{path}:{line_of(('pack',))}: no tests; add `tests:` with texts and what they must give"]
    return [
        f"{path}:{line_of(one.location)}: test {int(one.location[1]) + 1}: {one.what}"
        for one in failures(pack, enricher)
    ]


def failures(pack: Pack, enricher: Enricher) -> Iterator[Failure]:
    """What the tests of a pack find wrong, in the order of the file."""
    articles = [
        Article(f"{pack.pack}-{at}", 1, "", "", None, test.title, test.text, test.language, None, _EPOCH)
        for at, test in enumerate(pack.tests, 1)
    ]
    for at, (test, read) in enumerate(zip(pack.tests, enricher.enrich(articles), strict=True)):
        for number, expected in enumerate(test.expect):
            if not any(_same(mention, expected) for mention in read.mentions):
                yield Failure(("tests", at, "expect", number), _missing(expected, read.mentions))
        for number, surface in enumerate(test.absent):
            if any(mention.surface == surface for mention in read.mentions):
                yield Failure(("tests", at, "absent", number), f"{surface!r} was found and must not be")


def _missing(expected: Expected, mentions: tuple[Mention, ...]) -> str:
    near = [
        f"{m.kind} {m.surface!r} {m.entity or 'without an entity'}"
        + (f" by {', '.join(m.waypoints)}" if m.waypoints else "")
        for m in mentions
        if expected.surface in m.surface or m.surface in expected.surface
    ]
    wanted = ", ".join(expected.waypoints) or expected.entity or "any"
    found = f"; found {', '.join(near[:_NEAR])}" if near else ""
    return f"{expected.kind} {expected.surface!r} ({wanted}) was not found{found}"


def _same(mention: Mention, expected: Expected) -> bool:
    written = mention.surface.replace("’", "'")  # a pack may leave an English actor's article out
    return (
        expected.surface.replace("’", "'") in (written, written.removeprefix("the ").removeprefix("The "))
        and mention.kind == expected.kind
        and expected.entity in (None, mention.entity)
        and (not expected.waypoints or expected.waypoints == mention.waypoints)
    )
