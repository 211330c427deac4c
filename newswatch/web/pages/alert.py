"""One alert: its evidence in the text, the map, who tells it and who copied whom, what was done, and what can be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from nicegui import ui

from agents.alert import actions
from agents.notify.words import HEADINGS
from newswatch.web.house import House
from newswatch.web.pages.cards import card, dots_of
from newswatch.web.pages.fields import button, wide, words
from newswatch.web.pages.frame import Reader, frame
from newswatch.web.pages.live import ago
from newswatch.web.pages.marked import Mark, marked
from newswatch.web.pages.watched import watched
from newswatch.web.pages.words import direction
from streams.archive import alert_labels, alert_search, article_search, handled
from streams.archive.alert_labels import Label, Verdict
from streams.archive.alert_search import ToldRevision
from streams.archive.alerts import Telling, tellings_of
from streams.archive.article_search import ListedArticle
from streams.archive.handled import Handled
from streams.archive.replay import mentions_of
from streams.errors import ChangeRefused
from streams.records import Alert, Mention

_SILENCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Whole:
    alert: Alert
    history: list[ToldRevision]
    tellings: list[Telling]
    article: ListedArticle | None
    mentions: list[Mention]
    handled: Handled
    labels: list[Label]


async def show(alert: str, reader: Reader, house: House) -> None:
    """The view."""
    say = reader.say
    whole = await asyncio.to_thread(_read, house, alert)
    with frame(reader, "", whole.alert.title if whole else say("not_found")), ui.element("div").classes("column"):
        if whole is None:
            ui.label(say("not_found"))
            return
        one = whole.alert
        ui.html(f'<h1 dir="{direction(one.language)}">{escape(one.title)}</h1>', sanitize=False)
        ui.html(card(one, reader.language), sanitize=False)
        _acts(whole, reader, house)
        ui.html(f"<h2>{say('why')}</h2><p><bdi lang='en'>{escape(one.reason)}</bdi></p>", sanitize=False)
        if whole.article is not None:
            _text(whole.article, whole.mentions, one, reader)
        if one.places:
            await _map(one, reader, house)
        _tellings(whole, reader, house.clock())
        _labels(whole, reader, house)


def _acts(whole: _Whole, reader: Reader, house: House) -> None:
    say, alert = reader.say, whole.alert
    said = ui.label().classes("quiet").props('role="status"')
    if whole.handled.acknowledged_by:
        said.text = f"{say('acknowledged')} {whole.handled.acknowledged_by}"

    async def acknowledge() -> None:
        await do(lambda: _acknowledge(house, alert.id, reader.caller.name))
        said.text = f"{say('acknowledged')} {reader.caller.name}" if not said.text else said.text

    async def silence() -> None:
        await do(lambda: _silence(house, alert.watch, reader.caller.name))
        said.text = said.text or say("silenced")

    async def do(act: Callable[[], None]) -> None:
        said.text = ""
        if not reader.caller.may("alerts"):
            said.text = say("may_not")
            return
        try:
            await asyncio.to_thread(act)
        except ChangeRefused as error:
            said.text = str(error)

    with ui.element("div").classes("fields"):
        button(say("acknowledge"), "acknowledge", acknowledge)
        button(say("silence"), "silence", silence)


def _labels(whole: _Whole, reader: Reader, house: House) -> None:
    """Whether it is right, by those who looked into it."""
    say, alert = reader.say, whole.alert
    words(say("is_it_right"), "h2")
    said = ui.element("div").props('role="status"')
    comment = ui.input(say("comment")).props('outlined dense dir="auto"').style("max-width: 40rem")

    def show(labels: list[Label]) -> None:
        said.clear()
        with said:
            for one in labels:
                words(f"{one.who} {say(f'labelled_{one.label}')} {one.comment}".strip(), "p", "quiet")

    async def give(verdict: Verdict) -> None:
        if not reader.caller.may("alerts"):
            show(whole.labels)
            with said:
                words(say("may_not"), "p", "wrong")
            return
        show(await asyncio.to_thread(_label, house, alert.id, verdict, reader.caller.name, comment.value or ""))

    show(whole.labels)
    with ui.element("div").classes("fields"):
        button(say("this_is_right"), "right", lambda: give("right"))
        button(say("this_is_wrong"), "wrong", lambda: give("wrong"))


def _text(article: ListedArticle, mentions: list[Mention], alert: Alert, reader: Reader) -> None:
    way = direction(article.language)
    proven = {(one.field, one.start, one.end): one.why for one in alert.evidence}
    parts = []
    for field, text in (("title", article.article.title), ("text", article.article.text)):
        marks = [Mark(start, end, "evidence", why) for (of, start, end), why in proven.items() if of == field]
        marks += [Mark(one.start, one.end, one.kind, one.name) for one in mentions if one.field == field]
        parts.append(f"<p>{marked(text, marks)}</p>")
    link = article.article.url or ""
    source = f'<a href="{escape(link)}" rel="noreferrer">{escape(link)}</a>' if link.startswith("http") else ""
    ui.html(
        f'<h2>{reader.say("evidence")}</h2><div class="text" dir="{way}" lang="{article.language}">{"".join(parts)}'
        f'</div><p class="quiet">{escape(article.article.outlet)} {source}</p>',
        sanitize=False,
    )


async def _map(alert: Alert, reader: Reader, house: House) -> None:
    """What the watch watches, and where the alert is in it."""
    first = alert.places[0]
    with ui.element("div").classes("small-map").props(f'role="region" aria-label="{reader.say("map")}"'):
        chart = ui.leaflet(center=(first.lat, first.lon), zoom=9)
        chart.clear_layers()
    await ui.context.client.connected()
    features = await asyncio.to_thread(watched, house, alert.watch)
    shown, dots, credit = map(json.dumps, (features, dots_of(alert), reader.say("credit")))
    ui.run_javascript(f"newswatch.begin({chart.id}, {shown}, {credit}); newswatch.show({chart.id}, {dots})")


def _tellings(whole: _Whole, reader: Reader, now: datetime) -> None:
    say = reader.say
    outlets = {one.article: one.outlet for one in whole.tellings}
    rows = "".join(
        f"<tr><td>{escape(one.outlet)}</td><td>{escape(say(f'told_{one.reason}'))}</td>"
        f"<td>{say('copy_of') + ' ' + escape(outlets[one.copy_of]) if one.copy_of in outlets else ''}</td>"
        f"<td><bdi>{ago(one.told_at, now)}</bdi></td></tr>"
        for one in whole.tellings
    )
    told = "".join(
        f"<tr><td>{one.alert.revision}</td><td>{HEADINGS[reader.language][one.alert.status]}</td>"
        f"<td><bdi>{escape('; '.join(one.alert.changes))}</bdi></td><td><bdi>{ago(one.at, now)}</bdi></td></tr>"
        for one in whole.history
    )
    for name, body in (("who_tells", rows), ("history", told)):
        words(say(name), "h2")
        with wide(say(name)):
            ui.html(f"<table class='plain'>{body}</table>", sanitize=False)


def _read(house: House, alert: str) -> _Whole | None:
    with house.archive.read() as connection:
        found = alert_search.get(connection, alert)
        if found is None:
            return None
        return _Whole(
            found,
            alert_search.history(connection, alert),
            tellings_of(connection, alert),
            article_search.get(connection, found.article),
            mentions_of(connection, [found.article])[found.article],
            handled.handled(connection, alert),
            alert_labels.of_alert(connection, alert),
        )


def _acknowledge(house: House, alert: str, who: str) -> None:
    with house.archive.begin() as connection:
        actions.acknowledge(connection, alert, who, "", house.clock())


def _silence(house: House, watch: str, who: str) -> None:
    now = house.clock()
    with house.archive.begin() as connection:
        actions.add_silence(connection, [f'watch="{watch}"'], now, now + _SILENCE, who, "", now)


def _label(house: House, alert: str, verdict: Verdict, who: str, comment: str) -> list[Label]:
    with house.archive.begin() as connection:
        actions.label(connection, alert, verdict, who, comment, house.clock())
        return alert_labels.of_alert(connection, alert)
