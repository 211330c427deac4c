"""The timeline of Live: how many alerts opened in each hour, and going back to any of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from html import escape

from nicegui import events, ui

from newswatch.web.pages.fields import button
from newswatch.web.pages.frame import Reader
from streams.archive import alert_search
from streams.archive.engine import Archive
from streams.clock import Clock

HOURS = 7 * 24
REDRAWN_SECONDS = 30.0
_FRESH = timedelta(seconds=REDRAWN_SECONDS - 5)
_HOUR = timedelta(hours=1)
_WIDTH = 4


class Week:
    """How many alerts opened in each hour, counted and drawn once for everybody who looks. Of one event loop."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self.clock = clock
        self._archive = archive
        self._lock = asyncio.Lock()
        self._counted_at: datetime | None = None
        self._counts: dict[datetime, int] = {}
        self._drawn: dict[str, str] = {}

    async def drawing(self, name: str) -> str:
        """The week up to now as `drawn`; it is of at most half a minute ago."""
        async with self._lock:
            now = self.clock()
            if self._counted_at is None or abs(now - self._counted_at) >= _FRESH:
                self._counts = await asyncio.to_thread(self._count, now)
                self._counted_at = now
                self._drawn.clear()
            if name not in self._drawn:
                self._drawn[name] = drawn(self._counts, self._counted_at, name)
            return self._drawn[name]

    def _count(self, end: datetime) -> dict[datetime, int]:
        with self._archive.read() as connection:
            return alert_search.by_hour(connection, end - HOURS * _HOUR, end)


class Timeline:
    """A week of hours, and the time that is shown."""

    def __init__(self, reader: Reader, week: Week) -> None:
        self.then: datetime | None = None
        """The time that is shown; None while it is now."""
        self.moved: Callable[[], Awaitable[None]] = self.draw
        """Is called after every move."""
        self._reader = reader
        self._week = week
        say = reader.say
        with ui.element("div").classes("timeline").props(f'role="group" aria-label="{say("timeline")}"'):
            self._bars = ui.html("", sanitize=False).classes("hours")
            self._slider = ui.element("input").props(f'type="range" min="0" max="{HOURS}" value="{HOURS}" dir="ltr"')
            self._slider.props["aria-label"] = say("timeline")
            self._slider.on(
                "input", self._slid, js_handler="(event) => emit(Number(event.target.value))", throttle=0.15
            )
            with ui.element("div").classes("fields"):
                self._said = ui.label(say("now")).props('role="status"')
                self._back = button(say("back_to_now"), "now", self._now)
                self._back.set_visibility(False)

    async def draw(self) -> None:
        """Draw the week up to now."""
        self._bars.set_content(await self._week.drawing(self._reader.say("alerts")))

    async def _slid(self, event: events.GenericEventArguments) -> None:
        back = HOURS - max(0, min(HOURS, int(event.args)))
        self._slider.props["value"] = HOURS - back
        now = self._week.clock()
        self.then = None if back == 0 else now - back * _HOUR
        said = self._reader.say("now") if self.then is None else f"{self.then:%Y-%m-%d %H:%M} UTC"
        self._said.text = said
        self._slider.props["aria-valuetext"] = said
        self._back.set_visibility(self.then is not None)
        await self.moved()

    async def _now(self) -> None:
        self.then = None
        self._slider.props["value"] = HOURS
        self._slider.props["aria-valuetext"] = self._said.text = self._reader.say("now")
        self._slider.update()
        self._back.set_visibility(False)
        await self.moved()


def drawn(counts: dict[datetime, int], end: datetime, name: str) -> str:
    """A bar an hour, the last one the hour that is not over."""
    last = end.replace(minute=0, second=0, microsecond=0)
    most = max(counts.values(), default=1)
    bars = ""
    for at, count in counts.items():
        x = (HOURS - int((last - at) / _HOUR)) * _WIDTH
        high = max(2.0, 28 * count / most)
        title = f"<title>{at:%Y-%m-%d %H:%M} UTC: {count}</title>"
        bars += f'<rect x="{x}" y="{30 - high:.1f}" width="{_WIDTH - 1}" height="{high:.1f}">{title}</rect>'
    label = escape(f"{name}: {sum(counts.values())}")
    size = (HOURS + 1) * _WIDTH
    return (
        f'<svg class="bars" role="img" aria-label="{label}" viewBox="0 0 {size} 31" preserveAspectRatio="none"'
        f' dir="ltr">'
        f'{bars}<line x1="0" x2="{size}" y1="30.5" y2="30.5"/></svg>'
    )
