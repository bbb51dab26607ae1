"""feedparser's machinery, by shorter ways to the same results.

Left to itself it spends two thirds of its time on dictionaries that look for other names of each
key, on joining each element's base with itself, and on going through each text for what one in a
thousand has in it. What stands here gives what feedparser gives, to the letter, and hands over to
it what is rare.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import feedparser.mixin
import feedparser.namespaces._base
from feedparser.html import _cp1252
from feedparser.urls import _urljoin, make_safe_absolute_uri
from feedparser.util import FeedParserDict

from aggregator.parse import names

_XHTML = "application/xhtml+xml"
_MAPPED = frozenset(
    {*FeedParserDict.keymap, "category", "enclosures", "license", "updated", "updated_parsed"}
)
_MOST_ADDRESSES = 1024
_C1 = re.compile("[\x80-\x9f]")
# To join these with anything changes nothing: a whole address without parameters (";"), which
# urllib takes apart, and without an empty query or fragment, which it drops.
_WHOLE = re.compile(
    r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/[!-\"$-:<->@-~]*"
    r"(?:\?[!-\"$-:<-~]+)?(?:#[!-:<-~]+)?"
)
# In an address "&copy=1" is no reference, but feedparser's parser for malformed documents ends it.
_AS_REFERENCE = re.compile("&([A-Za-z0-9_]+);")
_ROOTS = frozenset({"feed", "rss"})
_DIVS = frozenset({"div", "xhtml:div"})
_KEPT_ELSEWHERE = frozenset({"category", "tags", "itunes_keywords"})


if TYPE_CHECKING:

    class _Parser:
        """What both parsers of feedparser have, as far as it is used here."""

        can_be_relative_uri: set[str]
        baseuri: str
        basestack: list[str]
        contentparams: dict[str, Any]
        decls: dict[str, str]
        depth: int
        elementstack: list[list[Any]]
        entries: list[dict[str, Any]]
        feeddata: dict[str, Any]
        guidislink: bool
        incontent: int
        inentry: int
        infeed: int
        inimage: int
        insource: int
        intextinput: int
        lang: str | None
        langstack: list[str | None]
        namespacemap: dict[str, str]
        namespaces_in_use: dict[str, str]
        property_depth_map: dict[dict[str, Any], dict[str, int]]
        resolve_relative_uris: bool
        sanitize_html: bool
        svgOK: int  # noqa: N815 - feedparser's
        title_depth: int
        version: str

        def __init__(self, *args: Any) -> None: ...
        def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None: ...
        def unknown_endtag(self, tag: str) -> None: ...
        def track_namespace(self, prefix: str | None, uri: str) -> None: ...
        def handle_data(self, text: str, escape: int = 1) -> None: ...
        def push(self, element: str, expecting_text: int) -> None: ...
        def handle_charref(self, ref: str) -> None: ...
        def handle_entityref(self, ref: str) -> None: ...
        def pop(self, element: str, strip_whitespace: int = 1) -> str | None: ...
        def resolve_uri(self, uri: str) -> str: ...
        def decode_entities(self, element: str, data: str) -> str: ...
        def looks_like_html(self, s: str) -> bool: ...
        def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None: ...
        def _get_context(self) -> dict[str, Any]: ...
        def _normalize_attributes(self, kv: tuple[str, str]) -> tuple[str, str]: ...
        def _start_item(self, attrs_d: dict[str, str]) -> None: ...

else:
    _Parser = object


def teach() -> None:
    """Let what feedparser does for every element be done once, or where it is needed."""
    FeedParserDict.__getitem__ = _getitem
    FeedParserDict.__contains__ = _contains
    FeedParserDict.get = _get
    feedparser.mixin.make_safe_absolute_uri = lru_cache(_MOST_ADDRESSES)(make_safe_absolute_uri)
    # Dates are taken as text: nine functions would try each of them in vain.
    feedparser.namespaces._base._parse_date = _no_date  # noqa: SLF001


_mapped_getitem, _mapped_contains = FeedParserDict.__getitem__, FeedParserDict.__contains__


def _getitem(self: dict[str, Any], key: str) -> Any:
    return _mapped_getitem(self, key) if key in _MAPPED else dict.__getitem__(self, key)


def _contains(self: dict[str, Any], key: str) -> bool:
    return bool(_mapped_contains(self, key) if key in _MAPPED else dict.__contains__(self, key))


def _get(self: dict[str, Any], key: str, default: Any = None) -> Any:
    if key not in _MAPPED:
        return dict.get(self, key, default)
    try:
        return _mapped_getitem(self, key)
    except KeyError:
        return default


def _no_date(_: str | None) -> None:
    """What feedparser makes of a date that it cannot read."""


@lru_cache(_MOST_ADDRESSES)
def _stays(base: str) -> bool:
    """Whether to join this base with itself gives it back."""
    return _WHOLE.fullmatch(base) is not None


@lru_cache(_MOST_ADDRESSES)
def _is_base(address: str) -> bool:
    return bool(_urljoin(address, "http://a.example/"))


class Quick(_Parser):
    """The parsers of feedparser, as `Driver` feeds them."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._starting: dict[str, names.Handler] = {}
        self._ending: dict[str, names.Handler] = {}

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """A start tag, each name as expat has it: namespace, local name and prefix, as far as any.

        feedparser wants them under the prefixes that it has for namespaces, and attributes under
        those that the document has, too.
        """
        if self.incontent and not self.contentparams.get("type", "xml").endswith("xml"):
            # It takes a <div> around all the rest away: what is text must not look like its tag.
            self.elementstack[-1][2][:] = "".join(self.elementstack[-1][2])
        tag, namespace, unknown = names.started(name)
        given, self.decls = self.decls, {}
        if namespace:
            given["xmlns"] = namespace
        if attributes:
            qualified = {}
            for key, value in attributes.items():
                own, written = names.attribute(key)
                given[own] = qualified[written] = value
            given |= qualified
        tag = self._declared(unknown, tag) if unknown else tag
        self.unknown_starttag(tag, list(given.items()))

    def end(self, name: str) -> None:
        """An end tag, its name as expat has it."""
        tag, _, unknown = names.ended(name)
        self.unknown_endtag(self._declared(unknown, tag) if unknown else tag)

    def _declared(self, namespace: str, tag: str) -> str:
        """The name under the prefix that the document has for a namespace."""
        declared = self.namespaces_in_use.items()
        prefix = next((own for own, uri in declared if own and uri == namespace), None)
        return f"{prefix.lower()}:{tag}" if prefix else tag

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        """What has been found out of prefixes holds no longer."""
        super().track_namespace(prefix, uri)
        self._starting.clear()
        self._ending.clear()

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        """A start tag, under feedparser's prefix; most have no attributes, and change nothing."""
        is_bare = not (attrs or self.incontent) and tag not in _ROOTS
        if not (is_bare and self.depth and _stays(self.baseuri or "")):
            super().unknown_starttag(tag, attrs)
            return
        self.depth += 1
        self.basestack.append(self.baseuri)
        self.langstack.append(self.lang)
        handler = self._starting.get(tag) or self._handler(self._starting, "start", tag)
        if handler.ends_input:
            self.intextinput = 0
        if handler.ends_image:
            self.inimage = 0
        try:
            handler.method(self, {})
        except AttributeError:  # which feedparser takes for "no such method", whoever raises it
            self.push(handler.name, 1)

    def unknown_endtag(self, tag: str) -> None:
        """An end tag, under feedparser's prefix."""
        if self.svgOK:
            super().unknown_endtag(tag)
            return
        handler = self._ending.get(tag) or self._handler(self._ending, "end", tag)
        try:
            handler.method(self)
        except AttributeError:  # as above
            self.pop(handler.name)
        if self.incontent:
            params = self.contentparams
            if not params.get("type", "xml").endswith("xml"):
                if tag in _DIVS:
                    return
                params["type"] = _XHTML
            if params.get("type") == _XHTML:
                self.handle_data(f"</{tag.rpartition(':')[2]}>", escape=0)
        if self.basestack:
            self.basestack.pop()
            if self.basestack and self.basestack[-1]:
                self.baseuri = self.basestack[-1]
        if self.langstack:
            self.langstack.pop()
            if self.langstack:
                self.lang = self.langstack[-1]
        self.depth -= 1

    def _handler(self, known: dict[str, names.Handler], event: str, tag: str) -> names.Handler:
        given, colon, _ = tag.partition(":")
        given = given if colon else ""
        prefix = self.namespacemap.get(given, given)
        handler = known[tag] = names.handler(cast("Hashable", type(self)), event, prefix, tag)
        return handler

    def resolve_uri(self, uri: str) -> str:
        """The address, absolute; most are so already."""
        if _WHOLE.fullmatch(uri) and _is_base(self.baseuri or ""):
            return uri
        return super().resolve_uri(uri)

    def pop(self, element: str, strip_whitespace: int = 1) -> str | None:
        """The end of an element that was pushed: its text, made good and kept where it belongs."""
        if not self.elementstack or self.elementstack[-1][0] != element:
            return None
        params = self.contentparams
        is_usual = strip_whitespace and not (self.sanitize_html or self.resolve_relative_uris)
        is_xhtml = self.version == "atom10" and params.get("type") == _XHTML
        is_kept_here = (self.inentry or self.infeed) and not self.insource
        if not (is_usual and is_kept_here) or is_xhtml or params.get("base64"):
            return super().pop(element, strip_whitespace)
        _, is_kept, pieces = self.elementstack.pop()
        text = _joined(pieces).strip()
        if not is_kept:
            return text
        if text:
            text = self._made_good(element, text)
        params.pop("mode", None)
        params.pop("base64", None)
        is_said = element == "title" and -1 < self.title_depth <= self.depth
        if not is_said and element not in _KEPT_ELSEWHERE:
            keep = self._keep if self.inentry else self._keep_of_feed
            keep(element, text)
        return text

    def _made_good(self, element: str, text: str) -> str:
        """An element's text, as its kind and its author's usual mistakes want it."""
        if element in self.can_be_relative_uri and (element != "id" or self.guidislink):
            text = self.resolve_uri(text)
        text = self.decode_entities(element, text)
        params = self.contentparams
        may_be_html = params.get("type") == "text/plain" and not self.version.startswith("atom")
        if may_be_html and ("<" in text or "&" in text) and self.looks_like_html(text):
            params["type"] = "text/html"
        if text.isascii():
            return text
        with suppress(UnicodeError):  # UTF-8 that somebody took for Latin-1
            text = text.encode("iso-8859-1").decode()
        return text.translate(_cp1252) if _C1.search(text) else text

    def _keep(self, element: str, text: str) -> None:
        """An entry's text under its name; where an element stands twice, the outer or last one."""
        entry = self.entries[-1]
        if element == "content":
            entry.setdefault(element, []).append(self._detail(text))
        elif element == "link":
            if not self.inimage:
                entry[element] = href = _AS_REFERENCE.sub(r"&\1", text.replace("&amp;", "&"))
                if href:
                    entry["links"][-1]["href"] = href
        else:
            element = "summary" if element == "description" else element
            depths = self.property_depth_map.setdefault(entry, {})
            if self.depth <= depths.get(element, self.depth):
                depths[element] = self.depth
                entry[element] = text
            if self.incontent:
                entry[f"{element}_detail"] = self._detail(text)

    def _keep_of_feed(self, element: str, text: str) -> None:
        """A text of the feed itself, of its picture or its text input."""
        context = self._get_context()
        element = "subtitle" if element == "description" else element
        context[element] = text
        if element == "link":
            context[element] = context["links"][-1]["href"] = _AS_REFERENCE.sub(r"&\1", text)
        elif self.incontent:
            context[f"{element}_detail"] = self._detail(text)

    def _detail(self, text: str) -> FeedParserDict:
        return FeedParserDict(self.contentparams, value=text)


def _joined(pieces: list[str | bytes]) -> str:
    """A text of what the parser for malformed documents gives as bytes where it is a reference."""
    try:
        return "".join(pieces)  # type: ignore[arg-type]
    except TypeError:
        return "".join(p if isinstance(p, str) else p.decode() for p in pieces)
