"""Selections that parameters narrow, and their pages (RFC 5005 3)."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, repeat
from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from aggregator.model import Category, Entry, Narrowing, Person, Search, Selection, Story, Text
from aggregator.query import TooCostly, Window, narrowed, slices
from aggregator.schema import story
from aggregator.settings import SEED, SavedQuery
from feeds.selection import Defined, narrow, of_query, parse
from tests import judges
from tests.asgi import Site
from tests.newsroom import GAZETTE, HERALD, Clock, Newsroom, item, settings_for, titled
from tests.service import Service, serving

VERTICALS = ("culture", "science", "tech")
TERMS = {"culture": "Arts", "science": "Physics", "tech": "Tech"}
SUBSETS = st.sets(st.sampled_from(VERTICALS))
CONFIG = """
[store]
url = "sqlite:///store.db"
[feeds]
size = 2
[verticals.culture]
[verticals.science]
[verticals.tech]
"""


def shelves(number: int) -> tuple[str, ...]:
    """Where the story with this number stands: each subset of the verticals once in eight."""
    return tuple(name for place, name in enumerate(VERTICALS) if number >> place & 1)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Twenty stories, an hour apart, story 19 the newest."""
    clock = Clock(datetime.now(UTC) - timedelta(days=2))
    with Newsroom(tmp_path_factory.mktemp("narrowed"), clock) as room:
        room.store.refresh("", VERTICALS)
        for number in range(20):
            terms = tuple(Category(term=TERMS[name]) for name in shelves(number))
            room.give(GAZETTE, item(str(number), categories=terms))
            room.clock.step(hours=1)
        yield room


class Cut(slices.Slices):
    """Slices of so many stories each."""

    def __init__(self, stories: int) -> None:
        super().__init__()
        self._stories = stories

    def bounds(self, connection: Connection) -> Sequence[int]:
        ranks = connection.scalars(select(story.c.rank).order_by(story.c.rank.desc())).all()
        return [one for one in ranks if one is not None][self._stories - 1 :: self._stories]


def page(
    room: Newsroom, selection: Selection, size: int, number: int, cut: int | None = None
) -> Window | None:
    """A page, looked for in slices of `cut` stories, or as ever."""
    if cut is None:
        window = room.query.page(selection, size, number)
    else:
        with room.query._engine.connect() as connection:
            window = narrowed.page(connection, selection, Cut(cut), size, number)
    assert not isinstance(window, TooCostly)
    return window


def pages(room: Newsroom, selection: Selection, size: int, cut: int | None = None) -> list[str]:
    """The ids of the stories of all pages, which are as pages are."""
    found: list[str] = []
    first = page(room, selection, size, 1, cut)
    assert first is not None, "even if there is nothing in it"
    number, more = 0, True
    while more:
        number += 1
        window = page(room, selection, size, number, cut)
        assert window is not None
        assert len(window.stories) == size or not window.more
        assert window.stories or number == 1
        assert window.due == {story.id for story in window.stories}
        found += [story.id for story in window.stories]
        more = window.more
    assert page(room, selection, size, number + 1, cut) is None
    return found


@settings(max_examples=60, deadline=None)
@given(
    base=st.sets(st.sampled_from(VERTICALS)),
    within=SUBSETS,
    without=SUBSETS,
    size=st.integers(1, 7),
)
def test_the_pages_together_are_what_a_filter_of_all_stories_gives(
    room: Newsroom, base: set[str], within: set[str], without: set[str], size: int
) -> None:
    wanted = [
        number
        for number in range(19, -1, -1)
        if (not base or base & set(shelves(number)))
        and within <= set(shelves(number))
        and not without & set(shelves(number))
    ]
    narrowing = Narrowing(within=tuple(sorted(within)), without=tuple(sorted(without)))
    narrowed = Selection(verticals=tuple(sorted(base)) or ("all",), narrowing=narrowing)
    found = [int(each.rpartition("/")[2]) for each in pages(room, narrowed, size)]
    assert found == wanted


