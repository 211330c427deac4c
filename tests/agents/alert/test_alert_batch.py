"""A batch of the alert agent ends as its articles one by one, whatever is among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from alert_batches import alert_agent, everything, process
from builders import NOON, poll_in
from small_world import read
from sqlalchemy import insert, select

from agents.match.watch import Watch
from agents.tell.rules import Recipients
from streams.archive import articles
from streams.archive.engine import Archive, open_archive
from streams.archive.schema import articles as table
from streams.archive.schema import dead
from streams.records import EnrichedArticle, encode_enriched

WATCH = {"id": "road", "any": [{"town": "Homs"}]}


def unmatched(name: str, text: str = "A market opened in Hama.") -> EnrichedArticle:
    return read(f"{text} Number {name}.", name=name, title="The market\0of Hama")


def revised(name: str, revision: int, text: str = "A market opened in Hama.") -> EnrichedArticle:
    enriched = unmatched(name, text)
    return replace(enriched, article=replace(enriched.article, revision=revision))


def given() -> list[EnrichedArticle]:
    """What hits a watch among what does not; revisions in and out of order, copies, one that nobody polled."""
    quiet = [unmatched(f"q{number:02}") for number in range(20)]
    hits = [unmatched(f"h{number}", "A convoy left for Homs.") for number in range(3)]
    return [
        *quiet[:10],
        hits[0],
        revised("late", 2),
        revised("late", 1),
        quiet[3],
        *quiet[10:],
        hits[1],
        revised("early", 1),
        revised("early", 2, "A convoy left for Homs."),
        unmatched("foreign"),
        unmatched("failed"),
        unmatched("failed"),
        hits[2],
        revised("back", 1, "A convoy left for Homs."),
        revised("back", 2),
    ]


def processed(archive: Archive, records: Sequence[bytes], at_once: int) -> Archive:
    polled = {one.article.id: one.article for one in given() if one.article.id != unmatched("foreign").article.id}
    poll_in(archive, *polled.values())
    with archive.begin() as connection:
        failed = unmatched("failed").article.id
        row = {"article": failed, "revision": 1, "step": "alert", "error": "once", "raw": "", "at": NOON}
        connection.execute(insert(dead), [row])
    process(alert_agent(archive, [Watch.model_validate(WATCH)], Recipients(("desk",))), records, at_once)
    return archive


def test_it_ends_as_one_by_one(archive: Archive, tmp_path: Path) -> None:
    records = [encode_enriched(one) for one in given()]
    alone = processed(open_archive(f"sqlite:///{tmp_path / 'alone.sqlite'}"), records, 1)
    together = everything(processed(archive, records, len(records)))
    assert together == everything(alone)
    assert len(together["alerts"]) == 5
    assert together["dead"] == []
    with archive.read() as connection:
        assert articles.waiting(connection).articles == 0
    alone.close()


def test_one_that_cannot_be_kept_takes_no_other_down(archive: Archive) -> None:
    good = [encode_enriched(unmatched(f"q{number:02}")) for number in range(5)]
    late = unmatched("late")
    bad = encode_enriched(replace(late, mentions=(replace(late.mentions[0], start=2**70),)))  # no column holds it
    processed(archive, [*good[:2], bad, *good[2:], b"no record"], 7)
    with archive.read() as connection:
        done = set(connection.execute(select(table.c.id).where(table.c.done_revision > 0)).scalars())
        kept = connection.execute(select(dead.c.article, dead.c.error).order_by(dead.c.error)).all()
    assert done == {unmatched(f"q{number:02}").article.id for number in range(5)}
    assert [(row.article, row.error.split(":")[0]) for row in kept if row.error != "once"] == [
        (late.article.id, "AlertingFailed"),
        ("key", "MalformedRecord"),
    ]
