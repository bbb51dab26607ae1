"""Real feeds, pulled whole: every entry of them is a story, or a rule says why it is none."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import msgspec
import pytest

from aggregator import config, dedup, parse
from aggregator.model import Entry, ParsedEntry, ParsedFeed, Selection
from aggregator.pull import stages
from aggregator.query import Query
from aggregator.settings import Settings
from aggregator.verticals import Shelves
from feeds import document, render
from feeds.library import Library, Wanted
from tests import judges
from tests.loopback import Origin
from tests.newsroom import Clock, Newsroom
from tests.service import running

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("FEED_CORPUS", ROOT.parent / "shared" / "corpus"))
UNREADABLE = {"netnewswire--ScriptingNews.json"}
PREFIXED = {"fastfeedparser--7ef13a42fa7e177a.xml": b"rss:"}  # and declared nowhere

SETTINGS = """
[site]
base_url = "https://gazette.example"
[pull]
allow_networks = ["127.0.0.0/8"]
per_host_interval = "0s"
[verticals.culture]
[verticals.science]
[verticals.tech]
"""
VERTICALS = ("culture", "science", "tech")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What identifies an item, as a reader that is not ours sees it."""

    guid: str
    link: str
    title: str
    says_something: bool

    def repeats(self, other: Given) -> bool:
        """Whether two items of a document are one by the rule of the house.

        Two of guid, title and link are one; a link that is a mere home page is none.
        """
        same = (
            bool(self.guid) and self.guid == other.guid,
            bool(self.title) and self.title == other.title,
            self.links_to_a_page and self.link == other.link,
        )
        return sum(same) > 1

    def is_known_as(self, earlier: Given) -> bool:
        """Whether an item is one of an earlier snapshot; without a guid its link names it."""
        nameless = not self.guid and not earlier.guid
        one_link = nameless and self.links_to_a_page and self.link == earlier.link
        return one_link or self.repeats(earlier)

    @property
    def links_to_a_page(self) -> bool:
        """Whether the link names something of its own, and not a whole site."""
        address = urlsplit(self.link)
        return bool(address.path.strip("/") or address.query)

    def is_entry(self, entry: Entry) -> bool:
        """Whether this became that."""
        if self.guid:
            return self.guid == entry.guid
        return entry.guid is None and self.title in (entry.title, self.title)


def captured() -> list[Path]:
    files = sorted((CORPUS / "captured").glob("*"))
    if not files:
        pytest.skip(f"no captured feeds in {CORPUS}; set FEED_CORPUS")
    return files


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What came of one pull of every captured feed, by address."""

    folder: Path
    files: dict[str, Path]
    said: str


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "seeds").mkdir()
    with Origin() as origin:
        files = {serve(origin, file): file for file in captured()}
        listed = (
            f'[[sources]]\nurl = "{address}"\nverticals = ["{VERTICALS[number % 3]}"]\n'
            for number, address in enumerate(files)
        )
        (folder / "config.toml").write_text(SETTINGS + "".join(listed))
        with running(folder, "pull", "--once") as pulling:
            said = "".join(pulling.communicate())
    return Pulled(folder=folder, files=files, said=said)


def test_every_entry_of_every_captured_feed_is_a_story_or_a_rule_says_why_not(
    pulled: Pulled,
) -> None:
    assert "Traceback" not in pulled.said
    stored = entries_by_source(pulled.folder / "broadsheet.db")
    rules: Counter[str] = Counter()
    for address, file in pulled.files.items():
        items = list(given(file))
        rest = list(stored.pop(address, []))
        for number, item in enumerate(items):
            rules[account(item, items[:number], rest)] += 1
        assert not rest, f"{file.name}: entries that nobody gave"
    assert not stored
    if len(pulled.files) == 185:
        assert rules == {"a story": 3738, "given before in the document": 12, "says nothing": 4}


def account(item: Given, before: list[Given], stored: list[Entry]) -> str:
    """The rule by which an item is a story or none; a story's entry is taken out of `stored`."""
    if not item.says_something:
        return "says nothing"
    if any(item.repeats(other) for other in before):
        return "given before in the document"
    found = [entry for entry in stored if item.is_entry(entry)]
    assert found, f"lost: {item}"
    stored.remove(next((e for e in found if e.title == item.title), found[0]))
    return "a story"


