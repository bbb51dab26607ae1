"""The items of RSS, RDF and Atom, found in one pass of expat, which says where they stand.

In doubt a document is read whole: it must be certain that feedparser sees the items that are seen
here, and that none of them bears on how it reads another.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from aggregator.increment import xml_names
from aggregator.increment.items import CannotTellError

_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?.*encoding=['\"](.*?)['\"]")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# ASCII is ASCII in these, and what stands before a byte does not matter to it.
_SIMPLE_CHARSETS = re.compile(r"ascii|utf-8|iso8859-\d+|cp125\d|koi8-[rtu]")
_AS_EXPAT_HAS_IT = {"ascii": "us-ascii", "iso8859-1": "iso-8859-1"}

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns# RDF"
# What feedparser takes for RSS or Atom, lower-case.
_FORMATS = frozenset(
    {
        "",
        "http://blogs.law.harvard.edu/tech/rss",
        "http://example.com/necho",
        "http://example.com/newformat#",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://purl.org/atom/ns#",
        "http://purl.org/echo/",
        "http://purl.org/pie/",
        "http://purl.org/rss/1.0/",
        "http://purl.org/rss/1.0/modules/rss091#",
        "http://www.w3.org/2005/atom",
        "uri/of/echo/namespace#",
    }
)
_USERLANDS = "backend.userland.com/rss"  # it had one for each version
_ITEMS = frozenset({"item", "entry"})
_ROOTS = frozenset({"rss", "feed"})
_FRAME = _ROOTS | {"channel"}
# What entries take from the channel where they do not say it themselves, in any namespace.
_FLOWING = frozenset({"author", "creator", "managingeditor", "language", "id"})
# In a channel these have feedparser take the summary of the first item for its content.
_SPILLING = frozenset({"content", "encoded", "fullitem", "body"})
# What a source takes back (RFC 6721) must be read, though it brings no item.
_DELETED = "http://purl.org/atompub/tombstones/1.0 deleted-entry"
# In content this ends it for feedparser, also for the items that follow.
_XHTML_BODY = "http://www.w3.org/1999/xhtml body"


@dataclass(frozen=True, slots=True)
class XmlItems:
    """An XML feed: `spans` are where its items begin and end in `body`."""

    body: bytes
    charset: str
    head: bytes
    spans: Sequence[tuple[int, int]]

    @property
    def items(self) -> Sequence[bytes]:
        """The items, from `<` to `>`."""
        return [self.body[start:end] for start, end in self.spans]

    def names(self, item: bytes) -> frozenset[str]:
        """What the item is known by."""
        return xml_names.read(item.decode(self.charset))

    def left(self, kept: Sequence[bool]) -> bytes:
        """The document without some of its items; white space between them stays."""
        pieces, at = [], 0
        for (start, end), stays in zip(self.spans, kept, strict=True):
            if not stays:
                pieces.append(self.body[at:start])
                at = end
        return b"".join((*pieces, self.body[at:]))


def read(body: bytes, content_type: str | None) -> XmlItems:
    """The items of an XML feed.

    Raises:
        CannotTellError: it is malformed or has a DOCTYPE; its charset is in doubt, or one of
            several bytes a character other than UTF-8; items stand in odd places.
    """
    charset = _charset(body, content_type)
    finder = _Finder(body, _AS_EXPAT_HAS_IT.get(charset, charset))
    try:
        finder.find()
    except expat.ExpatError as error:
        raise CannotTellError from error
    return XmlItems(body, charset, b"\n".join(finder.head), finder.spans)


def _charset(body: bytes, content_type: str | None) -> str:
    """The charset, where there is no doubt: where there is, feedparser goes by the whole text."""
    # expat goes by what it sees of UTF-16, whatever it is told.
    if body.startswith(_WIDE) or 0 in body[:2]:
        raise CannotTellError
    marked = body.startswith(codecs.BOM_UTF8)
    said = {"utf-8"} if marked else set()
    if header := _CHARSET.search(content_type or ""):
        said.add(header[1])
    line = body[len(codecs.BOM_UTF8) * marked :].partition(b"\n")[0]
    if line.startswith(b"<?") and (declared := _DECLARED.match(line)):
        # feedparser takes the last `encoding="` of the line for it, be it in an item.
        if declared.end() > line.find(b"?>"):
            raise CannotTellError
        said.add(declared[1].decode("ascii", "replace"))
    try:
        names = {codecs.lookup(name).name for name in said} or {"utf-8"}
    except (LookupError, ValueError) as error:  # with a NUL in it, say
        raise CannotTellError from error
    name = names.pop()
    if names or not _SIMPLE_CHARSETS.fullmatch(name):
        raise CannotTellError
    return name


class _Finder:
    """Finds where the items of a document begin and end, and what stands outside and matters.

    Calls are what a pass costs. So inside an item only the ends of elements are listened to, and
    what an element is is asked once a name; of an item that holds its like one end too many is
    heard outside.
    """

    def __init__(self, body: bytes, charset: str) -> None:
        self.spans: list[tuple[int, int]] = []
        self.head: list[bytes] = []
        self._body = body
        self._parser = expat.ParserCreate(charset, " ")
        self._depth = 0
        self._has_channel = self._in_channel = False
        self._root = ""
        self._item = ""
        self._begun = 0
        self._flowing: tuple[int, int] | None = None
        self._harmless: set[str] = set()
        self._uris: dict[str, str] = {}
        self._prefixes: dict[str, str] = {}
        self._roots_uris: frozenset[str] = frozenset()
        self._just_declared: list[tuple[str | None, str]] = []

    def find(self) -> None:
        """Read the document to its end.

        Raises:
            CannotTellError: its items cannot be told apart for sure.
            expat.ExpatError: it is malformed.
        """
        parser = self._parser
        parser.StartDoctypeDeclHandler = _refuse
        parser.StartNamespaceDeclHandler = self._declared
        self._listen_outside()
        try:
            parser.Parse(self._body, True)  # noqa: FBT003 - it takes no keyword
        finally:
            # The parser and what it calls hold each other, and the body: so they end at once.
            parser.StartElementHandler = parser.EndElementHandler = None
            parser.StartNamespaceDeclHandler = None

    def _listen_outside(self) -> None:
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def _declared(self, prefix: str | None, uri: str | None) -> None:
        """A namespace: to feedparser what a prefix stands for holds to the document's end."""
        if not uri:
            return
        self._just_declared.append((prefix, uri))
        if not prefix or self._uris.get(prefix) == uri:
            return
        known_otherwise = uri in self._prefixes and not _is_format(uri)
        if self._depth and (prefix in self._uris or known_otherwise):
            raise CannotTellError
        self._uris[prefix], self._prefixes[uri] = uri, prefix

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element outside of items."""
        namespace, _, local = name.rpartition(" ")
        local = local.lower()
        if not self._depth:
            self._root = name
            self._roots_uris = frozenset(uri for _, uri in self._just_declared)
            if name != _RDF and not (_is_format(namespace) and local in _ROOTS):
                raise CannotTellError
            self._matters(name, attributes)
        elif local in _ITEMS and _is_format(namespace):
            self._start_item(name, namespace)
            return
        elif local in _FRAME and _is_format(namespace):
            if local != "channel" or self._depth > 1 or self._has_channel:
                raise CannotTellError
            self._has_channel = self._in_channel = True
            self._matters(name, attributes)
        elif local in _SPILLING:
            raise CannotTellError
        elif name == _DELETED:
            self._matters(name, attributes)
        elif local in _FLOWING and not self._flowing:
            self._flowing = self._depth, self._parser.CurrentByteIndex
        self._just_declared.clear()
        self._depth += 1

    def _matters(self, name: str, attributes: Mapping[str, str]) -> None:
        """A start tag holds for every item, with the namespaces that it declares."""
        self.head.append(repr((name, attributes, self._just_declared)).encode())

    def _start_item(self, name: str, namespace: str) -> None:
        if self._depth != 1 + self._in_channel or self._item not in ("", name):
            raise CannotTellError
        if self._root == _RDF and namespace not in self._roots_uris:
            raise CannotTellError  # by whose items feedparser sees which RSS it is
        self._item = name
        self._begun = self._parser.CurrentByteIndex
        self._parser.StartElementHandler = None
        self._parser.EndElementHandler = self._end_inside

    def _end_inside(self, name: str) -> None:
        """The end of an item, or of an element in it."""
        if name in self._harmless:
            return
        if name != self._item:
            self._judge(name)
            return
        end = self._parser.CurrentByteIndex
        if end == self._begun:  # an empty element, of which expat says no more
            raise CannotTellError
        self.spans.append((self._begun, self._body.index(b">", end) + 1))
        self._listen_outside()

    def _judge(self, name: str) -> None:
        namespace, _, local = name.rpartition(" ")
        if name == _XHTML_BODY or (local.lower() in _ITEMS | _FRAME and _is_format(namespace)):
            raise CannotTellError
        self._harmless.add(name)

    def _end(self, name: str) -> None:
        """The end of an element outside of items."""
        if name == self._item:
            raise CannotTellError
        self._depth -= 1
        self._in_channel = self._in_channel and self._depth > 1
        if self._flowing and self._flowing[0] == self._depth:
            self.head.append(self._body[self._flowing[1] : self._parser.CurrentByteIndex])
            self._flowing = None


def _is_format(namespace: str) -> bool:
    return namespace.lower() in _FORMATS or _USERLANDS in namespace.lower()


def _refuse(*_: object) -> NoReturn:
    raise CannotTellError
