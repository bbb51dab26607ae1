"""What passes between a source and the parser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store remembers between two pulls of one source.

    `etag` and `last_modified` are the validators byte for byte as they came (RFC 9110 8.8);
    `body_hash` is of the last body read, so that a 200 that brings nothing new costs no parse.
    `next_pull_at` is when the source is due by itself, `earliest_pull_at` when it may be asked at
    all; `pulled` says whether any pull has ever succeeded.
    """

    source: int
    etag: str | None = None
    last_modified: str | None = None
    body_hash: bytes | None = None
    failures: int = 0
    failing_since: datetime | None = None
    error: str | None = None
    last_pull_at: datetime | None = None
    last_success_at: datetime | None = None
    next_pull_at: datetime | None = None
    earliest_pull_at: datetime | None = None
    pulled: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A 200 with a body: `url` is where it came from after redirects, the rest its headers."""

    url: str
    body: bytes
    content_type: str | None = None
    content_language: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A 304, with the validators it carried (RFC 9110 15.4.5)."""

    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A 410: the publisher wants no more requests (RFC 9110 15.5.11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Anything else. `reason` is one plain line; `retry_after` is what a 429 or 503 asked for."""

    reason: str
    retry_after: timedelta | None = None


FetchResult = Fetched | NotModified | Gone | Failed
