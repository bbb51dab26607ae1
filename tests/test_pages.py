from __future__ import annotations

import json
import re
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import pytest

from aggregator.model import (
    Assignment,
    Enclosure,
    Link,
    Narrowing,
    Other,
    Person,
    Search,
    Selection,
    Story,
    Summary,
)
from aggregator.model.explaining import Explained, NearMiss, Origination, Ruling, Shelving
from aggregator.settings import SavedQuery, Settings, Site, Vertical
from feeds import document, pages
from feeds.pages.tongues import direction, language
from tests.builders import FEED_URL, NOW, a_story, entry
from tests.newsroom import settings_for

BASE = "https://news.example/bulletin"
PAGE_ID, OTHER_ID = "0123456789abcdef0123", "fedcba98765432100123"
OTHER = Other(page_id=OTHER_ID, title="A lid & a leaf")
PATH = "/bulletin"
LINK = f'<a href="{PATH}/stories/{OTHER_ID}" dir="auto">A lid &amp; a leaf</a>'
DAY = '<time datetime="2026-02-14T06:30:00Z">February 14, 2026</time>'
HOSTILE = """<script>alert("'&</script>"""
ESCAPED = "&lt;script&gt;alert(&#34;&#39;&amp;&lt;/script&gt;"


def settings(pictures: Literal["none", "remote"] = "none", **site: Any) -> Settings:
    return settings_for(
        Path("/nowhere"),
        site=Site(**{"title": "The Merrow Bulletin", "base_url": BASE, **site}),
        verticals=(
            Vertical(name="art", title="Art & Craft", description="What hands make."),
            Vertical(name="tech", title="Tech"),
        ),
        pictures=pictures,
    )


def selection_page(
    *stories: Story,
    names: tuple[str, ...] = ("all",),
    place: dict[str, Any] | None = None,
    **site: Any,
) -> str:
    """The page of these verticals; `place` says which of its archives or pages it is."""
    given, selection = settings(**site), Selection(verticals=names)
    contents = document.Contents(stories=stories, updated=NOW, **(place or {}))
    made = document.build(selection, contents, given, "urn:x")
    return pages.selection_page(made, selection, contents, given)


def searched(*stories: Story, base: Selection = Selection(), **narrowing: Any) -> str:  # noqa: B008
    """The page of what a search finds."""
    given, selection = settings(), replace(base, narrowing=Narrowing(**narrowing))
    contents = document.Contents(stories=stories, updated=NOW, more=True, page=2)
    made = document.build(selection, contents, given, "urn:x")
    return pages.searched_page(made, selection, contents, given)


def front_page(*stories: Story, **sections: tuple[Story, ...]) -> str:
    given = settings()
    contents = document.Contents(stories=stories, updated=NOW)
    made = document.build(Selection(), contents, given, "urn:x")
    items = {
        name: tuple(document.item(one, given) for one in found) for name, found in sections.items()
    }
    return pages.front_page(made, items, given)


def origination(number: int = 1, **changes: Any) -> Origination:
    """An entry as the first of its story."""
    usual: dict[str, Any] = {
        "number": number,
        "address": FEED_URL,
        "entry": entry(),
        "first_seen": NOW,
        "is_withdrawn": False,
        "rule": "first seen",
        "score": 1.0,
        "like": None,
    }
    return Origination(**(usual | changes))


def explained(**changes: Any) -> Explained:
    """All that there is to say of a story of one entry that stands nowhere."""
    usual: dict[str, Any] = {
        "id": "https://gazette.example/kettle",
        "page_id": PAGE_ID,
        "aliases": (),
        "entries": (origination(),),
        "shelves": (),
        "related": (),
        "rulings": (),
        "first_seen": NOW,
        "withdrawn_at": None,
        "by_operator": False,
    }
    return Explained(**(usual | changes))


def story_page(story: Story, *, pictures: Literal["none", "remote"] = "none", **told: Any) -> str:
    given = settings(pictures)
    return pages.story_page(document.item(story, given), explained(**told), given)


