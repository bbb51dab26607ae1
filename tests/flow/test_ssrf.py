"""No source makes us ask our own network: not by its address, its names or its redirects."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
import uvloop

from aggregator.model import Fetched
from aggregator.settings import PullSettings
from tests.fetching import FEED, LOOPBACK, body_of, pull, reason_of, redirect
from tests.loopback import Origin, response

OUTSIDE = replace(LOOPBACK, allow_networks=(), timeout=timedelta(seconds=2))
ONE_ALLOWED = replace(OUTSIDE, allow_networks=(ip_network("127.0.0.2/32"),))
"""127.0.0.2 stands for the Internet, which tests do not ask."""

# What each may be answered with: the guard's word, or that nobody can be asked.
PLAIN = (
    "; allow it in [pull] allow_networks if it is yours",
    "the host has no address (DNS)",
    "the address cannot be read",
    "not an http or https address",
    "the host is not one that can be asked; check the address",
)

HOSTS = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.000.000.001",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0X7F.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "00000177.0.0.01",
    "4294967296",
    "127.0.0.257",
    "%31%32%37.0.0.1",
    "127%2E0%2E0%2E1",
    "127.0.0.1%00.example.org",
    "①②⑦.⓪.⓪.①",
    "１２７.0.0.1",
    "127。0。0。1",
    "localhost",
    "LocalHost.",
    "ⓛocalhost",
    "0",
    "0x0",
    "0.0.0.0",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::1%25lo]",
    "[::1%lo]",
    "[fe80::1%25lo]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[v1.127.0.0.1]",
    "[127.0.0.1]",
    "[::1",
    "127.0.0.1[::1]",
]
"""Ways to write 127.0.0.1, ::1 or an address that leads there."""

DISGUISES = [
    "http://example.org@HOST/",
    "http://example.org:80@HOST/",
    "http://example.org%2F@HOST/",
    "http://a@example.org@HOST/",
    "http://:@HOST/",
    "http://HOST#@example.org/",
    "http://HOST?@example.org/",
    "http://HOST\\@example.org/",
    "http://example.org\\@HOST/",
    "http://example.org\t@HOST/",
    "http://HOST\r\n.example.org/",
    "http:HOST/",
    "http:/HOST/",
    "http:///HOST/",
    "HTTP://HOST",
    "gopher://HOST/",
    "file://HOST/",
]
"""Addresses that seem to lead elsewhere."""

INSIDE = {
    "10.0.0.0/8": "a private address",
    "172.16.0.0/12": "a private address",
    "192.168.0.0/16": "a private address",
    "169.254.0.0/16": "a link-local address",
    "127.0.0.0/8": "a loopback address",
    "100.64.0.0/10": "a shared (carrier-grade NAT) address",
    "fc00::/7": "a private (unique local) address",
    "fe80::/10": "a link-local address",
}


class Names:
    """A name service: what is said of a name, one answer after another; the last one stays."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lookups: list[str] = []
        self._answers: dict[str, list[list[tuple[object, ...] | str]]] = {}
        self._system = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def say(self, name: str, *answers: list[tuple[object, ...] | str]) -> None:
        """Answer with these lists of addresses, one after another; an empty one: not just now."""
        self._answers[name] = list(answers)

    def _look_up(
        self,
        host: str,
        port: int,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> list[tuple[object, ...]]:
        answers = self._answers.get(host.lower())
        if answers is None:  # the system's own reading of numbers, and no question to anybody
            numbers = flags | socket.AI_NUMERICHOST
            return list(self._system(host, port, family, type, proto, numbers))
        self.lookups.append(host)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if not answer:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [_info(address, port) for address in answer]


def _info(address: tuple[object, ...] | str, port: int) -> tuple[object, ...]:
    where = (address,) if isinstance(address, str) else address
    six = ":" in str(where[0])
    family = socket.AF_INET6 if six else socket.AF_INET
    scope = where[1] if len(where) > 1 else 0
    at = (where[0], port, 0, scope) if six else (where[0], port)
    return (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", at)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    service = Names(monkeypatch)
    service.say("example.org", ["203.0.113.7"])
    service.say("localhost", ["::1", "127.0.0.1"])
    return service


@pytest.fixture
def inside() -> Iterator[Origin]:
    """What must never be reached: it gives anybody who asks what they would like."""
    with Origin() as running:
        running.serve("/", FEED)
        running.serve("/feed", FEED)
        yield running
        assert running.is_untouched()


@pytest.fixture
def outside() -> Iterator[Origin]:
    with Origin("127.0.0.2") as running:
        running.serve("/feed", FEED)
        yield running


async def refused(url: str, settings: PullSettings = OUTSIDE) -> str:
    """The reason for which nothing came, and no other than the guard's or the address itself."""
    reason = reason_of(await pull(url, settings=settings))
    assert any(words in reason for words in PLAIN), reason
    return reason


@pytest.mark.parametrize("host", HOSTS)
async def test_no_spelling_of_our_own_address_reaches_it(
    inside: Origin, names: Names, host: str
) -> None:
    await refused(f"http://{host}:{inside.port}/feed")


@pytest.mark.parametrize("address", DISGUISES)
async def test_no_disguise_reaches_it(inside: Origin, names: Names, address: str) -> None:
    await refused(address.replace("HOST", f"127.0.0.1:{inside.port}"))


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("block", INSIDE)
async def test_no_end_of_a_private_range_is_asked(scheme: str, block: str) -> None:
    for address in (ip_network(block)[0], ip_network(block)[-1]):
        host = f"[{address}]" if address.version == 6 else str(address)
        reason = await refused(f"{scheme}://{host}:1/")
        assert reason.startswith(f"refused: {address} is {INSIDE[block]};")


def test_the_guard_stands_under_uvloop_too(inside: Origin) -> None:
    for host in ("127.0.0.1", "0x7f.1", "[::ffff:7f00:1]", "0.0.0.0"):
        reason = reason_of(uvloop.run(pull(f"http://{host}:{inside.port}/feed", settings=OUTSIDE)))
        assert reason.startswith("refused: "), host


# ---- redirects ----------------------------------------------------------------------------------


async def test_no_redirect_leads_inside_on_any_hop(
    inside: Origin, outside: Origin, names: Names
) -> None:
    targets = [f"http://{host}:{inside.port}/feed" for host in HOSTS]
    targets += [address.replace("HOST", f"127.0.0.1:{inside.port}") for address in DISGUISES]
    targets += [f"//127.0.0.1:{inside.port}/feed", f"\\\\127.0.0.1:{inside.port}\\feed"]
    outside.answer("/two", redirect("/one", 302))
    outside.answer("/one", redirect("/none", 308))
    for number, target in enumerate(targets):
        location = "".join(target.split("\r\n")).encode()
        head = b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: %b\r\n\r\n" % location
        outside.answer("/none", head)
        start = ("/none", "/one", "/two")[number % 3]
        result = await pull(outside.url(start), settings=ONE_ALLOWED)
        reason = reason_of(result)
        assert "redirected to" in reason, target
    assert inside.is_untouched()


async def test_a_redirect_from_inside_that_is_allowed_does_not_open_the_rest(
    inside: Origin, outside: Origin
) -> None:
    outside.answer("/feed", redirect(inside.url("/feed")))
    reason = await refused(outside.url("/feed"), ONE_ALLOWED)
    assert reason.startswith("refused: 127.0.0.1 is a loopback address")
    assert len(outside.requests) == 1


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest/", "http://[fd00:ec2::254]/"])
async def test_a_redirect_to_the_data_of_a_cloud_s_machine_is_refused(
    outside: Origin, location: str
) -> None:
    outside.answer("/feed", redirect(location))
    assert "refused: " in await refused(outside.url("/feed"), ONE_ALLOWED)


# ---- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "0.0.0.0", "64:ff9b::7f00:1", "fd00::1"],
)
async def test_a_name_of_an_inner_address_is_refused_by_the_address(
    inside: Origin, names: Names, address: str
) -> None:
    names.say("lantern.example", [address])
    reason = await refused(f"http://lantern.example:{inside.port}/feed")
    assert reason.startswith(f"refused: {address} is ")


async def test_a_link_local_answer_is_refused_whatever_its_link(
    inside: Origin, names: Names
) -> None:
    names.say("lantern.example", [("fe80::1", 1), ("2001:db8::1", 1)])
    reason = await refused(f"http://lantern.example:{inside.port}/feed")
    assert reason.startswith("refused: ")


async def test_a_name_is_looked_up_once_and_what_was_judged_is_what_is_asked(
    names: Names, outside: Origin
) -> None:
    """An answer that changes between a check and the connection finds no check to pass."""
    with Origin(port=outside.port) as inside:
        inside.serve("/feed", b"secret")
        names.say("lantern.example", ["127.0.0.2"], ["127.0.0.1"])
        result = await pull(f"http://lantern.example:{outside.port}/feed", settings=ONE_ALLOWED)
        assert body_of(result) == FEED
        assert names.lookups == ["lantern.example"]
        reason = await refused(f"http://lantern.example:{outside.port}/feed", ONE_ALLOWED)
        assert reason.startswith("refused: 127.0.0.1 is a loopback address")
        assert names.lookups == ["lantern.example"] * 2
        assert inside.is_untouched()


@pytest.mark.parametrize("answer", [b"", response(301, headers={"Location": "/feed"})])
async def test_no_second_try_and_no_second_hop_trusts_the_first_answer(
    names: Names, inside: Origin, outside: Origin, answer: bytes
) -> None:
    there = f"http://lantern.example:{inside.port}/feed"
    names.say("lantern.example", ["127.0.0.2"], ["127.0.0.1"])
    outside.answer("/feed", answer)
    if answer:
        outside.answer("/feed", redirect(there))
    result = await pull(f"http://lantern.example:{outside.port}/feed", settings=ONE_ALLOWED)
    assert reason_of(result).startswith("refused: 127.0.0.1" if answer else "closed the connection")


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1", "127.0.0.2"],
        ["127.0.0.2", "127.0.0.1"],
        ["::1", "127.0.0.1", "127.0.0.2"],
        ["::ffff:127.0.0.1", "127.0.0.2", "10.0.0.1"],
    ],
)
async def test_of_several_answers_only_those_that_are_allowed_are_asked(
    names: Names, outside: Origin, answer: list[tuple[object, ...] | str]
) -> None:
    with Origin(port=outside.port) as inside:
        names.say("lantern.example", answer)
        url = f"http://lantern.example:{outside.port}/feed"
        assert isinstance(await pull(url, settings=ONE_ALLOWED), Fetched)
        assert inside.is_untouched()


