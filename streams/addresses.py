"""Which network addresses may be connected to: public ones, and those that the operator allows.

What a feed or a webhook names is somebody else's word, and names may come to mean an address inside the network that
newswatch runs in (server-side request forgery). So the address itself is judged, when it is dialled, at every hop.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_EMBEDDED = (
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),  # RFC 6052: translated to IPv4 by the network
    (ipaddress.IPv6Network("2002::/16"), 80),  # RFC 3056: 6to4
    (ipaddress.IPv6Network("::/96"), 0),  # RFC 4291: IPv4-compatible, long deprecated
)
"""IPv6 networks that stand for IPv4 addresses, and how many bits to the right the address lies."""


_NOT_PUBLIC = tuple(ipaddress.ip_network(network) for network in ("192.0.0.0/24", "fec0::/10", "64:ff9b:1::/48"))
"""What Python's tables call public in some versions: protocol assignments, the old site-local addresses, and those
that a network translates to IPv4 in a way of its own (RFC 8215), so that nobody else can tell which."""


class AddressRefused(OSError):
    """An address that may not be dialled; `str(error)` says which and why."""


def refusal_behind(error: BaseException) -> AddressRefused | None:
    """The refusal behind a failure to connect: every address of a name is tried, and one refusal is the reason."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        if isinstance(one, AddressRefused):
            return one
        seen.add(id(one))
        waiting += [one.__cause__, one.__context__, getattr(one, "os_error", None)]
        waiting += getattr(one, "exceptions", ())
    return None


class AddressPolicy:
    """Public addresses, and the networks that are allowed besides (`10.2.0.0/16`, `::1`)."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = tuple(ipaddress.ip_network(network, strict=False) for network in allowed)

    def check(self, host: str) -> None:
        """Raise AddressRefused where `host` is an address that may not be dialled; names pass, their addresses come."""
        address = address_of(host)
        if address is None:
            return
        address = plain_address(address)
        if not is_public(address) and not any(address in network for network in self._allowed):
            raise AddressRefused(f"{host} is {kind_of(address)}: only the operator can allow it")

    def socket(
        self, about: tuple[Any, Any, int, str, tuple[Any, ...]], of: type[socket.socket] = socket.socket
    ) -> socket.socket:
        """A socket for an address that a name was resolved to, made right before it is dialled."""
        family, kind, protocol, _, where = about
        self.check(str(where[0]))
        return of(family, kind, protocol)


def address_of(host: str) -> IPAddress | None:
    """The address that a URL's host spells, or None for a name.

    Spelled in any way that the system's resolver takes for one: `127.1`, `0x7f.1`, `2130706433`, `[::1%lo]`.
    """
    bare = host.strip("[]").partition("%")[0]
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare))
    except OSError:
        return None


def plain_address(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one stands for, or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    for network, shift in _EMBEDDED:
        if address in network and int(address) > 1:
            return ipaddress.IPv4Address((int(address) >> shift) & 0xFFFFFFFF)
    return address


def is_public(address: IPAddress) -> bool:
    """Whether an address is meant to be reached from anywhere."""
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def kind_of(address: IPAddress) -> str:
    """What an address that is not public is, in words."""
    for is_one, words in (
        (address.is_loopback, "this machine itself"),
        (address.is_link_local, "a link-local address (where clouds serve their secrets)"),
        (address.is_multicast, "a multicast address"),
        (address.is_unspecified, "no address at all"),
        (address.is_private, "an address of a private network"),
    ):
        if is_one:
            return words
    return "a reserved address"
