from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from aggregator.model import (
    Category,
    Enclosure,
    Entry,
    Extension,
    Link,
    Other,
    Person,
    Place,
    Selection,
    SourceInfo,
    Story,
    Summary,
    Terms,
)
from aggregator.settings import PullSettings, Server, Settings, Site, Vertical
from feeds.document import (
    CONTENT_BYTES,
    SUMMARY_LENGTH,
    Contents,
    FeedDocument,
    FeedItem,
    Subscription,
    build,
    subscriptions,
)

SEEN = datetime(2026, 2, 14, 6, 30, tzinfo=UTC)
PUBLISHED = datetime(2026, 2, 13, 9, 0, tzinfo=UTC)
BASE = "https://broadsheet.example"
GAZETTE = SourceInfo(
    id="https://gazette.example/feed",
    title="The Gazette",
    updated=PUBLISHED,
    feed_url="https://gazette.example/feed",
    site_url="https://gazette.example/",
)
HERALD = SourceInfo(
    id="urn:uuid:0b9d6e3c-6a0e-4c51-9a53-1c2b8f0d7e11",
    title="Herald",
    updated=PUBLISHED,
    feed_url="https://herald.example/rss",
)
SEEDS = SourceInfo(
    id="urn:uuid:0b9d6e3c-6a0e-4c51-9a53-1c2b8f0d7e12", title="Seeds", updated=PUBLISHED
)
SETTINGS = Settings(
    file=Path("config.toml"),
    site=Site(title="Broadsheet", description="News of the day.", base_url=BASE),
    server=Server(),
    store_url="sqlite://",
    pull=PullSettings(),
    seeds_folder=Path("seeds"),
    feed_size=50,
    feed_bytes=1_000_000,
    archive_size=100,
    verticals=(
        Vertical(name="science", title="Science", description="What is found out."),
        Vertical(name="tech", title="Technology", description="What is built."),
        Vertical(name="ai", title="AI"),
    ),
    sources=(),
)
ORIGIN = (
    '<p>Originally published on <a href="https://gazette.example/1">The Gazette</a>'
    " on February 13, 2026.</p>"
)


def entry(**given: Any) -> Entry:
    usual: dict[str, Any] = {
        "key": "1",
        "id": "https://gazette.example/1",
        "source": GAZETTE,
        "title": "A bridge opens",
        "publication": "The Gazette",
        "link": "https://gazette.example/1",
        "published": PUBLISHED,
    }
    return Entry(**(usual | given))


def story(lead: Entry, *also: Entry, **given: Any) -> Story:
    usual: dict[str, Any] = {
        "id": lead.id,
        "page_id": "0123456789abcdef0123",
        "lead": lead,
        "also": also,
        "first_seen": SEEN,
        "updated": SEEN,
        "verticals": ("science",),
    }
    return Story(**(usual | given))


def document(*verticals: str, stories: tuple[Story, ...] = ()) -> FeedDocument:
    selection = Selection(verticals=verticals or ("all",))
    contents = Contents(stories=stories, updated=SEEN)
    return build(selection, contents, SETTINGS, "https://broadsheet.example/#site")


def item(lead: Entry, *also: Entry, **given: Any) -> FeedItem:
    return document(stories=(story(lead, *also, **given),)).items[0]


# ---- the feed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verticals", "title", "description", "home", "rss"),
    [
        ((), "Broadsheet", "News of the day.", "/", "/feeds/all.rss"),
        (
            ("tech",),
            "Broadsheet: Technology",
            "What is built.",
            "/tech",
            "/feeds/tech.rss",
        ),
        (
            ("science", "tech"),
            "Broadsheet: Science, Technology",
            "What is found out. What is built.",
            "/science_tech",
            "/feeds/science_tech.rss",
        ),
        (
            ("ai", "tech"),
            "Broadsheet: AI, Technology",
            "The newest stories of Broadsheet: AI, Technology.",
            "/ai_tech",
            "/feeds/ai_tech.rss",
        ),
    ],
)
def test_a_feed_is_titled_described_and_addressed_by_its_selection(
    verticals: tuple[str, ...], title: str, description: str, home: str, rss: str
) -> None:
    feed = document(*verticals)
    assert (feed.title, feed.description) == (title, description)
    assert (feed.home, feed.addresses["rss"]) == (BASE + home, BASE + rss)


