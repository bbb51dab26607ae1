"""What a terminal shows of the sources and of what is wrong, and that a pipe gets plain lines."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from aggregator.model import Problem
from aggregator.settings import Source
from feeds.cli.tables import MOST_SOURCES, away, show_problems, show_status, spark
from feeds.report import Report
from tests.builders import NOW
from tests.loopback import Origin, response
from tests.reports import FAILING, HOSTILE, SECRET, of, of_source
from tests.service import broadsheet
from tests.terminal import on_a_terminal

FEED = b"""<rss version="2.0"><channel><title>[bold]Gazette[/bold] :smile:</title>
<item><title>Kettle heard</title><guid>1</guid></item></channel></rss>"""
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def lines(report: Report, monkeypatch: pytest.MonkeyPatch, columns: int = 120) -> list[str]:
    """The table on something that is so wide, and has no colours."""
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = io.StringIO()
    show_status(report, stream)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


# ---- the table ----------------------------------------------------------------------------------


def test_what_fails_comes_first_with_since_when_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    since = NOW - timedelta(days=3)
    failing = of_source(
        address="https://z.example/feed",
        title="Harbour Herald",
        failing_since=since,
        error="answered 500",
        last_success_at=None,
    )
    told = lines(of(of_source(), failing), monkeypatch)
    assert re.split("  +", told[0]) == [
        "Health",
        "Source",
        "Entries",
        "14 days",
        "Last success",
        "Next pull",
    ]
    assert re.fullmatch(r"failing +Harbour Herald +30 +\S{14} +never +in 60 min", told[1])
    assert told[2].strip() == "https://z.example/feed"
    assert told[3].strip() == "since February 11, 2026, 06:30 UTC (3 d ago): answered 500"
    assert re.fullmatch(r"ok +Merrow Gazette +30 +▁{12}█▄ +now +in 60 min", told[4])
    assert told[-1] == "2 sources, 1 failing; 30 entries, 25 stories"


def test_the_order_is_failing_gone_silent_and_the_rest_by_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = of_source(address="https://a.example/", silent_since=NOW - timedelta(days=90))
    gone = of_source(
        address="https://b.example/", gone=True, error="answered 410", next_pull_at=None
    )
    new = of_source(address="https://c.example/", last_success_at=None, next_pull_at=NOW)
    failing = of_source(address="https://d.example/", **FAILING)
    told = lines(of(silent, gone, new, failing, of_source()), monkeypatch)
    words = [line.split()[0] for line in told if line and not line.startswith(" ")]
    assert words == ["Health", "failing", "gone", "silent", "new", "ok", "5"]
    assert next(line for line in told if line.startswith("gone")).endswith("never")
    assert any("silent since November 16, 2025" in line for line in told)
    assert next(line for line in told if line.startswith("new")).endswith("never         due")
    assert told[-1] == "5 sources, 1 failing, 1 gone, 1 silent; 30 entries, 25 stories"


def test_where_a_source_has_moved_to_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = of_source(moved_to="https://new.example/feed")
    told = " ".join(" ".join(lines(of(moved), monkeypatch)).split())
    assert "has moved for good to https://new.example/feed; write that into" in told


@pytest.mark.parametrize("columns", [40, 60, 72, 80, 100, 130, 300])
def test_no_line_is_wider_than_the_terminal_and_the_names_stay_whole(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    failing = of_source(address="https://a.example/feed", error="answered 500 " * 9)
    told = lines(of(of_source(title="Der Hafenkurier"), failing), monkeypatch, columns)
    assert max(map(cell_len, told)) <= min(columns, 140)
    assert any("Der Hafenkurier" in line for line in told) == (columns >= 60)
    assert ("Last success" in told[0]) == (columns >= 100)
    assert ("days" in told[0]) == (columns >= 72)
    assert "Next pull" in told[0]


def test_a_table_without_sources_is_the_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines(of(), monkeypatch) == ["0 sources; 30 entries, 25 stories"]


def test_of_very_many_sources_those_that_fail_are_shown_and_how_many_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    well = [of_source(address=f"https://{n:04}.example/") for n in range(MOST_SOURCES + 3)]
    told = lines(of(*well, of_source(address="https://z.example/", **FAILING)), monkeypatch)
    assert told[1].startswith("failing")
    assert told[-2] == "and 4 more; all of them: broadsheet status | less"


def test_what_sources_say_is_neither_markup_nor_an_escape_sequence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    title = f"[bold red]{HOSTILE}[/] :smile:"
    hostile = of_source(title=title, error=title, failing_since=NOW)
    told = " ".join(line.strip() for line in lines(of(hostile), monkeypatch))
    assert len(re.findall(r"\[bold *red]", told)) == 2
    assert told.count(":smile:") == 2
    assert not CONTROLS.search(told)


def test_no_secret_of_an_address_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    private = "https://hidden.example/secret-path"
    named = (Source(address=private, private=True),)
    shown = of(of_source(address=SECRET), of_source(address=private), sources_named=named)
    told = "\n".join(lines(shown, monkeypatch))
    assert not re.search("kettle@|whistle|lid|secret-path", told)
    assert "https://***@gazette.example/feed?token=***" in told


# ---- sparks and times ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        ((), ""),
        ((0, 0), "▁▁"),
        ((0, 1), "▁█"),
        ((0, 1, 7), "▁▂█"),
        ((1000, 1, 500), "█▂▅"),
    ],
)
def test_a_spark_has_a_block_a_day(days: tuple[int, ...], shown: str) -> None:
    assert spark(days) == shown


@given(st.lists(st.integers(0, 10**9), max_size=40))
def test_in_a_spark_one_is_more_than_none_and_more_is_never_lower(days: list[int]) -> None:
    shown = spark(days)
    assert [block == "▁" for block in shown] == [count == 0 for count in days]
    assert sorted(shown) == [block for _, block in sorted(zip(days, shown, strict=True))]


@pytest.mark.parametrize(
    ("distance", "told"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=40), "in 40 min"),
        (timedelta(minutes=89), "in 89 min"),
        (timedelta(minutes=90), "in 2 h"),
        (timedelta(hours=35), "in 35 h"),
        (timedelta(hours=36), "in 2 d"),
        (timedelta(hours=-3), "3 h ago"),
        (timedelta(days=-400), "400 d ago"),
    ],
)
def test_moments_are_told_by_how_far_away_they_are(distance: timedelta, told: str) -> None:
    assert away(NOW + distance, NOW) == told
    assert away(None, NOW) == ""


# ---- at a terminal and in a pipe ----------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A store of two sources, of which one fails."""
    (tmp_path / "seeds").mkdir()
    with Origin() as origin:
        origin.serve("/feed", FEED)
        origin.answer("/gone", response(404))
        pull = '[pull]\nallow_networks = ["127.0.0.0/8"]\nper_host_interval = "0s"\n'
        sources = "".join(f'[[sources]]\nurl = "{origin.url(at)}"\n' for at in ("/feed", "/gone"))
        (tmp_path / "config.toml").write_text(pull + sources)
        assert broadsheet(tmp_path, "pull", "--once").returncode == 3
        yield tmp_path


