"""Alerts on the notifier's standard output."""

from __future__ import annotations

import asyncio
import sys

from agents.notify.bundle import alerts_of, bundle_title
from agents.notify.render import console_lines
from streams.archive.deliveries import DueDelivery
from streams.errors import DeliveryFailed


async def deliver(due: DueDelivery) -> str:
    """Write the alerts of a delivery; raises DeliveryFailed when nobody reads the output any more.

    A reader that holds still holds up this endpoint only. What the output's encoding does not have is escaped.
    """
    colour = sys.stdout.isatty()
    lines = "\n".join(console_lines(one, colour=colour) for one in alerts_of(due))
    if due.others:
        lines = f"{bundle_title(due, 'en').upper()}\n{lines}"
    encoding = sys.stdout.encoding or "utf-8"
    try:
        await asyncio.to_thread(print, lines.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except OSError as error:
        raise DeliveryFailed(f"standard output: {error}") from error
    return "written to standard output"
