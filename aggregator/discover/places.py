"""Where a page says, or lets guess, that its feeds are.

Pages are hostile: what is read here takes time in proportion to its length, whatever is in it
(`html.parser` takes 11 s for 40 kB of `<a `).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from aggregator.parse import feed_address
from aggregator.urls import absolute, host

_FEED_TYPES = frozenset(
    {
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/rss+xml",
        "application/x-rss+xml",
        "text/rss+xml",
    }
)
# WordPress calls its programming interface an alternate of each page, too.
_VAGUE_TYPES = frozenset({"application/json", "application/xml", "text/xml"})

_GUESSES = ("feed/", "feed.xml", "rss.xml", "atom.xml", "index.xml", "rss", "feed.json")
_LONGEST_TEXT = 40  # of a link that is called "RSS" and not of an article about it

# Comments and scripts that are not closed last to the end (HTML 13.2.5), and a quotation mark
# begins a value after a "=" alone: both keep this linear.
_MARKUP = re.compile(
    r"""
    <!-- .*? (?: --> | \Z )
    | <(?P<unseen>script|style|template|textarea)\b .*? (?: </(?P=unseen)\b | \Z )
    | <(?P<name>a|base|link)(?=[\s/>])
      (?P<attributes> (?: [^>=]++ | =\s*+ (?: "[^"]*+"?+ | '[^']*+'?+ )?+ )*+ )
    | (?P<end></a\b)
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""([^\s=/>"']++) (?: \s*+ = \s*+ (?: "([^"]*+) | '([^']*+) | ([^\s>"']++) ) )?+""",
    re.VERBOSE,
)
# RFC 8288 3: <target>; name=value; name="value", <target> …
_LINK = re.compile(r'<([^<>]*+)>((?:[^",<>]++|"(?:[^"\\]++|\\.)*+"?+)*+)')
_PARAMETER = re.compile(r';\s*+([^\s;="]++)\s*+(?:=\s*+(?:"((?:[^"\\]++|\\.)*+)|([^\s;,"]*+)))?+')

_OF_COMMENTS = re.compile("comment|comentari|kommentar|コメント|评论", re.IGNORECASE)
_NAMES_A_FEED = re.compile(
    r"(?:[/.](?:atom|rdf|rss)|/feeds?|/(?:atom|feed|index|rss)\.(?:json|php|xml))/?\Z",
    re.IGNORECASE,
)
_CALLED_A_FEED = re.compile(
    r"\brss\b|\batom feed\b|\A(?:atom|xml|(?:json |news |web )?feeds?)\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A possible address of a feed; `vague` where only its type hints that it may be one."""

    address: str
    title: str
    vague: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Addresses to try, best first: those that a page names, and those it only lets guess.

    `named` are its link elements and Link fields; `linked` and `elsewhere` lead people to a feed on
    this host and on others; `guessed` are where sites usually have one.
    """

    named: tuple[str, ...]
    linked: tuple[str, ...]
    guessed: tuple[str, ...]
    elsewhere: tuple[str, ...]


def of_page(html: str, url: str, links: Iterable[str] = ()) -> Places:
    """The places of the page that came from `url`, with the values of its Link fields (RFC 8288).

    A feed of comments comes after all others, then one on another host, then what is called a feed
    by its type only vaguely; apart from that the order is the page's, as the main feed is named
    first nearly everywhere, in whatever format.
    """
    elements = list(_elements(html))
    base = next(
        (said["href"] for name, said, _ in elements if name == "base" and "href" in said), ""
    )
    start = absolute(base, url) or url
    named = [*_of_fields(links, url), *_of_link_elements(elements, start)]
    anchors = list(_of_anchors(elements, start))
    here = host(url)
    return Places(
        named=_ordered(named, here),
        linked=_ordered([one for one in anchors if host(one.address) == here], here),
        guessed=_guesses(url),
        elsewhere=_ordered([one for one in anchors if host(one.address) != here], here),
    )


def _ordered(places: Iterable[_Place], here: str) -> tuple[str, ...]:
    def rank(place: _Place) -> tuple[bool, bool, bool]:
        path = urlsplit(place.address).path
        of_comments = _OF_COMMENTS.search(f"{path} {place.title}") is not None
        return of_comments, host(place.address) != here, place.vague

    return tuple(dict.fromkeys(place.address for place in sorted(places, key=rank)))


def _guesses(url: str) -> tuple[str, ...]:
    """Below the page's own folder first: many a site is a part of one."""
    folders = dict.fromkeys((urljoin(url, "."), urljoin(url, "/")))
    return tuple(urljoin(folder, name) for folder in folders for name in _GUESSES)


# ---- HTML ---------------------------------------------------------------------------------------

_Element = tuple[str, dict[str, str], str]
"""The name of an element, its attributes, and the text in it if it is an anchor."""


def _elements(html: str) -> Iterator[_Element]:
    """Every `base` and `link`, wherever it stands, and every `a`."""
    anchor: tuple[dict[str, str], int] | None = None
    for found in _MARKUP.finditer(html):
        name = (found["name"] or "").lower()
        if anchor and (found["end"] or name == "a"):
            said, begin = anchor
            # What is not plain text in so short a link is an icon.
            yield (
                "a",
                said,
                re.sub(r"<[^>]*+>?", " ", html[begin : min(found.start(), begin + 2000)]),
            )
            anchor = None
        if name == "a":
            anchor = _attributes(found["attributes"]), found.end() + 1
        elif name:
            yield name, _attributes(found["attributes"]), ""
    if anchor:
        yield "a", anchor[0], ""


def _attributes(text: str) -> dict[str, str]:
    """Names are lower-case; of two that are the same the first counts (HTML 13.2.5.33)."""
    said: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text):
        said.setdefault(name.lower(), unescape(double or single or bare).strip())
    return said


def _of_link_elements(elements: Iterable[_Element], base: str) -> Iterator[_Place]:
    for name, said, _ in elements:
        if name == "link":
            yield from _of_link(said.get("href", ""), said, base)


def _of_fields(links: Iterable[str], url: str) -> Iterator[_Place]:
    """The Link fields of the answer; one with an `anchor` speaks of another page (RFC 8288 3.2)."""
    for field in links:
        for target, parameters in _LINK.findall(field):
            said: dict[str, str] = {}
            for name, quoted, token in _PARAMETER.findall(parameters):
                said.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or token)
            if "anchor" not in said:
                yield from _of_link(target, said, url)


def _of_link(href: str, said: dict[str, str], base: str) -> Iterator[_Place]:
    """A link of a page to a feed: `rel` is a set of words in any case (HTML 4.6.7)."""
    rel = said.get("rel", "").lower().split()
    media_type, _, parameters = said.get("type", "").lower().partition(";")
    media_type = media_type.strip()
    is_alternate = "alternate" in rel and "stylesheet" not in rel
    is_feed = "feed" in rel or (is_alternate and media_type in _FEED_TYPES)
    vague = not is_feed and is_alternate and media_type in _VAGUE_TYPES
    address = _address(href, base)
    # RFC 5023 12: a document of one entry.
    if address and (is_feed or vague) and "type=entry" not in parameters.replace(" ", ""):
        yield _Place(address=address, title=said.get("title", ""), vague=vague)


def _of_anchors(elements: Iterable[_Element], base: str) -> Iterator[_Place]:
    for name, said, text in elements:
        address = _address(said.get("href", ""), base) if name == "a" else None
        if address is None:
            continue
        label = " ".join(unescape(text).split()) or said.get("title", "")
        plainly = _NAMES_A_FEED.search(urlsplit(address).path)
        called = len(label) <= _LONGEST_TEXT and _CALLED_A_FEED.search(label)
        if plainly or called or said.get("type", "").lower() in _FEED_TYPES:
            yield _Place(address=address, title=label, vague=not plainly)


def _address(href: str, base: str) -> str | None:
    """Where it leads, without a fragment; not back to the page itself."""
    given = feed_address(href) if href[:5].lower() == "feed:" else absolute(href, base)
    address = (given or "").partition("#")[0]
    return address if address and address != base.partition("#")[0] else None
