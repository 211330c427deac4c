"""The terminal view: counts above, articles flowing below, alerts with their evidence lit up."""

from __future__ import annotations

import time
from collections import deque
from types import TracebackType
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agents.notify.render import console_lines
from newswatch.demo.view import Snapshot
from streams.records import Alert

_SEVERITY = {"critical": "red", "warning": "yellow", "info": "cyan"}
_MOST_NAMES = 5
_KEPT_ALERTS = 20
_ALERT_ROWS = 5
_FIXED_ROWS = 8
"""Rows that neither the articles nor the alerts take: borders, header, the last line."""


class Screen(Protocol):
    """What the demonstration tells a person through."""

    def __enter__(self) -> Screen:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back."""

    def say(self, line: str) -> None:
        """Tell how things are going, in one line."""

    def alert(self, alert: Alert) -> None:
        """Show a delivered alert."""

    def show(self, snapshot: Snapshot) -> None:
        """Show the present state."""


def screen_for(console: Console) -> Screen:
    """A live view where the console is a terminal, else plain lines."""
    return LiveScreen(console) if console.is_terminal else PlainScreen(console)


def quote_text(alert: Alert) -> Text:
    """The sentence that proves an alert, its evidence bold and reversed."""
    text = Text(f"“{alert.quote}”")
    for start, end in alert.quote_spans:
        text.stylize("bold reverse", start + 1, end + 1)
    return text


def _counts_line(snapshot: Snapshot) -> str:
    return (
        f"articles in {snapshot.articles} · done {snapshot.done} · alerts {snapshot.alerts} "
        f"· delivered {snapshot.delivered} · dead {snapshot.dead} · feeds {snapshot.feeds}"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


class PlainScreen:
    """Lines without colours, for logs and pipes."""

    def __init__(self, console: Console, counts_every_seconds: float = 10.0) -> None:
        self._console = console
        self._counts_every_seconds = counts_every_seconds
        self._shown: deque[str] = deque(maxlen=500)
        self._counts = ""
        self._counted_at = float("-inf")

    def __enter__(self) -> PlainScreen:
        """Begin to show."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to give back."""

    def say(self, line: str) -> None:
        """Print the line."""
        self._print(line)

    def alert(self, alert: Alert) -> None:
        """Print the alert as three lines."""
        self._print(console_lines(alert, colour=False))

    def show(self, snapshot: Snapshot) -> None:
        """Print each article once, and the counts every few seconds while they change."""
        fresh = [one for one in reversed(snapshot.latest) if one.id not in self._shown]
        for one in fresh:
            self._shown.append(one.id)
            found = f" | {', '.join(one.names[:_MOST_NAMES])}" if one.names else ""
            self._print(f"{one.source}: {_one_line(one.title)}{found}")
        counts = _counts_line(snapshot)
        now = time.monotonic()
        if counts != self._counts and now - self._counted_at >= self._counts_every_seconds:
            self._counts, self._counted_at = counts, now
            self._print(counts)

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class LiveScreen:
    """A full view that is redrawn a few times a second."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._snapshot = Snapshot()
        self._alerts: deque[Alert] = deque(maxlen=_KEPT_ALERTS)
        self._line = "starting"
        self._live = Live(
            console=console, auto_refresh=False, screen=True, get_renderable=self.render, redirect_stderr=False
        )

    def __enter__(self) -> LiveScreen:
        """Take the terminal."""
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back."""
        self._live.stop()

    def say(self, line: str) -> None:
        """Show the line at the foot."""
        self._line = line
        self._live.refresh()

    def alert(self, alert: Alert) -> None:
        """Put the alert on top of the others."""
        self._alerts.appendleft(alert)
        self._live.refresh()

    def show(self, snapshot: Snapshot) -> None:
        """Redraw where something has changed."""
        if snapshot != self._snapshot:
            self._snapshot = snapshot
            self._live.refresh()

    def render(self) -> RenderableType:
        """Everything, cut to the height of the terminal."""
        height = self._console.size.height
        shown = max(1, min(len(self._alerts), (height - _FIXED_ROWS) // 2 // _ALERT_ROWS)) if self._alerts else 0
        rows = max(1, height - _FIXED_ROWS - max(1, shown * _ALERT_ROWS))
        return Group(
            Panel(self._header(), title="[bold]newswatch[/] · demonstration", border_style="blue"),
            Panel(self._articles(rows), title="latest articles", border_style="dim"),
            Panel(self._alert_list(shown), title="alerts delivered", border_style="red" if shown else "dim"),
            Text(_one_line(self._line), style="dim", overflow="ellipsis", no_wrap=True),
        )

    def _header(self) -> Text:
        one = self._snapshot
        header = Text(no_wrap=True, overflow="ellipsis")
        counted = (
            ("articles in", one.articles, "bold"),
            ("done", one.done, "bold green"),
            ("alerts", one.alerts, "bold red"),
            ("delivered", one.delivered, "bold"),
            ("dead", one.dead, "bold yellow" if one.dead else "bold"),
            ("feeds", one.feeds, "bold"),
        )
        for name, number, style in counted:
            header.append(f"{name} ", style="dim")
            header.append(f"{number}   ", style=style)
        return header

    def _articles(self, rows: int) -> RenderableType:
        if not self._snapshot.latest:
            return Text("waiting for the first article to be read", style="dim")
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(ratio=2, no_wrap=True, overflow="ellipsis", style="cyan")
        table.add_column(ratio=6, no_wrap=True, overflow="ellipsis")
        table.add_column(ratio=4, no_wrap=True, overflow="ellipsis", style="green")
        for one in self._snapshot.latest[:rows]:
            table.add_row(Text(one.source), Text(_one_line(one.title)), Text(", ".join(one.names[:_MOST_NAMES])))
        return table

    def _alert_list(self, shown: int) -> RenderableType:
        if not shown:
            return Text("none yet: a watched road comes up within seconds of the start", style="dim")
        parts: list[RenderableType] = []
        for alert in list(self._alerts)[:shown]:
            head = Text(no_wrap=True, overflow="ellipsis")
            head.append(f" {alert.severity} ", style=f"reverse {_SEVERITY.get(alert.severity, 'white')}")
            head.append(f" {alert.watch_name} ", style="bold")
            head.append(f"· {alert.outlet} · {', '.join(alert.kinds)}", style="dim")
            parts += [head, Padding(quote_text(alert), (0, 0, 0, 2)), Padding(Text(alert.reason, "dim"), (0, 0, 1, 2))]
        return Group(*parts)
