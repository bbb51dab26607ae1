"""What feedparser gives, taken only where it is what it should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregator.model import Text


def string(value: object) -> str | None:
    """A text without white space around it; None for nothing, or what is no text."""
    return (value.strip() or None) if isinstance(value, str) else None


def text(detail: Mapping[str, Any] | None) -> Text | None:
    """One of feedparser's `…_detail`, as the source gave it; None if there is nothing in it."""
    value = (detail or {}).get("value") or ""
    if detail is None or not value.strip():
        return None
    return Text(value=value, html="html" in (detail.get("type") or ""))


def updated(where: Mapping[str, Any]) -> str | None:
    """Without feedparser's stand-in for a missing one, which is `published`, with a warning."""
    return string(where["updated"]) if "updated" in where else None


def page(where: Mapping[str, Any], *, atom: bool) -> str | None:
    """The page of an entry or a source: its first alternate, an HTML one before any other.

    In RSS also a guid that is an address and does not say that it is no link. Never a `self` link.
    """
    alternates = [
        (href, "html" in (a.get("type") or ""))
        for a in where.get("links", ())
        if a.get("rel") == "alternate" and (href := string(a.get("href")))
    ]
    pages = [href for href, is_html in alternates if is_html]
    others = [href for href, _ in alternates]
    guid = string(where.get("link")) or ""
    own = [guid] if guid.startswith("http") and not atom else []
    return next(iter(pages + others + own), None)
