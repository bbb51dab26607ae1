"""RSS, RDF and Atom, by feedparser: the only door to it.

It gets bytes and headers, never an address to open, and neither sanitizes nor rewrites HTML:
`markup` does that once. What it decides silently and wrongly (dates) is taken as text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import feedparser

from aggregator.model import Category, Enclosure, ParsedEntry, ParsedFeed, Person, Text, Unreadable

_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_MAILBOX = re.compile(r"^\s*(?P<email>[^\s@()<>]+@[^\s@()<>]+)\s*\((?P<name>.+)\)\s*$")


def read(
    body: bytes, url: str, content_type: str | None, content_language: str | None
) -> ParsedFeed | Unreadable:
    """An XML feed, well-formed or not; Unreadable if there is no feed in it."""
    # Content-Location gives relative addresses their base: without it one entry's xml:base leaks
    # into the next ones.
    headers = {"content-location": url}
    if content_type:
        headers["content-type"] = content_type
    if content_language:
        headers["content-language"] = content_language
    result = feedparser.parse(
        io.BytesIO(body),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not result.entries and (not result.version or result.bozo):
        return _unreadable(body, result)
    feed = result.feed
    return ParsedFeed(
        title=_text(feed.get("title_detail")),
        id=_string(feed.get("id")),
        site_url=_site_url(feed),
        updated=_string(feed.get("updated") or feed.get("published")),
        language=_string(feed.get("language")),
        authors=_people(feed),
        base=url,
        entries=tuple(
            _entry(entry, atom=result.version.startswith("atom")) for entry in result.entries
        ),
    )


def _unreadable(body: bytes, result: Mapping[str, Any]) -> Unreadable:
    if _HTML.search(body[:4096]):
        return Unreadable(
            reason="an HTML page and not a feed; give the address of the site's feed itself"
        )
    error = result.get("bozo_exception")
    line = getattr(error, "getLineNumber", lambda: None)()
    if not result.get("version") and body.lstrip()[:1] != b"<":
        return Unreadable(reason="neither XML nor JSON, so no feed; check the address in a browser")
    said = f" ({error})" if line is not None else ""
    return Unreadable(reason=f"malformed, with no entry that can be read{said}", line=line)


def _entry(entry: Mapping[str, Any], *, atom: bool) -> ParsedEntry:
    detail = next(iter(_contents(entry)), None)
    summary = entry.get("summary_detail")
    guid = _string(entry.get("id"))
    return ParsedEntry(
        guid=guid,
        permalink=bool(guid) and not atom and bool(entry.get("guidislink")),
        link=_link(entry),
        title=_text(entry.get("title_detail")),
        summary=_text(summary),
        content=_text(detail),
        authors=_people(entry) or _people(entry.get("source") or {}),
        published=_string(entry.get("published") or entry.get("created")),
        updated=_string(entry.get("updated")),
        categories=_categories(entry),
        enclosures=_enclosures(entry),
        language=_string((detail or summary or {}).get("language")),
        base=_string((detail or summary or entry.get("title_detail") or {}).get("base")),
    )


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


def _link(entry: Mapping[str, Any]) -> str | None:
    """The entry's own page: feedparser's choice, else the first alternate of any type."""
    if link := _string(entry.get("link")):
        return link
    alternates = (a for a in entry.get("links", ()) if a.get("rel", "alternate") == "alternate")
    return next((href for a in alternates if (href := _string(a.get("href")))), None)


def _site_url(feed: Mapping[str, Any]) -> str | None:
    """The source's own page, which is never its `self` link."""
    own = {a.get("href") for a in feed.get("links", ()) if a.get("rel") == "self"}
    link = _link(feed)
    return None if link in own else link


def _people(where: Mapping[str, Any]) -> tuple[Person, ...]:
    """Every author once, in order: `author` alone would be the last of them."""
    found: dict[str, Person] = {}
    details = where.get("authors") or [where.get("author_detail") or {}]
    for detail in details:
        name, email = _string(detail.get("name")), _string(detail.get("email"))
        if mailbox := _MAILBOX.match(name or ""):
            name, email = mailbox["name"].strip(), mailbox["email"]
        if name or email:
            person = Person(name=name or email or "", uri=_string(detail.get("href")), email=email)
            found.setdefault(person.name, person)
    return tuple(found.values())


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
                length=int(length) if (length := str(e.get("length") or "")).isdecimal() else None,
                title=_string(e.get("title")),
            )
            for e in entry.get("enclosures", ())
            if (href := _string(e.get("href")))
        )
    )
