from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from aggregator.model import Person, Selection, Story, Summary
from aggregator.settings import Settings, Site, Vertical
from feeds import document, pages
from tests.builders import NOW, a_story, entry
from tests.newsroom import settings_for

BASE = "https://news.example/bulletin"
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


def story_page(story: Story) -> str:
    contents = document.Contents(stories=(story,), updated=NOW)
    made = document.build(Selection(), contents, settings(), "urn:x")
    return pages.story_page(made.items[0], settings())


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
    assert page.count(ESCAPED) == 2


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
        'Also at: <a href="https://ledger.example/kettle">The Tollen Ledger</a>, '
        '<a href="https://loom.example/kettle">Lantern &amp; Loom</a>.'
    ) in page
    assert "Also at" not in story_page(a_story())


def test_the_language_of_the_site_is_that_of_its_pages() -> None:
    assert '<html lang="pt-BR">' in selection_page(language="pt-BR")


def test_pages_ask_for_nothing_from_anywhere() -> None:
    for page in (selection_page(a_story()), story_page(a_story())):
        assert not re.search(r"<(script|img|iframe|object|form|link rel=.stylesheet)", page)
        assert "url(" not in page
