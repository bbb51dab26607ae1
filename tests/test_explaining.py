from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator.model import Assignment, Entry, Other, Selection, Terms
from aggregator.model.explaining import Explained, NearMiss, Origination, Ruling, Shelving
from aggregator.settings import SavedQuery, Settings, Site, Source
from feeds import explaining
from tests.builders import FEED_URL, NOW, entry
from tests.newsroom import settings_for

HOSTILE = "Kettle \x1b[2J\x9b1m\u202eheard\r\n\u2028apart"
OTHER = Other(page_id="1" * 20, title="Another")


def origination(**changes: Any) -> Origination:
    usual = Origination(
        number=7,
        address=FEED_URL,
        entry=entry(),
        first_seen=NOW,
        is_withdrawn=False,
        rule="first seen",
        score=1.0,
        like=None,
    )
    return replace(usual, **changes)


def story(*entries: Origination, **changes: Any) -> Explained:
    usual = Explained(
        id="urn:x:kettle",
        page_id="0" * 20,
        aliases=(),
        entries=entries or (origination(),),
        shelves=(),
        related=(),
        rulings=(),
        first_seen=NOW,
        withdrawn_at=None,
        by_operator=False,
    )
    return replace(usual, **changes)


def shelf(vertical: str, reason: str = "source") -> Shelving:
    why = Assignment(vertical=vertical, reason=reason, score=0.5)
    return Shelving(assignment=why, since=NOW)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path, site=Site(base_url="https://news.example/below"))


def lines(told: Explained, settings: Settings) -> list[str]:
    return explaining.as_text(told, settings).splitlines()


def test_everything_of_a_story_is_told_section_by_section(settings: Settings) -> None:
    miss = NearMiss(story=OTHER, publication="Harbour Herald", reason="too short", score=0.456)
    told = story(
        origination(rule="same text", score=0.934, like=9, near=(miss,)),
        origination(number=9, address="seed:tide.txt", entry=entry(link=None, published=None)),
        origination(number=11, rule="same text", like=12, is_withdrawn=True),
        aliases=("urn:x:pot", "urn:x:pan"),
        shelves=(shelf("science", "keyword: kettle"), shelf("tech")),
        related=(OTHER,),
        rulings=(
            Ruling(apart=True, at=NOW, story=OTHER),
            Ruling(apart=False, at=NOW, story=OTHER),
        ),
    )
    assert (
        explaining.as_text(told, settings)
        == """\
Kettle heard
  id          urn:x:kettle
  page        https://news.example/below/stories/00000000000000000000
  retired id  urn:x:pot
  retired id  urn:x:pan
  first seen  2026-02-14T06:30:00Z

Entries: 3
  1. Merrow Gazette: Kettle heard
     link        https://gazette.example/kettle
     source      https://gazette.example/feed
     first seen  2026-02-14T06:30:00Z
     published   2026-02-13T09:00:00Z
     here by     same text (score 0.93), as 2
  2. Merrow Gazette: Kettle heard
     source      seed:tide.txt
     first seen  2026-02-14T06:30:00Z
     here by     first seen
  3. Merrow Gazette: Kettle heard
     link        https://gazette.example/kettle
     source      https://gazette.example/feed
     first seen  2026-02-14T06:30:00Z
     published   2026-02-13T09:00:00Z
     here by     same text (score 1.00), as an entry that is in another story now
     withdrawn   its source has taken it back, or its file is gone

Nearly the same: 1
  1. Harbour Herald: Another
     page        https://news.example/below/stories/11111111111111111111
     not merged  too short (score 0.46)

Verticals: 2
  science  since 2026-02-14T06:30:00Z  keyword: kettle (score 0.50)
  tech     since 2026-02-14T06:30:00Z  source (score 0.50)

Feeds: 3
  https://news.example/below/feeds/all.atom  .rss  .json
  https://news.example/below/feeds/science.atom  .rss  .json
  https://news.example/below/feeds/tech.atom  .rss  .json

Related: 1
  Another
     page        https://news.example/below/stories/11111111111111111111

Rulings: 2
  2026-02-14T06:30:00Z  apart from: Another
     page        https://news.example/below/stories/11111111111111111111
  2026-02-14T06:30:00Z  joined into this story"""
    )
    told_entries: Any = explaining.as_json(told, settings)["entries"]
    assert [one["same_as"] for one in told_entries] == [2, None, None]


def test_a_merge_from_before_its_like_was_kept_is_told_without(settings: Settings) -> None:
    told = story(origination(rule="same address"))
    assert "     here by     same address (score 1.00)" in lines(told, settings)


