"""HTML made safe and absolute."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import quote, urljoin

import nh3

from aggregator.markup.elements import DROPPED_WITH_CONTENT, EMBEDDED, KEPT, SAFE_ATTRIBUTES, TAG
from aggregator.markup.pictures import is_hidden, is_tracker
from aggregator.markup.plain import xml_safe

_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "audio": {"src"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "data": {"value"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "img": {"alt", "height", "sizes", "src", "srcset", "width"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "q": {"cite"},
    "source": {"media", "sizes", "src", "srcset", "type"},
    "td": {"colspan", "headers", "rowspan"},
    "th": {"abbr", "colspan", "headers", "rowspan", "scope"},
    "time": {"datetime"},
    "track": {"kind", "label", "src", "srclang"},
    "video": {"height", "poster", "src", "width"},
}
_JUDGED_BY = frozenset({"hidden", "style"})
_ADDRESSED = frozenset({"img", "source", "track"})
_SIZED = _JUDGED_BY | {"height", "width"}


def _cleaner(tags: frozenset[str], attributes: dict[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(tags),
        clean_content_tags=set(DROPPED_WITH_CONTENT),
        attributes=attributes,
        set_tag_attribute_values={"audio": {"controls": ""}, "video": {"controls": ""}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


_CLEANER = _cleaner(KEPT, _ATTRIBUTES)
# Keeps, beside that, what has to be seen before it goes; nothing that it gives is given back.
_READER = _cleaner(
    KEPT | EMBEDDED,
    _ATTRIBUTES
    | {
        "embed": {"src", *_SIZED},
        "iframe": {"src", *_SIZED},
        "img": _ATTRIBUTES["img"] | _JUDGED_BY,
        "object": {"data", *_SIZED},
    },
)
_MOST_TAGS = 30_000  # nh3 takes a minute for 100,000 nested ones

# What no parser takes for anything but itself, nor writes in another way.
_PLAIN = re.compile("[^<>&\r\xa0\ufeff]*")
_PRE_START = re.compile(rf"(<pre{SAFE_ATTRIBUTES}>)\n+")
_NOSCRIPT = re.compile(r"</?noscript\b[^<>]*>", re.IGNORECASE)
_JUDGED = re.compile(
    rf"<(iframe)({SAFE_ATTRIBUTES})>.*?</iframe>|</object>"
    rf"|<(a|audio|blockquote|del|embed|img|ins|object|q|source|track|video)({SAFE_ATTRIBUTES})>",
    re.DOTALL,
)
_SAFE_ATTRIBUTE = re.compile(r' ([^ ="<>]+)="([^"]*)"')
_EMPTY_LINK = re.compile(rf"<a{SAFE_ATTRIBUTES}>(\s*)</a>")
_CANDIDATE = re.compile(r"([^\s,]\S*?)(?:,(?=\s)|\s+([^,]*)(?:,|\Z)|,*\Z)")
_DESCRIPTOR = re.compile(r"(?:[0-9.]+[hwx])?")
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
_WEB = re.compile(r"https?://(?:[^\s/?#]*@)?([^\s/\\?#]+)", re.IGNORECASE)
_LINK = re.compile(rf"{_WEB.pattern}|mailto:", re.IGNORECASE)
# Most links and pictures have a host and nothing unfit, and need no more than to be found so.
_FIT = re.compile(r"https?://[A-Za-z0-9][!#-;=?-\[\]_a-z~]*")
_FIT_LINK = re.compile(r' href="(https?://[A-Za-z0-9](?:[!#-%\'-;=?-\[\]_a-z~]|&amp;(?![Aa]))*)"')
_FIT_CANDIDATE = r"https?://[A-Za-z0-9][!#-+./-;=?-\[\]_a-z~-]* [0-9.]+[hwx]"
_FIT_CANDIDATES = re.compile(rf"{_FIT_CANDIDATE}(?:, {_FIT_CANDIDATE})*")
_UNFIT = re.compile(r"""[\s\x00-\x1f"<>\\^`{|}]""")


def safe_html(html: str, base: str | None, shorten: Callable[[str], str]) -> str:
    """HTML from a source, fit to be shown by anyone: no script, style, form, frame or handler.

    Links and pictures become absolute (RSS profile 4), one that cannot be so is dropped; pictures
    that are not meant to be seen go, and what is embedded becomes a link to it. Text without markup
    comes out escaped. Safe HTML comes out as it is: a tree that a parser reads back differently is
    what mutation XSS lives on.

    Args:
        html: A fragment, or a whole page.
        base: The absolute address that relative ones count from, None where nothing is known.
        shorten: Takes from the http(s) address of a link what only tracks its readers; given its
            own result, it must give that back.
    """
    html = xml_safe(html)
    if _PLAIN.fullmatch(html):
        return html
    if "<" in html:
        html = _NOSCRIPT.sub("", html)  # lazy loaders keep the real picture in there
    for cleaner in (_READER, _CLEANER):  # of 4,249 captured texts none needs the second
        if html.count("<") > _MOST_TAGS:
            break
        html = _judged(_parsed(html, cleaner), base, shorten)
        if _CLEANER.clean(html) == html:
            return html
    return _words(html)


