"""HTML made safe and absolute, and made plain text: the only door to nh3.

What comes from a source is hostile until it went through here. All functions give text that XML
can hold.
"""

from __future__ import annotations

import re
from html import escape as _escape
from html import unescape
from unicodedata import normalize
from urllib.parse import quote, urljoin

import nh3

from aggregator.model import Text

# Each element that HTML has, or had, is in one of the first three.
# fmt: off
_KEPT = frozenset({
    "a", "abbr", "acronym", "address", "article", "aside", "audio", "b", "bdi", "bdo", "big",
    "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "data", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hgroup", "hr", "i", "img", "ins", "kbd", "li", "main", "mark",
    "nav", "ol", "p", "picture", "pre", "q", "rp", "rt", "rtc", "ruby", "s", "samp", "section",
    "small", "source", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "video", "wbr",
})
_DROPPED_WITH_CONTENT = frozenset({
    "button", "canvas", "iframe", "math", "noembed", "noframes", "script", "select", "style", "svg",
    "template", "textarea", "title",
})
_UNKEPT = frozenset({
    "applet", "area", "base", "basefont", "bgsound", "blink", "body", "command", "datalist", "dir",
    "embed", "fieldset", "font", "form", "frame", "frameset", "head", "html", "image", "input",
    "label", "legend", "link", "map", "marquee", "meta", "meter", "nobr", "noscript", "object",
    "optgroup", "option", "output", "param", "plaintext", "progress", "slot", "track", "xmp",
})
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "blink", "cite", "code", "data", "del", "dfn",
    "em", "font", "i", "ins", "kbd", "mark", "nobr", "q", "rp", "rt", "rtc", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})
# fmt: on
_ELEMENTS = _KEPT | _DROPPED_WITH_CONTENT | _UNKEPT
_NEVER_CLOSED = frozenset({"br", "hr", "img", "input", "li", "p", "wbr"})
_PICTURES = frozenset({"img", "source"})
_CLEANER = nh3.Cleaner(
    tags=_KEPT,
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes={
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
        "video": {"height", "poster", "src", "width"},
    },
    set_tag_attribute_values={"audio": {"controls": ""}, "video": {"controls": ""}},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)
_PASSES = 2  # of 3,828 captured entries none needs a second one
_ESCAPED_AT_MOST = 3
_MOST_TAGS = 30_000  # nh3 takes a minute for 100,000 nested ones

_FORBIDDEN_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ODD = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WINDOWS = {code: bytes((code,)).decode("cp1252", "ignore") for code in range(0x7F, 0xA0)}
_WINDOWS[0x7F] = ""
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff"
    "\ud800-\udfff]"
)
_PRE_START = re.compile(r"(<pre(?: [^>]*)?>)\n+")
_NOSCRIPT = re.compile(r"</?noscript\b[^<>]*>", re.IGNORECASE)
_SAFE_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [^ ="<>]+="[^"]*")*)>')
_TAG_WITH_ADDRESS = re.compile(
    r'<(a|audio|blockquote|del|img|ins|q|source|video)((?: [^ ="<>]+="[^"]*")*)>'
)
_SAFE_ATTRIBUTE = re.compile(r' ([^ ="<>]+)="([^"]*)"')
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)(\s[^<>]*|/)?>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_CANDIDATE = re.compile(r"([^\s,]\S*?)(?:,(?=\s)|\s+([^,]*)(?:,|\Z)|,*\Z)")
_DESCRIPTOR = re.compile(r"(?:[0-9.]+[hwx])?")
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
_LINK = re.compile(r"https?://[^\s/\\?#]|mailto:", re.IGNORECASE)
_UNFIT = re.compile(r"""[\s\x00-\x1f"<>\\^`{|}]""")
_INVISIBLE = frozenset({"0", "1", "0px", "1px"})


def safe_html(html: str, base: str | None) -> str:
    """HTML from a source, fit to be shown by anyone: no script, style, form, frame or handler.

    Links and pictures become absolute (RSS profile 4), one that cannot be so is dropped;
    pictures of one pixel go. Text without markup comes out escaped. Safe HTML comes out as it is:
    a tree that a parser reads back differently is what mutation XSS lives on.

    Args:
        html: A fragment, or a whole page.
        base: The absolute address that relative ones count from, None where nothing is known.
    """
    html = _NOSCRIPT.sub("", xml_safe(html))  # lazy loaders keep the real picture in there
    for _ in range(_PASSES):
        if html.count("<") > _MOST_TAGS:
            break
        html = _absolute_tags(_parsed(html), base)
        if _CLEANER.clean(html) == html:
            return html
    return _words(html)


