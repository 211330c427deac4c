"""One transaction an article; twice equals once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOON, a_hit, an_article, an_enriched, poll_in
from sqlalchemy import func, select

from agents.alert import transaction
from agents.alert.timed import run_due
from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from agents.tell.rules import Rules
from streams.archive import alerts, articles
from streams.archive.engine import Archive
from streams.archive.schema import alert_revisions, deliveries
from streams.records import EnrichedArticle, decode_alert

ROAD = Watch(id="road", name="The road", any=(TownCondition(town="Khanasser"),), severity="critical", notify=("ops",))
TOWN = Watch(id="town", any=(TownCondition(town="Khanasser"),))
WATCHES = {watch.id: watch for watch in (ROAD, TOWN)}


def record(archive: Archive, enriched: EnrichedArticle, *watches: str) -> transaction.Recorded:
    hits = [a_hit(enriched, watch) for watch in watches]
    return record_article(archive, enriched, hits, WATCHES, ["console", "desk"], NOON + timedelta(seconds=5))


def owed(archive: Archive) -> list[tuple[str, str]]:
    with archive.read() as connection:
        chosen = select(deliveries.c.alert, deliveries.c.endpoint).order_by(deliveries.c.endpoint)
        return [tuple(row) for row in connection.execute(chosen)]


def test_a_hit_opens_an_alert_with_its_proof_and_owes_it_to_the_right_endpoints(archive: Archive) -> None:
    poll_in(archive, an_article())
    recorded = record(archive, an_enriched(), "road", "town")
    road, town = recorded.opened
    assert (road.watch_name, road.severity, road.quote) == ("The road", "critical", "A convoy left Khanasser.")
    assert (town.watch_name, town.severity) == ("town", "warning")
    assert owed(archive) == [(town.id, "console"), (town.id, "desk"), (road.id, "ops")]
    with archive.read() as connection:
        assert {alert.id for alert in alerts.recent_alerts(connection, 10)} == {road.id, town.id}
        assert articles.waiting(connection).articles == 0
        assert articles.mention_names(connection, an_article().id) == [("place", "Khanasser")]


def test_an_endpoint_that_a_watch_names_twice_is_owed_once(archive: Archive) -> None:
    twice = ROAD.model_copy(update={"notify": ("ops", "desk", "ops")})
    enriched = an_enriched()
    record_article(archive, enriched, [a_hit(enriched)], {"road": twice}, [], NOON)
    assert [endpoint for _, endpoint in owed(archive)] == ["desk", "ops"]


def test_the_same_revision_again_changes_nothing(archive: Archive) -> None:
    record(archive, an_enriched(), "road")
    again = record(archive, an_enriched(), "road")
    assert again == transaction.Recorded("again")
    assert len(owed(archive)) == 1


def test_a_revision_and_a_copy_join_the_alert_and_tell_nobody(archive: Archive) -> None:
    record(archive, an_enriched(fingerprint="words"), "road")
    revision = record(archive, an_enriched(revision=2, fingerprint="changed"), "road")
    copy = record(archive, an_enriched("copy", fingerprint="words"), "road")
    assert (revision.opened, revision.joined) == ((), ("same_article",))
    assert (copy.opened, copy.joined) == ((), ("same_words",))
    assert len(owed(archive)) == 1


def test_an_older_revision_that_comes_late_is_known(archive: Archive) -> None:
    record(archive, an_enriched(revision=2), "road")
    assert record(archive, an_enriched(revision=1), "road").outcome == "again"


def test_an_article_no_poller_here_has_seen_is_kept_too(archive: Archive) -> None:
    record(archive, an_enriched("foreign"))
    with archive.read() as connection:
        assert articles.counts(connection).done == 1


def test_a_failure_half_way_leaves_nothing_behind(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    poll_in(archive, an_article())

    def broken(*_: object) -> None:
        raise RuntimeError("disk gone")

    with monkeypatch.context() as patched:
        patched.setattr(articles, "mark_done", broken)
        with pytest.raises(RuntimeError, match="disk gone"):
            record(archive, an_enriched(), "road")
    assert owed(archive) == []
    with archive.read() as connection:
        assert articles.waiting(connection).articles == 1
        assert connection.execute(select(func.count()).select_from(deliveries)).scalar_one() == 0
    assert len(record(archive, an_enriched(), "road").opened) == 1


QUIET = "Nothing at all happened on that day, the office said."


def told(archive: Archive) -> list[tuple[int, str, tuple[str, ...]]]:
    with archive.read() as connection:
        rows = connection.execute(select(alert_revisions.c.record).order_by(alert_revisions.c.revision))
        records = [decode_alert(record) for (record,) in rows]
    return [(one.revision, one.status, one.changes) for one in records]


def test_a_revision_without_the_evidence_retracts_and_tells_those_who_were_told(archive: Archive) -> None:
    record(archive, an_enriched(), "road")
    gone = record(archive, an_enriched(revision=2, text=QUIET))
    assert gone.joined == ("retracted",)
    assert told(archive)[1:] == [(2, "retracted", ("no longer told: outlet.example",))]
    assert [endpoint for _, endpoint in owed(archive)] == ["ops", "ops"]
    back = record(archive, an_enriched(revision=3), "road")
    assert back.changed[0].changes == ("told again: outlet.example",)
    assert record(archive, an_enriched(revision=3), "road").outcome == "again"


def test_another_outlet_updates_and_when_the_first_withdraws_it_the_alert_shows_the_other(archive: Archive) -> None:
    record(archive, an_enriched(fingerprint="words"), "road")
    copy = an_enriched("copy", fingerprint="words", outlet="other.example")
    assert record(archive, copy, "road").joined == ("same_words",)
    gone = record(archive, an_enriched(revision=2, text=QUIET))
    (alert,) = gone.changed
    assert (alert.status, alert.article, alert.outlet) == ("corrected", copy.article.id, "other.example")
    assert alert.sources[0].copied_from is None


def test_a_changed_sentence_is_a_correction(archive: Archive) -> None:
    record(archive, an_enriched(), "road")
    changed = an_enriched(revision=2, text="No convoy left Khanasser. It was seen near Athriya later.")
    (alert,) = record(archive, changed, "road").changed
    assert (alert.status, alert.quote) == ("corrected", "No convoy left Khanasser.")


def test_a_watch_taken_away_retracts_nothing(archive: Archive) -> None:
    record(archive, an_enriched(), "road")
    later = an_enriched(revision=2, text=QUIET)
    assert record_article(archive, later, [], {}, [], NOON, lambda _: False).joined == ()
    assert len(told(archive)) == 1


def test_an_alert_waits_for_as_many_independent_outlets_as_its_watch_asks_for(archive: Archive) -> None:
    two = {"road": ROAD.model_copy(update={"sources": 2})}
    first = an_enriched(fingerprint="words")
    copy = an_enriched("copy", fingerprint="words", outlet="other.example")
    for enriched in (first, copy):
        result = record_article(archive, enriched, [a_hit(enriched)], two, [], NOON)
        assert (result.opened, result.joined) == ((), ("waiting_for_sources",))
    assert owed(archive) == []
    with archive.read() as connection:
        assert alerts.recent_alerts(connection, 10) == []


def test_an_alert_closes_after_its_quiet_time_once(archive: Archive) -> None:
    record(archive, an_enriched(), "road")
    assert run_due(archive, Rules(), NOON + timedelta(hours=71)).closed == []
    (alert,) = run_due(archive, Rules(), NOON + timedelta(hours=73)).closed
    assert (alert.status, alert.revision) == ("closed", 2)
    assert run_due(archive, Rules(), NOON + timedelta(hours=200)).closed == []
    assert [endpoint for _, endpoint in owed(archive)] == ["ops", "ops"]