def linked_data(page: str) -> dict[str, Any]:
    (told,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    said: dict[str, Any] = json.loads(told)
    return said


def came_about(**told: Any) -> str:
    """What a page says of how its story came about, in one line."""
    _, _, details = story_page(a_story(), **told).partition('<details class="came-about">')
    return " ".join(details.partition("</details>")[0].split())


def autodiscovered(page: str) -> list[tuple[str, ...]]:
    return re.findall(r'<link rel="alternate" type="(.*?)" title="(.*?)" href="(.*?)">', page)


def test_a_page_of_a_selection_names_its_three_feeds_in_its_head() -> None:
    page = selection_page(names=("art", "tech"))
    title, feed = "The Merrow Bulletin: Art &amp; Craft, Tech", f"{BASE}/feeds/art_tech"
    assert autodiscovered(page) == [
        ("application/atom+xml", f"{title} (Atom)", f"{feed}.atom"),
        ("application/rss+xml", f"{title} (RSS)", f"{feed}.rss"),
        ("application/feed+json", f"{title} (JSON Feed)", f"{feed}.json"),
    ]
    assert f"<title>{title}</title>" in page
    assert f'<link rel="canonical" href="{BASE}/art_tech">' in page
    assert f'<a href="{PATH}/feeds.opml">' in page


def test_every_page_leads_to_every_vertical() -> None:
    for page in (selection_page(), story_page(a_story()), front_page(), searched()):
        assert f'<a href="{PATH}/" dir="auto">The Merrow Bulletin</a>' in page
        assert f'<a href="{PATH}/art" dir="auto">Art &amp; Craft</a>' in page
        assert f'<a href="{PATH}/tech" dir="auto">Tech</a>' in page
        assert f'<a href="{PATH}/about">' in page


def test_every_page_says_what_the_site_is() -> None:
    for description in ("Kettles & lids.", ""):
        page = selection_page(description=description)
        said = (
            "Kettles &amp; lids." if description else "What many publishers tell, every story once."
        )
        assert f'<p class="motto" dir="auto">{said}</p>' in page


def test_of_very_many_verticals_a_page_leads_to_the_first_and_to_the_list_of_all() -> None:
    many = tuple(Vertical(name=f"v{number}", title=f"V{number}") for number in range(300))
    given = replace(settings(), verticals=many)
    page = pages.error_page(HTTPStatus.NOT_FOUND, "no such story", given)
    assert page.count(f'href="{PATH}/v') == pages.IN_NAVIGATION
    assert f'<a href="{PATH}/about#verticals">All verticals</a>' in page


def test_a_vertical_is_described_and_a_saved_query_speaks_for_itself() -> None:
    assert '<p class="standfirst" dir="auto">What hands make.</p>' in selection_page(names=("art",))
    query = Selection(verticals=("art",), query="kettles")
    given = replace(settings(), queries=(SavedQuery(name="kettles", title="Kettles"),))
    contents = document.Contents(updated=NOW)
    made = document.build(query, contents, given, "urn:x")
    page = pages.selection_page(made, query, contents, given)
    assert "Kettles</h1>" in page
    assert "What hands make." not in page
    assert "<title>The Merrow Bulletin: everything</title>" in selection_page()


def test_the_page_that_is_shown_is_marked_in_the_navigation() -> None:
    assert f'<a href="{PATH}/tech" aria-current="page"' in selection_page(names=("tech",))
    assert "aria-current" not in selection_page(names=("art", "tech"))
    assert f'<a href="{PATH}/all" aria-current="page"' in selection_page()


def test_every_page_of_stories_offers_its_feeds_to_be_copied_opened_and_given_to_readers() -> None:
    feed = f"{BASE}/feeds/tech"
    encoded = "https%3A%2F%2Fnews.example%2Fbulletin%2Ffeeds%2Ftech.atom"
    for page in (selection_page(names=("tech",)), story_page(a_story(verticals=("tech",)))):
        assert 'id="subscribe">Subscribe to <bdi>Tech</bdi></h2>' in page
        for ending in ("atom", "rss", "json"):
            assert f'href="{PATH}/feeds/tech.{ending}"' in page
            assert f'data-copy="{feed}.{ending}"' in page
            assert f"<code>{BASE}/feeds/<wbr>tech.{ending}</code>" in page
            assert f'href="feed://news.example/bulletin/feeds/tech.{ending}"' in page
        assert f'"https://feedly.com/i/subscription/feed%2F{encoded}"' in page
        assert f'"https://www.newsblur.com/?url={encoded}"' in page


def test_a_story_is_followed_by_the_union_of_its_verticals_or_by_everything() -> None:
    both = story_page(a_story(verticals=("tech", "art")))
    assert f'data-copy="{BASE}/feeds/art_tech.rss"' in both
    assert "Subscribe to <bdi>Art &amp; Craft, Tech</bdi>" in both
    assert f'data-copy="{BASE}/feeds/all.rss"' in story_page(a_story())


def test_an_empty_selection_says_so() -> None:
    for page in (selection_page(), front_page()):
        assert "No stories yet." in page
    for page in (selection_page(a_story()), front_page(a_story())):
        assert "No stories yet." not in page


def test_a_listed_story_shows_who_when_and_where_it_stands() -> None:
    lead = entry(authors=(Person(name="Ada Inkwell"), Person(name="Óscar Nib, Jr.")))
    page = selection_page(a_story(lead=lead, verticals=("tech",)))
    assert f'<a href="{PATH}/stories/0123456789abcdef0123">Kettle heard</a></h2>' in page
    assert '<bdi class="publication">Merrow Gazette</bdi>' in page
    assert "<span>by <bdi>Ada Inkwell</bdi>, <bdi>Óscar Nib, Jr.</bdi></span>" in page
    assert '<time datetime="2026-02-13T09:00:00Z">February 13, 2026</time>' in page
    assert page.count(f'<a href="{PATH}/tech" dir="auto">Tech</a>') == 2
    assert '<p class="excerpt" dir="auto">It whistles in B flat.</p>' in page


def test_of_many_authors_a_list_names_three_and_the_storys_page_all() -> None:
    story = a_story(lead=entry(authors=tuple(Person(name=f"Quill {n}") for n in range(20))))
    shown = " ".join(selection_page(story).split())
    assert "<bdi>Quill 2</bdi> and 17 more</span>" in shown
    assert "Quill 3" not in shown
    assert "<bdi>Quill 19</bdi></span>" in story_page(story)


def test_a_story_without_authors_has_no_by_line() -> None:
    for page in (selection_page(a_story(lead=entry(authors=()))), front_page()):
        assert "by <bdi>" not in page


def test_a_list_says_which_beginning_a_machine_has_written() -> None:
    dive = Summary(kind="generated", by="unknown", paragraphs=("It whistles & hums.", "Long."))
    page = selection_page(a_story(lead=entry(deep_dive=dive)), a_story(lead=entry(key="2")))
    assert page.count('<bdi class="made">AI-generated deep dive</bdi>') == 1
    assert "It whistles &amp; hums. Long.</p>" in page


def test_a_story_without_a_title_goes_on_where_its_title_is_cut() -> None:
    long = "The kettle hums and hums " * 20
    page = selection_page(a_story(lead=entry(title="", summary=f"<p>{long}</p>")))
    (title,) = re.findall(r'stories/[^"]*">(.*?)</a></h2>', page)
    (excerpt,) = re.findall(r'<p class="excerpt" dir="auto">(.*?)</p>', page)
    assert long.startswith(title.removesuffix("…"))
    assert long.startswith(title.removesuffix("…") + excerpt[1:].removesuffix("…"))
    assert excerpt.startswith("…")
    short = selection_page(a_story(lead=entry(title="", summary="<p>It hums.</p>")))
    assert ">It hums.</a></h2>" in short
    assert '<p class="excerpt"' not in short


def test_of_a_very_long_text_no_more_is_read_for_a_list_than_it_shows() -> None:
    page = selection_page(a_story(lead=entry(summary=f"<p>{'hum ' * 50_000}</p>")))
    assert len(page) < 10_000


@pytest.mark.parametrize("field", ["title", "publication"])
def test_what_a_publisher_wrote_is_never_markup(field: str) -> None:
    story = a_story(lead=entry(**{field: HOSTILE}))
    for page in (selection_page(story), story_page(story), front_page(story), searched(story)):
        assert page.count("<script") == 1 + page.count('<script type="application/ld+json">')
        assert ESCAPED in page


def test_nor_is_the_name_of_an_author_or_of_another_publication() -> None:
    lead = entry(authors=(Person(name=HOSTILE),))
    other = entry(link="https://other.example/", publication=HOSTILE)
    page = story_page(a_story(lead=lead, also=(other,)))
    assert page.count("<script") == 2
    assert page.count("&lt;script&gt;") == 2
    assert linked_data(page)["author"] == [{"@type": "Person", "name": HOSTILE}]


def test_an_address_cannot_leave_its_attribute() -> None:
    link = 'https://gazette.example/"onmouseover="alert(1)'
    assert 'onmouseover="' not in story_page(a_story(lead=entry(link=link)))


# ---- pages of older stories ---------------------------------------------------------------------


def beside(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<a rel="(prev|next)" href="(.*?)">', page)


def test_a_selection_leads_to_its_archives_and_they_to_each_other() -> None:
    newest = selection_page(names=("tech",), place={"older": 300})
    assert beside(newest) == [("next", f"{PATH}/tech/archive/300")]
    assert f'<link rel="next" href="{BASE}/tech/archive/300">' in newest
    last = selection_page(names=("tech",), place={"archive": 300, "older": 200})
    assert beside(last) == [("prev", f"{PATH}/tech"), ("next", f"{PATH}/tech/archive/200")]
    assert f'<link rel="canonical" href="{BASE}/tech/archive/300">' in last
    assert "<title>The Merrow Bulletin: Tech: older stories</title>" in last
    first = selection_page(a_story(), place={"archive": 100, "older": 0, "newer": 200})
    assert beside(first) == [("prev", f"{PATH}/all/archive/200")]
    before = selection_page(place={"archive": 0, "newer": 100})
    assert beside(before) == [("prev", f"{PATH}/all/archive/100")]
    assert "There are no older stories." in before


def test_who_goes_on_to_an_archive_reads_on_where_the_list_has_ended() -> None:
    stories = (a_story(lead=entry(title="A lid")), a_story())
    newest = selection_page(*stories, place={"older": 300})
    assert beside(newest) == [("next", f"{PATH}/all/archive/300#{PAGE_ID}")]
    assert f'<link rel="next" href="{BASE}/all/archive/300">' in newest
    assert f'<article class="item" id="{PAGE_ID}"' in newest
    archive = selection_page(*stories, place={"archive": 300, "older": 200})
    assert beside(archive)[1] == ("next", f"{PATH}/all/archive/200")


def test_an_archives_page_is_subscribed_from_by_the_feed_and_not_by_the_archive() -> None:
    page = selection_page(names=("tech",), place={"archive": 300})
    assert [address for _, _, address in autodiscovered(page)] == [
        f"{BASE}/feeds/tech.{ending}" for ending in ("atom", "rss", "json")
    ]


def test_the_pages_of_a_search_are_numbered() -> None:
    page = searched(searches=(Search(phrases=("kettle",)),), within=())
    assert beside(page) == [
        ("prev", f"{PATH}/search?q=kettle"),
        ("next", f"{PATH}/search?page=3&amp;q=kettle"),
    ]


# ---- the front page, and searching --------------------------------------------------------------


def test_the_front_page_has_the_newest_and_a_section_for_each_vertical_with_stories() -> None:
    page = front_page(a_story(), art=(a_story(lead=entry(title="A lid")),), tech=())
    assert page.index(">Newest</h2>") < page.index(">Kettle heard</a></h3>")
    assert page.index(">Kettle heard</a></h3>") < page.index('id="in-art"')
    assert page.index('id="in-art"') < page.index(">A lid</a></h3>")
    assert f'<a href="{PATH}/art">More in <bdi>Art &amp; Craft</bdi></a>' in page
    assert 'id="in-tech"' not in page
    assert f'<link rel="canonical" href="{BASE}/">' in page


def test_a_search_keeps_what_was_asked_in_its_form() -> None:
    page = searched(
        searches=(Search(phrases=("kettle",)), Search(phrases=("lid",))),
        within=("tech",),
        languages=("en",),
    )
    assert 'name="q" maxlength="200" value="kettle"' in page
    assert '<option value="tech" selected>' in page
    assert '<input type="hidden" name="q" value="lid">' in page
    assert '<input type="hidden" name="lang" value="en">' in page
    assert "Nothing was found." in page
    assert "Nothing was found." not in searched(a_story())


def test_what_narrows_a_vertical_is_found_at_its_own_address() -> None:
    page = searched(base=Selection(verticals=("tech",)), languages=("en",))
    assert f'<link rel="canonical" href="{BASE}/tech?lang=en&amp;page=2">' in page


# ---- a story ------------------------------------------------------------------------------------


def test_a_story_page_shows_its_html_and_the_original_as_canonical() -> None:
    page = story_page(a_story(lead=entry(content="<p>It <em>whistles</em>.</p>")))
    assert "<p>It <em>whistles</em>.</p>" in page
    assert '<link rel="canonical" href="https://gazette.example/kettle">' in page
    assert "Summary by" not in page


def test_a_publishers_summary_says_that_it_is_one() -> None:
    assert "<h2>Summary by <bdi>Merrow Gazette</bdi></h2>" in story_page(a_story())
    nothing = story_page(a_story(lead=entry(summary=None)))
    assert "Summary by" not in nothing
    assert '<div class="text"' not in nothing


@pytest.mark.parametrize(
    ("kind", "by", "heading", "how"),
    [
        ("generated", "unknown", "AI-generated deep dive", "Written by a machine, not by"),
        ("generated", "Quill 2", "AI-generated deep dive", "Written by a machine (Quill 2), not"),
        (
            "extract",
            "lexrank",
            "Extract",
            "Sentences of the article, chosen by a machine (lexrank)",
        ),
    ],
)
def test_a_machine_text_stands_under_a_heading_that_tells_what_made_it(
    kind: Literal["generated", "extract"], by: str, heading: str, how: str
) -> None:
    dive = Summary(kind=kind, by=by, paragraphs=("It whistles & hums.",))
    page = story_page(a_story(lead=entry(deep_dive=dive, summary=None)))
    assert f'<h2 id="machine">{heading}</h2>\n<p class="hint">{how}' in page
    assert "<p>It whistles &amp; hums.</p>" in page
    assert "As published" not in page
    both = story_page(a_story(lead=entry(deep_dive=dive, content="<p>It hums.</p>")))
    assert "<h2>As published by <bdi>Merrow Gazette</bdi></h2>" in both


def test_where_and_when_it_was_published_leads_to_the_publisher() -> None:
    page = " ".join(story_page(a_story()).split())
    assert (
        '<p class="origin">Originally published on <a href="https://gazette.example/kettle">'
        '<bdi>Merrow Gazette</bdi></a> on <time datetime="2026-02-13T09:00:00Z">February 13, 2026'
        "</time>.</p>"
    ) in page
    without = " ".join(story_page(a_story(lead=entry(link=None))).split())
    assert "Originally published on <bdi>Merrow Gazette</bdi> on <time" in without


def test_the_files_of_a_story_are_there_to_be_fetched() -> None:
    files = (
        Enclosure(url="https://gazette.example/k.mp3", type="audio/mpeg", length=1_500_000),
        Enclosure(url="https://gazette.example/k.pdf", type="application/pdf", length=None),
    )
    page = story_page(a_story(lead=entry(enclosures=files)))
    assert '<a href="https://gazette.example/k.mp3">audio/mpeg</a>, 1.5 MB</li>' in page
    assert '<a href="https://gazette.example/k.pdf">application/pdf</a></li>' in page


def test_a_story_page_leads_to_the_feeds_of_its_verticals_or_of_everything() -> None:
    shelved = story_page(a_story(verticals=("art", "tech")))
    assert autodiscovered(shelved) == [
        ("application/atom+xml", "Art &amp; Craft (Atom)", f"{BASE}/feeds/art.atom"),
        ("application/atom+xml", "Tech (Atom)", f"{BASE}/feeds/tech.atom"),
    ]
    assert autodiscovered(story_page(a_story())) == [
        ("application/atom+xml", "The Merrow Bulletin (Atom)", f"{BASE}/feeds/all.atom")
    ]


def test_a_story_of_several_sources_names_them() -> None:
    also = (
        entry(link="https://ledger.example/kettle", publication="The Tollen Ledger"),
        entry(link=None, publication="Lantern & Loom"),
    )
    page = story_page(a_story(also=also))
    assert (
        '<p class="elsewhere">Also at <a href="https://ledger.example/kettle"><bdi>The Tollen '
        "Ledger</bdi></a> and <bdi>Lantern &amp; Loom</bdi>.</p>"
    ) in page
    assert page.count("https://ledger.example/kettle") == 1
    assert "Also at" not in story_page(a_story())
    assert "<span>3 sources</span>" in selection_page(a_story(also=also))


def test_where_the_publisher_has_it_from_is_named_once() -> None:
    found = (
        Link(rel="via", href="https://links.example/1", title=HOSTILE),
        Link(rel="via", href="https://links.example/2"),
        Link(rel="related", href="https://links.example/3"),
    )
    page = story_page(a_story(lead=entry(links=found)))
    assert (
        f'<p>Found by way of <a href="https://links.example/1" dir="auto">{ESCAPED}</a>, '
        '<a href="https://links.example/2" dir="auto">https://links.example/2</a>.</p>'
    ) in page
    assert "Found by way" not in story_page(a_story())


def test_machines_are_told_whose_article_it_is() -> None:
    lead = entry(
        authors=(Person(name="Ada Inkwell"),), language="en-GB", image="https://i.example/"
    )
    page = story_page(a_story(lead=lead, verticals=("tech",)))
    assert linked_data(page) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Kettle heard",
        "description": "It whistles in B flat.",
        "url": "https://gazette.example/kettle",
        "mainEntityOfPage": f"{BASE}/stories/{PAGE_ID}",
        "datePublished": "2026-02-13T09:00:00Z",
        "dateModified": linked_data(page)["dateModified"],
        "author": [{"@type": "Person", "name": "Ada Inkwell"}],
        "publisher": {"@type": "Organization", "name": "Merrow Gazette"},
        "articleSection": ["Tech"],
        "image": "https://i.example/",
        "inLanguage": "en-GB",
        "isPartOf": {"@type": "WebSite", "name": "The Merrow Bulletin", "url": f"{BASE}/"},
    }
    for name, value in (
        ("og:type", "article"),
        ("og:title", "Kettle heard"),
        ("og:site_name", "The Merrow Bulletin"),
        ("og:url", f"{BASE}/stories/{PAGE_ID}"),
        ("og:description", "It whistles in B flat."),
        ("article:published_time", "2026-02-13T09:00:00Z"),
    ):
        assert f'<meta property="{name}" content="{value}">' in page
    empty = linked_data(story_page(a_story(lead=entry(authors=(), summary=None))))
    assert {"author", "image", "inLanguage", "articleSection"}.isdisjoint(empty)
    assert empty["description"] == "Kettle heard"


def test_a_story_is_in_its_own_language() -> None:
    story = a_story(lead=entry(language="ar-EG"))
    assert '<article class="story" lang="ar">' in story_page(story)
    assert f'<article class="item" id="{PAGE_ID}" lang="ar" dir="auto">' in selection_page(story)
    assert '<article class="story">' in story_page(a_story(lead=entry(language=None)))


# ---- pictures -----------------------------------------------------------------------------------

PICTURE = "https://gazette.example/kettle.jpg"


def test_without_pictures_a_link_leads_to_each() -> None:
    lead = entry(content=f'<p><img src="{PICTURE}" alt="A kettle"></p>', image=PICTURE)
    for page in (story_page(a_story(lead=lead)), selection_page(a_story(lead=lead))):
        assert "<img" not in page
    assert f'<a class="picture" href="{PICTURE}">A kettle</a>' in story_page(a_story(lead=lead))


def test_pictures_are_loaded_late_with_their_size_and_without_a_referrer() -> None:
    lead = entry(content="<p>It hums.</p>", image=PICTURE)
    shown = story_page(a_story(lead=lead), pictures="remote")
    listed = selection_page(a_story(lead=lead), pictures="remote")
    for page in (shown, listed):
        (picture,) = re.findall(r"<img[^>]*>", page)
        for said in (f'src="{PICTURE}"', "width=", "height=", 'loading="lazy"', 'alt=""'):
            assert said in picture
        assert 'referrerpolicy="no-referrer"' in picture


def test_a_picture_that_stands_in_the_text_is_not_shown_twice() -> None:
    lead = entry(content=f'<p><img src="{PICTURE}"></p>', image=PICTURE)
    assert story_page(a_story(lead=lead), pictures="remote").count("<img") == 1


def test_pages_may_load_pictures_from_elsewhere_only_where_they_are_wanted() -> None:
    policies = [dict(pages.headers(settings(p)))["Content-Security-Policy"] for p in PICTURES]
    assert ["img-src 'self';" in policy for policy in policies] == [True, False]
    assert ["media-src" in policy for policy in policies] == [False, True]
    privacy = [pages.FIXED["privacy"][1](settings(p)).decode() for p in PICTURES]
    assert ["load nothing from any other host" in page for page in privacy] == [True, False]


PICTURES: tuple[Literal["none"], Literal["remote"]] = ("none", "remote")


# ---- what is related ----------------------------------------------------------------------------


def test_related_stories_are_listed_in_the_order_in_which_they_are_given() -> None:
    untitled = Other(page_id="1" * 20, title="")
    page = " ".join(story_page(a_story(), related=(untitled, OTHER)).split())
    assert (
        f'Related</h2> <ul> <li><a href="{PATH}/stories/{"1" * 20}" dir="auto">(no title)</a></li> '
        f"<li>{LINK}</li> </ul>"
    ) in page
    assert "Related" not in story_page(a_story())


# ---- how a story came about ---------------------------------------------------------------------


def test_a_story_of_one_entry_came_about_by_being_seen_first() -> None:
    told = came_about()
    assert (
        '<ol> <li>Merrow Gazette: <a href="https://gazette.example/kettle">Kettle heard</a>, '
        'published <time datetime="2026-02-13T09:00:00Z">February 13, 2026</time>, '
        f"first seen {DAY}. Here by: first seen. </li> </ol>"
    ) in told
    assert "not merged" not in told
    assert "Rulings" not in told
    assert "<h2>Verticals</h2> <p>None.</p>" in told


def test_each_entry_tells_by_what_it_was_found_to_be_the_same_as_which() -> None:
    live = origination(7)
    copy = origination(
        9,
        entry=entry(title="", link=None, published=None, publication="The Tollen Ledger"),
        rule="same text",
        score=0.876,
        like=7,
    )
    moved = origination(11, rule="same address", like=3)
    told = came_about(entries=(live, copy, moved))
    assert (
        f"<li>The Tollen Ledger: (no title), first seen {DAY}. "
        "Here by: same text (score 0.88), as 1. </li>"
    ) in told
    assert (
        "Here by: same address (score 1.00), as an entry that is not in this story now. </li>"
    ) in told


def test_what_nearly_merged_is_told_with_the_reason_and_the_command_that_merges_it() -> None:
    miss = NearMiss(story=OTHER, publication="Loom", reason="numbers differ", score=0.5)
    told = came_about(entries=(origination(7), origination(9, near=(miss,)), origination(11)))
    assert (
        "<h2>Nearly the same, and not merged</h2> <ul> "
        f"<li>Loom: {LINK}, like 2: numbers differ (score 0.50). "
        f"<code>broadsheet join {PAGE_ID} {OTHER_ID}</code></li> </ul>"
    ) in told


def test_each_vertical_is_told_with_its_reason_and_since_when() -> None:
    defined = Assignment(vertical="art", reason="keyword: kettle", score=0.5)
    gone = Assignment(vertical="craft", reason="category: Craft", score=1.0)
    shelves = tuple(Shelving(assignment=each, since=NOW) for each in (defined, gone))
    told = came_about(shelves=shelves)
    assert f"<li>Art &amp; Craft, since {DAY}: keyword: kettle (score 0.50)</li>" in told
    assert f"<li>craft, since {DAY}: category: Craft (score 1.00)</li>" in told


def test_what_the_operator_ruled_is_told() -> None:
    rulings = (
        Ruling(apart=True, at=NOW, story=OTHER),
        Ruling(apart=False, at=NOW, story=Other(page_id=PAGE_ID, title="Kettle heard")),
    )
    told = came_about(rulings=rulings)
    assert f"<li>{DAY}: kept apart from {LINK}</li>" in told
    assert f"<li>{DAY}: joined into this story</li>" in told


def test_the_commands_that_change_it_have_the_id_that_no_source_can_write() -> None:
    told = came_about(
        id="https://gazette.example/$(reboot)", entries=(origination(), origination(2))
    )
    for command in ("explain", "split", "withdraw"):
        assert f"<code>broadsheet {command} {PAGE_ID}</code>" in told
    assert f"<code>broadsheet join {PAGE_ID} ID</code>" in told
    assert "reboot" not in told
    assert "broadsheet split" not in came_about()


def test_nothing_in_how_it_came_about_is_markup_or_the_address_of_a_source() -> None:
    hostile = Other(page_id=OTHER_ID, title=HOSTILE)
    miss = NearMiss(story=hostile, publication=HOSTILE, reason=HOSTILE, score=1)
    page = story_page(
        a_story(),
        entries=(
            origination(
                address="https://u:secret@gazette.example/feed?key=secret",
                entry=entry(title=HOSTILE, publication=HOSTILE, link='https://a.example/"x="'),
                rule=HOSTILE,
                near=(miss,),
            ),
        ),
        shelves=(
            Shelving(assignment=Assignment(vertical=HOSTILE, reason=HOSTILE, score=1), since=NOW),
        ),
        related=(hostile,),
        rulings=(Ruling(apart=True, at=NOW, story=hostile),),
    )
    assert page.count("<script") == 2
    assert page.count(ESCAPED) == 10
    assert 'href="https://a.example/&#34;x=&#34;"' in page
    assert "secret" not in page


def test_the_language_of_the_site_is_that_of_its_pages_and_its_direction_theirs() -> None:
    assert '<html lang="pt-BR" dir="ltr">' in selection_page(language="pt-BR")
    assert '<html lang="ar" dir="rtl">' in selection_page(language="ar")


@pytest.mark.parametrize(
    ("tag", "read_from"),
    [("he-IL", "rtl"), ("fa", "rtl"), ("UR", "rtl"), ("uz-Arab", "rtl"), ("ar-Latn", "ltr"),
     ("az-Cyrl", "ltr"), ("yi-Hebr", "rtl"), ("en", "ltr"), ("zh-Hant", "ltr")],
)  # fmt: skip
def test_a_language_is_read_from_its_side(tag: str, read_from: str) -> None:
    assert direction(tag) == read_from


@pytest.mark.parametrize(
    ("tag", "told"),
    [("en-UK", "en"), ("en-gb", "en-GB"), ("zh-Hant-TW", "zh-Hant"), ("sr-Cyrl", "sr-Cyrl"),
     ("yue", "yue"), ("tlh", None), ("xx", None), ("english", None), ("", None), (None, None)],
)  # fmt: skip
def test_of_a_language_browsers_are_told_itself_and_its_script(
    tag: str | None, told: str | None
) -> None:
    assert language(tag) == told


def test_pages_ask_for_nothing_from_anywhere() -> None:
    lead = entry(content='<p><img src="https://i.example/1"></p>', image="https://i.example/2")
    for page in (selection_page(a_story(lead=lead)), story_page(a_story(lead=lead))):
        loaded = re.findall(r"<(?:script|link)[^>]*(?:src|stylesheet|icon)[^>]*>", page)
        assert len(loaded) == 3
        assert all(re.search(rf'(?:src|href)="{PATH}/static/', one) for one in loaded)
        assert not re.search(
            r"<(img|iframe|object|style|video|audio|source)\b| style=| on[a-z]+=", page
        )
        assert "url(" not in page


def test_a_page_on_a_host_of_its_own_has_short_addresses() -> None:
    page = selection_page(base_url="https://news.example")
    assert '<a href="/" dir="auto">' in page
    assert 'href="/static/style.' in page


def test_an_error_is_told_in_the_same_house() -> None:
    page = pages.error_page(HTTPStatus.GONE, "this story was withdrawn", settings())
    assert "<h1>Gone</h1>" in page
    assert "This story was withdrawn." in page
    assert f'data-copy="{BASE}/feeds/all.atom"' in page
    assert f'<a href="{PATH}/search">' in page
    assert '<meta name="robots" content="noindex">' in page


def test_about_and_the_empty_search_need_no_vertical() -> None:
    bare = replace(settings(), verticals=(), site=Site(base_url=BASE))
    assert "There are none" in pages.FIXED["about"][1](bare).decode()
    assert "<h1>Search</h1>" in pages.FIXED["search"][1](bare).decode()
    query = SavedQuery(name="kettles", title="Kettles & lids")
    about = pages.FIXED["about"][1](replace(settings(), queries=(query,))).decode()
    assert f'<a href="{PATH}/kettles" dir="auto">Kettles &amp; lids</a>' in about
    assert "What hands make." in about
    assert pages.FIXED["robots.txt"][1](bare) == b"User-agent: *\nDisallow: /bulletin/search\n"