def plain_text(text: Text) -> str:
    """A title as plain text on one line (RSS profile 3.1, RFC 4287 3.1.1).

    Of HTML only the tags of real elements go, so that an RSS title's `vector<int>` stays. What was
    escaped more than once is what a reader would want to see: `&amp;amp;` is `&`.
    """
    value = _without_tags(text.value) if text.html else text.value
    for _ in range(_ESCAPED_AT_MOST):
        value = _REFERENCE.sub(lambda reference: unescape(reference[0]), value)
    return " ".join(xml_safe(value).split())


def text_of(html: str) -> str:
    """The words that a reader of this safe HTML sees, on one line; to compare, not to publish."""
    return " ".join(unescape(_SAFE_TAG.sub(_gap, html)).split())


def one_line(text: str, limit: int = 300) -> str:
    """Text from a source for terminal and log, in at most `limit` characters.

    The only way there: without control characters, C0 and C1, that move a cursor, bidi controls
    that reorder a line, and line separators; white space is one space each.
    """
    line = " ".join(_CONTROLS.sub("", text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def xml_safe(text: str) -> str:
    """The text without the characters that XML 1.0 forbids (2.2 Char), lone surrogates included.

    C1 controls, which it discourages, are what Windows-1252 means by them: that is what a text with
    them was written in, and what HTML reads them as (13.2.5.80).
    """
    if not _ODD.search(text):
        return text
    return _FORBIDDEN_IN_XML.sub("", text).translate(_WINDOWS)


def escape(text: str) -> str:
    """The text for HTML, between tags and in quoted attributes alike."""
    return _escape(text, quote=True)


def title_key(title: str) -> str:
    """A title to compare by: NFKC, case folded, runs of word characters with one space between.

    `""` for a title without words, which is equal to no other.
    """
    folded = normalize("NFKC", normalize("NFKC", title).casefold())
    return " ".join(re.findall(r"\w+", folded))


def _parsed(html: str) -> str:
    """The safe tree of the HTML, written out again; all that it could lose twice is gone at once.

    References like `&#1;` and `&#13;` turn into characters here, and HTML drops a line break
    behind `<pre>` each time it is read (13.2.6.4.7).
    """
    return _PRE_START.sub(r"\1", xml_safe(_CLEANER.clean(html)).replace("\r", "\n"))


def _absolute_tags(html: str, base: str | None) -> str:
    return _TAG_WITH_ADDRESS.sub(lambda tag: _absolute_tag(tag, base), html)


def _words(html: str) -> str:
    """The text alone, of what no parser reads back alike or would take too long to read."""
    return _escape(" ".join(xml_safe(unescape(_TAG.sub(" ", html))).split()), quote=False)


def _absolute_tag(tag: re.Match[str], base: str | None) -> str:
    """A tag with its addresses absolute; nothing for a picture without one, or of one pixel."""
    name, given = tag.groups()
    attributes: dict[str, str] = {}
    for key, value in _SAFE_ATTRIBUTE.findall(given):
        resolve = _RESOLVED.get(key)
        shown = resolve(unescape(value), base) if resolve else value
        if shown is not None:
            attributes[key] = shown
    if name in _PICTURES and not {"src", "srcset"} & attributes.keys():
        return ""
    if name == "img" and {attributes.get("width"), attributes.get("height")} <= _INVISIBLE:
        return ""
    written = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{written}>"


def _absolute(address: str, base: str | None) -> str | None:
    """The attribute value for an absolute address, percent-encoded and escaped as nh3 does it."""
    address = _LINE_BREAKS.sub("", address.strip())
    if address and not _LINK.match(address):
        try:
            address = urljoin(base or "", address)
        except ValueError:  # urljoin reads "//[" as a broken IPv6 host
            return None
    if not _LINK.match(address):
        return None
    return _escape(_UNFIT.sub(lambda character: quote(character[0]), address), quote=False)


def _absolute_candidates(srcset: str, base: str | None) -> str | None:
    """HTML 4.8.4.2.1: addresses, each with a width or density, between commas."""
    candidates = (
        f"{address} {descriptor.strip()}".rstrip()
        for reference, descriptor in _CANDIDATE.findall(srcset)
        if (address := _absolute(reference, base)) and _DESCRIPTOR.fullmatch(descriptor.strip())
    )
    return ", ".join(candidates) or None


_RESOLVED = {
    "cite": _absolute,
    "href": _absolute,
    "poster": _absolute,
    "src": _absolute,
    "srcset": _absolute_candidates,
}


def _gap(tag: re.Match[str]) -> str:
    """What stands between the words around a tag once it is gone."""
    return "" if tag[2].lower() in _INLINE else " "


def _without_tags(title: str) -> str:
    closed = {tag[2].lower() for tag in _TAG.finditer(title) if tag[1]}

    def shown(tag: re.Match[str]) -> str:
        name = tag[2].lower()
        # "How <video> works" and "Option<B>": unclosed and bare, they are words of the title.
        is_word = name not in closed and name not in _NEVER_CLOSED and not tag[3]
        return tag[0] if name not in _ELEMENTS or is_word else _gap(tag)

    return _TAG.sub(shown, title)
