"""The feed behind any address of a site."""

from aggregator.discover.search import Found, NotFound, find

__all__ = ["Found", "NotFound", "find"]
