"""What a watch would have fired on: counted while the archive is looked through, day by day."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

from nicegui import ui

from agents.match.summary import WatchSummary
from newswatch.web.given_watch import take
from newswatch.web.house import House
from newswatch.web.pages.frame import Reader
from newswatch.web.pages.marked import Mark, marked
from newswatch.web.pages.words import direction
from newswatch.web.replay import replayed

if TYPE_CHECKING:
    from agents.match.backtest import Replayed

DAYS = 30
_SHOWN = 20
_AROUND = 90
"""Characters before and after what fired."""


class Trial:
    """The place where a trial is told; one at a time."""

    def __init__(self, reader: Reader, house: House) -> None:
        self._reader = reader
        self._house = house
        self._content = ui.html("", sanitize=False).props('aria-live="polite"')
        self._content.classes("trial")
        self._running = False

    async def run(self, definition: Mapping[str, Any]) -> None:
        """Replay the last 30 days. Raises Problem where the watch has mistakes."""
        if self._running:
            return
        self._running = True
        try:
            hits: list[Replayed] = []
            self._content.set_content(f"<p>{escape(self._reader.say('replaying'))}</p>")
            work = asyncio.create_task(asyncio.to_thread(self._replay, definition, hits))
            while not work.done():
                await asyncio.wait([work], timeout=0.5)
                if hits and not work.done():
                    told = f"{self._reader.say('replaying')} {len(hits)} {self._reader.say('hits')}"
                    self._content.set_content(f"<p>{escape(told)}</p>")
            self._content.set_content(self._told(await work, hits))
        except BaseException:
            self._content.set_content("")
            raise
        finally:
            self._running = False

    def _replay(self, definition: Mapping[str, Any], hits: list[Replayed]) -> WatchSummary:
        watch = take(definition, self._house).watch
        for found in replayed(watch, DAYS, self._house):
            if isinstance(found, WatchSummary):
                return found
            hits.append(found)
        raise AssertionError("a replay ends with its summary")

    def _told(self, summary: WatchSummary, hits: list[Replayed]) -> str:
        say = self._reader.say
        told = (
            f"<p><strong data-hits='{summary.hits}'>{summary.hits} {say('hits')}</strong> · {summary.alerts} "
            f"{say('alerts').lower()} · {summary.hits_a_day:.2g} {say('a_day')}</p>"
        )
        if summary.noisiest is not None:
            alias = summary.noisiest
            told += f"<p>{say('noisiest')}: <strong dir='auto'>{escape(alias.surface)}</strong> ({alias.hits})</p>"
        if summary.hits:
            told += self._bars(summary)
        return told + "".join(_line(one) for one in hits[-_SHOWN:][::-1])

    def _bars(self, summary: WatchSummary) -> str:
        today = self._house.clock().date()
        days = [(today - timedelta(days=back)).isoformat() for back in range(DAYS, -1, -1)]
        most = max(summary.days.values())
        bars = "".join(
            f'<rect x="{at * 10}" y="{60 - 60 * summary.days.get(day, 0) / most:.1f}" width="8" '
            f'height="{60 * summary.days.get(day, 0) / most:.1f}"><title>{_short(day)}: {summary.days.get(day, 0)}'
            "</title></rect>"
            for at, day in enumerate(days)
        )
        spoken = "; ".join(f"{_short(day)}: {count}" for day, count in summary.days.items())
        label = f"{self._reader.say('hits')} {self._reader.say('a_day')}. {spoken}"
        return (
            f'<svg class="bars" role="img" aria-label="{escape(label)}" viewBox="0 0 {10 * len(days)} 62" '
            f'preserveAspectRatio="none" dir="ltr">'
            f'{bars}<line x1="0" x2="{10 * len(days)}" y1="61" y2="61"/></svg>'
        )


def _short(day: str) -> str:
    return date.fromisoformat(day).strftime("%d.%m.")


def _line(found: Replayed) -> str:
    article, first = found.enriched.article, found.hit.evidence[0] if found.hit.evidence else None
    way = direction(found.enriched.language)
    quote = ""
    if first is not None:
        text = article.title if first.field == "title" else article.text
        start, end = max(0, first.start - _AROUND), min(len(text), first.end + _AROUND)
        quote = f"<p>{marked(text[start:end], [Mark(first.start - start, first.end - start, 'evidence')])}</p>"
    seen = f"{article.first_seen:%Y-%m-%d} · {escape(article.outlet)}"
    title = escape(article.title)
    return f'<article class="alert info" dir="{way}"><h3>{title}</h3>{quote}<p class="quiet">{seen}</p></article>'
