"""The readers: what stands in config.toml → the typed value, or a complaint.

No complaint repeats a value that came from the environment, where the secrets are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path

from aggregator.model import Search
from aggregator.search import MOST_WORDS, author_key, parse
from aggregator.verticals import FIELDS, looked_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Why a value will not do: `what` goes on after "'key' in [table]", `todo` is the way out."""

    what: str
    todo: str


class FromEnvironment(str):
    """A string that holds something from the environment, and so is never to be shown."""

    __slots__ = ()


Reader = Callable[[object], object]
"""Gives the typed value or a `Complaint`."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A key that holds a list, each element of which has this reader; `or_one`: alone, too."""

    each: Reader
    or_one: bool = False


def shown(name: str) -> str:
    """Give a name as it may stand in a problem: quoted, its control characters escaped, short."""
    return repr(str(name) if len(name) <= _SHOWN else f"{name[:_SHOWN]}…")


_SHOWN = 60


def nearest(name: str, known: Sequence[str]) -> str:
    """Say which of the known names was probably meant, or else which there are."""
    close = get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known here: {', '.join(map(repr, known))}"


# ---- text ---------------------------------------------------------------------------------------

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 2.2 forbids, and the control characters that it only discourages."""


_QUOTE = "put it in quotation marks"


def prose(value: object) -> object:
    """Text, possibly none, with every run of white space made one space."""
    if not isinstance(value, str):
        return Complaint(what="must be text", todo=_QUOTE)
    line = " ".join(value.split())
    if _UNPRINTABLE.search(line):
        return Complaint(what="holds control characters", todo="remove them")
    return line


def title(value: object) -> object:
    """Text, and some."""
    return prose(value) or Complaint(what="is empty", todo="write something, or remove it")


def phrase(value: object) -> object:
    """A word or phrase to look for in entries, in all of them or in the field it begins with."""
    text = title(value)
    if not isinstance(text, str):
        return text
    field, found = looked_for(text)
    if not found:
        todo = 'write a word or phrase, such as "sponsored" or "title: sponsored"'
        return Complaint(what="holds no word to look for", todo=todo)
    slip = get_close_matches(text.partition(":")[0].casefold(), FIELDS, n=1, cutoff=_SLIP)
    if slip and ":" in text and not field:
        return Complaint(
            what=f"begins almost as '{slip[0]}:' would", todo="write that, or leave out the colon"
        )
    return text


_SLIP = 0.77  # "titel" and "categories" are meant, "next" is not


def search(value: object) -> object:
    """What to look for, as `?q=` has it."""
    text = prose(value)
    if not isinstance(text, str):
        return text
    found = parse(text)
    if isinstance(found, Search):
        return text
    todo = f'write at most {MOST_WORDS} words, "phrases" among them, and -words to leave out'
    return Complaint(what=found or "is empty", todo=todo)


def author(value: object) -> object:
    """A name with a word in it."""
    text = title(value)
    if isinstance(text, str) and not author_key(text):
        return Complaint(what="holds no name", todo="write it as feeds have it")
    return text


def token(value: object) -> object:
    """What lets an operator in: it goes through header fields as it is (RFC 6750 2.1, RFC 7617)."""
    if isinstance(value, str) and re.fullmatch(r"[!-~]{8,200}", value):
        return str(value)
    return Complaint(
        what="must be 8 to 200 ASCII characters without a space",
        todo='write "${NAME}" and set that variable, to what `openssl rand -hex 20` gives, say',
    )


def choice(*names: str) -> Reader:
    """Give the reader of one of these words."""
    *others, last = (f'"{name}"' for name in names)
    listed = f"{', '.join(others)} or {last}"
    complaint = Complaint(what=f"must be {listed}", todo="write one of them, in quotation marks")

    def read(value: object) -> object:
        return str(value) if isinstance(value, str) and value in names else complaint

    return read


def shaped(pattern: str, *, must: str, todo: str) -> Reader:
    """Give the reader of texts that match a pattern as a whole, whatever their case."""
    shape = re.compile(pattern, re.ASCII | re.IGNORECASE)

    def read(value: object) -> object:
        if isinstance(value, str) and shape.fullmatch(value):
            return str(value)
        return Complaint(what=must, todo=todo)

    return read


language = shaped(
    r"(?:[a-z]{2,8}|[ix](?=-))(?:-[a-z0-9]{1,8})*",  # RFC 5646 2.1, without its registry
    must="must be a language tag (BCP 47)",
    todo='write one such as "en" or "pt-BR"',
)

contact = shaped(
    # Stands in a comment of our User-Agent, which parentheses would end (RFC 9110 5.6.5).
    r"https?://[!-'*-\[\]-~]+|[!-'*-?A-\[\]-~]+@[!-'*-?A-\[\]-~]+",
    must="must be an e-mail or web address",
    todo='write one such as "editor@example.org"',
)

host = shaped(
    r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*(?:%[a-z0-9._-]+)?",
    must="must be a host name or an IP address",
    todo='write one such as "127.0.0.1", without a port; "0.0.0.0" is every interface',
)


def one_of(names: Sequence[str]) -> Reader:
    """Give the reader of the name of a vertical, where these are defined."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            return Complaint(what="must be the name of a vertical", todo=_QUOTE)
        if value in names:
            return str(value)
        if isinstance(value, FromEnvironment):
            todo = "set the variable to one that is defined"
            return Complaint(what="names an unknown vertical", todo=todo)
        todo = nearest(value, names) if names else "define it in a table [verticals.NAME]"
        return Complaint(what=f"names the unknown vertical {shown(value)}", todo=todo)

    return read