def test_each_format_has_an_address_of_its_own() -> None:
    assert document("tech").addresses == {
        "rss": f"{BASE}/feeds/tech.rss",
        "atom": f"{BASE}/feeds/tech.atom",
        "json": f"{BASE}/feeds/tech.json",
    }


def test_a_feeds_id_hangs_on_the_sites_id_and_the_selection_and_not_on_its_address() -> None:
    moved = replace(SETTINGS, site=replace(SETTINGS.site, base_url="https://moved.example"))
    feed = document("tech")
    assert UUID(feed.id).version == 5
    tech, nothing = Selection(verticals=("tech",)), Contents(updated=SEEN)
    assert build(tech, nothing, moved, f"{BASE}/#site").id == feed.id
    assert build(tech, nothing, SETTINGS, "urn:x:y").id != feed.id
    assert document("science").id != feed.id


def test_a_feed_says_when_it_changed_and_who_speaks_where_nobody_is_named() -> None:
    feed = document()
    assert feed.updated == SEEN
    assert feed.author == "Broadsheet"
    assert feed.language == "en"


def test_stories_keep_the_order_in_which_they_are_given() -> None:
    stories = tuple(story(entry(id=f"https://gazette.example/{n}")) for n in (3, 1, 2))
    assert [one.id[-1] for one in document(stories=stories).items] == ["3", "1", "2"]


def test_the_subscription_list_has_one_line_a_feed() -> None:
    assert subscriptions(SETTINGS)[:2] == (
        Subscription(title="Broadsheet", feed_url=f"{BASE}/feeds/all.atom", page=f"{BASE}/"),
        Subscription(
            title="Broadsheet: Science",
            feed_url=f"{BASE}/feeds/science.atom",
            page=f"{BASE}/science",
        ),
    )
    assert len(subscriptions(SETTINGS)) == 4


# ---- addresses and dates of a story -------------------------------------------------------------


@pytest.mark.parametrize(
    ("id_", "permalink"),
    [("https://gazette.example/1", True), ("https://gazette.example/?p=1", False)],
)
def test_an_id_is_a_permalink_only_if_it_is_the_link(id_: str, *, permalink: bool) -> None:
    assert item(entry(id=id_)).permalink is permalink


def test_a_story_without_an_address_of_its_own_links_to_our_page() -> None:
    seed = item(entry(source=SEEDS, link=None))
    assert seed.link == seed.page == f"{BASE}/stories/0123456789abcdef0123"
    assert item(entry()).link == "https://gazette.example/1"


def test_a_story_is_published_when_it_says_or_else_when_it_was_first_seen() -> None:
    assert item(entry()).published == PUBLISHED
    assert item(entry(published=None)).published == SEEN


def test_a_story_is_never_updated_before_it_is_published() -> None:
    early = PUBLISHED - timedelta(days=1)
    assert item(entry(), updated=early).updated == PUBLISHED
    assert item(entry(), updated=SEEN).updated == SEEN


# ---- title --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("<p>Good <b>news</b> from the ford.</p>", "Good news from the ford."),
        (f"<p>{'seven77 ' * 20}</p>", f"{'seven77 ' * 9}seven77…"),
        (f"<p>{'x' * 79} yy</p>", f"{'x' * 79}…"),
        (f"<p>{'字' * 90}</p>", f"{'字' * 80}…"),
        (f"<p>AI {'字' * 90}</p>", f"AI {'字' * 77}…"),
        ('<img src="https://gazette.example/1.png">', "Originally published on The Gazette on F"),
        (None, "Originally published on The Gazette on F"),
    ],
)
def test_an_item_without_a_title_gets_the_beginning_of_its_text_cut_at_a_word(
    content: str | None, title: str
) -> None:
    assert item(entry(title="", content=content)).title.startswith(title)


# ---- text ---------------------------------------------------------------------------------------


