"""What an operator asks of one story, and rules on it: `explain`, `split`, `join`, `withdraw`."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from aggregator.model import Category, Story
from aggregator.model.explaining import Explained
from feeds.cli import main
from tests.newsroom import GAZETTE, HERALD, Newsroom, item, page, titled
from tests.service import PATIENCE, serving
from tests.test_dedup_texts import RATES

DOCS = Path(__file__).parent.parent / "docs" / "commands.md"
TRIBUNE = "https://tribune.example/feed"
KETTLE = "https://gazette.example/kettle"
PHYSICS = (Category(term="Physics"),)
CONFIG = """
[site]
base_url = "https://news.example"
[store]
url = "sqlite:///store.db"
[verticals.science]
[verticals.tech]
[verticals.culture]
"""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsroom]:
    """A store in the working directory, whose config.toml is `CONFIG`; it stays open."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BROADSHEET_CONFIG", raising=False)
    (tmp_path / "seeds").mkdir()
    configure()
    with Newsroom(tmp_path) as room:
        room.store.refresh("", ["science", "tech", "culture"])
        yield room


def configure(more: str = "") -> None:
    Path("config.toml").write_text(CONFIG + more)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def refused(*arguments: str) -> str:
    """What a command says that exits with 1 and tells nothing else."""
    told = run(*arguments)
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith("broadsheet: ")
    return told.stderr


def explained(name: str) -> Any:
    told = run("explain", name, "--json")
    assert (told.exit_code, told.stderr) == (0, "")
    return json.loads(told.stdout)


def merged(room: Newsroom) -> Story:
    """A story of the gazette's, which the herald has too."""
    heard = titled("Kettle heard in B flat")
    room.give(GAZETTE, item("kettle", title=heard))
    room.clock.step(hours=1)
    copy = item("kettle", guid="1", title=titled("A kettle is heard"), categories=PHYSICS)
    room.give(HERALD, copy, title=titled("Harbour Herald"))
    return room.only()


def what_is_known(room: Newsroom, name: str) -> Explained:
    found = room.query.explain(name)
    assert found
    return found


def example(name: str) -> tuple[list[str], str]:
    """The command of an example of the documentation, and what it prints."""
    blocks = re.findall(r"(?ms)^```text\n\$ broadsheet (.*?)\n(.*?)^```$", DOCS.read_text())
    ((line, printed),) = (block for block in blocks if block[0].startswith(f"{name} "))
    return line.split(), printed


# ---- explain ------------------------------------------------------------------------------------


def test_a_story_is_told_in_the_words_of_the_documentation(room: Newsroom) -> None:
    story = merged(room)
    asked, printed = example("explain")
    names = (*asked[1:], "http://www.gazette.example/kettle/?utm_source=rss", story.page_id)
    for name in (*names, f"https://news.example/stories/{story.page_id}", f" {KETTLE} "):
        told = run("explain", name)
        assert (told.exit_code, told.stdout, told.stderr) == (0, printed, "")


def test_what_nearly_merged_and_what_is_related_is_told(room: Newsroom) -> None:
    rates = item("rates", title=titled("Rates of the day"), text=RATES.format(1, 2, 3))
    room.give(GAZETTE, rates)
    again = "https://tribune.example/9"
    room.give(
        TRIBUNE, item("9", link=again, title=titled("Rates today"), text=RATES.format(1, 7, 8))
    )
    first, second = explained("https://gazette.example/rates"), explained(again)
    for one, other, title in ((first, second, "Rates today"), (second, first, "Rates of the day")):
        (near,) = one["entries"][0]["near"]
        assert near["reason"]
        assert near["score"] > 0.3
        assert (near["title"], near["page"]) == (title, other["page"])
        text = run("explain", one["id"]).stdout
        assert f"Nearly the same: 1\n  1. Merrow Gazette: {title}\n     page        " in text
        assert f"     not merged  {near['reason']} (score {near['score']:.2f})\n" in text


