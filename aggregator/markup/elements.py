"""What each element of HTML is to us. Each that HTML has, or had, is in one of the first four."""

from __future__ import annotations

import re

# fmt: off
KEPT = frozenset({
    "a", "abbr", "acronym", "address", "article", "aside", "audio", "b", "bdi", "big",
    "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "data", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hgroup", "hr", "i", "img", "ins", "kbd", "li", "main", "mark",
    "nav", "ol", "p", "picture", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small",
    "source", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot",
    "th", "thead", "time", "tr", "track", "tt", "u", "ul", "var", "video", "wbr",
})
EMBEDDED = frozenset({"embed", "iframe", "object"})
DROPPED_WITH_CONTENT = frozenset({
    "button", "canvas", "math", "noembed", "noframes", "script", "select", "style", "svg",
    "template", "textarea", "title",
})
# The W3C validator takes `bdo` for a security risk and `rtc` for no HTML at all.
_UNKEPT = frozenset({
    "applet", "area", "base", "basefont", "bdo", "bgsound", "blink", "body", "command", "datalist",
    "dir", "fieldset", "font", "form", "frame", "frameset", "head", "html", "image", "input",
    "label", "legend", "link", "map", "marquee", "menu", "meta", "meter", "nobr", "noscript",
    "optgroup", "option", "output", "param", "plaintext", "progress", "rtc", "slot", "xmp",
})
INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "blink", "cite", "code", "data", "del", "dfn",
    "em", "font", "i", "ins", "kbd", "mark", "nobr", "q", "rp", "rt", "rtc", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "details", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hgroup", "hr", "legend", "li", "main", "menu", "nav", "ol", "p",
    "plaintext", "pre", "section", "summary", "table", "tr", "ul", "xmp",
})
VOID = frozenset({"br", "col", "hr", "img", "source", "track", "wbr"})
# fmt: on
ALL = KEPT | EMBEDDED | DROPPED_WITH_CONTENT | _UNKEPT

SAFE_ATTRIBUTES = r'(?: [^ ="<>]+="[^"]*")*'
"""The attributes of a tag as nh3 writes them."""

SAFE_TAG = re.compile(rf"<(/?)([a-z][a-z0-9]*)({SAFE_ATTRIBUTES})>")
"""A tag of safe HTML: its slash, its name, its attributes."""

TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)(\s[^<>]*|/)?>", re.IGNORECASE)
"""What looks like a tag in any HTML: its slash, its name, and whatever else it holds."""
