"""Story → `FeedItem`: one article, told once for every format."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlsplit

from aggregator import extensions, markup
from aggregator.dates import long_date
from aggregator.model import (
    Category,
    Enclosure,
    Entry,
    Extension,
    Link,
    Other,
    Person,
    Place,
    SourceInfo,
    Story,
    Summary,
)
from aggregator.settings import Settings
from feeds.document.types import FeedItem

HEADINGS = {"generated": "AI-generated deep dive", "extract": "Extract"}
"""What stands over a text made by a machine, by its kind, in HTML."""

UNKNOWN_TYPE = "application/octet-stream"
"""The media type of an enclosure that came without a usable one: RSS and JSON Feed demand some."""

CONTENT_BYTES = 256_000
"""The most of one text that a feed carries, in bytes of UTF-8; a link to the whole follows."""

SUMMARY_LENGTH = 500
"""The most that is shown of a source of which summaries are to be shown, in characters."""

_TITLE_LENGTH = 80
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]*", re.IGNORECASE)
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-[a-z0-9]{1,8})*", re.IGNORECASE)
TWO_LETTERS = frozenset({
    "aa", "ab", "ae", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az", "ba", "be", "bg",
    "bh", "bi", "bm", "bn", "bo", "br", "bs", "ca", "ce", "ch", "co", "cr", "cs", "cu", "cv",
    "cy", "da", "de", "dv", "dz", "ee", "el", "en", "eo", "es", "et", "eu", "fa", "ff", "fi",
    "fj", "fo", "fr", "fy", "ga", "gd", "gl", "gn", "gu", "gv", "ha", "he", "hi", "ho", "hr",
    "ht", "hu", "hy", "hz", "ia", "id", "ie", "ig", "ii", "ik", "io", "is", "it", "iu", "ja",
    "jv", "ka", "kg", "ki", "kj", "kk", "kl", "km", "kn", "ko", "kr", "ks", "ku", "kv", "kw",
    "ky", "la", "lb", "lg", "li", "ln", "lo", "lt", "lu", "lv", "mg", "mh", "mi", "mk", "ml",
    "mn", "mr", "ms", "mt", "my", "na", "nb", "nd", "ne", "ng", "nl", "nn", "no", "nr", "nv",
    "ny", "oc", "oj", "om", "or", "os", "pa", "pi", "pl", "ps", "pt", "qu", "rm", "rn", "ro",
    "ru", "rw", "sa", "sc", "sd", "se", "sg", "si", "sk", "sl", "sm", "sn", "so", "sq", "sr",
    "ss", "st", "su", "sv", "sw", "ta", "te", "tg", "th", "ti", "tk", "tl", "tn", "to", "tr",
    "ts", "tt", "tw", "ty", "ug", "uk", "ur", "uz", "ve", "vi", "vo", "wa", "wo", "xh", "yi",
    "yo", "za", "zh", "zu",
})  # fmt: skip
"""ISO 639-1, of which RFC 5646 2.2.1 takes every language that has two letters."""

_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@([a-z0-9-]+\.)+[a-z0-9-]+", re.IGNORECASE)
_TEXTS = {"itunes:subtitle", "itunes:summary", "media:description", "media:text"}


def item(story: Story, settings: Settings) -> FeedItem:
    """What feeds say of the story: nothing but these two decides it."""
    lead, entries = story.lead, story.entries
    place = page(story, settings.site.base_url)
    link = lead.link or place
    deep_dive = next((e.deep_dive for e in entries if e.deep_dive and _shows_all(e)), None)
    summary, content = _texts(lead)
    whole = bool(content or deep_dive)
    body = _within_bounds(_deep_dive_html(deep_dive) + (content or summary or ""), lead)
    published = lead.published or story.first_seen
    source = _source(lead)
    elsewhere = _elsewhere(story)
    return FeedItem(
        id=story.id,
        permalink=story.id == link,
        link=link,
        page=place,
        title=lead.title or _untitled(lead),
        summary_html=summary if whole and len(summary or "") < len(body) else None,
        text_html=content or summary or "",
        content_html=body + _elsewhere_html(elsewhere) + _origin_html(lead),
        whole=whole,
        deep_dive=deep_dive,
        elsewhere=elsewhere,
        authors=_people(next((e.authors for e in entries if e.authors), ())),
        contributors=_people(lead.contributors),
        published=published,
        updated=max(published, story.updated),
        verticals=_verticals(story, settings),
        categories=_categories(entries),
        enclosures=_enclosures(entries),
        links=_links(story),
        related=_related(story, settings.site.base_url),
        rights=lead.rights,
        image=next((e.image for e in entries if e.image), None),
        banner=next((e.banner for e in entries if e.banner), None),
        extensions=_extensions(lead),
        language=_language(lead.language),
        publication=lead.publication,
        source=source,
        sources=tuple((e.publication, e.link, _source(e).feed_url) for e in entries),
    )


def page(story: Story | Other, base_url: str) -> str:
    """The address of our own page of the story."""
    return f"{base_url}/stories/{story.page_id}"


# ---- texts --------------------------------------------------------------------------------------


def _shows_all(entry: Entry) -> bool:
    return entry.terms.show == "full"


def _texts(lead: Entry) -> tuple[str | None, str | None]:
    """The summary and the content of the entry, as far as the terms of its source allow."""
    if _shows_all(lead):
        return lead.summary, lead.content
    if lead.terms.show == "summary":
        return _short(lead.summary or lead.content or "") or None, None
    return None, None


def _short(html: str) -> str:
    """The HTML if it is short, else the beginning of what it says.

    Many a source's only text is its description, and that the whole article.
    """
    text = " ".join(markup.text_of(html).split())
    if len(text) <= SUMMARY_LENGTH:
        return html
    return f"<p>{markup.escape(opening(text, SUMMARY_LENGTH))}</p>"


def _within_bounds(body: str, lead: Entry) -> str:
    cut = markup.cut(body, CONTENT_BYTES)
    return body if cut is None else f"{cut}<p>Read the whole at {_where_html(lead)}.</p>"


def _deep_dive_html(deep_dive: Summary | None) -> str:
    if deep_dive is None:
        return ""
    paragraphs = "".join(f"<p>{markup.escape(text)}</p>" for text in deep_dive.paragraphs)
    return f"<h2>{HEADINGS[deep_dive.kind]}</h2>{paragraphs}"


def _elsewhere(story: Story) -> tuple[tuple[str, str | None], ...]:
    """Who else has the article, each publication once, and where."""
    lead = story.lead
    named: dict[str, tuple[str, str | None]] = {}
    for one in story.also:
        name, link = named.get(one.publication.casefold(), (one.publication, None))
        named[name.casefold()] = name, link or (one.link if one.link != lead.link else None)
    named.pop(lead.publication.casefold(), None)
    return tuple(named.values())


def _elsewhere_html(elsewhere: tuple[tuple[str, str | None], ...]) -> str:
    """The line that names who else has the article."""
    if not elsewhere:
        return ""
    *most, last = (_named_html(name, link) for name, link in elsewhere)
    return f"<p>Also at {' and '.join(filter(None, (', '.join(most), last)))}.</p>"


def _origin_html(lead: Entry) -> str:
    """The last paragraph: who published this, where and when, as far as it is known."""
    when = f" on {long_date(lead.published)}" if lead.published else ""
    return f"<p>Originally published on {_where_html(lead)}{when}.</p>"


def _where_html(lead: Entry) -> str:
    return _named_html(lead.publication, lead.link)


def _named_html(publication: str, link: str | None) -> str:
    name = markup.escape(publication)
    return f'<a href="{markup.escape(link)}">{name}</a>' if link else name


def _untitled(lead: Entry) -> str:
    """The beginning of the text, for an item without a title (RSS items need one)."""
    text = markup.text_of(lead.content or lead.summary or "")
    return opening(text or markup.text_of(_origin_html(lead)), _TITLE_LENGTH)


def opening(text: str, length: int) -> str:
    """The beginning of a text: at most so many characters and a `…`.

    It is cut at a word where one ends late: not all scripts have spaces.
    """
    words = " ".join(text.split())
    if len(words) <= length:
        return words
    cut = words[: length + 1].rpartition(" ")[0]
    return (cut if len(cut) > length // 2 else words[:length]) + "…"


# ---- people, files, places ----------------------------------------------------------------------


def _people(people: Iterable[Person]) -> tuple[Person, ...]:
    """The people with those of their e-mail addresses that are usable.

    RFC 4287 3.2.3 wants an addr-spec; real feeds hold "unavailable" and "Name <a@b>".
    """
    return tuple(
        person if _ADDRESS.fullmatch(person.email or "") else replace(person, email=None)
        for person in people
    )


def _verticals(story: Story, settings: Settings) -> tuple[Category, ...]:
    """A vertical that is no longer defined has no feed and no page to lead to."""
    titles = {vertical.name: vertical.title for vertical in settings.verticals}
    taxonomy = f"{settings.site.base_url}/about#verticals"
    return tuple(
        Category(term=name, scheme=taxonomy, label=titles[name])
        for name in story.verticals
        if name in titles
    )


def _categories(entries: Iterable[Entry]) -> tuple[Category, ...]:
    """Every entry's, the first of those that differ in nothing but the label."""
    found: dict[tuple[str, str | None], Category] = {}
    for entry in entries:
        for category in entry.categories:
            found.setdefault((category.term, category.scheme), category)
    return tuple(found.values())


