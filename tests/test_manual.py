"""The help of every command, and the manual page that is made of it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from feeds.cli import main
from feeds.cli.manual import page
from feeds.cli.program import COMMANDS

KEPT = Path(__file__).parent.parent / "docs" / "broadsheet.1"
SHOWN = tuple(name for name in COMMANDS if name != "manual")
RENDERERS = {
    "groff": ("groff", "-ww", "-man", "-Tutf8", "-P-cbou"),
    "mandoc": ("mandoc", "-T", "utf8", "-W", "warning"),
    "man": ("man", "--warnings", "--encoding=UTF-8", "-l"),
}


def help_of(*command: str) -> str:
    told = CliRunner().invoke(main, [*command, "--help"], prog_name="broadsheet")
    assert told.exit_code == 0
    return told.output


def command_of(name: str) -> click.Command:
    command = main.get_command(click.Context(main), name)
    assert command
    return command


def examples(name: str) -> Iterator[str]:
    """What stands under `Examples:`, without what it is good for."""
    block = re.search(r"(?ms)^  Examples:\n(.*?)^$", help_of(name))
    assert block, name
    for line in block[1].splitlines():
        if not line.startswith(" " * 8):
            yield re.split(r"  +", line.strip())[0]


# ---- help ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHOWN)
def test_every_command_has_a_sentence_examples_and_exit_codes(name: str) -> None:
    told = help_of(name)
    first = command_of(name).get_short_help_str(limit=100)
    assert not first.endswith("...")
    assert f"  {first}" in told
    assert 2 <= len(list(examples(name))) <= 4
    codes = told.partition("  Exit codes:\n")[2].splitlines()
    assert [line.split()[0] for line in codes][:1] == ["0"]
    assert "    2  a wrong option or argument" in codes


@pytest.mark.parametrize("name", SHOWN)
def test_every_example_can_be_typed(name: str) -> None:
    for example in examples(name):
        for part in re.split(r" (?:\||&&|;|>|<) ", example.replace("; ", " ; ")):
            program, *words = shlex.split(part)
            if program == "broadsheet":
                told, *arguments = words
                command_of(told).make_context(told, arguments)


@pytest.mark.parametrize("name", ["", *SHOWN])
def test_no_line_of_a_help_is_wider_than_a_terminal(name: str) -> None:
    told = help_of(*name.split())
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("name", SHOWN)
def test_every_option_is_explained(name: str) -> None:
    options = [p for p in command_of(name).params if isinstance(p, click.Option)]
    assert all(option.help for option in options)


def test_the_program_teaches_a_first_walk_and_how_to_have_names_completed() -> None:
    told = help_of()
    walk = re.findall(r"(?m)^    broadsheet (\w+)", told)
    assert walk == ["init", "add", "check", "serve"]
    assert "http://127.0.0.1:8000/feeds/all.atom" in told
    for shell in ("bash", "zsh", "fish"):
        assert f"_BROADSHEET_COMPLETE={shell}_source broadsheet" in told
    listed = re.findall(r"(?m)^  (\w+) {2,}", told.partition("Commands:\n")[2])
    assert tuple(listed) == SHOWN


# ---- the page -----------------------------------------------------------------------------------


def test_the_page_in_docs_is_what_the_command_writes() -> None:
    told = CliRunner().invoke(main, ["manual"])
    assert told.exit_code == 0
    todo = "make it anew: broadsheet manual > docs/broadsheet.1"
    assert told.stdout == KEPT.read_text(), todo


@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_page_is_rendered_without_a_warning(tmp_path: Path, renderer: str) -> None:
    told = rendered(tmp_path, page(main), renderer)
    for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "FILES", "ENVIRONMENT"):
        assert f"\n{heading}\n" in told
    assert "EXIT STATUS\n" in told
    assert "SEE ALSO\n" in told
    for name in SHOWN:
        assert f"broadsheet {name} [OPTIONS]" in told
    assert """in ~/.bashrc:  eval "$(_BROADSHEET_COMPLETE=bash_source broadsheet)\"""" in told
    assert max(map(len, told.splitlines())) <= 80


def test_every_option_is_in_the_page() -> None:
    told = page(main)
    for name in SHOWN:
        section = told.partition(f"\n.SS broadsheet {name}\n")[2].partition("\n.SS ")[0]
        for option in command_of(name).params:
            if isinstance(option, click.Option):
                assert f".B {option.opts[0]}".replace("-", "\\-") in section


def test_the_page_has_no_date_and_no_hidden_command() -> None:
    told = page(main)
    assert told.startswith('.TH BROADSHEET 1 "" ')
    assert "broadsheet manual" not in told
    assert told.isascii()


@pytest.mark.parametrize("renderer", RENDERERS)
def test_what_a_help_says_is_rendered_to_the_letter(tmp_path: Path, renderer: str) -> None:
    said = """.TH is \\fBno\\fR "request"…

\b
'so quote'   it's --as-is `here` ^~ \\n[x]
.ig is none either
  -x\\"no comment
"""

    @click.group(help=said, context_settings={"help_option_names": ["-h", "--help"]})
    def program() -> None:
        """Nothing."""

    told = rendered(tmp_path, page(program), renderer)
    assert 'broadsheet - .TH is \\fBno\\fR "request"…' in told
    for line in said.splitlines()[3:]:
        assert line in told


def rendered(folder: Path, text: str, renderer: str) -> str:
    """The page as a person reads it."""
    if not shutil.which(renderer):
        pytest.skip(f"{renderer} is not installed")
    (folder / "page.1").write_text(text)
    done = subprocess.run(
        [*RENDERERS[renderer], folder / "page.1"],
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return re.sub(r".\x08", "", done.stdout)
