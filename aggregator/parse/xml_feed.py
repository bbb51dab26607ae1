"""RSS, RDF and Atom, by feedparser: the only door to it.

It gets bytes and headers, never an address to open, and neither sanitizes nor rewrites HTML:
`markup` does that once. What it decides silently and wrongly (dates) is taken as text.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
from xml.sax import SAXParseException

import feedparser

from aggregator.model import ParsedFeed, Unreadable
from aggregator.parse import details, people, recording, tombstones, wishes, xml_entry
from aggregator.parse.bounds import MOST_ENTRIES, too_many

recording.teach()

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
# "&#55357;&#56832;" is no XML, but how many feeds write an emoji; feedparser raises there.
# It begins with what is found fast: as a group from the start on it took longer than expat.
_HALF = rb"(?:[xX][dD][89a-fA-F][0-9a-fA-F]{2}|5[5-7][0-9]{3});"
_SURROGATES = re.compile(rb"&#" + _HALF + rb"(?:&#" + _HALF + rb")*")
_LONG = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{6,})|([0-9]{7,}));")
# dylanharris.org writes `<rss:item>`, and what `rss` is supposed to be nowhere.
_ITEM = re.compile(rb"<(\w{1,20}):(?:item|entry)[\s>]")
_LONGEST_CODE = 7  # digits
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


def read(
    body: bytes, url: str, content_type: str | None, content_language: str | None
) -> ParsedFeed | Unreadable:
    """An XML feed, well-formed or not; Unreadable if there is no feed in it."""
    # Content-Location gives relative addresses their base: without it one entry's xml:base leaks
    # into the next ones.
    headers = {"content-location": url, "content-type": _xml_type(body, content_type)}
    if content_language:
        headers["content-language"] = content_language
    result = _parsed(body, headers)
    if not isinstance(result, Unreadable) and not result.entries and (item := _ITEM.search(body)):
        result = _parsed(_without(item[1], body), headers)
    if isinstance(result, Unreadable):
        return result
    malformed = result.get("bozo_exception")
    if not isinstance(malformed, SAXParseException):
        malformed = None
    if not result.entries and (malformed or not result.version):
        return _unreadable(body, malformed)
    feed, atom = result.feed, result.version.startswith("atom")
    entries, unread = result.entries[:MOST_ENTRIES], result.entries[MOST_ENTRIES:]
    return ParsedFeed(
        title=details.text(feed.get("title_detail")),
        id=details.string(feed.get("id")),
        site_url=details.page(feed, atom=atom),
        updated=details.updated(feed) or details.string(feed.get("published")),
        language=details.string(feed.get("language")),
        authors=people.authors(feed, atom=atom),
        rights=details.text(feed.get("rights_detail")),
        base=url,
        entries=tuple(xml_entry.read(entry, url, atom=atom) for entry in entries),
        problems=(too_many(url),) if unread else (),
        wishes=wishes.read(feed, rss=result.version.startswith("rss")),
        deletions=tombstones.read(body),
    )


def _parsed(body: bytes, headers: dict[str, str]) -> feedparser.FeedParserDict | Unreadable:
    """What feedparser makes of a document, or where it fails."""
    try:
        return feedparser.parse(
            io.BytesIO(_LONG.sub(_in_unicode, _SURROGATES.sub(_paired, body))),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _DEFECTS as error:
        return Unreadable(reason=f"malformed beyond repair ({error})")


def _without(prefix: bytes, body: bytes) -> bytes:
    """The document with the names that have this prefix under their own, attributes too."""
    return re.sub(rb"(</?|\s)" + re.escape(prefix) + rb":(?=[A-Za-z])", rb"\1", body)


def _paired(written: re.Match[bytes]) -> bytes:
    """Halves of a character that were written as two, as one again; a half alone as U+FFFD."""
    units = (int(h, 16) if h else int(d) for h, d in _UNIT.findall(written[0]))
    text = b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "replace")
    return "".join(f"&#{ord(character)};" for character in text).encode()


def _in_unicode(written: re.Match[bytes]) -> bytes:
    """A reference beyond the last character is U+FFFD (HTML 13.2.5.80): feedparser raises there."""
    digits = (written[1] or written[2]).lstrip(b"0") or b"0"
    if len(digits) <= _LONGEST_CODE and int(digits, 16 if written[1] else 10) <= sys.maxunicode:
        return written[0]
    return b"&#xFFFD;"


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
