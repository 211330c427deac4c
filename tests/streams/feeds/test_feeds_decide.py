from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from streams.archive.articles import content_hash
from streams.archive.polls import KnownArticle, PollCommit
from streams.feeds.catalogue import Feed
from streams.feeds.decide import decide, names_of
from streams.feeds.parse_process import parse_document

FEED = Feed(url="https://www.wire.example/feed", language="fr")
NOW = datetime(2024, 2, 3, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    title: str = "Le pont est coupé"
    link: str = "https://wire.example/pont"
    guid: str = "1"
    text: str = "Rien ne passe."
    date: str = "Sat, 03 Feb 2024 08:00:00 GMT"

    def xml(self) -> str:
        parts = {"title": self.title, "link": self.link, "description": self.text, "pubDate": self.date}
        inner = "".join(f"<{tag}>{value.replace('&', '&amp;')}</{tag}>" for tag, value in parts.items() if value)
        guid = f'<guid isPermaLink="false">{self.guid}</guid>' if self.guid else ""
        return f"<item>{inner}{guid}</item>"


class Memory:
    """What the archive would know after each commit."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.articles: dict[str, KnownArticle] = {}

    def poll(self, items: Sequence[Item], now: datetime = NOW) -> PollCommit:
        body = "<rss version='2.0'><channel><title>w</title><link>https://wire.example/</link>"
        body += "".join(item.xml() for item in items) + "</channel></rss>"
        document = parse_document(body.encode(), "application/xml", str(FEED.url))
        known = {name: self.articles[self.entries[name]] for name in names_of(document) if name in self.entries}
        commit = decide(FEED, document, known, now)
        for article in (*commit.articles, *commit.revisions):
            assert (article.id in self.articles) == (article.revision > 1)
            self.articles[article.id] = KnownArticle(
                article.id,
                article.revision,
                content_hash(article),
                article.title,
                article.url,
                article.published,
                article.first_seen,
            )
        self.entries.update({one.identity: one.article for one in commit.seen})
        again = decide(
            FEED, document, {n: self.articles[self.entries[n]] for n in names_of(document) if n in self.entries}, now
        )
        assert (again.articles, again.revisions, again.seen) == ((), (), ())
        return commit


A = Item()


def test_a_new_entry_is_an_article() -> None:
    (article,) = Memory().poll([A]).articles
    assert (article.title, article.text, article.url) == (A.title, A.text, A.link)
    assert (article.feed, article.outlet, article.language) == (FEED.key(), "wire.example", "fr")
    assert article.published == datetime(2024, 2, 3, 8, 0, tzinfo=UTC)
    assert (article.revision, article.first_seen, article.truncated) == (1, NOW, False)


def test_ids_follow_from_the_feed_and_the_entry_alone() -> None:
    later = NOW + timedelta(days=3)
    (one,), (other,) = Memory().poll([A]).articles, Memory().poll([A, Item(guid="2", title="b")], later).articles[:1]
    assert one.id == other.id


def test_an_edit_is_a_revision_with_the_first_time_it_was_seen() -> None:
    memory = Memory()
    (first,) = memory.poll([A]).articles
    edited = Item(title="Le pont est rouvert", text="Tout passe.")
    commit = memory.poll([edited], NOW + timedelta(hours=1))
    (revision,) = commit.revisions
    assert commit.articles == ()
    assert (revision.id, revision.revision, revision.first_seen) == (first.id, 2, NOW)
    assert memory.poll([edited]).revisions == ()
    assert memory.poll([A]).revisions[0].revision == 3


@pytest.mark.parametrize(
    "changed",
    [
        Item(guid="another"),
        Item(guid=""),
        Item(guid="another", link="http://www.wire.example/pont/?utm_source=x"),
        Item(guid="another", date=""),
        Item(guid="another", text="Rien ne passe depuis hier."),
        Item(title="Le pont rouvert", text="Tout passe."),
        Item(link="https://wire.example/moved", title="Le pont rouvert"),
    ],
)
def test_the_same_article_under_another_id_is_not_new(changed: Item) -> None:
    memory = Memory()
    (first,) = memory.poll([A]).articles
    commit = memory.poll([changed])
    assert commit.articles == ()
    assert {one.article for one in commit.seen} <= {first.id}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Item(guid="https://wire.example/x#0"), Item(guid="https://wire.example/x#1", title="Edited", text="More.")),
        (Item(guid="http://wire.example/x"), Item(guid="https://www.wire.example/x/", title="Edited", text="More.")),
        (
            Item(guid="", link="http://wire.example/x?utm_a=1"),
            Item(guid="", link="https://wire.example/x", title="New"),
        ),
    ],
)
def test_ids_that_change_with_every_edit(before: Item, after: Item) -> None:
    memory = Memory()
    memory.poll([before])
    commit = memory.poll([after])
    assert (len(commit.articles), len(commit.revisions)) == (0, 1)


B = Item(
    title="L'école rouvre",
    link="https://wire.example/ecole",
    guid="2",
    text="Bien.",
    date="Sat, 03 Feb 2024 09:00:00 GMT",
)


@pytest.mark.parametrize(
    "other",
    [
        Item(guid="2"),  # another id in the same document is another article
        Item(guid="2", text="Autre chose."),
        Item(guid="1", title="x", link="https://wire.example/x"),
        Item(guid="1", link="https://wire.example/x"),
        Item(guid="1", title="x"),
        Item(guid="1", text="x"),
        Item(guid="1", date="Sat, 03 Feb 2024 09:00:00 GMT"),
    ],
)
def test_two_entries_of_one_document_are_two_articles(other: Item) -> None:
    memory = Memory()
    assert len(memory.poll([A, other]).articles) == 2
    assert len(memory.articles) == 2


def test_an_exact_repeat_is_left_out() -> None:
    assert len(Memory().poll([A, B, A]).articles) == 2


def test_an_id_given_to_all_articles_in_turn_swallows_none() -> None:
    memory = Memory()
    items = [
        Item(
            guid="0",
            title=f"t{n}",
            link=f"https://wire.example/{n}",
            text=f"x{n}",
            date=f"Sat, 03 Feb 2024 0{n}:00:00 GMT",
        )
        for n in range(8)
    ]
    for item in items:
        assert len(memory.poll([item]).articles) == 1
    assert len(memory.articles) == 8
    assert memory.poll(items).articles == ()


def test_an_id_that_becomes_shared_does_not_make_its_article_new() -> None:
    memory = Memory()
    memory.poll([A])
    commit = memory.poll([A, Item(guid="1", title="x", link="https://wire.example/x")])
    assert len(commit.articles) == 1
    assert commit.articles[0].title == "x"


def test_titles_and_links_shared_by_a_series_do_not_swallow() -> None:
    memory = Memory()
    for day in range(1, 6):
        bulletin = Item(
            title="Bulletin",
            link="https://wire.example/",
            guid=str(day),
            text=f"{day}",
            date=f"0{day} Feb 2024 08:00:00 GMT",
        )
        assert len(memory.poll([bulletin]).articles) == 1


@pytest.mark.parametrize(
    "date",
    ["Sat, 03 Feb 1989 08:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "Wed, 07 Feb 2024 08:00:00 GMT", "hier", ""],
)
def test_absurd_dates_are_none(date: str) -> None:
    assert Memory().poll([Item(date=date)]).articles[0].published is None


def test_nothing_to_read_is_dead_with_its_reason() -> None:
    commit = Memory().poll([Item("", "", "7", "", ""), A, Item("", "", "", "", "")])
    assert len(commit.articles) == 1
    assert [dead.step for dead in commit.dead] == ["parse", "parse"]
    assert commit.dead[0].error == "EmptyEntry: the entry has no title, no text and no link"
    assert commit.dead[0].raw
    assert len({dead.article for dead in commit.dead}) == 2


def test_a_known_article_that_is_emptied_stays_as_it_was() -> None:
    memory = Memory()
    memory.poll([A])
    commit = memory.poll([Item("", "", "1", "", "")])
    assert (commit.articles, commit.revisions, commit.dead) == ((), (), ())


def test_the_feed_tells_outlet_and_language_where_the_entry_does_not() -> None:
    (article,) = Memory().poll([Item(link="")]).articles
    assert (article.outlet, article.url, article.language) == ("wire.example", None, "fr")
