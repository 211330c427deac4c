"""Articles in one transaction end as one by one, whatever they do to each other's stories, limits and groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from alert_batches import alert_agent, an_event, everything, process, statements
from builders import NOON, poll_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_world import read
from sqlalchemy import delete

from agents.alert.batch import together
from agents.alert.together import Matched
from agents.alert.transaction import Recorded
from agents.match.watch import Watch
from agents.tell.facts import Inhibition
from agents.tell.matchers import parse_matcher
from agents.tell.pace import Digest, EndpointPace, Group, Limit
from agents.tell.rules import EndpointRules, Recipients, Rules
from streams.archive.engine import Archive, open_archive
from streams.archive.metadata import metadata
from streams.records import EnrichedArticle, Hit, encode_enriched

WATCHES = [
    Watch.model_validate(one)
    for one in (
        {"id": "road", "any": [{"town": "Homs"}], "pace": {"limit": {"alerts": 2, "per": "day"}, "repeat_hours": 1.0}},
        {"id": "country", "any": [{"area": {"country": "SY"}}], "severity": "critical"},
        {"id": "twice", "any": [{"town": "Khanasser"}], "sources": 2, "severity_by_sources": {"critical": 3}},
    )
]
ENDPOINTS = {
    "plain": EndpointRules(),
    "limited": EndpointRules(EndpointPace(limit=Limit(alerts=3))),
    "digest": EndpointRules(EndpointPace(digest=Digest(every="hour"))),
    "grouped": EndpointRules(EndpointPace(group=Group(seconds=60.0), limit=Limit(alerts=5, per="minute"))),
}
WIDER = Inhibition((parse_matcher("scope=country"),), (parse_matcher("scope=place"),), ("country",), timedelta(hours=6))
RULES = {"paced": Rules(ENDPOINTS), "quieting": Rules({"plain": EndpointRules()}, (WIDER,))}
REST = " The road was shut for nine hours while soldiers looked for mines, the governor told reporters in his office."
TEXTS = [
    "Shelling struck the market of Homs on Monday and killed 14 farmers." + REST,
    "Late on Monday the ministry said: shelling struck the market of Homs on Monday and killed 14 farmers." + REST,
    "A convoy with flour reached Khanasser and then Homs after two days." + REST,
    "In Khanasser a school was opened again, with 31 pupils in three rooms.",
    "A market opened in Tripoli.",
]


def an_entry(name: int, revision: int, text: str, outlet: str, hours: int) -> EnrichedArticle:
    enriched = read(text, name=f"n{name}", title=f"Number {name}")
    at = NOON + timedelta(hours=hours)
    return replace(
        enriched,
        article=replace(enriched.article, revision=revision, outlet=outlet, published=at, first_seen=at),
        fingerprint="",
    )


entries = st.builds(
    an_entry,
    st.integers(0, 30),
    st.sampled_from([1, 1, 1, 1, 1, 1, 2]),
    st.sampled_from(TEXTS),
    st.sampled_from(["a.example", "b.example", "c.example", "d.example"]),
    st.sampled_from([0, 1, 1, 2, 100]),
)


@pytest.fixture(scope="module")
def memory() -> Iterator[Archive]:
    """An archive in memory, which only this thread has."""
    archive = open_archive("sqlite://")
    yield archive
    archive.close()


@pytest.mark.parametrize("rules", RULES)
@given(given_=st.lists(entries, min_size=4, max_size=14), at_once=st.sampled_from([4, 14]))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_it_ends_as_one_by_one(memory: Archive, rules: str, given_: list[EnrichedArticle], at_once: int) -> None:
    assert ended(memory, RULES[rules], given_, at_once) == ended(memory, RULES[rules], given_, 1)


def ended(
    archive: Archive, rules: Rules, given_: list[EnrichedArticle], at_once: int
) -> dict[str, list[tuple[object, ...]]]:
    with archive.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    polled = {one.article.id: one.article for one in reversed(given_) if one.article.title != "Number 7"}
    poll_in(archive, *polled.values())
    agent = alert_agent(archive, WATCHES, Recipients(tuple(rules.endpoints), rules))
    events = [an_event(encode_enriched(one)) for one in given_]
    for start in range(0, len(events), at_once):
        results = agent._process_in_order(events[start : start + at_once])
        assert all(isinstance(result, Recorded) for _, result in results)
    return everything(archive)


def test_many_that_hit_take_few_statements(sqlite_archive: Archive) -> None:
    few, many = (statements_of(sqlite_archive, name, count) for name, count in (("few", 3), ("many", 30)))
    assert len(many) <= len(few) + 2  # what is read by portions
    assert len(many) < 25


def statements_of(archive: Archive, name: str, count: int) -> list[str]:
    """Those of one batch that opens alerts and tells of them."""
    texts = [f"In Homs {name}{number} was seen by {number + 40} people." for number in range(count)]
    some = [replace(read(text, name=text), fingerprint=text) for text in texts]
    poll_in(archive, *(one.article for one in some))
    agent = alert_agent(archive, WATCHES[:2], Recipients(tuple(ENDPOINTS), RULES["paced"]))
    with statements() as said:
        process(agent, [encode_enriched(one) for one in some], count)
    assert sum(statement.startswith("BEGIN") for statement in said) == 1
    return said


def matched(name: str, *, hits: bool, revision: int = 1) -> Matched:
    enriched = read("Homs.", name=name)
    hit = Hit("road", enriched.article.id, "any[0].town", ("town",), "why", ())
    return Matched(
        replace(enriched, article=replace(enriched.article, revision=revision)), [(hit, WATCHES[0])] if hits else []
    )


def test_what_needs_more_holds_up_what_hits_and_nothing_else() -> None:
    quiet, hitting = matched("quiet", hits=False), matched("one", hits=True)
    assert together({0: hitting, 1: quiet, 2: matched("two", hits=True)}, (), 9) == [0, 1, 2]
    assert together(
        {0: hitting, 1: matched("late", hits=False, revision=2), 2: matched("two", hits=True), 3: quiet}, (), 9
    ) == [0, 3]
    assert together({0: hitting, 1: hitting, 2: matched("two", hits=True)}, (), 9) == [0]
    assert together({0: hitting, 1: matched("two", hits=True), 2: quiet}, {0}, 9) == [2]
    assert together({0: hitting, 1: matched("two", hits=True), 2: quiet}, (), 1) == [0, 2]
    assert together({3: quiet, 5: quiet}, (), 0) == [3]
