"""The index of words, on both archives: what is found, and that it follows articles as they change and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOON, an_article, poll_in
from sqlalchemy import delete, select, update

from agents.match.terms import asked, terms
from streams.archive import article_words
from streams.archive.article_search import Wanted, search
from streams.archive.engine import Archive
from streams.archive.schema import articles
from streams.archive.word_schema import INDEX
from streams.archive.word_schema import article_words as words_table
from streams.records import encode_article

TEXTS = {
    "fr": "Les élèves d'Alep sont rentrés ; l'Œuvre continue.",
    "ar": "عادت القوافل إلى حلب وبحماة عبر المدينة القديمة",
    "en": "A convoy left Khanasser. It's 12 o'clock & the road's closed",
}


@pytest.fixture
def filled(archive: Archive) -> Archive:
    poll_in(archive, *(an_article(name, title="", text=text) for name, text in TEXTS.items()))
    read_all(archive)
    return archive


def read_all(archive: Archive) -> None:
    with archive.begin() as connection:
        while article_words.read_more(connection, terms, 2):
            pass


def found(archive: Archive, question: str) -> list[str]:
    with archive.read() as connection:
        rows = search(connection, Wanted(words=tuple(asked(question))), 10)
    return sorted(name for name in TEXTS for row in rows if row.article.id == an_article(name).id)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("eleve", ["fr"]),
        ("ÉLÈVES alep", ["fr"]),
        ("oeuvre", ["fr"]),
        ("حلب", ["ar"]),
        ("حماة", ["ar"]),
        ("حماه مدينه", ["ar"]),
        ("khanas CONVOY", ["en"]),
        ("12", ["en"]),
        ("convoy alep", []),
        ("nowhere", []),
        ("it's", ["en"]),
        ("' OR 1=1 -- \"", []),
    ],
)
def test_words_are_found_whatever_their_accents_and_clitics(filled: Archive, question: str, names: list[str]) -> None:
    assert found(filled, question) == names


def test_the_index_follows_what_articles_say(filled: Archive) -> None:
    changed = replace(an_article("fr"), revision=2, title="", text="La citadelle a rouvert.")
    with filled.begin() as connection:
        record = {"revision": 2, "record": encode_article(changed).decode()}
        connection.execute(update(articles).where(articles.c.id == changed.id).values(**record))
        assert article_words.unread(connection, 10) == 1
    read_all(filled)
    assert found(filled, "citadelle") == ["fr"]
    assert found(filled, "eleves") == []
    with filled.begin() as connection:
        assert article_words.unread(connection, 10) == 0
        connection.execute(delete(articles).where(articles.c.id == changed.id))
        assert changed.id not in connection.execute(select(words_table.c.article)).scalars().all()
    assert found(filled, "citadelle") == []
    if filled.is_sqlite:  # what the index holds is what the table holds; SQLite raises where it is not
        with filled.begin() as connection:
            connection.exec_driver_sql(f"INSERT INTO {INDEX} ({INDEX}, rank) VALUES ('integrity-check', 1)")


def test_the_newest_articles_are_read_first(archive: Archive) -> None:
    poll_in(archive, *(an_article(name, first_seen=NOON + timedelta(hours=at)) for at, name in enumerate(TEXTS)))
    with archive.begin() as connection:
        article_words.read_more(connection, terms, 1)
        assert connection.execute(select(words_table.c.article)).scalars().all() == [an_article("en").id]


def test_letters_that_the_database_does_not_know_are_no_trouble(archive: Archive) -> None:
    strange = "\U00011f04\U0001e4d0 ꟿ \U0002ebf0 x\u0378y ७ \x00 end"
    poll_in(archive, an_article("strange", title=strange, text=strange))
    read_all(archive)
    with archive.read() as connection:
        for word in strange.split():
            if asked(word):
                assert len(search(connection, Wanted(words=tuple(asked(word))), 10)) == 1, word


def test_an_article_of_many_words_is_taken(archive: Archive) -> None:
    text = " ".join(f"word{number}" for number in range(60_000)) + " " + "x" * 5_000
    poll_in(archive, an_article("long", text=text))
    read_all(archive)
    with archive.read() as connection:
        assert len(search(connection, Wanted(words=tuple(asked("word100"))), 10)) == 1
