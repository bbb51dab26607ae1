"""The validators of a rendition, and who needs no body (RFC 9110 13)."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from feeds.document import Rendition

CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400"
"""How long anyone may keep a feed or a page, and show an old one while ours is slow or down.

That is RFC 5861.
"""

LASTING_CACHE_CONTROL = "public, max-age=31536000, immutable"
"""The same of what has other bytes never (RFC 8246)."""

ARCHIVE_CACHE_CONTROL = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"
"""The same of an archive, which changes when a story in it is revised or withdrawn, or a new one
follows it."""

Headers = tuple[tuple[str, str], ...]

_OF_THE_BODY = ("Content-Type", "Content-Encoding")
_ENTITY_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_SETTLED = timedelta(seconds=2)

# The three forms of 5.6.7. `email.utils` alone reads much more: two numbers and a colon are a date.
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME = r"\d\d:\d\d:\d\d"
_HTTP_DATE = re.compile(
    rf"{_DAY}, \d\d {_MONTH} \d{{4}} {_TIME} GMT"
    rf"|{_DAY}[a-z]*day, \d\d-{_MONTH}-\d\d {_TIME} GMT"
    rf"|{_DAY} {_MONTH} [ \d]\d {_TIME} \d{{4}}",
    re.ASCII,
)


def rendition(body: bytes, media_type: str, last_modified: datetime) -> Rendition:
    """The bytes with a strong validator of their own: equal bytes have equal tags (8.8.3)."""
    digest = hashlib.sha256(body).hexdigest()[:32]
    return Rendition(
        body=body, media_type=media_type, etag=f'"{digest}"', last_modified=last_modified
    )


def is_current(
    rendition: Rendition,
    if_none_match: str | None,
    if_modified_since: str | None,
    now: datetime,
) -> bool:
    """Whether the reader holds this rendition already, so that a 304 is the answer.

    If-None-Match decides wherever it is given (13.1.2: a list or `*`, compared weakly), even
    against If-Modified-Since (13.1.3). A date alone is no strong validator (8.8.2.2): the feed may
    have changed twice in one second, so it counts only once that second is two seconds past.
    """
    if if_none_match is not None:
        if if_none_match.strip() == "*":
            return True
        return rendition.etag.removeprefix("W/") in _ENTITY_TAG.findall(if_none_match)
    since = _http_date(if_modified_since or "")
    return (
        since is not None
        and since >= rendition.last_modified
        and is_settled(rendition.last_modified, now)
    )


def is_settled(changed_at: datetime, now: datetime) -> bool:
    """Whether nothing can change any more at that time."""
    return now - changed_at >= _SETTLED


def told(changed_at: datetime, now: datetime) -> datetime:
    """What Last-Modified says of the last change.

    While its second is not two seconds past, there may be another one in it: until then it names
    the second before, so that nobody who has but this date is ever told 304 for what he has not
    seen (RFC 9110 8.8.2.2).
    """
    return changed_at if is_settled(changed_at, now) else changed_at - timedelta(seconds=1)


def headers(
    rendition: Rendition, now: datetime, cache_control: str = CACHE_CONTROL, own: Headers = ()
) -> Headers:
    """The headers of a 200, as (name, value), with those of its `own`."""
    coding = (("Content-Encoding", rendition.coding),) if rendition.coding else ()
    return (
        ("Content-Type", rendition.media_type),
        *coding,
        ("ETag", rendition.etag),
        ("Last-Modified", format_datetime(told(rendition.last_modified, now), usegmt=True)),
        ("Cache-Control", cache_control),
        ("Vary", "Accept-Encoding"),
        *own,
        ("X-Content-Type-Options", "nosniff"),
    )


def of_feed(links: tuple[tuple[str, str], ...]) -> Headers:
    """A feed's own headers; `links` are (relation, address), `self` among them.

    WebSub (section 4) looks for `self` and `hub` here before it looks into the document. Any page
    may read our feeds and the two headers it would not see unasked (Fetch, CORS).
    """
    return (
        ("Link", ", ".join(f'<{address}>; rel="{relation}"' for relation, address in links)),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "ETag, Link"),
    )


def not_modified(headers: Headers) -> Headers:
    """Those of a 200's headers that a 304 owes (15.4.5): all but what describes the body."""
    return tuple(header for header in headers if header[0] not in _OF_THE_BODY)


def _http_date(value: str) -> datetime | None:
    """A date of one of the three forms (5.6.7), None for anything else: 13.1.3 says ignore it."""
    if not _HTTP_DATE.fullmatch(value.strip()):
        return None
    try:
        return parsedate_to_datetime(value).replace(tzinfo=UTC)
    except ValueError:  # the 31st of February
        return None
