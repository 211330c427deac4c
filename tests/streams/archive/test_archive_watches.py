"""Watches of owners: numbered changes, limits, and what a worker hears."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from builders import NOON

from streams.archive.engine import Archive
from streams.archive.watch_changes import (
    GivenWatch,
    OwnerLimits,
    Written,
    enable_watches,
    put_watches,
    remove_watches,
)
from streams.archive.watches import News, get_watch, kept, last_sequence, list_watches, news_since, owners_of
from streams.errors import ChangeRefused

LIMITS = OwnerLimits(watches=100, changes=20)


def a_watch(name: str, words: str = "", enabled: bool = True) -> GivenWatch:
    return GivenWatch(name, f'{{"id":"{name}","name":"{words}"}}', enabled)


def put(archive: Archive, *given: GivenWatch, owner: str = "desk", minutes: int = 0) -> Written:
    with archive.begin() as connection:
        return put_watches(connection, owner, given, LIMITS, NOON + timedelta(minutes=minutes))


def news(archive: Archive, since: int) -> News:
    with archive.read() as connection:
        return news_since(connection, since)


def test_watches_are_added_changed_and_left_alone(archive: Archive) -> None:
    assert put(archive, a_watch("a"), a_watch("b")) == Written(added=("a", "b"))
    again = put(archive, a_watch("a"), a_watch("b", "new"), a_watch("c"), minutes=1)
    assert again == Written(added=("c",), changed=("b",), unchanged=("a",))
    with archive.read() as connection:
        rows = {row.id: row for row in list_watches(connection)}
        assert kept(connection).watches == 3
    assert {name: row.revision for name, row in rows.items()} == {"a": 1, "b": 2, "c": 1}
    assert (rows["b"].created_at, rows["b"].changed_at) == (NOON, NOON + timedelta(minutes=1))
    assert put(archive, a_watch("a"), minutes=2).unchanged == ("a",)
    assert news(archive, 0).sequence == 2


def test_a_worker_hears_what_changed_after_what_it_knows(archive: Archive) -> None:
    assert news(archive, 0) == News(0)
    put(archive, a_watch("a"), a_watch("b"))
    known = news(archive, 0)
    assert ([row.id for row in known.changed], known.removed) == (["a", "b"], ())
    put(archive, a_watch("b", "other"), a_watch("off", enabled=False))
    with archive.begin() as connection:
        remove_watches(connection, "desk", ["a"], LIMITS, NOON)
    heard = news(archive, known.sequence)
    assert ([row.id for row in heard.changed], heard.removed) == (["b"], ("a", "off"))
    assert news(archive, heard.sequence) == News(heard.sequence)
    put(archive, a_watch("a", "back"))
    assert [row.id for row in news(archive, heard.sequence).changed] == ["a"]
    with archive.read() as connection:
        back = get_watch(connection, "a")
    assert back is not None
    assert back.revision == 3


def test_enabling_and_disabling_are_changes_too(archive: Archive) -> None:
    put(archive, a_watch("a"), a_watch("b"))
    with archive.begin() as connection:
        enable_watches(connection, None, ["a"], False, LIMITS, NOON)
    assert news(archive, 1).removed == ("a",)
    with archive.begin() as connection:
        enable_watches(connection, "desk", ["a", "b"], True, LIMITS, NOON)
    assert [row.id for row in news(archive, 2).changed] == ["a"]
    with archive.read() as connection:
        assert kept(connection).enabled == 2


def test_watches_belong_to_their_owner(archive: Archive) -> None:
    put(archive, a_watch("a"))
    with pytest.raises(ChangeRefused, match='the watch "a" belongs to desk'):
        put(archive, a_watch("new"), a_watch("a"), owner="other")
    with archive.read() as connection:
        assert owners_of(connection, ["a", "new"]) == {"a": "desk"}
    with pytest.raises(ChangeRefused, match="belongs to desk"), archive.begin() as connection:
        remove_watches(connection, "other", ["a"], LIMITS, NOON)
    with pytest.raises(ChangeRefused, match='no watch "b"'), archive.begin() as connection:
        remove_watches(connection, None, ["a", "b"], LIMITS, NOON)
    put(archive, a_watch("b"), owner="other")
    with pytest.raises(ChangeRefused, match="desk and other"), archive.begin() as connection:
        remove_watches(connection, None, ["a", "b"], LIMITS, NOON)
    with archive.read() as connection:
        assert [row.id for row in list_watches(connection, "desk")] == ["a"]


def test_an_edit_of_what_another_has_changed_is_refused(archive: Archive) -> None:
    put(archive, a_watch("a"))
    put(archive, a_watch("a", "second"))
    with pytest.raises(ChangeRefused, match="meanwhile"), archive.begin() as connection:
        put_watches(connection, "desk", [a_watch("a", "third")], LIMITS, NOON, expected={"a": 1})
    with archive.begin() as connection:
        put_watches(connection, "desk", [a_watch("a", "third")], LIMITS, NOON, expected={"a": 2})
    assert '"third"' in news(archive, 0).changed[0].definition


def test_an_owner_has_no_more_watches_than_its_limit(archive: Archive) -> None:
    put(archive, *(a_watch(f"w{number}") for number in range(99)))
    with pytest.raises(ChangeRefused, match=r"desk has 99 watches and these are 2 more, 100 are the most"):
        put(archive, a_watch("x"), a_watch("y"))
    put(archive, a_watch("x"))
    put(archive, a_watch("y"), owner="other")
    assert len(news(archive, 0).changed) == 101


def test_an_owner_makes_no_more_changes_in_a_minute_than_its_limit(archive: Archive) -> None:
    for number in range(20):
        put(archive, a_watch("a", str(number)))
    with pytest.raises(ChangeRefused, match=r"desk made 20 changes in the last minute.*try again in 60 s"):
        put(archive, a_watch("a", "once more"))
    put(archive, a_watch("b"), owner="other")
    put(archive, a_watch("a", "later"), minutes=1)
    assert '"later"' in news(archive, 0).changed[0].definition


def test_many_watches_are_one_change(archive: Archive) -> None:
    many = [a_watch(f"w{number:05}") for number in range(2_500)]
    with archive.begin() as connection:
        put_watches(connection, "desk", many, OwnerLimits(10_000, 1), NOON)
    found = news(archive, 0)
    assert (found.sequence, len(found.changed)) == (1, 2_500)
    assert [row.id for row in found.changed] == [one.id for one in many]


def test_polling_for_changes_reads_one_row(sqlite_archive: Archive) -> None:
    archive = sqlite_archive
    put(archive, *(a_watch(f"w{number}") for number in range(90)))
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with archive.read() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(step, 1)
        assert last_sequence(connection) == 1
        driver.set_progress_handler(None, 0)
    assert steps < 40


def test_numbers_of_changes_made_at_once_leave_no_gap(archive: Archive) -> None:
    heard: list[str] = []
    done = threading.Event()

    def listen() -> None:
        known = 0
        while True:
            last = done.is_set()
            found = news(archive, known)
            heard.extend(row.id for row in found.changed)
            known = found.sequence
            if last:
                return

    listener = threading.Thread(target=listen)
    listener.start()
    writers = [
        threading.Thread(
            target=lambda owner=owner: [put(archive, a_watch(f"{owner}-{n}"), owner=owner) for n in range(15)]
        )
        for owner in ("one", "two", "three")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    listener.join()
    assert sorted(heard) == sorted(f"{owner}-{n}" for owner in ("one", "two", "three") for n in range(15))
