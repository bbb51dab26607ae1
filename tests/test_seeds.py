"""A page as captured becomes one entry, and whatever is odd about it a problem with its line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import seeds
from aggregator.model import ParsedEntry, ParsedFeed, Text, Unreadable

ROOT = Path(__file__).parents[1]
CORPUS = Path(os.environ.get("FEED_CORPUS", ROOT.parent / "shared" / "corpus"))
KNOWN = frozenset({"tech", "science", "business", "world", "culture"})
HEADING = "AI-Generated Deep Dive Summary"
PARAGRAPHS = ("The kettle of Merrow whistles in B flat, say three neighbours.", "It will stop at a")


def page(
    *,
    byline: str | None = "by Ada Inkwell, Bo FoldawayFebruary 13, 2026",
    heading: str | None = HEADING,
    paragraphs: tuple[str, ...] = PARAGRAPHS,
    verticals: str | None = "Verticals\ntechscience",
    originally: str | None = "Originally published on The Merrow Bell on 2/13/2026",
) -> str:
    parts = ("Kettle Heard", "The Merrow Bell", byline, heading, *paragraphs, verticals, originally)
    return "\n".join(part for part in parts if part is not None)


def read(text: str | bytes) -> ParsedFeed:
    data = text if isinstance(text, bytes) else text.encode()
    feed = seeds.read(data, "a/kettle.txt", KNOWN)
    assert isinstance(feed, ParsedFeed), feed
    return feed


def entry(text: str | bytes) -> ParsedEntry:
    (only,) = read(text).entries
    return only


def authors(text: str | bytes) -> tuple[str, ...]:
    return tuple(person.name for person in entry(text).authors)


def problems(text: str) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.what) for problem in read(text).problems]


# ---- whole pages ---------------------------------------------------------------------------------


def test_a_page_is_one_entry_with_its_path_as_guid() -> None:
    feed = read(page())
    assert feed.title == Text(value="The Merrow Bell", html=False)
    assert feed.problems == ()
    (only,) = feed.entries
    assert only.guid == "a/kettle.txt"
    assert only.title == Text(value="Kettle Heard", html=False)
    assert only.publication == "The Merrow Bell"
    assert [person.name for person in only.authors] == ["Ada Inkwell", "Bo Foldaway"]
    assert only.published == "February 13, 2026"
    assert only.deep_dive == PARAGRAPHS
    assert only.summary is None
    assert only.verticals == ("tech", "science")


def check_the_news_of_the_appointments(file: Path) -> None:
    feed = read(file.read_bytes())
    (only,) = feed.entries
    assert feed.problems == ()
    assert only.title == Text(
        value="Social Security Workers Are Being Told to Hand Over Appointment Details to ICE",
        html=False,
    )
    assert only.publication == "Wired"
    assert [person.name for person in only.authors] == [
        "Zoë Schiffer",
        "Vittoria Elliott",
        "Leah Feiger",
    ]
    assert only.published == "February 13, 2026"
    assert len(only.deep_dive) == 5
    assert only.verticals == ("tech", "science")


def test_the_captured_page_is_read_whole() -> None:
    files = sorted((CORPUS.parent / "seeds").glob("*.txt"))
    if not files:
        pytest.skip("no captured seeds; set FEED_CORPUS to the corpus beside them")
    check_the_news_of_the_appointments(files[0])


def test_our_own_page_of_the_same_news_is_read_whole() -> None:
    check_the_news_of_the_appointments(ROOT / "seeds" / "social-security-appointments.txt")


def test_our_own_pages_have_no_problems_and_cover_every_vertical() -> None:
    files = sorted((ROOT / "seeds").glob("*.txt"))
    pages = [read(file.read_bytes()) for file in files]
    assert [feed.problems for feed in pages] == [()] * 4
    assert {name for feed in pages for name in feed.entries[0].verticals} == KNOWN


def test_without_the_heading_the_paragraphs_are_an_escaped_summary() -> None:
    only = entry(page(heading=None, paragraphs=("Salt & <b>", "Tea, said the keeper.")))
    assert only.deep_dive == ()
    expected = "<p>Salt &amp; &lt;b&gt;</p><p>Tea, said the keeper.</p>"
    assert only.summary == Text(value=expected, html=True)


def test_paragraphs_above_the_heading_are_not_the_machines() -> None:
    only = entry(page(heading=f"A bell rang in Merrow, and nobody came.\n{HEADING}"))
    assert only.summary == Text(value="<p>A bell rang in Merrow, and nobody came.</p>", html=True)
    assert only.deep_dive == PARAGRAPHS


@pytest.mark.parametrize(
    "heading",
    [
        "ai-generated deep dive summary",
        "AI‑GENERATED DEEP DIVE SUMMARY",
        "AI‐Generated Deep\N{NO-BREAK SPACE}Dive Summary:",
    ],
)
def test_the_heading_is_found_in_any_case_and_with_any_hyphen(heading: str) -> None:
    assert entry(page(heading=heading)).deep_dive == PARAGRAPHS


# ---- lines and encodings -------------------------------------------------------------------------

ACCENTED = page(byline="by Zoë Fenn’mar, Ødger ŠvihFebruary 13, 2026")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_encoding_changes_nothing(encoding: str) -> None:
    text = ACCENTED.replace("Švih", "Šwih")
    assert read(text.encode(encoding)) == read(text)


def test_utf_16_in_either_byte_order_is_read() -> None:
    data = ACCENTED.encode("utf-16-be")
    assert read(b"\xfe\xff" + data) == read(ACCENTED)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\N{LINE SEPARATOR}", "\n\n\n", "  \n\t\n"])
def test_ends_of_lines_and_blank_lines_change_nothing(end: str) -> None:
    assert read(end + page().replace("\n", end) + end) == read(page())


def test_spaces_round_a_line_and_no_break_spaces_between_names_change_nothing() -> None:
    loose = "\n".join(f" {line}\N{NO-BREAK SPACE} " for line in page().splitlines())
    hard = loose.replace("by Ada Inkwell, ", "by\N{NO-BREAK SPACE}Ada\N{NO-BREAK SPACE}Inkwell,")
    hard = hard.replace("February 13", "February\N{NO-BREAK SPACE}13")
    hard = hard.replace("Bell on 2/", "Bell\N{NO-BREAK SPACE}on\N{NO-BREAK SPACE}2/")
    assert read(hard) == read(page())


# ---- the by-line ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "date",
    [
        "February 13, 2026",
        "February 13 2026",
        "Feb 13, 2026",
        "Sept. 13, 2026",
        "MAY 3, 2026",
        "13 February 2026",
        "1. Aug 2026",
        "2026-02-13",
        "2/13/2026",
        "13.02.2026",
    ],
)
@pytest.mark.parametrize("joint", ["", " ", ", ", " • ", " · ", " | ", " – ", "\n", "\n\n"])
def test_a_date_is_told_from_the_name_before_it(joint: str, date: str) -> None:
    text = page(byline=f"by Ada Inkwell, Drew Mayer{joint}{date}")
    assert authors(text) == ("Ada Inkwell", "Drew Mayer")
    assert entry(text).published == date
    assert read(text).problems == ()


@pytest.mark.parametrize(
    "name",
    [
        "April May",
        "August Lane",
        "Drew Mayer",
        "June Marchand",
        "Decima Octobrine",
        "Jan Juli",
        "J. R. R. Quillfeather",
        "T.R. O’Lantern-Nkem",
        "Élodie van der Sparrow",
        "bell inkwell",
        "Metin And",
        "Sandy Bandy",
        "Ada Inkwell, Jr.",
        "Ada Inkwell, Sr",
        "Ada Inkwell, III",
        "Ada Inkwell, PhD",
        "墨 山子",
        "Ада Чернильная",
        "آدا حبر",
        "The Paper Islands Society",
    ],
)
@pytest.mark.parametrize("date", ["May 3, 2026", "3 May 2026", "2026-05-03", "5/3/2026"])
def test_a_name_stays_one_author_and_whole(name: str, date: str) -> None:
    text = page(byline=f"by {name}{date}")
    assert authors(text) == (name,)
    assert entry(text).published == date
    assert authors(page(byline=f"by {name}, Bo Foldaway{date}")) == (name, "Bo Foldaway")


@pytest.mark.parametrize(
    "byline",
    [
        "by Ada Inkwell, Bo Foldaway, Cy Loom",
        "By Ada Inkwell, Bo Foldaway and Cy Loom",
        "BY Ada Inkwell AND Bo Foldaway, and Cy Loom",
        "by: Ada Inkwell & Bo Foldaway; Cy Loom",
        "Ada Inkwell,Bo Foldaway ,, Cy Loom,",
        "by  Ada   Inkwell、Bo Foldaway，Cy Loom",
    ],
)
def test_authors_are_told_apart(byline: str) -> None:
    assert authors(page(byline=byline)) == ("Ada Inkwell", "Bo Foldaway", "Cy Loom")
    assert authors(page(byline=f"{byline}May 3, 2026", heading=None)) == (
        "Ada Inkwell",
        "Bo Foldaway",
        "Cy Loom",
    )


@pytest.mark.parametrize("byline", ["by May 3, 2026", "by\nMay 3, 2026", "May 3, 2026"])
def test_a_byline_may_be_a_date_alone(byline: str) -> None:
    text = page(byline=byline)
    assert entry(text).published == "May 3, 2026"
    assert entry(text).deep_dive == PARAGRAPHS
    assert problems(text) == [(3, "no authors")]


@pytest.mark.parametrize(("byline", "line"), [("by", 3), (None, 2)])
@pytest.mark.parametrize("heading", [HEADING, None])
def test_without_a_byline_the_last_line_gives_the_date(
    byline: str | None, line: int, heading: str | None
) -> None:
    text = page(byline=byline, heading=heading)
    assert entry(text).published == "2/13/2026"
    assert problems(text) == [(line, "no authors")]
    kept = entry(text).deep_dive or entry(text).summary
    assert kept in {PARAGRAPHS, Text(value="".join(f"<p>{p}</p>" for p in PARAGRAPHS), html=True)}


@pytest.mark.parametrize(
    "paragraph",
    [
        "By Monday the ice of Merrow had gone.",
        "By the time the bell of Merrow rang all of its kettles were cold, and so was the tea",
        "Nobody in all of the town of Merrow had seen it before the morning of May 3, 2026",
        "Quiet returned to Merrow",
    ],
)
def test_a_paragraph_is_no_byline(paragraph: str) -> None:
    only = entry(page(byline=None, heading=None, paragraphs=(paragraph, "Tea was late.")))
    assert only.authors == ()
    assert only.summary == Text(value=f"<p>{paragraph}</p><p>Tea was late.</p>", html=True)


def test_a_date_that_cannot_be_told_from_the_name_is_reported_and_kept() -> None:
    text = page(byline="by Ada Inkwell13th of Feb '26")
    assert authors(text) == ("Ada Inkwell13th of Feb '26",)
    assert entry(text).published == "2/13/2026"
    assert problems(text) == [
        (3, "the by-line has digits but no date that can be told from the names")
    ]


def test_a_page_without_any_date_is_reported() -> None:
    text = page(byline="by Ada Inkwell", originally="Originally published on The Merrow Bell")
    assert entry(text).published is None
    assert problems(text) == [(3, "no date in the by-line or the last line")]


# ---- verticals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "sciencetechworld",
        "ScienceTechWORLD",
        "science, tech, world",
        "science tech\nworld",
        "science\n\ntech\nworld",
        "sciencetech & world",
        "science/tech/world",
        "sciencetechsciencetechworld",
    ],
)
def test_verticals_stand_in_the_order_of_the_page_once_each(line: str) -> None:
    text = page(verticals=f"VERTICALS:\n{line}")
    assert entry(text).verticals == ("science", "tech", "world")
    assert problems(text) == []


@pytest.mark.parametrize(
    ("line", "verticals", "rest"),
    [
        ("techgardening", ("tech",), "gardening"),
        ("gardening", (), "gardening"),
        ("gardening tech", ("tech",), "gardening"),
        ("techgardeningscience", ("tech",), "gardeningscience"),
        ("techкультура", ("tech",), "культура"),
    ],
)
def test_an_unknown_vertical_is_reported_and_costs_nothing_else(
    line: str, verticals: tuple[str, ...], rest: str
) -> None:
    text = page(verticals=f"Verticals\n{line}")
    assert entry(text).verticals == verticals
    assert entry(text).deep_dive == PARAGRAPHS
    assert problems(text) == [(8, f'unknown vertical "{rest}"')]


@pytest.mark.parametrize(
    ("known", "word", "verticals"),
    [
        ({"tech", "techno", "science", "noscience"}, "technoscience", ("techno", "science")),
        ({"a", "bc", "ab", "c", "abc"}, "abc", ("abc",)),
        ({"techscience", "tech", "science"}, "techscience", ("techscience",)),
    ],
)
def test_the_fewest_names_win_and_then_the_longest_first(
    known: set[str], word: str, verticals: tuple[str, ...]
) -> None:
    feed = seeds.read(page(verticals=f"Verticals\n{word}").encode(), "p", frozenset(known))
    assert isinstance(feed, ParsedFeed)
    assert feed.entries[0].verticals == verticals


@given(
    known=st.frozensets(st.text("ab-", min_size=1, max_size=3), max_size=6),
    word=st.text("ab-", min_size=1, max_size=7),
)
@settings(max_examples=150, deadline=None)
def test_a_word_is_cut_as_trying_every_cut_would(known: frozenset[str], word: str) -> None:
    def every(end: int) -> list[tuple[str, ...]]:
        ways = []
        for joints in product((False, True), repeat=max(end - 1, 0)):
            cuts = [0, *(at for at, joint in enumerate(joints, start=1) if joint), end]
            ways.append(tuple(word[a:b] for a, b in pairwise(cuts) if a < b))
        return [way for way in ways if set(way) <= known]

    reach = max(end for end in range(len(word) + 1) if every(end))
    best = min(every(reach), key=lambda way: (len(way), [-len(name) for name in way]))
    feed = seeds.read(page(verticals=f"Verticals\n{word}").encode(), "p", known)
    assert isinstance(feed, ParsedFeed)
    assert feed.entries[0].verticals == tuple(dict.fromkeys(best))
    expected = [f'unknown vertical "{word[reach:]}"'] if reach < len(word) else []
    assert [problem.what for problem in feed.problems] == expected


@pytest.mark.parametrize("verticals", [None, "Verticals", "Verticals\n"])
@pytest.mark.parametrize("originally", [None, "Originally published on The Merrow Bell on 2/13/26"])
def test_a_page_without_verticals_is_reported(
    verticals: str | None, originally: str | None
) -> None:
    text = page(verticals=verticals, originally=originally)
    assert entry(text).verticals == ()
    assert entry(text).deep_dive == PARAGRAPHS
    assert (len(text.splitlines()), "no verticals") in problems(text)


def test_a_paragraph_that_is_the_word_verticals_is_a_paragraph() -> None:
    paragraphs = ("Climbers of Merrow call them so:", "Verticals", "No one else does.")
    only = entry(page(paragraphs=paragraphs))
    assert only.deep_dive == paragraphs
    assert only.verticals == ("tech", "science")
    assert entry(page(paragraphs=paragraphs, verticals=None)).deep_dive == paragraphs


def test_the_raw_words_of_a_page_are_told() -> None:
    text = page(verticals="Verticals\nTechScience\nworld, gardening")
    assert seeds.vertical_lines(text.encode()) == {"techscience", "world", "gardening"}
    assert seeds.vertical_lines(page(verticals=None).encode()) == frozenset()
    assert seeds.vertical_lines(b"") == frozenset()


@pytest.mark.parametrize(
    ("configured", "lines", "known"),
    [
        (set(), {"tech", "science", "techscience"}, {"tech", "science"}),
        ({"tech"}, {"science", "sciencetech"}, {"tech", "science"}),
        ({"tech"}, {"techscience"}, {"tech", "techscience"}),
        ({"tech"}, {"tech"}, {"tech"}),
        (set(), {"techtech", "tech"}, {"tech"}),
        (set(), {"-tech", "культура", "a" * 42, "a" * 41}, {"a" * 41}),
    ],
)
def test_a_line_that_is_no_sum_of_names_is_a_name(
    configured: set[str], lines: set[str], known: set[str]
) -> None:
    assert seeds.known_names(frozenset(configured), frozenset(lines)) == known


# ---- the last line -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Originally published on The Merrow Bell on 2/13/2026",
        "originally published on the  merrow bell on 2/13/2026.",
        "Originally published on The Merrow Bell on February 13, 2026",
        "Originally published on The Merrow Bell",
    ],
)
def test_the_last_line_is_read_in_its_variants(line: str) -> None:
    assert read(page(originally=line)) == read(page())


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("Originally published on Eye on Looms on 2/13/2026", "Eye on Looms"),
        ("Originally published on", ""),
        ("Originally published on 2/13/2026", ""),
    ],
)
def test_a_last_line_that_names_another_publication_is_reported(line: str, named: str) -> None:
    what = f'the publication is "{named}" here and "The Merrow Bell" at the top'
    assert problems(page(originally=line)) == [(9, what)]


def test_a_page_without_its_last_line_is_reported() -> None:
    (only,) = read(page(originally=None)).problems
    assert str(only) == (
        "a/kettle.txt:8: it does not say where it was published first; "
        'end the page with "Originally published on The Merrow Bell on M/D/YYYY"'
    )


def test_what_a_capture_leaves_below_the_last_line_is_passed_over_and_reported() -> None:
    text = page() + "\n\nShare this story\nMore kettles"
    assert read(text).entries == read(page()).entries
    assert problems(text) == [(11, "text below the end of the page is passed over")]


@pytest.mark.parametrize("originally", ["Originally published on The Merrow Bell", None])
def test_a_paragraph_may_begin_as_the_last_line_does(originally: str | None) -> None:
    paragraphs = ("Originally published on paper in 1931, the atlas came back on 2/13/2026", "So")
    assert entry(page(paragraphs=paragraphs, originally=originally)).deep_dive == paragraphs


def test_all_problems_come_in_one_pass_in_the_order_of_the_page() -> None:
    text = page(byline=None, verticals="Verticals\ntech gardens", originally=None)
    assert problems(text) == [
        (2, "no authors"),
        (2, "no date in the by-line or the last line"),
        (7, 'unknown vertical "gardens"'),
        (7, "it does not say where it was published first"),
    ]


# ---- what is no page -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b"", "the file is empty", None),
        (b" \r\n\n\t", "the file is empty", None),
        (b"\xef\xbb\xbf", "the file is empty", None),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "the file is not text", None),
        (bytes(range(1, 256)) * 4, "the file is not text", None),
        (page().encode("utf-16-le"), "the file is not text", None),
        (b"\n\nKettle Heard\n", "the title or the publication is missing", 3),
        (b"Kettle Heard\nby Ada InkwellMay 3, 2026\nTea.", "the title or the publication", 1),
        (b"Kettle Heard\nMay 3, 2026\nTea.", "the title or the publication is missing", 1),
        (f"The Merrow Bell\n{HEADING}\nTea.".encode(), "the title or the publication", 1),
        (f"{HEADING}\nTea was late.\nSo was I.".encode(), "the title or the publication", 1),
        (b"Kettle Heard\nVerticals\ntech", "the title or the publication is missing", 1),
        (b"Kettle\nOriginally published on Wick on 2/3/2026", "the title or the publication", 1),
        (b"Kettle Heard\nThe Merrow Bell\n", "the page has no paragraph", 2),
        (page(paragraphs=()).encode(), "the page has no paragraph", 7),
        (page(paragraphs=(), heading=None).encode(), "the page has no paragraph", 6),
    ],
)
def test_what_is_no_page_is_unreadable_and_says_why(
    data: bytes, reason: str, line: int | None
) -> None:
    answer = seeds.read(data, "p", KNOWN)
    assert isinstance(answer, Unreadable)
    assert answer.reason.startswith(reason)
    assert "; " in answer.reason
    assert answer.line == line


def test_a_stray_control_character_spoils_no_page() -> None:
    assert entry(page(paragraphs=("Tea was la\x07te, said the keeper of the kettle.",))).deep_dive


# ---- any page ------------------------------------------------------------------------------------


@given(data=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_page_or_unreadable(data: bytes) -> None:
    assert isinstance(seeds.read(data, "p", KNOWN), ParsedFeed | Unreadable)
    assert isinstance(seeds.vertical_lines(data), frozenset)


MARKS = ("by Ada, Bo", "May 3, 2026", HEADING, "Verticals", "tech", "x.", "", "by", "\u2028")
LAST = ("Originally published on", "Originally published on x on 2/3/2026")


@given(lines=st.lists(st.sampled_from((*MARKS, *LAST)) | st.text(max_size=9), max_size=14))
@settings(max_examples=150, deadline=None)
def test_the_parts_of_a_page_in_any_order_are_a_page_or_unreadable(lines: list[str]) -> None:
    data = "\n".join(lines).encode()
    answer = seeds.read(data, "p", KNOWN)
    assert isinstance(answer, ParsedFeed | Unreadable)
    if isinstance(answer, ParsedFeed):
        last = len(data.decode().splitlines())
        assert all(1 <= (problem.line or 0) <= last for problem in answer.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    title: str
    publication: str
    names: tuple[str, ...]
    date: str
    paragraphs: tuple[str, ...]
    verticals: tuple[str, ...]
    end: str
    joint: str


WORD = st.text("abdemruyéøßЖя山", min_size=2, max_size=5).map(str.capitalize)
NAME = st.builds("{} {}".format, WORD | st.sampled_from(("J. R.", "Jan", "Drew van")), WORD) | (
    st.sampled_from(("April May", "Ada August", "Bo Dec", "Cy O’Loom-Jan", "Ida Inkwell, Jr."))
)
SENTENCE = st.builds("{} {}, said the keeper of the kettle.".format, WORD, WORD)
COMPOSED = st.builds(
    Composed,
    title=SENTENCE,
    publication=NAME,
    names=st.lists(NAME, min_size=1, max_size=4).map(tuple),
    date=st.sampled_from(("May 3, 2026", "Dec 31, 2026", "3 June 2026", "2026-02-13", "2/3/2026")),
    paragraphs=st.lists(SENTENCE, min_size=1, max_size=5).map(tuple),
    verticals=st.lists(st.sampled_from(sorted(KNOWN)), min_size=1, unique=True).map(tuple),
    end=st.sampled_from(("\n", "\r\n", "\r", "\n\n", "\N{LINE SEPARATOR}")),
    joint=st.sampled_from(("", " ", ", ", " • ")),
)


@given(composed=COMPOSED)
@settings(max_examples=100, deadline=None)
def test_a_composed_page_comes_back_as_composed(composed: Composed) -> None:
    lines = (
        composed.title,
        composed.publication,
        f"by {', '.join(composed.names)}{composed.joint}{composed.date}",
        HEADING,
        *composed.paragraphs,
        "Verticals",
        "".join(composed.verticals),
        f"Originally published on {composed.publication} on 2/3/2026",
    )
    feed = read(composed.end.join(lines))
    (only,) = feed.entries
    assert feed.problems == ()
    assert only.title == Text(value=composed.title, html=False)
    assert only.publication == composed.publication
    assert tuple(person.name for person in only.authors) == composed.names
    assert only.published == composed.date
    assert only.deep_dive == composed.paragraphs
    assert only.verticals == composed.verticals
