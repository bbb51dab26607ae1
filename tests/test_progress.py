"""How far a round has come, on a terminal and in a pipe."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.cli.progress import BEHIND, Bar, line, suits
from tests.loopback import Origin, response
from tests.service import PATIENCE, PROGRAM, _environment
from tests.terminal import on_a_terminal

FEED = b"""<rss version="2.0"><channel><title>Gazette</title>
<item><title>Kettle heard</title><guid>1</guid></item></channel></rss>"""
SUMS = "5 pulled, 1 failed, 4 new, 0 revised, 0 merged, 0 withdrawn"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A config.toml with four good sources and a broken one on loopback."""
    (tmp_path / "seeds").mkdir()
    with Origin() as origin:
        for number in range(4):
            origin.serve(f"/{number}", FEED)
        origin.answer("/4", response(404))
        pull = '[pull]\nallow_networks = ["127.0.0.0/8"]\nper_host_interval = "0s"\n'
        sources = "".join(f'[[sources]]\nurl = "{origin.url(f"/{n}")}"\n' for n in range(5))
        (tmp_path / "config.toml").write_text(pull + sources)
        yield tmp_path


def screen(written: str) -> list[str]:
    """What a terminal shows of it: a carriage return writes over, `BEHIND` clears the rest."""
    lines = [""]
    at = 0
    for mark in re.findall(r"\x1b\[K|\r|\n|.", written):
        if mark == "\n":
            lines.append("")
            at = 0
        elif mark == "\r":
            at = 0
        elif mark == BEHIND:
            lines[-1] = lines[-1][:at]
        else:
            lines[-1] = lines[-1][:at] + mark + lines[-1][at + 1 :]
            at += 1
    return lines


# ---- a round ------------------------------------------------------------------------------------


def test_a_terminal_gets_a_bar_and_in_the_end_only_what_failed_and_the_sums(folder: Path) -> None:
    code, written, _ = on_a_terminal(folder, "pull", "--once")
    assert code == 3
    assert "/5 sources" in written
    failure, sums, end = screen(written)
    assert failure.endswith("/4: answered 404 Not Found; check the address")
    assert (sums, end) == (SUMS, "")
    assert "\x1b" not in written.replace(BEHIND, "")


def test_a_pipe_gets_plain_lines_while_the_terminal_shows_the_bar(folder: Path) -> None:
    code, written, piped = on_a_terminal(folder, "pull", "--once", piped=True)
    assert code == 3
    *sources, sums = piped.splitlines()
    assert (len(sources), sums) == (4, SUMS)
    assert "/5 sources" in written
    assert "\x1b" not in piped
    assert screen(written)[-1] == ""


def test_objects_for_a_machine_come_without_a_bar(folder: Path) -> None:
    _, written, piped = on_a_terminal(folder, "pull", "--once", "--json", piped=True)
    assert BEHIND not in written
    assert len(piped.splitlines()) == 6


def test_where_nothing_is_due_there_is_nothing_but_the_sums(folder: Path) -> None:
    on_a_terminal(folder, "pull", "--once")
    code, written, _ = on_a_terminal(folder, "pull", "--once")
    assert code == 0
    assert written == "0 pulled, 0 failed, 0 new, 0 revised, 0 merged, 0 withdrawn\r\n"


def test_when_nobody_reads_the_lines_any_more_the_round_goes_on(folder: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, "pull", "--once", "--json"],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait(PATIENCE) == 3
    assert told.count(": 1 new\n") == 4
    assert "Traceback" not in told
    assert "Broken" not in told


def test_lines_that_find_no_room_are_told_of_once_and_the_round_goes_on(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, "pull", "--once"],
            cwd=folder,
            env=_environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr.count(": 1 new\n") == 4
    assert done.stderr.count("the lines cannot be written (No space left on device)") == 1


# ---- the line -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "expected", "columns", "told"),
    [
        (1, 4, 60, "[##........] 1/4 sources  25%  0 failed  7 new"),
        (4, 4, 47, "[##########] 4/4 sources 100%  0 failed  7 new"),
        (4, 4, 46, "[##########] 4/4 sources 100%  0 failed  7 new"),
        (4, 4, 45, "4/4 sources 100%  0 failed  7 new"),
        (1, 4, 9, "1/4 sourc"),
        (5, 0, 80, "5 sources  0 failed  7 new"),
        (5, 3, 40, "5/5 sources 100%  0 failed  7 new"),
        (1, 2, 200, f"[{'#' * 20}{'.' * 20}] 1/2 sources  50%  0 failed  7 new"),
    ],
)
def test_the_line_says_how_far_it_is(done: int, expected: int, columns: int, told: str) -> None:
    shown = line(done, expected, 0, 7, columns)
    assert re.sub(r"#+\.*", "", shown) == re.sub(r"#+\.*", "", told)
    assert len(shown) <= columns


@given(st.integers(0), st.integers(0), st.integers(1, 300))
def test_the_line_is_never_wider_than_the_terminal(done: int, expected: int, columns: int) -> None:
    assert len(line(done, expected, done, expected, columns)) <= columns


# ---- the bar ------------------------------------------------------------------------------------


def test_lines_go_above_the_bar_and_closing_takes_it_away() -> None:
    stream = io.StringIO()
    with Bar(stream) as bar:
        bar.write("before\n")
        bar.show(lambda columns: f"bar {columns}")
        bar.write("a line that is longer\n")
        bar.write("")
        assert screen(stream.getvalue()) == ["before", "a line that is longer", "bar 79"]
        bar.show(lambda columns: f"too soon to be seen {columns}")
    stream.write("the sums\n")
    assert screen(stream.getvalue()) == ["before", "a line that is longer", "the sums", ""]


def test_a_bar_that_was_never_shown_leaves_no_trace() -> None:
    stream = io.StringIO()
    Bar(stream).close()
    assert stream.getvalue() == ""


@pytest.mark.parametrize(("term", "fits"), [("xterm", True), ("dumb", False), ("", False)])
def test_a_bar_needs_a_terminal_that_can_write_over(
    monkeypatch: pytest.MonkeyPatch, term: str, fits: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    assert not suits(io.StringIO())
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as terminal:
        assert suits(terminal) == fits
    os.close(master)