def test_a_full_text_stands_after_its_short_text() -> None:
    one = item(entry(content="<p>All of it, at length.</p>", summary="<p>Short.</p>"))
    assert one.content_html == "<p>All of it, at length.</p>" + ORIGIN
    assert one.summary_html == "<p>Short.</p>"
    assert one.whole


@pytest.mark.parametrize("summary", [None, "<p>Short.</p>", "<p>Not any shorter than it.</p>"])
def test_a_summary_that_is_no_shorter_than_the_text_says_nothing(summary: str | None) -> None:
    assert item(entry(content="<p>Short.</p>", summary=summary)).summary_html is None


def test_a_mere_summary_is_the_body_and_not_the_whole_text() -> None:
    one = item(entry(summary="<p>Short.</p>"))
    assert one.content_html == "<p>Short.</p>" + ORIGIN
    assert one.summary_html is None
    assert not one.whole


def test_a_story_without_any_text_says_where_it_is_from() -> None:
    one = item(entry())
    assert one.content_html == ORIGIN
    assert not one.whole


@pytest.mark.parametrize(
    ("kind", "heading"), [("generated", "AI-generated deep dive"), ("extract", "Extract")]
)
def test_a_text_made_by_a_machine_comes_first_and_says_so(kind: Any, heading: str) -> None:
    deep_dive = Summary(kind=kind, by="unknown", paragraphs=("One & two.", "<Three>"))
    seed = entry(source=SEEDS, link=None, deep_dive=deep_dive)
    one = item(entry(summary="<p>Short.</p>"), seed)
    made = f"<h2>{heading}</h2><p>One &amp; two.</p><p>&lt;Three&gt;</p>"
    assert one.content_html == f"{made}<p>Short.</p>{ORIGIN}"
    assert one.summary_html == "<p>Short.</p>"
    assert one.whole
    assert one.deep_dive == deep_dive


@pytest.mark.parametrize(
    ("given", "paragraph"),
    [
        ({"link": None}, "<p>Originally published on The Gazette on February 13, 2026.</p>"),
        ({"link": None, "published": None}, "<p>Originally published on The Gazette.</p>"),
        (
            {"publication": "Tom & <Jerry>", "link": "https://gazette.example/?a=1&b=2"},
            (
                '<p>Originally published on <a href="https://gazette.example/?a=1&amp;b=2">'
                "Tom &amp; &lt;Jerry&gt;</a> on February 13, 2026.</p>"
            ),
        ),
    ],
)
def test_the_last_paragraph_says_where_and_when_as_far_as_that_is_known(
    given: dict[str, Any], paragraph: str
) -> None:
    assert item(entry(**given)).content_html == paragraph


def test_a_text_that_is_too_long_is_cut_and_leads_to_the_whole() -> None:
    paragraph = f"<p>{'word ' * 100}</p>"
    one = item(entry(content=paragraph * 1000))
    text, link, rest = one.content_html.partition(
        '<p>Read the whole at <a href="https://gazette.example/1">The Gazette</a>.</p>'
    )
    assert text.startswith(paragraph)
    assert paragraph * 1000 > text
    assert CONTENT_BYTES - 1000 < len(text.encode()) <= CONTENT_BYTES
    assert link
    assert rest == ORIGIN
    assert one.whole


def test_a_text_that_is_just_short_enough_is_not_cut() -> None:
    content = f"<p>{'x' * (CONTENT_BYTES - 7)}</p>"
    assert item(entry(content=content)).content_html == content + ORIGIN
    assert "Read the whole at" in item(entry(content=f"{content}<p>y</p>")).content_html


# ---- the terms of a source ----------------------------------------------------------------------

SUMMARIES = Terms(show="summary")
TITLES = Terms(show="title")
PRIVATE = Terms(private=True)


def test_of_a_source_of_summaries_the_summary_is_shown_and_not_the_content() -> None:
    one = item(
        entry(content="<p>All of it.</p>", summary="<p>In <b>short</b>.</p>", terms=SUMMARIES)
    )
    assert one.content_html == "<p>In <b>short</b>.</p>" + ORIGIN
    assert one.summary_html is None
    assert not one.whole