@pytest.mark.parametrize("last", ["127.0.0.1", "::ffff:7f00:1"])
async def test_when_the_allowed_answer_is_closed_no_other_takes_its_place(
    names: Names, inside: Origin, last: str
) -> None:
    names.say("lantern.example", ["127.0.0.2", last], ["127.0.0.2", last])
    reason = reason_of(
        await pull(f"http://lantern.example:{inside.port}/feed", settings=ONE_ALLOWED)
    )
    assert reason.startswith(("refused: ", "no connection: "))


async def test_while_the_allowed_answer_is_silent_no_other_takes_its_place(
    names: Names, inside: Origin
) -> None:
    """Where two families answer, the second is tried a moment later (RFC 8305)."""
    settings = replace(ONE_ALLOWED, timeout=timedelta(seconds=0.4))
    with socket.create_server(("127.0.0.2", inside.port), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        names.say("lantern.example", ["127.0.0.2", "::ffff:127.0.0.1"])
        result = await pull(f"http://lantern.example:{inside.port}/feed", settings=settings)
        for one in waiting:
            one.close()
    assert reason_of(result) == "no answer within 0.4 s"


async def test_a_name_service_that_is_down_is_told_from_a_name_that_is_not(names: Names) -> None:
    names.say("lantern.example", [])
    reason = reason_of(await pull("http://lantern.example/feed"))
    assert reason == "the name of the host could not be looked up just now (DNS)"
    assert await refused("http://nobody.example/feed") == "the host has no address (DNS)"


# ---- what an operator allows --------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.2", "[::ffff:127.0.0.2]", "0x7f.2", "0x7f.0.0.2"])
async def test_an_allowed_address_may_be_asked_however_it_is_written(
    outside: Origin, names: Names, host: str
) -> None:
    result = await pull(f"http://{host}:{outside.port}/feed", settings=ONE_ALLOWED)
    assert body_of(result) == FEED


@pytest.mark.parametrize(
    "block", ["127.0.0.2/32", "127.0.0.2/31", "10.0.0.0/8", "::1/128", "64:ff9b::/96", "2002::/16"]
)
async def test_an_allowed_block_opens_no_other_way_in(
    inside: Origin, names: Names, block: str
) -> None:
    settings = replace(OUTSIDE, allow_networks=(ip_network(block),))
    for host in ("127.0.0.1", "[::ffff:127.0.0.1]", "0", "[::127.0.0.1]", "127.1"):
        await refused(f"http://{host}:{inside.port}/feed", settings)
