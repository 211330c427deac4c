"""Pages of articles: fetched politely, read apart, published as a revision; their failures hold nothing back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import func, select

from streams.archive.engine import Archive
from streams.archive.feed_schema import pages, robots
from streams.archive.schema import articles, outbox
from streams.feeds.catalogue import Feed
from streams.feeds.poller import Poller
from streams.records import Article, decode_article

TEASER = "La route entre Alep et Khanasser est coupée depuis ce matin."
BODY = (
    "Selon des habitants joints par téléphone, deux camions brûlent encore à l'entrée nord du bourg de Khanasser.",
    "Le gouverneur a promis une réouverture avant la nuit, sans dire comment les convois passeront d'ici là.",
)


def page(*paragraphs: str, lang: str = "fr", charset: str = "utf-8") -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    menu = "<nav><ul><li><a href='/'>Accueil</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
    return (
        f"<!doctype html><html lang='{lang}'><head><meta charset='{charset}'><title>t</title></head><body>{menu}"
        f"<article><h1>Route coupée</h1>{text}</article><footer>Tous droits réservés</footer></body></html>"
    )


def rss(*items: tuple[str, str], note: str = "") -> str:
    body = "".join(
        f"<item><guid>{link}</guid><title>Route coupée</title><link>{link}</link>"
        f"<description>{text}</description></item>"
        for link, text in items
    )
    return f"<rss version='2.0'><channel><title>w</title>{body}</channel></rss><!-- {note} -->"


def article(archive: Archive) -> Article:
    with archive.read() as connection:
        return decode_article(connection.execute(select(articles.c.record)).scalar_one())


def article_of(archive: Archive, name: str) -> Article:
    with archive.read() as connection:
        chosen = select(articles.c.record).where(articles.c.url.endswith(f"/{name}"))
        return decode_article(connection.execute(chosen).scalar_one())


def states(archive: Archive) -> dict[str, tuple[str, str | None]]:
    with archive.read() as connection:
        rows = connection.execute(select(pages.c.url, pages.c.state, pages.c.error)).all()
    return {url.rpartition("/")[2]: (state, error) for url, state, error in rows}


def paths(feed_server: Any) -> list[str]:
    return [request.path for request in feed_server.requests]


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(archive: Archive, limits: Any, *feeds: Feed, **given: Any) -> AsyncIterator[Poller]:
    poller = Poller(archive, feeds, limits, pages=limits, **given)
    task = asyncio.create_task(poller.run())
    try:
        yield poller
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_teaser_goes_out_at_once_and_its_page_follows_as_a_revision(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    link = feed_server.url("/a")
    gate = asyncio.Event()

    async def slowly(_request: web.Request) -> web.StreamResponse:
        await gate.wait()
        return web.Response(text=page(TEASER, *BODY), content_type="text/html")

    feed_server.pages["/a"] = slowly
    feed = Feed(url=feed_server.serve("/feed", rss((link, TEASER))), id="wire")
    told: list[int] = []
    async with running(archive, limits, feed, on_new=lambda: told.append(1)) as poller:
        await until(lambda: "/a" in paths(feed_server))
        assert (article(archive).revision, article(archive).text) == (1, TEASER)  # not held back by a page that hangs
        assert len(told) == 1
        gate.set()
        await until(lambda: article(archive).revision == 2)
        assert paths(feed_server) == ["/feed", "/robots.txt", "/a"]
        assert article(archive).text == "\n".join((TEASER, *BODY))
        await until(lambda: len(told) == 2)
        with archive.read() as connection:
            assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == 2

        feed_server.serve("/feed", rss((link, TEASER), note="other bytes"))
        report = await poller.poll_once(feed)
        assert (report.known, report.revised) == (1, 0)  # the feed says what it said: the page's text is no change

        edited = TEASER.replace("ce matin", "hier soir")
        feed_server.serve("/feed", rss((link, edited)))
        assert (await poller.poll_once(feed)).revised == 1
        kept = article(archive)
        assert (kept.revision, kept.text.split("\n")) == (3, [edited, TEASER, *BODY])  # no hole till the page comes
        feed_server.serve("/a", page(edited, *BODY), "text/html; charset=utf-8")
        await until(lambda: article(archive).revision == 4)
        assert article(archive).text == "\n".join((edited, *BODY))
    assert feed_server.most_at_once == 1


async def test_a_page_is_fetched_once_whatever_is_restarted(feed_server: Any, archive: Archive, limits: Any) -> None:
    link = feed_server.url("/a")
    feed_server.serve("/a", page(*BODY), "text/html; charset=utf-8")
    feed = Feed(url=feed_server.serve("/feed", rss((link, TEASER))), id="wire", every_seconds=1)
    async with running(archive, limits, feed):
        await until(lambda: states(archive).get("a") == ("read", None))
    async with running(archive, limits, feed):
        await until(lambda: paths(feed_server).count("/feed") >= 3)
    assert paths(feed_server).count("/a") == 1
    assert paths(feed_server).count("/robots.txt") == 1


async def test_a_page_that_was_wanted_before_a_crash_is_fetched_after_it(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    link = feed_server.url("/a")
    feed = Feed(url=feed_server.serve("/feed", rss((link, TEASER))), id="wire")
    async with Poller(archive, [feed], limits, pages=limits) as poller:
        await poller.poll_once(feed)
    assert states(archive) == {"a": ("waiting", None)}
    feed_server.serve("/a", page(*BODY), "text/html; charset=utf-8")
    async with running(archive, limits, feed):
        await until(lambda: article(archive).revision == 2)


async def test_robots_txt_is_kept_to(feed_server: Any, archive: Archive, limits: Any) -> None:
    feed_server.serve("/robots.txt", "User-agent: newswatch-test\nDisallow: /secret\n", "text/plain")
    feed_server.serve("/open", page(*BODY), "text/html; charset=utf-8")
    feed_server.serve("/secret", page(*BODY), "text/html; charset=utf-8")
    links = [(feed_server.url(f"/{name}"), TEASER) for name in ("secret", "open")]
    async with running(archive, limits, Feed(url=feed_server.serve("/feed", rss(*links)))):
        await until(lambda: states(archive).get("open") == ("read", None))
        await until(lambda: states(archive)["secret"][0] == "failed")
    assert states(archive)["secret"] == ("failed", "its site's robots.txt does not allow it")
    assert "/secret" not in paths(feed_server)


async def test_no_page_of_a_site_whose_robots_txt_cannot_be_had(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    feed_server.pages["/robots.txt"] = web.Response(status=503)
    feed_server.serve("/a", page(*BODY), "text/html; charset=utf-8")
    feed = Feed(url=feed_server.serve("/feed", rss((feed_server.url("/a"), TEASER))))
    now = datetime.now(UTC)
    async with running(archive, limits, feed, clock=lambda: now):

        def put_off() -> bool:
            with archive.read() as connection:
                due = connection.execute(select(pages.c.due_at)).scalar()
            return due is not None and due > now

        await until(put_off)
    assert paths(feed_server) == ["/feed", "/robots.txt"]
    with archive.read() as connection:
        assert connection.execute(select(robots.c.outcome)).scalar_one() == "unreachable"
    feed_server.pages["/robots.txt"] = web.Response(status=404)
    now += timedelta(hours=2)
    async with running(archive, limits, feed, clock=lambda: now):
        await until(lambda: states(archive).get("a") == ("read", None))


async def test_a_redirect_is_another_site_with_a_robots_txt_of_its_own(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    there = f"http://localhost:{feed_server.port}/there"
    feed_server.redirect("/a", there, 302)
    feed_server.redirect("/round", "/round", 301)
    feed_server.redirect("/inside", "http://169.254.169.254/latest/", 302)
    asked: list[str] = []

    async def rules(request: web.Request) -> web.StreamResponse:
        asked.append(request.host)
        return web.Response(text="User-agent: *\nDisallow: /there" if request.host.startswith("localhost") else "")

    feed_server.pages["/robots.txt"] = rules
    feed_server.serve("/there", page(*BODY), "text/html; charset=utf-8")
    links = [(feed_server.url(f"/{name}"), TEASER) for name in ("a", "round", "inside")]
    async with running(archive, limits, Feed(url=feed_server.serve("/feed", rss(*links)))):
        await until(lambda: states(archive).get("there", ("", ""))[0] == "failed")
        await until(lambda: states(archive)["round"][0] == "failed")
        # its robots.txt cannot be had either, as nobody may dial it
        await until(lambda: "latest" not in states(archive) and "" in states(archive))
    assert states(archive)["there"] == ("failed", "its site's robots.txt does not allow it")
    assert "/there" not in paths(feed_server)
    assert paths(feed_server).count("/round") == 6
    assert sorted(asked) == [f"127.0.0.1:{feed_server.port}", f"localhost:{feed_server.port}"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (web.Response(status=404), "http: status 404 Not Found"),
        (web.Response(status=410), "gone: status 410 Gone"),
        (web.Response(status=403), "block: status 403 Forbidden"),
        (web.Response(body=b"%PDF-1.7", content_type="application/pdf"), "parse: no page but application/pdf"),
        (web.Response(body=bytes(1_200_000), content_type="text/html"), "too_large: 1200000 bytes announced"),
    ],
)
async def test_a_page_that_fails_leaves_the_teaser_as_it_is(
    feed_server: Any, archive: Archive, limits: Any, answer: web.Response, error: str
) -> None:
    feed_server.pages["/a"] = answer
    feed = Feed(url=feed_server.serve("/feed", rss((feed_server.url("/a"), TEASER))))
    async with running(archive, limits, feed):
        await until(lambda: states(archive).get("a", ("", ""))[0] == "failed")
    assert (states(archive)["a"][1] or "").startswith(error)
    assert (article(archive).revision, article(archive).text) == (1, TEASER)


async def test_a_page_that_kills_its_reader_is_given_up(feed_server: Any, archive: Archive, limits: Any) -> None:
    nested = "<html><body>" + "<div>" * 200_000
    feed_server.serve("/a", nested, "text/html")
    feed_server.serve("/b", page(*BODY), "text/html; charset=utf-8")
    links = [(feed_server.url(f"/{name}"), TEASER) for name in ("a", "b")]
    limits = replace(limits, max_page_megabytes=8.0, parse_timeout_seconds=5.0)
    async with running(archive, limits, Feed(url=feed_server.serve("/feed", rss(*links)))):
        await until(lambda: states(archive).get("b") == ("read", None))
        await until(lambda: states(archive)["a"] != ("waiting", None))
    assert article_of(archive, "a").text == TEASER


async def test_a_server_that_fails_for_now_is_asked_again_later(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    feed_server.pages["/a"] = web.Response(status=503, headers={"Retry-After": "300"})
    feed = Feed(url=feed_server.serve("/feed", rss((feed_server.url("/a"), TEASER))))
    start = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    async with running(archive, limits, feed, clock=lambda: start):

        def tried() -> datetime | None:
            with archive.read() as connection:
                row = connection.execute(select(pages.c.tries, pages.c.due_at, pages.c.state)).first()
            return row.due_at if row is not None and row.tries == 1 and row.state == "waiting" else None

        await until(tried)
        assert tried() == start + timedelta(seconds=300)
    assert paths(feed_server).count("/a") == 1


async def test_pages_that_all_say_the_same_say_nothing(feed_server: Any, archive: Archive, limits: Any) -> None:
    wall = page("Ce site ne se lit qu'avec un abonnement, que voici en trois formules au choix du lecteur.", BODY[1])
    links = []
    for name in ("a", "b"):
        feed_server.serve(f"/{name}", wall, "text/html; charset=utf-8")
        links.append((feed_server.url(f"/{name}"), f"{TEASER} ({name})"))
    async with running(archive, limits, Feed(url=feed_server.serve("/feed", rss(*links)))):
        await until(lambda: sorted(state for state, _ in states(archive).values()) == ["nothing", "read"])


async def test_whose_pages_are_fetched_is_the_settings_word_and_a_feeds_own(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    whole = " ".join(f"Phrase entière numéro {number} de l'article." for number in range(40))
    wanted = {}
    for name, full_text, text in (
        ("never", "never", TEASER), ("always", "always", whole), ("auto", None, TEASER), ("whole", None, whole),
    ):  # fmt: skip
        url = feed_server.serve(f"/{name}.xml", rss((feed_server.url(f"/{name}"), text)))
        feed = Feed(url=url, id=name, full_text=full_text)
        async with Poller(archive, [feed], limits, pages=limits) as poller:
            await poller.poll_once(feed)
        wanted[name] = name in states(archive)
    assert wanted == {"never": False, "always": True, "auto": True, "whole": False}


async def test_a_page_in_an_old_encoding_is_read_right(feed_server: Any, archive: Archive, limits: Any) -> None:
    words = "وقال شهود إن السيارات تنتظر عند الحاجز منذ ساعات، ولم يصدر أي تعليق رسمي حتى الآن من السلطات المحلية."
    body = page(words, lang="ar", charset="windows-1256").replace("Route coupée", "").replace("é", "e").encode("cp1256")
    feed_server.serve("/a", body, "text/html; charset=ISO-8859-1")
    feed = Feed(url=feed_server.serve("/feed", rss((feed_server.url("/a"), TEASER))))
    async with running(archive, limits, feed):
        await until(lambda: states(archive).get("a") == ("read", None))
    assert article(archive).text == f"{TEASER}\n{words}"
