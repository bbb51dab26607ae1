"""Names of elements and attributes, as expat has them and as feedparser wants them.

A name is expat's `namespace local prefix`, as far as there are any. What feedparser calls it
depends, but for namespaces that it does not know, on nothing else: so it is found out once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import NamedTuple

import feedparser.api

_MOST = 4096
_USERLAND = "http://backend.userland.com/rss"
_WITH_NAMESPACE = frozenset({
    ("math", "http://www.w3.org/1998/Math/MathML"),
    ("svg", "http://www.w3.org/2000/svg"),
})  # fmt: skip
_OF_INPUTS = frozenset({"title", "link", "description", "name"})
_OF_IMAGES = frozenset({"title", "link", "description", "url", "href", "width", "height"})
_PREFIXES: Mapping[str, str] = {
    uri.lower(): prefix for uri, prefix in feedparser.api.StrictFeedParser.namespaces.items()
}


class Started(NamedTuple):
    """A start tag's name, and the namespace that feedparser gives to a picture's root.

    A namespace that feedparser does not know stands in `unknown`, and the name without a prefix.
    """

    tag: str
    namespace: str | None
    unknown: str | None


class Handler(NamedTuple):
    """What deals with the start or the end of an element, or under which name it is kept unseen.

    A bare one of this name ends what is said of a text input or a picture.
    """

    method: Callable[..., object]
    name: str
    ends_input: bool
    ends_image: bool


@lru_cache(_MOST)
def started(name: str) -> Started:
    """What a start tag's name is to feedparser."""
    namespace, local = _split(name)
    if _USERLAND[len("http://") :] in namespace.lower():
        namespace = _USERLAND
    own = namespace if (local.lower(), namespace) in _WITH_NAMESPACE else None
    tag, unknown = _prefixed(namespace, local)
    return Started(tag, own, unknown)


@lru_cache(_MOST)
def ended(name: str) -> Started:
    """What an end tag's name is to feedparser."""
    tag, unknown = _prefixed(*_split(name))
    return Started(tag, None, unknown)


@lru_cache(_MOST)
def attribute(name: str) -> tuple[str, str]:
    """An attribute's name under feedparser's prefix, and under the document's own."""
    namespace, local = _split(name)
    prefix = _PREFIXES.get(namespace.lower(), "")
    written = name.rpartition(" ")[2]
    return (
        f"{prefix}:{local}".lower() if prefix else local.lower(),
        f"{written}:{local}".lower() if namespace else local.lower(),
    )


@lru_cache(_MOST)
def handler(parser: Hashable, event: str, prefix: str, tag: str) -> Handler:
    """What feedparser's class calls for an element, whose prefix stands for this one of its own."""
    local = tag.partition(":")[2] if ":" in tag else tag
    name = f"{prefix}_{local}" if prefix else local
    return Handler(
        method=getattr(parser, f"_{event}_{name}", _no_method),
        name=name,
        ends_input=not prefix and tag not in _OF_INPUTS,
        ends_image=not prefix and tag not in _OF_IMAGES,
    )


def _no_method(*_: object) -> None:
    raise AttributeError


def _prefixed(namespace: str, local: str) -> tuple[str, str | None]:
    prefix = _PREFIXES.get(namespace.lower())
    if prefix:
        return f"{prefix}:{local}".lower(), None
    return local.lower(), namespace if namespace and prefix is None else None


def _split(name: str) -> tuple[str, str]:
    """The namespace of a name as expat gives it, if any, and the local name."""
    namespace, space, rest = name.partition(" ")
    return (namespace, rest.partition(" ")[0]) if space else ("", name)
