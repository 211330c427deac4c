"""What is old is forgotten, and nothing that something else still rests on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from builders import NOON, a_hit, an_article, an_enriched, poll_in
from sqlalchemy import func, select, update

from agents.alert.timed import run_due
from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from agents.notify import notices
from agents.tell.rules import Rules
from newswatch.retention import DUTY, prune
from newswatch.settings import RetentionSettings
from streams.archive import deliveries, dialect, duty, pruning, roles
from streams.archive.dialect import Size
from streams.archive.engine import Archive
from streams.archive.metadata import metadata
from streams.archive.polls import FeedState, PollCommit, write_poll
from streams.archive.schema import alerts as alerts_table
from streams.archive.schema import articles as articles_table
from streams.records import Alert, DeadArticle

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WATCH = {"road": Watch(id="road", any=(TownCondition(town="Khanasser"),))}
NEVER = {"revisions_days": 0, "roles_days": 0}


def forget(archive: Archive, now: datetime, **kept: float) -> dict[str, int] | None:
    settings = RetentionSettings.model_validate({**NEVER, **kept})
    return prune(archive, settings, lambda: now, owner="here:1:a.1", rest_seconds=0)


def rows(archive: Archive, table: str) -> int:
    with archive.read() as connection:
        return connection.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one()


def left(archive: Archive) -> list[str]:
    with archive.read() as connection:
        return list(connection.execute(select(articles_table.c.title).order_by(articles_table.c.title)).scalars())


def finish(archive: Archive, name: str, *, hits: bool = False, age: int = 0) -> None:
    enriched = an_enriched(name, first_seen=NOON - age * DAY, published=NOON - age * DAY)
    found = [a_hit(enriched)] if hits else []
    record_article(archive, enriched, found, WATCH, ["desk"], NOON - age * DAY)


def test_old_articles_go_with_what_was_found_in_them_and_the_others_stay(archive: Archive) -> None:
    finish(archive, "old", age=40)
    finish(archive, "told", age=40, hits=True)
    finish(archive, "young", age=3)
    poll_in(archive, an_article("waiting", first_seen=NOON - 40 * DAY))
    assert forget(archive, NOON, articles_days=30) == {"articles": 1}
    assert left(archive) == ["Title of told", "Title of waiting", "Title of young"]
    assert rows(archive, "mentions") == 2
    assert rows(archive, "outbox") == 1
    assert forget(archive, NOON, articles_days=30) == {"articles": 0}
    assert forget(archive, NOON) == {}


def test_many_are_forgotten_in_steps_past_those_that_stay(archive: Archive) -> None:
    for number in range(pruning.STEP + 30):
        finish(archive, f"n{number:03}", age=50, hits=number < 5)
    steps: list[int] = []
    settings = RetentionSettings.model_validate({**NEVER, "articles_days": 30})
    prune(archive, settings, lambda: NOON, owner="a:1:b.1", rest_seconds=0, seen=lambda _what, more: steps.append(more))
    assert len(steps) == 2
    assert max(steps) <= pruning.STEP
    assert len(left(archive)) == 5


def test_an_alert_goes_when_it_is_over_and_nothing_is_owed(archive: Archive) -> None:
    finish(archive, "told", age=40, hits=True)
    assert forget(archive, NOON, alerts_days=30) == {"alerts": 0}
    run_due(archive, Rules(), NOON - 30 * DAY)
    assert forget(archive, NOON, alerts_days=30) == {"alerts": 0}  # its closing is still owed
    with archive.begin() as connection:
        deliveries.give_up(connection, "desk", "nobody listens")
    assert forget(archive, NOON, alerts_days=30, articles_days=30) == {"alerts": 1, "articles": 1}
    for table in ("alerts", "alert_revisions", "alert_articles", "deliveries", "articles", "mentions"):
        assert rows(archive, table) == 0, table


def test_notices_go_as_alerts_do_but_for_what_lasts(archive: Archive) -> None:
    def begun(name: str, watch: str, story: str) -> Alert:
        told = notices.notice(name, watch, (story, "Something"), "something is wrong", "see to it", "", NOON - 40 * DAY)
        with archive.begin() as connection:
            notices.tell(connection, told, ["desk"] if name == "owed" else [], "told", NOON - 40 * DAY)
        return told

    begun("exhausted", notices.EXHAUSTED_WATCH, "desk")
    begun("owed", notices.EXHAUSTED_WATCH, "mail")
    begun("feeds", notices.QUIET_WATCH, "")
    begun("silent", notices.QUIET_WATCH, "feed")
    away = begun("away", notices.OUTAGE_WATCH, "network")
    with archive.begin() as connection:
        notices.tell(connection, notices.over(away, "it is back", "", NOON - 39 * DAY), [], "told", NOON - 39 * DAY)
    begun("away now", notices.OUTAGE_WATCH, "network")
    assert forget(archive, NOON, alerts_days=41) == {"alerts": 0}
    assert forget(archive, NOON, alerts_days=30) == {"alerts": 3}
    with archive.read() as connection:
        assert set(connection.execute(select(alerts_table.c.id)).scalars()) == {"owed", "silent", "away now"}


def test_former_revisions_dead_articles_and_ended_roles_go_by_their_age(archive: Archive) -> None:
    state = FeedState("feed", "https://feed.example")
    for name in ("changed", "just-changed", "waits"):
        age = 1 if name == "just-changed" else 500
        finish(archive, name, age=600)
        with archive.begin() as connection:
            again = an_article(name, revision=2, first_seen=NOON - 600 * DAY)
            write_poll(connection, state, PollCommit(revisions=(again,)), NOON - age * DAY)
        if name != "waits":
            with archive.begin() as connection:
                connection.execute(
                    update(articles_table).where(articles_table.c.id == again.id).values(waiting=False, done_revision=2)
                )
    with archive.begin() as connection:
        for age in (10, 100):
            one = DeadArticle(f"d{age}", 1, "parse", "EmptyEntry", "eA==", NOON - age * DAY)
            write_poll(connection, state, PollCommit(dead=(one,)), NOON)
            roles.start(connection, "work", f"host:{age}", 1, "a:1", NOON - age * DAY)
    settings = RetentionSettings(dead_days=30, roles_days=30)
    taken = prune(archive, settings, lambda: NOON, owner="a:1:b.1", rest_seconds=0)
    assert taken == {"roles": 1, "revisions": 1, "dead": 1}
    assert [rows(archive, table) for table in ("roles", "revisions", "dead")] == [1, 2, 1]


def test_one_process_at_a_time_has_the_duty(archive: Archive) -> None:
    with archive.begin() as connection:
        assert duty.take(connection, DUTY, "elsewhere:7:a.1", NOON, 5 * MINUTE)
    assert forget(archive, NOON + MINUTE, articles_days=30) is None
    assert forget(archive, NOON + 6 * MINUTE, articles_days=30) == {"articles": 0}  # its lease has run out
    with archive.begin() as connection:
        assert duty.take(connection, DUTY, "elsewhere:7:a.1", NOON, DAY)  # who is done lays it down


def test_a_duty_taken_by_a_clock_that_is_ahead_holds_nobody_off(archive: Archive) -> None:
    with archive.begin() as connection:
        assert duty.take(connection, DUTY, "elsewhere:7:a.1", NOON + DAY, 5 * MINUTE)
        assert duty.take(connection, DUTY, "elsewhere:8:b.1", NOON, 5 * MINUTE)


def test_a_process_that_died_here_is_not_waited_for(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    with archive.begin() as connection:
        assert duty.take(connection, DUTY, "gone", NOON, DAY)
        assert not duty.take(connection, DUTY, "other", NOON, DAY)
        monkeypatch.setattr(duty, "has_died", lambda owner: owner == "gone")
        assert duty.take(connection, DUTY, "other", NOON, DAY)


def test_the_oldest_go_where_the_archive_is_too_large(sqlite_archive: Archive) -> None:
    for number in range(900):
        finish(sqlite_archive, f"n{number:03}", age=900 - number)
    with sqlite_archive.read() as connection:
        before = dialect.size(connection).bytes
    bound = before * 0.7
    taken = forget(sqlite_archive, NOON, gigabytes=bound / 1e9)
    assert taken is not None
    assert 200 <= taken["articles"] <= 600
    with sqlite_archive.read() as connection:
        assert dialect.size(connection).bytes <= bound
    assert left(sqlite_archive)[0] == f"Title of n{taken['articles']:03}"
    assert forget(sqlite_archive, NOON, gigabytes=bound / 1e9) == {}


def test_files_that_do_not_shrink_are_not_emptied(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL: what was deleted is room for what comes, and is asked for again only when that is used up."""
    for number in range(100):
        finish(archive, f"n{number:02}")
    size = 2_000_000
    monkeypatch.setattr(dialect, "size", lambda _connection: Size(size, shrinks=False))
    with archive.begin() as connection:
        assert pruning.articles_over(connection, 3_000_000, NOON) == 0
        first = pruning.articles_over(connection, 1_000_000, NOON)
        assert 50 < first <= 60
        assert pruning.articles_over(connection, 1_000_000, NOON) == 0
        size = 2_100_000
        assert pruning.articles_over(connection, 1_000_000, NOON) == 6  # a twentieth more
        assert pruning.articles_over(connection, 1_000_000, NOON) == 0
        size = 900_000
        assert pruning.articles_over(connection, 1_000_000, NOON) == 0


@pytest.mark.services
def test_the_size_of_a_database_is_asked_of_the_server(postgres_archive: Archive) -> None:
    with postgres_archive.read() as connection:
        found = dialect.size(connection)
    assert found.bytes > 5_000_000
    assert not found.shrinks
