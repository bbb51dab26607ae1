"""RSS, RDF and Atom, by feedparser: the only door to it.

It gets bytes and headers, never an address to open, and neither sanitizes nor rewrites HTML:
`markup` does that once. What it decides silently and wrongly (dates) is taken as text.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.sax import SAXParseException

import feedparser
import feedparser.api

from aggregator.model import Category, Enclosure, ParsedEntry, ParsedFeed, Person, Text, Unreadable

# A guid is a string and an atom:id is never resolved (RFC 4287 4.2.6.1): feedparser would make
# "123" an address of the host that the document came from, and another one when the source moves.
for _parser in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
    _parser.can_be_relative_uri = _parser.can_be_relative_uri - {"id"}

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
    (b"<\0", "utf-16le"),
    (b"\0<", "utf-16be"),
)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARATION = re.compile(rb"<\?xml[^>]*>")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_MARKUP = re.compile(rb"[\xef\xbb\xbf\xfe\xff\0\s]*<")
_MAILBOX = re.compile(r"(?P<email>[^\s@()<>]+@[^\s@()<>]+)(?:\s*\((?P<name>.*)\))?")
_NAMED_MAILBOX = re.compile(r"(?P<name>.*?)\s*[<(](?P<email>[^\s@()<>]+@[^\s@()<>]+)[>)]")
# feedparser takes no top-level domain to have more than four letters: of RSS's `a@b.example (Name)`
# it leaves `a@b.exam` and `ple (Name`.
_CUT_ADDRESS = re.compile(r"@.*\.[a-zA-Z]{4}$")
_CUT = re.compile(r"(?P<rest>[a-z]+)(?: \((?P<name>.+))?")
# "&#55357;&#56832;" is no XML, but how many feeds write an emoji; feedparser raises there.
_SURROGATES = re.compile(rb"(?:&#(?:[xX][dD][89a-fA-F][0-9a-fA-F]{2}|5[5-7][0-9]{3});)+")
_UNIT = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")
# What feedparser raises where it meets "&#xD800;", a misplaced element, a charset that is none.
_DEFECTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
_LONGEST_LENGTH = 15


def read(
    body: bytes, url: str, content_type: str | None, content_language: str | None
) -> ParsedFeed | Unreadable:
    """An XML feed, well-formed or not; Unreadable if there is no feed in it."""
    # Content-Location gives relative addresses their base: without it one entry's xml:base leaks
    # into the next ones.
    headers = {"content-location": url, "content-type": _xml_type(body, content_type)}
    if content_language:
        headers["content-language"] = content_language
    try:
        result = feedparser.parse(
            io.BytesIO(_SURROGATES.sub(_paired, body)),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _DEFECTS as error:
        return Unreadable(reason=f"malformed beyond repair ({error})")
    malformed = result.get("bozo_exception")
    if not isinstance(malformed, SAXParseException):
        malformed = None
    if not result.entries and (malformed or not result.version):
        return _unreadable(body, malformed)
    feed, atom = result.feed, result.version.startswith("atom")
    return ParsedFeed(
        title=_text(feed.get("title_detail")),
        id=_string(feed.get("id")),
        site_url=_link(feed, atom=atom),
        updated=_updated(feed) or _string(feed.get("published")),
        language=_string(feed.get("language")),
        authors=_people(feed, atom=atom),
        base=url,
        entries=tuple(_entry(entry, atom=atom) for entry in result.entries),
    )


def _paired(written: re.Match[bytes]) -> bytes:
    """Halves of a character that were written as two, as one again; a half alone as U+FFFD."""
    units = (int(h, 16) if h else int(d) for h, d in _UNIT.findall(written[0]))
    text = b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "replace")
    return "".join(f"&#{ord(character)};" for character in text).encode()


def _xml_type(body: bytes, content_type: str | None) -> str:
    """What makes feedparser look for the charset as RFC 7303 3 has it.

    A byte order mark, then the header's charset, then the declaration, then UTF-8. By itself it
    takes what is served as text or as nothing at all for ASCII or Latin-1, as RFC 3023 had it.
    """
    marked = next((charset for mark, charset in _MARKS if body.startswith(mark)), None)
    said = _CHARSET.search(content_type or "")
    charset = marked or (said[1] if said else "")
    return f"application/xml; charset={charset}"


def _unreadable(body: bytes, malformed: SAXParseException | None) -> Unreadable:
    if _HTML.search(body[:4096]):
        return Unreadable(
            reason="an HTML page and not a feed; give the address of the site's feed itself"
        )
    if not _MARKUP.match(body):
        return Unreadable(reason="neither XML nor JSON, so no feed; check the address in a browser")
    if malformed is None:
        return Unreadable(reason="XML, but no feed: it is neither RSS nor Atom")
    # feedparser puts a declaration on a line of its own before a document that has none.
    line = (malformed.getLineNumber() or 1) - (not _DECLARATION.match(body))
    return Unreadable(
        reason=f"malformed, with no entry that can be read ({malformed.getMessage()})", line=line
    )


def _entry(entry: Mapping[str, Any], *, atom: bool) -> ParsedEntry:
    content = next(iter(_contents(entry)), None)
    summary = entry.get("summary_detail")
    shown = content or summary or entry.get("title_detail") or {}
    guid, link = _string(entry.get("id")), _link(entry, atom=atom)
    published, updated = _string(entry.get("published") or entry.get("created")), _updated(entry)
    return ParsedEntry(
        guid=guid,
        link=link,
        title=_text(entry.get("title_detail")),
        summary=_text(summary),
        content=_text(content),
        authors=_people(entry, atom=atom) or _people(entry.get("source") or {}, atom=atom),
        # RSS knows no updates: the one date of an RSS 1.0 item is its dc:date.
        published=published or (None if atom else updated),
        updated=updated,
        categories=_categories(entry),
        enclosures=_enclosures(entry),
        language=_string(entry.get("language") or shown.get("language")),
        base=_string(shown.get("base")),
    )


def _updated(where: Mapping[str, Any]) -> str | None:
    """Without feedparser's stand-in for a missing one, which is `published`, with a warning."""
    return _string(where["updated"]) if "updated" in where else None


