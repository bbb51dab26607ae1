from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest

from aggregator.model import Problem
from aggregator.query import SourceReport
from aggregator.settings import Site, Source
from feeds.report import Report, status_page
from feeds.report.page import SOURCES_A_PAGE
from tests.builders import NOW
from tests.reports import BASE, FAILING, HOSTILE, SECRET, notice, of, of_source, state

_VOID = {"input", "link", "meta"}
HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
AT = '<time datetime="2026-02-14T06:30:00Z">February 14, 2026, 06:30 UTC</time>'


class Page(HTMLParser):
    """What a browser makes of a page: `elements`, of which each must be closed in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert not self._open
        named = [said["id"] for _, said in self.elements if "id" in said]
        assert len(named) == len(set(named))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "path"  # nothing else may close itself: SVG alone is XML
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [said for name, said in self.elements if name == tag]


def made(report: Report, number: int = 1) -> str:
    page = status_page(report, number)
    assert page is not None
    Page(page)
    return page


def shown(report: Report, number: int = 1) -> str:
    """The page in one line."""
    return " ".join(made(report, number).split())


def titles(page: str) -> list[str]:
    return re.findall(r"<h3>.*</span> (.*)</h3>", page)


def test_the_state_of_config_toml_comes_first() -> None:
    page = shown(of(of_source(), config=state()))
    assert f'<h2>config.toml</h2> <p><span class="word ok">good</span> live since {AT}.</p>' in page
    assert page.index("config.toml") < page.index("Versions") < page.index("Totals")
    assert page.index("Totals") < page.index("<h2>Sources") < page.index("What has happened</h2>")


def test_a_refused_config_toml_says_where_what_and_what_to_do() -> None:
    problems = (
        Problem(file="config.toml", line=3, what="unknown key", todo="remove it"),
        Problem(file="config.toml", line=None, what="is <empty>", todo="restore it"),
    )
    later = NOW + timedelta(hours=1)
    page = shown(of(config=state(problems=problems, refused_at=later)))
    assert '<span class="word failing">refused</span> since <time datetime="2026-02-14T07' in page
    assert f"what is live since {AT} goes on until the file is good." in page
    assert "<li><code>config.toml:3: unknown key; remove it</code></li>" in page
    assert "<li><code>config.toml: is &lt;empty&gt;; restore it</code></li>" in page


def test_keys_that_need_a_restart_are_named() -> None:
    page = shown(of(config=state(restart=("[server] host", "[store] url"))))
    said = "Takes effect at the next start: <code>[server] host</code>, <code>[store] url</code>."
    assert said in page


def test_without_a_config_toml_that_is_live_nothing_is_said_of_it() -> None:
    assert "<h2>config.toml" not in made(of())


def test_versions_and_totals_are_told() -> None:
    page = shown(of(of_source(**FAILING), of_source(silent_since=NOW)))
    assert re.search(r"<p>Broadsheet 9\.8\.7, Python 3\.\d+\.\S+, SQLite 3\.[\d.]+</p>", page)
    assert "2 sources (1 failing, 1 silent), 30 entries, 25 stories." in page
    assert f"<li>tech: 1 story, updated {AT}</li>" in page
    assert "bygone" not in page


def test_a_source_that_is_well_says_when_it_gave_something_and_when_it_is_asked_again() -> None:
    page = shown(of(of_source()))
    assert '<h3><span class="word ok">ok</span> Merrow Gazette</h3>' in page
    assert '<p class="about">https://gazette.example/feed</p>' in page
    assert f"30 entries · last success {AT} · next pull <time" in page
    assert '· newest entry <time datetime="2026-02-14T04:30:00Z">' in page


def test_a_source_that_was_never_pulled_says_that() -> None:
    never = of_source(last_success_at=None, next_pull_at=None, newest_at=None, title=None)
    page = shown(of(never))
    assert '<span class="word new">new</span> https://gazette.example/feed</h3>' in page
    assert "30 entries · last success none yet </p>" in page


def test_a_failing_source_says_since_when_and_why() -> None:
    assert f"<p>Since {AT}: answered 500</p>" in shown(of(of_source(**FAILING)))


def test_a_silent_source_and_one_that_moved_say_so() -> None:
    moved = of_source(silent_since=NOW, moved_to="https://new.example/feed?key=whistle")
    page = shown(of(moved))
    assert '<span class="word silent">silent</span>' in page
    assert f"<p>Nothing new since {AT}: it was never silent for nearly as long.</p>" in page
    assert "<p>Has moved for good to https://new.example/feed?key=***; write that into" in page


def test_a_seed_is_shown_as_a_file() -> None:
    page = made(of(of_source(address="seed:wire/kettle.txt")))
    assert '<p class="about">seed seeds/wire/kettle.txt</p>' in page


def test_what_fails_comes_first_then_what_is_silent_then_the_rest_by_address() -> None:
    usual: list[dict[str, Any]] = [
        {"title": "Anvil", "address": "https://a.example/"},
        {"title": "Bell", "address": "https://b.example/", "silent_since": NOW},
        {"title": "Candle", "address": "https://c.example/", "gone": True, **FAILING},
        {"title": "Door", "address": "https://d.example/", **FAILING},
        {"title": "Engine", "address": "https://e.example/", **FAILING},
        {"title": "Funnel", "address": "https://f.example/", "last_success_at": None},
    ]
    page = made(of(*(of_source(**changes) for changes in usual)))
    assert titles(page) == ["Door", "Engine", "Candle", "Bell", "Anvil", "Funnel"]


def test_what_came_day_by_day_is_a_picture_that_says_it_in_words() -> None:
    page = Page(made(of(of_source())))
    (picture,) = page.all("svg")
    label = "4 entries in 30 days, at most 3 on one day, February 13, 2026"
    assert (picture["role"], picture["aria-label"]) == ("img", label)
    assert page.text.count(label) == 1
    assert page.all("path") == [{"d": "M168 24v-24h5v24zM174 24v-8h5v8z"}]
    nothing = Page(made(of(of_source(days=(0,) * 30))))
    assert nothing.all("svg") == []
    assert "No new entries in 30 days" in nothing.text


def test_the_newest_notices_are_told_and_lead_to_all_of_them() -> None:
    notices = tuple(notice(number=number) for number in range(30, 0, -1))
    page = made(of(of_source(), notices=notices))
    told = re.findall(r'<li id="notice-(\d+)">', page)
    assert told == [str(number) for number in range(30, 10, -1)]
    assert "<strong>Merrow Gazette fails</strong>. https://gazette.example/feed has been" in page
    assert f'type="application/atom+xml" title="The Merrow Bulletin: operator" href="{BASE}' in page
    assert "Nothing yet." in made(of())


def many(count: int) -> tuple[SourceReport, ...]:
    longest = "x" * 300
    return tuple(
        of_source(
            number=number,
            address=f"https://source{number:05}.example/{longest}",
            title=f"{number:05} {longest}",
            error=longest,
            failing_since=NOW,
            moved_to=f"https://moved.example/{longest}",
            days=tuple(range(1000, 1030)),
        )
        for number in range(count)
    )


def test_a_page_of_twenty_thousand_sources_is_no_longer_than_one_of_two_hundred() -> None:
    report = of(*many(20_000))
    page = made(report)
    assert page.count("<article>") == SOURCES_A_PAGE == 200
    assert len(page) < 750_000
    assert "page 1 of 100" in page
    assert "20000 sources (20000 failing, 0 silent)" in page


def test_pages_lead_to_each_other_and_hold_each_source_once() -> None:
    report = of(*many(401))
    pages = [made(report, number) for number in (1, 2, 3)]
    found = [title[:5] for page in pages for title in titles(page)]
    assert found == [f"{number:05}" for number in range(401)]
    links = [
        [(said["rel"], said["href"]) for said in Page(page).all("a") if "rel" in said]
        for page in pages
    ]
    places = ("status", "status?page=2", "status?page=3")
    first, second, third = (f"{urlsplit(BASE).path}/{place}" for place in places)
    assert links == [
        [("next", second)],
        [("prev", first), ("next", third)],
        [("prev", second)],
    ]
    assert f'<link rel="next" href="{BASE}/{places[2]}">' in pages[1]
    assert f'<link rel="prev" href="{BASE}/{places[0]}">' in pages[1]


@pytest.mark.parametrize("number", [0, -1, 2, 999_999])
def test_there_is_no_page_beyond_the_last(number: int) -> None:
    assert status_page(of(*many(200)), number) is None


def test_a_store_without_sources_has_one_page_that_says_so() -> None:
    assert "No sources yet." in made(of())


def test_nothing_that_others_wrote_is_markup_or_moves_the_text() -> None:
    problem = Problem(file=HOSTILE, line=3, what=HOSTILE, todo=HOSTILE)
    source = of_source(
        address=HOSTILE, title=HOSTILE, error=HOSTILE, failing_since=NOW, moved_to=HOSTILE
    )
    page = made(
        of(
            source,
            of_source(address=f"seed:{HOSTILE}", title=HOSTILE),
            site=Site(title=HOSTILE, base_url=BASE),
            config=state(problems=(problem,), refused_at=NOW, restart=(HOSTILE,)),
            notices=(
                notice(number=2, title=HOSTILE, address=HOSTILE, said=HOSTILE),
                notice(number=1, title=None, address=f"seed:{HOSTILE}", said=HOSTILE),
            ),
        )
    )
    assert page.count("<script") == 1
    _, _, sources = page.partition("<h2>Sources</h2>")
    assert sources.count("&lt;script&gt;") > 9
    assert not HARMFUL.search(sources)


def test_no_login_no_value_of_a_query_and_no_private_path_is_shown() -> None:
    private = Source(address="https://gazette.example/kettle/feed", private=True)
    page = made(
        of(
            of_source(address=SECRET, moved_to=SECRET),
            of_source(address=private.address, moved_to="https://gazette.example/whistle"),
            sources_named=(private,),
            notices=(
                notice(number=3, address=SECRET, title=None),
                notice(number=2, address=private.address),
                notice(number=1, address="https://removed.example/kettle?whistle=lid"),
            ),
        )
    )
    assert page.count("https://gazette.example/***") == 3
    assert page.count("https://***@gazette.example/feed?token=***#***") == 4
    assert "https://removed.example/***" in page
    assert not re.search("kettle|whistle|[=#]lid", page)


def test_a_page_has_no_script_or_style_in_it_and_nothing_from_elsewhere() -> None:
    page = Page(made(of(*many(3), config=state(), notices=(notice(),))))
    (script,) = page.all("script")
    assert (script.get("src") or "").startswith(f"{urlsplit(BASE).path}/static/copy.")
    assert not page.all("img")
    assert not page.all("style")
    assert not [said for _, said in page.elements if "style" in said]
    handlers = [name for _, said in page.elements for name in said if name.startswith("on")]
    assert not handlers
    assert {said["rel"] for said in page.all("link")} == {"alternate", "icon", "stylesheet"}
