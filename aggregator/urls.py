"""One address for one article: absolute, comparable, fit to be logged.

Everything here takes any string and never raises. `absolute` gives what is published, `address_key`
what is compared: the two must not be mixed, because a key has lost what makes a link work.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin

import idna

_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "itm_", "at_custom")
# fmt: off
_TRACKING_NAMES = frozenset({
    "_branch_match_id", "_ga", "_gl", "_hsenc", "_hsmi", "_openstat", "__hsfp", "__hssc",
    "__hstc", "__s", "__twitter_impression", "at_campaign", "at_link_id", "at_link_origin",
    "at_link_type", "at_medium", "at_ptr_name", "cmpid", "dclid", "epik", "fb_action_ids",
    "fb_action_types", "fb_ref", "fb_source", "fbclid", "ga_campaign", "ga_content", "ga_medium",
    "ga_source", "ga_term", "gbraid", "gclid", "gclsrc", "guccounter", "guce_referrer",
    "guce_referrer_sig", "hsctatracking", "igsh", "igshid", "irclickid", "li_fat_id", "mc_cid",
    "mc_eid", "mc_tc", "mkt_tok", "msclkid", "ncid", "ns_campaign", "ns_fee", "ns_linkname",
    "ns_mchannel", "ns_source", "ocid", "oly_anon_id", "oly_enc_id", "rb_clickid", "ref_src",
    "ref_url", "s_cid", "sc_cid", "smid", "spm", "srsltid", "ttclid", "twclid", "vero_conv",
    "vero_id", "wbraid", "wickedid", "wt.mc_id", "wt_mc", "wt_zmc", "xtor", "yclid", "ymclid",
    "ysclid",
})
# fmt: on

_TRACKERS = "|".join(map(re.escape, (*_TRACKING_PREFIXES, *sorted(_TRACKING_NAMES))))
_MAY_TRACK = re.compile(rf"[?#&](?:amp;)?(?:{_TRACKERS})")
_ADDRESS = re.compile(
    r"(https?):[/\\]+([^/\\?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL
)
_AUTHORITY = re.compile(r"(?:(.*)@)?(\[[^\]]*\]|[^:@\[\]]+)(:[0-9]{0,5})?", re.DOTALL)
_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
_ASCII_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?", re.IGNORECASE)
_URI_CHARACTERS = ";/?:@&=+$!*'(),#%"
_WRITTEN = re.compile(r"[A-Za-z0-9_.~;/?:@&=+$!*'(),#%-]*")
_ESCAPE = re.compile(r"%([0-9a-f]{2})", re.IGNORECASE)
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_REMEMBERED = 512
_HIGHEST_PORT = 65_535
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_FOLDED_PREFIXES = re.compile(r"(?:(?:www|m|amp)\.)+(?=[^.]+\.)")
# The second half: a password with a "/", "?" or "#" that ought to have been escaped.
_LOGIN = re.compile(
    r"(\s*(?:[a-z][a-z0-9+.-]*:)?[/\\]*)(?:[^/\\?#]*@|[^/\\?#:]*:[0-9]*(?=[^/\\?#0-9]).*@)",
    re.IGNORECASE | re.DOTALL,
)
_QUERY_VALUE = re.compile(r"([^&=]*=)[^&]*|[^&]+")
_PUBLIC_SUFFIX = re.compile(
    r"(?<=[^.])(?:\.(?:ac|com?|edu|go[bv]?|gouv|mil|net?|nom|org?)\.[a-z]{2}|\.[^.]+)$"
)

# RFC 3986 appendix A, less what the W3C validator calls an error in an atom:id.
_CHARACTER = r"(?:[A-Za-z0-9;/?:@&=+$.\-_!~*'(),]|%[0-9A-Fa-f]{2})"
_URI = re.compile(rf"([A-Za-z][A-Za-z0-9+.-]*):({_CHARACTER}+(?:#{_CHARACTER}*)?)")
_NAMED_HOST = re.compile(r"//(?:[^/?#@]*@)?[^/?#@:]+(?::[0-9]*)?(?:[/?#].*)?")
_URN = re.compile(
    r"uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?!uuid:)[a-z0-9][a-z0-9-]{0,30}[a-z0-9]:(?:[a-z0-9()+,.:=@;$_!*'-]|%[0-9a-f]{2})+",
    re.IGNORECASE,
)
_TAG = re.compile(r"(?:[a-z0-9._-]+@)?[a-z0-9.-]+,[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?:.*")


class _Address(NamedTuple):
    """The parts of an http(s) address, with the delimiters that belong to them; all ASCII."""

    scheme: str
    login: str
    host: str
    port: str
    path: str
    query: str
    fragment: str


def absolute(ref: str, base: str | None) -> str | None:
    """The absolute http(s) address of a reference, resolved as browsers do (WHATWG URL 4.4).

    White space around it and line breaks within are dropped, a doubly escaped `&amp;` is undone,
    what RFC 3986 forbids is percent-encoded, and a host in Unicode becomes Punycode (UTS 46). All
    else stays as given: the order of a query can be signed.

    Args:
        ref: The reference as published, relative or absolute.
        base: What it is relative to, as published; None where nothing is known.

    Returns:
        The address in ASCII, or None for an empty reference, another scheme, or no usable host.
    """
    address = _resolved(ref, base)
    if address is None:
        return None
    return f"{address.scheme}://{''.join(address[1:])}"


def address_key(url: str) -> str | None:
    """What the addresses of one story have in common; to compare by, never to be shown.

    Folded: scheme, `www.` `m.` `amp.`, default port, login, escapes and dot segments (RFC 3986
    6.2.2), a slash at the end, the order of the query. Known tracking parameters go, unknown ones
    stay: `?p=` and `?id=` are identity. A fragment goes unless it names a page (`#!` and `#/`).

    Returns:
        The key, or None for an address that names no single story: not http(s), or a bare host.
    """
    address = _resolved(url, None)
    if address is None:
        return None
    host = _FOLDED_PREFIXES.sub("", address.host.lower().rstrip("."), count=1)
    port = "" if address.port in {":", _DEFAULT_PORTS[address.scheme]} else address.port
    path = _without_dots(_folded_escapes(address.path)).rstrip("/")
    query = _folded_escapes(address.query[1:]).replace("+", "%20")
    kept = sorted((p for p in query.split("&") if p and not _tracks(p)), key=_name) if query else []
    page = address.fragment if address.fragment[1:2] in {"!", "/"} else ""
    rest = path + ("?" + "&".join(kept) if kept else "") + page
    return f"{host}{port}{rest}" if rest else None


def without_tracking(url: str) -> str:
    """The address without known tracking parameters, otherwise byte for byte as given.

    French publishers put theirs into the fragment (`#xtor=RSS-1`), so that is searched too.
    """
    if not _MAY_TRACK.search(url.lower()):
        return url
    rest, hash_mark, fragment = url.partition("#")
    path, question_mark, query = rest.partition("?")
    return path + _untracked(question_mark, query) + _untracked(hash_mark, fragment)


def masked(url: str) -> str:
    """The address for logs and errors: login, fragment and every query value are `***`.

    A query part without a name may itself be the secret, so it goes whole.
    """
    if not ("@" in url or "?" in url or "#" in url):
        return url
    login = _LOGIN.match(url)
    if login:
        url = f"{login[1]}***@{url[login.end() :]}"
    rest, hash_mark, fragment = url.partition("#")
    path, question_mark, query = rest.partition("?")
    query = _QUERY_VALUE.sub(lambda part: f"{part[1] or ''}***", query)
    return path + question_mark + query + hash_mark + ("***" if fragment else "")


def host(url: str) -> str:
    """The lower-case ASCII host of an http(s) address, without `www.`; `""` where there is none."""
    address = _resolved(url, None)
    if address is None:
        return ""
    return address.host.lower().strip("[].").removeprefix("www.")


def host_and_port(url: str) -> str:
    """Where an http(s) address is asked: `example.org:443`, the host lower-case and in ASCII.

    A port that is not named is that of the scheme (RFC 9110 4.2); `""` where there is no host.
    """
    address = _resolved(url, None)
    if address is None:
        return ""
    port = address.port[1:] or _DEFAULT_PORTS[address.scheme][1:]
    return f"{address.host.lower().rstrip('.')}:{int(port)}"


def host_name(url: str) -> str:
    """The host's own name, to compare with a publication's: `https://www.wired.com/feed` → `wired`.

    The label before the public suffix, which is one label long, or two under a country code
    (`bbc.co.uk` → `bbc`); an IP address is its own name. `""` where there is no host.
    """
    name = host(url)
    try:
        return str(ip_address(name))
    except ValueError:
        own = _PUBLIC_SUFFIX.sub("", name)
    return own.rpartition(".")[2]


def is_absolute_iri(text: str) -> bool:
    """Whether a guid may stand as an atom:id as it is (RFC 4287 4.2.6).

    A scheme and a rest in the characters of RFC 3986; http(s) and ftp need a host, `urn:` the form
    of RFC 8141 (`urn:uuid:` a real UUID), `tag:` that of RFC 4151. Narrower than RFC 3987 where the
    W3C validator is: it calls anything outside ASCII, brackets, a `/` in a URN and a capital in a
    tag's authority errors, and our feeds must have none.
    """
    found = _URI.fullmatch(text)
    if found is None:
        return False
    scheme, rest = found.groups()
    match scheme.lower():
        case "http" | "https" | "ftp":
            return _NAMED_HOST.fullmatch(rest) is not None
        case "urn":
            return _URN.fullmatch(rest) is not None
        case "tag":
            return scheme == "tag" and _TAG.fullmatch(rest) is not None
        case _:
            return True


def _resolved(ref: str, base: str | None) -> _Address | None:
    if not _WRITTEN.fullmatch(ref):
        ref = _LINE_BREAKS.sub("", ref.strip())
    if "&" in ref:  # 105 of 372 captured query strings hold "&amp;amp;": escaped once too often
        ref = _AMPERSAND.sub("&", ref)
    found = _ADDRESS.fullmatch(ref)
    if found is None and ref and base is not None:
        found = _joined(ref, base)
    if found is None:
        return None
    scheme, authority, path, query, fragment = found.groups(default="")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        return None
    login, name, port = parts.groups(default="")
    ascii_name = _ascii_host(name)
    if ascii_name is None or int(port[1:] or 0) > _HIGHEST_PORT:
        return None
    return _Address(
        scheme=scheme.lower(),
        login=_quoted(login) + "@" if login else "",
        host=ascii_name,
        port=port,
        path=_quoted(path.replace("\\", "/")),
        query=_quoted(query),
        fragment=_quoted(fragment),
    )


@lru_cache(_REMEMBERED)
def _joined(ref: str, base: str) -> re.Match[str] | None:
    """A relative reference made absolute: pictures and links come in summary and content alike."""
    start = absolute(base, None)
    if start is None:
        return None
    try:
        return _ADDRESS.fullmatch(urljoin(start, ref.replace("\\", "/")))
    except ValueError:  # urljoin reads "//[" and the like as a broken IPv6 host
        return None


def _quoted(text: str) -> str:
    if _WRITTEN.fullmatch(text):
        return text
    return quote(text, safe=_URI_CHARACTERS, errors="ignore")


def _ascii_host(name: str) -> str | None:
    """The host as DNS knows it; one in ASCII stays as given, capitals and all."""
    if name.startswith("["):
        try:
            IPv6Address(name[1:-1])
        except ValueError:
            return None
        return name
    if not name.isascii() or "%" in name:
        try:
            mapped = idna.uts46_remap(unquote(name), std3_rules=False)
        except idna.IDNAError:
            return None
        # idna.encode would refuse the emoji hosts of IDNA 2003, which browsers open.
        name = ".".join(
            label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
            for label in mapped.split(".")
        )
    return name if _ASCII_HOST.fullmatch(name) else None


def _folded_escapes(text: str) -> str:
    """RFC 3986 6.2.2.1 and 6.2.2.2: hex digits in capitals, unreserved characters as themselves."""
    return _ESCAPE.sub(_folded_escape, text) if "%" in text else text


def _folded_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _without_dots(path: str) -> str:
    """RFC 3986 5.2.4, but for a slash at the end."""
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


def _untracked(mark: str, parameters: str) -> str:
    parts = parameters.split("&")
    kept = [part for part in parts if not _tracks(part)]
    return mark + "&".join(kept) if kept else ""


def _tracks(parameter: str) -> bool:
    name = _name(parameter).lower().removeprefix("amp;")
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES)


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]
