"""Plain text out of what sources give: on one line, on several, to compare, for the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape as _escape
from html import unescape
from unicodedata import category, normalize

from aggregator.markup.elements import ALL, BLOCKS, INLINE, SAFE_ATTRIBUTES, SAFE_TAG, TAG
from aggregator.model import Text

_NEVER_CLOSED = frozenset({"br", "hr", "img", "input", "li", "p", "wbr"})
_ESCAPED_AT_MOST = 3
_FORBIDDEN_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ODD = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ODD_BYTES = bytes({*range(0x20), 0x7F} - {*b"\t\n\r"})
_ASCII = 0x7F
_WINDOWS = {code: bytes((code,)).decode("cp1252", "ignore") for code in range(0x7F, 0xA0)}
_WINDOWS[0x7F] = ""
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff"
    "\ud800-\udfff]"
)
# Points that may be written or left out (Latin, Cyrillic, Hebrew, Arabic); and the vowels of the
# scripts from Devanagari to Myanmar, which are half of a word and no word characters to `re`.
_POINTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670]"
)
_VOWELS = "".join(
    chr(code)
    for code in (*range(0x0900, 0x1B00), *range(0xA800, 0xAC00))
    if category(chr(code)) in {"Mn", "Mc"}
)
_WORD = re.compile(rf"[\w{_VOWELS}]+")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_SPACES = re.compile(b"  +")
_INLINE_TAG = re.compile(rf"</?(?:{'|'.join(sorted(INLINE))}){SAFE_ATTRIBUTES}>")
_HTML = re.compile(r"</[a-z]|<(?:br|p|img|hr)\b|&(?:#?\w+);", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
# What is not closed lasts to the end (HTML 13.2.5), which also keeps this linear.
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)(?=[\s/>]).*?(?:</\1(?=[\s/>])[^>]*>?|\Z)",
    re.DOTALL | re.IGNORECASE,
)


def unsaid(value: str) -> Text:
    """A text of which nobody said whether it is HTML: it is where it has a tag or a reference.

    Apple's texts are plain by their specification, and HTML in most feeds.
    """
    return Text(value=value, html=_HTML.search(value) is not None)


def plain_text(text: Text) -> str:
    """A title as plain text on one line (RSS profile 3.1, RFC 4287 3.1.1).

    Of HTML only the tags of real elements go, so that an RSS title's `vector<int>` stays. What was
    escaped more than once is what a reader would want to see: `&amp;amp;` is `&`.
    """
    value = text.value
    if text.html and "<" in value:
        value = _without_tags(value, _space)
    return " ".join(_unescaped(value).split())


def plain_lines(text: Text) -> str:
    r"""A description as plain text, a line for each paragraph, none of them blank.

    As `plain_text`, but where a block of HTML begins or ends and at `<br>` there is `\n`, and the
    line breaks of plain text stay. Comments, scripts and styles are nothing to read.
    """
    value = text.value
    if text.html:
        seen = " ".join(_UNSEEN.sub("", value).split())
        value = _without_tags(seen, _line_break)
    lines = (" ".join(line.split()) for line in _unescaped(value).splitlines())
    return "\n".join(filter(None, lines))


def text_of(html: str) -> str:
    """The words that a reader of this safe HTML sees, on one line; to compare, not to publish."""
    return " ".join(_seen(html).split())


def text_key(html: str) -> str:
    """The `title_key` of what a reader of this safe HTML sees."""
    return title_key(_seen(html))


def _seen(html: str) -> str:
    if "<" in html:
        html = SAFE_TAG.sub(" ", _INLINE_TAG.sub("", html))
    return unescape(html)


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
    if _is_even(text) or not _ODD.search(text):
        return text
    return _FORBIDDEN_IN_XML.sub("", text).translate(_WINDOWS)


def escape(text: str) -> str:
    """The text for HTML, between tags and in quoted attributes alike."""
    return _escape(text, quote=True)


def title_key(title: str) -> str:
    """A title to compare by: NFKC, case folded, runs of word characters with one space between.

    `""` for a title without words, which is equal to no other.
    """
    if not title.isascii():
        for character in set(_NOT_ASCII.findall(title)):
            folded = _LATIN.get(character)
            if folded is None:
                return _key_of_any(title)
            title = title.replace(character, folded)
    return _SPACES.sub(b" ", title.encode().translate(_WORD_BYTES)).strip().decode()


def _key_of_any(title: str) -> str:
    """The key in any script; in Latin it takes four times as long."""
    folded = normalize("NFKC", normalize("NFKC", title).casefold())
    return " ".join(_WORD.findall(_POINTS.sub("", folded)))


# The letters of Latin script and points that have no other form but a small one, or stand between
# words, so that the characters around them do not matter; and bytes likewise.
_LATIN = {
    character: key[1:-1]
    for character in map(chr, (*range(0x80, 0x180), *range(0x2000, 0x2070)))
    if (key := _key_of_any(f"a{character}b")) in {"a b", f"a{character.casefold()}b"}
}
_WORD_BYTES = bytes(
    ord(_key_of_any(chr(byte)) or " ") if byte <= _ASCII else byte for byte in range(256)
)


def _is_even(text: str) -> bool:
    """Whether a text has surely nothing that XML forbids or discourages: found out in bytes."""
    try:
        written = text.encode()
    except UnicodeEncodeError:
        return False
    return (
        len(written.translate(None, _ODD_BYTES)) == len(written)
        and b"\xc2" not in written
        and b"\xef\xbf" not in written
    )


def _unescaped(text: str) -> str:
    for _ in range(_ESCAPED_AT_MOST if "&" in text else 0):
        text = _REFERENCE.sub(lambda reference: unescape(reference[0]), text)
    return xml_safe(text)


def _without_tags(html: str, gap: Callable[[str], str]) -> str:
    closed = {tag[2].lower() for tag in TAG.finditer(html) if tag[1]}

    def shown(tag: re.Match[str]) -> str:
        name = tag[2].lower()
        # "How <video> works" and "Option<B>": unclosed and bare, they are words of the title.
        is_word = name not in closed and name not in _NEVER_CLOSED and not tag[3]
        return tag[0] if name not in ALL or is_word else gap(name)

    return TAG.sub(shown, html)


def _space(name: str) -> str:
    """What stands between the words around a tag once it is gone."""
    return "" if name in INLINE else " "


def _line_break(name: str) -> str:
    return "\n" if name in BLOCKS else _space(name)
