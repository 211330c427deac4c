"""Polls an hour on two cores, and how many times as many as feedparser alone reads of the same bytes.

Real feeds (`shared/corpora/feeds`, or NEWSWATCH_SHARED; where they are absent, generated ones, and it says so) stand
behind as many addresses as asked for, served over loopback by a process of its own. Every address is polled once; what
is measured is how it goes on: half of the polls are answered by 304, a quarter by the same bytes, a quarter by a
document with one item more. Costs are processor seconds of the poller, its parser and its archive
(an SQLite file), without the server's, so that they hold on a busy machine; what 100,000 addresses take is their
product, since polls do not depend on one another. feedparser's time is that of its plain `feedparser.parse(bytes)`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import logging
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import feedparser
import psutil
from aiohttp import web

from streams.archive.engine import open_archive
from streams.feeds import parse
from streams.feeds.catalogue import Feed
from streams.feeds.poller import Poller

AT_ONCE = 16
_ITEM = re.compile(rb"<(item|entry)[\s>].*?</\1>", re.DOTALL)
_NAMED = re.compile(rb"(\]\]>)?</(guid|id|link|title)>")


@dataclass(frozen=True)
class Limits:
    """As newswatch polls by default, but for the spacing and the addresses."""

    user_agent: str = "newswatch-bench/1"
    timeout_seconds: float = 20.0
    max_document_megabytes: float = 16.0
    parse_timeout_seconds: float = 30.0
    parse_processes: int = 1
    concurrency: int = AT_ONCE
    least_seconds: float = 300.0
    most_seconds: float = 3_600.0
    host_spacing_seconds: float = 0.0
    allow_networks: tuple[str, ...] = ("127.0.0.0/8",)


def documents() -> tuple[list[bytes], str]:
    """The documents, and what they are."""
    shared = Path(os.environ.get("NEWSWATCH_SHARED") or ROOT.parent / "shared") / "corpora" / "feeds"
    found = [
        path
        for path in sorted(shared.rglob("*"))
        if path.suffix in (".xml", ".rss", ".atom") and "w3c-feedvalidator" not in path.parts
    ]
    if found:
        bodies = [path.read_bytes() for path in found]
        return [gzip.decompress(one) if one.startswith(b"\x1f\x8b") else one for one in bodies], "real feeds"
    print(f"no corpora at {shared}: generated feeds in their place", file=sys.stderr)
    return [_generated(number) for number in range(40)], "generated feeds"


def _generated(number: int) -> bytes:
    text = "&lt;p&gt;" + "Le marché a ouvert ses portes ce matin. " * 30 + "&lt;/p&gt;"
    items = "".join(
        f"<item><title>Brève {number}-{n}</title><link>https://a.example/{number}/{n}</link><guid>{number}-{n}</guid>"
        f"<pubDate>Mon, 05 Jan 2026 {n % 24:02d}:00:00 GMT</pubDate><description>{text}</description></item>"
        for n in range(20 + number % 3 * 10)
    )
    return f"<rss version='2.0'><channel><title>w</title>{items}</channel></rss>".encode()


def with_one_more(body: bytes) -> bytes:
    """The document with a copy of its first item before it, under another name."""
    match = _ITEM.search(body)
    if match is None:
        return body + b"<!-- later -->"
    copy = _NAMED.sub(rb"-later\1</\2>", match.group())
    return body[: match.start()] + copy + body[match.start() :]


async def serve() -> None:
    """Answer `/KIND/NUMBER`: the first time with the document, then as its kind says."""
    bodies = documents()[0]
    later = [with_one_more(body) for body in bodies]
    seen: set[str] = set()

    async def answer(request: web.BaseRequest) -> web.Response:
        _, kind, number = request.path.split("/")
        at = int(number) % len(bodies)
        headers = {"Content-Type": "application/xml", **({"ETag": '"a"'} if kind == "304" else {})}
        if request.path not in seen:
            seen.add(request.path)
            return web.Response(body=bodies[at], headers=headers)
        if request.headers.get("If-None-Match"):
            return web.Response(status=304, headers=headers)
        return web.Response(body=(later if kind == "more" else bodies)[at], headers=headers)

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    ports = []
    for _ in range(AT_ONCE):  # as many hosts, since each is asked for one thing at a time
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.append(runner.addresses[-1][1])
    print(json.dumps(ports), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[list[int]]:
    """The ports of the server's process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


