"""How topics should be, by how many brokers there are; and what is told of those that differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streams import topics
from streams.topic_plan import copies_on, differences, planned


@pytest.mark.parametrize(("brokers", "wanted", "copies"), [(1, 0, 1), (2, 0, 1), (3, 0, 3), (5, 0, 3), (3, 2, 2)])
def test_three_brokers_keep_three_copies(brokers: int, wanted: int, copies: int) -> None:
    assert copies_on(brokers, wanted) == copies


def test_a_record_of_three_copies_counts_once_two_have_it() -> None:
    assert planned(topics.ARTICLES, 4, 3, 168).settings["min.insync.replicas"] == "2"
    assert planned(topics.ARTICLES, 4, 1, 168).settings["min.insync.replicas"] == "1"


def test_articles_stay_as_long_as_the_settings_say_and_the_newest_of_each_alert_for_long() -> None:
    assert planned(topics.ARTICLES, 4, 1, 24).settings["retention.ms"] == str(24 * 3_600_000)
    alerts = planned(topics.ALERTS, 4, 1, 24).settings
    assert alerts["cleanup.policy"] == "compact,delete"
    assert alerts["min.compaction.lag.ms"] == str(24 * 3_600_000)
    assert int(alerts["retention.ms"]) > 24 * 3_600_000


def test_every_difference_is_one_line_with_what_to_do() -> None:
    wanted = planned(topics.ARTICLES, 4, 3, 168)
    assert differences("articles", wanted, wanted) == []
    assert differences("articles", wanted, None) == ["articles: is missing: make it with `newswatch topics create`"]
    found = replace(wanted, partitions=2, copies=1, settings={**wanted.settings, "retention.ms": "1000"})
    assert differences("articles", wanted, found) == [
        "articles: has 2 partitions instead of 4: add some with Kafka's own tools",
        "articles: has 1 copies instead of 3: reassign them with Kafka's tools",
        "articles: retention.ms is 1000 instead of 604800000: alter it with Kafka's own tools",
    ]
    more = replace(wanted, partitions=8)
    assert differences("articles", wanted, more) == ["articles: has 8 partitions instead of 4: set kafka.partitions"]


def test_the_order_of_policies_and_what_a_broker_does_not_tell_are_no_difference() -> None:
    wanted = planned(topics.ALERTS, 4, 1, 168)
    assert differences("alerts", wanted, replace(wanted, settings={"cleanup.policy": "delete,compact"})) == []
