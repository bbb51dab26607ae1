"""A body put together as it comes, inflated, and never larger than it may be."""

from __future__ import annotations

import zlib
from io import BytesIO

from aggregator.fetch.reasons import UnusableError, megabytes
from aggregator.markup import one_line

CODINGS = "gzip, deflate"
"""The content codings that `Body` reads, as Accept-Encoding asks for them (RFC 9110 12.5.3)."""

_GZIP_BEGINS = 0x1F
_ZLIB_BEGINS = 0x08


class Body:
    """Collects the body of one answer.

    Neither what came nor what it inflates to ever goes beyond `limit` bytes: of a bomb no more than
    that is unfolded. Every method raises `UnusableError` when the body is none.

    Args:
        coding: Content-Encoding as it came (RFC 9110 8.4.1); empty for none.
        limit: the most bytes a body may have, before and after inflating.
    """

    def __init__(self, coding: str, limit: int) -> None:
        self._coding = coding.strip().lower().removeprefix("x-")
        if self._coding not in ("", "identity", "gzip", "deflate"):
            told = one_line(coding, 40)
            raise UnusableError(f"answered in a coding that was not asked for: {told}")
        self._plain = self._coding in ("", "identity")
        self._limit = limit
        self._came = 0
        self._body = BytesIO()
        self._stream: zlib._Decompress | None = None
        self._members = 0

    def take(self, data: bytes) -> None:
        """Add the next bytes from the network."""
        self._came += len(data)
        if self._came > self._limit:
            raise too_large(self._limit)
        if self._plain:
            self._body.write(data)
            return
        try:
            self._inflate(data)
        except zlib.error:
            raise UnusableError(f"the body is not the {self._coding} it says it is") from None

    def whole(self) -> bytes:
        """The body, once everything has been taken."""
        if self._stream is not None:
            raise UnusableError(f"the {self._coding} body breaks off before its end")
        return self._body.getvalue()

    def _inflate(self, data: bytes) -> None:
        """Inflate up to one byte beyond the limit; gzip may have several members (RFC 1952 2.2)."""
        while data:
            if self._stream is None:
                if self._members and not (self._coding == "gzip" and data[0] == _GZIP_BEGINS):
                    return  # some servers pad the last member
                self._stream = zlib.decompressobj(self._window(data[0]))
            room = self._limit - self._body.tell()
            piece = self._stream.decompress(data, room + 1)
            if len(piece) > room:
                raise too_large(self._limit)
            self._body.write(piece)
            if not self._stream.eof:
                return
            data = self._stream.unused_data
            self._stream = None
            self._members += 1

    def _window(self, first: int) -> int:
        """How zlib is to read the stream whose first byte this is.

        `deflate` means zlib's format (RFC 9110 8.4.1.2), but IIS and others send it raw. A zlib
        header begins with 8 in its low half (RFC 1950 2.2), which no raw stream in use does.
        """
        if self._coding == "gzip":
            return 16 + zlib.MAX_WBITS
        return zlib.MAX_WBITS if first & 0x0F == _ZLIB_BEGINS else -zlib.MAX_WBITS


def too_large(limit: int) -> UnusableError:
    """What to raise for a body over `limit` bytes."""
    return UnusableError(f"the body is larger than max_body ({megabytes(limit)})")