# ---- numbers ------------------------------------------------------------------------------------


def flag(value: object) -> object:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    return Complaint(
        what="must be true or false", todo="write true or false, without quotation marks"
    )


def whole(least: int, most: int) -> Reader:
    """Give the reader of whole numbers from `least` to `most`; `"${PORT}"` may be one."""

    def read(value: object) -> object:
        if isinstance(value, FromEnvironment) and re.fullmatch(r"-?[0-9]{1,9}", value):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        return Complaint(
            what=f"must be a whole number from {least} to {most}",
            todo="write it without quotation marks or unit",
        )

    return read


def number(least: float, most: float) -> Reader:
    """Give the reader of numbers from `least` to `most`, whole or not; `"${SCORE}"` may be one."""
    complaint = Complaint(
        what=f"must be a number from {least} to {most}",
        todo=f"write one such as {(least + most) / 2}, without quotation marks",
    )

    def read(value: object) -> object:
        if isinstance(value, FromEnvironment) and _NUMBER.fullmatch(value):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return complaint
        return float(value) if least <= value <= most else complaint

    return read


_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?")

_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_BYTES = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
}


def _amount(text: str, units: dict[str, int]) -> int | None:
    """Read `10MB` or `30m` into the smallest of the units."""
    match = re.fullmatch(r"([0-9]{1,15})([A-Za-z]*)", text)
    unit = units.get(match[2].lower()) if match else None
    return int(match[1]) * unit if match and unit else None


def duration(least: str, most: str) -> Reader:
    """Give the reader of durations between two that are written in the same way."""
    low, high = (_amount(limit, _MILLISECONDS) or 0 for limit in (least, most))

    def read(value: object) -> object:
        amount = _amount(value, _MILLISECONDS) if isinstance(value, str) else None
        if amount is not None and low <= amount <= high:
            return timedelta(milliseconds=amount)
        return Complaint(
            what=f"must be a duration from {least} to {most}",
            todo='write one such as "500ms", "90s", "30m", "1h" or "1d"',
        )

    return read


def spoken(value: timedelta) -> str:
    """Write a duration as config.toml does: `1h`."""
    amount = value // timedelta(milliseconds=1)
    unit = max(
        (unit for unit, size in _MILLISECONDS.items() if amount % size == 0),
        key=_MILLISECONDS.__getitem__,
    )
    return f"{amount // _MILLISECONDS[unit]}{unit}"


def size(least: str, most: str) -> Reader:
    """Give the reader of sizes in bytes between two that are written in the same way."""
    low, high = (_amount(limit, _BYTES) or 0 for limit in (least, most))

    def read(value: object) -> object:
        amount = _amount(value, _BYTES) if isinstance(value, str) else None
        if amount is not None and low <= amount <= high:
            return amount
        return Complaint(
            what=f"must be a size from {least} to {most}",
            todo='write one such as "256kB", "10MB" or "1GiB"',
        )

    return read


# ---- files --------------------------------------------------------------------------------------


def folder(value: object) -> object:
    """A path, which counts from the folder of config.toml."""
    if isinstance(value, str) and value and not _UNPRINTABLE.search(value):
        return Path(value)
    return Complaint(what="must be the path of a folder", todo='write one such as "seeds"')


def keep(value: object) -> object:
    """How long stories are kept."""
    if value == "forever":
        return value
    todo = "remove it: no story is removed in this version"
    return Complaint(what='must be "forever"', todo=todo)


def store_url(value: object) -> object:
    """The path in a `sqlite:///` address."""
    text = value if isinstance(value, str) else ""
    path = text.removeprefix("sqlite:///")
    todo = 'write one such as "sqlite:///broadsheet.db"'
    if text.startswith(("postgres:", "postgresql:", "postgresql+")):
        return Complaint(
            what="asks for PostgreSQL, which is not available in this version", todo=todo
        )
    # A store in memory would be another one for each thread; SQLAlchemy reads options after a `?`.
    if path in {text, "", ":memory:"} or "?" in path or _UNPRINTABLE.search(path):
        return Complaint(what="must be a sqlite:/// address with the path of a file", todo=todo)
    return Path(path)
