"""feedparser, taught to keep the extension elements that it drops, flattens or mixes up.

Of two transcripts it keeps one, of a Media RSS group no bounds; a caption (`media:description`)
it takes for the text of the entry, and `itunes:explicit` it reads as None where it says "true".
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import feedparser.api

from aggregator.model import VOCABULARIES, Extension
from aggregator.parse import driver, quick
from aggregator.parse.bounds import MOST_ENTRIES
from aggregator.parse.quick import Quick
from aggregator.parse.wishes import SKIPPED

KEPT = "kept extensions"
"""The key of feedparser's entries under which the elements stand, lower-case, as written."""

_PREFIXES: Mapping[str, str] = {
    **{uri.lower().rstrip("/"): prefix for prefix, uri in VOCABULARIES.items()},
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
}
# Of these feedparser makes authors and categories, and does it right.
_LEFT = {"itunes:author", "itunes:category", "itunes:keywords", "media:category", "media:keywords"}
# All others of Dublin Core are something that every format has a word for.
_DUBLIN_CORE = {
    f"dc:{name}" for name in ("coverage", "format", "identifier", "relation", "source", "type")
}
_DEEPEST = 8
_MOST_CATEGORIES = 500
_XHTML = "application/xhtml+xml"


@dataclass(slots=True)
class _Open:
    """An element that has begun and not ended; `within`: of those that it holds, feedparser's."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    texts: list[str] = field(default_factory=list)
    children: list[Extension] = field(default_factory=list)
    within: int = 0


def teach() -> None:
    """Let every feedparser of this process keep extension elements, and leave guids alone.

    A guid is a string and an atom:id is never resolved (RFC 4287 4.2.6.1): feedparser would make
    "123" an address of the host that the document came from, and another one when the source
    moves. Of a number of comments it would make an address too.
    """
    quick.teach()
    feedparser.api.PREFERRED_XML_PARSERS = [driver.__name__]
    for name, writes_references in (("StrictFeedParser", False), ("LooseFeedParser", True)):
        parser = getattr(feedparser.api, name)
        settings = {
            "can_be_relative_uri": parser.can_be_relative_uri - {"id", "comments"},
            "writes_references": writes_references,
        }
        setattr(feedparser.api, name, type(name, (_Recording, parser), settings))


class _Recording(Quick):
    """Keeps extension elements for itself; the parser that it stands before never sees them.

    `writes_references`: whether that parser hears `&amp;` as it is written, and not as `&`.
    """

    writes_references = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open: list[_Open] = []
        self._names: dict[str, str | None] = {}

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        super().track_namespace(prefix, uri)
        self._names.clear()

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        name = self._kept_name(tag) if ":" in tag else None
        if name is None:
            if self._open:
                self._open[-1].within += 1
            super().unknown_starttag(tag, attrs)
        elif len(self._open) < _DEEPEST:
            self._close_through(name)  # none of them holds one of its kind: it was never closed
            given = (self._normalize_attributes((key, value or "")) for key, value in attrs)
            self._open.append(_Open(name, tuple((key, self._written(v)) for key, v in given)))

    def unknown_endtag(self, tag: str) -> None:
        if self._open:
            name = self._kept_name(tag)
            if name and self._close_through(name):
                return
            self._open[-1].within = max(0, self._open[-1].within - 1)
            if tag.rpartition(":")[2] in {"item", "entry"}:
                while self._open:
                    self._close()
        super().unknown_endtag(tag)

    def handle_data(self, text: str, escape: int = 1) -> None:
        if self._open and not self._open[-1].within:
            self._open[-1].texts.append(text)
        elif dict.get(self.contentparams, "type") == _XHTML:
            super().handle_data(text, escape)
        elif self.elementstack:
            # What feedparser does, without the detour by its own dict: text comes in 120 pieces an
            # entry, and that detour is a twelfth of all reading.
            self.elementstack[-1][2].append(text)

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        # feedparser compares each with all before it: 20,000 of them took it 17 seconds.
        if len(self._get_context().get("tags", ())) < _MOST_CATEGORIES:
            super()._add_tag(term, scheme, label)

    def _start_item(self, attrs_d: dict[str, str]) -> None:
        # Of those beyond what is read only the one that is open is held.
        del self.entries[MOST_ENTRIES:]
        self.property_depth_map.clear()
        super()._start_item(attrs_d)

    _start_entry = _start_item

    def _end_hour(self) -> None:
        self._skip("hour", "skiphours")

    def _end_day(self) -> None:
        self._skip("day", "skipdays")

    def _skip(self, element: str, within: str) -> None:
        """Each of those that a list names: feedparser keeps the last."""
        said = self.pop(element)
        if said and self.elementstack and self.elementstack[-1][0] == within:
            self.feeddata.setdefault(f"{SKIPPED}{element}", []).append(said)

    def handle_charref(self, ref: str) -> None:
        if self._listens():
            self._open[-1].texts.append(f"&#{ref};")
        else:
            super().handle_charref(ref)

    def handle_entityref(self, ref: str) -> None:
        if self._listens():
            self._open[-1].texts.append(f"&{ref};")
        else:
            super().handle_entityref(ref)

    def _listens(self) -> bool:
        """Whether text belongs to an extension element."""
        return bool(self._open) and not self._open[-1].within

    def _kept_name(self, tag: str) -> str | None:
        """The name of an entry's extension element, under the usual prefix."""
        if not self.inentry or self.insource or self.incontent:
            return None
        if tag not in self._names:
            self._names[tag] = self._named(tag)
        return self._names[tag]

    def _named(self, tag: str) -> str | None:
        given, colon, local = tag.rpartition(":")
        if not colon:
            return None
        uri = self.namespaces_in_use.get(self.namespacemap.get(given, given), "")
        prefix = _PREFIXES.get(uri.lower().rstrip("/")) if uri else given
        name = f"{prefix}:{local}"
        is_kept = name in _DUBLIN_CORE if prefix == "dc" else prefix in VOCABULARIES
        return name if is_kept and name not in _LEFT else None

    def _close_through(self, name: str) -> bool:
        """End the innermost element of this name, and what it holds, if there is one."""
        if all(one.name != name for one in self._open):
            return False
        while self._close() != name:
            pass
        return True

    def _close(self) -> str:
        one = self._open.pop()
        element = Extension(
            name=one.name,
            attributes=one.attributes,
            text=self._written("".join(one.texts)).strip(),
            children=tuple(one.children),
        )
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.entries[-1].setdefault(KEPT, []).append(element)
        return one.name

    def _written(self, written: str) -> str:
        return html.unescape(written) if self.writes_references else written
