"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), read kindly.

What is of the wrong type is passed over, not refused: numbers stand in for ids, one author for
a list, and an item that is no object is no item.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeGuard

import msgspec

from aggregator.model import (
    Category,
    Enclosure,
    Link,
    ParsedEntry,
    ParsedFeed,
    Person,
    Text,
    Unreadable,
)
from aggregator.parse.bounds import MOST_ENTRIES, too_many


def read(body: bytes, url: str) -> ParsedFeed | Unreadable:
    """A JSON Feed; Unreadable if the document is malformed or other JSON."""
    try:
        document = _decoded(body.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError) as error:
        return Unreadable(reason=f"malformed JSON ({error})")
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return Unreadable(reason="JSON, but no JSON Feed: it has no list of items")
    items = list(islice(_objects(document["items"]), MOST_ENTRIES + 1))
    return ParsedFeed(
        title=_text(document.get("title"), html=False),
        site_url=_string(document.get("home_page_url")),
        language=_string(document.get("language")),
        authors=_people(document),
        base=url,
        entries=tuple(map(_entry, items[:MOST_ENTRIES])),
        problems=(too_many(url),) if len(items) > MOST_ENTRIES else (),
    )


def _decoded(body: bytes) -> Any:
    """The document; also one with line breaks or halves of characters in its strings."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        text = json.dumps(json.loads(body.decode(), strict=False), ensure_ascii=False)
        return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _entry(item: dict[str, Any]) -> ParsedEntry:
    content = _text(item.get("content_html"), html=True) or _text(
        item.get("content_text"), html=False
    )
    own, elsewhere = _string(item.get("url")), _string(item.get("external_url"))
    return ParsedEntry(
        guid=_identifier(item.get("id")),
        link=own or elsewhere,
        title=_text(item.get("title"), html=False),
        summary=_text(item.get("summary"), html=False),
        content=content,
        authors=_people(item),
        published=_string(item.get("date_published")),
        updated=_string(item.get("date_modified")),
        categories=tuple(
            dict.fromkeys(
                Category(term=term) for t in _list(item.get("tags")) if (term := _string(t))
            )
        ),
        enclosures=tuple(_enclosures(item)),
        links=(Link(rel="related", href=elsewhere),) if own and elsewhere else (),
        image=_string(item.get("image")),
        banner=_string(item.get("banner_image")),
        language=_string(item.get("language")),
    )


def _identifier(value: object) -> str | None:
    """1.1: an id "must be a string", and a reader should coerce what is not."""
    return str(value) if _is_number(value) else _string(value)


def _string(value: object) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None


def _text(value: object, *, html: bool) -> Text | None:
    return Text(value=value, html=html) if isinstance(value, str) and value.strip() else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> Iterator[dict[str, Any]]:
    return (item for item in _list(value) if isinstance(item, dict))


def _people(where: dict[str, Any]) -> tuple[Person, ...]:
    """`authors` (1.1), else `author` (1.0)."""
    people = _objects(where.get("authors") or [where.get("author")])
    named = (
        Person(name=name, uri=_string(p.get("url")), avatar=_string(p.get("avatar")))
        for p in people
        if (name := _string(p.get("name")) or _string(p.get("url")))
    )
    return tuple(dict.fromkeys(named))


def _enclosures(item: dict[str, Any]) -> Iterator[Enclosure]:
    for attachment in _objects(item.get("attachments")):
        if url := _string(attachment.get("url")):
            yield Enclosure(
                url=url,
                type=_string(attachment.get("mime_type")),
                length=_length(attachment.get("size_in_bytes")),
                duration=_length(attachment.get("duration_in_seconds")),
                title=_string(attachment.get("title")),
            )


def _length(size: object) -> int | None:
    """Bytes or seconds that can be meant: no file is as large as 2**53, JSON's last integer."""
    return int(size) if _is_number(size) and 0 <= size < 1 << 53 else None


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
