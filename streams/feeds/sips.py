"""Sockets that give little at a time: what a server pours is taken up in small steps, between which others have theirs.

An event loop takes a quarter of a megabyte off a socket at once. As one-byte chunks, interim answers or short header
lines that is a quarter of a second's work for the parser of HTTP, in one step that nothing else gets into.
"""

from __future__ import annotations

import socket
from typing import Any

SIP = 8 * 1024
"""Bytes that one step takes; a usual feed comes in a few."""


class SippingSocket(socket.socket):
    """A socket whose reads give `SIP` bytes at most."""

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """As `socket.recv`; of plain connections."""
        return super().recv(min(bufsize, SIP), flags)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """As `socket.recv_into`; of TLS."""
        return super().recv_into(buffer, min(nbytes or len(buffer), SIP), flags)
