from __future__ import annotations

import socket

import pytest

from streams.addresses import AddressPolicy, AddressRefused

PRIVATE = (
    "127.0.0.1", "127.1", "0x7f.0.0.1", "2130706433", "017700000001", "0", "0.0.0.0", "10.0.0.8", "172.16.4.4",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "[::1]", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
    "fec0::1", "2001:db8::1", "2001::1",
)  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_an_address_that_is_not_public_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused, match="only the operator can allow it"):
        AddressPolicy().check(host)


@pytest.mark.parametrize(
    "host", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "news.example", "127.example"]
)
def test_public_addresses_and_names_pass(host: str) -> None:
    AddressPolicy().check(host)


def test_the_operator_allows_networks() -> None:
    policy = AddressPolicy(["10.2.0.0/16", "::1"])
    policy.check("10.2.3.4")
    policy.check("::ffff:10.2.3.4")
    policy.check("[::1]")
    for host in ("10.3.0.1", "127.0.0.1"):
        with pytest.raises(AddressRefused):
            policy.check(host)


def test_a_name_is_judged_by_the_address_it_turned_into() -> None:
    about = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))
    with pytest.raises(AddressRefused, match="this machine itself"):
        AddressPolicy().socket(about)
    AddressPolicy(["127.0.0.1"]).socket(about).close()