def test_a_terminal_gets_a_table_in_colours_or_without_and_a_pipe_plain_lines(
    folder: Path,
) -> None:
    code, colourful, _ = on_a_terminal(folder, "status", columns=100)
    assert code == 3
    assert "31" in {part for found in ESCAPE.findall(colourful) for part in found.split(";")}
    told = ESCAPE.sub("", colourful)
    assert told.startswith("Health ")
    assert "[bold]Gazette[/bold] :smile:" in told
    assert told.index("failing") < told.index("ok")
    assert all(len(line) <= 100 for line in told.splitlines())

    _, grey, _ = on_a_terminal(folder, "status", columns=100, NO_COLOR="1")
    assert not {part for found in ESCAPE.findall(grey) for part in found.split(";")} & {"31", "32"}
    assert ESCAPE.sub("", grey).startswith("Health ")

    piped = broadsheet(folder, "status").stdout
    assert piped.endswith("\n2 sources, 1 entries, 1 stories\n")
    assert "\x1b" not in piped
    _, dumb, _ = on_a_terminal(folder, "status", TERM="dumb")
    assert dumb.replace("\r\n", "\n") == piped

    _, machine, _ = on_a_terminal(folder, "status", "--json")
    assert len(json.loads(machine)["sources"]) == 2


# ---- check --------------------------------------------------------------------------------------

BAD = '[sit]\n\n[pull]\ninterval = "soon"\n'


def test_problems_are_coloured_on_a_terminal_in_lines_that_stay_whole(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(BAD)
    piped = broadsheet(tmp_path, "check")
    assert (piped.returncode, piped.stdout, "\x1b" in piped.stderr) == (1, "", False)
    code, written, _ = on_a_terminal(tmp_path, "check", columns=60)
    assert code == 1
    assert ESCAPE.search(written)
    assert ESCAPE.sub("", written).replace("\r\n", "\n") == piped.stderr


def test_warnings_are_coloured_on_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "config.toml").write_text("")
    piped = broadsheet(tmp_path, "check").stdout
    assert " (warning)\n" in piped
    code, written, _ = on_a_terminal(tmp_path, "check")
    assert code == 0
    assert ESCAPE.sub("", written).replace("\r\n", "\n") == piped
    assert "33" in ESCAPE.findall(written)


def test_a_problem_cannot_write_to_the_terminal() -> None:
    stream = io.StringIO()
    problem = Problem(file="a\x1b[2J.toml", line=1, what=f"[red]{HOSTILE}", todo="mend\x9b it")
    show_problems([problem], [], stream)
    assert "[red]" in stream.getvalue()
    assert stream.getvalue().endswith("; mend it\n")
    assert not CONTROLS.search(stream.getvalue())


# ---- what it costs others -----------------------------------------------------------------------


@pytest.mark.parametrize("module", ["__main__", "cli.health", "cli.folder", "cli.pulling"])
def test_whoever_writes_to_no_terminal_does_not_import_rich(module: str) -> None:
    script = f"import sys, feeds.{module}; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
