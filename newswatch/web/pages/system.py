"""System: each role, how far behind it is, what was sent where, and what could not be processed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from html import escape

from nicegui import ui

from newswatch.status import Status, read_status
from newswatch.web.house import House
from newswatch.web.pages.fields import wide
from newswatch.web.pages.frame import Reader, frame
from newswatch.web.pages.live import ago
from newswatch.web.pages.words import state_in
from streams.archive import dead, delivery_log
from streams.archive.dead import DeadRow
from streams.archive.delivery_log import LoggedDelivery

_MOST_DEAD = _MOST_DELIVERIES = 50
_SENT = ("watch", "endpoint", "state", "attempts", "error", "when")


async def show(reader: Reader, house: House) -> None:
    """The view."""
    say = reader.say
    with frame(reader, "system", say("system")), ui.element("div").classes("column"):
        ui.html(f"<h1>{say('system')}</h1>", sanitize=False)
        with wide(say("system")):
            content = ui.html("", sanitize=False)

        async def refresh() -> None:
            content.set_content(_tables(*await asyncio.to_thread(_read, house), reader, house))

        await refresh()
        ui.timer(2.0, refresh)


def _read(house: House) -> tuple[Status, list[DeadRow], list[LoggedDelivery]]:
    status = read_status(house.archive, house.clock())
    with house.archive.read() as connection:
        newest = delivery_log.list_deliveries(connection, _MOST_DELIVERIES)
        return status, dead.list_dead(connection, _MOST_DEAD), newest


def _tables(status: Status, rows: list[DeadRow], deliveries: list[LoggedDelivery], reader: Reader, house: House) -> str:
    say = reader.say
    roles = [
        (
            one.role,
            state_in(say, one.state),
            f"{one.behind} {say(f'unit_{one.unit}')}" if one.behind is not None else "",
            one.last_error or "",
        )
        for one in status.roles
    ]
    gone = [(row.article[:12], row.step, row.error, ago(row.at, house.clock())) for row in rows]
    sent = [
        (
            one.watch,
            one.endpoint,
            state_in(say, one.state),
            str(one.attempts),
            one.error or "",
            ago(one.added_at, house.clock()),
        )
        for one in deliveries
    ]
    return (
        _table(("role", "state", "behind", "last_error"), roles, reader)
        + f"<h2>{escape(say('dead'))}: {status.dead}</h2>"
        + (_table(("article", "step", "error", "when"), gone, reader) if gone else f"<p>{escape(say('no_dead'))}</p>")
        + f"<h2>{escape(say('deliveries'))}</h2>"
        + (_table(_SENT, sent, reader) if sent else f"<p>{escape(say('no_deliveries'))}</p>")
    )


def _table(keys: tuple[str, ...], rows: Sequence[tuple[str, ...]], reader: Reader) -> str:
    head = "".join(f'<th scope="col">{escape(reader.say(key))}</th>' for key in keys)
    body = "".join("<tr>" + "".join(f"<td><bdi>{escape(cell)}</bdi></td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="plain"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
