"""The attributes of safe HTML that a checker of HTML has nothing to say against."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from html import escape, unescape
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote

from feeds.pages.tongues import language

_Check = Callable[[str], str | None]

# Most addresses are of this kind, and need no more than to be found so. A name that ends in a
# number is an IPv4 address to a browser, and may be none.
_FIT_ADDRESS = re.compile(
    r"https?://(?:(?!xn--)[a-z0-9][a-z0-9-]{0,40}\.){1,5}[a-z]{2,20}"
    r"(?:[/?](?:[A-Za-z0-9!$'()*+,./:;=?@_~-]|&amp;|%[0-9A-Fa-f]{2})*+)?"
)
_ADDRESS = re.compile(r"((?i:https?)://)([^/?#\\]*)(.*)", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:\[\]]+)(?::([0-9]{0,5}))?")
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_KEPT_APART = str.maketrans("ßς", "üσ")  # by browsers (UTS 46), not by Python (IDNA 2003)
_ACE = re.compile("xn--[a-z0-9-]+")
# Neither ASCII with a meaning of its own, nor a mark where a letter should be.
_UNFIT_IN_NAME = re.compile("[\x00-,./:-@[-^`{-\x7f]|\\A[\u0300-\u036f]")
_MOST_PORT, _MOST_NAME = 65535, 253
_UNFIT = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9!#$%&'()*+,./:;=?@_~-]")

_INTEGER = re.compile(r"-?[0-9]{1,9}")
_SPAN = re.compile(r"[1-9][0-9]{0,4}")
_NATURAL = re.compile(r"[0-9]{1,9}")
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,3})?)?"
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):?[0-5][0-9])"
_MOMENT = re.compile(
    rf"([1-9][0-9]{{3}}-[0-9]{{2}}-[0-9]{{2}})(?:([T ]){_TIME}({_ZONE})?)?|([1-9][0-9]{{3}})"
    rf"|([1-9][0-9]{{3}}-(?:0[1-9]|1[0-2]))|({_TIME})"
)

_MEDIA_TYPE = re.compile(
    r"[\w.+-]{1,60}/[\w.+-]{1,60}(?:; ?codecs=(?:&quot;[\w., -]+&quot;|[\w.]+))?"
)
_LENGTH = r"[0-9]{1,5}(?:\.[0-9]{1,4})?(?:px|em|rem)"
_CONDITION = rf"\((?:min|max)-(?:width|height): ?{_LENGTH}\)"
_CONDITIONS = rf"(?:(?:only )?screen and )?{_CONDITION}(?: and {_CONDITION})*"
_QUERY = re.compile(rf"screen|\(prefers-color-scheme: ?(?:dark|light)\)|{_CONDITIONS}")
_SIZE = rf"(?:{_CONDITION}(?: and {_CONDITION})* )?(?:{_LENGTH}|[0-9]{{1,3}}(?:\.[0-9]{{1,4}})?vw)"
_SIZES = re.compile(rf"{_SIZE}(?:, ?{_SIZE})*")
_LAZY_SIZES = re.compile(rf"auto|(?:auto, ?)?{_SIZES.pattern}")  # which we have all pictures be
_CANDIDATE = re.compile(r"([^\s,](?:\S*[^\s,])?)(?: ([0-9]{1,6}(?:\.[0-9]{1,6})?)([wx]))?")


def checked(name: str, given: Mapping[str, str]) -> dict[str, str]:
    """The attributes of an element of safe HTML, as they came or put right; always escaped.

    Each for itself: what a cell spans, for one, depends on what stands around it.
    """
    kept = {}
    for key, value in given.items():
        check = _CHECKS.get((name, key)) or _EVERYWHERE.get(key)
        found = check(value) if check else None
        if found is not None:
            kept[key] = found
    if name in {"img", "source"}:
        _settle_sizes(kept)
        if name == "img" and "src" not in kept and "srcset" in kept:
            kept["src"] = kept["srcset"].partition(" ")[0].rstrip(",")
    return kept


def common(attributes: Mapping[str, str]) -> dict[str, str]:
    """Those of the attributes that any element may have."""
    return {key: value for key, value in attributes.items() if key in _EVERYWHERE}


def address(escaped: str) -> str | None:
    """The address as the URL Standard has it valid (4.3), None where it cannot be so.

    What a browser or a server reads the same is percent-encoded. A user's name and password in a
    link are not valid, and leaving them out would lead elsewhere.
    """
    if _FIT_ADDRESS.fullmatch(escaped):
        return escaped
    given = unescape(escaped)
    if given[:7].lower() == "mailto:":
        return given[:7] + _encoded(given[7:])
    parts = _ADDRESS.fullmatch(given)
    if not parts or not _is_authority(parts[2]):
        return None
    return escape(f"{parts[1]}{parts[2]}", quote=False) + _encoded(parts[3])


def host(escaped: str) -> str:
    """The name of who is at the address: of a host, or of a mailbox."""
    scheme, _, rest = escaped.partition(":")
    if scheme.lower() == "mailto":
        return rest.partition("?")[0] or "Mail"
    return rest[2:].partition("/")[0].partition("?")[0].partition("#")[0]


def is_moment(text: str, *, zoned: bool = False) -> bool:
    """Whether a text is a date, a time or both (HTML 2.3.5); if `zoned`, with its zone."""
    found = _MOMENT.fullmatch(text)
    if not found:
        return False
    day, clock, zone = found[1], found[2], found[3]
    if zoned and (not day or bool(clock) != bool(zone)):
        return False
    try:
        return not day or bool(date.fromisoformat(day))
    except ValueError:
        return False


def _encoded(rest: str) -> str:
    """What follows the host, escaped; a second `#` is no more than a character of the first."""
    start, mark, fragment = _UNFIT.sub(lambda unfit: quote(unfit[0]), rest).partition("#")
    return escape(start + mark + fragment.replace("#", "%23"), quote=False)


def _is_authority(authority: str) -> bool:
    """URL Standard 3.5: a host, and a port or none."""
    parts = _AUTHORITY.fullmatch(authority)
    if not parts or int(parts[2] or 0) > _MOST_PORT:
        return False
    name = parts[1]
    if name[0] == "[":
        try:
            return bool(IPv6Address(name[1:-1]))
        except AddressValueError:
            return False
    if _NUMBER.fullmatch(name.removesuffix(".").rpartition(".")[2]):
        return _is_ipv4(name)
    labels = name.removesuffix(".").split(".")
    return len(name) <= _MOST_NAME and all(map(_is_label, labels))


def _is_ipv4(name: str) -> bool:
    try:
        return bool(IPv4Address(name))
    except AddressValueError:
        return False


def _is_label(label: str) -> bool:
    """Whether a part of a host's name is in ASCII, or would be the same in it and back."""
    if _LABEL.fullmatch(label):
        return label[:4].lower() != "xn--" or _is_encoded(label[4:])
    return not label.isascii() and _is_encodable(label)