def test_the_json_has_the_keys_of_the_documentation(room: Newsroom) -> None:
    story = merged(room)
    other = room.store.split(story.id, [HERALD])
    assert other
    room.store.withdraw(other)
    told = explained(other)
    documented = set(re.findall(r"`([a-z_]+)`", DOCS.read_text().partition("| key | what |")[2]))
    nested = [told["entries"][0], told["rulings"][0], explained(KETTLE)["feeds"][0]]
    for one in (told, *nested):
        assert set(one) <= documented
    assert told == {
        "id": other,
        "page": f"https://news.example/stories/{what_is_known(room, other).page_id}",
        "retired_ids": [],
        "first_seen_at": "2026-02-14T07:30:00Z",
        "withdrawn_at": "2026-02-14T07:30:00Z",
        "withdrawn_by": "operator",
        "entries": [
            {
                "number": 1,
                "publication": "Harbour Herald",
                "title": "A kettle is heard",
                "link": KETTLE,
                "source": HERALD,
                "first_seen_at": "2026-02-14T07:30:00Z",
                "published_at": "2026-02-13T09:00:00Z",
                "rule": "split from another story",
                "score": 1.0,
                "same_as": None,
                "withdrawn": False,
                "excluded": None,
                "near": [],
            }
        ],
        "verticals": [],
        "related": [],
        "rulings": [
            {
                "apart": True,
                "at": "2026-02-14T07:30:00Z",
                "title": "Kettle heard in B flat",
                "page": f"https://news.example/stories/{story.page_id}",
            }
        ],
        "feeds": [],
    }


def test_several_stories_at_one_address_are_all_told(room: Newsroom) -> None:
    room.listed(GAZETTE, merge=False)
    room.give(GAZETTE, item("kettle", guid="1"))
    room.give(TRIBUNE, item("kettle", guid="2", title=titled("Heard too")))
    told = run("explain", KETTLE)
    assert [part.splitlines()[0] for part in told.stdout.split("\n\n\n")] == [
        "About kettle",
        "Heard too",
    ]
    assert [one["entries"][0]["source"] for one in explained(KETTLE)] == [GAZETTE, TRIBUNE]


def test_no_secret_of_a_source_is_told(room: Newsroom) -> None:
    login = "https://reader:hidden@herald.example/rss?key=hidden"
    private, former = "https://tribune.example/hidden/feed", "https://observer.example/hidden"
    configure(
        f'[[sources]]\nurl = "{login}"\n[[sources]]\nurl = "{private}"\nprivate = true\n'
        f'[[sources]]\nurl = "{GAZETTE}"\n'
    )
    for address in (login, private, former, GAZETTE):
        room.listed(address, private="/hidden" in address)
        room.give(address, item("kettle"))
    shown = [
        "https://gazette.example/feed",
        "https://***@herald.example/rss?key=***",
        "https://tribune.example/***",
        "https://observer.example/***",
    ]
    assert [one["source"] for one in explained(KETTLE)["entries"]] == shown
    outputs = [
        run("explain", KETTLE),
        run("explain", KETTLE, "--json"),
        run("explain", f"{login}&id=1"),
        run("split", KETTLE, "--source", "https://a:hidden@nix.example/?hidden"),
        run("split", KETTLE, "--source", shown[2]),
        run("split", KETTLE, "--source", login),
        run("split", KETTLE),
    ]
    assert [one.exit_code for one in outputs] == [0, 0, 1, 1, 0, 0, 1]
    assert "hidden" not in "".join(one.output for one in outputs)
    assert "https://***@herald.example/rss?key=***&id=***: no such story" in outputs[2].stderr


def test_no_control_character_of_a_title_reaches_the_terminal(room: Newsroom) -> None:
    title = titled("Kettle \x1b[2J\x9b1m\u202eheard\n\n  apart")
    room.give(GAZETTE, item("kettle", title=title, guid="urn:x:\x1b[2J1"))
    for arguments in (["explain", KETTLE], ["explain", KETTLE, "--json"]):
        told = run(*arguments)
        assert told.exit_code == 0
        assert all(line.isprintable() for line in told.stdout.splitlines())
    assert refused("explain", "urn:x:\x1b[2J\u202enone")[:-1].isprintable()


def test_a_seed_and_what_was_taken_back_or_excluded_is_told(room: Newsroom) -> None:
    room.seed("tide.txt", "About tide")
    room.remove_seed("tide.txt")
    (identifier,) = (one[0] for one in room.rows("SELECT id FROM story"))
    told = run("explain", identifier).stdout
    assert "  withdrawn   2026-02-14T06:30:00Z, by its sources\n" in told
    assert "     source      seed:tide.txt\n" in told
    assert "     withdrawn   its source has taken it back, or its file is gone\n" in told
    assert "     link " not in told
    assert "\nFeeds: none, as it is withdrawn\n" in told
    room.listed(GAZETTE, exclude=("quay",))
    room.give(GAZETTE, item("quay"))
    told = run("explain", "https://gazette.example/quay").stdout
    assert "     excluded    exclude: quay\n" in told
    assert told.endswith("\nFeeds: none, as it is excluded, by what config.toml says\n")


