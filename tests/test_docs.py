from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import click
import pytest
from click.testing import CliRunner
from starlette.routing import Route

from aggregator import config, dates, search, seeds
from aggregator.cadence import rhythm
from aggregator.model import (
    VOCABULARIES,
    Category,
    Enclosure,
    Extension,
    Link,
    ParsedFeed,
    Person,
    Place,
    Problem,
    Selection,
    Summary,
    Tombstone,
)
from aggregator.query import slices
from aggregator.settings import Settings
from aggregator.store import Store, notices
from feeds import conditional, document, jobs, live, pulling, render, report
from feeds.app import clock
from feeds.cli import main
from feeds.cli.program import COMMANDS as PROGRAM
from feeds.library import Library, library
from feeds.operators import HEADERS, OperatorEndpoints
from feeds.report import page
from feeds.routes import Endpoints
from feeds.selection import FORMATS, MOST_LENGTH, MOST_PAGES, MOST_VALUES, NARROWING
from tests.builders import NOW, a_story, entry, source_info
from tests.newsroom import Newsroom, settings_for
from tests.reports import FAILING, of, of_source, state
from tests.service import serving

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", page.read_text())


def rows(page: Path) -> list[str]:
    """The rows of the tables, headers and rules left out."""
    return re.findall(r"(?m)^\| (?!---).*\|$", page.read_text())


def console(page: Path) -> tuple[str, str]:
    """The one command of a page's example, and what it prints."""
    (block,) = blocks(page, "console")
    command, _, printed = block.partition("\n")
    return command.removeprefix("$ broadsheet "), printed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "seeds").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BROADSHEET_CONFIG", raising=False)
    return tmp_path


# ---- every page ---------------------------------------------------------------------------------


def targets(page: Path) -> Iterator[str]:
    """Where the links of a page lead to, but for other sites and examples of code."""
    text = re.sub(r"(?ms)^```.*?^```$|`[^`\n]*`", "", page.read_text())
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text):
        if not target.startswith(("https://", "http://")):
            yield target


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+ (.*)$", page.read_text())
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    for target in targets(page):
        path, _, anchor = target.partition("#")
        there = (page.parent / path) if path else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_example_of_config_toml_is_good(folder: Path, page: Path) -> None:
    for block in blocks(page, "toml"):
        (folder / "config.toml").write_text(block)
        environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", block), "a-long-word")
        assert isinstance(config.read(folder / "config.toml", environ), Settings), block


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_verb_of_dev_that_is_named_is_there(page: Path) -> None:
    verbs = set(re.findall(r"(?m)^  ([a-z |-]+)\)$", (ROOT / "dev").read_text()))
    known = {verb for line in verbs for verb in line.split(" | ")}
    assert set(re.findall(r"\./dev ([a-z]+)", page.read_text())) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_named_is_there(page: Path) -> None:
    named = set(re.findall(r"[`$] ?broadsheet ([a-z]+)\b", page.read_text()))
    assert named <= PROGRAM.keys()


# ---- README -------------------------------------------------------------------------------------


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= 150


def test_the_smallest_config_of_the_readme_can_be_served(folder: Path) -> None:
    (smallest,) = blocks(README, "toml")
    (folder / "config.toml").write_text(smallest)
    with serving(folder, "--no-pull") as service:
        for fmt in FORMATS:
            assert service.get(f"/feeds/science.{fmt}").status == 200
        assert service.get("/science").status == 200


def test_the_mistake_in_the_readme_is_told_so(folder: Path) -> None:
    command, printed = console(README)
    (smallest,) = blocks(README, "toml")
    (folder / "config.toml").write_text(smallest.replace('["science"]', '["scinece"]'))
    told = CliRunner().invoke(main, command.split())
    assert (told.exit_code, told.output) == (1, printed)


def test_the_addresses_of_the_readme_are_those_of_the_config_that_comes_along() -> None:
    named = re.findall(r"<http://127\.0\.0\.1:8000(/[^>]*)>", README.read_text())
    assert named == ["/", "/feeds/tech.atom"]
    given = tomllib.loads((ROOT / "config.toml").read_text())
    assert "tech" in given["verticals"]
    assert given.get("server", {}).get("port", 8000) == 8000


