"""The network guard: which resolved addresses a source may make us connect to."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.netguard import RefusedError, guarded_socket_factory, refusal

# fmt: off
NOT_GLOBAL = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/32", "192.0.0.170/31", "192.0.2.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
    "::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001:2::/48",
    "2001:10::/28", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    "ff00::/8",
]
# fmt: on
"""What the IANA special-purpose registries do not call globally reachable, and multicast.

Blocks that carry IPv4 addresses (mapped, Teredo, 6to4) are asked by what they carry.
"""


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "::ffff:1.1.1.1",
        "64:ff9b::1.1.1.1",
        "2002:101:101::1",
        "2001:0:4136:e378:8000:63bf:fefe:fefe",
    ],
)
def test_a_global_address_may_be_asked(address: str) -> None:
    assert refusal(address, ()) is None


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("0.0.0.0", "an unspecified address"),
        ("0.1.2.3", "an unspecified address"),
        ("10.255.0.1", "a private address"),
        ("100.64.0.1", "a shared (carrier-grade NAT) address"),
        ("100.127.255.255", "a shared (carrier-grade NAT) address"),
        ("127.0.0.1", "a loopback address"),
        ("127.255.255.254", "a loopback address"),
        ("169.254.169.254", "a link-local address"),
        ("172.31.255.255", "a private address"),
        ("192.0.0.8", "a reserved address"),
        ("192.0.2.1", "a documentation address"),
        ("192.88.99.1", "a reserved address"),
        ("192.168.1.1", "a private address"),
        ("198.19.0.1", "a benchmarking address"),
        ("198.51.100.1", "a documentation address"),
        ("203.0.113.1", "a documentation address"),
        ("224.0.0.1", "a multicast address"),
        ("240.0.0.1", "a reserved address"),
        ("255.255.255.255", "a reserved address"),
        ("::", "an unspecified address"),
        ("::1", "a loopback address"),
        ("::1%lo", "a loopback address"),
        ("fd00::1", "a private (unique local) address"),
        ("fe80::1", "a link-local address"),
        ("fe80::1%eth0", "a link-local address"),
        ("fec0::1", "a private (site-local) address"),
        ("ff02::1", "a multicast address"),
        ("2001:2::1", "a benchmarking address"),
        ("2001:db8::1", "a documentation address"),
        ("3fff::1", "a documentation address"),
        ("2001:20::1", "a reserved address"),
        ("4000::1", "a reserved address"),
        ("100::1", "a reserved address"),
        ("64:ff9b:1::1", "a reserved address"),
        ("::127.0.0.1", "a reserved address"),
        ("2606:4700::1111%eth0", "an address of one link (it has a scope id)"),
        ("::ffff:127.0.0.1", "another form of 127.0.0.1, a loopback address"),
        ("::ffff:a9fe:a9fe", "another form of 169.254.169.254, a link-local address"),
        ("64:ff9b::10.0.0.1", "another form of 10.0.0.1, a private address"),
        ("2002:7f00:1::", "another form of 127.0.0.1, a loopback address"),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", "another form of 10.0.0.1, a private address"),
    ],
)
def test_an_address_that_is_not_global_is_refused_with_its_kind(address: str, kind: str) -> None:
    assert refusal(address, ()) == f"{address} is {kind}"


@pytest.mark.parametrize("block", NOT_GLOBAL)
def test_both_ends_of_every_block_that_is_not_global_are_refused(block: str) -> None:
    network = ip_network(block)
    for address in (network[0], network[-1]):
        assert refusal(str(address), ()) is not None, address
        assert refusal(str(address), (network,)) is None, address


@pytest.mark.parametrize("block", [block for block in NOT_GLOBAL if "." in block])
@pytest.mark.parametrize("form", ["::ffff:{0}", "64:ff9b::{0}", "2002:{1}::", "2001::{2}"])
def test_no_form_of_a_refused_ipv4_address_gets_through(block: str, form: str) -> None:
    for ip in (ip_network(block)[0], ip_network(block)[-1]):
        groups = f"{int(ip) >> 16:x}:{int(ip) & 0xFFFF:x}"
        hidden = f"{int(ip) >> 16 ^ 0xFFFF:x}:{int(ip) & 0xFFFF ^ 0xFFFF:x}"  # as Teredo has it
        address = form.format(ip, groups, hidden)
        reason = refusal(address, ())
        assert reason is not None
        assert reason.startswith(f"{address} is another form of {ip}, ")


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f.0.0.1", "1.2.3.4/32", "[::1]"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert refusal(text, ()) == f"{text} is not an address"


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("127.0.0.1", "127.0.0.0/8"),
        ("::ffff:127.0.0.1", "127.0.0.0/8"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.0/104"),
        ("::1", "::1/128"),
        ("fe80::1%eth0", "fe80::/10"),
        ("10.1.2.3", "10.1.2.3/32"),
    ],
)
def test_an_allowed_network_may_be_asked(address: str, block: str) -> None:
    assert refusal(address, (ip_network("192.168.0.0/16"), ip_network(block))) is None


@pytest.mark.parametrize("address", ["10.1.2.4", "127.0.0.1", "::1", "2002:a01:203::1"])
def test_an_allowed_network_allows_no_other_address(address: str) -> None:
    assert refusal(address, (ip_network("10.1.2.3/32"),)) is not None


@settings(max_examples=200, deadline=None)
@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_the_address_itself(ip: IPv4Address) -> None:
    mapped = str(IPv6Address(f"::ffff:{ip}"))
    assert (refusal(mapped, ()) is None) == (refusal(str(ip), ()) is None)


@settings(max_examples=200, deadline=None)
@given(st.ip_addresses())
def test_what_the_standard_library_calls_private_or_odd_is_refused(
    ip: IPv4Address | IPv6Address,
) -> None:
    odd = ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified
    site_local = isinstance(ip, IPv6Address) and ip.is_site_local
    if odd or site_local:
        assert refusal(str(ip), ()) is not None


def test_the_socket_factory_makes_a_socket_for_an_allowed_address() -> None:
    make_socket = guarded_socket_factory((ip_network("127.0.0.0/8"),))
    info = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 80))
    with make_socket(info) as made:
        assert (made.family, made.type) == (socket.AF_INET, socket.SOCK_STREAM)


def test_the_socket_factory_refuses_by_name_of_the_address() -> None:
    make_socket = guarded_socket_factory(())
    info = (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("fe80::1%3", 80, 0, 3))
    with pytest.raises(RefusedError, match="fe80::1%3 is a link-local address"):
        make_socket(info)