def test_text_from_sources_is_told_in_lines_that_move_no_cursor(settings: Settings) -> None:
    hostile = entry(
        title=HOSTILE,
        publication=HOSTILE,
        link=f"https://a.example/{HOSTILE}",
        terms=Terms(excluded=HOSTILE),
    )
    other = Other(page_id="1" * 20, title=HOSTILE)
    miss = NearMiss(story=other, publication=HOSTILE, reason="short", score=0.4)
    told = story(
        origination(address=f"https://a.example/{HOSTILE}", entry=hostile, near=(miss,)),
        origination(number=8),
        id=f"urn:x:{HOSTILE}",
        aliases=(HOSTILE,),
        shelves=(shelf("tech", HOSTILE),),
        related=(other,),
        rulings=(Ruling(apart=True, at=NOW, story=other),),
    )
    for text in (explaining.as_text(told, settings), explaining.in_short(told, settings)):
        assert all(line.isprintable() for line in text.split("\n"))
    assert all(text.isprintable() for text in texts(explaining.as_json(told, settings)))


def texts(told: object) -> list[str]:
    """Every text anywhere in it."""
    if isinstance(told, dict):
        return [text for each in told.values() for text in texts(each)]
    if isinstance(told, list):
        return [text for each in told for text in texts(each)]
    return [told] if isinstance(told, str) else []


def test_texts_are_cut_for_people_but_no_id_and_no_address_is(settings: Settings) -> None:
    long = "a" * 500
    title = " ".join(["kettle"] * 100)
    one = entry(title=title, publication=title, link=f"https://a.example/{long}")
    other = Other(page_id="1" * 20, title=title)
    told = story(
        origination(entry=one, address=f"https://b.example/{long}"),
        id=f"urn:x:{long}",
        shelves=(shelf("tech", title),),
        related=(other,),
        rulings=(Ruling(apart=True, at=NOW, story=other),),
    )
    of_people = lines(told, settings)
    for whole in (f"urn:x:{long}", f"https://a.example/{long}", f"https://b.example/{long}"):
        assert any(line.endswith(whole) for line in of_people)
    assert max(len(line) for line in of_people if long not in line) <= 100
    told_entries: Any = explaining.as_json(told, settings)["entries"]
    assert told_entries[0]["title"] == title


def test_an_entry_without_a_title_is_told_so(settings: Settings) -> None:
    told = lines(story(origination(entry=entry(title=""))), settings)
    assert told[0] == "(no title)"
    assert "  1. Merrow Gazette: (no title)" in told


def test_of_a_private_source_the_host_is_told_whoever_says_that_it_is_private(
    settings: Settings,
) -> None:
    private = entry(terms=Terms(private=True))
    login = "https://ada:word@herald.example/rss"
    told = story(
        origination(address="https://a.example/path"),
        origination(address="https://b.example/path", entry=private),
        origination(address="https://c.example/path?key=word", entry=private),
        origination(address=login, entry=private),
    )
    sources = (
        Source(address="https://a.example/path", private=True),
        Source(address="https://a.example/path"),
        Source(address=login),
    )
    assert explaining.sources(told, replace(settings, sources=sources)) == {
        "https://a.example/path": "https://a.example/***",
        "https://b.example/path": "https://b.example/***",
        "https://c.example/path?key=word": "https://c.example/***",
        login: "https://***@herald.example/rss",
    }


EXCLUDED: Entry = entry(terms=Terms(excluded="exclude: kettle"))


@pytest.mark.parametrize(
    ("entries", "withdrawn", "stands"),
    [
        ((origination(),), False, True),
        ((origination(),), True, False),
        ((origination(entry=EXCLUDED),), False, False),
        ((origination(entry=EXCLUDED), origination(is_withdrawn=True)), False, False),
        ((origination(entry=EXCLUDED), origination(number=8)), False, True),
    ],
)
def test_a_story_stands_in_feeds_by_what_is_shown_of_it(
    settings: Settings, entries: tuple[Origination, ...], *, withdrawn: bool, stands: bool
) -> None:
    told = story(*entries, withdrawn_at=NOW if withdrawn else None)
    assert explaining.stands_in(told, settings) == ((Selection(),) if stands else ())


def test_a_vertical_that_is_not_defined_any_more_has_no_feed(settings: Settings) -> None:
    lab = SavedQuery(name="lab", title="Lab", verticals=("science", "tech"))
    told = story(shelves=(shelf("sport"), shelf("tech")))
    found = explaining.stands_in(told, replace(settings, queries=(lab,)))
    assert [selection.name for selection in found] == ["all", "tech", "lab"]


@pytest.mark.parametrize(("by_operator", "by"), [(True, "the operator"), (False, "its sources")])
def test_in_short_it_is_told_where_a_story_comes_from_and_whether_it_is_withdrawn(
    settings: Settings, *, by_operator: bool, by: str
) -> None:
    told = story(origination(), origination(), withdrawn_at=NOW, by_operator=by_operator)
    assert (
        explaining.in_short(told, settings)
        == f"""\
Kettle heard
  id          urn:x:kettle
  page        https://news.example/below/stories/00000000000000000000
  first seen  2026-02-14T06:30:00Z
  withdrawn   2026-02-14T06:30:00Z, by {by}
  source      https://gazette.example/feed"""
    )
