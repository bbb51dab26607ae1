"""Who may see what is told to operators alone. Pure: what a request says goes in, a verdict out."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from aggregator.settings import Settings

CHALLENGE = (
    ("WWW-Authenticate", 'Basic realm="Broadsheet", charset="UTF-8"'),
    ("WWW-Authenticate", 'Bearer realm="Broadsheet"'),
)
"""What a 401 asks for (RFC 9110 11.6.1, RFC 7617 2.1, RFC 6750 3)."""

_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::[0-9]{0,5})?", re.ASCII)
_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<token>[^;"]*))', re.IGNORECASE)


class Verdict(Enum):
    """What a request gets: the answer, or a challenge for the token."""

    OPEN = "open"
    UNAUTHORIZED = "unauthorized"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """It gets what an unknown page gets. `why` is for the log, and holds nothing of the request."""

    why: str


def admitted(
    settings: Settings, headers: Iterable[tuple[str, str]], client: str | None = None
) -> Verdict | Hidden:
    """Whether a request with these headers, in lower case, may see what operators are told.

    `client` is the address that it came from, None where that is not known (a Unix socket). Without
    a token in the settings only this machine may: asked by its own name, so that no page whose host
    name was turned to 127.0.0.1 can (DNS rebinding), and not for somebody else, so that a reverse
    proxy on this machine cannot.
    """
    said: dict[str, list[str]] = {}
    for name, value in headers:
        said.setdefault(name, []).append(value)
    if settings.token is not None:
        holds = _holds(said.get("authorization", []), settings.token.encode())
        return Verdict.OPEN if holds else Verdict.UNAUTHORIZED
    if not may_be_open(settings):
        return Hidden(why="base_url is not loopback")
    if not all(map(_is_own, said.get("host", []))) or len(said.get("host", [])) > 1:
        return Hidden(why="it was asked for by another name than that of this machine")
    if client is not None and not _is_own(client):
        return Hidden(why="another machine asked for it")
    if not all(map(_is_own, _forwarded(said))):
        return Hidden(why="a proxy asked for it, for another machine")
    return Verdict.OPEN


def may_be_open(settings: Settings) -> bool:
    """Whether anybody at all may see it, with the token or from this machine."""
    return settings.token is not None or _is_own(_host_of(settings.site.base_url))


def _forwarded(said: dict[str, list[str]]) -> Iterable[str]:
    """For whom proxies say that they ask (RFC 7239 5.2, and what was there before it)."""
    for name in ("x-forwarded-for", "x-real-ip"):
        yield from (each for line in said.get(name, []) for each in line.split(",") if each.strip())
    for line in said.get("forwarded", []):
        for element in line.split(","):
            found = _FOR.search(element)
            # One that does not say for whom may ask for anybody.
            yield (found["quoted"] or found["token"] or "") if found else ""


def _host_of(base_url: str) -> str:
    try:
        return urlsplit(base_url).hostname or ""
    except ValueError:
        return ""


def _is_own(named: str) -> bool:
    """Whether a host, with a port or without, is this machine itself as it calls itself."""
    named = named.strip().lower()
    try:
        return _is_loopback(named)
    except ValueError:
        found = _PORT.fullmatch(named)
    host = found["host"].strip("[]") if found else ""
    try:
        return host == "localhost" or _is_loopback(host)
    except ValueError:
        return False


def _is_loopback(address: str) -> bool:
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped.is_loopback
    return found.is_loopback


def _holds(authorization: list[str], token: bytes) -> bool:
    """Whether the one Authorization header there may be holds the token, compared in even time."""
    if len(authorization) != 1:
        return False
    scheme, _, said = authorization[0].strip().partition(" ")
    given = _given(scheme.lower(), said.strip())
    return given is not None and hmac.compare_digest(given, token)


def _given(scheme: str, said: str) -> bytes | None:
    """The token as bytes: of Basic it is the password, whoever the user (RFC 7617 2)."""
    try:
        if scheme == "bearer":
            return said.encode("latin-1")
        if scheme == "basic":
            _, colon, password = base64.b64decode(said, validate=True).partition(b":")
            return password if colon else None
    except (UnicodeEncodeError, binascii.Error, ValueError):
        pass
    return None
