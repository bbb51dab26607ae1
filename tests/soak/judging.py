"""Whether an answer is what its request allows, and what the store holds."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from aggregator.model import Selection
from aggregator.query import Query
from aggregator.settings import Settings
from feeds import conditional, selection
from feeds.library import OUTLINE, PAGE, Library, Wanted
from tests.soak.asking import ALSO, WRONG, Answer, Asked

SETTLED = 1.2
"""Seconds after a commit from which on every answer must show it."""

EVERY, FIRST = 500, 4
"""One of so many answers of a kind is compared, and the first of each quiet spell."""

MOST_TOLD = 40


class Watch:
    """The store as it says itself: when it last changed, and when its stories did."""

    def __init__(self, file: Path) -> None:
        self._store = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)
        self._version = 0
        self.changed_at = self.rose_at = 0.0
        self.revision = 0
        (self.site_id,) = self._one("SELECT value FROM meta WHERE name = 'site id'")

    def look(self) -> None:
        """Notice a commit."""
        (version,) = self._one("PRAGMA data_version")
        if version != self._version:
            self._version, self.changed_at = version, time.monotonic()
            (revision,) = self._one("SELECT revision FROM vertical_state WHERE vertical = 'all'")
            if revision > self.revision:
                self.revision, self.rose_at = revision, self.changed_at

    def is_quiet(self, at: float, seconds: float = SETTLED) -> bool:
        """Whether nothing was committed from so many seconds before then until now."""
        self.look()
        return self.changed_at + seconds < at

    def _one(self, query: str) -> tuple[Any, ...]:
        found: tuple[Any, ...] = self._store.execute(query).fetchone()
        return found


class Judge:
    """Says what is wrong with an answer, and compares some with what the store holds."""

    def __init__(self, settings: Settings, watch: Watch) -> None:
        self.told: Counter[tuple[str, int]] = Counter()
        self.compared: Counter[tuple[str, int]] = Counter()
        self.conditional = self.heads = self.undecided = self.faults = 0
        self._settings, self._watch = settings, watch
        self._query = Query(settings.store_url)
        self._defined = selection.defined(settings)
        self._bodies: dict[str, int] = {}
        self._quiet: Counter[str] = Counter()

    def judge(self, asked: Asked, answer: Answer, sent: float) -> None:
        """Count it, and print what is wrong with it."""
        self.told[asked.kind, answer.status] += 1
        self.conditional += bool(asked.validator)
        self.heads += asked.method == "HEAD"
        wrong = self._wrong(asked, answer)
        if not wrong and asked.kind != "wrong" and self._watch.is_quiet(sent):
            self._quiet[asked.kind] += 1
            if self._quiet[asked.kind] <= FIRST or self._quiet[asked.kind] % EVERY == 0:
                wrong = self._differs(asked, answer, sent)
        if wrong:
            self.fault(f"{wrong}\n  {asked}\n  {answer.head!r}")

    def begin_spell(self) -> None:
        """Have the next answers of each kind compared."""
        self._quiet.clear()

    def fault(self, what: str) -> None:
        """Tell it, unless too many are told."""
        self.faults += 1
        if self.faults <= MOST_TOLD:
            print(f"FAULT {what}", flush=True)

    def _wrong(self, asked: Asked, answer: Answer) -> str:
        """What no state of the store allows."""
        status, tag = answer.status, answer.field("etag")
        is_ours = asked.known is not None and tag == asked.known.tag
        if asked.kind == "wrong":
            return "" if status == WRONG[asked.path] else "another refusal"
        if status == 304:
            return "" if is_ours else "304 for what we do not have"
        if status != 200:
            is_said = status != 503 or answer.field("retry-after")
            is_told = status != 404 or "page=" in asked.path
            return "" if status in ALSO.get(asked.kind, ()) and is_said and is_told else "refused"
        if asked.path.endswith("z"):
            return "" if answer.body or asked.method == "HEAD" else "empty"
        if is_ours and "If-None" in asked.validator:
            return "200 for what we have"
        coding = conditional.accepted(asked.coding)
        if answer.field("content-encoding") != ("" if coding == conditional.IDENTITY else coding):
            return "in another coding"
        known = hash(answer.body) if asked.method == "GET" else 0
        is_same = not known or self._bodies.setdefault(tag, known) == known
        return "" if tag and is_same else "another body under an equal tag"

    def _differs(self, asked: Asked, answer: Answer, sent: float) -> str:
        """How it differs from what a new library makes of the store, which is still as it was."""
        wanted = wanted_by(asked.path, self._defined)
        if wanted is None or answer.status == 503:
            return ""
        coding = conditional.accepted(asked.coding) or conditional.IDENTITY
        library = Library(self._settings, self._watch.site_id, self._query)
        made = library.rendition(replace(wanted, coding=coding))
        if not self._watch.is_quiet(sent):
            return ""
        if made is None and wanted.selection.is_narrowed and answer.status != 404:
            self.undecided += 1
            return ""
        self.compared[asked.kind, answer.status] += 1
        if made is None or answer.status not in (200, 304):
            is_same = made is None and answer.status not in (200, 304)
            return "" if is_same else f"the store has {made and made.etag}"
        is_same = answer.field("etag") == made.etag
        if answer.status == 200:
            is_same = is_same and answer.field("content-type") == made.media_type
            is_same = is_same and (asked.method == "HEAD" or answer.body == made.body)
        ago = time.monotonic() - self._watch.changed_at
        return "" if is_same else f"the store has {made.etag}, for {ago:.2f} s"


def wanted_by(path: str, defined: selection.Defined) -> Wanted | None:
    """The document at an address, which is none of those that are wrong."""
    path, _, query = path.partition("?")
    parts = [unquote(part) for part in path.split("/")[1:]]
    if parts[0] == "stories":
        return Wanted(fmt=PAGE, story=parts[1])
    if parts[0] in ("feeds.opml", "healthz", "readyz"):
        return Wanted(fmt=OUTLINE) if parts[0] == "feeds.opml" else None
    last, _, fmt = parts[-1].rpartition(".")
    name = (parts[1] if len(parts) > 2 else last) if fmt and parts[0] == "feeds" else parts[0]
    found = selection.parse(name or "all", defined)
    assert isinstance(found, Selection)
    if parts[0] != "feeds":
        return Wanted(fmt=PAGE, selection=found)
    narrowed = selection.narrow(found, parse_qsl(query, keep_blank_values=True), defined)
    assert isinstance(narrowed, tuple)
    archive = int(last) if len(parts) > 2 else None
    return Wanted(fmt=fmt, selection=narrowed[0], page=narrowed[1], archive=archive)
