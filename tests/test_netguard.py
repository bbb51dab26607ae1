"""The network guard: which resolved addresses a source may make us connect to."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.netguard import RefusedError, guarded_socket_factory, refusal


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
