"""`FeedDocument` → bytes: RSS 2.0, Atom 1.0, JSON Feed 1.1, and OPML 2.0 for the list of feeds."""

from feeds.render.formats import OPML as OPML
from feeds.render.formats import Item as Item
from feeds.render.formats import feed as feed
from feeds.render.formats import item as item
from feeds.render.formats import opml as opml
