"""What the tests of `fetch` have in common: a small feed, settings for loopback, one pull."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

from aggregator.fetch import Fetcher
from aggregator.model import Failed, Fetched, FetchResult, SourceState
from aggregator.settings import PullSettings
from tests.loopback import Answer, Origin, response

FEED = b"<rss version='2.0'><channel><title>The Lantern</title></channel></rss>"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NEVER_PULLED = SourceState(source=1)
LOOPBACK = PullSettings(
    timeout=timedelta(seconds=0.4),
    max_body=100_000,
    per_host_interval=timedelta(0),
    allow_networks=(ip_network("127.0.0.0/8"),),
)
OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


async def pull(
    url: str, state: SourceState = NEVER_PULLED, settings: PullSettings = LOOPBACK
) -> FetchResult:
    """Ask once, at noon, with a fetcher of its own."""
    async with Fetcher(settings, "Broadsheet/0", clock=lambda: NOON) as fetcher:
        return await fetcher.fetch(url, state)


async def pull_answer(origin: Origin, answer: Answer) -> FetchResult:
    """Ask once for something that answers so."""
    origin.answer("/feed", answer)
    return await pull(origin.url("/feed"))


def body_of(result: FetchResult) -> bytes:
    """The body that came; anything else is a failed test."""
    assert isinstance(result, Fetched), result
    return result.body


def reason_of(result: FetchResult) -> str:
    """Why nothing came, which stands in one line."""
    assert isinstance(result, Failed), result
    assert "\n" not in result.reason
    return result.reason


def redirect(location: str, status: int = 301) -> bytes:
    """An answer that sends us there."""
    return response(status, headers={"Location": location})