# ---- commands -----------------------------------------------------------------------------------

COMMANDS = DOCS / "commands.md"
DESCRIBED = {"--config", "-h", "--help", "--version"}
"""Options of every command, and those that any program has."""


def options(name: str) -> set[str]:
    """The options of a command."""
    command = main.get_command(click.Context(main), name)
    assert command
    return {o for p in command.params if isinstance(p, click.Option) for o in p.opts}


@pytest.mark.parametrize("name", PROGRAM)
def test_every_command_is_described_with_its_options(name: str) -> None:
    found = "\n".join(row for row in rows(COMMANDS) if row.startswith(f"| `broadsheet {name}"))
    assert found
    assert set(re.findall(r"--[a-z][a-z-]*", found)) == options(name) - DESCRIBED


def test_nothing_else_is_described_as_a_command_or_option() -> None:
    commands = {re.match(r"\| `broadsheet (\w+)", row) for row in rows(COMMANDS)[1:]}
    assert {one[1] for one in commands if one} == PROGRAM.keys()
    known = DESCRIBED.union(*map(options, PROGRAM))
    assert set(re.findall(r"--[a-z][a-z-]*", COMMANDS.read_text())) <= known


def test_every_exit_code_that_is_described_is_one_of_four() -> None:
    codes = {code for row in rows(COMMANDS)[1:] for code in re.findall(r"\d", row.split("|")[-2])}
    assert codes == {"0", "1", "3"}
    assert "Usage errors exit with 2" in COMMANDS.read_text()
    assert click.UsageError.exit_code == 2


def test_a_second_puller_is_refused_in_the_words_of_the_documentation(folder: Path) -> None:
    command, printed = console(COMMANDS)
    (folder / "config.toml").write_text("")
    with Store(f"sqlite:///{folder}/broadsheet.db", clock) as first:
        first.hold()
        told = CliRunner().invoke(main, command.split())
    assert told.exit_code == 1
    said = printed.replace("/srv/news", str(folder)).replace("4711", str(os.getpid()))
    assert told.output == said


# ---- addresses ----------------------------------------------------------------------------------

ADDRESSES = DOCS / "addresses.md"


@pytest.fixture
def routes(tmp_path: Path) -> Iterator[list[Route]]:
    with Newsroom(tmp_path) as room:
        settings = settings_for(tmp_path)
        made = Library(settings, "urn:uuid:site", room.query)
        own = OperatorEndpoints(settings, "urn:uuid:site", room.query, clock, "1", lambda: None)
        yield [*own.routes(), *Endpoints(settings, made, clock, lambda: True).routes()]


def first_words() -> list[str]:
    """What each row of the tables begins with, where it is a word of code."""
    return re.findall(r"(?m)^\| `([^`]+)` \|", ADDRESSES.read_text())


def test_every_address_is_described_and_every_address_described_is_there(
    routes: list[Route],
) -> None:
    described = [one for one in first_words() if one.startswith("/")]
    paths = [re.sub(r"\{[a-z]+\}", "x", address) for address in described]
    found = {path: next(r.path for r in routes if r.path_regex.fullmatch(path)) for path in paths}
    assert set(found.values()) == {route.path for route in routes}
    assert {path.rpartition(".")[2] for path in paths if path.startswith("/feeds/")} == set(FORMATS)


def test_what_is_said_of_headers_and_parameters_is_so() -> None:
    text = " ".join(ADDRESSES.read_text().split())
    for said in (
        conditional.CACHE_CONTROL,
        conditional.ARCHIVE_CACHE_CONTROL,
        conditional.LASTING_CACHE_CONTROL,
    ):
        assert f"`Cache-Control: {said}` |" in text
    assert sorted(one for one in first_words() if one.isalpha()) == list(NARROWING)
    assert f"1 to {MOST_PAGES} with `page`" in text
    assert f"may have {MOST_VALUES} different values each" in text
    limits = f"{search.MOST_LENGTH} characters and {search.MOST_WORDS} words"
    assert f"a `q` {limits}, `source` and `author` {MOST_LENGTH} characters" in text
    assert f"the first {search.MOST_CHARACTERS:,} characters" in text
    assert f"more than {round(slices.LIMIT * 1000)} ms" in text
    assert f"wait for {library.PATIENCE:.0f} s" in text
    for media_type in FORMATS.values():
        assert f"`{media_type.partition(';')[0]}`" in text