def test_where_a_source_of_summaries_gives_none_its_content_is_cut_to_its_beginning() -> None:
    short = entry(content="<p>All <b>of</b> it.</p>", terms=SUMMARIES)
    assert item(short).content_html == "<p>All <b>of</b> it.</p>" + ORIGIN
    long = entry(content=f"<p>Tom &amp; {'Jerry ' * 200}</p>", terms=SUMMARIES)
    shown = item(long).content_html.removesuffix(ORIGIN)
    assert shown.startswith("<p>Tom &amp; Jerry ")
    assert shown.endswith("Jerry…</p>")
    assert SUMMARY_LENGTH - 10 < len(shown) <= SUMMARY_LENGTH + len("<p>…</p>&amp;")


def test_a_summary_that_is_the_whole_article_is_cut_like_a_content() -> None:
    one = item(entry(summary=f"<p>{'word ' * 400}</p>", terms=SUMMARIES))
    assert len(one.content_html) < SUMMARY_LENGTH + len(ORIGIN) + 10


@pytest.mark.parametrize("terms", [SUMMARIES, TITLES])
def test_a_source_of_less_than_full_texts_may_give_no_text_at_all(terms: Terms) -> None:
    assert item(entry(terms=terms)).content_html == ORIGIN


def test_of_a_source_of_titles_no_text_is_shown() -> None:
    one = item(entry(content="<p>All of it.</p>", summary="<p>Short.</p>", terms=TITLES))
    assert one.content_html == ORIGIN
    assert one.summary_html is None
    assert not one.whole
    assert one.title == "A bridge opens"


@pytest.mark.parametrize("terms", [SUMMARIES, TITLES])
def test_texts_of_extensions_are_shown_only_where_the_full_text_is(terms: Terms) -> None:
    caption = Extension(name="media:description", text="All of it.")
    name = Extension(name="media:title", text="The bridge")
    episode = Extension(name="itunes:episode", text="7")
    notes = Extension(name="itunes:summary", text="All of it.")
    given = (Extension(name="media:content", children=(caption, name)), episode, notes)
    assert item(entry(extensions=given)).extensions == given
    assert item(entry(extensions=given, terms=terms)).extensions == (
        Extension(name="media:content", children=(name,)),
        episode,
    )


@pytest.mark.parametrize("terms", [SUMMARIES, TITLES])
def test_a_text_made_by_a_machine_is_shown_only_where_the_full_text_is(terms: Terms) -> None:
    deep_dive = Summary(kind="generated", by="unknown", paragraphs=("One.",))
    assert item(entry(deep_dive=deep_dive, terms=terms)).deep_dive is None
    shown = item(entry(summary="<p>Short.</p>", terms=terms), entry(deep_dive=deep_dive))
    assert shown.deep_dive == deep_dive


def test_an_address_with_a_query_which_may_let_its_reader_in_is_nowhere() -> None:
    keyed = replace(GAZETTE, feed_url="https://gazette.example/feed?key=1")
    source = item(entry(source=keyed)).source
    assert (source.feed_url, source.site_url) == (None, GAZETTE.site_url)
    assert UUID(source.id).version == 5


def test_the_address_of_a_private_source_is_nowhere() -> None:
    secret = replace(
        GAZETTE, id="https://gazette.example/feed?key=1", feed_url="https://s.example/"
    )
    one = item(entry(source=secret, terms=PRIVATE), entry(source=HERALD, terms=PRIVATE))
    assert one.source.feed_url is None
    assert UUID(one.source.id).version == 5
    assert one.source.title == "The Gazette"
    assert [feed_url for _, _, feed_url in one.sources] == [None, None]


@pytest.mark.parametrize(
    ("site", "shown"),
    [
        ("https://gazette.example/", "https://gazette.example/"),
        ("https://gazette.example/?key=1", None),
        ("https://ada:1@gazette.example/", None),
        (None, None),
    ],
)
def test_the_site_of_a_private_source_is_named_where_it_holds_no_secret(
    site: str | None, shown: str | None
) -> None:
    private = entry(source=replace(GAZETTE, site_url=site), terms=PRIVATE)
    assert item(private).source.site_url == shown
    public = entry(source=replace(GAZETTE, site_url=site))
    assert item(public).source.site_url == site