def _contents(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entry's inline texts, HTML ones first (RFC 4287 4.1.3.3: any media type may come)."""
    inline = [c for c in entry.get("content", ()) if (c.get("value") or "").strip()]
    inline = [
        c for c in inline if (c.get("type") or "text/").startswith(("text/", "application/xhtml"))
    ]
    return sorted(inline, key=lambda c: "html" not in (c.get("type") or ""))


def _string(value: object) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None


def _text(detail: Mapping[str, Any] | None) -> Text | None:
    value = (detail or {}).get("value") or ""
    if detail is None or not value.strip():
        return None
    return Text(value=value, html="html" in (detail.get("type") or ""))


def _link(where: Mapping[str, Any], *, atom: bool) -> str | None:
    """The page of an entry or a source: its first alternate, an HTML one before any other.

    In RSS also a guid that is an address and does not say that it is no link. Never a `self` link.
    """
    alternates = [
        (href, "html" in (a.get("type") or ""))
        for a in where.get("links", ())
        if a.get("rel") == "alternate" and (href := _string(a.get("href")))
    ]
    pages = [href for href, is_html in alternates if is_html]
    others = [href for href, _ in alternates]
    guid = _string(where.get("link")) or ""
    own = [guid] if guid.startswith("http") and not atom else []
    return next(iter(pages + others + own), None)


def _people(where: Mapping[str, Any], *, atom: bool) -> tuple[Person, ...]:
    """Every author once, in order: `author` alone would be the last of them."""
    people = [_person(detail, atom=atom) for detail in where.get("authors", ())]
    if people and not atom and (written := _string(where.get("author"))):
        people[-1] = _written(written)
    found: dict[str, Person] = {}
    for person in people:
        # feedparser gives one without an e-mail address that of the author before.
        earlier = (other.email or "" for other in found.values())
        borrowed = person.email and any(email.startswith(person.email) for email in earlier)
        if person.name:
            found.setdefault(person.name, replace(person, email=None) if borrowed else person)
    return tuple(found.values())


def _person(detail: Mapping[str, Any], *, atom: bool) -> Person:
    name, email = _string(detail.get("name")), _string(detail.get("email"))
    cut = None if atom else _CUT.fullmatch(name or "")
    if cut and _CUT_ADDRESS.search(email or ""):
        name, email = cut["name"], f"{email}{cut['rest']}"
    return Person(name=name or email or "", uri=_string(detail.get("href")), email=email)


def _written(author: str) -> Person:
    """An author of RSS: `a@b.example (Name)` (RSS 2.0, RSSP 3.3), in the other order, or a name."""
    mailbox = _MAILBOX.fullmatch(author) or _NAMED_MAILBOX.fullmatch(author)
    if mailbox is None:
        return Person(name=author)
    return Person(name=(mailbox["name"] or "").strip() or mailbox["email"], email=mailbox["email"])


def _categories(entry: Mapping[str, Any]) -> tuple[Category, ...]:
    return tuple(
        dict.fromkeys(
            Category(term=term, scheme=_string(c.get("scheme")), label=_string(c.get("label")))
            for c in entry.get("tags", ())
            if (term := _string(c.get("term")))
        )
    )


def _enclosures(entry: Mapping[str, Any]) -> tuple[Enclosure, ...]:
    return tuple(
        dict.fromkeys(
            Enclosure(
                url=href,
                type=_string(e.get("type")),
                length=_length(e.get("length")),
                title=_string(e.get("title")),
            )
            for e in entry.get("enclosures", ())
            if (href := _string(e.get("href")))
        )
    )


def _length(value: object) -> int | None:
    said = _string(value) or ""
    return int(said) if said.isdecimal() and len(said) <= _LONGEST_LENGTH else None
