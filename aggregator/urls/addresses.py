"""The address that a reference names, as browsers find it, and its host."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin

import idna

_ADDRESS = re.compile(
    r"(https?):[/\\]+([^/\\?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL
)
_AUTHORITY = re.compile(r"(?:(.*)@)?(\[[^\]]*\]|[^:@\[\]]+)(:[0-9]{0,5})?", re.DOTALL)
_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
_ASCII_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?", re.IGNORECASE)
_URI_CHARACTERS = ";/?:@&=+$!*'(),#%"
_WRITTEN = re.compile(r"[A-Za-z0-9_.~;/?:@&=+$!*'(),#%-]*")
_REMEMBERED = 512
_HIGHEST_PORT = 65_535
DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_PUBLIC_SUFFIX = re.compile(
    r"(?<=[^.])(?:\.(?:ac|com?|edu|go[bv]?|gouv|mil|net?|nom|org?)\.[a-z]{2}|\.[^.]+)$"
)


class Address(NamedTuple):
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
    address = resolved(ref, base)
    if address is None:
        return None
    return f"{address.scheme}://{''.join(address[1:])}"


def host(url: str) -> str:
    """The lower-case ASCII host of an http(s) address, without `www.`; `""` where there is none."""
    address = resolved(url, None)
    if address is None:
        return ""
    return address.host.lower().strip("[].").removeprefix("www.")


def host_and_port(url: str) -> str:
    """Where an http(s) address is asked: `example.org:443`, the host lower-case and in ASCII.

    A port that is not named is that of the scheme (RFC 9110 4.2); `""` where there is no host.
    """
    address = resolved(url, None)
    if address is None:
        return ""
    port = address.port[1:] or DEFAULT_PORTS[address.scheme][1:]
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


def resolved(ref: str, base: str | None) -> Address | None:
    """The parts of what `absolute` gives."""
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
    return Address(
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
