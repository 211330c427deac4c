"""Telling systemd how we are (sd_notify): ready, alive, reloading, stopping. Elsewhere nothing happens."""

from __future__ import annotations

import asyncio
import os
import socket
import time

_SOCKET = "NOTIFY_SOCKET"
_WATCHDOG = "WATCHDOG_USEC"
VARIABLES = (_SOCKET, _WATCHDOG, "WATCHDOG_PID")
"""What systemd told us and is not for our children: they would speak in our name."""


def tell(*lines: str) -> bool:
    """Send states such as `READY=1`; whether somebody listens."""
    path = os.environ.get(_SOCKET, "")
    if not path:
        return False
    address = "\0" + path[1:] if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.sendto("\n".join(lines).encode(), address)
        except OSError:  # nobody listens any more: not our trouble
            return False
    return True


def tell_reloading() -> None:
    """The settings are read again; `READY=1` follows when that is done."""
    tell("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")


async def keep_alive() -> None:
    """Tell the watchdog of systemd, where it asks for it, that this event loop turns; until cancelled."""
    microseconds = os.environ.get(_WATCHDOG, "")
    while microseconds.isdigit() and int(microseconds):
        tell("WATCHDOG=1")
        await asyncio.sleep(int(microseconds) / 1_000_000 / 3)
