"""Above the list of feeds: look at an address, add it, and lists of feeds both ways."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from nicegui import ui
from nicegui.element import Element
from pydantic import ValidationError

from newswatch.probe_words import told_of_probe
from newswatch.web.feed_adding import add_feeds
from newswatch.web.house import House
from newswatch.web.pages.fields import button, words
from newswatch.web.pages.frame import Reader
from streams.errors import ChangeRefused, FetchFailed
from streams.feeds.catalogue import Feed
from streams.feeds.link import as_typed
from streams.feeds.probe import probe_address

_LIST = "/api/v1/feeds/opml"
_SEND = f"""async (event) => {{
    const file = event.target.files[0];
    if (!file) return;
    const answer = await fetch('{_LIST}', {{method: 'POST', headers: {{'Content-Type': 'text/x-opml'}}, body: file}});
    event.target.value = '';
    emit(await answer.json());
}}"""


def feed_form(reader: Reader, house: House, refresh: Callable[[], Awaitable[None]]) -> None:
    """The form; `refresh` is called when there may be more feeds."""
    say = reader.say
    with ui.element("div").classes("fields"):
        address = ui.input(say("address_field")).classes("name-field")
        address.props('outlined dense dir="auto" autocomplete="off" data-field="address"')

        async def look() -> None:
            if address.value and _may(reader):
                _tell(said, [say("looking")], reader)
                _tell(said, await _looked(as_typed(address.value), house), reader, "en")

        async def add() -> None:
            if address.value and _may(reader):
                told, is_ours = await asyncio.to_thread(_added, as_typed(address.value), reader, house)
                _tell(said, [told], reader, reader.language if is_ours else "en")
                await refresh()

        button(say("probe"), "probe", look)
        button(say("add_feed"), "add-feed", add)
        ui.link(say("opml_export"), _LIST).classes("act").props('download="feeds.opml"')
        with ui.element("label").classes("act file"):  # the field's own words would be in the browser's language
            words(say("opml_import"))
            chosen = ui.element("input").props('type="file" accept=".opml,.xml" data-field="opml"')
    said = ui.element("div").classes("quiet").props('role="status"')

    async def imported(event: Any) -> None:
        answer = event.args
        if "added" not in answer:
            _tell(said, [str(answer.get("detail") or answer.get("title"))], reader, "en")
            return
        counts = say("feeds_taken").format(len(answer["added"]), answer["known"], len(answer["problems"]))
        _tell(said, [counts, *answer["problems"]], reader)
        await refresh()

    chosen.on("change", imported, js_handler=_SEND)


def _may(reader: Reader) -> bool:
    if not reader.caller.may("feeds"):
        ui.notify(reader.say("may_not"))
        return False
    return True


async def _looked(url: str, house: House) -> list[str]:
    try:
        return list(told_of_probe(await probe_address(url, house.settings.poll), house.settings))
    except FetchFailed as error:
        return [f"{url}: {error}"]


def _added(url: str, reader: Reader, house: House) -> tuple[str, bool]:
    """What became of it, and whether that is said in the reader's language."""
    try:
        feed = Feed.model_validate({"url": url})
        return reader.say("feed_added" if add_feeds(house, [feed], reader.caller.name) else "feed_known"), True
    except ValidationError as error:
        return f"{url}: {error.errors()[0]['msg']}", False
    except ChangeRefused as error:
        return str(error), False


def _tell(place: Element, lines: Iterable[str], reader: Reader, language: str = "") -> None:
    place.clear()
    with place:
        for line in lines:
            words(line, "p").props(f'lang="{language or reader.language}" dir="auto"')
