"""A publisher's wishes are read from the head of its document, and junk says nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model import NO_WISHES, ParsedFeed, Wishes
from aggregator.parse import read

SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
HOURS, DAYS = tuple(range(24)), ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
MALFORMED = "<p>&nbsp;<br>"


def wishes(document: str) -> Wishes:
    found = read(document.encode(), "https://gazette.example/feed")
    assert isinstance(found, ParsedFeed), found
    return found.wishes


def of_rss(head: str, version: str = "2.0", rest: str = "") -> Wishes:
    item = f"<item><title>Kettle</title>{rest}</item>"
    return wishes(f'<rss version="{version}" {SY}><channel>{head}{item}</channel></rss>')


def every(**units: float) -> Wishes:
    return Wishes(interval=timedelta(**units))


@pytest.mark.parametrize("rest", ["", MALFORMED])
def test_ttl_is_in_minutes(rest: str) -> None:
    assert of_rss("<ttl>90</ttl>", rest=rest) == every(minutes=90)


@pytest.mark.parametrize("junk", ["", "0", "-5", "soon", "1.5", "12345678", "60 min", "<b>60</b>"])
def test_a_ttl_that_is_none_says_nothing(junk: str) -> None:
    assert of_rss(f"<ttl>{junk}</ttl>") == NO_WISHES


def test_only_rss_has_a_ttl_and_hours_and_days_to_skip() -> None:
    head = (
        "<ttl>60</ttl><skipHours><hour>1</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
    )
    entry = "<entry><id>urn:x:1</id><title>Kettle</title></entry>"
    assert wishes(f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{entry}</feed>') == NO_WISHES


def test_a_ttl_of_an_item_is_not_the_documents() -> None:
    assert of_rss("", rest="<ttl>60</ttl>") == NO_WISHES


@pytest.mark.parametrize(
    ("head", "asked"),
    [
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", every(hours=1)),
        ("<sy:updatePeriod> Daily\n</sy:updatePeriod>", every(days=1)),
        ("<sy:updatePeriod>weekly</sy:updatePeriod>", every(weeks=1)),
        ("<sy:updatePeriod>monthly</sy:updatePeriod>", every(days=30)),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", every(days=365)),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            every(minutes=15),
        ),
        ("<sy:updateFrequency>2</sy:updateFrequency>", every(hours=12)),
        (
            "<sy:updatePeriod>weekly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
            every(weeks=1),
        ),
        (
            "<sy:updatePeriod>x</sy:updatePeriod><sy:updateFrequency>9999999</sy:updateFrequency>",
            NO_WISHES,
        ),
        ("<sy:updatePeriod>always</sy:updatePeriod>", NO_WISHES),
        ("<sy:updateFrequency>often</sy:updateFrequency>", NO_WISHES),
        ("<sy:updateBase>2000-01-01T12:00+00:00</sy:updateBase>", NO_WISHES),
    ],
)
def test_the_syndication_module_gives_a_period_and_how_often_in_it(
    head: str, asked: Wishes
) -> None:
    assert of_rss(head) == asked


def test_rss_1_has_the_syndication_module_too() -> None:
    document = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/" {SY}><channel><title>Gazette</title>'
        "<sy:updatePeriod>daily</sy:updatePeriod></channel>"
        "<item><title>Kettle</title></item></rdf:RDF>"
    )
    assert wishes(document) == every(days=1)


@pytest.mark.parametrize(
    ("ttl", "hours"), [(30, 1), (60, 1), (240, 4)], ids=["the period", "either", "the ttl"]
)
def test_of_two_intervals_the_longer_counts(ttl: int, hours: int) -> None:
    head = f"<ttl>{ttl}</ttl><sy:updatePeriod>hourly</sy:updatePeriod>"
    assert of_rss(head) == every(hours=hours)


def hours(*said: object) -> str:
    return f"<skipHours>{''.join(f'<hour>{hour}</hour>' for hour in said)}</skipHours>"


def days(*said: str) -> str:
    return f"<skipDays>{''.join(f'<day>{day}</day>' for day in said)}</skipDays>"


@pytest.mark.parametrize("rest", ["", MALFORMED])
@pytest.mark.parametrize(
    ("said", "skipped"),
    [
        ((22, 3, 3), (3, 22)),
        (("03", " 7 ", "00"), (0, 3, 7)),
        ((24, 1), (0, 1)),  # RSS 0.91 counts from 1 to 24
        ((25, -1, "noon", "", "1.5"), ()),
        (HOURS, ()),
        (range(1, 25), ()),
        (HOURS[1:], HOURS[1:]),
        ((), ()),
    ],
)
def test_hours_to_skip_are_from_0_to_23_and_never_all(
    said: tuple[object, ...], skipped: tuple[int, ...], rest: str
) -> None:
    assert of_rss(hours(*said), rest=rest) == Wishes(skip_hours=skipped)


def test_rss_0_91_has_hours_to_skip() -> None:
    assert of_rss(hours(24, 5), version="0.91") == Wishes(skip_hours=(0, 5))


@pytest.mark.parametrize(
    ("said", "skipped"),
    [
        (("Sunday", "Monday"), (0, 6)),
        (("SATURDAY", " sunday "), (5, 6)),
        (("Sun", "Sonntag", "7", ""), ()),
        ((*DAYS, "Saturday", "Sunday"), ()),
        (DAYS, (0, 1, 2, 3, 4)),
    ],
)
def test_days_to_skip_are_named_in_english_and_never_all(
    said: tuple[str, ...], skipped: tuple[int, ...]
) -> None:
    assert of_rss(days(*said)) == Wishes(skip_days=skipped)


def test_an_hour_or_day_outside_its_list_is_not_skipped() -> None:
    assert of_rss("<hour>3</hour><day>Sunday</day>", rest="<hour>4</hour>") == NO_WISHES


def test_all_wishes_come_together() -> None:
    head = f"<ttl>60</ttl>{hours(1)}{days('Sunday')}"
    assert of_rss(head) == Wishes(interval=timedelta(hours=1), skip_hours=(1,), skip_days=(6,))


def test_a_json_feed_has_no_wishes() -> None:
    assert wishes('{"version": "", "ttl": 60, "items": [{"id": "1", "title": "x"}]}') == NO_WISHES
