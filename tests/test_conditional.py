from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.conditional import (
    CODINGS,
    accepted,
    encoded,
    headers,
    is_current,
    not_modified,
    of_feed,
    rendition,
    tag,
)
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
    assert dict(headers(FEED, LATER, own=of_feed(links))) == {
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
    early = dict(headers(FEED, CHANGED + timedelta(seconds=seconds)))["Last-Modified"]
    assert parsedate_to_datetime(early) == CHANGED + timedelta(seconds=said)


def test_who_read_before_the_second_change_of_one_second_gets_the_second_one() -> None:
    date = dict(headers(FEED, CHANGED))["Last-Modified"]
    changed_again = rendition(b"<rss><channel/></rss>", FORMATS["rss"], CHANGED)
    assert not is_current(changed_again, None, date, LATER)


def test_several_links_share_one_header() -> None:
    links = (("self", "https://broadsheet.example/f"), ("hub", "https://broadsheet.example/hub"))
    assert dict(headers(FEED, LATER, own=of_feed(links)))["Link"] == (
        '<https://broadsheet.example/f>; rel="self", <https://broadsheet.example/hub>; rel="hub"'
    )


def test_a_304_owes_the_headers_of_the_200_but_for_the_type_of_its_body() -> None:
    full = headers(FEED, LATER)
    assert set(full) - set(not_modified(full)) == {("Content-Type", FEED.media_type)}


# ---- codings ------------------------------------------------------------------------------------

TOKENS = st.sampled_from(("gzip", "br", "identity", "*", "deflate", "x-gzip", "BR"))
WEIGHTS = st.sampled_from(("", ";q=0", ";q=0.001", "; q=0.5", ";Q=1.000", " ; q=0.0"))


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("x-gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("deflate", "identity"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0, br", "br"),
        ("br;q=0, gzip;q=0.001", "gzip"),
        ("gzip;q=1.0, br;q=0.8", "gzip"),
        ("gzip;q=0.5, identity", "identity"),
        ("gzip;q=0.5, identity;q=0.5", "gzip"),
        ("identity", "identity"),
        ("identity;q=0", None),
        ("identity;q=0, gzip", "gzip"),
        ("identity;q=0, deflate", None),
        ("*", "br"),
        ("*;q=0", None),
        ("*;q=0, identity", "identity"),
        ("*;q=0, identity;q=0.1", "identity"),
        ("gzip, *;q=0", "gzip"),
        ("br;q=0, *", "gzip"),
        ("identity;q=0, *;q=0", None),
        ("gzip ; q=0.5 ,\tbr; q=0.9", "br"),
        ("gzip;q=2", "identity"),
        ("gzip;q=-1, br;level=9, zstd", "identity"),
        ("gzip;q=0.1234", "identity"),
        (",,gzip,,", "gzip"),
        ("gzip gzip", "identity"),
        ("\u212a", "identity"),
    ],
)
def test_a_reader_gets_the_coding_that_it_weighs_most(
    accept_encoding: str | None, coding: str | None
) -> None:
    assert accepted(accept_encoding) == coding


@given(st.lists(st.tuples(TOKENS, WEIGHTS), max_size=5, unique_by=lambda one: one[0].lower()))
def test_no_reader_gets_what_it_has_excluded(members: list[tuple[str, str]]) -> None:
    weights = {
        "gzip" if name == "x-gzip" else name.lower(): float(q.partition("=")[2] or 1)
        for name, q in members
    }
    coding = accepted(",".join(name + q for name, q in members))
    if coding is None:
        assert 0 in (weights.get("identity", 1), weights.get("*", 1))
    else:
        usual = 1.0 if coding == "identity" else 0.0
        assert weights.get(coding, weights.get("*", usual)) > 0


@given(st.text())
def test_any_header_at_all_is_answered(value: str) -> None:
    assert accepted(value) in {"identity", "gzip", "br", None}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coded_feed_is_the_same_feed_under_a_tag_of_its_own(coding: str) -> None:
    feed = rendition(b"<rss>" + b"word " * 1000 + b"</rss>", FORMATS["rss"], CHANGED)
    coded = encoded(feed, coding)
    decode = {"gzip": gzip.decompress, "br": brotli.decompress}[coding]
    assert decode(coded.body) == feed.body
    assert len(coded.body) < len(feed.body) / 10
    assert coded.etag == tag(feed, coding) != feed.etag
    assert re.fullmatch(r'"[0-9a-f]{32}-[0-9A-Za-z.]+"', coded.etag)
    assert coded == encoded(feed, coding), "at any time, too"
    assert (coded.last_modified, coded.media_type) == (feed.last_modified, feed.media_type)
    said = dict(headers(coded, LATER))
    assert (said["Content-Encoding"], said["ETag"]) == (coding, coded.etag)
    assert "Content-Encoding" not in dict(not_modified(headers(coded, LATER)))
    assert not is_current(coded, feed.etag, None, LATER)
    assert is_current(coded, coded.etag, None, LATER)
