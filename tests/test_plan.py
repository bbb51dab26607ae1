"""What a changed configuration would do, found out on a copy of the store; and how it is told."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.errors import StoreError
from aggregator.query import Told, copied
from aggregator.settings import SavedQuery, Server, Settings, Site, Source, Vertical
from aggregator.store import Listed
from feeds import planned
from feeds.app import Service
from feeds.plan import FeedPlan, Plan, plan
from tests.newsroom import GAZETTE, HERALD, SHELVES, Newsroom, item, settings_for, titled

# Nothing is guessed: what a story enters, it enters for a reason that stands in the settings.
VERTICALS = CULTURE, SCIENCE, TECH = tuple(replace(v, threshold=1.0) for v in SHELVES)
KETTLES = SavedQuery(name="kettles", title="Kettles", q=("kettle",))
LEDGER = "https://gazette.example/ledger"
SECRET = "https://ada:whistle@herald.example/rss?token=steam"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Settings]:
    """Settings that are live, and a store of theirs: the gazette gave three stories."""
    settings = settings_for(
        tmp_path,
        verticals=VERTICALS,
        sources=(Source(address=GAZETTE), Source(address=HERALD)),
        queries=(KETTLES,),
    )
    (tmp_path / "seeds").mkdir()
    with Newsroom(tmp_path) as room:
        room.listed(HERALD)
        room.give(
            GAZETTE,
            item("robot", title=titled("Robot pours tea")),
            item("kettle", title=titled("Kettle choir sings")),
            item("lid", title=titled("Kettle lid clatters")),
        )
    with closing(Service(settings, pulls=False)) as service:
        service.bring()
    yield settings
    assert not list(tmp_path.glob(".store.db-plan-*"))


def titles(feed: FeedPlan) -> tuple[list[tuple[str, str]], list[str]]:
    enters = sorted((one.title, why) for one, why in feed.enters)
    return enters, sorted(one.title for one in feed.leaves)


def of(found: Plan, name: str) -> tuple[list[tuple[str, str]], list[str]]:
    """What enters a feed, with why, and what leaves it."""
    (feed,) = [feed for feed in found.feeds if feed.name == name]
    return titles(feed)


# ---- what will come of it -----------------------------------------------------------------------


def test_nothing_comes_of_what_is_live(live: Settings) -> None:
    found = plan(live, live)
    assert found == Plan(listed=Listed())
    assert not found
    assert planned.as_text(found, live) == "nothing changes"


def test_a_plan_leaves_the_store_as_it_is(live: Settings) -> None:
    with Newsroom(live.file.parent) as room:
        before = room.dump()
        assert plan(replace(live, verticals=VERTICALS[:2], sources=()), live)
        assert room.dump() == before


def test_stories_enter_and_leave_feeds_each_with_why(live: Settings) -> None:
    tech = replace(TECH, keywords=("robot",))
    found = plan(replace(live, verticals=(CULTURE, SCIENCE, tech)), live)
    assert [feed.name for feed in found.feeds] == ["tech"]
    assert of(found, "tech") == ([("Robot pours tea", "keyword: robot")], [])
    sources = (
        replace(live.sources[0], exclude=("choir",), verticals=("science",)),
        live.sources[1],
    )
    found = plan(replace(live, sources=sources), live)
    assert of(found, "all") == ([], ["Kettle choir sings"])
    assert of(found, "science") == (
        [("Kettle lid clatters", "source"), ("Robot pours tea", "source")], [],
    )  # fmt: skip
    assert of(found, "kettles") == ([], ["Kettle choir sings"])
    assert not found.remade


def test_saved_queries_come_change_and_go(live: Settings) -> None:
    other = replace(KETTLES, q=("robot",))
    new = SavedQuery(name="choirs", title="Choirs", q=("choir",))
    found = plan(replace(live, queries=(other, new)), live)
    by_query = "the saved query"
    assert of(found, "choirs") == ([("Kettle choir sings", by_query)], [])
    assert of(found, "kettles") == (
        [("Robot pours tea", by_query)], ["Kettle choir sings", "Kettle lid clatters"],
    )  # fmt: skip
    found = plan(replace(live, queries=()), live)
    assert of(found, "kettles") == ([], ["Kettle choir sings", "Kettle lid clatters"])
    of_all = SavedQuery(name="every", title="Everything")
    assert len(of(plan(replace(live, queries=(KETTLES, of_all)), live), "every")[0]) == 3


def test_verticals_that_are_renamed_lead_on_and_those_that_go_are_gone(live: Settings) -> None:
    gear = Vertical(name="gear", title="Tech", was=("tech", "gadgets"))
    found = plan(replace(live, verticals=(gear, CULTURE)), live)
    assert (found.renamed, found.gone) == ((("tech", "gear"),), ("science",))
    assert found.advice == (), "what comes says what it was"
    text = planned.as_text(found, live)
    assert "vertical tech is called gear: its old addresses lead there (301)\n" in text
    assert "vertical science is gone: its addresses answer 410\n" in text
    assert "every feed is made anew" in text


def test_what_a_running_service_does_not_take_in_is_told(live: Settings) -> None:
    found = plan(replace(live, server=Server(port=9)), live)
    assert found.restart == ("[server] port",)
    assert not found.remade, "where it listens is no part of a feed"
    assert planned.as_text(found, live) == "[server] port takes effect at the next start"
    assert plan(replace(live, site=Site(title="Another")), live).remade
    assert not plan(replace(live, site=Site(contact="ada@example.org")), live).remade


# ---- what was probably meant otherwise ----------------------------------------------------------


def test_a_source_that_goes_while_one_comes_may_be_the_same(live: Settings) -> None:
    gazette, herald = live.sources
    lone = replace(live, sources=(gazette, Source(address="https://merrow.example/rss")))
    found = plan(lone, live)
    assert found.listed == Listed(came=("https://merrow.example/rss",), went=(HERALD,))
    (advice,) = found.advice
    assert f'was = "{HERALD}"' in advice
    assert advice.startswith("if https://merrow.example/rss is what")
    both = [Source(address=a) for a in (LEDGER, "https://merrow.example/rss")]
    (advice,) = plan(replace(live, sources=tuple(both)), live).advice
    assert advice.startswith(f"if {LEDGER} is what {GAZETTE} was"), "of two, the one on its host"
    assert plan(replace(live, sources=(gazette, herald, both[0])), live).advice == ()
    moved = replace(both[0], was=(GAZETTE,))
    found = plan(replace(live, sources=(moved, herald)), live)
    assert (found.advice, found.listed) == ((), Listed(moved=((GAZETTE, LEDGER),)))


def test_a_vertical_that_goes_while_one_comes_may_be_the_same(live: Settings) -> None:
    gear = Vertical(name="gear", title="Gear")
    (advice,) = plan(replace(live, verticals=(CULTURE, SCIENCE, gear)), live).advice
    assert advice.startswith('if gear is what tech was, write was = "tech" below [verticals.gear]')
    assert plan(replace(live, verticals=(CULTURE, gear)), live).advice == (), "it may be either"
    assert plan(replace(live, verticals=(*VERTICALS, gear)), live).advice == ()


def test_no_secret_of_a_source_is_told(live: Settings) -> None:
    private = Source(address=SECRET, private=True)
    settings = replace(live, sources=(live.sources[0], private))
    found = plan(settings, live)
    said = planned.as_text(found, settings) + json.dumps(planned.as_json(found, settings))
    assert "herald.example" in said
    for secret in ("whistle", "token", "steam"):
        assert secret not in said


# ---- how it is told -----------------------------------------------------------------------------


def a_plan() -> Plan:
    def told(number: int) -> Told:
        return Told(
            number=number, id=f"urn:{number}", page_id="p", title="A\nkettle", publication="M"
        )

    many = tuple((told(number), "keyword:\nkettle") for number in range(12))
    return Plan(
        listed=Listed(
            came=tuple(f"https://a.example/{n}" for n in range(11)),
            went=(GAZETTE,),
            moved=((HERALD, LEDGER),),
        ),
        feeds=(FeedPlan(name="tech", enters=many, leaves=(told(99),)),),
        renamed=(("tech", "gear"),),
        gone=("science",),
        restart=("[store] url",),
        remade=True,
        advice=("think again",),
    )


def test_a_person_is_told_the_first_of_many_and_how_many_more(live: Settings) -> None:
    lines = planned.as_text(a_plan(), live).split("\n")
    assert lines[:2] == ["sources: 11 come, 1 go, 1 move", "  + https://a.example/0"]
    assert lines[11:15] == [
        "  and 1 more (--json tells all)",
        f"  - {GAZETTE}  (its stories stay)",
        f"  {HERALD} -> {LEDGER}",
        "vertical tech is called gear: its old addresses lead there (301)",
    ]
    assert lines[16:18] == ["feed tech: 12 enter, 1 leave", "  + M: A kettle  (keyword: kettle)"]
    assert lines[27:] == [
        "  and 2 more (--json tells all)",
        "  - M: A kettle",
        "every feed is made anew: readers fetch it once more; the ids of stories stay",
        "[store] url takes effect at the next start",
        "think again",
    ]


def test_a_machine_is_told_the_whole_of_it(live: Settings) -> None:
    said = json.loads(json.dumps(planned.as_json(a_plan(), live)))
    assert said["sources"]["come"] == [f"https://a.example/{n}" for n in range(11)]
    assert said["sources"]["go"] == [GAZETTE]
    assert said["sources"]["move"] == [{"from": HERALD, "to": LEDGER}]
    assert said["verticals"] == {"renamed": [{"from": "tech", "to": "gear"}], "gone": ["science"]}
    (feed,) = said["feeds"]
    story = {"id": "urn:11", "title": "A kettle", "publication": "M"}
    assert (feed["name"], len(feed["enter"]), len(feed["leave"])) == ("tech", 12, 1)
    assert feed["enter"][11] == {**story, "reason": "keyword:\nkettle"}
    assert (said["remade"], said["restart"]) == (True, ["[store] url"])
    assert said["advice"] == ["think again"]


# ---- the store ----------------------------------------------------------------------------------


def test_a_plan_without_a_store_tells_of_sources_alone_and_makes_none(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, sources=(Source(address=GAZETTE),), queries=(KETTLES,))
    assert plan(settings, None) == Plan(listed=Listed(came=(GAZETTE,)))
    assert list(tmp_path.iterdir()) == []


def test_seeds_that_a_folder_has_are_planned_for_too(live: Settings) -> None:
    page = "The tide comes in\nGazette\nby Ada InkwellMarch 9, 2026\nA paragraph.\n"
    (live.seeds_folder / "tide.txt").write_text(page)
    assert [title for title, _ in of(plan(live, live), "all")[0]] == ["The tide comes in"]


def test_planning_says_nothing_in_the_log(live: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    (live.seeds_folder / "odd.bin").write_bytes(b"odd")
    level = logging.getLogger("broadsheet").level
    plan(live, live)
    assert [r for r in caplog.records if r.name.startswith("broadsheet")] == []
    assert logging.getLogger("broadsheet").level == level


def test_a_store_of_an_older_broadsheet_is_not_brought_up_to_date_by_a_plan(
    live: Settings,
) -> None:
    file = Path(live.store_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0005'")
    with pytest.raises(StoreError, match="made by an older Broadsheet; start this one once"):
        plan(live, live)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("0005",)]


def test_what_cannot_be_copied_is_told_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.write_bytes(b"This is no store." * 100)
    with pytest.raises(StoreError, match="cannot be copied"):
        plan(settings_for(tmp_path), None)
    with (
        pytest.raises(StoreError, match="check the rights of its folder"),
        copied(f"sqlite:///{tmp_path}/never/store.db"),
    ):
        pass
    assert list(tmp_path.iterdir()) == [file]


def test_a_store_of_a_newer_program_is_left_to_that(live: Settings) -> None:
    with closing(sqlite3.connect(live.store_url.removeprefix("sqlite:///"))) as meddler, meddler:
        meddler.execute("UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(StoreError, match="made by a newer Broadsheet; plan with that one"):
        plan(live, live)