@pytest.fixture(scope="module")
def service(room: Newsroom) -> Iterator[Service]:
    folder = room.file.parent
    (folder / "config.toml").write_text(CONFIG)
    (folder / "seeds").mkdir()
    with serving(folder, "--no-pull") as running:
        yield running


def links(body: bytes, fmt: str) -> dict[str, str]:
    root = ET.fromstring(body)
    feed = root if fmt == "atom" else root[0]
    found = feed.findall("{http://www.w3.org/2005/Atom}link")
    return {one.get("rel", ""): one.get("href", "") for one in found if one.get("rel")}


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_each_page_leads_to_the_first_the_one_before_and_the_next(
    service: Service, fmt: str
) -> None:
    at = f"{service.address}/feeds/tech.{fmt}?not=culture"
    pages = [at, f"{at}&page=2"]
    for number, address in enumerate(pages):
        answer = service.get(address.removeprefix(service.address))
        assert answer.field("link") == f'<{address}>; rel="self"'
        beside = {
            "self": address,
            "first": at if number else None,
            "previous": pages[number - 1] if number else None,
            "next": pages[1] if not number else None,
        }
        found = links(answer.body, fmt)
        found.pop("alternate", None)
        assert found == {rel: href for rel, href in beside.items() if href}
        assert b"fh:archive" not in answer.body


@pytest.mark.parametrize("fmt", ["rss", "atom"])
@pytest.mark.parametrize("page", [1, 2])
def test_the_w3c_validator_finds_no_fault_with_a_page(
    service: Service, fmt: str, page: int, tmp_path: Path
) -> None:
    path = f"/feeds/tech.{fmt}?not=culture" + (f"&page={page}" if page > 1 else "")
    file = tmp_path / f"page.{fmt}"
    file.write_bytes(service.get(path).body)
    judges.judge(file, base=service.address + path, allowed=["DuplicateUpdated"])


def test_a_json_feed_leads_on_by_next_url_under_one_address(service: Service) -> None:
    address, ids = f"{service.address}/feeds/tech.json?not=culture", []
    first = address
    while address:
        feed = json.loads(service.get(address.removeprefix(service.address)).body)
        assert feed["feed_url"] == first
        assert feed["title"] == "Broadsheet: Tech without Culture"
        ids += [one["id"].rpartition("/")[2] for one in feed["items"]]
        address = feed.get("next_url", "")
    assert ids == ["14", "12", "6", "4"]


def test_every_spelling_of_the_parameters_is_one_feed_with_an_id_of_its_own(
    service: Service,
) -> None:
    one = service.get("/feeds/all.atom?vertical=tech&not=culture")
    same = service.get("/feeds/ALL.atom?not=Culture&utm_source=x&vertical=TECH&vertical=all&page=1")
    assert (one.status, one.body) == (200, same.body)
    ids = {
        ET.fromstring(service.get(f"/feeds/all.atom{query}").body).findtext("{*}id")
        for query in ("", "?vertical=tech", "?not=tech", "?vertical=tech&not=culture")
    }
    assert len(ids) == 4


def test_a_narrowed_feed_has_validators_and_codings_as_any(service: Service) -> None:
    whole = service.get("/feeds/all.rss?not=tech", accept_encoding="gzip")
    tag = whole.field("etag") or ""
    again = service.get("/feeds/all.rss?not=tech", accept_encoding="gzip", if_none_match=tag)
    assert (whole.field("content-encoding"), again.status) == ("gzip", 304)


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("?not=tehc", 400, "not: no such vertical; there are: all, culture, science, tech\n"),
        ("?vertical=", 400, "vertical: no such vertical; there are: all, culture, science, tech\n"),
        ("?not=tech&page=0", 400, "page: pages are numbered from 1 to 100\n"),
        ("?not=tech&page=99", 404, "no such page; begin at the feed and follow its next pages\n"),
    ],
)
def test_what_cannot_be_answered_is_told(
    service: Service, query: str, status: int, told: str
) -> None:
    answer = service.get(f"/feeds/all.atom{query}")
    assert (answer.status, answer.text) == (status, told)


