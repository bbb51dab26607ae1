"""Small builders of what passes between the stages: plainly fictional, each field to be changed.

`entry(title="Another")` is the usual entry under another title; what a test does not name does not
matter to it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aggregator.model import (
    Entry,
    KnownEntry,
    ParsedEntry,
    ParsedFeed,
    Person,
    SourceInfo,
    Story,
    Text,
)

PUBLISHED = datetime(2026, 2, 13, 9, 0, tzinfo=UTC)
"""When the usual entry was published."""

NOW = datetime(2026, 2, 14, 6, 30, tzinfo=UTC)
"""The present of a test: the morning after."""

FEED_URL = "https://gazette.example/feed"
"""The address of the usual source, the Merrow Gazette."""

_PARSED = ParsedEntry(
    guid="https://gazette.example/kettle",
    link="https://gazette.example/kettle",
    title=Text(value="Kettle heard", html=False),
    summary=Text(value="<p>It whistles in B flat.</p>", html=True),
    authors=(Person(name="Ada Inkwell"),),
    published="Fri, 13 Feb 2026 09:00:00 GMT",
)
_SOURCE = SourceInfo(
    id=FEED_URL,
    title="Merrow Gazette",
    updated=PUBLISHED,
    feed_url=FEED_URL,
    site_url="https://gazette.example/",
)
_ENTRY = Entry(
    key="https://gazette.example/kettle",
    id="https://gazette.example/kettle",
    guid="https://gazette.example/kettle",
    source=_SOURCE,
    title="Kettle heard",
    publication="Merrow Gazette",
    link="https://gazette.example/kettle",
    summary="<p>It whistles in B flat.</p>",
    authors=(Person(name="Ada Inkwell"),),
    published=PUBLISHED,
    address_key="gazette.example/kettle",
    title_key="kettle heard",
    publication_keys=("merrow gazette",),
    digest="digest",
    gist="gist",
)


def parsed(**changes: Any) -> ParsedEntry:
    """The usual item of a document: a kettle that whistles."""
    return replace(_PARSED, **changes)


def parsed_feed(*entries: ParsedEntry, **changes: Any) -> ParsedFeed:
    """The Merrow Gazette's document with these items, or with the usual one."""
    usual = ParsedFeed(
        title=Text(value="Merrow Gazette", html=False),
        site_url="https://gazette.example/",
        base=FEED_URL,
        entries=entries or (_PARSED,),
    )
    return replace(usual, **changes)


def source_info(**changes: Any) -> SourceInfo:
    """What is said of the Merrow Gazette beside its entries."""
    return replace(_SOURCE, **changes)


def entry(**changes: Any) -> Entry:
    """The usual entry. Its keys, digest and gist do not follow the changes: name those too."""
    return replace(_ENTRY, **changes)


def known(**changes: Any) -> KnownEntry:
    """The usual entry as the store knows it: the first of its story, brought by source 1."""
    usual = KnownEntry(
        number=1,
        story=1,
        source=1,
        address=FEED_URL,
        is_seed=False,
        first_seen=NOW,
        entry=_ENTRY,
    )
    return replace(usual, **changes)


def a_story(**changes: Any) -> Story:
    """The usual entry as a story of its own."""
    usual = Story(
        id=_ENTRY.id,
        page_id="0123456789abcdef0123",
        lead=_ENTRY,
        first_seen=NOW,
        updated=PUBLISHED,
    )
    return replace(usual, **changes)
