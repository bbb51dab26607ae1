"""OPML 2.0 subscription lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from aggregator.markup import xml_safe
from aggregator.settings import Source, Vertical
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


def source_list(title: str, verticals: Iterable[Vertical], sources: Sequence[Source]) -> bytes:
    """What we pull, as OPML 2.0: a folder for each vertical, and in it every source that has it.

    Sources without a vertical stand beside the folders. One that is not enabled is commented. What
    has no title of its own is listed by its address, as `text` must be there.
    """
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = xml_safe(title)
    body = ET.SubElement(root, "body")
    for vertical in verticals:
        inside = [source for source in sources if vertical.name in source.verticals]
        if inside:
            folder = ET.SubElement(body, "outline", text=vertical.name, title=vertical.title)
            folder.extend(map(_source, inside))
    body.extend(_source(source) for source in sources if not source.verticals)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _source(source: Source) -> ET.Element:
    name = xml_safe(source.title or source.address)
    said = {"type": "rss", "text": name, "title": name, "xmlUrl": xml_safe(source.address)}
    if source.site_url:
        said["htmlUrl"] = xml_safe(source.site_url)
    if not source.enabled:
        said["isComment"] = "true"
    return ET.Element("outline", said)
