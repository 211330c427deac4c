"""Labels of alerts: one a person, the last word counts, and what they say of a watch."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOON, a_hit, an_enriched, poll_in

from agents.alert import actions
from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from streams import metrics
from streams.archive import alert_counts, alert_labels, alert_search, audit
from streams.archive.alert_labels import Tally
from streams.archive.engine import Archive
from streams.errors import ChangeRefused

WATCH = Watch(id="road", any=(TownCondition(town="Khanasser"),))


def alerts_in(archive: Archive, *names: str) -> list[str]:
    for hour, name in enumerate(names):
        at = NOON + timedelta(hours=hour)
        enriched = an_enriched(name, text=f"{name} {name} convoys left Khanasser for {name}.", first_seen=at)
        poll_in(archive, enriched.article)
        record_article(archive, enriched, [a_hit(enriched)], {"road": WATCH}, [], at)
    with archive.read() as connection:
        return [one.id for one in alert_search.search(connection, alert_search.Wanted(), 10)][::-1]


def test_the_last_word_of_each_person_counts_and_most_of_them_decide(archive: Archive) -> None:
    first, second, third = alerts_in(archive, "one", "two", "three")
    with archive.begin() as connection:
        for alert, who, verdict in (
            (first, "ana", "wrong"), (first, "ana", "right"), (second, "ana", "wrong"),
            (third, "ana", "right"), (third, "ben", "wrong"),
        ):  # fmt: skip
            actions.label(connection, alert, verdict, who, "", NOON)  # type: ignore[arg-type]
        assert alert_labels.tally(connection) == {"road": Tally(1, 2)}
        actions.label(connection, third, "right", "cleo", "seen it", NOON)
        assert alert_labels.tally(connection) == {"road": Tally(2, 1)}
        assert alert_labels.tally(connection)["road"].precision == pytest.approx(2 / 3)
        said = alert_labels.of_alert(connection, third)
        assert [(one.who, one.label, one.comment, one.watch) for one in said][-1] == (
            "cleo",
            "right",
            "seen it",
            "road",
        )
        count = alert_counts.by_watch(connection, ["road", "other"])
        assert (count["road"].alerts, count["road"].last) == (3, NOON + timedelta(hours=2))
        assert (count["road"].right, count["road"].wrong, count["other"].alerts) == (2, 1, 0)


def test_what_was_said_can_be_taken_back_and_stays_in_the_history(archive: Archive) -> None:
    (alert,) = alerts_in(archive, "one")
    with archive.begin() as connection:
        actions.label(connection, alert, "wrong", "ana", "", NOON)
        actions.take_back_label(connection, alert, "ana", NOON)
        assert alert_labels.tally(connection) == {}
        done = [one.action for one in audit.changes_of(connection, alert)]
        assert done == ["alert.label_wrong", "alert.take_back_label"]
        with pytest.raises(ChangeRefused, match="ana has not labelled"):
            actions.take_back_label(connection, alert, "ana", NOON)
        with pytest.raises(ChangeRefused, match="no alert has the id"):
            actions.label(connection, "nothing", "right", "ana", "", NOON)


def test_the_metric_shows_what_is_and_cannot_grow_without_bound() -> None:
    metrics.show_labels({"gone": (1, 0)})
    metrics.show_labels({f"watch{number:04}": (2, 1) for number in range(metrics.MOST_WATCH_LABELS + 20)})
    (family,) = metrics.ALERT_LABELS.collect()
    found = {(one.labels["watch"], one.labels["label"]): one.value for one in family.samples}
    assert len(found) == 2 * (metrics.MOST_WATCH_LABELS + 1)
    assert found["watch0000", "right"] == 2
    assert found[metrics.OTHER_WATCHES, "wrong"] == 20
    metrics.show_labels({})
    assert next(iter(metrics.ALERT_LABELS.collect())).samples == []
