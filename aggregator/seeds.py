"""A seed page, as captured, to the one entry that it holds.

A page is a list of numbered lines (docs/seeds.md): title; publication; by-line; AI
heading; paragraphs; `Verticals` and their names; where it was published first. Only the first two
and a paragraph must be there. `_page` says which line is what, everything else what a line means;
what is missing or odd is a `Problem` and costs the rest of the page nothing.
"""

from __future__ import annotations

import html
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from aggregator.model import ParsedEntry, ParsedFeed, Person, Problem, Text, Unreadable

# Text has next to no control characters; of random bytes read as Windows-1252 an eighth are.
_BINARY_SHARE = 0.05
# Words in an author's name; what is longer is a paragraph.
_LONGEST_NAME = 8
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\N{REPLACEMENT CHARACTER}]")
_HEADING = re.compile(r"AI[-‐‑–\s]Generated\s+Deep\s+Dive\s+Summary:?", re.IGNORECASE)
_VERTICALS = re.compile(r"Verticals:?", re.IGNORECASE)
_VERTICAL_WORD = re.compile(r"[\w-]+")
# The length keeps `_cut` quick on a page that is one endless line.
_VERTICAL_WORDS = re.compile(r"(?=.{1,500}$)[\w-]+(?:[\s,;&|/+·•]+[\w-]+)*")
_VERTICAL_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_ORIGINALLY = re.compile(r"^Originally\s+published\s+on\b\s*(.*?)(?:\s+on)?$", re.IGNORECASE)
_BY = re.compile(r"by(?:[\s:]+|$)", re.IGNORECASE)
# "And" is a surname, too.
_BETWEEN_NAMES = re.compile(r"[,;&，、،]|(?<!\S)(?:and|AND)(?!\S)")
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV|V|Ph\.?D|M\.?D|Esq)\.?", re.IGNORECASE)
_BEFORE_DATE = " \t\N{NO-BREAK SPACE},;:|•·–—-"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
# The date runs on to the last name, so it may begin anywhere; but it is whole and stands last,
# which is why April May and August Lane keep their names.
_DATE = re.compile(
    rf"(?:{_MONTH}\s*[0-9]{{1,2}}(?:\s*,\s*|\s+)[0-9]{{4}}"
    rf"|(?<![0-9])[0-9]{{1,2}}\.?\s*{_MONTH},?\s*[0-9]{{4}}"
    r"|(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|(?<![0-9])[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"
    r"|(?<![0-9])[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4})$",
    re.IGNORECASE,
)


class _Line(NamedTuple):
    """A line that is not blank, with its number in the file."""

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Byline:
    """What stands between publication and text: `lines` of it, none if it is missing."""

    lines: tuple[_Line, ...] = ()
    names: tuple[str, ...] = ()
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """Which line is what. `plain` are the paragraphs that no AI heading stands over.

    `verticals` are words, in lower case and not yet told apart; `first_on` is the publication that
    the last line names; `after` is what a capture leaves below it.
    """

    title: _Line
    publication: _Line
    byline: _Byline
    plain: tuple[_Line, ...]
    deep_dive: tuple[_Line, ...]
    verticals: tuple[_Line, ...]
    first_on: _Line | None
    published: str | None
    after: tuple[_Line, ...]
    last: int


def read(data: bytes, path: str, known: frozenset[str]) -> ParsedFeed | Unreadable:
    """Read one seed page.

    Args:
        data: The bytes of the file, in UTF-8, UTF-16 with a BOM, or Windows-1252.
        path: Where it lies below the seeds folder; the guid of its entry.
        known: The names that verticals which are run together are told apart by, in lower case.

    Returns:
        A feed that is titled as the publication and has exactly one entry. Paragraphs under the AI
        heading are its `deep_dive`, others its `summary`, as HTML. `published` is the date of the
        by-line, else that of the last line, as written there. `problems` are in the order of the
        page. `Unreadable` without a title, a publication or a paragraph.
    """
    page = _page(data)
    if isinstance(page, Unreadable):
        return page
    cuts = [(line, *_cut(word, known)) for line, word in page.verticals]
    entry = ParsedEntry(
        guid=path,
        title=Text(value=page.title.text, html=False),
        summary=_as_html(page.plain),
        authors=tuple(Person(name=name) for name in page.byline.names),
        published=page.published,
        publication=page.publication.text,
        deep_dive=tuple(line.text for line in page.deep_dive),
        verticals=tuple(dict.fromkeys(name for _, names, _ in cuts for name in names)),
    )
    problems = (
        Problem(file=path, line=line, what=what, todo=todo)
        for line, what, todo in _problems(page, [(line, rest) for line, _, rest in cuts if rest])
    )
    return ParsedFeed(
        title=Text(value=page.publication.text, html=False),
        entries=(entry,),
        problems=tuple(problems),
    )


