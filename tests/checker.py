"""The Nu Html Checker, which is no part of this project: `VNU_JAR` names its vnu.jar."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

VNU_JAR = os.environ.get("VNU_JAR", "")
JAVA = shutil.which("java")
PATIENCE = 120
"""Seconds after which it has hung."""

# It says nothing at all of a file that it does not find: each run has one with a known fault.
_FAULTY = {".html": "<!doctype html><p>", ".css": "p { colour: red }"}

needs_checker = pytest.mark.skipif(
    not (JAVA and Path(VNU_JAR).is_file()),
    reason="VNU_JAR names no vnu.jar of the Nu Html Checker, or there is no java on PATH",
)


def errors_in(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Every error in these texts, a line each; what a name ends in is CSS where that is `.css`.

    Both kinds are checked apart: together the lines of HTML are counted wrongly.
    """
    found = []
    for suffix in _FAULTY:
        texts = [(n, t) for n, t in pages.items() if n.endswith(".css") == (suffix == ".css")]
        if texts:
            below = folder / f"checked-{suffix[1:]}"
            below.mkdir(exist_ok=True)
            found += _checked(texts, below, suffix)
    return found


def _checked(texts: list[tuple[str, str]], folder: Path, suffix: str) -> list[str]:
    names = {}
    for number, (name, text) in enumerate([("", _FAULTY[suffix]), *texts]):
        file = folder / f"{number}{suffix}"
        file.write_text(text, "utf-8")
        names[file.as_uri().replace("file:///", "file:/")] = name
    kinds = ["--css"] if suffix == ".css" else []
    options = ["--errors-only", "--format", "json", "--exit-zero-always", "--stdout", *kinds]
    files = [str(folder / f"{number}{suffix}") for number in range(len(names))]
    assert JAVA is not None
    done = subprocess.run(
        [JAVA, "-Xss4m", "-jar", VNU_JAR, *options, *files],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    messages = json.loads(done.stdout)["messages"]
    found = [(names.get(one.get("url"), "the checker"), one) for one in messages]
    assert any(name == "" for name, _ in found), f"it checks nothing: {done.stdout}{done.stderr}"
    return [
        f"{name}:{one.get('lastLine', '?')}: {one['message']} in {one.get('extract', '')!r}"
        for name, one in found
        if name
    ]