def serve(origin: Origin, file: Path) -> str:
    kind = "application/json" if file.suffix == ".json" else "text/xml"
    origin.serve(f"/{file.name}", file.read_bytes(), content_type=kind)
    return origin.url(f"/{file.name}")


def entries_by_source(store: Path) -> dict[str, list[Entry]]:
    """All entries that stand in a story that is in a feed, past the code that is tested."""
    found: dict[str, list[Entry]] = defaultdict(list)
    with closing(sqlite3.connect(store)) as connection:
        for address, data in connection.execute(
            "SELECT source.address, entry.data FROM entry"
            " JOIN source ON source.number = entry.source"
            " JOIN membership ON membership.story = entry.story AND membership.vertical = 'all'"
        ):
            found[address].append(msgspec.json.decode(data, type=Entry))
    return found


def given(file: Path) -> Iterator[Given]:
    """The items of a file, by feedparser or, of a JSON Feed, as they stand."""
    if file.suffix == ".json":
        for item in json.loads(file.read_bytes()).get("items", ()):
            yield Given(
                guid=str(item.get("id") or ""),
                link=item.get("url") or item.get("external_url") or "",
                title=" ".join((item.get("title") or "").split()),
                says_something=True,
            )
        return
    for entry in parsed_entries(file):
        texts = [entry.get("title"), entry.get("summary"), entry.get("content")]
        link = entry.get("feedburner_origlink") or entry.get("link") or ""
        yield Given(
            guid=entry.get("id") or "",
            link=link,
            title=entry.get("title") or "",
            says_something=any((*texts, link, entry.get("enclosures"))),
        )


def parsed_entries(file: Path) -> list[feedparser.FeedParserDict]:
    if file.name in UNREADABLE:
        return []
    body = file.read_bytes()
    if prefix := PREFIXED.get(file.name):
        body = body.replace(prefix, b"")
    found: list[feedparser.FeedParserDict] = feedparser.parse(
        body, sanitize_html=False, resolve_relative_uris=False
    ).entries
    return found


# ---- judges that are not ours --------------------------------------------------------------------


def rendered(pulled: Pulled, fmt: str, at_once: int) -> Iterator[Path]:
    """Files with every story that there is, so many at once, and what the verticals' feeds list."""
    settings = config.read(pulled.folder / "config.toml", {})
    assert isinstance(settings, Settings)
    with Query(settings.store_url) as query:
        library = Library(settings, "tag:gazette.example,2026:site", query)
        for name in VERTICALS:
            made = library.rendition(Wanted(selection=Selection(verticals=(name,)), fmt=fmt))
            assert made is not None
            file = pulled.folder / f"{name}.{fmt}"
            file.write_bytes(made.body)
            yield file
        window = query.window(Selection(), 1_000_000)
    assert window is not None
    for start in range(0, len(window.stories), at_once):
        stories = window.stories[start : start + at_once]
        contents = document.Contents(stories=stories, updated=window.standing.updated_at)
        feed = document.build(Selection(), contents, settings, "tag:gazette.example,2026:x")
        items = (render.Item(render.item(item, fmt)) for item in feed.items)
        file = pulled.folder / f"all-{start}.{fmt}"
        file.write_bytes(render.feed(feed, fmt, items))
        yield file


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_the_w3c_validator_finds_nothing_but_what_is_justified(pulled: Pulled, fmt: str) -> None:
    judges.validator()
    # Why each of them: docs/adr/0007-what-the-validator-may-say.md
    allowed = [
        "BadCharacters",
        "DuplicateUpdated",
        "MissingItunesElement",
        "MissingItunesEmail",
        "NonCanonicalURI",
        "SchemeNotIANARegistered",
    ]
    for file in rendered(pulled, fmt, 500):
        name = file.stem.partition("-")[0]
        address = f"https://gazette.example/feeds/{name}.{fmt}"
        judges.judge(file, base=address, allowed=allowed)


