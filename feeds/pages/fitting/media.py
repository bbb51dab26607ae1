"""Pictures, films and sounds: shown, or links to themselves."""

from __future__ import annotations

from html import escape, unescape

from feeds.pages.fitting.tree import TEXT, Element, folded, says, words_of
from feeds.pages.fitting.writing import Place, Text

_MEANT = frozenset({"media", "type"})
_OF_PICTURES = frozenset({"sizes", "srcset"})
_LAZY = {"loading": "lazy", "decoding": "async", "referrerpolicy": "no-referrer"}


def image(text: Text, element: Element, place: Place) -> None:
    """Write an `img`, always with an alternative text (axe: image-alt)."""
    attributes = element.attributes
    alt = attributes.get("alt", "").strip()
    alt = alt if says(alt) else ""
    if not text.shows_pictures or "src" not in attributes:
        _instead(text, "picture", attributes.get("src"), alt or "Picture", place)
        return
    if place.around and place.around.within & TEXT and folded(alt) == words_of(place.around):
        alt = ""
    written = attributes | {"alt": alt or ("Picture" if place.nameless else "")}
    if not {"height", "width"} <= attributes.keys():
        written["class"] = "unsized"
    text.tag("img", written | _LAZY)


def picture(text: Text, element: Element, place: Place) -> None:
    """Write a `picture`: sources that say what they are for, then the `img` (HTML 4.8.1, 4.8.2)."""
    words = element.words()
    shown = [node for node in words if isinstance(node, str) or node.name != "source"]
    only = words[-1] if len(shown) == 1 and shown[0] is words[-1] else ""
    is_image = isinstance(only, Element) and only.name == "img" and "src" in only.attributes
    if not text.shows_pictures or not is_image:
        text.wait(element.children, place)
        return
    sources = [part for part in element.elements() if part.name == "source" and _is_meant(part)]
    for source in sources:
        source.attributes.pop("src", None)
        source.placed = True
    text.write("picture", element.attributes, [*sources, only], place)


def film(text: Text, element: Element, place: Place) -> None:
    """Write a film or a sound that waits to be played; without an address, what it holds."""
    own = element.attributes.get("src")
    files = [part for part in element.elements() if "src" in part.attributes]
    addresses = [file.attributes["src"] for file in files if file.name == "source"]
    if place.no_film or not (own or addresses):
        text.wait(element.children, place)
    elif not text.shows_pictures:
        kind = "film" if element.name == "video" else "sound"
        _instead(text, kind, own or addresses[0], kind.title(), place)
    else:
        # HTML 4.8.8: first the sources, if it has no address itself, then the tracks.
        first = [file for file in files if file.name == "source" and not own]
        first += [file for file in files if file.name == "track"]
        for file in first:
            file.placed = True
            for name in _OF_PICTURES & file.attributes.keys():
                del file.attributes[name]
        rest = [node for node in element.children if isinstance(node, str) or not node.placed]
        attributes = element.attributes | {"controls": "", "preload": "none"}
        text.write(element.name, attributes, [*first, *rest], place._replace(no_film=True))


def _is_meant(source: Element) -> bool:
    """HTML 4.8.2: where others follow, a source says for which screens or browsers it is."""
    return "srcset" in source.attributes and not _MEANT.isdisjoint(source.attributes)


def _instead(text: Text, kind: str, address: str | None, name: str, place: Place) -> None:
    """A link to what is not shown; within a link its name alone."""
    words = [escape(unescape(name), quote=False)]
    if place.linked or not address:
        text.write("span", {"class": kind}, words, place)
    else:
        text.write("a", {"class": kind, "href": address}, words, place)
