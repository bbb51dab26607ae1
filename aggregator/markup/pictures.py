"""Which pictures and frames are there to count readers, not to be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TINY = re.compile(r"\s*\+?0*([01])(?:\.[0-9]*)?\s*(?:px)?\s*")
_HIDING = frozenset({"height", "hidden", "style", "width"})
_TRACKERS = re.compile(
    r"""https?://(?:[^/?\#]*@)?(?:
      (?:[a-z0-9-]+\.)*(?:
        doubleclick\.net|feedsportal\.com|google-analytics\.com|quantserve\.com
        |scorecardresearch\.com|statcounter\.com|vgwort\.de|pxf\.io
      )(?=[:/?\#]|\Z)
      | (?:
        cpx\.golem\.de|counter\.theconversation\.com|feeds\.wordpress\.com/1\.0
        |pixel\.wp\.com|stats\.wordpress\.com
        |(?:www\.)?pheedo\.com/feeds/tracker\.php|www\.facebook\.com/tr|feedpress\.me/[0-9]+
        |ir-[a-z]{2}\.amazon-adsystem\.com/e/ir|www\.assoc-amazon\.[a-z.]+/e/ir
        |blogger\.googleusercontent\.com/tracker|medium\.com/_/stat
      )(?=[:/?\#]|\Z)
      | [^/?\#]+/~r/[^?\#]*/~4/
      | feeds\.feedburner\.com/~|feedproxy\.google\.com/~|feeds\.feedblitz\.com/[~-]
      | [^/?\#]+(?:/[^?\#]*)?/(?:piwik|matomo)\.php
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether a browser would show nothing, or a dot, of a picture or frame with these attributes.

    A side of one pixel is a dot when the other side is another, or unsaid; a line is a picture.
    """
    if attributes.keys().isdisjoint(_HIDING):
        return False
    style = _style(attributes["style"]) if "style" in attributes else {}
    if "hidden" in attributes or style.get("display") == "none":
        return True
    if style.get("visibility") == "hidden":
        return True
    sides = [style.get(side) or attributes.get(side) for side in ("width", "height")]
    tiny = [found[1] for side in sides if side and (found := _TINY.fullmatch(side))]
    return "0" in tiny or len(tiny) == len(list(filter(None, sides))) > 0


def is_tracker(address: str) -> bool:
    """Whether a picture at this absolute address is known to count readers, whatever its size."""
    return _TRACKERS.match(address) is not None


def _style(declarations: str) -> dict[str, str]:
    found = {}
    for declaration in declarations.lower().split(";"):
        name, _, value = declaration.partition(":")
        found[name.strip()] = value.replace("!important", "").strip()
    return found
