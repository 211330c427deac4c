"""Running the demonstration: the stage behind, the screen in front, an end that leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from rich.console import Console

from agents.notify.render import console_lines
from newswatch.demo.screen import PlainScreen, Screen, screen_for
from newswatch.demo.stage import Stage
from newswatch.demo.view import Snapshot, read_alert
from newswatch.logs import LogfmtFormatter
from streams.errors import MalformedRecord, NewswatchError
from streams.records import Alert, encode_alert

_LOOK_EVERY_SECONDS = 0.25
_AWAITED_KIND = "route"


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What was asked for on the command line."""

    until_alert: bool = False
    """End at the first delivered alert on a route."""
    as_json: bool = False
    """Alerts as JSON, one a line, and nothing else on standard output."""
    timeout_seconds: float = 300.0
    """How long to wait for that alert."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How it ended: the alert that was waited for, or why there is none; what was counted last."""

    awaited: Alert | None
    ended_by: str
    counted: Snapshot


async def run_demo(options: DemoOptions, out: TextIO, err: TextIO) -> int:
    """Run until the awaited alert, Ctrl-C or SIGTERM; the exit code. Every process it started has ended then."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    for_scripts = options.until_alert or options.as_json
    screen = PlainScreen(Console(file=err)) if for_scripts else screen_for(Console(file=out))
    with TemporaryDirectory(prefix="newswatch-demo-", ignore_cleanup_errors=True) as directory:
        _log_to(Path(directory) / "logs" / "demo.log")
        stage = Stage(Path(directory))
        try:
            with screen:
                outcome = await _watch(stage, screen, options, out, stopping)
        finally:
            await stage.stop()
            # a thread still at work on the archive must end before its directory goes
            await loop.shutdown_default_executor()
        complaints = stage.complaints()
    counted = outcome.counted
    seen = f"{counted.articles} articles in, {counted.done} done, {counted.alerts} alerts, {counted.dead} dead"
    if not options.until_alert:
        if outcome.ended_by:
            print("; ".join([outcome.ended_by, *complaints]), file=err)
            return 1
        print(f"newswatch demo has stopped: {seen}", file=err)
        return 0
    if outcome.awaited is not None:
        return 0
    why = outcome.ended_by or "stopped before an alert on a route"
    print("; ".join([f"{why}: {seen}", *complaints]), file=err)
    return 1


async def _watch(stage: Stage, screen: Screen, options: DemoOptions, out: TextIO, stopping: asyncio.Event) -> _Outcome:
    """Show what happens until it is time to end."""
    screen.say("starting the newsrooms, the broker and the roles")
    starting = asyncio.create_task(stage.start())
    stop = asyncio.create_task(stopping.wait())
    deadline = time.monotonic() + options.timeout_seconds
    snapshot = Snapshot()
    restarts: dict[str, int] = {}
    said = ""
    try:
        while not stop.done():
            for alert in _delivered(stage):
                _tell(alert, screen, options, out)
                if options.until_alert and _AWAITED_KIND in alert.kinds:
                    _print_awaited(alert, options, out)
                    return _Outcome(alert, "", await stage.look())
            snapshot = await stage.look()
            screen.show(snapshot)
            if starting.done() and (state := _state(stage, snapshot)) != said:
                starting.result()
                said = state
                screen.say(said)
            for role, times in stage.restarts().items():
                if times > restarts.get(role, 0):
                    screen.say(f"{role} ended unasked and is started again (time {times})")
            restarts = stage.restarts()
            if options.until_alert and time.monotonic() > deadline:
                return _Outcome(None, f"no alert on a route within {options.timeout_seconds:g} s", snapshot)
            await asyncio.wait({stop}, timeout=_LOOK_EVERY_SECONDS)
    except NewswatchError as error:
        return _Outcome(None, str(error), snapshot)
    finally:
        stop.cancel()
        starting.cancel()
        await asyncio.wait({stop, starting})
    return _Outcome(None, "", snapshot)


def _state(stage: Stage, snapshot: Snapshot) -> str:
    if not snapshot.done:
        return "the roles have started; models and names are loading (longer the first time)"
    return f"running; see it at {stage.web}; Ctrl-C ends it"


def _delivered(stage: Stage) -> list[Alert]:
    """The alerts that the webhook has received since the last look."""
    alerts = []
    while not stage.server.deliveries.empty():
        try:
            alerts.append(read_alert(stage.server.deliveries.get_nowait().body))
        except MalformedRecord:
            logging.getLogger(__name__).exception("a webhook brought no alert")
    return alerts


def _tell(alert: Alert, screen: Screen, options: DemoOptions, out: TextIO) -> None:
    screen.alert(alert)
    if options.as_json and not options.until_alert:
        print(_json_line(alert), file=out, flush=True)


def _print_awaited(alert: Alert, options: DemoOptions, out: TextIO) -> None:
    print(_json_line(alert) if options.as_json else console_lines(alert, colour=out.isatty()), file=out, flush=True)


def _json_line(alert: Alert) -> str:
    return json.dumps(json.loads(encode_alert(alert)), ensure_ascii=False)


def _log_to(path: Path) -> None:
    """Our own log lines would tear the screen: they go beside those of the roles."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(LogfmtFormatter("demo"))
    logging.getLogger().handlers[:] = [handler]