# ---- people, categories, files, sources ---------------------------------------------------------


def test_the_authors_are_the_leads_or_else_the_first_others() -> None:
    ada, bob = Person(name="Ada Imaginary"), Person(name="Bob Invented")
    assert item(entry(authors=(ada,)), entry(authors=(bob,))).authors == (ada,)
    assert item(entry(), entry(), entry(authors=(ada, bob))).authors == (ada, bob)
    assert item(entry()).authors == ()


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("ada.i+news@gazette.example", "ada.i+news@gazette.example"),
        ("unavailable", None),
        ("Ada <ada@gazette.example>", None),
        (None, None),
    ],
)
def test_an_author_keeps_an_email_that_is_one(email: str | None, shown: str | None) -> None:
    ada = Person(name="Ada Imaginary", uri="https://gazette.example/ada", email=email)
    assert item(entry(authors=(ada,))).authors == (replace(ada, email=shown),)


def test_categories_of_all_entries_are_listed_once() -> None:
    bridges = Category(term="bridges")
    named = Category(term="bridges", label="Bridges and fords")
    ours = Category(term="bridges", scheme="https://gazette.example/topics")
    rivers = Category(term="rivers")
    lead = entry(categories=(bridges, ours))
    assert item(lead, entry(categories=(named, rivers))).categories == (bridges, ours, rivers)


def test_verticals_come_with_their_titles_as_far_as_they_are_still_defined() -> None:
    one = item(entry(), verticals=("ai", "gone"))
    assert one.verticals == (Category(term="ai", scheme=f"{BASE}/about#verticals", label="AI"),)


@pytest.mark.parametrize(
    ("given", "type_"),
    [
        ("audio/mpeg", "audio/mpeg"),
        ("image/svg+xml", "image/svg+xml"),
        ("mp3", "application/octet-stream"),
        ("audio/mpeg; x", "application/octet-stream"),
        (None, "application/octet-stream"),
    ],
)
def test_a_file_always_has_a_media_type(given: str | None, type_: str) -> None:
    file = Enclosure(url="https://gazette.example/1.mp3", type=given, length=5)
    assert item(entry(enclosures=(file,))).enclosures == (replace(file, type=type_),)


@pytest.mark.parametrize(("given", "length"), [(7, 7), (0, None), (-1, None), (None, None)])
def test_a_length_that_cannot_be_is_unknown(given: int | None, length: int | None) -> None:
    file = Enclosure(url="https://gazette.example/1.mp3", type="audio/mpeg", length=given)
    assert item(entry(enclosures=(file,))).enclosures[0].length == length


def test_files_are_those_of_the_first_entry_that_has_some_each_once() -> None:
    here = Enclosure(url="https://gazette.example/1.mp3", type="audio/mpeg")
    there = Enclosure(url="https://herald.example/1.mp3", type="audio/mpeg")
    assert item(entry(), entry(enclosures=(here, here)), entry(enclosures=(there,))).enclosures == (
        here,
    )


