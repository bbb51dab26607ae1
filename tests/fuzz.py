"""Requests that nobody should send, for a service that must answer each of them.

Addresses are made of what ours are made of, and of anything; so are headers.
"""

from __future__ import annotations

import socket

from hypothesis import strategies as st

from tests.service import Service

_PARTS = st.sampled_from(
    [b"/", b"/feeds/", b"/archive/", b"/stories/", b"tech", b"all", b"science", b"0", b"1", b"7",
     b"999999999999999999", b"9999999999999999999999", b"-1", b".atom", b".rss", b".json", b".opml",
     b"%", b"%00", b"%2B", b"%2F", b"+", b",", b"?", b"q=", b"page=", b"vertical=tech", b"not=",
     b"&", b"#", b"..", b"\xff", b"\xc3\xa9", b";", b"_", b"*", b"http://evil.example/"]
)  # fmt: skip
_KNOWN = st.sampled_from(
    [b"/feeds/all.atom", b"/feeds/tech.rss", b"/feeds/science_tech.json", b"/feeds.opml", b"/",
     b"/feeds/all/archive/0.atom", b"/feeds/tech/archive/1.rss", b"/tech", b"/healthz"]
)  # fmt: skip
_BYTES = st.binary(max_size=20).filter(lambda some: not set(some) & set(b"\r\n\0 "))
_NAMES = st.sampled_from(
    [b"If-None-Match", b"If-Modified-Since", b"Accept-Encoding", b"Accept", b"Range", b"Host",
     b"Expect", b"Upgrade", b"Content-Length", b"Transfer-Encoding", b"Cookie", b"TE", b"If-Match",
     b"If-Range", b"If-Unmodified-Since", b"A-IM", b"X-Forwarded-Host", b"Origin", b"Referer"]
)  # fmt: skip
_VALUES = st.sampled_from(
    [b'W/"x", *', b"*", b'"', b'"a" "b"', b"gzip", b"br;q=0", b"identity;q=0", b"*;q=0, gzip;q=9",
     b"gzip;q=0.0000000001", b"Fri, 13 Feb 2026 09:00:00 GMT", b"Fri, 99 Feb 99999 99:99:99 GMT",
     b"bytes=0-1", b"bytes=-1,5-", b"feed", b"0", b"-1", b"chunked", b"100-continue", b"h2c",
     b"a" * 3000, b"text/html;q=x"]
)  # fmt: skip

METHODS = st.sampled_from(
    [b"GET", b"GET", b"GET", b"HEAD", b"OPTIONS", b"POST", b"TRACE", b"CONNECT", b"BREW"]
)
ADDRESSES = st.one_of(
    _KNOWN,
    st.tuples(_KNOWN, st.one_of(_PARTS, _BYTES)).map(b"".join),
    st.lists(st.one_of(_PARTS, _BYTES), max_size=8).map(lambda parts: b"/" + b"".join(parts)),
)
HEADERS = st.lists(st.tuples(_NAMES, st.one_of(_BYTES, _VALUES)), max_size=4)


def ask(
    service: Service, method: bytes, address: bytes, headers: list[tuple[bytes, bytes]]
) -> tuple[int, bytes, bytes]:
    """The status, head and body that come for a request of any bytes."""
    lines = [b"%b %b HTTP/1.1" % (method, address), *(b"%b: %b" % header for header in headers)]
    return raw(service, b"\r\n".join(lines))


def raw(service: Service, head: bytes) -> tuple[int, bytes, bytes]:
    """The status, head and body that come for these bytes, the last request of a connection."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
        connection.sendall(head + b"\r\nConnection: close\r\n\r\n")
        received = b""
        while more := connection.recv(65536):
            received += more
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), head, body


def check(status: int, service: Service) -> None:
    """Fail if the service is at fault: whatever was asked, it knows what to say."""
    assert 200 <= status < 500
    assert "Traceback" not in service.log.read_text()
