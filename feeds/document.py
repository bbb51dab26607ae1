"""Stories → `FeedDocument`: all that a feed says, decided once for every format."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.dates import long_date
from aggregator.markup import escape, text_of
from aggregator.model import (
    ALL,
    Category,
    Enclosure,
    Entry,
    Person,
    Selection,
    SourceInfo,
    Story,
    Summary,
)
from aggregator.settings import Settings

HEADINGS: Mapping[str, str] = {"generated": "AI-generated deep dive", "extract": "Extract"}
"""What stands over a text made by a machine, by its kind, in HTML."""

UNKNOWN_TYPE = "application/octet-stream"
"""The media type of an enclosure that came without a usable one: RSS and JSON Feed demand some."""

_TITLE_LENGTH = 80
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]*", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@([a-z0-9-]+\.)+[a-z0-9-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One story as feeds tell it.

    `permalink` is whether `id` is `link` itself (RSS's isPermaLink); `page` is our own page of the
    story. `content_html` is what readers show: `whole` if that is the full text and not a mere
    summary, and then `summary_html` is the short text to go before it, where the lead has one.
    `verticals` are (name, title), `categories` the publishers' own. `source` is the lead's;
    `via` are the (link, publication) of the other entries, `sources` the (publication, link,
    feed address) of all.
    """

    id: str
    permalink: bool
    link: str
    page: str
    title: str
    summary_html: str | None
    content_html: str
    whole: bool
    deep_dive: Summary | None
    authors: tuple[Person, ...]
    published: datetime
    updated: datetime
    verticals: tuple[tuple[str, str], ...]
    categories: tuple[Category, ...]
    enclosures: tuple[Enclosure, ...]
    language: str | None
    publication: str
    source: SourceInfo
    via: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """One feed, whatever the format.

    `home` is our page of the selection, `feed_urls` the feed's own address by format, `author` the
    one of every item that names none, and `taxonomy` the scheme of our verticals.
    """

    id: str
    title: str
    description: str
    language: str
    home: str
    feed_urls: Mapping[str, str]
    updated: datetime
    author: str
    taxonomy: str
    items: tuple[FeedItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """The bytes of one feed in one format, with the validators of a conditional request."""

    body: bytes
    media_type: str
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One line of our subscription list: a feed's title and address, and its page for people."""

    title: str
    feed_url: str
    page: str


def build(
    selection: Selection,
    stories: tuple[Story, ...],
    settings: Settings,
    site_id: str,
    updated: datetime,
) -> FeedDocument:
    """The feed of a selection, its stories in the order in which they are given.

    `site_id` is an absolute IRI, kept wherever the site moves: the feed's id is made from it and
    the selection's name, and is the same in every format (RFC 4287 4.2.6).
    """
    site = settings.site
    titles = {vertical.name: vertical.title for vertical in settings.verticals}
    title = _title(selection, settings)
    return FeedDocument(
        id=uuid.uuid5(uuid.NAMESPACE_URL, f"{site_id}#{selection.name}").urn,
        title=title,
        description=_description(selection, settings) or f"The newest stories of {title}.",
        language=site.language,
        home=_page(selection, site.base_url),
        feed_urls={fmt: _feed_url(selection, fmt, site.base_url) for fmt in _FORMATS},
        updated=updated,
        author=site.title,
        taxonomy=f"{site.base_url}/about#verticals",
        items=tuple(_item(story, titles, site.base_url) for story in stories),
    )


def subscriptions(settings: Settings) -> tuple[Subscription, ...]:
    """All our public feeds, for `/feeds.opml`: `all` first, then the verticals as configured."""
    names = (ALL, *(vertical.name for vertical in settings.verticals))
    selections = [Selection(verticals=(name,)) for name in names]
    base_url = settings.site.base_url
    return tuple(
        Subscription(
            title=_title(selection, settings),
            feed_url=_feed_url(selection, "atom", base_url),
            page=_page(selection, base_url),
        )
        for selection in selections
    )


# ---- the feed itself ----------------------------------------------------------------------------

_FORMATS = ("rss", "atom", "json")


def _title(selection: Selection, settings: Settings) -> str:
    if selection.name == ALL:
        return settings.site.title
    titles = {vertical.name: vertical.title for vertical in settings.verticals}
    return f"{settings.site.title}: {', '.join(titles[name] for name in selection.verticals)}"


def _description(selection: Selection, settings: Settings) -> str:
    """What the operator says of the site or of each of these verticals, or "" for nothing."""
    if selection.name == ALL:
        return settings.site.description
    described = {vertical.name: vertical.description for vertical in settings.verticals}
    said = [described[name] for name in selection.verticals]
    return " ".join(said) if all(said) else ""


def _feed_url(selection: Selection, fmt: str, base_url: str) -> str:
    return f"{base_url}/feeds/{selection.name}.{fmt}"


def _page(selection: Selection, base_url: str) -> str:
    return f"{base_url}/" if selection.name == ALL else f"{base_url}/{selection.name}"


# ---- one story ----------------------------------------------------------------------------------


def _item(story: Story, titles: Mapping[str, str], base_url: str) -> FeedItem:
    lead = story.lead
    page = f"{base_url}/stories/{story.page_id}"
    link = lead.link or page
    deep_dive = next((entry.deep_dive for entry in story.entries if entry.deep_dive), None)
    body = _deep_dive_html(deep_dive) + (lead.content or lead.summary or "")
    origin = _origin_html(lead)
    whole = bool(lead.content or deep_dive)
    published = lead.published or story.first_seen
    others = {e.link: e.publication for e in story.also if e.link and e.link != lead.link}
    return FeedItem(
        id=story.id,
        permalink=story.id == link,
        link=link,
        page=page,
        title=lead.title
        or _opening(text_of(lead.content or lead.summary or "") or text_of(origin)),
        summary_html=lead.summary if whole and len(lead.summary or "") < len(body) else None,
        content_html=body + origin,
        whole=whole,
        deep_dive=deep_dive,
        authors=_authors(story.entries),
        published=published,
        updated=max(published, story.updated),
        # A vertical that is no longer defined has no feed and no page to lead to.
        verticals=tuple((name, titles[name]) for name in story.verticals if name in titles),
        categories=_categories(story.entries),
        enclosures=_enclosures(story.entries),
        language=_language(lead.language),
        publication=lead.publication,
        source=lead.source,
        via=tuple(others.items()),
        sources=tuple((e.publication, e.link, e.source.feed_url) for e in story.entries),
    )


def _deep_dive_html(deep_dive: Summary | None) -> str:
    if deep_dive is None:
        return ""
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in deep_dive.paragraphs)
    return f"<h2>{HEADINGS[deep_dive.kind]}</h2>{paragraphs}"


