"""What goes over the socket between a pull and its readers: a length, and so many bytes."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from aggregator.model import Unreadable
from aggregator.reading.types import Document, Reading, Setup

LENGTH = 4
"""The bytes of a length, the most significant first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one document, one of the three; none says that the reader is ready.

    `fault` is a traceback.
    """

    reading: Reading | None = None
    unreadable: Unreadable | None = None
    fault: str | None = None


def framed(value: Setup | Document | Answer) -> bytes:
    """A value as it goes over the socket."""
    body = msgspec.msgpack.encode(value)
    return len(body).to_bytes(LENGTH, "big") + body


decode_document = msgspec.msgpack.Decoder(Document).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode
decode_setup = msgspec.msgpack.Decoder(Setup).decode