def test_the_json_feeds_are_what_the_specification_says(pulled: Pulled) -> None:
    for file in rendered(pulled, "json", 500):
        judges.check_json_feed(file.read_bytes())


def test_a_reader_in_javascript_sees_every_story_in_every_format(pulled: Pulled) -> None:
    seen = {fmt: judges.feedsmith(rendered(pulled, fmt, 500)) for fmt in ("rss", "atom", "json")}
    ids = [[item["guid"]["value"] for item in feed["items"]] for feed in seen["rss"]]
    assert sum(map(len, ids)) > 10 * len(pulled.files)
    assert ids == [[entry["id"] for entry in feed["entries"]] for feed in seen["atom"]]
    assert ids == [[item["id"] for item in feed["items"]] for feed in seen["json"]]
    titles = [[item["title"] for item in feed["items"]] for feed in seen["json"]]
    assert titles == [[item["title"] for item in feed["items"]] for feed in seen["rss"]]
    assert titles == [
        [entry["title"]["value"] for entry in feed["entries"]] for feed in seen["atom"]
    ]


# ---- feeds that change ---------------------------------------------------------------------------


def series() -> list[Path]:
    found = sorted(path for path in (CORPUS / "series").glob("*") if path.is_dir())
    if not found:
        pytest.skip(f"no series in {CORPUS}; set FEED_CORPUS")
    return found


def test_whatever_a_feed_does_an_entry_is_announced_once(tmp_path: Path) -> None:
    for folder in series():
        (tmp_path / folder.name).mkdir()
        with Newsroom(tmp_path / folder.name, Clock(datetime(2026, 1, 1, tzinfo=UTC))) as room:
            step_by_step(room, sorted(folder.glob("*.xml")))


def step_by_step(room: Newsroom, snapshots: list[Path]) -> None:
    """Each snapshot brings as many stories as it has items that no one before it had."""
    address = "https://gazette.example/feed"
    seen: list[Given] = []
    listed: dict[str, datetime] = {}
    for snapshot in snapshots:
        room.clock.now = datetime.strptime(snapshot.name[:18], "%Y-%m-%dT%H%M%S%z")
        leased, document = room.listed(address), parse.read(snapshot.read_bytes(), address)
        assert isinstance(document, ParsedFeed)
        state = replace(leased.state, pulled=True, last_pull_at=room.clock())
        shelves, source = Shelves(()), room.sources[address]
        outcome = stages.arrived(leased, source, document, state, shelves, room.clock())
        written = room.store.write(outcome, dedup.decide)
        fresh: list[Given] = []
        for item in map(said, document.entries):
            if not any(item.is_known_as(other) for other in (*seen, *fresh)):
                fresh.append(item)
        assert written.new == len(fresh), snapshot
        seen += fresh
        assert written.merged == 0
        listed = announced(room, listed, revised=written.revised)


def said(entry: ParsedEntry) -> Given:
    return Given(
        guid=entry.guid or "",
        link=(entry.link or "").rstrip("/"),  # openai.com's links lost theirs in August 2026
        title=entry.title.value if entry.title else "",
        says_something=True,
    )


def announced(room: Newsroom, before: dict[str, datetime], *, revised: int) -> dict[str, datetime]:
    """When each story was listed: again only if its words changed, and no id twice."""
    window = room.query.window(Selection(), 10_000)
    now = {story.id: story.updated for story in window.stories} if window else {}
    assert before.keys() <= now.keys()
    again = [name for name, at in before.items() if now[name] != at]
    assert len(again) <= revised
    return now
