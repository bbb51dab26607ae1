from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from aggregator import dedup
from aggregator.errors import StoreError
from aggregator.model import PullOutcome
from aggregator.query import Query, SourceReport
from aggregator.settings import Settings, Site
from feeds.operators import OperatorEndpoints
from tests import asgi
from tests.newsroom import GAZETTE, Newsroom, item, settings_for, titled
from tests.reports import HOSTILE, state
from tests.service import Answer

ADDRESSES = ("/status", "/status.json", "/operator.atom", "/metrics")
TOKEN = "whistling-kettle"
HERE = {"Host": "127.0.0.1:8000"}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as room:
        room.give(GAZETTE, item("kettle"), verticals=("tech",), title=titled("Merrow Gazette"))
        yield room


class Desk:
    """The endpoints over a store, asked in this process by whoever is at `client`."""

    def __init__(self, room: Newsroom, settings: Settings, query: Query | None = None) -> None:
        self.endpoints = OperatorEndpoints(
            settings, "urn:uuid:site", query or room.query, room.clock, "9.8.7", state
        )
        self._app = Starlette(routes=self.endpoints.routes())

    def ask(
        self,
        path: str,
        headers: Mapping[str, str] = HERE,
        method: str = "GET",
        client: str | None = "127.0.0.1",
    ) -> Answer:
        return asyncio.run(self._ask(path, headers, method, client))

    async def _ask(
        self, path: str, headers: Mapping[str, str], method: str, client: str | None
    ) -> Answer:
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            said.append(message)

        where, _, query = path.partition("?")
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": where,
            "raw_path": where.encode(),
            "query_string": query.encode(),
            "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in headers.items()],
            "client": client and (client, 4711),
        }
        await self._app(scope, receive, send)
        start, *rest = said
        return Answer(
            status=start["status"],
            headers=tuple((n.decode(), v.decode("latin-1")) for n, v in start["headers"]),
            body=b"".join(message.get("body", b"") for message in rest),
        )


def open_desk(room: Newsroom, folder: Path, **changes: Any) -> Desk:
    return Desk(room, settings_for(folder, **changes))


def with_token(room: Newsroom, folder: Path) -> Desk:
    site = Site(title="The Merrow Bulletin", base_url="https://news.example")
    return open_desk(room, folder, token=TOKEN, site=site)


def test_the_page_tells_what_the_store_holds(room: Newsroom, tmp_path: Path) -> None:
    answer = open_desk(room, tmp_path).ask("/status")
    assert (answer.status, answer.field("content-type")) == (200, "text/html; charset=utf-8")
    assert "Merrow Gazette</h3>" in answer.text
    policy = answer.field("content-security-policy") or ""
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'; ")
    assert "unsafe" not in policy


def test_machines_are_told_the_same(room: Newsroom, tmp_path: Path) -> None:
    answer = open_desk(room, tmp_path).ask("/status.json")
    assert (answer.status, answer.field("content-type")) == (200, "application/json")
    told = json.loads(answer.body)
    assert told["totals"] == {"sources": 1, "entries": 1, "stories": 1}
    assert told["config"]["good"] is True
    assert (told["version"], told["sources"][0]["address"]) == ("9.8.7", GAZETTE)


def test_the_feed_tells_what_has_happened(room: Newsroom, tmp_path: Path) -> None:
    room.store.tell("refused", "config.toml:3: unknown key; remove it")
    answer = open_desk(room, tmp_path).ask("/operator.atom")
    assert answer.status == 200
    assert answer.field("content-type") == "application/atom+xml; charset=utf-8"
    titles = [
        one.text for one in ET.fromstring(answer.body).iter("{http://www.w3.org/2005/Atom}title")
    ]
    assert titles == ["Broadsheet: operator", "config.toml was refused"]


def test_metrics_come_in_the_format_that_is_asked_for(room: Newsroom, tmp_path: Path) -> None:
    desk = open_desk(room, tmp_path)
    plain = desk.ask("/metrics")
    assert (plain.status, plain.field("content-type")) == (
        200,
        "text/plain; version=0.0.4; charset=utf-8",
    )
    names = {family.name for family in text_string_to_metric_families(plain.text)}
    assert {"broadsheet_source_up", "broadsheet_feed_stories", "broadsheet_config_good"} <= names
    asked = HERE | {"Accept": "application/openmetrics-text;version=1.0.0"}
    assert (desk.ask("/metrics", asked).field("content-type") or "").startswith("application/open")


def test_no_part_of_a_request_becomes_a_metric(room: Newsroom, tmp_path: Path) -> None:
    asked = HERE | {"User-Agent": "whistling", "Accept": "whistling"}
    assert "whistling" not in open_desk(room, tmp_path).ask("/metrics?name[]=whistling", asked).text


@pytest.mark.parametrize("path", ADDRESSES)
def test_no_answer_may_be_kept_or_read_by_other_sites(
    room: Newsroom, tmp_path: Path, path: str
) -> None:
    good = open_desk(room, tmp_path).ask(path)
    hidden = open_desk(room, tmp_path).ask(path, {"Host": "rebound.example"})
    refused = with_token(room, tmp_path).ask(path)
    assert [answer.status for answer in (good, hidden, refused)] == [200, 404, 401]
    for answer in (good, hidden, refused):
        assert answer.field("cache-control") == "no-store"
        assert answer.field("x-content-type-options") == "nosniff"
        assert answer.field("referrer-policy") == "no-referrer"
        assert not [name for name, _ in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ADDRESSES)
