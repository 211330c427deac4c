"""Feeds whose sites change how they name their entries, poll after poll: hardly a duplicate, nothing swallowed.

Which entry is which is told by a number in its text, which never changes.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streams.archive.articles import content_hash
from streams.archive.polls import KnownArticle, PollCommit
from streams.feeds.catalogue import Feed
from streams.feeds.decide import decide, names_of
from streams.feeds.parse_process import parse_document

FEED = Feed(url="https://wire.example/feed", language="fr")
NOW = datetime(2024, 2, 3, 12, 0, tzinfo=UTC)
WINDOW = 15
MOST_DUPLICATES = 0.005


@dataclass(frozen=True)
class Item:
    """One entry as its feed has it now."""

    number: int
    guid: str
    link: str
    title: str
    date: datetime

    def xml(self) -> str:
        guid = f'<guid isPermaLink="false">{self.guid}</guid>' if self.guid else ""
        return (
            f"<item><title>{self.title}</title><link>{self.link.replace('&', '&amp;')}</link>{guid}"
            f"<pubDate>{self.date:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<description>Item {self.number}.</description></item>"
        )


@dataclass
class Memory:
    """What the archive knows after each poll, as `decide` asks for it."""

    entries: dict[str, str] = field(default_factory=dict)
    articles: dict[str, KnownArticle] = field(default_factory=dict)

    def poll(self, body: bytes, now: datetime = NOW) -> PollCommit:
        document = parse_document(body, "application/xml", str(FEED.url))
        known = {name: self.articles[self.entries[name]] for name in names_of(document) if name in self.entries}
        commit = decide(FEED, document, known, now)
        for one in (*commit.articles, *commit.revisions):
            self.articles[one.id] = KnownArticle(
                one.id, one.revision, content_hash(one), one.title, one.url, one.published, one.first_seen
            )
        self.entries.update({seen.identity: seen.article for seen in commit.seen})
        return commit


def rss(items: Sequence[Item]) -> bytes:
    inside = "".join(item.xml() for item in items)
    head = "<channel><title>w</title><link>https://wire.example/</link>"
    return f"<rss version='2.0'>{head}{inside}</channel></rss>".encode()


Mutation = Callable[[list[Item], random.Random], list[Item]]


def guids_changed(items: list[Item], chance: random.Random) -> list[Item]:
    prefix = f"tag:new-{chance.randrange(10**6)}:"
    return [replace(item, guid=prefix + item.guid.rpartition(":")[2]) for item in items]


def hash_counted_up(items: list[Item], _chance: random.Random) -> list[Item]:
    """As some systems do at every edit: `...#0` becomes `...#1`."""
    counted = [re.fullmatch(r"(.*)#(\d+)", item.guid) for item in items]
    return [
        replace(item, guid=f"{match[1]}#{int(match[2]) + 1}" if match else f"{item.guid}#0")
        for item, match in zip(items, counted, strict=True)
    ]


def one_guid_for_all(items: list[Item], _chance: random.Random) -> list[Item]:
    return [replace(item, guid="wire") for item in items]


def guids_twice(items: list[Item], _chance: random.Random) -> list[Item]:
    """Each GUID stands at two entries."""
    return [replace(item, guid=f"pair-{position // 2}") for position, item in enumerate(items)]


def no_guids(items: list[Item], _chance: random.Random) -> list[Item]:
    return [replace(item, guid="") for item in items]


def tracked(items: list[Item], chance: random.Random) -> list[Item]:
    told = f"utm_source=rss&utm_campaign=c{chance.randrange(1000)}"
    return [replace(item, link=f"{item.link.partition('?')[0]}?{told}") for item in items]


def secured(items: list[Item], _chance: random.Random) -> list[Item]:
    swap = {"http:": "https:", "https:": "http:"}
    return [replace(item, link=re.sub(r"^https?:", lambda found: swap[found.group()], item.link)) for item in items]


def titles_edited(items: list[Item], chance: random.Random) -> list[Item]:
    return [replace(i, title=i.title + " (màj)") if chance.random() < 0.3 else i for i in items]


def shuffled(items: list[Item], chance: random.Random) -> list[Item]:
    return chance.sample(items, len(items))


def www(items: list[Item], _chance: random.Random) -> list[Item]:
    return [replace(item, link=item.link.replace("//wire.", "//www.wire.")) for item in items]


MUTATIONS: tuple[Mutation, ...] = (
    guids_changed, hash_counted_up, one_guid_for_all, guids_twice, no_guids, tracked, secured, titles_edited, shuffled,
    www,
)  # fmt: skip


@dataclass
class Tally:
    """Articles by the item that they are of."""

    articles: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    owner: dict[str, int] = field(default_factory=dict)
    overwritten: list[int] = field(default_factory=list)

    def note(self, commit: PollCommit) -> None:
        for one in commit.articles:
            number = int(re.findall(r"\d+", one.text)[0])
            self.articles[number].append(one.id)
            self.owner[one.id] = number
        for one in commit.revisions:
            number = int(re.findall(r"\d+", one.text)[0])
            if self.owner[one.id] != number:
                self.overwritten.append(number)


def a_life(
    mutations: Sequence[Mutation], seed: int, polls: int = 12, *, same_titles: bool = False
) -> tuple[Tally, int]:
    """A feed polled as it goes on; before each poll come up to five items, and one of the mutations has its way."""
    chance = random.Random(seed)
    memory, tally = Memory(), Tally()
    items: list[Item] = []
    count = 0
    for at in range(polls):
        for _ in range(chance.randrange(1, 6)):
            date = NOW - timedelta(days=2) + timedelta(minutes=7 * count)
            title = "Flash info" if same_titles else f"Le titre {count}"
            items.insert(0, Item(count, f"guid-{count}#0", f"http://wire.example/a/{count}", title, date))
            count += 1
        items = items[:WINDOW]
        if at:
            items = chance.choice(mutations)(items, chance)
        tally.note(memory.poll(rss(items)))
    return tally, count


@pytest.mark.parametrize("mutations", [*((one,) for one in MUTATIONS), MUTATIONS], ids=lambda some: "+".join(
    one.__name__ for one in some) if len(some) == 1 else "any")  # fmt: skip
@pytest.mark.parametrize("same_titles", [False, True])
def test_hardly_a_duplicate_and_nothing_swallowed(mutations: Sequence[Mutation], same_titles: bool) -> None:
    items = duplicates = 0
    for seed in range(12 if len(mutations) > 1 else 3):
        tally, count = a_life(mutations, seed, same_titles=same_titles)
        assert tally.overwritten == [], f"seed {seed}: one article became another"
        missing = [number for number in range(count) if not tally.articles.get(number)]
        assert missing == [], f"seed {seed}: swallowed"
        items += count
        duplicates += sum(len(ids) - 1 for ids in tally.articles.values())
    assert duplicates <= items * MOST_DUPLICATES, f"{duplicates} duplicates of {items} items"


_GUID = re.compile(rb"(<guid[^>]*>)([^<]+)(</guid>)")
_LINK = re.compile(rb"(<link>)(https?)(://[^<?]+)(</link>)")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        (_GUID, rb"\1new:\2\3"),
        (_GUID, rb"\1\2#1\3"),
        (_GUID, rb""),
        (_GUID, rb"<guid isPermaLink='false'>one for all\3"),
        (_LINK, rb"\1\2\3?utm_source=rss&amp;utm_medium=feed\4"),
        (_LINK, rb"\1https\3\4"),
    ],
    ids=["guids", "hash", "no guids", "one guid", "utm", "https"],
)
def test_real_feeds_mutated_bring_hardly_a_duplicate(shared_dir: Path, pattern: re.Pattern[bytes], by: bytes) -> None:
    paths = sorted((shared_dir / "corpora" / "feeds" / "fastfeedparser-real").rglob("*.xml"))
    paths += sorted((shared_dir / "corpora" / "feeds" / "picofeed-real-fr").rglob("*.xml"))
    tally: Counter[str] = Counter()
    for path in paths:
        body = path.read_bytes()
        mutated = pattern.sub(by, body)
        if mutated == body:
            continue
        memory = Memory()
        tally["entries"] += len(memory.poll(body).articles)
        later = memory.poll(mutated)
        tally["duplicates"] += len(later.articles)
    print(dict(tally))
    assert tally["entries"] > 100
    assert tally["duplicates"] <= tally["entries"] * MOST_DUPLICATES