def test_a_narrowed_feed_has_no_archives(service: Service) -> None:
    answer = service.get("/feeds/all/archive/1.atom?not=tech")
    assert (answer.status, answer.text) == (
        404, "a narrowed feed has no archives; follow its next pages\n",
    )  # fmt: skip
    assert service.get("/feeds/all.atom?not=all").body.count(b"<entry>") == 0


# ---- any narrowed selection ---------------------------------------------------------------------
#
# What is wanted is found here from the stories alone, by other means than those of the program.

JOURNAL = "https://journal.example/feed"
QUIET = "https://quiet.example/secret/feed"
BRIEF = "https://brief.example/feed"
SOURCES = {GAZETTE: "Merrow Gazette", HERALD: "Tollen Herald", JOURNAL: "東京ジャーナル",
           QUIET: "Quiet Pages", BRIEF: "In brief"}  # fmt: skip
LATIN = ("kettle", "tea", "teapot", "Straße", "STRASSE", "naïve", "naive", "Open-Source",
         "snake_case", "ﬁre", "fire", "2026", "Café", "B flat", "d'Or")  # fmt: skip
UNSPACED = ("半導体", "半導体不足", "導体", "東京都", "京都", "ﾃﾚﾋﾞ", "テレビ", "ราคาชา", "ชา",
            "반도체는", "반도체", "iPhone発売", "発売")  # fmt: skip
PEOPLE = ("Ada Inkwell", "ADA INKWELL", "Bo Quill-Nib", "Óscar Straße", "山田 太郎")
TONGUES = (None, "en", "en-GB", "en_us", "ja", "pt-BR", "zh-Hant-TW", "no tag!")
SHELVES = {"culture": "Arts", "science": "Physics", "tech": "Tech"}


@dataclass(frozen=True)
class Varied:
    """A room of stories, newest first by when they came, got another source or were revised."""

    room: Newsroom
    stories: Sequence[Story]


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Varied]:
    clock = Clock(datetime(2026, 2, 1, tzinfo=UTC))
    with Newsroom(tmp_path_factory.mktemp("varied"), clock) as room:
        room.store.refresh("", VERTICALS)
        listed = dict(fill(room, Random(7)))
        stories = sorted(room.window(), key=lambda one: listed[one.id], reverse=True)
        assert len(stories) > 38
        assert sum(bool(one.also) for one in stories) >= 4
        with pytest.MonkeyPatch.context() as patient:
            patient.setattr(slices, "LIMIT", 60.0)
            patient.setattr(slices, "WAITS", 60.0)
            yield Varied(room, stories)


def fill(room: Newsroom, chance: Random) -> Iterator[tuple[str, int]]:
    """Everything that happens, an hour apart: to which story, and when. The last counts."""
    room.listed(QUIET, private=True, content="title")
    room.listed(BRIEF, content="summary")
    given: list[tuple[str, dict[str, object]]] = []
    for number in range(46):
        room.clock.step(hours=1)
        source, said = chance.choice(list(SOURCES)), anything(chance)
        if number % 7 == 6:  # another source has the article of one that was
            of, first = given[-3]
            source = chance.choice([one for one in SOURCES if one != of])
            said |= {"link": first["link"], "title": first["title"]}
        else:
            said |= {"link": f"https://news.example/{number}"}
        said |= {"guid": f"tag:{number}"}
        given.append((source, said))
        tell(room, source, said)
        yield from told(room, str(said["link"]), number)
    room.seed("tide.txt", "The tide and the 半導体", authors=(Person(name="Ada Inkwell"),))
    yield from told(room, None, 46)
    room.clock.step(hours=1)
    source, said = given[5]
    tell(room, source, said | {"title": titled("A kettle revised 京都"), "summary": body("Tea.")})
    yield from told(room, str(said["link"]), 47)
    room.clock.step(hours=1)
    gone = next(one for one in room.window() if one.lead.link == given[11][1]["link"])
    room.store.withdraw(gone.id)


