"""Warm worker processes that can be killed: for work that may hang, crash or eat memory.

One process, the nursery, loads what the work needs (models, names) once and forks the workers, so that they share
its memory and a killed one is replaced in milliseconds. Each worker runs one function on one piece of work at a
time, over a socket of its own (length-prefixed pickles between our own two ends). Work over its time is killed
with its process; a caller sees `WorkTimedOut` for that piece only. No worker outlives the process that owns it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any

from streams.briefing import Briefing
from streams.errors import WorkTimedOut
from streams.memory import resident_bytes

_HEADER_BYTES = 8
_LARGE_BYTES = 128 * 1024


class WorkFailed(Exception):
    """The function raised in its process; `str(error)` is `Type: message` of what it raised."""


class _Nursery:
    """The process that has everything loaded and forks workers."""

    def __init__(self, target: str, arguments: tuple[Any, ...]) -> None:
        self._target = target
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._one_at_a_time = asyncio.Lock()

    async def fork(self) -> tuple[int, socket.socket]:
        """A new worker's pid and our end of its socket; loads first where nothing is loaded, or not any more."""
        async with self._one_at_a_time:
            for _ in range(2):
                if self._process is None:
                    await self._load()
                with contextlib.suppress(OSError):
                    if (forked := await self._ask()) is not None:
                        return forked
                await self.stop()  # it has died: load anew
        raise WorkFailed("the process that forks workers died twice")

    async def _ask(self) -> tuple[int, socket.socket] | None:
        assert self._control is not None
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"f"], [theirs.fileno()])
            self._control.setblocking(False)
            answer = await asyncio.get_running_loop().sock_recv(self._control, _HEADER_BYTES)
        except BaseException:
            ours.close()
            raise
        if not answer:
            ours.close()
            return None
        ours.setblocking(False)
        return int.from_bytes(answer, "big"), ours

    async def _load(self) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "streams.process_main",
                self._target,
                str(theirs.fileno()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                pass_fds=[theirs.fileno()],
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        await _send(self._process.stdin, self._arguments)
        ok, value = await _receive(self._process.stdout)
        if not ok:
            raise WorkFailed(value)

    async def stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None


class _Worker:
    """One warm process; `call` is used by one caller at a time."""

    def __init__(self, nursery: _Nursery, briefing: Briefing) -> None:
        self._nursery = nursery
        self._briefing = briefing
        self._heard = (0, 0)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.pid: int | None = None
        self.restarts = 0
        self.calls = 0

    async def start(self) -> None:
        self.pid, ours = await self._nursery.fork()
        self._reader, self._writer = await asyncio.open_connection(sock=ours)
        self.calls = 0
        self._heard = (0, 0)

    async def hear(self, timeout: float) -> None:
        """Tell the process what it has not been told yet; raises as `call` does."""
        while (news := self._briefing.after(self._heard)) is not None:
            message, heard = news
            before = self.restarts
            await self._exchange(message, timeout)
            self._heard = heard if self.restarts == before else (0, 0)

    async def call(self, work: Any, timeout: float) -> Any:
        await self._ready()
        await self.hear(timeout)
        self.calls += 1
        return await self._exchange(work, timeout)

    async def _ready(self) -> None:
        if self.pid is None:
            await self.start()
        elif self._reader is not None and (self._reader.at_eof() or self._reader.exception()):
            self.pid = None  # it died while it was idle: no work is to blame
            await self.restart()

    async def _exchange(self, work: Any, timeout: float) -> Any:
        assert self._reader is not None
        assert self._writer is not None
        try:
            async with asyncio.timeout(timeout):
                await _send(self._writer, work)
                ok, value = await _receive(self._reader)
        except TimeoutError as error:
            await self.restart()
            raise WorkTimedOut(f"no answer within {timeout:g} s, process killed") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            self.pid = None  # it has ended; its id may be another process's by now, which must not be killed
            await self.restart()
            raise WorkTimedOut("the process died over this piece of work") from error
        except asyncio.CancelledError:
            self.kill()
            raise
        if not ok:
            raise WorkFailed(value)
        return value

    async def restart(self) -> None:
        self.restarts += 1
        self.kill()
        await self.start()

    def kill(self) -> None:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)  # the nursery reaps it
            self.pid = None
        if self._writer is not None:
            self._writer.close()
            self._writer = None


