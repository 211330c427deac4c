"""Running the tests that a pack carries: each text through the very code that reads articles."""

from __future__ import annotations

from datetime import UTC, datetime

from agents.enrich.enricher import Enricher
from agents.names.packs import Expected, Pack
from streams.records import Article, Mention

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_pack(pack: Pack, enricher: Enricher) -> list[str]:
    """What the tests of a pack find wrong, one line each; empty if all hold."""
    articles = [
        Article(f"{pack.pack}-{at}", 1, "", "", None, test.title, test.text, test.language, None, _EPOCH)
        for at, test in enumerate(pack.tests, 1)
    ]
    wrong: list[str] = []
    for at, (test, read) in enumerate(zip(pack.tests, enricher.enrich(articles), strict=True), 1):
        where = f"{pack.pack}: test {at}"
        for expected in test.expect:
            if not any(_same(mention, expected) for mention in read.mentions):
                near = [f"{m.kind} {m.surface!r} {m.entity}" for m in read.mentions if expected.surface in m.surface]
                wrong.append(
                    f"{where}: {expected.kind} {expected.surface!r} ({expected.entity or 'any'}) was not found"
                    + (f"; found {', '.join(near)}" if near else "")
                )
        for surface in test.absent:
            if any(mention.surface == surface for mention in read.mentions):
                wrong.append(f"{where}: {surface!r} was found and must not be")
    return wrong


def _same(mention: Mention, expected: Expected) -> bool:
    written = mention.surface.replace("’", "'")  # a pack may leave an English actor's article out
    return (
        expected.surface.replace("’", "'") in (written, written.removeprefix("the ").removeprefix("The "))
        and mention.kind == expected.kind
        and expected.entity in (None, mention.entity)
        and (not expected.waypoints or expected.waypoints == mention.waypoints)
    )
