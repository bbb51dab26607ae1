"""From an address as it is written to one that goes out unrewritten."""

from __future__ import annotations

import re
from base64 import b64encode
from urllib.parse import quote

from aiohttp import hdrs
from yarl import URL

from aggregator.fetch.reasons import UnusableError
from aggregator.markup import one_line
from aggregator.urls import masked

_PRINTABLE = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

_RAW_BYTE = re.compile("[\udc80-\udcff]")
"""How aiohttp gives a byte of a header that is not UTF-8."""


def configured(address: str) -> tuple[URL, dict[str, str] | None]:
    """What is asked for the address of a source, and the Authorization its userinfo stands for.

    Raises:
        UnusableError: it is not one that can be asked.
    """
    try:
        url = _unrewritten(address)
    except ValueError:
        raise UnusableError("the address cannot be read") from None
    if not _is_http(url):
        raise UnusableError("not an http or https address")
    if "@" in address or "#" in address:
        return _bare(url), _account(url)
    return url, None


def redirected(location: str, base: URL) -> URL:
    """Where a Location sends us from `base` (RFC 9110 10.2.2), without user, password, fragment.

    Raises:
        UnusableError: nowhere that can be asked.
    """
    if not location:
        raise UnusableError("redirected without a Location")
    # Old servers write Latin-1 there; the bytes are what they mean.
    text = _RAW_BYTE.sub(lambda found: f"%{ord(found[0]) - 0xDC00:02X}", location)
    try:
        url = base.join(_unrewritten(text))
    except ValueError:
        url = URL()
    if not _is_http(url):
        # Masked in one line, not before: a control character could hide a login.
        told = one_line(masked(one_line(text, len(text))), 100)
        raise UnusableError(f"redirected to what is not an http or https address: {told}")
    return _bare(url)


def place(url: URL) -> str:
    """The `host:port` that is asked, as `urls.host_and_port` writes it: politeness counts by it."""
    host = url.raw_host or ""
    if ":" in host:
        host = f"[{host}]"
    return f"{host.rstrip('.')}:{url.port}".lower()


def _bare(url: URL) -> URL:
    """What is asked for: neither user and password nor a fragment belong to it."""
    return url.with_user(None).with_fragment(None)


def _account(url: URL) -> dict[str, str] | None:
    """The Authorization that the userinfo of `url` stands for (RFC 7617), or nothing."""
    if url.raw_user is None and url.raw_password is None:
        return None
    pair = f"{url.user or ''}:{url.password or ''}"
    return {hdrs.AUTHORIZATION: "Basic " + b64encode(pair.encode()).decode()}


def _unrewritten(text: str) -> URL:
    """Signed addresses break when their escapes are changed, so only blanks and controls are.

    An address that is not ASCII cannot go out as it is: host and path become what browsers send
    (RFC 3987 3.1).
    """
    text = text.strip()
    if not text.isascii():
        return URL(text)
    if not text.isprintable() or " " in text:
        text = quote(text, safe=_PRINTABLE)
    return URL(text, encoded=True)


def _is_http(url: URL) -> bool:
    return url.scheme in ("http", "https") and bool(url.raw_host)
