"""What the Tab key offers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.service import PATIENCE, _environment

CONFIG = """
[verticals.tech]
title = "Small Boats"
[verticals.tea]
[verticals.science]

[[sources]]
url = "https://gazette.example/feed"
title = "Merrow Gazette"
[[sources]]
url = "https://gazette.example:8443/feed"
[[sources]]
url = "http://herald.example/rss"
[[sources]]
url = "https://hidden.example/secret-path"
private = true
[[sources]]
url = "https://ada:hidden@hidden.example/"
[[sources]]
url = "https://hidden.example/?key=word"
[[sources]]
url = "https://hidden.example/${WORD}"
[[sources]]
url = "https://off.example/feed"
enabled = false
"""
OPEN = [
    "https://gazette.example/feed",
    "https://gazette.example:8443/feed",
    "http://herald.example/rss",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


def offered(folder: Path, *words: str, shell: str = "bash", **environ: str) -> list[str]:
    """What the program answers a shell that has these words, of which the last is not complete."""
    done = asked(folder, words, shell, **environ)
    assert (done.returncode, done.stderr) == (0, "")
    if shell == "zsh":
        return done.stdout.splitlines()[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in done.stdout.splitlines() if line]


def asked(
    folder: Path, words: Sequence[str], shell: str, **environ: str
) -> subprocess.CompletedProcess[str]:
    own = {
        "_BROADSHEET_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": "\n".join(("broadsheet", *words)),
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words)),
        "WORD": "hidden",
    }
    return subprocess.run(
        [PROGRAM],
        cwd=folder,
        env=_environment() | own | environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


PROGRAM = Path(sys.executable).parent / "broadsheet"


# ---- what there is ------------------------------------------------------------------------------


def test_commands_are_offered_without_hidden_ones(folder: Path) -> None:
    assert offered(folder, "e") == ["explain", "export"]
    assert "manual" not in offered(folder, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_verticals_are_those_of_config_toml(folder: Path, shell: str) -> None:
    found = offered(folder, "add", "example.org", "--vertical", "te", shell=shell)
    assert found == ["tech", "tea"]


def test_titles_are_shown_beside_names_where_a_shell_does_that(folder: Path) -> None:
    told = asked(folder, ("add", "--vertical", "tec"), "zsh").stdout
    assert told.split() == ["plain", "tech", "Small", "Boats"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_sources_are_those_that_are_asked_and_hold_no_secret(folder: Path, shell: str) -> None:
    found = offered(folder, "pull", "--once", "--source", "", shell=shell)
    assert [one.replace("\\:", ":") for one in found] == OPEN


def test_an_address_that_bash_has_taken_apart_is_completed(folder: Path) -> None:
    pieces = ("https", ":", "//gazette.example", ":", "84")
    assert offered(folder, "pull", "--source", *pieces[:1]) == OPEN[:2]
    assert offered(folder, "pull", "--source", *pieces[:2]) == [s[6:] for s in OPEN[:2]]
    assert offered(folder, "pull", "--source", *pieces[:3]) == [s[6:] for s in OPEN[:2]]
    assert offered(folder, "pull", "--source", *pieces) == ["8443/feed"]
    assert offered(folder, "pull", "--source", *pieces[:3], "--o") == ["--once"]
    assert offered(folder, "pull", "--source", "'https://gazette.example/") == OPEN[:1]


def test_a_list_to_import_is_a_file(folder: Path) -> None:
    assert asked(folder, ("import", "sub"), "bash").stdout == "file,sub\n"


@pytest.mark.parametrize("how", ["--config", "BROADSHEET_CONFIG"])
def test_config_toml_is_the_one_that_is_named(folder: Path, how: str) -> None:
    (folder / "other.toml").write_text("[verticals.other]\n")
    words = ["--config", "other.toml"] if how == "--config" else []
    environ = {} if words else {how: "other.toml"}
    assert offered(folder, "add", *words, "--vertical", "", **environ) == ["other"]


# ---- what there is not --------------------------------------------------------------------------


@pytest.mark.parametrize("text", [None, "", "[sit]", "[site", "\0", 'url = "${NO_SUCH_NAME}"\n'])
def test_where_config_toml_is_missing_or_bad_nothing_is_offered(
    folder: Path, text: str | None
) -> None:
    (folder / "config.toml").unlink()
    if text is not None:
        (folder / "config.toml").write_text(text)
    assert offered(folder, "add", "--vertical", "") == []
    assert offered(folder, "pull", "--source", "") == []


def test_a_pipe_that_is_called_config_toml_is_not_waited_for(folder: Path) -> None:
    (folder / "config.toml").unlink()
    os.mkfifo(folder / "config.toml")
    assert offered(folder, "pull", "--source", "") == []


@pytest.mark.parametrize(
    "environ",
    [
        {"_BROADSHEET_COMPLETE": "none_such"},
        {"_BROADSHEET_COMPLETE": "bash_complete", "COMP_CWORD": "no number"},
    ],
    ids=str,
)
def test_a_shell_that_asks_in_another_way_is_told_nothing(
    folder: Path, environ: dict[str, str]
) -> None:
    told = asked(folder, ("pull", ""), "bash", **environ)
    assert (told.returncode, told.stdout, told.stderr) == (1, "", "")


# ---- in a shell ---------------------------------------------------------------------------------

SCRIPT = """
eval "$(_BROADSHEET_COMPLETE=bash_source broadsheet)"
COMP_WORDS=(broadsheet pull --source https : //gazette.example/)
COMP_CWORD=5
_broadsheet_completion broadsheet
printf '%s\\n' "${COMPREPLY[@]}"
"""


def test_bash_completes_what_the_help_has_switched_on(folder: Path) -> None:
    path = f"{PROGRAM.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", SCRIPT],
        cwd=folder,
        env=_environment() | {"PATH": path, "WORD": "hidden"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("//gazette.example/feed\n", "")
