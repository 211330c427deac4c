"""Several workers at once: one story is opened once, whoever sees a telling of it first, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from builders import NOON, a_hit, an_article, an_enriched, poll_in
from sqlalchemy import select

from agents.alert.timed import run_due
from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from agents.tell.pace import Digest, EndpointPace, Group, Limit, Pace
from agents.tell.rules import EndpointRules, Rules
from streams.archive import alerts, articles
from streams.archive.engine import Archive
from streams.archive.schema import alert_revisions, deliveries
from streams.errors import ArchiveUnavailable

WATCHES = {name: Watch(id=name, any=(TownCondition(town="Khanasser"),)) for name in ("road", "town", "south", "desk")}
NAMES = list(WATCHES)


def day(story: int) -> datetime:
    """Far enough from the other stories that none is a later telling of another."""
    return NOON - timedelta(days=20 * story)


def words(story: int) -> str:
    return "Khanasser. " + " ".join(f"story{story}word{number}" for number in range(40))


def work(archive: Archive, orders: Sequence[Sequence[tuple[str, int]]]) -> None:
    """Record articles (name, story), each list in a thread of its own, and each against watches in another order."""
    ready = threading.Barrier(len(orders) + 1)
    trouble: list[BaseException] = []
    at_work = threading.Event()

    def record(number: int, order: Sequence[tuple[str, int]]) -> None:
        try:
            ready.wait(60)
            for name, story in order:
                outlet, print_of = f"{name}.example", f"story {story}"
                enriched = an_enriched(
                    name, text=words(story), fingerprint=print_of, outlet=outlet, published=day(story)
                )
                watches = NAMES[number % 4 :] + NAMES[: number % 4]
                hits = [a_hit(enriched, watch) for watch in watches]
                until_taken(lambda e=enriched, h=hits: record_article(archive, e, h, WATCHES, ["ops"], NOON))  # type: ignore[misc]
        except BaseException as error:
            trouble.append(error)

    def close() -> None:
        ready.wait(60)
        while not at_work.is_set():
            until_taken(lambda: run_due(archive, Rules(), NOON))

    threads = [threading.Thread(target=record, args=one) for one in enumerate(orders)]
    closing = threading.Thread(target=close)
    for thread in (*threads, closing):
        thread.start()
    for thread in threads:
        thread.join(240)
    at_work.set()
    closing.join(60)
    assert trouble == []


def until_taken(act: object, refusals: list[str] | None = None) -> None:
    assert callable(act)
    while True:
        try:
            act()
        except ArchiveUnavailable as error:
            if refusals is not None:
                refusals.append(str(error))
            continue
        return


def test_near_copies_that_come_at_once_are_one_story_to_each_watch(archive: Archive) -> None:
    stories = 6
    orders = [[(f"{outlet}-{story}", story) for story in range(stories)] for outlet in ("afp", "ap", "sana", "wire")]
    orders[1].reverse()
    poll_in(archive, *(an_article(name, text=words(story)) for order in orders for name, story in order))
    work(archive, orders)
    with archive.read() as connection:
        told = alerts.recent_alerts(connection, 1_000)
        assert sorted(alert.watch for alert in told) == sorted(NAMES * stories)
        assert articles.counts(connection).done == 4 * stories
        for alert in told:
            assert len({one.article for one in alerts.tellings_of(connection, alert.id)}) == 4
        opened = select(alert_revisions.c.alert).where(alert_revisions.c.revision == 1)
        assert len(connection.execute(opened).all()) == len(told)


def test_one_article_in_the_hands_of_all_is_recorded_once(archive: Archive) -> None:
    """As after a rebalance; no poller of this archive has seen it, so there is no row to wait for."""
    order = [(f"n{number}", number) for number in range(12)]
    work(archive, [order, order, order])
    with archive.read() as connection:
        assert articles.counts(connection).done == 12
        assert len(alerts.recent_alerts(connection, 1_000)) == 12 * len(WATCHES)
        owed = connection.execute(select(deliveries.c.alert, deliveries.c.alert_revision)).all()
        assert len(owed) == len(set(owed)) == 12 * len(WATCHES)


def test_a_revision_and_another_telling_at_once_end_in_one_order(archive: Archive) -> None:
    first = an_enriched("one", text=words(1), fingerprint="story 1")
    record_article(archive, first, [a_hit(first, watch) for watch in NAMES], WATCHES, ["ops"], NOON)
    gone = an_enriched("one", revision=2, text="Nothing of the kind happened.")
    other = an_enriched("two", text=words(1), fingerprint="story 1", outlet="two.example")
    later = NOON + timedelta(seconds=5)
    ends: list[str] = []

    def revise() -> None:
        ends.append(record_article(archive, gone, [], WATCHES, ["ops"], later).outcome)

    def tell() -> None:
        hits = [a_hit(other, watch) for watch in reversed(NAMES)]
        ends.append(record_article(archive, other, hits, WATCHES, ["ops"], later).outcome)

    threads = [threading.Thread(target=until_taken, args=(act,)) for act in (revise, tell)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert ends == ["ok", "ok"]
    with archive.read() as connection:
        for alert in alerts.recent_alerts(connection, 100):
            assert [one.article for one in alert.sources if one.article == other.article.id] == [other.article.id]
            assert alert.status != "retracted"


PACED = {
    one: Watch(
        id=one, any=(TownCondition(town="Khanasser"),), pace=Pace(limit=Limit(alerts=2, per="day"), repeat_hours=1.0)
    )
    for one in NAMES
}
PACES = Rules(
    {
        "limited": EndpointRules(EndpointPace(limit=Limit(alerts=3))),
        "plain": EndpointRules(),
        "digest": EndpointRules(EndpointPace(digest=Digest(every="hour"))),
        "grouped": EndpointRules(EndpointPace(group=Group(seconds=60.0), limit=Limit(alerts=5, per="minute"))),
    },
    close_after=timedelta(hours=5),
)


def test_workers_and_notifiers_that_hold_the_same_limits_never_wait_for_each_other(archive: Archive) -> None:
    """Limits, groups and digests that all share, in another order in each hand: PostgreSQL would end one of them."""
    refusals: list[str] = []
    ready = threading.Barrier(6)
    over = threading.Event()

    def record(number: int) -> None:
        ready.wait(60)
        for turn in range(15):
            for revision in (1, 2):
                text = f"Khanasser {number} {turn} was reached {revision} times."
                enriched = an_enriched(f"{number} {turn}", revision=revision, text=text, fingerprint=text)
                hits = [a_hit(enriched, watch) for watch in NAMES[number:] + NAMES[:number]]
                now = NOON + timedelta(minutes=turn)
                act = partial(record_article, archive, enriched, hits, PACED, list(PACES.endpoints), now, rules=PACES)
                until_taken(act, refusals)

    def look(number: int) -> None:
        ready.wait(60)
        turn = 0
        while not over.is_set():
            turn += 1
            until_taken(partial(run_due, archive, PACES, NOON + timedelta(minutes=turn * (7 + number))), refusals)

    with ThreadPoolExecutor(6) as pool:
        workers = [pool.submit(record, number) for number in range(4)]
        notifiers = [pool.submit(look, number) for number in range(2)]
        try:
            for one in workers:
                one.result(240)
        finally:
            over.set()
        for one in notifiers:
            one.result(60)
    assert [one for one in refusals if "deadlock" in one] == []
    with archive.read() as connection:
        assert articles.counts(connection).done == 60
