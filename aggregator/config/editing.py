"""Sources added to config.toml: what stands there keeps every byte, comments and layout too."""

from __future__ import annotations

import codecs
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import tomlkit

from aggregator.config import document
from aggregator.config.addresses import web_address
from aggregator.config.assembly import read_text
from aggregator.config.environment import literal
from aggregator.config.readers import title
from aggregator.markup import one_line
from aggregator.model import Problem
from aggregator.settings import Settings, Source
from aggregator.urls import absolute, source_key

_HEADER = re.compile(r"""(?m)^[ \t]*\[\[[ \t]*(["']?)sources\1[ \t]*\]\]""")
_ANY_HEADER = re.compile(r"(?m)^[ \t]*\[")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A source to be added. Of it are written: address, title, site_url, verticals and enabled.

    `url` is what is written for its address where that holds a `${NAME}`; `note` becomes a comment.
    """

    source: Source
    url: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What was added, as it now stands in the file, and how many were there already."""

    added: tuple[Source, ...]
    known: int


def add(
    file: Path, wanted: Iterable[Addition], environ: Mapping[str, str]
) -> Edited | tuple[Problem, ...]:
    """Add sources to config.toml, behind those that are there.

    The file is replaced as a whole, and only by a text that reads as it did before with the new
    sources behind the old ones; a symbolic link stays, and so do permissions, the ends of lines and
    a byte order mark. A source that is there already, under any spelling of its address, is passed
    over, and a title or site_url that config.toml could not hold is left out.

    Returns:
        What was done; or the problems of a file that was not good before, is too large now, or
        cannot be written. Then nothing has changed.
    """
    text = document.text(file)
    if isinstance(text, Problem):
        return (text,)
    before = read_text(file, text, environ)
    if not isinstance(before, Settings):
        return before
    new, known = _new(before, wanted)
    if not new:
        return Edited(added=(), known=known)
    added = tuple(one.source for one in new)
    after = replace(before, sources=(*before.sources, *added))
    for edited in _edits(text, new):
        if read_text(file, edited, environ) == after:
            problem = _write(file, edited)
            return (problem,) if problem else Edited(added=added, known=known)
    what = "is written in a way to which no source can be added"
    return (Problem(file=str(file), line=None, what=what, todo="add it by hand"),)


def _new(settings: Settings, wanted: Iterable[Addition]) -> tuple[list[Addition], int]:
    """Those that are not there yet, each once and as config.toml can hold them; how many are."""
    keys = {source_key(source.address) for source in settings.sources}
    new, known = [], 0
    for one in wanted:
        key = source_key(one.source.address)
        if key in keys:
            known += 1
        else:
            keys.add(key)
            new.append(replace(one, source=_tidy(one.source)))
    return new, known


def _tidy(source: Source) -> Source:
    """A source out of a list of any origin, as the readers of config.toml would give it."""
    name, site = title(source.title), web_address(source.site_url)
    return Source(
        address=source.address
        if web_address(source.address) == source.address
        else absolute(source.address, None) or source.address,
        title=name if isinstance(name, str) else None,
        site_url=site if isinstance(site, str) else None,
        verticals=source.verticals,
        enabled=source.enabled,
    )


# ---- the text -----------------------------------------------------------------------------------


def _edits(text: str, new: Sequence[Addition]) -> Iterator[str]:
    """The ways to write them into a text, the best first; one of them may be wrong.

    A text is searched for headers line by line, and within a string of several lines there may be
    some that are none. Who asks has to read what comes of it.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    blocks = end.join(_block(one, end) for one in new)
    place = _behind_sources(text)
    if place is not None:
        gap = "" if text.startswith(end, place) else end
        yield f"{text[:place]}{end}{blocks}{gap}{text[place:]}"
    start = text if not text or text.endswith(end) else text + end
    gap = "" if not start or start.endswith(end * 2) else end
    yield f"{start}{gap}{blocks}"
    yield from _in_list(text, new)


def _behind_sources(text: str) -> int | None:
    """Where the last source ends, if another table follows; None where the text ends with it.

    Comments right under its keys are the source's; what a blank line sets apart belongs to what
    follows.
    """
    headers = list(_HEADER.finditer(text))
    following = _ANY_HEADER.search(text, headers[-1].end()) if headers else None
    if following is None:
        return None
    lines = text[: following.start()].splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if line.strip() and line.lstrip()[0] != "#")
    blank = next((n for n in range(last, len(lines)) if not lines[n].strip()), last + 1)
    return sum(map(len, lines[:blank]))


def _block(one: Addition, end: str) -> str:
    """A table of its own, as people write it."""
    note = one_line(one.note, 80)
    lines = ["[[sources]]" + (f"  # {note}" if note else "")]
    lines += [f"{key} = {tomlkit.item(value).as_string()}" for key, value in _values(one).items()]
    return "".join(line + end for line in lines)


def _in_list(text: str, new: Sequence[Addition]) -> Iterator[str]:
    """The text with tables added to `sources = [{ url = … }]`, behind which no header may stand."""
    tree = tomlkit.parse(text)
    listed = tree.get("sources")
    if isinstance(listed, tomlkit.items.Array):
        for one in new:
            table = tomlkit.inline_table()
            table.update(_values(one))
            listed.append(table)
        yield tomlkit.dumps(tree)


def _values(one: Addition) -> dict[str, str | list[str] | bool]:
    source = one.source
    values: dict[str, str | list[str] | bool] = {"url": one.url or literal(source.address)}
    if source.title:
        values["title"] = literal(source.title)
    if source.site_url:
        values["site_url"] = literal(source.site_url)
    if source.verticals:
        values["verticals"] = list(source.verticals)
    if not source.enabled:
        values["enabled"] = False
    return values


# ---- the file -----------------------------------------------------------------------------------


def _write(file: Path, text: str) -> Problem | None:
    """Put a text in the place of a file, whole or not at all; a link to it stays a link."""
    data = text.encode()
    if len(data) > document.MOST_BYTES:
        todo = "put the list into the seeds folder instead, as a file of its own"
        return Problem(file=str(file), line=None, what="would be over 5 MB", todo=todo)
    try:
        _replace(file.resolve(strict=True), data)
    except OSError as error:
        reason = error.strerror or "no reason given"
        todo = "see to the permissions of the file and its folder"
        return Problem(file=str(file), line=None, what=f"cannot be edited ({reason})", todo=todo)
    return None


def _replace(file: Path, data: bytes) -> None:
    about = file.stat()
    with file.open("r+b") as now:  # who may not write the file may not replace it either
        marked = now.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    number, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(number, "wb") as beside:
            beside.write(codecs.BOM_UTF8 * marked + data)
            beside.flush()
            with suppress(PermissionError):  # root alone may give a file away
                os.fchown(number, about.st_uid, about.st_gid)
            os.fchmod(number, about.st_mode & 0o7777)
            os.fsync(number)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