# ---- operating ----------------------------------------------------------------------------------

OPERATING = DOCS / "operating.md"
WELL = of_source()
EVERYTHING = of(
    WELL,
    of_source(number=2, address="https://b.example/", moved_to="https://c.example/", **FAILING),
    config=state(problems=(Problem(file="config.toml", line=3, what="bad", todo="mend it"),)),
)
"""A report in which nothing is left out."""


def cells(page: Path, heading: str) -> list[list[str]]:
    """The rows of the one table below a heading, without the header."""
    (part,) = re.findall(rf"(?ms)^#+ {re.escape(heading)}$(.*?)(?=^#|\Z)", page.read_text())
    found = re.findall(r"(?m)^\| (?!---)(.*) \|$", part)[1:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)] for row in found]


def test_every_metric_is_described_and_every_metric_described_is_there() -> None:
    body, _ = report.metrics(EVERYTHING)
    kinds = dict(re.findall(r"(?m)^# TYPE (\S+) (\S+)$", body.decode()))
    samples = re.findall(r"(?m)^(\w+)(?:\{(\w+)=)?", re.sub(r"(?m)^#.*\n", "", body.decode()))
    told = {
        name: (kind, label)
        for name, kind, label, *_ in (
            [word.strip("`") for word in row] for row in cells(OPERATING, "`/metrics`")
        )
    }
    is_linux = Path("/proc/self/stat").exists()
    described = {name: of for name, of in told.items() if is_linux or "process_" not in name}
    assert described == {name: (kinds[name], label) for name, label in samples}


def keys(value: object, path: str = "") -> Iterator[str]:
    """The names of all values in JSON, as `verticals[].name`; those of `problems` as one."""
    match value:
        case dict() if path != "config.problems[]":
            for key, inner in value.items():
                yield from keys(inner, f"{path}.{key}".removeprefix("."))
        case [dict() as first, *_]:
            yield from keys(first, f"{path}[]")
        case _:
            yield path.removesuffix("[]")


def test_every_key_of_status_json_is_described_and_every_key_described_is_there() -> None:
    rows = cells(OPERATING, "`/status.json`")
    described = [name for row in rows for name in re.findall("`([^`]+)`", row[0])]
    told = report.as_json(EVERYTHING)
    assert sorted(described) == sorted(keys(told))
    (row,) = (row for row in rows if "`config.problems`" in row[0])
    problem = json.loads(json.dumps(told))["config"]["problems"][0]
    assert set(re.findall("`([^`]+)`", row[1])) == problem.keys()
    (row,) = (row for row in rows if "`sources[].health`" in row[0])
    healths = [
        of_source(last_success_at=None),
        WELL,
        of_source(**FAILING),
        of_source(gone=True, error="answered 410"),
    ]
    assert re.findall("`([^`]+)`", row[1]) == [report.health(one) for one in healths]


def test_the_addresses_of_operators_are_the_same_on_both_pages(routes: list[Route]) -> None:
    told = [row[0].strip("`") for row in cells(OPERATING, "What you are told")]
    own = [r.path for r in routes if r.endpoint.__qualname__.startswith("OperatorEndpoints.")]
    assert told == own
    assert set(own) <= set(first_words())
    assert dict(HEADERS)["Cache-Control"] == "no-store"


def test_the_numbers_of_operating_are_those_of_the_program() -> None:
    text = " ".join(OPERATING.read_text().split())
    for said in (
        f"still for {round(live.STILL * 1000)} ms",
        f"{pulling.SHELVED_AT_ONCE:,} entries at a time",
        f"kept for {notices.KEPT_FOR.days} days, the newest {notices.MOST_KEPT:,}",
        f"the feed has the newest {report.MOST_NOTICES:,}",
        f"{page.SOURCES_A_PAGE} on a page",
    ):
        assert said in text
    assert (live.LOOKS_EVERY, "looked at every two seconds" in text) == (2, True)
    assert (jobs.SILENCE_MINUTES, "Looked for every half hour" in text) == (30, True)
    silence = rhythm.silent_since.__doc__
    assert silence
    assert "three times the longest pause" in silence
    for key in ("host", "port"):
        assert f"`{key}`" in text


