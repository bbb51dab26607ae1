"""The operator feed: what has happened, for a feed reader (RFC 4287)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from aggregator.dates import rfc3339
from aggregator.markup import one_line
from aggregator.model.notices import Notice
from feeds.report.types import Report
from feeds.report.words import Names, titled, told

ADDRESS = "/operator.atom"
"""Where the feed is, below the site's address."""

MEDIA_TYPE = "application/atom+xml; charset=utf-8"

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def operator_feed(report: Report, site_id: str) -> bytes:
    """The report's notices as Atom: the same bytes for the same notices, whatever the time.

    Ids are made from `site_id` and a notice's number: they stay wherever the site moves. The texts
    are plain, as `type="text"` is (4.1.3.1): nothing in them is read as markup.
    """
    site, names = report.settings.site, Names(report)
    feed = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    page, author = f"{site.base_url}/status", one_line(site.title)
    _add(feed, "id", _id(site_id))
    _add(feed, "title", f"{author}: operator")
    _add(feed, "updated", rfc3339(_updated(report)))
    media_type = MEDIA_TYPE.partition(";")[0]
    _add(feed, "link", rel="self", type=media_type, href=f"{site.base_url}{ADDRESS}")
    _add(feed, "link", rel="alternate", type="text/html", href=page)
    _add(_add(feed, "author"), "name", author)
    _add(feed, "generator", "Broadsheet")
    for notice in report.notices:
        entry = _add(feed, "entry")
        _add(entry, "id", _id(site_id, notice))
        _add(entry, "title", titled(notice, report, names), type="text")
        _add(entry, "published", rfc3339(notice.at))
        _add(entry, "updated", rfc3339(notice.at))
        link = f"{page}#notice-{notice.number}"
        _add(entry, "link", rel="alternate", type="text/html", href=link)
        _add(entry, "content", told(notice, names), type="text")
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _updated(report: Report) -> datetime:
    """When the newest was told; before the first one, when what runs became live."""
    if report.notices:
        return max(notice.at for notice in report.notices)
    return report.config.live_since if report.config else _NEVER


def _id(site_id: str, notice: Notice | None = None) -> str:
    of = "operator" if notice is None else f"operator/{notice.number}"
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{site_id}#{of}").urn


def _add(parent: ET.Element, name: str, text: str | None = None, **said: str) -> ET.Element:
    element = ET.SubElement(parent, name, said)
    element.text = text
    return element