def test_head_is_answered_as_get_and_anything_else_with_405(
    room: Newsroom, tmp_path: Path, path: str
) -> None:
    desk = open_desk(room, tmp_path)
    assert desk.ask(path, method="HEAD").status == 200
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = desk.ask(path, method=method)
        assert answer.status == 405
        assert set((answer.field("allow") or "").split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    "asked",
    [
        {"Host": "rebound.example:8000"},
        {"Host": "127.0.0.1:8000", "X-Forwarded-For": "192.0.2.1"},
        {"Host": "127.0.0.1:8000", "Forwarded": "for=192.0.2.1"},
    ],
)
def test_without_a_token_others_get_what_an_unknown_page_gets(
    room: Newsroom, tmp_path: Path, asked: dict[str, str]
) -> None:
    settings = settings_for(tmp_path)
    own = Desk(room, settings).endpoints.routes()
    with closing(asgi.Site(room, settings, own)) as site:
        for accept in ("*/*", "text/html,*/*;q=0.8"):
            unknown = site.get("/nonesuch", {"Accept": accept})
            for path in ADDRESSES:
                hidden = site.get(path, {"Accept": accept, **asked})
                assert (hidden.status, hidden.text) == (unknown.status, unknown.text)
                assert hidden.field("content-type") == unknown.field("content-type")
                assert hidden.field("cache-control") == "no-store"


def test_nor_do_other_machines_see_it_whatever_they_say(room: Newsroom, tmp_path: Path) -> None:
    assert open_desk(room, tmp_path).ask("/status", client="192.0.2.1").status == 404
    assert open_desk(room, tmp_path).ask("/status", client=None).status == 200


def test_the_log_says_once_why_it_is_closed_and_how_to_open_it(
    room: Newsroom, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = open_desk(room, tmp_path, site=Site(base_url="https://news.example"))
    with caplog.at_level(logging.WARNING, "broadsheet"):
        answers = [desk.ask(path).status for path in ADDRESSES * 2]
    assert set(answers) == {404}
    assert [record.getMessage() for record in caplog.records] == [
        "/status is closed: base_url is not loopback; set [operator] token to open it"
    ]


@pytest.mark.parametrize(
    "authorization",
    [f"Bearer {TOKEN}", f"Basic {base64.b64encode(f'ada:{TOKEN}'.encode()).decode()}"],
)
def test_the_token_opens_every_address_from_anywhere(
    room: Newsroom, tmp_path: Path, authorization: str
) -> None:
    asked = {"Host": "news.example", "Authorization": authorization, "X-Forwarded-For": "192.0.2.1"}
    desk = with_token(room, tmp_path)
    assert [desk.ask(path, asked, client="192.0.2.7").status for path in ADDRESSES] == [200] * 4


@pytest.mark.parametrize("authorization", ["", "Basic", "Basic é", "Bearer kettle", "Negotiate x"])
def test_without_it_there_is_a_challenge_for_browsers_and_for_programs(
    room: Newsroom, tmp_path: Path, authorization: str
) -> None:
    answer = with_token(room, tmp_path).ask("/status", {"Authorization": authorization})
    assert answer.status == 401
    challenges = [value for name, value in answer.headers if name == "www-authenticate"]
    assert challenges == [
        'Basic realm="Broadsheet", charset="UTF-8"',
        'Bearer realm="Broadsheet"',
    ]
    assert "Merrow" not in answer.text


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "1x", "٣", "", "9999999", "1&page=9"])
def test_a_page_that_is_not_there_is_not_found(room: Newsroom, tmp_path: Path, page: str) -> None:
    answer = open_desk(room, tmp_path).ask(f"/status?page={page}")
    assert (answer.status, answer.text) == (404, "no such page; begin at the first\n")


def test_the_first_page_has_a_number_too(room: Newsroom, tmp_path: Path) -> None:
    desk = open_desk(room, tmp_path)
    assert desk.ask("/status?page=1&other=x").text == desk.ask("/status").text


def test_what_a_source_made_up_is_harmless_everywhere(room: Newsroom, tmp_path: Path) -> None:
    room.give(f"https://herald.example/{HOSTILE}", item("lid"), title=titled(HOSTILE))
    broken = replace(room.at(GAZETTE).state, error=HOSTILE, failing_since=room.clock())
    room.store.write(PullOutcome(state=broken), dedup.decide)
    desk = open_desk(room, tmp_path)
    for path in ADDRESSES:
        answer = desk.ask(path)
        assert answer.status == 200
        assert not set(answer.text) & set("\x00\x1b\x85\x9b\u2028\u202e\u2066")
        if path not in {"/status.json", "/metrics"}:
            assert answer.text.count("<script") == (path == "/status"), "its own alone"


class Unreadable(Query):
    """A store that has become unreadable, as its reader tells it."""

    def sources(self, now: object) -> tuple[SourceReport, ...]:  # noqa: ARG002
        raise StoreError("store.db: cannot be read (disk I/O error); see whether it is still there")


def test_a_store_that_cannot_be_read_is_503(
    room: Newsroom, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Unreadable(room.url)) as query:
        answer = Desk(room, settings_for(tmp_path), query).ask("/status.json")
    assert (answer.status, answer.text) == (503, "the store cannot be read now\n")
    assert answer.field("cache-control") == "no-store"
    assert "store.db: cannot be read (disk I/O error)" in caplog.text
