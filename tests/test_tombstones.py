"""What a source takes back (RFC 6721), from its document to what a pull brings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator import increment, parse
from aggregator.model import Deletion, ParsedFeed
from aggregator.parse import tombstones
from aggregator.reading import document
from aggregator.reading.types import Document, Reading
from aggregator.settings import Source
from aggregator.verticals import Shelves
from tests.builders import FEED_URL, NOW

AT = 'xmlns:at="http://purl.org/atompub/tombstones/1.0"'
GONE = '<at:deleted-entry ref="tag:gazette.example,2026:lid" when="2026-02-13T10:00:00Z"/>'
KETTLE = """<entry><id>tag:gazette.example,2026:kettle</id><title>Kettle heard</title>
<link href="https://gazette.example/kettle"/><updated>2026-02-13T09:00:00Z</updated></entry>"""
LID = KETTLE.replace("kettle", "lid").replace("Kettle", "Lid")


def atom(*parts: str) -> bytes:
    inside = "".join(parts)
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {AT}><title>Gazette</title>{inside}</feed>'
    ).encode()


def read(body: bytes, given: bytes | None = None) -> Reading:
    asked = Document(
        source=Source(address=FEED_URL),
        first_address=FEED_URL,
        base=FEED_URL,
        body=body,
        now=NOW,
        given=given,
    )
    found = document.read(asked, Shelves(()))
    assert isinstance(found, Reading)
    return found


def test_every_tombstone_is_read_with_its_time() -> None:
    more = """<at:deleted-entry ref="urn:x:2"><at:by><name>Ada Inkwell</name></at:by>
    <at:comment>Not ours.</at:comment></at:deleted-entry>"""
    parsed = parse.read(atom(KETTLE, GONE, more), FEED_URL)
    assert isinstance(parsed, ParsedFeed)
    assert parsed.deletions == (
        Deletion(ref="tag:gazette.example,2026:lid", when="2026-02-13T10:00:00Z"),
        Deletion(ref="urn:x:2"),
    )
    assert [entry.guid for entry in parsed.entries] == ["tag:gazette.example,2026:kettle"]


def test_a_channel_of_rss_may_have_them_too() -> None:
    body = f"<rss {AT}><channel><title>Gazette</title>{GONE}</channel></rss>"
    assert [one.ref[-3:] for one in tombstones.read(body.encode())] == ["lid"]


@pytest.mark.parametrize(
    "body",
    [
        atom(KETTLE),
        atom(KETTLE.replace("</entry>", f"{GONE}</entry>")),
        atom('<at:deleted-entry when="2026-02-13T10:00:00Z"/>', '<at:deleted-entry ref=""/>'),
        atom("<deleted-entry ref='x'/>"),
        b"deleted-entry",
        b'\xff\xfe<deleted-entry ref="x"/>',
        b'<?xml version="1.0" encoding="gb2312"?><deleted-entry/>',
        b"",
    ],
)
def test_what_is_none_is_not_read(body: bytes) -> None:
    assert tombstones.read(body) == ()


def test_of_a_malformed_document_those_before_its_defect_are_read() -> None:
    assert len(tombstones.read(atom(GONE, "</entry>", GONE))) == 1


def test_a_document_brings_what_it_takes_back() -> None:
    found = read(atom(KETTLE, LID, GONE))
    assert [entry.title for entry in found.entries] == ["Kettle heard"]
    (gone,) = found.deleted
    (lid,) = read(atom(LID)).entries
    assert gone.means(lid)
    assert not gone.means(found.entries[0])
    assert not gone.means(replace(lid, updated=NOW))


def test_what_is_updated_after_that_is_given() -> None:
    later = LID.replace("T09:00:00Z", "T11:00:00Z")
    assert len(read(atom(KETTLE, later, GONE)).entries) == 2


def test_a_tombstone_alone_is_news_once() -> None:
    before = read(atom(KETTLE, LID))
    after = read(atom(KETTLE, LID, GONE), before.given)
    assert [one.at is not None for one in after.deleted] == [True]
    again = increment.cut(atom(KETTLE, LID, GONE), None, after.given, b"")
    assert read(atom(KETTLE, LID, GONE), after.given).deleted == ()
    assert again.items == 2