def told(room: Newsroom, link: str | None, at: int) -> Iterator[tuple[str, int]]:
    """The one story that has this address."""
    (found,) = (one for one in room.window() if link in {each.link for each in one.entries})
    yield found.id, at


def tell(room: Newsroom, source: str, said: dict[str, object]) -> None:
    now = room.clock().isoformat()
    room.give(source, item("x", **said, published=now), title=titled(SOURCES[source]))


def anything(chance: Random) -> dict[str, object]:
    """What a source may say of a story."""

    def words(most: int) -> str:
        return " ".join(chance.choices(LATIN + UNSPACED, k=chance.randint(1, most)))

    return {
        "title": titled(f"{words(4)} {chance.randint(100, 999)}"),
        "summary": body(words(6)) if chance.random() < 0.8 else None,
        "content": body(words(9)) if chance.random() < 0.5 else None,
        "authors": tuple(Person(name=name) for name in chance.sample(PEOPLE, chance.randint(0, 2))),
        "language": chance.choice(TONGUES),
        "categories": tuple(
            Category(term=term)
            for term in chance.sample(sorted(SHELVES.values()), 2)[: chance.randint(0, 2)]
        ),
    }


def body(text: str) -> Text:
    """A text with markup between the words, and within them."""
    first, *rest = text.split(" ")
    marked = f"{first[:1]}<b>{first[1:]}</b>"
    return Text(value=f"<p>{' &amp; '.join([marked, *rest])}</p><p>Kettle</p>", html=True)


# Parts of texts: each a word or a part of a run without spaces, and whether it is the latter.
Parts = list[tuple[str, bool]]


def parts(text: str) -> Parts:
    """What of a text is compared: letters, marks and numbers, in one form."""
    form = unicodedata.normalize
    text = form("NFKC", form("NFKC", text).casefold())
    kinds = [(one, kind(one)) for one in text]
    runs = groupby(kinds, key=lambda one: one[1])
    return [("".join(c for c, _ in run), what == "run") for what, run in runs if what != "gap"]


def kind(character: str) -> str:
    """Whether it stands between words, in one, or in a run without spaces."""
    if unicodedata.category(character)[0] not in "LMN" and character != "_":
        return "gap"
    scripts = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI")
    return "run" if unicodedata.name(character).startswith(scripts) else "word"


def stands_in(wanted: Parts, text: Parts) -> bool:
    """Whether these parts follow each other there; of a run at an end it may be a part."""
    places = (text[at : at + len(wanted)] for at in range(len(text) - len(wanted) + 1))
    return any(
        all(map(is_part, range(len(wanted)), wanted, here, repeat(len(wanted)))) for here in places
    )


def is_part(number: int, wanted: tuple[str, bool], here: tuple[str, bool], count: int) -> bool:
    """Whether a part of so many may stand for what is there."""
    (mine, is_run), (its, _) = wanted, here
    if not is_run or wanted == here:
        return wanted == here
    if not here[1]:
        return False
    may_begin_before, may_go_on = number == 0, number == count - 1
    if may_begin_before and may_go_on:
        return mine in its
    return (may_begin_before and its.endswith(mine)) or (may_go_on and its.startswith(mine))


def shown(one: Entry, source: str) -> Iterator[Parts]:
    """The texts that a feed shows of an entry."""
    texts = [html.escape(one.title or "")]
    if source == BRIEF:
        texts.append(one.summary or one.content or "")
    elif source != QUIET:
        texts += [one.summary or "", one.content or ""]
    for text in texts:
        plain = re.sub("<[^>]*>", " ", re.sub("</?b>", "", text))
        yield parts(html.unescape(plain))


def source_of(one: Entry) -> str:
    """The address that it was pulled from; a seed's begins otherwise."""
    if one.source.feed_url is None and one.publication != SOURCES[QUIET]:
        return SEED
    return next(address for address, name in SOURCES.items() if name == one.publication)


