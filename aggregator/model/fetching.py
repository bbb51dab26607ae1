"""What passes between a source and the parser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a publisher asks to be polled, in its document: it may lengthen a wait, never shorten it.

    `interval` is the longest of `ttl` (RSS 2.0) and `sy:updatePeriod`; in none of `skip_hours` (0
    to 23, GMT) and `skip_days` (0 is Monday) does the document change.
    """

    interval: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


NO_WISHES = Wishes()
"""What a document says that says nothing of how it wants to be polled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What is known of when a source publishes, and what it wishes.

    `published` are the times of its newest entries in whole seconds since 1970, oldest first.
    """

    wishes: Wishes = NO_WISHES
    published: tuple[int, ...] = ()


NO_HABITS = Habits()
"""What is known of a source that was never read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store remembers between two pulls of one source.

    `etag` and `last_modified` are the validators byte for byte as they came (RFC 9110 8.8);
    `body_hash` is of the last body read, and `given` what is remembered of each item in it, so that
    what a 200 brings again costs no parse. `next_pull_at` is when the source is due by itself,
    `earliest_pull_at` when it may be asked at all; `pulled` says whether any pull has ever
    succeeded. `moved_to` is asked instead of the configured address; `moving_to` is where the last
    `moving_pulls` pulls were redirected for good (RFC 9110 15.4.2).
    """

    source: int
    moved_to: str | None = None
    moving_to: str | None = None
    moving_pulls: int = 0
    etag: str | None = None
    last_modified: str | None = None
    body_hash: bytes | None = None
    given: bytes | None = None
    failures: int = 0
    failing_since: datetime | None = None
    error: str | None = None
    last_pull_at: datetime | None = None
    last_success_at: datetime | None = None
    next_pull_at: datetime | None = None
    earliest_pull_at: datetime | None = None
    pulled: bool = False
    gone: bool = False
    habits: Habits = NO_HABITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A source given out to be pulled: its address, what its ids are minted from, its state.

    `host` is the `host:port` that will be asked, lower-case; empty for a seed.
    """

    address: str
    first_address: str
    state: SourceState
    host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What is remembered of a host and port that refused us (429; RFC 6585 4).

    Nothing on it is asked before `quiet_until`; from then on its sources come `pace` apart.
    `refusals` counts those since it last answered well.
    """

    name: str
    quiet_until: datetime | None = None
    pace: timedelta = timedelta()
    refusals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A 200 with a body: `url` is where it came from after redirects, the rest its headers.

    `moved_to` is where permanent redirects alone (301, 308) led, None where there was none; `links`
    are the values of Link (RFC 8288) as they came.
    """

    url: str
    body: bytes
    content_type: str | None = None
    content_language: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None
    moved_to: str | None = None
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A 304, with the validators it carried (RFC 9110 15.4.5); `moved_to` as in `Fetched`."""

    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A 410: the publisher wants no more requests (RFC 9110 15.5.11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Anything else. `reason` is one plain line; `retry_after` is what a 429 or 503 asked for.

    `refused` is true for a 429, with which a host speaks for all its sources; `silent` where it let
    the time run out. `host` is the `host:port` that gave the answer, if a redirect led to it.
    """

    reason: str
    retry_after: timedelta | None = None
    max_age: timedelta | None = None
    refused: bool = False
    silent: bool = False
    host: str = ""


FetchResult = Fetched | NotModified | Gone | Failed