def _enclosures(entries: Iterable[Entry]) -> tuple[Enclosure, ...]:
    """Those of the first entry that has some: the same file at another publisher is a double.

    A sound or film that Media RSS alone names is one too: few readers look for it there.
    """
    files = ((*entry.enclosures, *extensions.playable(entry.extensions)) for entry in entries)
    first: dict[str, Enclosure] = {}
    for one in next(filter(None, files), ()):
        first.setdefault(one.url, one)
    return tuple(
        replace(
            enclosure,
            type=_media_type(enclosure.type) or UNKNOWN_TYPE,
            length=enclosure.length if (enclosure.length or 0) > 0 else None,
        )
        for enclosure in first.values()
    )


def _links(story: Story) -> tuple[Link, ...]:
    """To the article's other places, then the lead's own, each address once a relation."""
    lead = story.lead
    elsewhere = (
        Link(rel="via", href=e.link, title=e.publication)
        for e in story.also
        if e.link and e.link != lead.link
    )
    found: dict[tuple[str, str], Link] = {}
    for link in (*elsewhere, *lead.links):
        usable = replace(link, type=_media_type(link.type), hreflang=_language(link.hreflang))
        found.setdefault((link.rel, link.href), usable)
    return tuple(found.values())


def _related(story: Story, base_url: str) -> tuple[Link, ...]:
    """To our pages of the stories of the same event: as they were when this one came."""
    return tuple(
        Link(rel="related", href=page(other, base_url), title=other.title)
        for other in story.related
    )


