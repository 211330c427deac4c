"""Redirects and names that lead where nobody may go."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

from hostile_case import FEED, Answer, Case, case, whole

CANARY = "127.0.0.2"
"""A loopback address that is not allowed, with a listener that must never be called."""


def private_hosts() -> tuple[str, ...]:
    """Hosts of an address, each a way to write one that is not public, and some that are no host at all."""
    return (
        "127.0.0.2", "127.2", "2130706434", "0177.0.0.2", "0x7f.0.0.2", "0x7f000002", "127.0.0.2.", "127.0.2",
        "127.000.000.002", "[::1]", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[::127.0.0.2]", "[0:0:0:0:0:ffff:7f00:2]",
        "[64:ff9b::127.0.0.2]", "[64:ff9b::a00:1]", "[64:ff9b:1::127.0.0.2]", "[64:ff9b:1:7f00:0:200:808:808]",
        "[2002:7f00:2::]", "[2002:a00:1::1]", "[2001:0:7f00:2::]", "[::ffff:0:127.0.0.2]", "[fe80::1]",
        "[fe80::1%25lo]", "[fd00::1]", "[fec0::1]", "[ff02::1]", "[::]", "[100::1]", "[2001:db8::1]", "0.0.0.0", "0",
        "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "169.254.0.1",
        "[fd00:ec2::254]", "100.64.0.1", "100.100.100.200", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1",
        "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "１２７.0.0.2", "127。0。0。2",
        "①②⑦.⓪.⓪.②", "%31%32%37.0.0.2", "user:secret@127.0.0.2", "hostile.example@127.0.0.2", "localhost.",
    )  # fmt: skip


PLACES = (
    "file:///etc/passwd", "file://localhost/etc/passwd", "data:application/rss+xml,<rss/>", "gopher://127.0.0.2:70/_x",
    "ftp://127.0.0.2/feed", "javascript:alert(1)", "jar:http://127.0.0.2!/", "ws://127.0.0.2/", "dict://127.0.0.2:11211/",
    "ldap://127.0.0.2/", "feed:file:///etc/passwd", "\\\\127.0.0.2\\share", "//127.0.0.2/feed", "http://", "http:///feed",
    "http://[::1", "http://127.0.0.2:99999/", "http://127.0.0.2:0/", "http://127.0.0.2:-1/", "http://a b/",
    "http://127.0.0.2\t/", "HTTP://127.0.0.2/", "http:127.0.0.2", "http://xn--a.example/", "http://" + "a" * 300 + "/",
    "http://" + "a." * 200 + "example/", "http://127.0.0.2/" + "a" * 8_100, "http://\x7f/", "http://127.0.0.2\\@a.example/",
)  # fmt: skip
"""Targets of a redirect that are no public web address."""

REBINDING = "rebinding.hostile.example"
HANGING = "hanging-"
"""Names that begin so are looked up for seconds, in vain."""
NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    REBINDING: (("127.0.0.1",), (CANARY,), ("::ffff:127.0.0.2",), ("169.254.169.254",)),
    "loopback.hostile.example": ((CANARY,),),
    "metadata.hostile.example": (("169.254.169.254",),),
    "ten.hostile.example": (("10.0.0.1",),),
    "mapped.hostile.example": (("::ffff:127.0.0.2",),),
    "six.hostile.example": (("::1",),),
    "nat64.hostile.example": (("64:ff9b::7f00:2",),),
    "sixtofour.hostile.example": (("2002:7f00:2::",),),
    "unspecified.hostile.example": (("0.0.0.0",),),
    "many.hostile.example": (("10.0.0.1", CANARY, "169.254.169.254", "fd00::1"),),
}
"""What names mean, look-up by look-up (the last stays)."""


def redirect(to: str, status: str = "302 Found") -> Answer:
    """Answer with a redirect; the address goes out in UTF-8, as servers send it."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\nLocation: {to}\r\n\r\n".encode())
        await writer.drain()

    return answer


def _endless() -> Answer:
    numbers = itertools.count()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await redirect(f"/{next(numbers)}")(reader, writer)

    return answer


def cases(canary_port: int) -> Iterator[Case]:
    """The servers; the canary listens on this port."""
    for host in private_hosts():
        yield case(f"to {host}", redirect(f"http://{host}:{canary_port}/"), "refused dns")
    for place in PLACES:
        yield case(f"to {place[:40]!r}", redirect(place), "refused dns http network")
    for name in NAMES:
        if name != REBINDING:
            yield case(f"to {name}", redirect(f"http://{name}:{canary_port}/"), "refused")
    yield case("to itself for ever", redirect("/feed"), "http")
    yield case("on and on", _endless(), "http")
    yield case("301 on and on", redirect("feed/", "301 Moved"), "http")
    yield case("redirect to nowhere", whole(b"", status="302 Found"), "http")
    yield case("redirect of 1 MB", redirect("http://a.example/" + "a" * 1_000_000), "http refused")
    yield case("304 with a place", whole(FEED, "Location: /", status="304 Not Modified"), "http")
    yield case("200 with a place", whole(FEED, "Location: http://127.0.0.2/"), "ok", read=True)
    yield case("refresh to inside", whole(FEED, f"Refresh: 0;url=http://127.0.0.2:{canary_port}/"), "ok", read=True)
