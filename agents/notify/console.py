"""Alerts on the notifier's standard output."""

from __future__ import annotations

import sys

from agents.notify.render import console_lines
from streams.archive.deliveries import DueDelivery
from streams.errors import DeliveryFailed


async def deliver(due: DueDelivery) -> None:
    """Write one alert; raises DeliveryFailed when nobody reads the output any more."""
    try:
        print(console_lines(due.alert, colour=sys.stdout.isatty()), flush=True)
    except OSError as error:
        raise DeliveryFailed(f"standard output: {error}") from error
