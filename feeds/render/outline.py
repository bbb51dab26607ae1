"""OPML 2.0 subscription lists."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from feeds.document import Subscription


def outline(title: str, subscriptions: tuple[Subscription, ...]) -> bytes:
    """The list as OPML 2.0, where a feed has the type `rss` whatever its format."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for one in subscriptions:
        ET.SubElement(
            body,
            "outline",
            type="rss",
            text=one.title,
            title=one.title,
            xmlUrl=one.feed_url,
            htmlUrl=one.page,
        )
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