def _extensions(lead: Entry) -> tuple[Extension, ...]:
    """Its own, without texts where those are not to be shown, and its place as one of GeoRSS."""
    kept = lead.extensions if _shows_all(lead) else _without_texts(lead.extensions)
    return (*kept, _georss(lead.place)) if lead.place else kept


def _without_texts(elements: Iterable[Extension]) -> tuple[Extension, ...]:
    return tuple(
        replace(one, children=_without_texts(one.children))
        for one in elements
        if one.name not in _TEXTS
    )


def _georss(place: Place) -> Extension:
    """The place in GeoRSS Simple: a box as the polygon of its corners, which all readers know.

    To the W3C's validator `georss:box` is an error.
    """
    kind, coordinates = place.kind, place.coordinates
    if len(coordinates) == 1:
        kind = "point"
    elif kind == "box":
        (south, west), (north, east) = coordinates[0], coordinates[-1]
        corners = ((south, west), (south, east), (north, east), (north, west), (south, west))
        kind, coordinates = "polygon", corners
    numbers = (format(Decimal(repr(degree)), "f") for pair in coordinates for degree in pair)
    return Extension(name=f"georss:{kind}", text=" ".join(numbers))


def _media_type(given: str | None) -> str | None:
    return given if _MEDIA_TYPE.fullmatch(given or "") else None


def _language(tag: str | None) -> str | None:
    """A tag as RFC 5646 has it, of two letters one that there is; or nothing.

    Real feeds write `en_US`, `English`, and `xx` where nobody filled the field in.
    """
    found = _LANGUAGE.fullmatch((tag or "").replace("_", "-"))
    if found is None or (len(found[1]) == len("xx") and found[1].lower() not in TWO_LETTERS):
        return None
    return found[0]


def _source(entry: Entry) -> SourceInfo:
    """What may be said of its source: nothing that could hold a password, as a query may.

    Its id is often its address: it comes as a name made from it.
    """
    source = entry.source
    has_query = bool(urlsplit(source.feed_url or "").query)
    if not entry.terms.private and not has_query:
        return source
    site = urlsplit(source.site_url or "")
    is_open = not (entry.terms.private and site.query) and "@" not in site.netloc
    return replace(
        source,
        id=uuid.uuid5(uuid.NAMESPACE_URL, source.id).urn,
        feed_url=None,
        site_url=source.site_url if is_open else None,
    )