def _parsed(html: str, cleaner: nh3.Cleaner) -> str:
    """The safe tree of the HTML, written out again.

    References like `&#1;` and `&#13;` turn into characters here, and are gone at once. Without one,
    what was fit for XML before is so after.
    """
    written = cleaner.clean(html)
    return xml_safe(written).replace("\r", "\n") if "&#" in html else written


def _judged(html: str, base: str | None, shorten: Callable[[str], str]) -> str:
    """The HTML with its addresses absolute, and without what a reader has nothing of."""
    linked: set[str] = set()  # an object holds its own address once more, in an embed

    def shown(tag: re.Match[str]) -> str:
        name, given = tag[1] or tag[3], tag[2] or tag[4] or ""
        if name is None:
            return ""
        link = _FIT_LINK.fullmatch(given) if name == "a" else None
        if link and shorten(link[1]) == link[1]:
            return tag[0]
        attributes = _absolute_attributes(name, given, base, shorten)
        if name in EMBEDDED:
            return _link(attributes, linked)
        return _tag(name, attributes)

    html = _EMPTY_LINK.sub(r"\1", _JUDGED.sub(shown, html))
    # HTML drops a line break behind <pre> each time it is read (13.2.6.4.7).
    return _PRE_START.sub(r"\1", html) if "<pre" in html else html


def _words(html: str) -> str:
    """The text alone, of what no parser reads back alike or would take too long to read."""
    return escape(" ".join(xml_safe(unescape(TAG.sub(" ", html))).split()), quote=False)


def _absolute_attributes(
    name: str, given: str, base: str | None, shorten: Callable[[str], str]
) -> dict[str, str]:
    """The attributes of a tag, still escaped, without those that cannot be made absolute."""
    attributes = {}
    for key, escaped in _SAFE_ATTRIBUTE.findall(given):
        resolve = _RESOLVED.get(key)
        if resolve is None:
            attributes[key] = escaped
        elif address := resolve(unescape(escaped), base):
            followed = (key == "href" or name in EMBEDDED) and _WEB.match(address)
            attributes[key] = escape(shorten(address) if followed else address, quote=False)
    return attributes


def _tag(name: str, attributes: dict[str, str]) -> str:
    """A tag; nothing for a picture, source or track without an address, or not to be seen."""
    if name in _ADDRESSED and not {"src", "srcset"} & attributes.keys():
        return ""
    if name == "img" and (is_hidden(attributes) or is_tracker(attributes.get("src", ""))):
        return ""
    written = (f' {key}="{value}"' for key, value in attributes.items() if key not in _JUDGED_BY)
    return f"<{name}{''.join(written)}>"


def _link(attributes: dict[str, str], linked: set[str]) -> str:
    """A link to what was embedded, in its title or its host's name; nothing for what is hidden."""
    address = attributes.get("src") or attributes.get("data") or ""
    host = _WEB.match(address)
    if not host or address in linked or is_hidden(attributes) or is_tracker(address):
        return ""
    linked.add(address)
    title = " ".join(unescape(attributes.get("title", "")).split())
    return f'<a href="{address}">{escape(title, quote=False) or host[1]}</a>'


def _absolute(address: str, base: str | None) -> str | None:
    """The absolute address, percent-encoded as nh3 does it."""
    if _FIT.fullmatch(address):
        return address
    address = _LINE_BREAKS.sub("", address.strip())
    if address and not _LINK.match(address):
        try:
            address = urljoin(base or "", address)
        except ValueError:  # urljoin reads "//[" as a broken IPv6 host
            return None
    if not _LINK.match(address):
        return None
    return _UNFIT.sub(lambda character: quote(character[0]), address)


def _absolute_candidates(srcset: str, base: str | None) -> str | None:
    """HTML 4.8.4.2.1: addresses, each with a width or density, between commas."""
    if _FIT_CANDIDATES.fullmatch(srcset):
        return srcset
    candidates = (
        f"{address} {descriptor.strip()}".rstrip()
        for reference, descriptor in _CANDIDATE.findall(srcset)
        if (address := _absolute(reference, base)) and _DESCRIPTOR.fullmatch(descriptor.strip())
    )
    return ", ".join(candidates) or None


_RESOLVED = {
    "cite": _absolute,
    "data": _absolute,
    "href": _absolute,
    "poster": _absolute,
    "src": _absolute,
    "srcset": _absolute_candidates,
}