class ProcessPool:
    """`size` warm processes that each run the function that `target` names.

    `target` is `module:factory`; the factory is called once with `arguments` and returns the function of one
    argument that every process calls with each piece of work. Arguments, work and answers must pickle. A process
    is replaced after `recycle_after` calls (0: never; 1: it ends with its work), and when it has more than
    `recycle_bytes` of memory (0: never), which bounds what its work may leak; no work is lost by it.
    A pool `beside` another has its processes from the same nursery.
    """

    def __init__(
        self,
        target: str,
        arguments: Sequence[Any] = (),
        *,
        size: int,
        recycle_after: int = 0,
        beside: ProcessPool | None = None,
        recycle_bytes: int = 0,
    ) -> None:
        self._nursery: _Nursery = beside._nursery if beside else _Nursery(target, tuple(arguments))
        self._briefing: Briefing = beside._briefing if beside else Briefing()
        self._workers = [_Worker(self._nursery, self._briefing) for _ in range(size)]
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        for worker in self._workers:
            self._idle.put_nowait(worker)
        self._recycle_after = recycle_after
        self._recycle_bytes = recycle_bytes
        self.size = size
        self.recycled = 0
        """How many processes were replaced for what they had done or grown to."""

    @property
    def restarts(self) -> int:
        """How many processes were killed or died since the pool was made."""
        return sum(worker.restarts for worker in self._workers)

    @property
    def pids(self) -> list[int]:
        """The process ids of the living processes."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    async def start(self) -> None:
        """Load, and fork every process beforehand; raises WorkFailed with what the factory raised."""
        for worker in self._workers:
            await worker.start()

    def brief(self, message: Any, *, anew: bool = False) -> int:
        """Have every process hear a message before its next piece of work, also those that are forked later.

        The function is called with it as with work; what it answers is dropped. `anew` says that this message stands
        in the place of all before it. Returns how many stand.
        """
        self._briefing.add(message, anew=anew)
        return len(self._briefing)

    async def spread(self, timeout: float) -> None:
        """Tell the idle processes now, one after another, so that their next work need not wait; raises as `call`."""
        for _ in range(self._idle.qsize()):
            if self._idle.empty():
                return  # the others are at work, and hear before their next piece
            worker = self._idle.get_nowait()
            try:
                if worker.pid is not None:
                    await worker.hear(timeout)
            finally:
                self._idle.put_nowait(worker)

    async def call(self, work: Any, timeout: float) -> Any:
        """Run one piece of work on the first idle process.

        Raises WorkTimedOut when it took longer than `timeout` seconds or killed its process, and WorkFailed when
        the function raised. The pool is whole again afterwards.
        """
        worker = await self._idle.get()
        try:
            if self._is_used_up(worker):
                self.recycled += 1
                worker.kill()
            return await worker.call(work, timeout)
        finally:
            if self._recycle_after == 1:
                worker.kill()  # its memory is free at once
            self._idle.put_nowait(worker)

    def _is_used_up(self, worker: _Worker) -> bool:
        if self._recycle_after and worker.calls >= self._recycle_after:
            return True
        if not self._recycle_bytes or worker.pid is None:
            return False
        return (resident_bytes(worker.pid) or 0) > self._recycle_bytes

    async def stop(self) -> None:
        """Kill every process; work in flight is lost to its caller."""
        for worker in self._workers:
            worker.kill()
        await self._nursery.stop()


async def _send(writer: asyncio.StreamWriter, value: Any) -> None:
    body = memoryview(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))
    writer.write(len(body).to_bytes(_HEADER_BYTES, "big"))
    for at in range(0, len(body), _LARGE_BYTES):  # at once it would be copied whole while all else waits
        writer.write(body[at : at + _LARGE_BYTES])
        await writer.drain()


async def _receive(reader: asyncio.StreamReader) -> tuple[bool, Any]:
    size = int.from_bytes(await reader.readexactly(_HEADER_BYTES), "big")
    body = await reader.readexactly(size)
    answer: tuple[bool, Any]
    if size < _LARGE_BYTES:
        answer = pickle.loads(body)
    else:  # thousands of records take a while
        answer = await asyncio.to_thread(pickle.loads, body)
    return answer
