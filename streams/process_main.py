"""The inside of warm processes (see `processes.py`): the nursery that loads and forks, and the workers it forks."""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from streams.memory import loading
from streams.orphan import die_with_parent_thread, end_with_parent

_HEADER_BYTES = 8


def main() -> None:
    """Load what `argv[1]` names, then fork a worker for each socket that comes over the descriptor `argv[2]`."""
    target, control = sys.argv[1], socket.socket(fileno=int(sys.argv[2]))
    die_with_parent_thread()  # also while it loads; after that the closed socket tells it on every platform
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, which then ends us
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # killed workers leave no zombies
    requests: BinaryIO = os.fdopen(os.dup(0), "rb")
    answers: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library's print must not end up among the answers
    module, _, factory = target.partition(":")
    try:
        with loading():  # and so a collection in a worker does not touch, and so copy, every shared page
            function = getattr(importlib.import_module(module), factory)(*_read(requests))
    except Exception as error:  # whatever it was, the owner must hear of it
        _write(answers, (False, f"{type(error).__name__}: {error}"))
        return
    _write(answers, (True, None))
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return  # the owner is gone; its workers follow us
        nursery = os.getpid()
        pid = os.fork()
        if pid == 0:
            control.close()
            _work(function, descriptors[0], nursery)
        os.close(descriptors[0])
        control.sendall(pid.to_bytes(_HEADER_BYTES, "big"))


def _work(function: Callable[[Any], Any], descriptor: int, nursery: int) -> None:
    """Serve work on a socket until it closes; never returns."""
    die_with_parent_thread()
    end_with_parent(nursery, at_once=True)
    connection = socket.socket(fileno=descriptor)
    stream = connection.makefile("rwb")
    while True:
        try:
            work = _read(stream)
        except (EOFError, OSError):
            os._exit(0)
        try:
            answer = (True, function(work))
        except Exception as error:  # the function's failure is an answer, not our end
            answer = (False, f"{type(error).__name__}: {error}")
        try:
            _write(stream, answer)
        except OSError:
            os._exit(0)


def _read(stream: Any) -> Any:
    header = stream.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES:
        raise EOFError
    return pickle.loads(stream.read(int.from_bytes(header, "big")))


def _write(stream: Any, answer: tuple[bool, Any]) -> None:
    body = pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(len(body).to_bytes(_HEADER_BYTES, "big") + body)
    stream.flush()


if __name__ == "__main__":
    main()
