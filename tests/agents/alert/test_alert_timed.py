"""What is due by the clock: closing times, digests, groups, limits, repeats; by several at once as by one."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import NOON, a_hit, an_enriched
from sqlalchemy import func, select

from agents.alert import actions
from agents.alert.timed import run_due
from agents.alert.transaction import Recorded, record_article
from agents.match.watch import Area, AreaCondition, TownCondition, Watch
from agents.tell.facts import Inhibition
from agents.tell.matchers import parse_matcher
from agents.tell.pace import Digest, EndpointPace, Group, Limit, MuteWindow, Pace
from agents.tell.rules import EndpointRules, Rules
from streams.archive import alert_lives, deliveries, held
from streams.archive.engine import Archive
from streams.archive.schema import alert_revisions
from streams.archive.schema import deliveries as table
from streams.records import Alert

ROAD = Watch(id="road", any=(TownCondition(town="Khanasser"),))
SYRIA = Watch(id="syria", any=(AreaCondition(area=Area(country="SY")),))
WORDS = ("grain", "snow", "pump", "bread", "beds", "salt", "wool", "sheep", "figs", "books", "tiles", "rope", "lamps")


def tell(
    archive: Archive, number: int, rules: Rules, now: datetime = NOON, *watches: Watch, revision: int = 1
) -> Recorded:
    """An article of a story of its own."""
    word = WORDS[number % len(WORDS)] * (1 + number // len(WORDS))
    text = f"Khanasser {word} {revision} {word}{number}."
    times = {"published": now, "first_seen": now}
    enriched = an_enriched(f"story {number}", revision=revision, text=text, title=f"{word} {number}", **times)
    chosen = watches or (ROAD,)
    kinds = {"syria": ("area",)}
    hits = [replace(a_hit(enriched, one.id), kinds=kinds.get(one.id, ("town",))) for one in chosen]  # type: ignore[arg-type]
    watched = {one.id: one for one in chosen}
    return record_article(archive, enriched, hits, watched, list(rules.endpoints), now, rules=rules)


def states(archive: Archive, endpoint: str = "desk") -> Counter[tuple[str, str]]:
    with archive.read() as connection:
        rows = connection.execute(select(table.c.state, table.c.reason).where(table.c.endpoint == endpoint))
        return Counter((row.state, row.reason) for row in rows)


def told(archive: Archive, now: datetime, endpoint: str = "desk") -> list[list[Alert]]:
    """What arrives at an endpoint now: the alerts of each delivery."""
    with archive.begin() as connection:
        ids = deliveries.look(connection, {endpoint: 100}, now)
        due = deliveries.take(connection, ids, now, {endpoint: timedelta(minutes=1)})
        deliveries.settle(connection, [deliveries.Outcome(one.id, "delivered", now) for one in due])
    return [[one.alert, *one.others] for one in due]


def rules(pace: EndpointPace | None = None, **changes: object) -> Rules:
    plain = Rules({"desk": EndpointRules(pace or EndpointPace())})
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_an_alert_closes_when_its_watch_or_the_settings_say(archive: Archive) -> None:
    short = ROAD.model_copy(update={"close_after_hours": 5.0})
    both = rules(close_after=timedelta(hours=30))
    tell(archive, 1, both, NOON, short)
    tell(archive, 2, both, NOON, SYRIA)
    assert run_due(archive, both, NOON + timedelta(hours=4)).closed == []
    assert [one.watch for one in run_due(archive, both, NOON + timedelta(hours=6)).closed] == ["road"]
    assert [one.watch for one in run_due(archive, both, NOON + timedelta(hours=31)).closed] == ["syria"]


def test_what_is_over_the_limit_is_told_in_one_when_the_hour_ends(archive: Archive) -> None:
    few = rules(EndpointPace(limit=Limit(alerts=3, per="hour")))
    for number in range(8):
        tell(archive, number, few, NOON + timedelta(minutes=number))
    assert states(archive) == {("pending", "sent"): 3, ("held", "limited"): 5}
    later = NOON + timedelta(minutes=59)
    assert run_due(archive, few, later).notices == []
    assert [len(one) for one in told(archive, later)] == [1, 1, 1]
    end = NOON + timedelta(hours=1)
    assert run_due(archive, few, end).notices == ["released"] * 5
    assert [len(one) for one in told(archive, end)] == [5]
    tell(archive, 9, few, end)
    assert states(archive)["pending", "sent"] == 1


def test_a_watch_has_its_own_limit_to_each_endpoint(archive: Archive) -> None:
    busy = ROAD.model_copy(update={"pace": Pace(limit=Limit(alerts=1, per="day"))})
    for number in range(3):
        tell(archive, number, rules(), NOON, busy, SYRIA)
    assert states(archive) == {("pending", "sent"): 4, ("held", "limited"): 2}


def test_alerts_of_one_theatre_go_out_as_one(archive: Archive) -> None:
    groups = rules(EndpointPace(group=Group(seconds=60)), theatres={"SY": "syria"})
    tell(archive, 1, groups, NOON)
    tell(archive, 2, groups, NOON + timedelta(seconds=50))
    with archive.read() as connection:
        waiting = connection.execute(select(table.c.together, table.c.due_at)).tuples().all()
    assert waiting == [("grouped syria", NOON + timedelta(seconds=60))] * 2
    run_due(archive, groups, NOON + timedelta(seconds=61))
    assert [len(one) for one in told(archive, NOON + timedelta(seconds=61))] == [2]


def test_what_comes_while_muted_is_told_in_the_morning_but_the_severest_at_once(archive: Archive) -> None:
    nights = rules(EndpointPace(mute=(MuteWindow(start="10:00", end="20:00"),), at_once=("critical",)))
    tell(archive, 1, nights)
    tell(archive, 2, nights, NOON, ROAD.model_copy(update={"severity": "critical"}))
    assert states(archive) == {("held", "muted"): 1, ("pending", "sent"): 1}
    assert run_due(archive, nights, NOON + timedelta(hours=7)).notices == []
    assert run_due(archive, nights, NOON + timedelta(hours=8)).notices == ["released"]


def test_a_digest_in_a_mute_time_waits_for_its_end(archive: Archive) -> None:
    quiet = rules(EndpointPace(digest=Digest(every="hour"), mute=(MuteWindow(start="12:30", end="15:00"),)))
    tell(archive, 1, quiet)
    assert run_due(archive, quiet, NOON + timedelta(hours=1)).notices == []
    assert run_due(archive, quiet, NOON + timedelta(hours=3)).notices == ["released"]


def test_of_what_moved_on_only_the_newest_is_told_and_what_was_withdrawn_is_not(archive: Archive) -> None:
    hourly = rules(EndpointPace(digest=Digest(every="hour")))
    tell(archive, 1, hourly)
    tell(archive, 1, hourly, NOON, revision=2)
    gone = an_enriched("story 2", text="Khanasser snow.", title="snow")
    tell(archive, 2, hourly)
    record_article(
        archive, replace(gone, article=replace(gone.article, revision=2)), [], {}, ["desk"], NOON, rules=hourly
    )
    end = NOON + timedelta(hours=1)
    assert run_due(archive, hourly, end).notices == ["released", "withdrawn_before_told"]
    ((alert,),) = told(archive, end)
    assert (alert.revision, alert.status) == (2, "corrected")
    assert states(archive) == {
        ("bundled", "digested"): 1, ("delivered", "digested"): 1, ("suppressed", "withdrawn_before_told"): 2,
    }  # fmt: skip


def test_an_open_alert_is_told_again_until_somebody_sees_to_it(archive: Archive) -> None:
    often = rules(EndpointPace(repeat_hours=2.0))
    (alert,) = tell(archive, 1, often).opened
    assert run_due(archive, often, NOON + timedelta(hours=2)).notices == ["still_owed"]
    told(archive, NOON + timedelta(hours=2))
    assert run_due(archive, often, NOON + timedelta(hours=4)).notices == ["sent"]
    ((again,),) = told(archive, NOON + timedelta(hours=4))
    assert (again.id, again.revision, again.status) == (alert.id, 2, "updated")
    assert again.changes == ("still open 4 hours after it opened", "nobody has acknowledged it")
    with archive.begin() as connection:
        actions.acknowledge(connection, alert.id, "ana", "", NOON)
    assert run_due(archive, often, NOON + timedelta(hours=6)).notices == ["acknowledged"]
    assert told(archive, NOON + timedelta(hours=6)) == []


def test_a_country_wide_alert_quiets_its_towns_and_what_it_quieted_is_told_when_it_is_retracted(
    archive: Archive,
) -> None:
    rule = Inhibition(
        (parse_matcher("scope=country"),), (parse_matcher("scope=place"),), ("country",), timedelta(hours=6)
    )
    wide = rules(inhibitions=(rule,))
    tell(archive, 1, wide, NOON, SYRIA)
    tell(archive, 2, wide)
    severe = ROAD.model_copy(update={"severity": "critical"})
    tell(archive, 3, wide, NOON, severe)
    tell(archive, 4, wide, NOON + timedelta(hours=7))
    assert states(archive) == {("pending", "sent"): 3, ("suppressed", "inhibited"): 1}
    gone = an_enriched("story 1", revision=2, text="Nothing.")
    notices = record_article(archive, gone, [], {}, ["desk"], NOON, rules=wide).notices
    assert notices == ("sent", "inhibitor_ended")
    assert states(archive) == {("pending", "sent"): 4, ("pending", "inhibitor_ended"): 1}


def test_what_waits_behind_an_earlier_revision_holds_up_no_bundle(archive: Archive) -> None:
    hourly = rules(EndpointPace(digest=Digest(every="hour")))
    tell(archive, 1, rules())
    tell(archive, 1, hourly, NOON, revision=2)
    tell(archive, 2, hourly)
    tell(archive, 3, hourly)
    end = NOON + timedelta(hours=1)
    run_due(archive, hourly, end)
    assert [[one.revision for one in bundle] for bundle in told(archive, end)] == [[1], [1, 1]]
    assert [[one.revision for one in bundle] for bundle in told(archive, end)] == [[2]]


def test_an_acknowledgement_holds_until_the_alert_is_over(archive: Archive) -> None:
    (alert,) = tell(archive, 1, rules()).opened
    with archive.begin() as connection:
        actions.acknowledge(connection, alert.id, "ana", "", NOON)
    run_due(archive, rules(), NOON + timedelta(hours=80))
    tell(archive, 1, rules(), NOON + timedelta(hours=81), revision=2)
    with archive.read() as connection:
        assert [one.state for one in held.why(connection, alert.id)] == ["pending"] * 3


def share_what_is_due(archive: Archive, threads: int = 4) -> None:
    """Several notifiers find the same things due at the same moment."""
    often = rules(EndpointPace(digest=Digest(every="hour"), repeat_hours=1.0))
    often = replace(often, endpoints={**often.endpoints, "other": EndpointRules(EndpointPace(repeat_hours=1.0))})
    for number in range(30):
        tell(archive, number, often)
    told(archive, NOON, "other")
    for hours in (1, 2, 73):
        now = NOON + timedelta(hours=hours)
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda _, now=now: run_due(archive, often, now), range(2 * threads)))
        told(archive, now, "other")
        told(archive, now)
    with archive.read() as connection:
        reasons = Counter(connection.execute(select(alert_revisions.c.reason)).scalars())
        twice = connection.execute(
            select(table.c.alert)
            .group_by(table.c.alert, table.c.alert_revision, table.c.endpoint)
            .having(func.count() > 1)
        ).all()
        standing = {
            alert_lives.as_it_stands(connection, alert)
            for alert in connection.execute(select(table.c.alert.distinct())).scalars()
        }
    assert twice == []
    assert reasons["opened"] == reasons["closed"] == 30
    assert reasons["repeated"] in range(60, 91)
    assert {one.status for one in standing if one is not None} == {"closed"}


def test_several_notifiers_share_what_is_due(archive: Archive) -> None:
    share_what_is_due(archive)


@pytest.mark.parametrize("by", ["ana", "ben"])
def test_a_snooze_tells_later_what_came_meanwhile_and_who_did_it(archive: Archive, by: str) -> None:
    (alert,) = tell(archive, 1, rules()).opened
    told(archive, NOON)
    with archive.begin() as connection:
        actions.snooze(connection, alert.id, NOON + timedelta(hours=5), by, "", NOON)
    assert run_due(archive, rules(), NOON + timedelta(hours=4)).notices == []
    assert run_due(archive, rules(), NOON + timedelta(hours=5)).notices == ["sent"]
    ((again,),) = told(archive, NOON + timedelta(hours=5))
    assert again.changes[-1] == "its snooze is over"
    with archive.read() as connection:
        assert [one.why for one in held.why(connection, alert.id)] == ["opened", "snooze_ended"]
