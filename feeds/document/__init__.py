"""Stories → `FeedDocument`: all that a feed says, decided once for every format."""

from feeds.document.feed import address as address
from feeds.document.feed import addresses as addresses
from feeds.document.feed import build as build
from feeds.document.feed import listing as listing
from feeds.document.feed import subscriptions as subscriptions
from feeds.document.story import CONTENT_BYTES as CONTENT_BYTES
from feeds.document.story import HEADINGS as HEADINGS
from feeds.document.story import SUMMARY_LENGTH as SUMMARY_LENGTH
from feeds.document.story import TWO_LETTERS as TWO_LETTERS
from feeds.document.story import UNKNOWN_TYPE as UNKNOWN_TYPE
from feeds.document.story import item as item
from feeds.document.story import opening as opening
from feeds.document.story import page as page
from feeds.document.types import Contents as Contents
from feeds.document.types import FeedDocument as FeedDocument
from feeds.document.types import FeedItem as FeedItem
from feeds.document.types import Rendition as Rendition
from feeds.document.types import Subscription as Subscription
