"""Judges of our feeds that are not ours: the W3C's validator, a JSON Schema, a JavaScript reader.

The validator and the reader are no part of this project: where they are absent, tests skip.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[1]
_TOOL = ROOT.parent / "shared" / "tools" / "validate_feed.py"
_SCHEMA = json.loads((ROOT / "tests" / "json_feed_1_1.schema.json").read_text())
_SUBSCRIBE = """
import { parseFeed } from "feedsmith";
import { readFileSync } from "node:fs";
const seen = process.argv.slice(1).map((file) => parseFeed(readFileSync(file, "utf8")).feed);
console.log(JSON.stringify(seen));
"""


def validator() -> list[str]:
    """The command that judges a feed as the W3C does, its warnings too; skips without it."""
    python = os.environ.get("FEEDVALIDATOR_PYTHON", sys.executable)
    if not os.environ.get("FEEDVALIDATOR_HOME"):
        pytest.skip("FEEDVALIDATOR_HOME names no unpacked w3c/feedvalidator")
    if not _TOOL.exists():
        pytest.skip(f"{_TOOL} is absent")
    if subprocess.run([python, "-c", "import lxml, html5lib, rdflib"], check=False).returncode:
        pytest.skip(f"{python} lacks html5lib and rdflib: FEEDVALIDATOR_PYTHON may name another")
    return [python, str(_TOOL), "--strict", "--allow", "UnknownNamespace"]


def judge(*files: Path, base: str | None = None, allowed: Iterable[str] = ()) -> None:
    """Fail if the W3C finds a fault with these feeds, of classes that are not `allowed`."""
    options = ["--base", base] if base else []
    options += [word for name in allowed for word in ("--allow", name)]
    command = [*validator(), *options, *map(str, files)]
    judged = subprocess.run(command, capture_output=True, check=False, text=True)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def check_json_feed(body: bytes) -> None:
    """Fail if a body is no JSON Feed 1.1 as its specification has it."""
    jsonschema.Draft202012Validator(_SCHEMA).validate(json.loads(body))


def feedsmith(files: Iterable[Path]) -> list[dict[str, Any]]:
    """What feedsmith sees in these feeds; skips where Node or NODE_PATH lacks it."""
    folder = os.environ.get("NODE_PATH")
    if not folder or not (Path(folder) / "feedsmith").is_dir() or not shutil.which("node"):
        pytest.skip("NODE_PATH names no node_modules with feedsmith")
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", _SUBSCRIBE, *map(str, files)],
        cwd=Path(folder).parent,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    seen: list[dict[str, Any]] = json.loads(done.stdout)
    return seen
