"""Bytes → `ParsedFeed | Unreadable`, for every format that sources come in."""

from aggregator.parse.document import read
from aggregator.parse.opml import Listing, feed_address, listing

__all__ = ["Listing", "feed_address", "listing", "read"]