@pytest.mark.parametrize(
    ("given", "tag"),
    [
        ("de", "de"),
        ("en_US", "en-US"),
        ("xx", None),
        ("xx-US", None),
        ("haw", "haw"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("english", None),
        ("en us", None),
        ("", None),
        (None, None),
    ],
)
def test_a_language_is_a_tag_or_unknown(given: str | None, tag: str | None) -> None:
    assert item(entry(language=given)).language == tag


def test_the_other_places_of_a_story_are_named_once() -> None:
    herald = entry(source=HERALD, link="https://herald.example/9", publication="Herald")
    seed = entry(source=SEEDS, link=None)
    one = item(entry(), herald, entry(source=HERALD), seed, herald)
    assert one.source == GAZETTE
    assert one.publication == "The Gazette"
    assert one.links == (Link(rel="via", href="https://herald.example/9", title="Herald"),)
    assert one.sources == (
        ("The Gazette", "https://gazette.example/1", "https://gazette.example/feed"),
        ("Herald", "https://herald.example/9", "https://herald.example/rss"),
        ("The Gazette", "https://gazette.example/1", "https://herald.example/rss"),
        ("The Gazette", None, None),
        ("Herald", "https://herald.example/9", "https://herald.example/rss"),
    )


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["Herald"], "<p>Also at Herald.</p>"),
        (["Herald", "Tribune"], "<p>Also at Herald and Tribune.</p>"),
        (["Loom & Lantern", "Herald", "Tribune"],
         "<p>Also at Loom &amp; Lantern, Herald and Tribune.</p>"),
        (["The Gazette", "Herald", "THE GAZETTE", "herald"], "<p>Also at Herald.</p>"),
    ],
)  # fmt: skip
def test_a_line_before_the_last_names_each_other_publication_once(
    names: list[str], line: str
) -> None:
    also = (entry(publication=name, link=None) for name in names)
    html = item(entry(summary="<p>It opened.</p>"), *also).content_html
    assert html == f"<p>It opened.</p>{line}{ORIGIN}"


def test_who_else_has_it_is_linked_where_that_is_another_place() -> None:
    herald = entry(link="https://herald.example/?a=1&b=%22", publication="Herald")
    copies = entry(publication="Tribune"), replace(herald, link=None), entry(publication="Loom")
    html = item(entry(), *copies, herald, replace(herald, publication="Loom")).content_html
    assert (
        "<p>Also at Tribune, "
        '<a href="https://herald.example/?a=1&amp;b=%22">Herald</a> and '
        '<a href="https://herald.example/?a=1&amp;b=%22">Loom</a>.</p>'
    ) in html


@pytest.mark.parametrize("also", [(), (entry(),), (entry(link="https://gazette.example/2"),)])
def test_of_one_publication_alone_no_line_says_who_else_has_it(also: tuple[Entry, ...]) -> None:
    assert "Also at" not in item(entry(), *also).content_html


def test_who_else_has_it_is_said_of_a_text_that_is_cut_and_of_titles_alone() -> None:
    herald = entry(publication="Herald", link=None)
    long = item(entry(content=f"<p>{'long ' * 60_000}</p>"), herald).content_html
    assert "Read the whole at" in long
    assert long.count("<p>Also at Herald.</p>") == 1
    titles = item(entry(terms=Terms(show="title")), herald)
    assert titles.content_html.startswith("<p>Also at Herald.</p><p>Originally")
    assert not titles.whole


def test_of_a_private_source_no_more_is_told_than_its_publication_and_the_link() -> None:
    secret = "https://herald.example/feed?token=secret"
    of_herald = replace(HERALD, id=secret, feed_url=secret, site_url=secret)
    private = entry(
        source=of_herald,
        publication="Herald",
        link="https://herald.example/9",
        terms=Terms(private=True),
    )
    for one in (item(entry(), private), item(private, entry())):
        assert "token=" not in repr(one)
        assert ("Herald", "https://herald.example/9", None) in one.sources


def test_related_stories_are_links_to_our_pages_as_they_were() -> None:
    related = (Other(page_id="0" * 20, title="A lid & a leaf"), Other(page_id="1" * 20, title=""))
    (one,) = document(stories=(story(entry(), related=related),)).items
    assert one.related == (
        Link(rel="related", href=f"{BASE}/stories/{'0' * 20}", title="A lid & a leaf"),
        Link(rel="related", href=f"{BASE}/stories/{'1' * 20}", title=""),
    )
    assert one.links == ()
    assert one.content_html == item(entry()).content_html
    assert item(entry()).related == ()


def test_contributors_and_rights_are_the_leads() -> None:
    eve = Person(name="Eve Imaginary", email="unavailable")
    one = item(
        entry(contributors=(eve,), rights="© The Gazette"),
        entry(contributors=(Person(name="Bob Invented"),), rights="© Herald"),
    )
    assert one.contributors == (replace(eve, email=None),)
    assert one.rights == "© The Gazette"
    assert item(entry(), entry(contributors=(eve,), rights="© Herald")).contributors == ()


