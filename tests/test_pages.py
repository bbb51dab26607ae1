from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from aggregator.model import Assignment, Link, Other, Person, Selection, Story, Summary
from aggregator.model.explaining import Explained, NearMiss, Origination, Ruling, Shelving
from aggregator.settings import Settings, Site, Vertical
from feeds import document, pages
from tests.builders import FEED_URL, NOW, a_story, entry
from tests.newsroom import settings_for

BASE = "https://news.example/bulletin"
PAGE_ID, OTHER_ID = "0123456789abcdef0123", "fedcba98765432100123"
OTHER = Other(page_id=OTHER_ID, title="A lid & a leaf")
LINK = f'<a href="{BASE}/stories/{OTHER_ID}">A lid &amp; a leaf</a>'
DAY = '<time datetime="2026-02-14T06:30:00Z">February 14, 2026</time>'
HOSTILE = """<script>alert("'&</script>"""
ESCAPED = "&lt;script&gt;alert(&#34;&#39;&amp;&lt;/script&gt;"


def settings(**site: Any) -> Settings:
    return settings_for(
        Path("/nowhere"),
        site=Site(**{"title": "The Merrow Bulletin", "base_url": BASE, **site}),
        verticals=(
            Vertical(name="art", title="Art & Craft"),
            Vertical(name="tech", title="Tech"),
        ),
    )


def selection_page(*stories: Story, names: tuple[str, ...] = ("all",), **site: Any) -> str:
    given = settings(**site)
    contents = document.Contents(stories=stories, updated=NOW)
    made = document.build(Selection(verticals=names), contents, given, "urn:x")
    return pages.selection_page(made, given)


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


def story_page(story: Story, **told: Any) -> str:
    contents = document.Contents(stories=(story,), updated=NOW)
    made = document.build(Selection(), contents, settings(), "urn:x")
    return pages.story_page(made.items[0], explained(**told), settings())


def came_about(**told: Any) -> str:
    """What a page says of how its story came about, in one line."""
    _, _, details = story_page(a_story(), **told).partition("<details>")
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
    assert f'<a href="{BASE}/feeds.opml">' in page


def test_every_page_leads_to_every_vertical() -> None:
    nav = [f'<a href="{BASE}/">The Merrow Bulletin</a>', f'<a href="{BASE}/tech">Tech</a>']
    for page in (selection_page(), story_page(a_story())):
        assert all(link in page for link in nav)
        assert f'<a href="{BASE}/art">Art &amp; Craft</a>' in page


def test_an_empty_selection_says_so() -> None:
    assert "No stories yet." in selection_page()
    assert "No stories yet." not in selection_page(a_story())


def test_a_listed_story_shows_who_when_and_where_it_stands() -> None:
    lead = entry(authors=(Person(name="Ada Inkwell"), Person(name="Óscar Nib, Jr.")))
    page = selection_page(a_story(lead=lead, verticals=("tech",)))
    assert f'<a href="{BASE}/stories/0123456789abcdef0123">Kettle heard</a>' in page
    assert "\nMerrow Gazette\n· by Ada Inkwell, Óscar Nib, Jr.\n· <time" in page
    assert '<time datetime="2026-02-13T09:00:00Z">February 13, 2026</time>' in page
    assert page.count(f'<a href="{BASE}/tech">Tech</a>') == 2


def test_a_story_without_authors_has_no_by_line() -> None:
    assert "· by" not in selection_page(a_story(lead=entry(authors=())))


@pytest.mark.parametrize("field", ["title", "publication"])
def test_what_a_publisher_wrote_is_never_markup(field: str) -> None:
    story = a_story(lead=entry(**{field: HOSTILE}))
    for page in (selection_page(story), story_page(story)):
        assert "<script" not in page
        assert ESCAPED in page


def test_nor_is_the_name_of_an_author_or_of_another_publication() -> None:
    lead = entry(authors=(Person(name=HOSTILE),))
    other = entry(link="https://other.example/", publication=HOSTILE)
    page = story_page(a_story(lead=lead, also=(other,)))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2


def test_an_address_cannot_leave_its_attribute() -> None:
    link = 'https://gazette.example/"onmouseover="alert(1)'
    assert 'onmouseover="' not in story_page(a_story(lead=entry(link=link)))


def test_a_story_page_shows_its_html_and_the_original_as_canonical() -> None:
    page = story_page(a_story(lead=entry(content="<p>It <em>whistles</em>.</p>")))
    assert "<p>It <em>whistles</em>.</p>" in page
    assert '<link rel="canonical" href="https://gazette.example/kettle">' in page


def test_a_machine_text_stands_under_its_heading() -> None:
    dive = Summary(kind="generated", by="unknown", paragraphs=("It whistles & hums.",))
    page = story_page(a_story(lead=entry(deep_dive=dive)))
    assert "<h2>AI-generated deep dive</h2><p>It whistles &amp; hums.</p>" in page


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
        entry(link="https://loom.example/kettle", publication="Lantern & Loom"),
    )
    page = story_page(a_story(also=also))
    assert (
        '<p>Also at <a href="https://ledger.example/kettle">The Tollen Ledger</a> and '
        '<a href="https://loom.example/kettle">Lantern &amp; Loom</a>.</p>'
    ) in page
    assert page.count("https://ledger.example/kettle") == 1
    assert "Also at" not in story_page(a_story())


def test_where_the_publisher_has_it_from_is_named_once() -> None:
    found = (
        Link(rel="via", href="https://links.example/1", title=HOSTILE),
        Link(rel="via", href="https://links.example/2"),
        Link(rel="related", href="https://links.example/3"),
    )
    page = story_page(a_story(lead=entry(links=found)))
    assert (
        f'<p>Found by way of <a href="https://links.example/1">{ESCAPED}</a>, '
        '<a href="https://links.example/2">https://links.example/2</a>.</p>'
    ) in page
    assert "Found by way" not in story_page(a_story())


def test_related_stories_are_listed_in_the_order_in_which_they_are_given() -> None:
    untitled = Other(page_id="1" * 20, title="")
    page = " ".join(story_page(a_story(), related=(untitled, OTHER)).split())
    assert (
        f'<h2>Related</h2> <ul> <li><a href="{BASE}/stories/{"1" * 20}">(no title)</a></li> '
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
    assert "<script" not in page
    assert page.count(ESCAPED) == 10
    assert 'href="https://a.example/&#34;x=&#34;"' in page
    assert "secret" not in page


def test_the_language_of_the_site_is_that_of_its_pages() -> None:
    assert '<html lang="pt-BR">' in selection_page(language="pt-BR")


def test_pages_ask_for_nothing_from_anywhere() -> None:
    for page in (selection_page(a_story()), story_page(a_story())):
        assert not re.search(r"<(script|img|iframe|object|form|link rel=.stylesheet)", page)
        assert "url(" not in page
