"""Elements as a source gave them → elements that our feeds may repeat, and what they tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from aggregator.extensions import values
from aggregator.extensions.vocabularies import INNER, ROLES, RULES
from aggregator.model import Enclosure, Extension

MOST = 100
"""Elements beside each other that are looked at: 94 pictures are the most of any captured entry."""

MOST_IN_ALL = 400
"""Elements of an entry that are kept: no source may fill our feeds alone."""

_OUTER = tuple(name for name in RULES if name not in INNER)
_HASH_LENGTHS = {"md5": 32, "sha-1": 40}
_DURATION = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,9})(?:\.\d*)?", re.ASCII)
_PICTURE = re.compile(r"\.(?:avif|gif|jpe?g|png|webp)(?:[?#]|\Z)", re.IGNORECASE)


def checked(given: Sequence[Extension], base: str | None) -> tuple[Extension, ...]:
    """The elements of an entry as our feeds may repeat them, each of them once.

    As many of them, from the first on, as hold no more than `MOST_IN_ALL` elements together. `base`
    is what relative addresses count from.
    """
    kept: list[Extension] = []
    room = MOST_IN_ALL
    for element in _siblings(given, _OUTER, base) if given else ():
        room -= sum(1 for _ in _walk((element,)))
        if room < 0:
            break
        kept.append(element)
    return tuple(kept)


def picture(elements: Iterable[Extension]) -> str | None:
    """The address of the picture that stands for the entry: the first that is whole.

    Else a thumbnail, else a podcast's cover of this episode.
    """
    every = list(_walk(elements))
    whole = (e for e in every if e.name == "media:content" and _is_picture(e))
    small = (e for e in every if e.name == "media:thumbnail")
    cover = (e for e in every if e.name == "itunes:image")
    for element in (*whole, *small, *cover):
        if url := attribute(element, "url") or attribute(element, "href"):
            return url
    return None


def playable(elements: Iterable[Extension]) -> Iterator[Enclosure]:
    """The sounds and films of checked elements, as enclosures.

    The contents of a group are renditions of one thing: it gives the default one, else the first.
    """
    for element in elements:
        contents = [e for e in _walk((element,)) if e.name == "media:content" and _plays(e)]
        default = [e for e in contents if attribute(e, "isDefault") == "true"]
        for one in (default + contents)[:1]:
            yield Enclosure(
                url=attribute(one, "url") or "",
                type=attribute(one, "type"),
                length=int(attribute(one, "fileSize") or 0) or None,
                duration=int(float(attribute(one, "duration") or 0)) or None,
            )


def seconds(elements: Iterable[Extension], url: str) -> int | None:
    """How long the file at this address plays: its own `duration`, else the episode's."""
    every = list(_walk(elements))
    own = (e for e in every if e.name == "media:content" and attribute(e, "url") == url)
    said = next((d for e in own if (d := attribute(e, "duration"))), "")
    if not said:
        said = next((e.text for e in every if e.name == "itunes:duration"), "")
    found = _DURATION.fullmatch(said)
    if found is None:
        return None
    total = 0
    for part in found.groups():
        total = total * 60 + int(part or 0)
    return total


def attribute(element: Extension, name: str) -> str | None:
    """The value of an attribute, None if there is none."""
    return dict(element.attributes).get(name)


def _walk(elements: Iterable[Extension]) -> Iterator[Extension]:
    for element in elements:
        yield element
        yield from _walk(element.children)


def _plays(element: Extension) -> bool:
    kind = attribute(element, "type") or ""
    return attribute(element, "url") is not None and kind.startswith(("audio/", "video/"))


def _is_picture(element: Extension) -> bool:
    medium, kind = attribute(element, "medium"), attribute(element, "type") or ""
    if medium or kind:
        return medium == "image" or kind.startswith("image/")
    return _PICTURE.search(attribute(element, "url") or "") is not None


def _siblings(
    given: Iterable[Extension], names: Iterable[str], base: str | None
) -> list[Extension]:
    allowed = {name.lower(): name for name in names}
    found: dict[Extension, None] = {}
    seen: set[str] = set()
    for element in islice(given, MOST):
        name = allowed.get(element.name)
        if name is None or (RULES[name].once and name in seen):
            continue
        for one in _checked(element, name, base):
            # What stood in a group may be here already.
            if one.name not in seen or not RULES[one.name].once:
                seen.add(one.name)
                found.setdefault(one)
    return list(found)


def _checked(element: Extension, name: str, base: str | None) -> list[Extension]:
    """The element made valid; none, if nothing valid is left; a group's content, if alone."""
    rule = RULES[name]
    given = dict(element.attributes)
    attributes = {
        key: value
        for key, check in rule.attributes.items()
        if key.lower() in given and (value := check(given[key.lower()].strip(), base))
    }
    children = _siblings(element.children, rule.children, base)
    said = ""
    if rule.text:
        check = values.safe_html if attributes.get("type") == "html" else rule.text
        said = check(element.text, base) or ""
    made = Extension(
        name=name, attributes=tuple(attributes.items()), text=said, children=tuple(children)
    )
    if name == "media:group":
        return _ungrouped(made)
    if rule.text and not (said or rule.needs):
        return []
    has_player = any(child.name == "media:player" for child in children)
    if rule.needs and not has_player and not attributes.keys() & set(rule.needs):
        return []
    agreed = _agreed(made)
    return [agreed] if agreed else []


def _agreed(element: Extension) -> Extension | None:
    """The element as far as what it holds agrees with its attributes."""
    given = dict(element.attributes)
    match element.name:
        case "media:credit" if "scheme" not in given and given.get("role", "") not in ROLES:
            # A role that the scheme does not know (the default one knows EBU's) is invalid.
            given.pop("role", None)
            return replace(element, attributes=tuple(given.items()))
        case "media:restriction" if element.text in {"all", "none"}:
            return None if "type" in given else element
        case "media:restriction":
            return element if "type" in given and element.text else None
        case "media:hash" if len(element.text) != _HASH_LENGTHS[given.get("algo", "md5")]:
            return None
    return element


def _ungrouped(group: Extension) -> list[Extension]:
    """A group is of renditions of one thing: of a single one, what is said of both is said of it.

    What the content says itself goes before what its group says (Media RSS, "Optional Elements").
    """
    contents = [child for child in group.children if child.name == "media:content"]
    others = [child for child in group.children if child.name != "media:content"]
    if len(contents) > 1:
        return [group]
    if not contents:
        return others
    own = {child.name for child in contents[0].children}
    children = (*contents[0].children, *(child for child in others if child.name not in own))
    return [replace(contents[0], children=children)]
