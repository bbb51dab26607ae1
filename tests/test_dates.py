"""Any date to aware UTC or to nothing."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import dates
from aggregator.dates import long_date, parse, rfc822, rfc3339

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CORPUS = Path(os.environ.get("FEED_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
MOMENTS = st.integers(631_152_000, 1_795_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
DATE_LIKE = st.lists(
    st.sampled_from(
        [
            "13",
            "2",
            "2026",
            "26",
            "0",
            "99",
            "999999999999",
            "february",
            "mar",
            "Fri",
            ",",
            "/",
            "-",
            ".",
            "10:00",
            "24:00:00",
            "T",
            "Z",
            "GMT",
            "EST",
            "PT",
            "+02:00",
            "-99",
            "(",
            ")",
            " ",
            "年",
            "pm",
            "下午",
            "９",
        ]
    )
    | st.text(max_size=3)
).map(" ".join) | st.text(max_size=40)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fri, 13 Feb 2026 10:00:00 GMT", "2026-02-13 10:00"),
        ("Fri, 13 Feb 26 10:00 GMT", "2026-02-13 10:00"),
        ("Fri, 1 Jan 99 10:00 GMT", "1999-01-01 10:00"),
        ("Fri, 13 Feb 126 10:00:00 GMT", "2026-02-13 10:00"),
        ("3 Feb 2026 1:02:03 GMT", "2026-02-03 01:02:03"),
        ("Mon, 13 Feb 2026 10:00:00 GMT", "2026-02-13 10:00"),
        ("Tues,  3  Feb  2026 10:00:00  -0800 ", "2026-02-03 18:00"),
        ("Friday, 13-Feb-26 10:00:00 GMT", "2026-02-13 10:00"),
        ("Fri Feb 13 10:00:00 2026", "2026-02-13 10:00"),
        ("Fri Feb 13 10:00:00 PST 2026", "2026-02-13 18:00"),
        ("Fri Feb 13 10:00:00 +0000 2026", "2026-02-13 10:00"),
        ("Fri Feb 13 2026 10:00:00 GMT+0100 (Central European Time)", "2026-02-13 09:00"),
        ("10:00 Feb 13 2026", "2026-02-13 10:00"),
        ("13 Feb 2026 24:00:00 GMT", "2026-02-14"),
        ("31 Dec 2025 23:59:60 GMT", "2026-01-01"),
        ("13 Feb 2026", "2026-02-13"),
    ],
)
def test_mail_dates_and_their_relatives_are_read(text: str, expected: str) -> None:
    assert parse(text, NOW) == at(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-13T10:00:00Z", "2026-02-13 10:00"),
        ("2026-02-13t10:00:00z", "2026-02-13 10:00"),
        ("2026-02-13 10:00:00", "2026-02-13 10:00"),
        ("2026-02-13T10:00+01:00", "2026-02-13 09:00"),
        ("2026-02-13T10:00:00.987654321-05:30", "2026-02-13 15:30"),
        ("2026-02-13T10:00:00,5+0100", "2026-02-13 09:00"),
        ("2026-02-13T10:00:00+01", "2026-02-13 09:00"),
        ("2026-02-13T24:00:00Z", "2026-02-14"),
        ("20260213T100000Z", "2026-02-13 10:00"),
        ("20260213T1000Z", "2026-02-13 10:00"),
        ("2026-02-13T100000+0100", "2026-02-13 09:00"),
        ("20260213100000", "2026-02-13 10:00"),
        ("20260213", "2026-02-13"),
        ("2026-02-13", "2026-02-13"),
        ("2026-02-13+02:00", "2026-02-13"),
        ("2026-02", "2026-02-01"),
        ("2026", "2026-01-01"),
    ],
)
def test_iso_dates_are_read(text: str, expected: str) -> None:
    assert parse(text, NOW) == at(expected)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("", 0),
        ("Z", 0),
        ("UT", 0),
        ("EST", -5),
        ("PDT", -7),
        ("CET", 1),
        ("CEST", 2),
        ("BST", 1),
        ("JST", 9),
        ("IST", 5.5),
        ("(AEST)", 10),
        ("GMT+2", 2),
        ("UTC-05:30", -5.5),
        ("EST -0500", -5),
        ("−0300", -3),
        ("+1245", 12.75),
        ("-0000", 0),
        ("XYZT", 0),
    ],
)
def test_a_zone_counts_and_an_unknown_one_is_utc(zone: str, hours: float) -> None:
    assert parse(f"13 Feb 2026 20:00:00 {zone}", NOW) == at("2026-02-13 20:00") - timedelta(
        hours=hours
    )


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2026-01-15", -8),
        ("2026-03-07", -8),
        ("2026-03-08", -7),
        ("2026-07-01", -7),
        ("2026-10-31", -7),
        ("2026-11-01", -8),
    ],
)
@pytest.mark.parametrize("zone", ["PT", "PST8PDT"])
def test_a_zone_of_both_american_times_follows_the_season(day: str, hours: int, zone: str) -> None:
    assert parse(f"{day} 10:00 {zone}", NOW) == at(f"{day} 10:00") - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("January 1, 2026", "2026-01-01"),
        ("1 January 2026", "2026-01-01"),
        ("2026 Jan 1", "2026-01-01"),
        ("Jan. 1, 2026 10:00 PM EST", "2026-01-02 03:00"),
        ("Jan 1, 2026 at 12:30 a.m.", "2026-01-01 00:30"),
        ("Jan 1, 2026 at 12:30pm", "2026-01-01 12:30"),
        ("Jan 1, 2026 13:30 PM", "2026-01-01 13:30"),
        ("Thursday, January 1st, 2026", "2026-01-01"),
        ("2/13/2026", "2026-02-13"),
        ("2/3/26", "2026-02-03"),
        ("13/2/2026", "2026-02-13"),
        ("Fri, 05/03/2019 - 15:21", "2019-05-03 15:21"),
        ("13.02.2026 10:00:00", "2026-02-13 10:00"),
        ("13-02-2026", "2026-02-13"),
        ("02-13-2026", "2026-02-13"),
        ("2026/02/13 10:00:00", "2026-02-13 10:00"),
        ("2026. 2. 13.", "2026-02-13"),
        ("1767261600", "2026-01-01 10:00"),
        ("1767261600.25", "2026-01-01 10:00"),
        ("1767261600123", "2026-01-01 10:00"),
        ("2026年1月1日", "2026-01-01"),
        ("２０２６年１月１日 10時30分", "2026-01-01 10:30"),
        ("2026年1月1日 下午3:05", "2026-01-01 15:05"),
        ("2026년 1월 1일 오전 12:05", "2026-01-01 00:05"),
    ],
)
def test_dates_as_people_and_programs_write_them_are_read(text: str, expected: str) -> None:
    assert parse(text, NOW) == at(expected)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Freitag, 13. März 2026, 10:00 Uhr", 3),
        ("13. Dez. 2025 10:00 Uhr", 12),
        ("mar. 13 août 2024 à 10h00", 8),
        ("13 FÉVRIER 2026 10:00", 2),
        ("mar, 13 ene 2026 10:00:00 +0000", 1),
        ("13 de setiembre de 2025 10:00", 9),
        ("sex, 13 de fevereiro de 2026 10:00", 2),
        ("venerdì 13 giugno 2025 10:00", 6),
        ("13 мая 2026 г. 10:00", 5),
        ("13 янв. 2026 10:00", 1),
        ("vrijdag 13 maart 2026 10:00", 3),
        ("13 października 2025 10:00", 10),
    ],
)
def test_months_have_names_in_nine_languages(text: str, month: int) -> None:
    moment = parse(text, NOW)
    assert moment is not None
    assert (moment.month, moment.day, moment.hour) == (month, 13, 10)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "soon",
        "yesterday at 10:00",
        "May 5",
        "12 May",
        "2026-W07-5",
        "0000-00-00",
        "0000-00-00T00:00:00Z",
        "31 Feb 2026",
        "2026-02-30",
        "2026-13-01",
        "13/13/2026",
        "13 Feb 2026 25:00",
        "13 Feb 2026 10:60",
        "13 Feb 2026 10:00:61",
        "13 Feb 2026 24:00:01",
        "13 Feb 2026 10:00 +9900",
        "31 Dec 1989",
        "1 Jan 1970 00:00:00 GMT",
        "13 Feb 2226",
        "0001-01-01T00:00:00+14:00",
        "9999999999999",
        "9" * 100,
        "2026-02-13" + " " * 200,
    ],
)
def test_nonsense_is_nothing(text: str | None) -> None:
    assert parse(text, NOW) is None


def test_the_future_begins_one_day_from_now() -> None:
    assert parse("2026-11-23T12:00:00Z", NOW) == NOW + timedelta(days=1)
    assert parse("2026-11-23T12:00:01Z", NOW) is None


@given(DATE_LIKE)
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_sensible_date_or_nothing(text: str) -> None:
    moment = parse(text, NOW)
    if moment is not None:
        assert moment.tzinfo is UTC
        assert moment.microsecond == 0
        assert at("1990-01-01") <= moment <= NOW + timedelta(days=1)


@given(MOMENTS)
@settings(max_examples=100, deadline=None)
def test_what_we_write_is_what_we_read(moment: datetime) -> None:
    assert parse(rfc822(moment), NOW) == moment
    assert parse(rfc3339(moment), NOW) == moment
    assert parse(long_date(moment), NOW) == moment.replace(hour=0, minute=0, second=0)
    assert rfc822(moment) == format_datetime(moment, usegmt=True)


def test_dates_are_written_in_utc_and_english() -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert rfc822(moment) == "Tue, 03 Feb 2026 04:05:06 GMT"
    assert rfc3339(moment) == "2026-02-03T04:05:06Z"
    assert long_date(moment) == "February 3, 2026"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of captured feeds: set FEED_CORPUS")
def test_the_dates_of_captured_feeds_are_read_as_the_standards_say() -> None:
    element = re.compile(rb"<(?:pubDate|dc:date|updated|published)>([^<]{6,40})</")
    texts = {
        unescape(found.decode("ascii")).strip()
        for file in (CORPUS / "captured").iterdir()
        for found in element.findall(file.read_bytes())
        if found.isascii()
    }
    later = datetime(2100, 1, 1, tzinfo=UTC)
    unread = [text for text in texts if parse(text, later) is None]
    assert len(unread) < len(texts) / 200, unread
    numeric = re.compile(r"\w{3}, [\w ]+ [\d:]{8} (?!-0000)[+-]\d{4}")
    mail_dates = {text for text in texts if numeric.fullmatch(text)}
    assert {text: parse(text, later) for text in mail_dates} == {
        text: parsedate_to_datetime(text) for text in mail_dates
    }


@given(
    st.integers(0, 9999),
    st.sampled_from(["00", "01", "02", "06", "12", "13"]),
    st.sampled_from(["00", "01", "29", "31", "32"]),
    st.times(),
    st.sampled_from(["GMT", "UTC", "+0000", "-0000", "+0530", "-1959", "Z", "+01:00", "-05:30"]),
)
@settings(max_examples=200, deadline=None)
def test_the_usual_forms_mean_what_the_careful_reading_of_any_form_makes_of_them(
    year: int, month: str, day: str, clock: time, zone: str
) -> None:
    name = dates._MONTHS[int(month) % 12][:3]
    at = f"{clock:%H:%M:%S}"
    for usual, unusual in (
        (f"Fri, {day} {name} {year:04} {at} {zone}", f"Fri {day} {name} {year:04} {at} {zone}"),
        (f"{year:04}-{month}-{day}T{at}.5{zone}", f"{year:04}-{month}-{day} {at}.5{zone}"),
    ):
        assert dates._moment(usual) == dates._moment(unusual)
