from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.conditional import headers, is_current, not_modified, rendition
from feeds.selection import FORMATS

CHANGED = datetime(2026, 2, 13, 9, 0, 0, tzinfo=UTC)
LATER = CHANGED + timedelta(hours=1)
SAME_DATE = "Fri, 13 Feb 2026 09:00:00 GMT"
FEED = rendition(b"<rss/>", FORMATS["rss"], CHANGED)


def test_equal_bytes_have_equal_strong_tags_and_other_bytes_another() -> None:
    assert FEED.etag == rendition(b"<rss/>", FORMATS["atom"], LATER).etag
    assert FEED.etag != rendition(b"<rss />", FORMATS["rss"], CHANGED).etag
    assert len(FEED.etag) == 34
    assert FEED.etag[0] == FEED.etag[-1] == '"'


@pytest.mark.parametrize(
    ("if_none_match", "current"),
    [
        (FEED.etag, True),
        (f"W/{FEED.etag}", True),
        (f'"a, b", {FEED.etag}', True),
        (f'W/"a",W/{FEED.etag} , "c"', True),
        ("*", True),
        (" * ", True),
        ('"another"', False),
        ('"*"', False),
        (FEED.etag.strip('"'), False),
        ("", False),
        ("garbage", False),
    ],
)
def test_if_none_match_is_a_list_compared_weakly(if_none_match: str, *, current: bool) -> None:
    assert is_current(FEED, if_none_match, None, LATER) is current


@pytest.mark.parametrize("if_none_match", ['"another"', "garbage", ""])
def test_if_none_match_makes_if_modified_since_count_for_nothing(if_none_match: str) -> None:
    assert not is_current(FEED, if_none_match, SAME_DATE, LATER)


@pytest.mark.parametrize(
    ("if_modified_since", "current"),
    [
        (SAME_DATE, True),
        ("Fri, 13 Feb 2026 09:00:01 GMT", True),
        ("Fri, 13 Feb 2026 08:59:59 GMT", False),
        ("Friday, 13-Feb-26 09:00:00 GMT", True),
        ("Fri Feb 13 09:00:00 2026", True),
        ("Fri Feb  6 09:00:00 2026", False),
        ("Fri, 13 Feb 2099 09:00:00", False),
        ("Fri, 13 Feb 2099 09:00:00 +0000", False),
        ("Tue, 31 Feb 2099 09:00:00 GMT", False),
        ("2099-02-13T09:00:00Z", False),
        ("4102444800", False),
        ("", False),
    ],
)
def test_if_modified_since_counts_in_the_three_forms_of_http_alone(
    if_modified_since: str, *, current: bool
) -> None:
    assert is_current(FEED, None, if_modified_since, LATER) is current


@pytest.mark.parametrize(("seconds", "current"), [(0, False), (1, False), (2, True)])
def test_a_date_alone_counts_once_its_second_is_two_seconds_past(
    seconds: int, *, current: bool
) -> None:
    assert is_current(FEED, None, SAME_DATE, CHANGED + timedelta(seconds=seconds)) is current
    assert is_current(FEED, FEED.etag, None, CHANGED)


def test_a_request_without_validators_gets_a_body() -> None:
    assert not is_current(FEED, None, None, LATER)


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text())
def test_no_header_is_too_odd_to_be_judged(if_none_match: str, if_modified_since: str) -> None:
    assert not is_current(FEED, f"x{if_none_match}", None, LATER)
    assert not is_current(FEED, None, if_modified_since, LATER)


def test_a_200_says_all_that_a_cache_and_a_reader_need() -> None:
    links = (("self", "https://broadsheet.example/feeds/all.rss"),)
    assert dict(headers(FEED, links, LATER)) == {
        "Content-Type": "application/rss+xml; charset=utf-8",
        "ETag": FEED.etag,
        "Last-Modified": SAME_DATE,
        "Cache-Control": "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400",
        "Vary": "Accept-Encoding",
        "Link": '<https://broadsheet.example/feeds/all.rss>; rel="self"',
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Link",
        "X-Content-Type-Options": "nosniff",
    }


@pytest.mark.parametrize(("seconds", "said"), [(0, -1), (1, -1), (2, 0), (3600, 0)])
def test_last_modified_is_held_back_while_its_second_may_yet_bring_another_change(
    seconds: int, said: int
) -> None:
    early = dict(headers(FEED, (), CHANGED + timedelta(seconds=seconds)))["Last-Modified"]
    assert parsedate_to_datetime(early) == CHANGED + timedelta(seconds=said)


def test_who_read_before_the_second_change_of_one_second_gets_the_second_one() -> None:
    date = dict(headers(FEED, (), CHANGED))["Last-Modified"]
    changed_again = rendition(b"<rss><channel/></rss>", FORMATS["rss"], CHANGED)
    assert not is_current(changed_again, None, date, LATER)


def test_several_links_share_one_header() -> None:
    links = (("self", "https://broadsheet.example/f"), ("hub", "https://broadsheet.example/hub"))
    assert dict(headers(FEED, links, LATER))["Link"] == (
        '<https://broadsheet.example/f>; rel="self", <https://broadsheet.example/hub>; rel="hub"'
    )


def test_a_304_owes_the_headers_of_the_200_but_for_the_type_of_its_body() -> None:
    full = headers(FEED, (), LATER)
    assert set(full) - set(not_modified(full)) == {("Content-Type", FEED.media_type)}
