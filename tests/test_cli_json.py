"""What `check` and `add` tell a machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feeds.cli import main
from tests.loopback import Origin, response

FEED = b"""<rss version="2.0"><channel><title>Gazette \x1b</title>
<item><title>Kettle heard</title><guid>1</guid><pubDate>2026-01-05</pubDate></item>
</channel></rss>""".replace(b"\x1b", b"&#x202e;")
CONFIG = """[pull]
allow_networks = ["127.0.0.0/8"]
per_host_interval = "0s"
[verticals.tech]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "config.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BROADSHEET_CONFIG", raising=False)
    return tmp_path


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as origin:
        origin.serve("/feed", FEED)
        yield origin


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--json"], catch_exceptions=False)


# ---- check --------------------------------------------------------------------------------------


def test_every_problem_of_config_toml_is_an_object(folder: Path) -> None:
    (folder / "config.toml").write_text('[sit]\n[pull]\ninterval = "soon"\n')
    told = run("check")
    assert (told.exit_code, told.stderr) == (1, "")
    first, second = json.loads(told.stdout)
    assert (first["file"], first["line"], first["severity"]) == ("config.toml", 1, "problem")
    assert first["what"].startswith("unknown table")
    assert first.keys() == {"file", "line", "what", "todo", "severity"}
    assert second["line"] == 3


def test_problems_of_seeds_come_with_warnings(folder: Path) -> None:
    (folder / "seeds" / "half.txt").write_text("A title alone\n")
    told = run("check")
    assert told.exit_code == 1
    seed, *warnings = json.loads(told.stdout)
    assert (seed["file"], seed["line"], seed["severity"]) == ("seeds/half.txt", 1, "problem")
    assert {one["severity"] for one in warnings} == {"warning"}
    assert {one["line"] for one in warnings} == {None}


def test_warnings_alone_exit_with_0_and_a_good_folder_is_an_empty_list(folder: Path) -> None:
    assert run("check").exit_code == 0
    keywords = 'keywords = ["kettle"]\n[site]\ncontact = "editor@gazette.example"\n'
    (folder / "config.toml").write_text(CONFIG + keywords)
    told = run("check")
    assert (told.exit_code, told.stdout) == (0, "[]\n")


# ---- add ----------------------------------------------------------------------------------------


def test_what_was_found_and_added_is_an_object(folder: Path, origin: Origin) -> None:
    told = run("add", origin.url("/feed"), "--vertical", "tech")
    assert told.exit_code == 0
    found = {
        "title": "Gazette",
        "format": "RSS",
        "entries": 1,
        "newest_at": "2026-01-05T00:00:00Z",
    }
    assert json.loads(told.stdout) == {
        "address": origin.url("/feed"),
        "added": True,
        "verticals": ["tech"],
        "found": found,
    }
    assert origin.url("/feed") in (folder / "config.toml").read_text()


def test_what_is_there_already_is_an_object_too(folder: Path, origin: Origin) -> None:
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/feed?k=word"></html>'
    origin.serve("/", page, content_type="text/html")
    origin.serve("/feed?k=word", FEED)
    run("add", origin.url("/"))
    behind = json.loads(run("add", origin.url("/")).stdout)
    assert (behind["address"], behind["added"]) == (origin.url("/feed?k=***"), False)
    assert (behind["verticals"], behind["found"]["entries"]) == ([], 1)
    itself = json.loads(run("add", origin.url("/feed?k=word")).stdout)
    assert (itself["added"], itself["found"]) == (False, None)


def test_where_nothing_is_found_it_is_one_error_and_no_object(origin: Origin, folder: Path) -> None:
    origin.answer("/none", response(404))
    told = run("add", origin.url("/none"))
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith("broadsheet: no feed found at ")
