"""Memory of large arrays goes back to the system when they are freed."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_MMAP_THRESHOLD = -3
"""glibc's M_MMAP_THRESHOLD, see mallopt(3)."""
_LARGE = 4 << 20


def give_large_blocks_back() -> None:
    """Have the C library map blocks of four megabytes and more each on its own; where it is not glibc, nothing.

    Left to itself glibc raises that size to 32 MB with use, and keeps what lies between for later: a quarter of the
    memory of a process that packs a million watches.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)