def processor_seconds(server_line: str = "--serve") -> tuple[float, float]:
    """Of this process, and of its children but for the server."""
    children = [one for one in psutil.Process().children(recursive=True) if server_line not in one.cmdline()]
    return time.process_time(), sum(sum(one.cpu_times()[:2]) for one in children)


@dataclass(frozen=True)
class Cost:
    """Of one poll, in seconds: of the poller's processor, of its children's, and by the clock."""

    own: float
    children: float
    clock: float


async def polled(poller: Poller, feeds: list[Feed], outcome: str) -> Cost:
    """Poll each once, `AT_ONCE` at a time."""
    waiting = iter(feeds)
    outcomes: list[str] = []

    async def some() -> None:
        for feed in waiting:
            outcomes.append((await poller.poll_once(feed)).outcome)

    own, children = processor_seconds()
    since = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    own_after, children_after = processor_seconds()
    wrong = sum(one != outcome for one in outcomes)
    if wrong > len(feeds) * 0.02:  # a handful of the corpora's files are no feeds
        raise SystemExit(f"{wrong} of {len(feeds)} polls were not {outcome!r}: {sorted(set(outcomes))}")
    count = len(feeds)
    return Cost((own_after - own) / count, (children_after - children) / count, (time.perf_counter() - since) / count)


async def measure(count: int) -> dict[str, Cost]:
    """What a poll costs, by how it is answered."""
    bodies, _ = documents()
    good = [at for at, body in enumerate(bodies) if feedparser.parse(body).entries]
    numbers = [at + turn * len(bodies) for turn in range(count // len(good) + 1) for at in good][:count]
    costs = {}
    with tempfile.TemporaryDirectory() as directory:
        archive = open_archive(f"sqlite:///{directory}/archive.sqlite")
        async with serving() as ports, Poller(archive, [], Limits()) as poller:
            for kind, outcome in (("304", "unchanged"), ("same", "unchanged"), ("more", "ok")):
                feeds = [
                    Feed(url=f"http://127.0.0.1:{ports[at % AT_ONCE]}/{kind}/{number}", id=f"{kind}-{number}")  # type: ignore[arg-type]
                    for at, number in enumerate(numbers)
                ]
                first = await polled(poller, feeds, "ok")
                costs["first"] = first
                costs[kind] = await polled(poller, feeds, outcome)
        archive.close()
    return costs


def feedparser_seconds() -> float:
    """Processor seconds of feedparser alone, a document."""
    bodies, _ = documents()
    good = [body for body in bodies if feedparser.parse(body).entries]
    since = time.process_time()
    for body in good:
        feedparser.parse(body)
    return (time.process_time() - since) / len(good)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--addresses", type=int, default=400, help="of each kind of answer")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(serve())
        return
    logging.disable(logging.WARNING)
    parse._QUICK_SECONDS = 30.0  # a process that ends takes the account of its time with it
    parse._RECYCLE_AFTER = 0
    parse._QUICK_BYTES = 1 << 30
    costs = asyncio.run(measure(arguments.addresses))
    alone = feedparser_seconds()
    _, what = documents()
    print(f"{what}; {arguments.addresses} addresses of each kind, taken for 100,000")
    for kind, cost in costs.items():
        print(
            f"{kind:6s} {(cost.own + cost.children) * 1000:6.2f} ms of processor a poll, {cost.own * 1000:5.2f} of it "
            f"the poller's own; {cost.clock * 1000:6.2f} ms by the clock"
        )
    for words, shares in (
        ("half 304, a quarter the same, a quarter with one item more", {"304": 0.5, "same": 0.25, "more": 0.25}),
        ("half 304, half with one item more", {"304": 0.5, "more": 0.5}),
    ):
        whole = sum(share * (costs[kind].own + costs[kind].children) for kind, share in shares.items())
        own = sum(share * costs[kind].own for kind, share in shares.items())
        clock = sum(share * costs[kind].clock for kind, share in shares.items())
        hour = 3_600 / max(whole / 2, own)  # the poller's own work is one core's
        print(
            f"{words}: {hour:,.0f} polls an hour on two cores ({3_600 / clock:,.0f} by the clock of this run, the "
            f"server's work included), 100,000 in {100_000 / hour * 60:.0f} min; {alone / whole:.1f} times "
            f"feedparser alone ({alone * 1000:.1f} ms a document)"
        )


if __name__ == "__main__":
    main()