def test_the_unit_for_systemd_is_one(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on PATH")
    unit = (DOCS / "broadsheet.service").read_text()
    (start,) = re.findall(r"(?m)^ExecStart=(.*)$", unit)
    program, command, *rest = start.split()
    assert (Path(program).name, command in PROGRAM, rest[0]) == ("broadsheet", True, "--config")
    copy = tmp_path / "broadsheet.service"
    copy.write_text(unit.replace(program, "/bin/true"))
    done = subprocess.run(
        [analyze, "verify", "--man=no", copy], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


# ---- errors -------------------------------------------------------------------------------------

ERRORS = DOCS / "errors.md"
OF_READING = {"StoreError", "StoreHeldError", "ReaderError", "ExportError", "UnusableError",
              "SilentError", "Failed", "Unreadable"}  # fmt: skip
"""What is made with a text that an operator sees."""


def told_by(node: ast.AST) -> str | None:
    """What a text in the code says, with `…` for what comes to stand in it; None if it is none."""
    match node:
        case ast.Constant(value=str(said)):
            return re.sub(r"%[sd]", "…", said)
        case ast.JoinedStr(values=values):
            return "".join(told_by(value) or "…" for value in values)
    return None


@pytest.fixture(scope="module")
def code() -> list[ast.AST]:
    """All of the code, without its docstrings."""
    files = [*(ROOT / "aggregator").rglob("*.py"), *(ROOT / "feeds").rglob("*.py")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return [node for node in nodes if id(node) not in docs]


def wordings() -> list[str]:
    """Every text that the tables on errors quote in their first column."""
    head, _, rest = ERRORS.read_text().partition("\n## The store\n")
    assert "## Exit codes" in head
    first = [re.split(r"(?<!\\)\|", row)[1] for row in re.findall(r"(?m)^\| (?!---).*\|$", rest)]
    return [said for cell in first for said in re.findall("`([^`]+)`", cell)]


def test_every_error_that_is_quoted_stands_in_the_code(code: list[ast.AST]) -> None:
    texts = {text for node in code if (text := told_by(node))}
    all_of_it = "\0".join(texts)

    def stands(piece: str) -> bool:
        # `no answer within … s` is put together from two.
        cuts = range(1, len(piece))
        return piece in all_of_it or any(
            piece[:n] in texts and f"…{piece[n:]}" in all_of_it for n in cuts
        )

    quoted = wordings()
    assert len(quoted) > 60
    for said in quoted:
        # So are, often, what is wrong and what to do.
        pieces = (piece.strip() for piece in re.split("…|; ", said))
        assert all(stands(piece) for piece in pieces if piece.strip(":")), said


def test_every_reason_and_error_of_the_store_is_quoted(code: list[ast.AST]) -> None:
    quoted = "\n".join(wordings())
    for node in code:
        match node:
            case ast.Call(func=ast.Name(id=name), args=[text, *_], keywords=[]):
                pass
            case ast.Call(func=ast.Name(id=name), keywords=[ast.keyword(arg="reason", value=text)]):
                pass
            case _:
                continue
        said = told_by(text) if name in OF_READING else None
        if said is not None and not said.startswith(OF_SEEDS):
            for piece in re.split("…(?:: )?", said):
                assert len(piece) < 5 or piece.strip(" :;(") in quoted, said


OF_SEEDS = ("the file is ", "the title or ", "the page has ", "not a seed: ", "the folder ")
"""How what is told of seed files begins: docs/seeds.md."""


# ---- walk ---------------------------------------------------------------------------------------


def test_the_floors_are_those_that_are_held() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    for contract, letter in zip(rules["contracts"], "AF", strict=False):
        held = [name for layer in reversed(contract["layers"]) for name in layer.split(" | ")]
        rows = [row for row in cells(DOCS / "walk.md", "Floors") if row[0][0] == letter]
        told = [word for row in rows for word in re.findall("`([a-z_]+)`", row[1])]
        assert set(held) <= set(told)
        first = [min(told.index(name) for name in layer.split(" | "))
                 for layer in reversed(contract["layers"])]  # fmt: skip
        assert first == sorted(first)


# ---- seeds --------------------------------------------------------------------------------------

SEEDS = DOCS / "seeds.md"


def test_the_page_in_the_documentation_is_read_without_a_problem() -> None:
    page = blocks(SEEDS, "text")[0]
    read = seeds.read(page.encode(), "tide.txt", frozenset({"business", "world"}))
    assert isinstance(read, ParsedFeed)
    assert read.problems == ()
    (one,) = read.entries
    assert [person.name for person in one.authors] == ["Marit Overland", "T. R. Quillfeather, Jr."]
    assert len(one.deep_dive) == 2
    assert one.verticals == ("business", "world")
    assert one.published == "March 9, 2026"


def test_the_problems_in_the_documentation_are_worded_so(folder: Path) -> None:
    page, printed = blocks(SEEDS, "text")
    lines = page.splitlines()[:8]
    lines[2] = "by Marit Overland"
    lines[6:8] = ["Verticals", "sport"]
    del lines[3:5]
    (folder / "seeds" / "tide.txt").write_text("\n".join(lines))
    (folder / "config.toml").write_text("[verticals.business]\n[verticals.world]\n")
    told = CliRunner().invoke(main, ["check", "--config", str(folder / "config.toml")])
    assert told.exit_code == 1
    assert told.output.startswith(printed)


def test_every_form_of_a_date_in_the_documentation_is_read() -> None:
    (row,) = (row for row in rows(SEEDS) if row.startswith("| the date |"))
    forms = re.findall("`([^`]+)`", row)
    assert len(forms) == 4
    for form in forms:
        page = f"Title\nGazette\nby Ada Inkwell{form}\nA paragraph.\n"
        read = seeds.read(page.encode(), "a.txt", frozenset())
        assert isinstance(read, ParsedFeed)
        assert read.entries[0].published == form
        assert dates.parse(form, datetime(2026, 4, 1, tzinfo=UTC)) == datetime(
            2026, 3, 9, tzinfo=UTC
        )


# ---- feeds --------------------------------------------------------------------------------------

FEEDS = DOCS / "feeds.md"
PREFIXES = {
    "{http://www.w3.org/2005/Atom}": "atom:",
    "{http://purl.org/rss/1.0/modules/content/}": "content:",
    "{urn:broadsheet:1}": "b:",
    "{http://purl.org/syndication/history/1.0}": "fh:",
    "{http://purl.org/atompub/tombstones/1.0}": "at:",
    "{http://wellformedweb.org/CommentAPI/}": "wfw:",
    "{http://www.georss.org/georss}": "georss:",
    **{f"{{{uri}}}": f"{prefix}:" for prefix, uri in VOCABULARIES.items()},
}


def rich() -> document.FeedDocument:
    """A feed of one story that has everything a story can have."""
    lead = entry(
        content=f"<p>{'A long text. ' * 20}</p>",
        authors=(
            Person(
                name="Ada Inkwell",
                uri="https://a.example/",
                email="ada@a.example",
                avatar="https://a.example/face.png",
            ),
        ),
        categories=(Category(term="Kitchens", scheme="https://a.example/tags", label="K"),),
        enclosures=tuple(
            Enclosure(
                url=f"https://a.example/{n}.mp3",
                type="audio/mpeg",
                length=9,
                title="Listen",
                duration=61,
            )
            for n in (1, 2)
        ),
        contributors=(Person(name="Bob Steam"),),
        links=(
            Link(rel="related", href="https://a.example/"),
            Link(rel="replies", href="https://a.example/said", type="text/html"),
            Link(rel="replies", href="https://a.example/said.rss", type="application/rss+xml"),
        ),
        rights="© The Gazette",
        place=Place(kind="point", coordinates=((50.0, -7.25),)),
        image="https://a.example/1.png",
        banner="https://a.example/wide.png",
        extensions=tuple(
            Extension(name=f"{prefix}:title", text="A kettle") for prefix in VOCABULARIES
        ),
        source=source_info(rights="© The Gazette"),
        language="en-GB",
        deep_dive=Summary(kind="generated", by="unknown", paragraphs=("It whistles.",)),
    )
    also = entry(link="https://b.example/", source=source_info(feed_url="https://b.example/feed"))
    story = a_story(lead=lead, also=(also,), verticals=("tech",))
    gone = Tombstone(id="https://gazette.example/kettle", at=NOW)
    contents = document.Contents(
        stories=(story,), updated=NOW, tombstones=(gone,), archive=7, older=3, newer=9
    )
    return document.build(Selection(), contents, settings_for(ROOT), "urn:uuid:site")


def column(number: int, of: int = 4) -> set[str]:
    """The words of code in one column of the tables on feeds that have so many, part by part."""
    cells = [row.split("|")[number] for row in rows(FEEDS) if row.count("|") == of + 1]
    return {word for cell in cells for code in re.findall(r"`([^`]+)`", cell)
            for word in code.split(".")}  # fmt: skip


def written(fmt: str) -> bytes:
    feed = rich()
    return render.feed(feed, fmt, (render.Item(render.item(one, fmt)) for one in feed.items))


@pytest.mark.parametrize(("fmt", "number", "default"), [("rss", 2, ""), ("atom", 3, "atom:")])
def test_every_element_of_a_feed_is_described(fmt: str, number: int, default: str) -> None:
    tags = {one.tag for one in ET.fromstring(written(fmt)).iter()}
    names = {PREFIXES[tag[: tag.find("}") + 1]] + tag.partition("}")[2] if "}" in tag else tag
             for tag in tags}  # fmt: skip
    of_others = {f"{prefix}:title" for prefix in VOCABULARIES}
    described = column(number) | column(2) if default else column(number)
    assert {name.removeprefix(default) for name in names} - of_others <= described
    assert {f"{prefix}:" for prefix in VOCABULARIES} <= column(2)


def test_every_member_of_a_json_feed_is_described() -> None:
    feed = json.loads(written("json"))
    described = column(4)
    nested = {"kind", "by", "text"}  # of _summary: in the section on it
    assert set(feed) | set(feed["items"][0]) <= described
    (item,) = feed["items"]
    for inner in (item["authors"], item["attachments"], item["_sources"]["all"]):
        assert {name for one in inner for name in one} <= described
    assert set(item["_sources"]) == {"all"}
    assert set(item["_atom"]) <= described
    assert set(item["_source"]) - {"publication"} <= described
    assert set(feed["items"][0]["_summary"]) == nested
    assert all(f'"{name}": ' in FEEDS.read_text() for name in nested)


def test_where_things_go_is_told_in_the_words_of_the_tables_on_feeds() -> None:
    attributes = {"duration", "title", "url"}
    for number, described in ((4, column(2)), (5, column(3)), (6, column(4))):
        told = column(number, of=6) - attributes - {"mailto:"}
        assert told <= described | {name for name in column(2) if ":" in name}


def test_the_json_in_the_documentation_is_what_is_written() -> None:
    (example,) = blocks(FEEDS, "json")
    title = Extension(name="media:title", text="The kettle")
    told = (("url", "https://gazette.example/1.mp4"), ("type", "video/mp4"))
    film = Extension(name="media:content", attributes=told, children=(title,))
    item = document.item(a_story(lead=entry(extensions=(film,))), settings_for(ROOT))
    assert json.loads(render.item(item, "json"))["_media"] == json.loads(example)["_media"]


def test_the_marked_element_is_written_as_described() -> None:
    tombstone, example = blocks(FEEDS, "xml")
    body = written("atom").decode()
    assert example.strip().replace("…", "It whistles.") in body
    assert tombstone.strip() in body
    assert f'"{document.HEADINGS["generated"]}"' in " ".join(FEEDS.read_text().split())
