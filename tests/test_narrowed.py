"""Selections that parameters narrow, and their pages (RFC 5005 3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Category, Selection
from tests import judges
from tests.newsroom import GAZETTE, Clock, Newsroom, item
from tests.service import Service, serving

VERTICALS = ("culture", "science", "tech")
TERMS = {"culture": "Arts", "science": "Physics", "tech": "Tech"}
SUBSETS = st.sets(st.sampled_from(VERTICALS))
CONFIG = """
[store]
url = "sqlite:///store.db"
[feeds]
size = 2
[verticals.culture]
[verticals.science]
[verticals.tech]
"""


def shelves(number: int) -> tuple[str, ...]:
    """Where the story with this number stands: each subset of the verticals once in eight."""
    return tuple(name for place, name in enumerate(VERTICALS) if number >> place & 1)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Twenty stories, an hour apart, story 19 the newest."""
    clock = Clock(datetime.now(UTC) - timedelta(days=2))
    with Newsroom(tmp_path_factory.mktemp("narrowed"), clock) as room:
        room.store.refresh("", VERTICALS)
        for number in range(20):
            terms = tuple(Category(term=TERMS[name]) for name in shelves(number))
            room.give(GAZETTE, item(str(number), categories=terms))
            room.clock.step(hours=1)
        yield room


@settings(max_examples=60, deadline=None)
@given(
    base=st.sets(st.sampled_from(VERTICALS)),
    within=SUBSETS,
    without=SUBSETS,
    size=st.integers(1, 7),
)
def test_the_pages_together_are_what_a_filter_of_all_stories_gives(
    room: Newsroom, base: set[str], within: set[str], without: set[str], size: int
) -> None:
    wanted = [
        number
        for number in range(19, -1, -1)
        if (not base or base & set(shelves(number)))
        and within <= set(shelves(number))
        and not without & set(shelves(number))
    ]
    narrowed = Selection(
        verticals=tuple(sorted(base)) or ("all",),
        within=tuple(sorted(within)),
        without=tuple(sorted(without)),
    )
    found: list[int] = []
    page = 1
    while (window := room.query.page(narrowed, size, page)) and window.stories:
        found += [int(story.id.rpartition("/")[2]) for story in window.stories]
        assert len(window.stories) == size or not window.more
        assert window.due == {story.id for story in window.stories}
        page += 1
        assert window.more is (len(found) < len(wanted))
    assert found == wanted
    first = room.query.page(narrowed, size, 1)
    assert first is not None
    assert (first.stories == ()) is (wanted == [])
    assert room.query.page(narrowed, size, page + 1) is None


@pytest.fixture(scope="module")
def service(room: Newsroom) -> Iterator[Service]:
    folder = room.file.parent
    (folder / "config.toml").write_text(CONFIG)
    (folder / "seeds").mkdir()
    with serving(folder, "--no-pull") as running:
        yield running


def links(body: bytes, fmt: str) -> dict[str, str]:
    root = ET.fromstring(body)
    feed = root if fmt == "atom" else root[0]
    found = feed.findall("{http://www.w3.org/2005/Atom}link")
    return {one.get("rel", ""): one.get("href", "") for one in found if one.get("rel")}


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_each_page_leads_to_the_first_the_one_before_and_the_next(
    service: Service, fmt: str
) -> None:
    at = f"{service.address}/feeds/tech.{fmt}?not=culture"
    pages = [at, f"{at}&page=2"]
    for number, address in enumerate(pages):
        answer = service.get(address.removeprefix(service.address))
        assert answer.field("link") == f'<{address}>; rel="self"'
        beside = {
            "self": address,
            "first": at if number else None,
            "previous": pages[number - 1] if number else None,
            "next": pages[1] if not number else None,
        }
        found = links(answer.body, fmt)
        found.pop("alternate", None)
        assert found == {rel: href for rel, href in beside.items() if href}
        assert b"fh:archive" not in answer.body


@pytest.mark.parametrize("fmt", ["rss", "atom"])
@pytest.mark.parametrize("page", [1, 2])
def test_the_w3c_validator_finds_no_fault_with_a_page(
    service: Service, fmt: str, page: int, tmp_path: Path
) -> None:
    path = f"/feeds/tech.{fmt}?not=culture" + (f"&page={page}" if page > 1 else "")
    file = tmp_path / f"page.{fmt}"
    file.write_bytes(service.get(path).body)
    judges.judge(file, base=service.address + path, allowed=["DuplicateUpdated"])


def test_a_json_feed_leads_on_by_next_url_under_one_address(service: Service) -> None:
    address, ids = f"{service.address}/feeds/tech.json?not=culture", []
    first = address
    while address:
        feed = json.loads(service.get(address.removeprefix(service.address)).body)
        assert feed["feed_url"] == first
        assert feed["title"] == "Broadsheet: Tech without Culture"
        ids += [one["id"].rpartition("/")[2] for one in feed["items"]]
        address = feed.get("next_url", "")
    assert ids == ["14", "12", "6", "4"]


def test_every_spelling_of_the_parameters_is_one_feed_with_an_id_of_its_own(
    service: Service,
) -> None:
    one = service.get("/feeds/all.atom?vertical=tech&not=culture")
    same = service.get("/feeds/ALL.atom?not=Culture&utm_source=x&vertical=TECH&vertical=all&page=1")
    assert (one.status, one.body) == (200, same.body)
    ids = {
        ET.fromstring(service.get(f"/feeds/all.atom{query}").body).findtext("{*}id")
        for query in ("", "?vertical=tech", "?not=tech", "?vertical=tech&not=culture")
    }
    assert len(ids) == 4


def test_a_narrowed_feed_has_validators_and_codings_as_any(service: Service) -> None:
    whole = service.get("/feeds/all.rss?not=tech", accept_encoding="gzip")
    tag = whole.field("etag") or ""
    again = service.get("/feeds/all.rss?not=tech", accept_encoding="gzip", if_none_match=tag)
    assert (whole.field("content-encoding"), again.status) == ("gzip", 304)


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("?not=tehc", 400, "not: no such vertical; there are: all, culture, science, tech\n"),
        ("?vertical=", 400, "vertical: no such vertical; there are: all, culture, science, tech\n"),
        ("?not=tech&page=0", 400, "page: pages are numbered from 1 to 100\n"),
        ("?not=tech&page=99", 404, "no such page; begin at the feed and follow its next pages\n"),
    ],
)
def test_what_cannot_be_answered_is_told(
    service: Service, query: str, status: int, told: str
) -> None:
    answer = service.get(f"/feeds/all.atom{query}")
    assert (answer.status, answer.text) == (status, told)


def test_a_narrowed_feed_has_no_archives(service: Service) -> None:
    answer = service.get("/feeds/all/archive/1.atom?not=tech")
    assert (answer.status, answer.text) == (
        404, "a narrowed feed has no archives; follow its next pages\n",
    )  # fmt: skip
    assert service.get("/feeds/all.atom?not=all").body.count(b"<entry>") == 0