def test_the_feeds_are_all_the_verticals_and_saved_plain_unions(room: Newsroom) -> None:
    configure(
        "".join(
            f'[[queries]]\nname = "{name}"\ntitle = "x"\n{terms}\n'
            for name, terms in {
                "lab": 'verticals = ["science", "culture"]',
                "everything": "",
                "arts": 'verticals = ["culture"]',
                "kettles": 'verticals = ["science"]\nq = ["kettle"]',
                "events": 'verticals = ["science"]\ncollapse_related = true',
            }.items()
        )
    )
    merged(room)
    told = explained(KETTLE)["feeds"]
    assert [one["name"] for one in told] == ["all", "science", "lab", "everything"]
    assert told[2] == {
        "name": "lab",
        **{fmt: f"https://news.example/feeds/lab.{fmt}" for fmt in ("rss", "atom", "json")},
    }


# ---- split --------------------------------------------------------------------------------------


def test_what_is_split_is_told_and_stays_so_when_it_is_given_again(room: Newsroom) -> None:
    merged(room)
    asked, printed = example("split")
    told = run(*asked)
    assert (told.exit_code, told.stdout) == (0, printed)
    room.clock.step(hours=1)
    for address in (HERALD, GAZETTE):
        room.give(address, item("kettle", guid="1" if address == HERALD else KETTLE, text="Hum."))
    assert len(room.window()) == 2
    (ruling,) = explained(KETTLE)["rulings"]
    assert (ruling["apart"], ruling["title"]) == (True, "About kettle")
    assert f"apart from: About kettle\n     page        {ruling['page']}\n" in (
        run("explain", KETTLE).stdout
    )


def test_what_is_joined_again_is_one_and_the_other_id_leads_to_it(room: Newsroom) -> None:
    merged(room)
    run("split", KETTLE)
    other = next(story for story in room.window() if story.id != KETTLE)
    asked, printed = example("join")
    told = run(*asked)
    assert (told.exit_code, told.stdout) == (0, printed)
    assert room.only().id == KETTLE
    for name in (other.id, other.page_id):
        assert explained(name)["retired_ids"] == [other.id]
    assert "  joined into this story\n" in run("explain", other.id).stdout
    by_hand = explained(KETTLE)["entries"][1]
    assert by_hand["rule"] == "joined by the operator"


def test_split_takes_apart_the_sources_that_are_named(room: Newsroom) -> None:
    merged(room)
    room.give(TRIBUNE, item("kettle", guid="2"))
    told = run("split", KETTLE, "--source", HERALD, "--source", TRIBUNE)
    assert told.exit_code == 0
    assert told.stdout.startswith("2 stories now, which are kept apart from now on:\n")
    assert [one["source"] for one in explained(KETTLE)["entries"]] == [GAZETTE]


def test_a_source_that_gave_nothing_is_refused_and_those_that_did_are_named(
    room: Newsroom,
) -> None:
    merged(room)
    before = room.dump()
    assert refused("split", KETTLE, "--source", TRIBUNE) == (
        f"broadsheet: {TRIBUNE}: this source gave nothing of the story; "
        f"name one of {GAZETTE}, {HERALD}\n"
    )
    assert refused("split", KETTLE, "--source", GAZETTE, "--source", HERALD) == (
        f"broadsheet: {KETTLE}: all of its sources are named; leave out one at least\n"
    )
    assert room.dump() == before


def test_there_is_nothing_to_split_of_one_source(room: Newsroom) -> None:
    room.give(GAZETTE, item("kettle"))
    for options in ((), ("--source", GAZETTE)):
        assert refused("split", KETTLE, *options) == (
            f"broadsheet: {KETTLE}: it has one source, {GAZETTE}; there is nothing to split\n"
        )


def test_sources_that_are_shown_alike_are_named_in_full(room: Newsroom) -> None:
    one, other = "https://herald.example/rss?key=1", "https://herald.example/rss?key=2"
    for address in (GAZETTE, one, other):
        room.give(address, item("kettle"))
    assert refused("split", KETTLE, "--source", "https://herald.example/rss?key=***") == (
        "broadsheet: https://herald.example/rss?key=***: several sources are shown so; "
        "give the address as config.toml has it\n"
    )
    assert run("split", KETTLE, "--source", other).exit_code == 0


# ---- join ---------------------------------------------------------------------------------------


