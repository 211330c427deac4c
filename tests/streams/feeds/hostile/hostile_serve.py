"""The hostile servers as a process of its own, so that they take no time from the poller under test.

`python hostile_serve.py CANARY_PORT` prints `{kind: {case: address}}` as one line of JSON once all of them listen, and
serves until its standard input closes. Besides them `healthy` feeds are served, and `tick` tells how late a timer of
this process was at worst since it was asked last: how busy the machine is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import hostile_bodies
import hostile_documents
import hostile_http
import hostile_redirects
from hostile_case import FEED, Answer, Case, answering, case, whole

HEALTHY = 8
TICK_SECONDS = 0.02


def kinds(canary_port: int) -> dict[str, list[Case]]:
    """Every case, by kind."""
    return {
        "slow": [one for one in hostile_http.CASES if "timeout" in one.outcomes],
        "http": [one for one in hostile_http.CASES if "timeout" not in one.outcomes],
        "bodies": list(hostile_bodies.CASES),
        "documents": list(hostile_documents.CASES),
        "redirects": list(hostile_redirects.cases(canary_port)),
    }


def _healthy() -> Answer:
    served = 0

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        served += 1
        number = str(served).encode()
        writer.write(whole(FEED.replace(b">one<", b">" + number + b"<").replace(b"/1<", b"/" + number + b"<")))

    return answer


class _Ticks:
    """How late the timer of this process was."""

    def __init__(self) -> None:
        self.late: list[float] = []

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(TICK_SECONDS)
            self.late.append(loop.time() - before - TICK_SECONDS)

    async def answer(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        late, self.late = self.late, []
        writer.write(whole(json.dumps(late).encode(), kind="application/json"))


async def _serve(canary_port: int) -> None:
    ticks = _Ticks()
    ticking = asyncio.create_task(ticks.run())
    cases = kinds(canary_port)
    cases["healthy"] = [case(f"healthy {number}", _healthy(), "ok") for number in range(HEALTHY)]
    cases["tick"] = [case("tick", ticks.answer, "ok")]
    addresses: dict[str, dict[str, str]] = {}
    async with contextlib.AsyncExitStack() as stack:
        for kind, some in cases.items():
            for one in some:
                server = await asyncio.start_server(answering(one), "127.0.0.1", 0)
                stack.callback(server.close)
                port = server.sockets[0].getsockname()[1]
                addresses.setdefault(kind, {})[one.name] = f"http://127.0.0.1:{port}/feed"
        print(json.dumps(addresses), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        ticking.cancel()
    os._exit(0)  # what is still being poured or made ends with its process


@contextlib.asynccontextmanager
async def serving(canary_port: int) -> AsyncIterator[dict[str, dict[str, str]]]:
    """The addresses of all servers, by kind and name, while their process runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(__file__)), str(canary_port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
