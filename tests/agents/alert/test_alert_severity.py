"""An alert becomes more severe as more independent outlets tell it, and that is told to whoever sees to it too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOON, a_hit, a_mention, an_enriched
from pydantic import ValidationError

from agents.alert import actions
from agents.alert.transaction import Recorded, record_article
from agents.match.watch import SeverityBySources, TownCondition, Watch
from streams.archive import held
from streams.archive.engine import Archive
from streams.records import EnrichedArticle

STEPS = SeverityBySources(warning=2, critical=3)
ROAD = Watch(id="road", any=(TownCondition(town="Khanasser"),), severity="info", severity_by_sources=STEPS)
TEXTS = (
    "At dawn shells fell on the grain market of Khanasser and killed 14 farmers, the health office said. Another 31 "
    "were brought to Athriya. The market stays shut until its roofs have been looked at by engineers of the province.",
    "Fourteen people are dead and 31 hurt after the market of Khanasser was hit, doctors in Athriya told reporters "
    "who reached them by telephone. Most of them had come with their harvest, and nobody had warned them that morning.",
    "Witnesses counted 14 bodies in Khanasser when the smoke had gone, and ambulances took 31 others away towards "
    "Athriya. Traders said that the square was full, since it was the first market after the rain of last week.",
)


def telling(number: int, **changes: object) -> EnrichedArticle:
    """What one outlet tells of the event, in words of its own."""
    at = {"published": NOON + timedelta(hours=number), "first_seen": NOON + timedelta(hours=number)}
    article = {"text": TEXTS[number], "outlet": f"outlet{number}.example", **at, **changes}
    enriched = an_enriched(f"telling {number}", fingerprint=f"words {number}", **article)
    text = enriched.article.text
    return replace(enriched, mentions=(a_mention("Khanasser", text), a_mention("Athriya", text)))


def record(archive: Archive, enriched: EnrichedArticle, watch: Watch = ROAD) -> Recorded:
    now = enriched.article.first_seen
    return record_article(archive, enriched, [a_hit(enriched)], {"road": watch}, ["desk"], now)


def test_each_further_outlet_may_raise_it_and_a_copy_does_not(archive: Archive) -> None:
    (opened,) = record(archive, telling(0)).opened
    assert opened.severity == "info"
    copy = telling(0, outlet="copies.example")
    copy = replace(copy, article=replace(copy.article, id="copy"))
    assert record(archive, copy).joined == ("same_words",)
    (second,) = record(archive, telling(1)).changed
    assert second.severity == "warning"
    assert second.changes == ("a second independent source: outlet1.example", "severity up: info to warning")
    (third,) = record(archive, telling(2)).changed
    assert (third.severity, third.revision) == ("critical", 3)


def test_whoever_sees_to_it_hears_that_it_is_more_severe_and_not_of_a_mere_further_source(archive: Archive) -> None:
    plain = ROAD.model_copy(update={"severity_by_sources": SeverityBySources(critical=3)})
    (opened,) = record(archive, telling(0), plain).opened
    with archive.begin() as connection:
        actions.acknowledge(connection, opened.id, "ana", "", NOON)
    record(archive, telling(1), plain)
    record(archive, telling(2), plain)
    with archive.read() as connection:
        told = [(one.why, one.state, one.reason) for one in held.why(connection, opened.id)]
    assert told == [
        ("opened", "pending", "sent"),
        ("new_source", "suppressed", "acknowledged"),
        ("severity_up", "pending", "sent"),
    ]


def test_an_outlet_that_withdraws_it_does_not_make_it_less_severe(archive: Archive) -> None:
    record(archive, telling(0))
    record(archive, telling(1))
    gone = telling(1, revision=2, first_seen=NOON + timedelta(hours=3))
    recorded = record_article(archive, gone, [], {"road": ROAD}, ["desk"], gone.article.first_seen)
    (corrected,) = recorded.changed
    assert (corrected.status, corrected.severity) == ("corrected", "warning")


def test_an_alert_that_waited_for_sources_opens_as_severe_as_they_make_it(archive: Archive) -> None:
    waits = ROAD.model_copy(update={"sources": 2})
    assert record(archive, telling(0), waits).joined == ("waiting_for_sources",)
    (opened,) = record(archive, telling(1), waits).opened
    assert opened.severity == "warning"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"severity": "warning", "severity_by_sources": {"warning": 2}}, "is warning from its first source on"),
        ({"severity": "critical", "severity_by_sources": {"critical": 4}}, "is critical from its first source on"),
        ({"severity": "critical", "severity_by_sources": {"warning": 4}}, "so warning says nothing here"),
        ({"severity": "info", "severity_by_sources": {"warning": 3, "critical": 3}}, "leaves no room for warning"),
        ({"severity_by_sources": {}}, "this says nothing"),
        ({"severity_by_sources": {"critical": 1}}, "greater than or equal to 2"),
        ({"severity_by_sources": {"info": 3}}, "Extra inputs"),
    ],
)
def test_what_makes_no_sense_is_said(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Watch.model_validate({"id": "road", "any": [{"town": "Khanasser"}], **given})
