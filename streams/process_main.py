"""The inside of a warm worker process (see `processes.py`): read work, run the function, write the answer."""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import sys
from typing import Any, BinaryIO

from streams.orphan import end_with_parent

_HEADER_BYTES = 8


def main() -> None:
    """Serve work on standard input until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends us
    end_with_parent(os.getppid(), at_once=True)
    requests: BinaryIO = os.fdopen(os.dup(0), "rb")
    answers: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library's print must not end up among the answers
    module, _, factory = sys.argv[1].partition(":")
    try:
        function = getattr(importlib.import_module(module), factory)(*_read(requests))
    except Exception as error:  # whatever it was, the parent must hear of it
        _write(answers, (False, f"{type(error).__name__}: {error}"))
        return
    _write(answers, (True, None))
    while True:
        try:
            work = _read(requests)
        except EOFError:
            return
        try:
            answer = (True, function(work))
        except Exception as error:  # the function's failure is an answer, not our end
            answer = (False, f"{type(error).__name__}: {error}")
        _write(answers, answer)


def _read(stream: BinaryIO) -> Any:
    header = stream.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES:
        raise EOFError
    return pickle.loads(stream.read(int.from_bytes(header, "big")))


def _write(stream: BinaryIO, answer: tuple[bool, Any]) -> None:
    body = pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(len(body).to_bytes(_HEADER_BYTES, "big") + body)
    stream.flush()


if __name__ == "__main__":
    main()
