from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from aggregator.model import Problem
from aggregator.settings import Source
from feeds.report import Report, metrics
from tests.builders import FEED_URL, NOW
from tests.reports import FAILING, HOSTILE, SECRET, notice, of, of_source, state

AT = NOW.timestamp()
OPEN_METRICS = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"


def families(report: Report) -> dict[str, Metric]:
    """What Prometheus reads, by name: each metric told once, and no sample twice."""
    body, media_type = metrics(report)
    assert media_type == "text/plain; version=0.0.4; charset=utf-8"
    found = list(plain(body.decode()))
    named = {family.name: family for family in found}
    assert len(named) == len(found)
    samples = [(s.name, *sorted(s.labels.items())) for family in found for s in family.samples]
    assert len(samples) == len(set(samples))
    return named


def values(report: Report) -> dict[str, dict[str, float]]:
    """Each metric's values, by its label's value; "" without one."""
    told: dict[str, dict[str, float]] = defaultdict(dict)
    for name, family in families(report).items():
        for sample in family.samples:
            told[name]["".join(sample.labels.values())] = sample.value
    return told


def test_the_service_says_what_it_is_and_how_much_it_holds() -> None:
    told = values(of(of_source(), config=state()))
    assert told["broadsheet_build_info"] == {"9.8.7": 1}
    assert told["broadsheet_config_good"] == {"": 1}
    assert told["broadsheet_config_live_timestamp_seconds"] == {"": AT}
    assert told["broadsheet_sources"] == {"": 1}
    assert told["broadsheet_entries"] == {"": 30}
    assert told["broadsheet_stories"] == {"": 25}
    assert told["process_cpu_seconds"][""] > 0


def test_a_refused_config_toml_is_not_good() -> None:
    problem = Problem(file="config.toml", line=3, what="unknown key", todo="remove it")
    assert values(of(config=state(problems=(problem,))))["broadsheet_config_good"] == {"": 0}


def test_without_a_config_toml_that_is_live_nothing_is_said_of_it() -> None:
    assert not [name for name in families(of()) if "config" in name]


def test_a_source_that_is_well_is_up() -> None:
    told = values(of(of_source()))
    assert told["broadsheet_source_up"] == {FEED_URL: 1}
    assert told["broadsheet_source_failures"] == {FEED_URL: 0}
    assert told["broadsheet_source_entries"] == {FEED_URL: 30}
    assert told["broadsheet_source_last_success_timestamp_seconds"] == {FEED_URL: AT}
    assert told["broadsheet_source_next_pull_timestamp_seconds"] == {FEED_URL: AT + 3600}
    assert told["broadsheet_source_silent"] == {FEED_URL: 0}
    assert told["broadsheet_source_failing_since_timestamp_seconds"] == {}


def test_a_failing_source_is_down_and_says_since_when() -> None:
    told = values(of(of_source(**FAILING)))
    assert told["broadsheet_source_up"] == {FEED_URL: 0}
    assert told["broadsheet_source_failures"] == {FEED_URL: 3}
    assert told["broadsheet_source_failing_since_timestamp_seconds"] == {FEED_URL: AT}


def test_a_source_that_is_gone_is_down_and_one_that_was_never_pulled_is_neither() -> None:
    gone = of_source(gone=True, **FAILING, next_pull_at=None)
    new = of_source(address="https://new.example/", last_success_at=None)
    told = values(of(gone, new))
    assert told["broadsheet_source_up"] == {FEED_URL: 0}
    assert told["broadsheet_source_next_pull_timestamp_seconds"] == {
        "https://new.example/": AT + 3600
    }
    assert told["broadsheet_source_last_success_timestamp_seconds"] == {FEED_URL: AT}


def test_a_silent_source_is_up_and_silent() -> None:
    told = values(of(of_source(silent_since=NOW - timedelta(days=9))))
    assert told["broadsheet_source_up"] == {FEED_URL: 1}
    assert told["broadsheet_source_silent"] == {FEED_URL: 1}


def test_each_feed_that_is_configured_says_how_it_stands() -> None:
    told = values(of())
    assert told["broadsheet_feed_stories"] == {"all": 25, "tech": 1}
    assert told["broadsheet_feed_updated_timestamp_seconds"] == {"all": AT, "tech": AT}
    assert told["broadsheet_feed_modified_timestamp_seconds"] == {"all": AT, "tech": AT}


def test_sources_that_are_shown_alike_are_told_apart_and_keep_their_labels() -> None:
    places = [f"https://gazette.example/{secret}" for secret in ("kettle", "whistle")]
    private = tuple(Source(address=place, private=True) for place in places)
    sources = [of_source(number=n, address=one.address) for n, one in enumerate(private, 5)]
    told = values(of(*sources, sources_named=private))["broadsheet_source_up"]
    assert told == {"https://gazette.example/***#5": 1, "https://gazette.example/***#6": 1}
    alone = values(of(sources[0], sources_named=private))["broadsheet_source_up"]
    assert alone == {"https://gazette.example/***#5": 1}


def test_no_login_and_no_value_of_a_query_becomes_a_label() -> None:
    body, _ = metrics(of(of_source(address=SECRET, moved_to=SECRET)))
    assert b'source="https://***@gazette.example/feed?token=***#***#1"' in body
    assert not re.search(b"kettle|whistle|lid", body)


@given(text=st.text())
def test_whatever_an_address_holds_is_one_harmless_label(text: str) -> None:
    report = of(of_source(number=1, address=text), of_source(number=2, address=text + HOSTILE))
    (*labels,) = values(report)["broadsheet_source_up"]
    assert len(labels) == 2
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", "".join(labels))


def test_nothing_that_sources_say_of_themselves_becomes_a_label() -> None:
    source = of_source(title="whistling", error="whistling", failing_since=NOW)
    body, _ = metrics(of(source, notices=(notice(said="whistling"),)))
    assert b"whistling" not in body


def test_who_asks_for_open_metrics_gets_them() -> None:
    body, media_type = metrics(of(of_source(**FAILING), config=state()), OPEN_METRICS)
    assert media_type.startswith("application/openmetrics-text; version=1.0.0; charset=utf-8")
    read = openmetrics(body.decode())  # type: ignore[no-untyped-call]
    names = {family.name for family in read}
    assert {"broadsheet_build", "broadsheet_source_up", "process_cpu_seconds"} <= names


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text;version=kettle",
        "application/openmetrics-text; version=1.0.0.kettle",
        "text/plain;version=",
        "text/plain;version=²",
        f"text/plain;version={'9' * 5000}",
        "application/openmetrics-text;version=1.0.0x",
        "*/*",
        ";;,=,",
        "",
    ],
)
def test_an_accept_header_that_makes_no_sense_gets_the_usual(accept: str) -> None:
    _, media_type = metrics(of(), accept)
    assert media_type == "text/plain; version=0.0.4; charset=utf-8"


@given(accept=st.text())
def test_no_accept_header_raises(accept: str) -> None:
    assert metrics(of(), f"text/plain;version={accept}")