def vertical_lines(data: bytes) -> frozenset[str]:
    """Give the words under `Verticals`, in lower case, not yet told apart: `{"techscience"}`.

    Empty where the page is unreadable or has no such part. For `known_names`.
    """
    page = _page(data)
    words = () if isinstance(page, Unreadable) else page.verticals
    return frozenset(word.text for word in words)


def known_names(configured: frozenset[str], lines: frozenset[str]) -> frozenset[str]:
    """Give the names that verticals may be told apart by.

    These are the `configured` ones, and of `lines` (see `vertical_lines`, of all seeds) those that
    have the form of a name and cannot be cut into others, as `techscience` into `tech` and more.
    """
    known = set(configured)
    for word in sorted(lines, key=len):  # what a name could be cut into is shorter than it
        if _VERTICAL_NAME.fullmatch(word) and _cut(word, known)[1]:
            known.add(word)
    return frozenset(known)


# ---- which line is what -------------------------------------------------------------------------


def _page(data: bytes) -> _Page | Unreadable:
    text = _decode(data)
    controls = len(_CONTROL.findall(text))
    if "\0" in text or controls > _BINARY_SHARE * len(text):
        return Unreadable(reason="the file is not text; save the page as plain text in UTF-8")
    stripped = (line.strip() for line in text.splitlines())
    lines = tuple(_Line(number, line) for number, line in enumerate(stripped, start=1) if line)
    if not lines:
        return Unreadable(reason="the file is empty; save the page again or remove the file")
    if len(lines) == 1 or _HEADING.fullmatch(lines[0].text) or _is_later_part(lines[1].text):
        return Unreadable(
            reason="the title or the publication is missing; begin with a line for each",
            line=lines[0].number,
        )
    foot = _originally_at(lines)
    shelf = _verticals_at(lines, foot)
    body = lines[2:shelf]
    heading = next((at for at, line in enumerate(body) if _HEADING.fullmatch(line.text)), len(body))
    above, deep_dive = body[:heading], body[heading + 1 :]
    byline = _byline(above, alone=len(above) == 1 and heading < len(body))
    first_on, first_date = _first_publication(lines[foot]) if foot < len(lines) else (None, None)
    plain = above[len(byline.lines) :]
    if not plain and not deep_dive:
        return Unreadable(
            reason="the page has no paragraph; put its text below the by-line",
            line=lines[-1].number,
        )
    return _Page(
        title=lines[0],
        publication=lines[1],
        byline=byline,
        plain=plain,
        deep_dive=deep_dive,
        verticals=tuple(
            _Line(line.number, word)
            for line in lines[shelf + 1 : foot]
            for word in _VERTICAL_WORD.findall(line.text.lower())
        ),
        first_on=first_on,
        published=byline.date or first_date,
        after=lines[foot + 1 :],
        last=lines[-1].number,
    )


