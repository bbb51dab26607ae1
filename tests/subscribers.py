"""Feed readers as RFC 5005 has them: they keep what they saw, and walk back to where they were.

Documents are read by the standard library's parsers, so that nothing of ours judges itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from tests.service import Answer

Get = Callable[[str, Mapping[str, str]], Answer]

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a reader sees of a document: the ids in its order, each with when it was updated.

    `beside` are the addresses of the documents around it, by relation.
    """

    ids: tuple[str, ...]
    updated: Mapping[str, str]
    beside: Mapping[str, str]
    is_archive: bool
    deleted: tuple[str, ...]
    body: bytes


def read(body: bytes, fmt: str) -> Document:
    """A document of ours in one of the three formats."""
    if fmt == "json":
        return _json_feed(body)
    root = ET.fromstring(body)
    feed = root if fmt == "atom" else root[0]
    entries = feed.findall(f"{ATOM}entry" if fmt == "atom" else "item")
    ids = [one.findtext(f"{ATOM}id" if fmt == "atom" else "guid") or "" for one in entries]
    return Document(
        ids=tuple(ids),
        updated={
            i: one.findtext(f"{ATOM}updated") or "" for i, one in zip(ids, entries, strict=True)
        },
        beside={link.get("rel", ""): link.get("href", "") for link in feed.findall(f"{ATOM}link")},
        is_archive=feed.find(f"{HISTORY}archive") is not None,
        deleted=tuple(one.get("ref", "") for one in feed.findall(TOMBSTONE)),
        body=body,
    )


def _json_feed(body: bytes) -> Document:
    feed = json.loads(body)
    items = feed["items"]
    older = {"prev-archive": str(feed["next_url"])} if "next_url" in feed else {}
    return Document(
        ids=tuple(one["id"] for one in items),
        updated={one["id"]: one["date_modified"] for one in items},
        beside=older,
        is_archive=False,
        deleted=(),
        body=body,
    )


def walk(get: Get, address: str, known: Iterable[str] = ()) -> dict[str, Document]:
    """The document there and those before it, by address, as far back as the first `known` one."""
    fmt = address.rpartition(".")[2]
    found: dict[str, Document] = {}
    following: str | None = address
    while following and following not in known:
        answer = get(following, {})
        assert answer.status == 200, f"{following}: {answer.status}"
        assert following not in found, f"{following} leads back to itself"
        found[following] = read(answer.body, fmt)
        following = found[following].beside.get("prev-archive")
    return found


@dataclass(slots=True, kw_only=True)
class Subscriber:
    """A reader of one feed, who sends the validators he has, or (`by_date`) their date alone.

    He keeps every archive that he once read, and asks for none of them again. `seen` are the ids
    he knows; `body` is what he got the last time, `tag` and `date` what came with it.
    """

    address: str
    by_date: bool = False
    coding: str = "identity"
    seen: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    body: bytes | None = None
    tag: str = ""
    date: str = ""

    def poll(self, get: Get) -> Answer:
        """Ask for what is new, and take it in."""
        held = {} if self.body is None else {"If-Modified-Since": self.date}
        if held and not self.by_date:
            held["If-None-Match"] = self.tag
        answer = get(self.address, {"Accept-Encoding": self.coding, **held})
        if answer.status == 304:
            assert answer.field("etag") == self.tag or self.by_date
            return answer
        assert answer.status == 200, answer
        self.body = answer.body
        self.tag, self.date = answer.field("etag") or "", answer.field("last-modified") or ""
        for address, document in walk(get, self.address, self.kept).items():
            assert len(set(document.ids)) == len(document.ids), f"{address} has an id twice"
            if address != self.address:
                self.kept.add(address)
            self.seen = {**document.updated, **self.seen, **self._newer(document)}
        return answer

    def _newer(self, document: Document) -> dict[str, str]:
        return {i: at for i, at in document.updated.items() if at > self.seen.get(i, "")}
