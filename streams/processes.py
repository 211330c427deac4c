"""Warm worker processes that can be killed: for work that may hang, crash or eat memory.

Each process runs one function on one piece of work at a time, over its own standard input and output
(length-prefixed pickles between our own two ends). Work over its time is killed with its process and a new
one is started; a caller sees `WorkTimedOut` for that piece only. A process ends by itself when its parent
is gone, since its standard input closes and its parent's pid changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from collections.abc import Sequence
from typing import Any

from streams.errors import WorkTimedOut

_HEADER_BYTES = 8


class WorkFailed(Exception):
    """The function raised in its process; `str(error)` is `Type: message` of what it raised."""


class _Process:
    """One warm process; `call` is used by one caller at a time."""

    def __init__(self, target: str, arguments: tuple[Any, ...]) -> None:
        self._target = target
        self._arguments = arguments
        self._child: asyncio.subprocess.Process | None = None
        self.restarts = 0
        self.calls = 0

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Start the process and wait until its function is ready (models loaded)."""
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "streams.process_main",
            self._target,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self.calls = 0
        await self._send(self._arguments)
        ok, value = await self._receive()
        if not ok:
            raise WorkFailed(value)

    async def call(self, work: Any, timeout: float) -> Any:
        self.calls += 1
        try:
            async with asyncio.timeout(timeout):
                if self._child is None:
                    await self.start()
                await self._send(work)
                ok, value = await self._receive()
        except TimeoutError as error:
            await self.restart()
            raise WorkTimedOut(f"no answer within {timeout:g} s, process killed") from error
        except (BrokenPipeError, ConnectionResetError, asyncio.IncompleteReadError) as error:
            await self.restart()
            raise WorkTimedOut("the process died over this piece of work") from error
        except asyncio.CancelledError:
            self._kill()
            raise
        if not ok:
            raise WorkFailed(value)
        return value

    async def restart(self) -> None:
        self.restarts += 1
        await self.stop()
        await self.start()

    def _kill(self) -> None:
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError):
                self._child.kill()
            self._child = None

    async def stop(self) -> None:
        child = self._child
        if child is None:
            return
        self._kill()
        await child.wait()

    async def _send(self, value: Any) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        self._child.stdin.write(len(body).to_bytes(_HEADER_BYTES, "big") + body)
        await self._child.stdin.drain()

    async def _receive(self) -> tuple[bool, Any]:
        assert self._child is not None
        assert self._child.stdout is not None
        size = int.from_bytes(await self._child.stdout.readexactly(_HEADER_BYTES), "big")
        answer: tuple[bool, Any] = pickle.loads(await self._child.stdout.readexactly(size))
        return answer


class ProcessPool:
    """`size` warm processes that each run the function that `target` names.

    `target` is `module:factory`; the factory is called in the process with `arguments` and returns the function
    of one argument that is called with each piece of work. All of it must pickle.
    """

    def __init__(self, target: str, arguments: Sequence[Any] = (), *, size: int, recycle_after: int = 0) -> None:
        self._processes = [_Process(target, tuple(arguments)) for _ in range(size)]
        self._idle: asyncio.Queue[_Process] = asyncio.Queue()
        self._recycle_after = recycle_after
        self.size = size

    @property
    def restarts(self) -> int:
        """How many processes were killed or died since the pool was made."""
        return sum(process.restarts for process in self._processes)

    @property
    def idle(self) -> int:
        """How many processes wait for work."""
        return self._idle.qsize()

    @property
    def pids(self) -> list[int]:
        """The process ids of the living processes."""
        return [process.pid for process in self._processes if process.pid is not None]

    async def start(self) -> None:
        """Start every process and wait until all are ready."""
        await asyncio.gather(*(process.start() for process in self._processes))
        for process in self._processes:
            self._idle.put_nowait(process)

    async def call(self, work: Any, timeout: float) -> Any:
        """Run one piece of work on the first idle process.

        Raises WorkTimedOut when it took longer than `timeout` seconds or killed its process, and WorkFailed when
        the function raised. The pool is whole again afterwards.
        """
        process = await self._idle.get()
        try:
            if self._recycle_after and process.calls >= self._recycle_after:
                await process.stop()
                await process.start()
            return await process.call(work, timeout)
        finally:
            self._idle.put_nowait(process)

    async def stop(self) -> None:
        """Kill every process; work in flight is lost to its caller."""
        await asyncio.gather(*(process.stop() for process in self._processes))