def _origin_html(lead: Entry) -> str:
    """The last paragraph: who published this, where and when, as far as it is known."""
    name = escape(lead.publication)
    where = f'<a href="{escape(lead.link)}">{name}</a>' if lead.link else name
    when = f" on {long_date(lead.published)}" if lead.published else ""
    return f"<p>Originally published on {where}{when}.</p>"


def _opening(text: str) -> str:
    """The beginning of a text, cut at a word, for an item without a title (RSS items need one)."""
    words = " ".join(text.split())
    if len(words) <= _TITLE_LENGTH:
        return words
    return (words[: _TITLE_LENGTH + 1].rpartition(" ")[0] or words[:_TITLE_LENGTH]) + "…"


def _authors(entries: Iterable[Entry]) -> tuple[Person, ...]:
    """The authors of the first entry that names some; of their e-mail addresses, the usable ones.

    RFC 4287 3.2.3 wants an addr-spec; real feeds hold "unavailable" and "Name <a@b>".
    """
    people = next((entry.authors for entry in entries if entry.authors), ())
    return tuple(
        person if _ADDRESS.fullmatch(person.email or "") else replace(person, email=None)
        for person in people
    )


def _categories(entries: Iterable[Entry]) -> tuple[Category, ...]:
    """Every entry's, the first of those that differ in nothing but the label."""
    found: dict[tuple[str, str | None], Category] = {}
    for entry in entries:
        for category in entry.categories:
            found.setdefault((category.term, category.scheme), category)
    return tuple(found.values())


def _enclosures(entries: Iterable[Entry]) -> tuple[Enclosure, ...]:
    """Those of the first entry that has some: the same file at another publisher is a double."""
    enclosures = next((entry.enclosures for entry in entries if entry.enclosures), ())
    return tuple(
        replace(
            enclosure,
            type=enclosure.type if _MEDIA_TYPE.fullmatch(enclosure.type or "") else UNKNOWN_TYPE,
            length=enclosure.length if (enclosure.length or 0) > 0 else None,
        )
        for enclosure in {one.url: one for one in enclosures}.values()
    )


def _language(tag: str | None) -> str | None:
    """A tag of the shape of RFC 5646 (real feeds write `en_US`), or nothing."""
    tag = (tag or "").replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None