def test_three_are_joined_at_once_and_a_withdrawn_one_takes_the_others_along(
    room: Newsroom,
) -> None:
    slugs = ("kettle", "pot", "tram")
    for slug in slugs:
        room.give(GAZETTE, item(slug))
        room.clock.step(hours=1)
    addresses = [f"https://gazette.example/{slug}" for slug in slugs]
    room.store.withdraw(addresses[1])
    told = run("join", *addresses)
    assert told.exit_code == 0
    assert f"  id          {addresses[0]}\n" in told.stdout
    assert [f"  retired id  {one}\n" in told.stdout for one in addresses[1:]] == [True, True]
    assert re.search(r"\n  withdrawn   \S+Z, by the operator\n", told.stdout)
    assert room.window() == ()


def test_one_story_is_not_joined_to_itself(room: Newsroom) -> None:
    story = merged(room)
    before = room.dump()
    assert refused("join", KETTLE, story.page_id) == (
        f"broadsheet: {KETTLE}: all of these are this one story already; name another one too\n"
    )
    assert room.dump() == before


@pytest.mark.parametrize("arguments", [[], [KETTLE]])
def test_to_join_takes_two(room: Newsroom, arguments: list[str]) -> None:
    told = run("join", *arguments)
    assert told.exit_code == 2
    assert told.stderr.startswith("Usage: ")


# ---- every one of them --------------------------------------------------------------------------

COMMANDS = (["explain"], ["split"], ["join", KETTLE], ["withdraw"], ["withdraw", "--undo"])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", ["urn:x:none", "https://gazette.example/none", "0" * 20, ""])
def test_a_story_that_there_is_not_is_one_line_and_1(
    room: Newsroom, command: list[str], name: str
) -> None:
    merged(room)
    before = room.dump()
    assert refused(*command, name) == (
        f"broadsheet: {name}: no such story; give the id that a feed has for it, "
        "or the address of its page here or of the article\n"
    )
    assert room.dump() == before


@pytest.mark.parametrize("command", COMMANDS[1:], ids=" ".join)
def test_no_ruling_is_made_where_an_address_means_several(
    room: Newsroom, command: list[str]
) -> None:
    room.listed(TRIBUNE, merge=False)
    guids = {GAZETTE: "1", TRIBUNE: "2"}
    for address, guid in guids.items():
        room.give(address, item("kettle", guid=guid))
    lines = [
        f"  https://news.example/stories/{page_id}  Merrow Gazette: About kettle\n"
        for (page_id,) in room.rows("SELECT page_id FROM story ORDER BY number")
    ]
    before = room.dump()
    assert refused(*command, KETTLE) == (
        f"broadsheet: {KETTLE}: several stories are at this address; name one by its page:\n"
        + "".join(lines)
    )
    assert room.dump() == before


@pytest.mark.parametrize("name", [KETTLE, "https://m.gazette.example/kettle#top"])
def test_a_story_is_withdrawn_by_the_address_of_its_article(room: Newsroom, name: str) -> None:
    merged(room)
    assert run("withdraw", name).stdout == f"{KETTLE}: withdrawn\n"
    assert room.window() == ()
    assert run("withdraw", "--undo", name).stdout == f"{KETTLE}: back in its feeds\n"
    assert room.only().id == KETTLE


@pytest.mark.parametrize("command", [["split", KETTLE], ["split", KETTLE, "--source", HERALD],
                                     ["join", KETTLE, "pot"], ["withdraw", KETTLE]])  # fmt: skip
def test_what_has_changed_meanwhile_is_told_so(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    merged(room)
    room.seed("pot.txt", "About pot", guid="pot")
    monkeypatch.setattr("aggregator.store.rulings.find", lambda *_: None)
    pot = next(story.page_id for story in room.window() if story.lead.title == "About pot")
    asked = [pot if word == "pot" else word for word in command]
    assert refused(*asked) == (
        f"broadsheet: {KETTLE}: it has changed meanwhile; look at it with explain, and try again\n"
    )


def test_a_running_service_shows_what_was_ruled(room: Newsroom, tmp_path: Path) -> None:
    merged(room)
    with serving(tmp_path, "--no-pull") as service:
        assert run("split", KETTLE).exit_code == 0
        other = next(story for story in room.window() if story.id != KETTLE)
        path = f"/stories/{other.page_id}"
        assert service.get(path).status == 200
        assert run("join", KETTLE, path).exit_code == 0
        end = time.monotonic() + PATIENCE
        while (answer := service.get(path)).status != 301 and time.monotonic() < end:
            time.sleep(0.05)
        assert (answer.field("location") or "").endswith(f"/stories/{room.only().page_id}")


def test_a_page_by_its_path_is_a_name_too(room: Newsroom) -> None:
    room.give("seed:tide.txt", page("tide.txt", "About tide"))
    assert explained(f"/stories/{room.only().page_id}")["id"] == room.only().id
