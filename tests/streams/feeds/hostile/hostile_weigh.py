"""Weighs a process and its children from outside, so that weighing takes none of its time.

`python hostile_weigh.py PID` looks every half second until its standard input closes, and then prints the most bytes
(RSS) that any one of them took; the servers and itself are left out.
"""

from __future__ import annotations

import contextlib
import sys
import threading

import psutil

STRANGERS = ("hostile_serve.py", "hostile_weigh.py")


def weight(of: psutil.Process) -> int:
    """The bytes of the heaviest of a process and its children."""
    most = of.memory_info().rss
    for child in of.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if not any(name in part for part in child.cmdline() for name in STRANGERS):
                most = max(most, child.memory_info().rss)
    return most


if __name__ == "__main__":
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    process, heaviest = psutil.Process(int(sys.argv[1])), 0
    while not ended.wait(0.5):
        heaviest = max(heaviest, weight(process))
    print(heaviest)