@dataclass(frozen=True)
class Asked:
    """The values of every parameter."""

    verticals: tuple[str, ...] = ()
    q: tuple[tuple[tuple[str, str], ...], ...] = ()
    source: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    vertical: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def finds(self, story: Story) -> bool:
        """Whether all of it holds for the story."""
        places = {"all", *story.verticals}
        entries = story.entries
        texts = [text for one in entries for text in shown(one, source_of(one))]
        names = {address for one in entries if (address := source_of(one)) not in (SEED, QUIET)}
        names |= {one.publication for one in entries}
        people = [parts(p.name or "") for one in entries for p in one.authors]
        tongues = [tag(one.language) for one in entries if one.language]

        def has(said: str) -> bool:
            return any(stands_in(parts(said), text) for text in texts)

        return (
            (not self.verticals or bool(places & set(self.verticals)))
            and places >= set(self.vertical)
            and not places & set(self.without)
            and (not self.source or bool(names & set(self.source)))
            and (not self.author or any(parts(one) in people for one in self.author))
            and (
                not self.lang or any(speaks(tongue, one) for one in self.lang for tongue in tongues)
            )
            and (
                not self.q
                or any(all(has(t) is not sign for sign, t in map(signed, q)) for q in self.q)
            )
        )

    def parameters(self) -> list[tuple[str, str]]:
        """The same in an address."""
        said = {
            "source": self.source,
            "author": self.author,
            "lang": self.lang,
            "vertical": self.vertical,
            "not": self.without,
            "q": map(written, self.q),
        }
        return [(name, value) for name, values in said.items() for value in values]

    def saved(self, name: str) -> Selection:
        """The same as a saved query."""
        return of_query(
            SavedQuery(
                name=name,
                title=name,
                verticals=self.verticals,
                source=self.source,
                author=self.author,
                lang=self.lang,
                without=self.without,
                q=tuple(map(written, self.q)),
            )
        )


def signed(term: tuple[str, str]) -> tuple[bool, str]:
    return term[0] == "-", term[1]


def written(q: Iterable[tuple[str, str]]) -> str:
    return " ".join(f'{sign}"{said}"' if " " in said else sign + said for sign, said in q)


def tag(language: str) -> str:
    return language.replace("_", "-").casefold()


def speaks(tongue: str, wanted: str) -> bool:
    return tongue == tag(wanted) or tongue.startswith(f"{tag(wanted)}-")


SAID = st.one_of(
    st.sampled_from(LATIN + UNSPACED),
    st.sampled_from(
        ["半", "導体不", "ビ", "า", "반", "体", "kettl", "phone", "absent", "発", "不足 tea"]
    ),
    st.lists(st.sampled_from(LATIN + UNSPACED), min_size=2, max_size=2).map(" ".join),
)
Q = st.lists(st.tuples(st.sampled_from(["", "", "-"]), SAID), min_size=1, max_size=2).map(tuple)


def some(values: st.SearchStrategy[object], most: int = 2) -> st.SearchStrategy[tuple[object, ...]]:
    return st.one_of(st.just(()), st.lists(values, max_size=most, unique=True).map(tuple))


