"""Extension elements of sources (RFC 4287 6.4): those that our feeds can repeat, made valid.

Media RSS 1.5.1, Apple's podcast elements, the podcast namespace, and what of Dublin Core has no
word in RSS and Atom. What a source gives is hostile and much of it is invalid; what comes out is
what the specifications allow: names in their own spelling, each value of its type, addresses
absolute, texts plain or safe HTML.
"""

from aggregator.extensions.checking import checked, picture, playable, seconds

__all__ = ["checked", "picture", "playable", "seconds"]