def test_links_are_the_leads_after_those_to_the_other_places_each_once() -> None:
    elsewhere = Link(rel="via", href="https://herald.example/9", type="text/html")
    license_ = Link(rel="license", href="https://licenses.example/by")
    also = entry(link="https://herald.example/9", publication="Herald", links=(license_,))
    one = item(entry(links=(elsewhere, license_, license_)), also)
    assert one.links == (Link(rel="via", href="https://herald.example/9", title="Herald"), license_)


def test_a_link_keeps_a_type_and_a_language_that_are_some() -> None:
    odd = Link(rel="related", href="https://a.example/1", type="page", hreflang="en us", title="A")
    good = Link(rel="related", href="https://a.example/2", type="text/html", hreflang="de")
    found = item(entry(links=(odd, good))).links
    assert found == (Link(rel="related", href="https://a.example/1", title="A"), good)


def test_the_pictures_are_the_leads_or_else_the_first_others() -> None:
    here, there = "https://gazette.example/1.png", "https://herald.example/1.png"
    assert item(entry(image=here), entry(image=there)).image == here
    assert item(entry(), entry(), entry(image=there)).image == there
    assert item(entry(banner=here), entry(banner=there)).banner == here
    assert item(entry()).image is None


def test_extensions_are_the_leads_and_no_others() -> None:
    told = Extension(name="itunes:episode", text="7")
    assert item(entry(extensions=(told,)), entry()).extensions == (told,)
    assert item(entry(), entry(extensions=(told,))).extensions == ()


@pytest.mark.parametrize(
    ("place", "name", "text"),
    [
        (Place(kind="point", coordinates=((45.256, -110.45),)), "point", "45.256 -110.45"),
        (Place(kind="line", coordinates=((45.256, -110.45),)), "point", "45.256 -110.45"),
        (
            Place(kind="line", coordinates=((1.0, 2.0), (3.0, 1e-7))),
            "line",
            "1.0 2.0 3.0 0.0000001",
        ),
        (
            Place(kind="box", coordinates=((1.0, 2.0), (3.0, 4.0))),
            "polygon",
            "1.0 2.0 1.0 4.0 3.0 4.0 3.0 2.0 1.0 2.0",
        ),
    ],
)
def test_a_place_is_one_of_georss(place: Place, name: str, text: str) -> None:
    told = Extension(name="itunes:episode", text="7")
    found = item(entry(place=place, extensions=(told,))).extensions
    assert found == (told, Extension(name=f"georss:{name}", text=text))


# ---- archives -----------------------------------------------------------------------------------


def archived(**contents: Any) -> FeedDocument:
    tech = Selection(verticals=("tech",))
    return build(tech, Contents(updated=SEEN, **contents), SETTINGS, f"{BASE}/#site")


def test_a_feed_leads_to_its_newest_archive_if_there_is_one() -> None:
    assert archived().beside == {}
    feed = archived(older=7)
    assert feed.beside == {
        "prev-archive": {
            fmt: f"{BASE}/feeds/tech/archive/7.{fmt}" for fmt in ("rss", "atom", "json")
        }
    }
    assert not feed.is_archive
    assert feed.addresses == document("tech").addresses


def test_an_archive_leads_to_the_feed_and_to_those_beside_it_and_has_the_feeds_id() -> None:
    archive = archived(archive=7, older=0, newer=12)
    assert archive.is_archive
    assert archive.addresses["rss"] == f"{BASE}/feeds/tech/archive/7.rss"
    assert {rel: addresses["atom"] for rel, addresses in archive.beside.items()} == {
        "current": f"{BASE}/feeds/tech.atom",
        "prev-archive": f"{BASE}/feeds/tech/archive/0.atom",
        "next-archive": f"{BASE}/feeds/tech/archive/12.atom",
    }
    assert archive.id == document("tech").id


def test_the_beginning_is_an_archive_too() -> None:
    beginning = archived(archive=0, newer=7)
    assert beginning.is_archive
    assert beginning.addresses["json"] == f"{BASE}/feeds/tech/archive/0.json"
    assert set(beginning.beside) == {"current", "next-archive"}