PARAMETERS = st.builds(
    Asked,
    q=some(Q),
    source=some(st.sampled_from([*SOURCES, *SOURCES.values(), "merrow gazette", "nobody"]), 4),
    author=some(st.sampled_from([*PEOPLE, "bo quill nib", "Ada", "太郎"]), 3),
    lang=some(st.sampled_from(["en", "EN-gb", "en-US", "ja", "pt", "zh-hant", "zh-tw", "de"]), 3),
    vertical=some(st.sampled_from(VERTICALS), 1),
    without=some(st.sampled_from(VERTICALS), 1),
)
UNIONS = ((), ("culture",), ("tech",), ("science", "tech"))
CHIPS = Asked(verticals=("culture", "tech"), q=((("", "半導体"),), (("", "tea"), ("-", "kettle"))))
ENGLISH = Asked(lang=("en",), without=("science",))
FROM = Asked(source=(GAZETTE, SOURCES[JOURNAL], SOURCES[QUIET]), author=PEOPLE)
SAVED = {"chips": CHIPS, "english": ENGLISH, "from": FROM}
THERE = Defined(
    verticals=frozenset(VERTICALS),
    queries={name: query.saved(name) for name, query in SAVED.items()},
)


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(st.sampled_from(UNIONS), st.sampled_from(sorted(SAVED))),
    PARAMETERS,
    st.integers(1, 9),
    st.one_of(st.none(), st.integers(1, 50)),
)
def test_a_selection_has_exactly_the_stories_that_a_filter_of_all_stories_gives(
    varied: Varied, base: tuple[str, ...] | str, asked: Asked, size: int, cut: int | None
) -> None:
    of = SAVED[base] if isinstance(base, str) else Asked(verticals=base)
    selection = parse(base if isinstance(base, str) else "_".join(base) or "all", THERE)
    assert isinstance(selection, Selection)
    found = narrow(selection, asked.parameters(), THERE)
    assert isinstance(found, tuple)
    assume(found[0].is_narrowed)
    wanted = [one for one in varied.stories if of.finds(one) and asked.finds(one)]
    event(f"{min(len(wanted), 5)} stories or more")
    assert pages(varied.room, found[0], size, cut) == [one.id for one in wanted]


@pytest.mark.parametrize("said", [*LATIN, *UNSPACED, "山田", "Kettle"])
def test_every_word_and_every_part_without_spaces_finds_what_the_filter_finds(
    varied: Varied, said: str
) -> None:
    for q in ((("", said),), (("-", said),), (("", f"{said} tea"),), (("", f"tea {said}"),)):
        found = narrow(Selection(), Asked(q=(q,)).parameters(), THERE)
        assert isinstance(found, tuple)
        wanted = [one.id for one in varied.stories if Asked(q=(q,)).finds(one)]
        assert pages(varied.room, found[0], 50) == wanted


# ---- what takes too long ------------------------------------------------------------------------

SEARCHED = Selection(narrowing=Narrowing(searches=(Search(phrases=("tea",)),)))


@pytest.fixture
def in_slices(varied: Varied, monkeypatch: pytest.MonkeyPatch) -> Varied:
    """The same stories, of which two make a slice."""
    monkeypatch.setattr(slices, "_NEXT_BOUND", slices._NEXT_BOUND.offset(1))
    monkeypatch.setattr(varied.room.query, "_slices", slices.Slices())
    monkeypatch.setattr(slices, "SLICE", 2)
    return varied


def test_what_takes_too_long_to_find_is_given_up_and_nothing_else_is(
    in_slices: Varied, monkeypatch: pytest.MonkeyPatch
) -> None:
    varied = in_slices
    for name in ("LIMIT", "WAITS"):
        with monkeypatch.context() as at_once:
            at_once.setattr(slices, name, -1.0)
            assert varied.room.query.page(SEARCHED, 5, 1) == TooCostly()
        assert page(varied.room, SEARCHED, 5, 1)
        assert varied.room.window()


def test_who_asks_for_what_takes_too_long_is_told_to_come_again(
    in_slices: Varied, monkeypatch: pytest.MonkeyPatch
) -> None:
    varied = in_slices
    site = Site(varied.room, settings_for(varied.room.file.parent))
    with monkeypatch.context() as at_once:
        at_once.setattr(slices, "LIMIT", -1.0)
        answer = site.get("/feeds/all.atom?q=tea", {"Accept-Encoding": "gzip"})
        assert (answer.status, answer.field("retry-after")) == (503, "5")
        assert answer.text == "this takes too long to find; ask for less, or try again later\n"
        assert site.get("/feeds/all.atom").status == 200
    assert site.get("/feeds/all.atom?q=tea").status == 200
    site.close()
