from __future__ import annotations

import errno
import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from aggregator import config
from aggregator.parse import Listing, listing
from aggregator.settings import Settings, Source
from feeds.cli import main
from feeds.cli.exporting import DYNAMIC
from feeds.cli.program import COMMANDS
from tests.loopback import Origin, response
from tests.newsroom import GAZETTE, Newsroom, item
from tests.service import PATIENCE, broadsheet, running, serving

CORPUS = Path(os.environ.get("FEED_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
FEED = b"""<rss version="2.0"><channel><title>Gazette</title>
<item><title>Kettle heard</title><guid isPermaLink="false">1</guid></item>
<item><title>Tram seen</title><guid isPermaLink="false">2</guid></item></channel></rss>"""
SEED = """\
Nine lighthouses agree
Far Shores Weekly
by Ottilie McQuaySeptember 14, 2026
The soup was ready.
Verticals
tech
Originally published on Far Shores Weekly on 9/14/2026
"""
WITHOUT_CONTACT = (
    "config.toml: [site] has no 'contact'; add an e-mail or web address, so that the publishers "
    "you pull from can reach you (warning)\n"
)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as origin:
        origin.serve("/feed", FEED, headers={"ETag": '"1"'})
        yield origin


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with an empty seeds folder; not that of any operator."""
    (tmp_path / "seeds").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BROADSHEET_CONFIG", raising=False)
    return tmp_path


def configure(folder: Path, *addresses: str, more: str = "") -> None:
    """A config.toml with these sources, which may be on loopback."""
    pull = '[pull]\nallow_networks = ["127.0.0.0/8"]\nper_host_interval = "0s"'
    sources = "".join(f'[[sources]]\nurl = "{address}"\n' for address in addresses)
    (folder / "config.toml").write_text(f"{pull}\n{more}\n{sources}")


def run(*arguments: str, **environ: str) -> Result:
    """A command in this process: what it raises but the end of the process, the test raises."""
    return CliRunner().invoke(main, arguments, env=environ, catch_exceptions=False)


def is_one_line(result: Result) -> bool:
    lines = result.stderr.splitlines()
    return result.stdout == "" and len(lines) == 1 and lines[0].startswith("broadsheet: ")


# ---- the program itself -------------------------------------------------------------------------


def test_python_m_feeds_is_broadsheet(tmp_path: Path) -> None:
    told = broadsheet(tmp_path, "--version")
    assert told.stdout == f"broadsheet, version {version('broadsheet')}\n"
    assert (told.returncode, told.stderr) == (0, "")


def test_importing_the_program_does_not_run_it() -> None:
    assert import_module("feeds.__main__").main is main


@pytest.mark.parametrize(
    "command", [[], *([name] for name in COMMANDS)], ids=lambda words: "".join(words) or "all"
)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_explains_itself(command: Sequence[str], option: str) -> None:
    told = run(*command, option)
    assert told.exit_code == 0
    assert "Usage: main" in told.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["server"],
        ["serve", "--port", "70000"],
        ["serve", "--port", "http"],
        ["serve", "--quietly"],
        ["pull", "--all"],
        ["pull", "--json"],
        ["pull", "--source", "https://gazette.example/feed"],
        ["pull", "--once", "--source", "https://gazette.example/feed"],
        ["status", "everything"],
        ["add"],
        ["add", "https://gazette.example/", "--vertical", "none"],
        ["import"],
        ["explain"],
        ["split"],
        ["join"],
        ["join", "urn:x:1"],
        ["withdraw"],
    ],
    ids=" ".join,
)
def test_an_error_of_usage_exits_with_2(folder: Path, arguments: list[str]) -> None:
    configure(folder)
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("Usage: ")
    assert not list(folder.glob("broadsheet.db*"))


def test_a_source_that_is_none_of_ours_is_named(folder: Path) -> None:
    configure(folder)
    refused = run("pull", "--once", "--source", "https://gazette.example/feed")
    assert "https://gazette.example/feed is not a source of config.toml" in refused.stderr


# ---- what every command says of a bad start -----------------------------------------------------

BAD = '[sit]\n\n[pull]\ninterval = "soon"\n\n[[sources]]\ntitle = "Gazette"\n'
EVERY_COMMAND = (
    ["serve"],
    ["pull"],
    ["pull", "--once"],
    ["status"],
    ["check"],
    ["add", "https://gazette.example/"],
    ["import", "list.opml"],
    ["opml"],
    ["explain", "urn:x:1"],
    ["split", "urn:x:1"],
    ["join", "urn:x:1", "urn:x:2"],
    ["withdraw", "urn:x:1"],
)


def test_every_problem_of_config_toml_is_told_by_line(folder: Path) -> None:
    (folder / "config.toml").write_text(BAD)
    told = run("serve", "--port", "0")
    assert (told.exit_code, told.stdout) == (1, "")
    lines = told.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"config.toml:{n}" for n in (1, 4, 6)]
    assert not list(folder.glob("broadsheet.db*"))


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=" ".join)
@pytest.mark.parametrize("text", [BAD, "[site", "\0", '[site]\ntitle = "${NO_SUCH_NAME}"\n'])
def test_no_command_begins_on_a_bad_config(folder: Path, command: list[str], text: str) -> None:
    (folder / "config.toml").write_text(text)
    refused = run(*command)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert all(line.startswith("config.toml") for line in refused.stderr.splitlines())


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=" ".join)
def test_a_config_that_is_not_there_is_named(folder: Path, command: list[str]) -> None:
    refused = run(*command, "--config", "else/where.toml")
    assert refused.exit_code == 1
    todo = "make one with broadsheet init, or name another with --config"
    assert refused.stderr == f"else/where.toml: there is no such file; {todo}\n"


@pytest.mark.parametrize("command", EVERY_COMMAND[:4], ids=" ".join)
@pytest.mark.parametrize("store", ["no/such/folder.db", "seeds", "notes.db", "config.toml/no.db"])
def test_a_store_that_cannot_be_one_is_one_line(
    folder: Path, command: list[str], store: str
) -> None:
    (folder / "notes.db").write_text("not a database, but somebody's notes\n" * 50)
    configure(folder, more=f'[server]\nport = 0\n[store]\nurl = "sqlite:///{store}"')
    refused = run(*command)
    assert refused.exit_code == 1
    assert is_one_line(refused)
    assert f"{folder / store}: cannot be used as a store" in refused.stderr


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("no-such-host.invalid", None),
        ("192.0.2.1", os.strerror(errno.EADDRNOTAVAIL)),
        ("..", None),
    ],
)
def test_a_host_where_one_cannot_listen_is_one_line(
    folder: Path, host: str, why: str | None
) -> None:
    configure(folder)
    refused = run("serve", "--host", host, "--port", "0")
    assert refused.exit_code == 1
    assert is_one_line(refused)
    assert f"cannot listen on {host} port 0 ({why or ''}" in refused.stderr
    assert "Unknown error" not in refused.stderr


def test_the_config_may_be_named_by_option_or_by_environment(folder: Path) -> None:
    configure(folder)
    (folder / "bad.toml").write_text(BAD)
    assert run("status", BROADSHEET_CONFIG="bad.toml").stderr.startswith("bad.toml:1: ")
    assert run("status", "--config", "bad.toml").stderr.startswith("bad.toml:1: ")
    assert run("status", "--config", "config.toml", BROADSHEET_CONFIG="bad.toml").exit_code == 0


# ---- pull ---------------------------------------------------------------------------------------


def test_one_round_tells_each_source_and_the_sums(folder: Path, origin: Origin) -> None:
    configure(folder, origin.url("/feed"))
    told = broadsheet(folder, "pull", "--once")
    assert told.returncode == 0
    assert told.stdout == (
        f"{origin.url('/feed')}: 2 new\n"
        "1 pulled, 0 failed, 2 new, 0 revised, 0 merged, 0 withdrawn\n"
    )
    again = run("pull", "--once")
    assert again.exit_code == 0
    assert again.stdout == "0 pulled, 0 failed, 0 new, 0 revised, 0 merged, 0 withdrawn\n"
    assert len(origin.requests) == 1


def test_a_source_that_fails_is_told_and_the_round_exits_with_3(
    folder: Path, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    origin.answer("/gone", response(404))
    configure(folder, origin.url("/feed"), origin.url("/gone"))
    told = run("pull", "--once")
    assert told.exit_code == 3
    assert told.stdout.endswith("2 pulled, 1 failed, 2 new, 0 revised, 0 merged, 0 withdrawn\n")
    assert f"{origin.url('/gone')}: answered 404 Not Found" in caplog.text


def test_all_asks_what_is_not_due_but_only_as_politeness_allows(
    folder: Path, origin: Origin
) -> None:
    configure(folder, origin.url("/feed"))
    run("pull", "--once")
    too_soon = run("pull", "--once", "--all")
    assert too_soon.stdout == "0 pulled, 0 failed, 0 new, 0 revised, 0 merged, 0 withdrawn\n"
    politeness_is_over(folder)
    later = run("pull", "--once", "--all")
    assert later.stdout.startswith(f"{origin.url('/feed')}: nothing new\n1 pulled, 0 failed")
    assert [request.field("If-None-Match") for request in origin.requests] == [None, '"1"']


def politeness_is_over(folder: Path) -> None:
    """Makes it two hours later for who asks before something is due."""
    with closing(sqlite3.connect(folder / "broadsheet.db")) as store, store:
        store.execute(
            "UPDATE source_state SET earliest_pull_at = earliest_pull_at - 7200,"
            " last_pull_at = last_pull_at - 7200"
        )


def test_one_source_can_be_asked_alone(folder: Path, origin: Origin) -> None:
    origin.serve("/other", FEED)
    configure(folder, origin.url("/feed"), origin.url("/other"))
    told = run("pull", "--once", "--source", origin.url("/other"))
    assert told.stdout.startswith(f"{origin.url('/other')}: 2 new\n1 pulled, ")
    assert [request.path for request in origin.requests] == ["/other"]


def test_a_round_for_a_machine_is_an_object_a_line(folder: Path, origin: Origin) -> None:
    origin.answer("/gone", response(404))
    configure(folder, origin.url("/feed"), origin.url("/gone"))
    told = run("pull", "--once", "--json")
    assert told.exit_code == 3
    *sources, sums = [json.loads(line) for line in told.stdout.splitlines()]
    by_address = {one.pop("source"): one for one in sources}
    assert by_address.keys() == {origin.url("/feed"), origin.url("/gone")}
    assert by_address[origin.url("/feed")] == {
        "error": None,
        "new": 2,
        "revised": 0,
        "merged": 0,
        "withdrawn": 0,
    }
    assert "404" in by_address[origin.url("/gone")]["error"]
    assert sums == {"pulled": 2, "failed": 1, "new": 2, "revised": 0, "merged": 0, "withdrawn": 0}


def test_a_password_in_an_address_is_told_to_nobody(
    folder: Path, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    address = origin.url("/feed?key=hidden-key").replace("://", "://reader:hidden-word@")
    origin.answer("/feed?key=hidden-key", response(500))
    configure(folder, address)
    outputs = [run("pull", "--once"), run("status"), run("status", "--json")]
    assert [one.exit_code for one in outputs] == [3, 3, 3]
    assert "hidden" not in "".join(one.output for one in outputs) + caplog.text


def test_pull_alone_pulls_until_it_is_stopped(tmp_path: Path, origin: Origin) -> None:
    (tmp_path / "seeds").mkdir()
    configure(tmp_path, origin.url("/feed"))
    with running(tmp_path, "pull", to=subprocess.DEVNULL) as pulling:
        while not origin.requests:
            time.sleep(0.02)
        pulling.send_signal(signal.SIGTERM)
        assert pulling.wait(PATIENCE) == 0


# ---- add ----------------------------------------------------------------------------------------

TECH = '[verticals.tech]\ntitle = "Small Boats"\n[verticals.science]'


def sources(folder: Path) -> tuple[Source, ...]:
    read = config.read(folder / "config.toml", {"WORD": "hidden"})
    assert isinstance(read, Settings), read
    return read.sources


def test_add_finds_the_feed_behind_a_page_and_adds_it(folder: Path, origin: Origin) -> None:
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/feed"></html>'
    origin.serve("/", page, content_type="text/html")
    configure(folder, more=TECH)
    before = (folder / "config.toml").read_text()
    told = run("add", origin.url("/"), "--vertical", "tech", "--vertical", "science")
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.splitlines() == [
        origin.url("/feed"),
        "  Gazette, RSS, entries: 2",
        "added to config.toml, in tech, science",
    ]
    assert (folder / "config.toml").read_text() == (
        f'{before}\n[[sources]]  # Gazette\nurl = "{origin.url("/feed")}"\n'
        'verticals = ["tech", "science"]\n'
    )
    (agent,) = {request.field("User-Agent") for request in origin.requests}
    assert agent == f"Broadsheet/{version('broadsheet')}"


def test_add_names_the_newest_entry_and_tells_who_asks(folder: Path, origin: Origin) -> None:
    dated = FEED.replace(b"</title><guid", b"</title><pubDate>2026-01-05</pubDate><guid")
    origin.serve("/dated", dated)
    configure(folder, more='[site]\ncontact = "editor@gazette.example"')
    told = run("add", origin.url("/dated"))
    assert "  Gazette, RSS, entries: 2, newest: 2026-01-05\n" in told.stdout
    assert str(origin.requests[0].field("User-Agent")).endswith(" (+editor@gazette.example)")


def test_what_is_there_already_is_told_and_not_asked_for(folder: Path, origin: Origin) -> None:
    page = f'<html><a href="{origin.url("/feed")}">RSS</a></html>'.encode()
    origin.serve("/", page, content_type="text/html")
    configure(folder, origin.url("/feed"))
    before = (folder / "config.toml").read_text()
    told = run("add", origin.url("/feed/?utm_source=page"))
    assert told.exit_code == 0
    assert told.stdout.endswith(" is in config.toml already; nothing added\n")
    assert origin.requests == []
    behind = run("add", origin.url("/"))
    assert behind.exit_code == 0
    assert behind.stdout.endswith("\nit is in config.toml already; nothing added\n")
    assert (folder / "config.toml").read_text() == before


def test_where_no_feed_is_found_all_that_was_tried_is_told(folder: Path, origin: Origin) -> None:
    configure(folder)
    refused = run("add", origin.url("/none?key=hidden"))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"broadsheet: no feed found at {origin.url('/none?key=***')}; nothing added; "
        "give the address of the feed itself\n"
        f"  {origin.url('/none?key=***')}: answered 404 Not Found; check the address\n"
    )


def test_a_vertical_that_is_none_is_told_with_those_there_are(folder: Path) -> None:
    configure(folder, more=TECH)
    refused = run("add", "https://gazette.example/", "--vertical", "tehc")
    assert "'tehc' is no vertical of config.toml; there are: tech, science" in refused.stderr


def test_a_secret_of_the_environment_stays_there(
    folder: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORD", "hidden")
    origin.serve("/feed?key=hidden", FEED)
    configure(folder)
    told = run("add", origin.url("/feed?key=${WORD}"))
    assert told.exit_code == 0
    assert "hidden" not in told.output + (folder / "config.toml").read_text()
    assert [source.address for source in sources(folder)] == [origin.url("/feed?key=hidden")]


def test_a_secret_that_comes_back_in_another_address_is_not_written(
    folder: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORD", "hidden")
    page = b'<html><link rel=feed href="/feed?key=hidden"></html>'
    origin.serve("/hidden", page, content_type="text/html")
    origin.serve("/feed?key=hidden", FEED)
    configure(folder)
    refused = run("add", origin.url("/${WORD}"))
    assert refused.exit_code == 1
    assert "hidden" not in refused.output + (folder / "config.toml").read_text()
    assert "write it into config.toml yourself, with ${NAME} for the secret" in refused.stderr


def test_a_variable_that_is_not_set_is_told(folder: Path) -> None:
    configure(folder)
    refused = run("add", "https://gazette.example/${NO_SUCH_NAME}")
    assert refused.exit_code == 1
    assert is_one_line(refused)
    assert "URL needs the environment variable 'NO_SUCH_NAME', which is not set" in refused.stderr


@pytest.mark.parametrize("command", ["add", "import"])
def test_a_config_that_cannot_be_written_is_told(
    folder: Path, origin: Origin, command: str
) -> None:
    configure(folder)
    # Its name leaves no room for that of a file beside it: root may write anywhere else.
    file = (folder / "config.toml").rename(folder / f"{'a' * 245}.toml")
    (folder / "list.opml").write_text(LIST)
    given = origin.url("/feed") if command == "add" else "list.opml"
    refused = run(command, given, "--config", file.name)
    assert refused.exit_code == 1
    assert refused.stderr.endswith(
        f"{file.name}: cannot be edited (File name too long); "
        "see to the permissions of the file and its folder\n"
    )
    assert "added" not in refused.stdout


# ---- import and opml ----------------------------------------------------------------------------

LIST = """<opml version="1.0"><body><outline text="Small Boats & Kettles">
<outline text="Small boats"><outline text="A & B" xmlUrl="https://a.example/feed" type=rss>
<outline text="Old" xmlUrl="feed.xml"/></outline>
<outline xmlUrl="https://b.example/feed" htmlUrl="https://b.example/" category="/Science">
"""


def test_import_adds_the_sources_of_a_list_and_tells_what_is_no_use(folder: Path) -> None:
    configure(folder, "https://www.b.example/feed/", more=f"# mine\n{TECH}")
    before = (folder / "config.toml").read_text()
    (folder / "list.opml").write_text(LIST)
    told = run("import", "list.opml")
    assert (told.exit_code, told.stdout) == (
        0,
        "config.toml: 1 added, 1 already there, 1 unusable\n",
    )
    assert [line.partition("; ")[0] for line in told.stderr.splitlines()] == [
        "list.opml:1: the folder 'Small Boats & Kettles' is no vertical",
        "list.opml:3: 'feed.xml' is not an http or https address",
    ]
    assert (folder / "config.toml").read_text().startswith(before)
    assert sources(folder)[1:] == (
        Source(address="https://a.example/feed", title="A & B", verticals=("tech",)),
    )
    assert run("import", "list.opml").stdout.startswith("config.toml: 0 added, 2 already there")


def test_import_reads_standard_input(folder: Path) -> None:
    configure(folder)
    told = CliRunner().invoke(main, ["import", "-"], input=LIST, catch_exceptions=False)
    assert told.exit_code == 0
    assert "standard input:3: 'feed.xml' is not" in told.stderr
    assert len(sources(folder)) == 2


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "list.opml: cannot be read (No such file or directory)"),
        ("<rss/>", "list.opml: not a subscription list: it has no <opml> element"),
    ],
)
def test_a_file_that_is_no_list_is_one_line(folder: Path, body: str | None, why: str) -> None:
    configure(folder)
    if body:
        (folder / "list.opml").write_text(body)
    refused = run("import", "list.opml")
    assert refused.exit_code == 1
    assert is_one_line(refused)
    assert why in refused.stderr


def test_a_list_without_a_source_exits_with_1(folder: Path) -> None:
    configure(folder)
    (folder / "list.opml").write_text("<opml><body></body></opml>")
    told = run("import", "list.opml")
    assert told.exit_code == 1
    assert told.stdout == "config.toml: 0 added, 0 already there, 0 unusable\n"


def test_every_captured_list_is_imported_whole(folder: Path) -> None:
    lists = CORPUS / "opml"
    if not lists.is_dir():
        pytest.skip(f"no corpus: {lists} is not there (set FEED_CORPUS)")
    configure(folder)
    known = 0
    for file in sorted(lists.iterdir()):
        told = run("import", str(file))
        counts = [int(n) for n in re.findall(r"\b(\d+) (?:added|already|unus)", told.stdout)]
        named = {s.address for s in listed(file.read_bytes())}
        assert (told.exit_code, sum(counts[:2]), counts[2]) == (0, len(named), 0), file.name
        known += counts[0]
        assert len(sources(folder)) == known
    assert known > 300


def listed(body: bytes) -> tuple[Source, ...]:
    found = listing(body, {})
    assert isinstance(found, Listing)
    return found.sources


def test_a_list_of_ours_gives_the_same_sources_again(folder: Path) -> None:
    configure(
        folder,
        more=TECH
        + """
        [[sources]]
        url = "https://a.example/?x=1&y=\u00fc"
        title = "A <b> & \\"c\\""
        site_url = "https://a.example/"
        verticals = ["science", "tech"]
        [[sources]]
        url = "https://b.example/feed"
        enabled = false
        [[sources]]
        url = "http://c.example/feed"
        verticals = ["science"]
        """,
    )
    before = sources(folder)
    told = run("opml")
    assert (told.exit_code, told.stderr) == (0, "")
    root = ET.fromstring(told.stdout)
    assert (root.tag, root.attrib) == ("opml", {"version": "2.0"})
    (folder / "ours.opml").write_text(told.stdout)
    configure(folder, more=TECH)
    assert run("import", "ours.opml").stdout.startswith("config.toml: 3 added, ")
    again = sources(folder)
    key = attrgetter("address")
    assert [replace(s, verticals=tuple(sorted(s.verticals))) for s in sorted(again, key=key)] == [
        replace(s, verticals=tuple(sorted(s.verticals))) for s in sorted(before, key=key)
    ]


def test_a_source_stands_in_the_folder_of_each_of_its_verticals(folder: Path) -> None:
    both = '[[sources]]\nurl = "https://a.example/"\nverticals = ["tech", "science"]\n'
    configure(folder, more=f"{TECH}\n[verticals.empty]\n{both}")
    body = ET.fromstring(run("opml").stdout).find("body")
    assert body is not None
    assert [(o.attrib["text"], o.attrib["title"], len(o)) for o in body] == [
        ("tech", "Small Boats", 1),
        ("science", "Science", 1),
    ]


def test_an_address_that_is_secret_is_in_no_list(folder: Path) -> None:
    configure(
        folder,
        "https://ada:hidden@a.example/",
        "https://b.example/${WORD}",
        'https://c.example/hidden"\nprivate = true #',
        "https://d.example/",
    )
    told = run("opml", WORD="hidden")
    assert "hidden" not in told.output
    assert "https://d.example/" in told.stdout
    assert told.stderr == "broadsheet: not in the list, as their addresses are secret: 3\n"


# ---- status -------------------------------------------------------------------------------------


def test_the_status_of_a_new_store_is_empty(folder: Path) -> None:
    configure(folder)
    told = run("status")
    assert (told.exit_code, told.stdout) == (0, "0 sources, 0 entries, 0 stories\n")


def test_the_status_names_each_source_with_its_health(folder: Path, origin: Origin) -> None:
    origin.answer("/gone", response(404))
    configure(folder, origin.url("/feed"), origin.url("/gone"))
    (folder / "seeds" / "lighthouses.txt").write_text(SEED)
    run("pull", "--once")
    told = run("status")
    assert told.exit_code == 3
    assert f"{origin.url('/feed')}  Gazette" in told.stdout
    assert "answered 404 Not Found" in told.stdout
    assert told.stdout.endswith("3 sources, 3 entries, 3 stories\n")


def test_the_status_for_a_machine_is_json(folder: Path, origin: Origin) -> None:
    configure(folder, origin.url("/feed"))
    run("pull", "--once")
    told = run("status", "--json")
    assert told.exit_code == 0
    said = json.loads(told.stdout)
    assert said["totals"] == {"sources": 1, "entries": 2, "stories": 2}
    (source,) = said["sources"]
    assert source["address"] == origin.url("/feed")
    assert (source["health"], source["error"]) == ("ok", None)


def test_a_title_cannot_write_to_the_terminal(folder: Path, origin: Origin) -> None:
    hostile = {"version": "https://jsonfeed.org/version/1.1", "title": "\x1b[31mRed\n\x9b2J\u202e"}
    origin.serve("/feed", json.dumps(hostile | {"items": []}).encode())
    configure(folder, origin.url("/feed"))
    told = run("pull", "--once").output + run("status").output
    assert "Red" in told
    assert not {"\x1b", "\x9b", "\u202e"} & set(told)


# ---- check --------------------------------------------------------------------------------------


def test_a_good_folder_is_called_good(folder: Path) -> None:
    contact = '[site]\ncontact = "editor@gazette.example"\n'
    tech = '[verticals.tech]\nkeywords = ["kettle"]\n'
    (folder / "config.toml").write_text(contact + tech)
    (folder / "seeds" / "lighthouses.txt").write_text(SEED)
    told = run("check")
    assert (told.exit_code, told.output) == (0, "config.toml: 1 verticals, 0 sources: good\n")


def test_a_warning_is_no_problem(folder: Path) -> None:
    configure(folder)
    told = run("check")
    assert told.exit_code == 0
    assert told.output == f"{WITHOUT_CONTACT}config.toml: 0 verticals, 0 sources: good\n"


def test_a_seed_with_a_mistake_is_a_problem_by_file_and_line(folder: Path) -> None:
    configure(folder, more="[verticals.tech]")
    (folder / "seeds" / "lighthouses.txt").write_text(SEED.replace("\ntech\n", "\ntech, sport!\n"))
    (folder / "seeds" / "half.txt").write_text("A title alone\n")
    told = run("check", "--config", str(folder / "config.toml"))
    assert told.exit_code == 1
    assert "seeds/half.txt:1: the title or the publication is missing" in told.output
    assert "seeds/lighthouses.txt" in told.output
    assert "good" not in told.output
    assert not list(folder.glob("broadsheet.db*"))


# ---- init ---------------------------------------------------------------------------------------


def test_what_init_makes_is_good_and_can_be_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = broadsheet(tmp_path, "init")
    assert made.stdout == "made config.toml and seeds/; next: broadsheet serve\n"
    assert (made.returncode, made.stderr) == (0, "")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["config.toml", "seeds"]
    checked = run("check", "--config", "config.toml")
    assert checked.exit_code == 0
    assert checked.stdout.startswith(WITHOUT_CONTACT)
    assert checked.stdout.endswith(" sources: good\n")
    config = tmp_path / "config.toml"  # its sources are real, and no test asks them
    config.write_text(config.read_text().partition("\n[[sources]]")[0])
    with serving(tmp_path) as service:
        feed = service.get("/feeds/science.json")
        assert feed.status == 200
        assert json.loads(feed.body)["items"]
        assert service.get("/world").status == 200
        assert service.end(signal.SIGINT) == 0


@pytest.mark.parametrize("name", ["config.toml", "seeds"])
def test_init_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    refused = run("init")
    assert refused.exit_code == 1
    assert refused.output == f"broadsheet: {name} is here already; run init in an empty folder\n"
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_init_says_where_it_cannot_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").symlink_to("no-such-folder/config.toml")
    refused = run("init")
    assert refused.exit_code == 1
    assert is_one_line(refused)
    assert f"{tmp_path}: cannot be written to (No such file or directory)" in refused.stderr


def test_the_help_shows_what_to_begin_with_a_line_each() -> None:
    told = run("--help").stdout
    assert "  broadsheet serve              the whole service\n" in told
    assert "  explain   Tell why a story is what it is, and in which feeds it stands.\n" in told
    assert "  withdraw  Take a story out of every feed, for good.\n" in told
    assert "\\" not in told


# ---- withdrawing a story ------------------------------------------------------------------------


def test_a_story_is_withdrawn_by_id_or_page_and_let_in_again(folder: Path) -> None:
    configure(
        folder,
        more='[store]\nurl = "sqlite:///store.db"\n[site]\nbase_url = "https://news.example"',
    )
    with Newsroom(folder) as room:
        room.give(GAZETTE, item("kettle"))
        story = room.only()
        done = run("withdraw", story.id)
        assert (done.exit_code, done.stdout) == (0, f"{story.id}: withdrawn\n")
        assert room.window() == ()
        page = f"https://news.example/stories/{story.page_id}"
        done = run("withdraw", "--undo", page)
        assert (done.exit_code, done.stdout) == (0, f"{story.id}: back in its feeds\n")
        assert room.only().id == story.id


def test_an_id_of_no_story_is_one_line_and_1(folder: Path) -> None:
    configure(folder)
    told = run("withdraw", "urn:x:\x1b[2Jnone")
    assert told.exit_code == 1
    assert is_one_line(told)
    assert "no such story; give the id that a feed has for it" in told.stderr
    assert told.stderr[:-1].isprintable()


# ---- files --------------------------------------------------------------------------------------


def test_an_export_tells_what_it_wrote_and_what_it_did_not(folder: Path) -> None:
    configure(folder, more='[store]\nurl = "sqlite:///store.db"')
    with Newsroom(folder) as room:
        room.give(GAZETTE, item("kettle"))
    first = run("export", "out/of/here")
    assert first.exit_code == 0, first.stderr
    line, *rest = first.stdout.splitlines()
    written = re.fullmatch(r"out/of/here: documents written: (\d+), unchanged: 0, removed: 0", line)
    assert written
    assert rest[0] == "not exported, answered by the program alone:"
    assert rest[1:] == [f"  {what}" for what in DYNAMIC]
    assert "About kettle" in (folder / "out/of/here/feeds/all.atom").read_text()


def test_a_folder_of_something_else_is_one_line_and_1(folder: Path) -> None:
    configure(folder)
    told = run("export", "seeds/..")
    assert told.exit_code == 1
    assert is_one_line(told)
    assert "is not empty, and nothing was ever exported to it; name a folder" in told.stderr


def test_what_an_export_leaves_out_is_what_the_documents_say() -> None:
    page = (Path(__file__).parent.parent / "docs" / "export.md").read_text()
    assert all(f"\n  {what}\n" in page for what in DYNAMIC)
