"""Matchers over the labels of alerts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import NOON, a_hit, an_enriched
from hypothesis import given
from hypothesis import strategies as st

from agents.alert import lifecycle
from agents.match.watch import TownCondition, Watch
from agents.tell.labels import LABELS, labels_of
from agents.tell.matchers import Matcher, NoMatcher, match_all, parse_matcher
from agents.tell.theatre import theatre_of, theatres
from streams.records import Alert, AlertPlace, AlertSource


def an_alert() -> Alert:
    enriched = an_enriched(outlet="en.sana.sy")
    watch = Watch(id="road-1", any=(TownCondition(town="Khanasser"),))
    alone = lifecycle.alone(watch, a_hit(enriched, "road-1"), enriched, "story", "alert", NOON)
    places = (AlertPlace("Tall Rif'at", 36.4, 37.1, "SY", 0.9), AlertPlace("Tripoli", 34.4, 35.8, "LB", 0.9))
    return replace(alone, places=places, actors=("Hezbollah",))


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("watch=road-1", True),
        ("watch!=road-1", False),
        ("watch=~road-.*", True),
        ("watch=~road", False),
        ("severity!~info|critical", True),
        ("owner=desk", True),
        ("country=LB", True),
        ("country!=LB", False),
        ('place="tall rifaat"', False),
        ('place = "TALL RIF AT"', True),
        ("place=tripoli", True),
        ("actor=hezbollah", True),
        ("outlet=sana.sy", True),
        ("outlet=ana.sy", False),
        ("language=en", True),
        ("kind=route", True),
        ("scope=place", True),
        ("scope!=country", True),
    ],
)
def test_a_matcher_reads_its_label(text: str, met: bool) -> None:
    labels = labels_of(an_alert(), owner="desk", scope="place")
    assert tuple(labels) == LABELS
    assert parse_matcher(text).matches(labels) is met


def test_a_silence_of_one_outlet_leaves_what_another_tells_too() -> None:
    alert = an_alert()
    matcher = parse_matcher("outlet=sana.sy")
    assert matcher.matches(labels_of(alert))
    other = AlertSource("other.example", "a", None, "t")
    assert not matcher.matches(labels_of(replace(alert, sources=(*alert.sources, other))))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("country", "is no matcher"),
        ("contry=SY", 'did you mean "country"'),
        ("colour=red", "the labels are watch, severity"),
        ("country=", "has no value"),
        ('watch=~"("', "no regular expression"),
        ("=x", "is no matcher"),
    ],
)
def test_what_is_no_matcher_is_told(text: str, says: str) -> None:
    with pytest.raises(NoMatcher, match=says.replace("(", r"\(")):
        parse_matcher(text)


@given(st.sampled_from(LABELS), st.sampled_from(["=", "!="]), st.text(min_size=1, max_size=40))
def test_a_matcher_is_read_back_as_it_was_written(label: str, operator: str, value: str) -> None:
    matcher = Matcher(label, operator, value)  # type: ignore[arg-type]
    assert parse_matcher(str(matcher)) == matcher


def test_no_matchers_meet_nothing() -> None:
    assert not match_all((), labels_of(an_alert()))


def test_a_theatre_is_the_pack_that_names_the_country() -> None:
    known = theatres()
    assert (known["SY"], known["SD"], "NO" in known) == ("syria", "africa", False)
    assert theatre_of(an_alert(), "theatre", known) == "syria"
    assert theatre_of(an_alert(), "country", known) == "SY"
    assert theatre_of(replace(an_alert(), places=()), "theatre", known) == ""
    norway = AlertPlace("Oslo", 59.9, 10.7, "NO", 0.9)
    assert theatre_of(replace(an_alert(), places=(norway,)), "theatre", known) == "NO"