def _is_encoded(punycode: str) -> bool:
    try:
        return _is_encodable(punycode.encode().decode("punycode"))
    except UnicodeError:
        return False


def _is_encodable(label: str) -> bool:
    try:
        written = label.translate(_KEPT_APART).encode("idna").decode()
        return bool(_ACE.fullmatch(written)) and not _UNFIT_IN_NAME.search(label)
    except UnicodeError:
        return False


def _settle_sizes(attributes: dict[str, str]) -> None:
    """HTML 4.8.3: where the candidates have widths, and only there, there must be sizes."""
    if attributes.get("srcset", "").endswith("w"):
        attributes.setdefault("sizes", "100vw")
    else:
        attributes.pop("sizes", None)


def _candidates(srcset: str) -> str | None:
    """HTML 4.8.4.2.1: no width or density twice, and not both kinds of them."""
    found: dict[tuple[str, float], str] = {}
    for written in unescape(srcset).split(", "):
        candidate = _CANDIDATE.fullmatch(written)
        link = candidate and address(escape(candidate[1], quote=False))
        if not candidate or not link:
            return None
        size, kind = candidate[2] or "1", candidate[3] or "x"
        if float(size) and (kind == "x" or size.isdigit()):
            told = f" {size}{kind}" if candidate[2] else ""
            found.setdefault((kind, float(size)), link + told)
    return ", ".join(found.values()) if len({kind for kind, _ in found}) == 1 else None


def _matching(pattern: re.Pattern[str]) -> _Check:
    return lambda value: value if pattern.fullmatch(value) else None


def _any(value: str) -> str | None:
    return value


_natural, _integer, _span = map(_matching, (_NATURAL, _INTEGER, _SPAN))

_EVERYWHERE: dict[str, _Check] = {
    "class": _any,  # which is ours: safe HTML has none
    "dir": _matching(re.compile("ltr|rtl|auto")),
    "lang": language,
    "title": _any,
}
_CHECKS: dict[tuple[str, str], _Check] = {
    ("a", "href"): address,
    ("audio", "src"): address,
    ("blockquote", "cite"): address,
    ("data", "value"): _any,
    ("del", "cite"): address,
    ("del", "datetime"): lambda value: value if is_moment(value, zoned=True) else None,
    ("details", "open"): _any,
    ("img", "alt"): _any,
    ("img", "height"): _natural,
    ("img", "sizes"): _matching(_LAZY_SIZES),
    ("img", "src"): address,
    ("img", "srcset"): _candidates,
    ("img", "width"): _natural,
    ("ins", "cite"): address,
    ("ins", "datetime"): lambda value: value if is_moment(value, zoned=True) else None,
    ("li", "value"): _integer,
    ("ol", "reversed"): _any,
    ("ol", "start"): _integer,
    ("ol", "type"): _matching(re.compile("[1aAiI]")),
    ("q", "cite"): address,
    ("source", "media"): _matching(_QUERY),
    ("source", "sizes"): _matching(_SIZES),
    ("source", "src"): address,
    ("source", "srcset"): _candidates,
    ("source", "type"): _matching(_MEDIA_TYPE),
    ("td", "colspan"): _span,
    ("td", "rowspan"): _natural,
    ("th", "abbr"): _any,
    ("th", "colspan"): _span,
    ("th", "rowspan"): _natural,
    ("th", "scope"): _matching(re.compile("(?:row|col)(?:group)?")),
    ("time", "datetime"): lambda value: value if is_moment(value) else None,
    ("track", "kind"): _matching(re.compile("subtitles|captions|descriptions|chapters|metadata")),
    ("track", "label"): lambda value: value.strip() or None,
    ("track", "src"): address,
    ("track", "srclang"): language,
    ("video", "height"): _natural,
    ("video", "poster"): address,
    ("video", "src"): address,
    ("video", "width"): _natural,
}