def _decode(data: bytes) -> str:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    data = data.removeprefix(BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _is_later_part(text: str) -> bool:
    """Whether what stands in the publication's place is a part that comes after it."""
    before, date = _split_date(text)
    if date and (not before or _BY.match(before) or _ORIGINALLY.match(before)):
        return True
    return bool(_HEADING.fullmatch(text) or _VERTICALS.fullmatch(text))


def _originally_at(lines: Sequence[_Line]) -> int:
    """Where the line is that names the first publication; the number of lines if there is none.

    With a date it may be followed by what a capture leaves of a page's foot. A line above
    `Verticals` is a paragraph that begins with the same words.
    """
    for at in range(len(lines) - 1, 1, -1):
        text = lines[at].text
        if _VERTICALS.fullmatch(text):
            break
        if _ORIGINALLY.match(text) and (at == len(lines) - 1 or _split_date(text)[1]):
            return at
    return len(lines)


def _verticals_at(lines: Sequence[_Line], foot: int) -> int:
    """Where the last `Verticals` is that has only names below it, or nothing; else `foot`."""
    found = foot
    for at in range(foot - 1, 1, -1):
        if _VERTICALS.fullmatch(lines[at].text):
            found = at
            if at < foot - 1:
                break
        elif not _VERTICAL_WORDS.fullmatch(lines[at].text):
            break
    return found


# ---- what a line means --------------------------------------------------------------------------


def _byline(above: tuple[_Line, ...], *, alone: bool) -> _Byline:
    """Read the by-line off the lines above the text; `alone` if nothing else is above its heading.

    It is a by-line if nothing in it is too long for a name, and it ends in a date, is followed by
    one, or begins with `by` or is alone and is not a sentence ("By Monday the ice was gone.").
    """
    if not above:
        return _Byline()
    text, date = _split_date(above[0].text)
    used = 1
    if date is None and len(above) > 1:
        names_below, date_below = _split_date(above[1].text)
        if date_below and not names_below:
            used, date = 2, date_below
    by = _BY.match(text)
    names = _names(text[by.end() :] if by else text)
    is_name_line = bool(by or alone) and not _ends_as_sentence(text)
    if all(len(name.split()) <= _LONGEST_NAME for name in names) and (date or is_name_line):
        return _Byline(lines=above[:used], names=names, date=date)
    return _Byline()


def _names(text: str) -> tuple[str, ...]:
    names: list[str] = []
    for piece in _BETWEEN_NAMES.split(text):
        name = " ".join(piece.split())
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f", {name}"
        elif name:
            names.append(name)
    return tuple(names)


def _ends_as_sentence(text: str) -> bool:
    """Whether a full stop follows a word in lower case, and so no initial and no `Jr.`."""
    return text[-1:] in {".", "!", "?", "…", "。"} and not text.rsplit(maxsplit=1)[-1][0].isupper()


def _split_date(text: str) -> tuple[str, str | None]:
    """Give what stands before the full date at the end of `text`, and the date."""
    date = _DATE.search(text)
    if date is None:
        return text, None
    return text[: date.start()].rstrip(_BEFORE_DATE), " ".join(date.group().split())


def _first_publication(line: _Line) -> tuple[_Line, str | None]:
    """Give the publication and the date of `Originally published on PUBLICATION on DATE`."""
    text, date = _split_date(line.text.rstrip("."))
    return _Line(line.number, _ORIGINALLY.sub(r"\1", text)), date


def _as_html(paragraphs: Sequence[_Line]) -> Text | None:
    if not paragraphs:
        return None
    escaped = (html.escape(line.text, quote=False) for line in paragraphs)
    return Text(value="".join(f"<p>{text}</p>" for text in escaped), html=True)


def _cut(word: str, known: AbstractSet[str]) -> tuple[tuple[str, ...], str]:
    """Cut a word into known names, as far as that goes; give them and the rest.

    Of several ways the one with the fewest names is taken, then the one with the longest first.
    """
    ways: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(1, len(word) + 1):
        found = [
            (*names, word[start:end]) for start, names in ways.items() if word[start:end] in known
        ]
        if found:
            ways[end] = min(found, key=lambda names: (len(names), [-len(name) for name in names]))
    reached = max(ways)
    return ways[reached], word[reached:]


def _problems(page: _Page, unknown: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    """Give the line, what is missing or odd there, and what to do, in the order of the page."""
    byline = page.byline.lines[0].number if page.byline.lines else page.publication.number
    if not page.byline.names:
        yield byline, "no authors", 'name them on the third line, after "by "'
    if page.byline.date is None and any(map(str.isdigit, "".join(page.byline.names))):
        what = "the by-line has digits but no date that can be told from the names"
        yield byline, what, 'end it with the date, such as "February 13, 2026"'
    if page.published is None:
        what = "no date in the by-line or the last line"
        yield byline, what, 'end the by-line with one, such as "February 13, 2026"'
    if not page.verticals:
        yield page.last, "no verticals", 'add a line "Verticals" and their names on the next'
    for line, rest in unknown:
        todo = f"correct it, or add [verticals.{rest}] to config.toml"
        yield line, f'unknown vertical "{rest}"', todo
    name = page.publication.text
    if page.first_on is None:
        todo = f'end the page with "Originally published on {name} on M/D/YYYY"'
        yield page.last, "it does not say where it was published first", todo
    elif page.first_on.text.casefold().split() != name.casefold().split():
        what = f'the publication is "{page.first_on.text}" here and "{name}" at the top'
        yield page.first_on.number, what, "make the two equal"
    if page.after:
        yield page.after[0].number, "text below the end of the page is passed over", "remove it"
