"""Alerts on the notifier's standard output."""

from __future__ import annotations

import asyncio
import sys

from agents.notify.render import console_lines
from streams.archive.deliveries import DueDelivery
from streams.errors import DeliveryFailed


async def deliver(due: DueDelivery) -> str:
    """Write one alert; raises DeliveryFailed when nobody reads the output any more.

    A reader that holds still holds up this endpoint only. What the output's encoding does not have is escaped.
    """
    lines = console_lines(due.alert, colour=sys.stdout.isatty())
    encoding = sys.stdout.encoding or "utf-8"
    try:
        await asyncio.to_thread(print, lines.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except OSError as error:
        raise DeliveryFailed(f"standard output: {error}") from error
    return "written to standard output"
