"""One event told in three languages is one alert; what happens in the same town the next day is another."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOON, an_article
from ruamel.yaml import YAML

from agents.alert.kept import KeptStories
from agents.alert.transaction import record_article
from agents.enrich.enricher import Enricher
from agents.match.watch import Area, AreaCondition, Watch
from streams.archive.engine import Archive
from streams.records import EnrichedArticle, Evidence, Hit

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
WATCH = Watch(id="wide", any=(AreaCondition(area=Area(country="SY")),))


def hit_of(enriched: EnrichedArticle) -> Hit:
    one = enriched.mentions[0]
    proof = Evidence(one.field, one.start, one.end, one.surface, "is named")
    return Hit("wide", enriched.article.id, "any[0].area", ("area",), "is named", (proof,))


@pytest.mark.parametrize("file", ["events.yaml", "events_blind.yaml"])
def test_events_become_alerts(sqlite_archive: Archive, enricher: Enricher, file: str) -> None:
    events = YAML(typ="safe", pure=True).load((GOLDEN / file).read_text(encoding="utf-8"))["events"]
    stories = KeptStories()
    opened: list[str] = []
    joined = swallowed = copies = 0
    for number, event in enumerate(events):
        begins = NOON + timedelta(hours=number)  # all of them within one story's time of each other
        given = [(one, 3 * at, False) for at, one in enumerate(event["tellings"])]
        given += [(one, 24 + 3 * at, True) for at, one in enumerate(event["after"])]
        for at, (one, hours, is_new) in enumerate(given):
            now = begins + timedelta(hours=hours)
            name, outlet = f"{number} {at}", f"outlet{at}.example"
            article = an_article(
                name, title="", text=one["text"], language=one["language"], outlet=outlet, published=now, first_seen=now
            )
            (enriched,) = enricher.enrich([article])
            recorded = record_article(
                sqlite_archive, enriched, [hit_of(enriched)], {"wide": WATCH}, [], now, stories=stories
            )
            opened += [alert.id for alert in recorded.opened]
            swallowed += is_new and not recorded.opened
            joined += not is_new and at > 0 and not recorded.opened
            copies += not is_new and at > 0
    print(f"{joined} of {copies} further tellings joined, {swallowed} new events swallowed, {len(opened)} alerts")
    assert swallowed == 0
    assert joined >= 0.9 * copies
    assert len(opened) == len(set(opened)) == sum(1 + len(event["after"]) for event in events) + copies - joined
