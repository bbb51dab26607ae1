from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.settings import Settings, Site
from feeds.access import Hidden, Verdict, admitted
from tests.newsroom import settings_for

TOKEN = "whistling-kettle"
OPEN, UNAUTHORIZED = Verdict.OPEN, Verdict.UNAUTHORIZED


def settings(base_url: str = "http://127.0.0.1:8000", token: str | None = None) -> Settings:
    return settings_for(Path("/nowhere"), site=Site(base_url=base_url), token=token)


def asked(*headers: tuple[str, str], client: str | None = "127.0.0.1") -> Verdict | Hidden:
    return admitted(settings(), headers, client)


def with_token(*headers: tuple[str, str]) -> Verdict | Hidden:
    return admitted(settings("https://news.example", TOKEN), headers, "192.0.2.1")


def basic(login: str) -> tuple[str, str]:
    return "authorization", f"Basic {base64.b64encode(login.encode()).decode()}"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000",
        "127.0.0.1",
        "127.8.9.1",
        "localhost",
        "LOCALHOST:80",
        "[::1]:8000",
        "[::1]",
    ],
)
def test_this_machine_sees_it_by_its_own_names(host: str) -> None:
    assert asked(("host", host)) is OPEN
    assert admitted(settings(f"http://{host}"), [("host", host)], "::1") is OPEN


def test_a_request_without_a_host_and_without_an_address_is_one_of_this_machine() -> None:
    assert asked(client=None) is OPEN


@pytest.mark.parametrize(
    "base_url",
    ["https://news.example", "http://192.0.2.1:8000", "http://127.0.0.1.news.example", "http://[x"],
)
def test_a_site_with_an_address_of_its_own_hides_it(base_url: str) -> None:
    hidden = admitted(settings(base_url), [("host", "127.0.0.1:8000")], "127.0.0.1")
    assert hidden == Hidden(why="base_url is not loopback")


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "rebound.example:8000",
        "127.0.0.1.rebound.example",
        "127.0.0.1@rebound.example",
        "localhost.rebound.example",
        "192.0.2.1",
        "[2001:db8::1]:8000",
        "[::1",
        "",
    ],
)
def test_a_page_whose_name_was_turned_to_this_machine_gets_nothing(host: str) -> None:
    hidden = asked(("host", host))
    assert isinstance(hidden, Hidden)
    assert "another name" in hidden.why


def test_nor_does_a_request_that_names_two_hosts() -> None:
    assert isinstance(asked(("host", "localhost"), ("host", "localhost")), Hidden)


@pytest.mark.parametrize(
    "header",
    [
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-for", "127.0.0.1, 192.0.2.1"),
        ("x-forwarded-for", "2001:db8::1"),
        ("x-forwarded-for", "unknown"),
        ("x-real-ip", "192.0.2.1"),
        ("forwarded", "for=192.0.2.1;proto=https"),
        ("forwarded", 'proto=https; For="[2001:db8::1]:4711"'),
        ("forwarded", "for=127.0.0.1, for=192.0.2.1"),
        ("forwarded", "for=_hidden"),
        ("forwarded", "proto=https"),
        ("forwarded", "by=127.0.0.1;xfor=127.0.0.1"),
    ],
)
def test_a_proxy_on_this_machine_gets_nothing_for_others(header: tuple[str, str]) -> None:
    hidden = asked(("host", "127.0.0.1:8000"), header)
    assert hidden == Hidden(why="a proxy asked for it, for another machine")


@pytest.mark.parametrize(
    "header",
    [
        ("x-forwarded-for", "127.0.0.1, ::1"),
        ("x-forwarded-for", ""),
        ("forwarded", 'for=127.0.0.1;proto=http, for="[::1]:4711"'),
        ("forwarded", "for=127.0.0.1:5"),
    ],
)
def test_but_it_does_for_this_machine_itself(header: tuple[str, str]) -> None:
    assert asked(header) is OPEN


@pytest.mark.parametrize("client", ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"])
def test_another_machine_gets_nothing_whatever_it_says(client: str) -> None:
    hidden = asked(("host", "localhost"), client=client)
    assert hidden == Hidden(why="another machine asked for it")


def test_the_same_address_in_the_dress_of_ipv6_is_this_machine() -> None:
    assert asked(client="::ffff:127.0.0.1") is OPEN


@pytest.mark.parametrize(
    "header",
    [
        ("authorization", f"Bearer {TOKEN}"),
        ("authorization", f"bearer  {TOKEN} "),
        basic(f"ada:{TOKEN}"),
        basic(f":{TOKEN}"),
        basic(f"Óscar:{TOKEN}"),
    ],
)
def test_the_token_opens_it_wherever_one_asks(header: tuple[str, str]) -> None:
    assert with_token(header, ("host", "news.example"), ("x-forwarded-for", "192.0.2.1")) is OPEN


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("authorization", "")],
        [("authorization", TOKEN)],
        [("authorization", "Bearer")],
        [("authorization", "Bearer whistling-kettl")],
        [("authorization", f"Bearer {TOKEN}s")],
        [("authorization", "Bearer whistling-kettlé")],
        [("authorization", "Bearer whistling-kettl€")],
        [("authorization", f"Digest {TOKEN}")],
        [("authorization", "Basic ???")],
        [("authorization", "Basic é")],
        [("authorization", "Basic YQ")],
        [basic(TOKEN)],
        [basic(f"{TOKEN}:")],
        [basic(f"ada:{TOKEN}:")],
        [("authorization", f"Bearer {TOKEN}"), ("authorization", f"Bearer {TOKEN}")],
    ],
)
def test_nothing_else_does(headers: list[tuple[str, str]]) -> None:
    assert with_token(*headers) is UNAUTHORIZED


def test_with_a_token_this_machine_needs_it_too() -> None:
    assert admitted(settings(token=TOKEN), [("host", "localhost")], "127.0.0.1") is UNAUTHORIZED


_NAMES = st.sampled_from(["host", "authorization", "forwarded", "x-forwarded-for", "accept"])
_SCHEMES = st.sampled_from(["", "Basic ", "Bearer ", "for=", 'for="'])


@given(
    headers=st.lists(st.tuples(_NAMES, st.builds(str.__add__, _SCHEMES, st.text()))),
    client=st.none() | st.text(),
    token=st.none() | st.just(TOKEN),
)
def test_no_header_raises_and_none_is_guessed(
    headers: list[tuple[str, str]], client: str | None, token: str | None
) -> None:
    verdict = admitted(settings(token=token), headers, client)
    assert verdict is not (OPEN if token else UNAUTHORIZED)
