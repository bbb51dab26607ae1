from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import normalize
from aggregator.model import (
    Category,
    Enclosure,
    Entry,
    Extension,
    Link,
    Origin,
    ParsedEntry,
    ParsedFeed,
    Person,
    Place,
    SourceInfo,
    Summary,
    Text,
)
from aggregator.settings import SEED, Source
from tests.builders import FEED_URL, NOW, PUBLISHED, entry, parsed, parsed_feed

SOURCE = Source(address=FEED_URL)
SEED_FILE = Source(address=f"{SEED}kettle.txt")
TOMORROW = "Sun, 15 Feb 2026 06:00:00 GMT"


def normalized(
    feed: ParsedFeed, source: Source = SOURCE, first_address: str = FEED_URL
) -> tuple[Entry, ...]:
    return normalize.entries(feed, source, first_address, NOW)


def one(source: Source = SOURCE, **changes: Any) -> Entry:
    """The only entry of a document whose only item is the usual one with these changes."""
    (only,) = normalized(parsed_feed(parsed(**changes)), source)
    return only


def info(feed: ParsedFeed | None = None, source: Source = SOURCE) -> SourceInfo:
    return normalize.source_info(feed or parsed_feed(), source, FEED_URL, NOW)


def text(value: str) -> Text:
    return Text(value=value, html=False)


def html(value: str) -> Text:
    return Text(value=value, html=True)


# ---- ids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "guid",
    [
        "https://gazette.example/kettle",
        "http://gazette.example/?p=17",
        "tag:gazette.example,2026:kettle",
        "urn:uuid:0b9d6e3c-6a0e-4c51-9a53-1c2b8f0d7e11",
    ],
)
def test_a_guid_that_is_an_absolute_iri_is_the_id_as_it_stands(guid: str) -> None:
    assert one(guid=guid).id == guid
    assert one(guid=guid).guid == guid


@pytest.mark.parametrize("guid", ["17", "/kettle", "kettle heard", None])
def test_any_other_guid_gets_a_urn_uuid_of_version_5(guid: str | None) -> None:
    identifier = one(guid=guid).id
    assert identifier.startswith("urn:uuid:")
    assert UUID(identifier).version == 5


def test_a_minted_id_stands_wherever_its_source_moves_and_whatever_it_says() -> None:
    before = one(guid="17")
    moved = parsed_feed(parsed(guid="17", title=text("Renamed"), link="/moved"), base=None)
    (after,) = normalized(moved, Source(address="https://new.gazette.example/feed"))
    assert (after.id, after.key) == (before.id, before.key)


def test_a_minted_id_is_told_apart_by_the_sources_first_address() -> None:
    feed = parsed_feed(parsed(guid="17"))
    (here,) = normalized(feed)
    (there,) = normalized(feed, first_address="https://herald.example/feed")
    assert here.id != there.id


def test_without_a_guid_the_link_makes_the_id_and_without_a_link_title_and_date() -> None:
    assert one(guid=None).id == one(guid=None, title=text("Renamed")).id
    assert one(guid=None).id != one(guid=None, link="https://gazette.example/pan").id
    bare: dict[str, Any] = {"guid": None, "link": None}
    assert one(**bare).id == one(**bare, summary=text("Rewritten")).id
    assert one(**bare).id != one(**bare, title=text("Renamed")).id
    assert one(**bare).id != one(**bare, published="Sat, 14 Feb 2026 09:00:00 GMT").id


def test_entries_with_nothing_but_a_text_are_told_apart_by_it() -> None:
    notes = (ParsedEntry(summary=text("First note.")), ParsedEntry(content=text("Second note.")))
    first, second = normalized(parsed_feed(*notes))
    assert first.key != second.key
    assert first.id != second.id


def test_a_guid_a_link_and_a_title_of_the_same_letters_are_three_keys() -> None:
    same = "https://gazette.example/kettle"
    keys = {
        one(guid=same).key,
        one(guid=None, link=same).key,
        one(guid=None, link=None, title=text(same), published="").key,
    }
    assert len(keys) == 3


# ---- which items are entries ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "src"),
    [
        ({"link": "https://kitchen.example/2026/kettle"}, "https://kitchen.example/2026/pot.png"),
        ({"link": "/2026/kettle"}, "https://gazette.example/2026/pot.png"),
        ({"link": None}, "https://gazette.example/pot.png"),
        ({"base": "https://pots.example/a/"}, "https://pots.example/a/pot.png"),
    ],
)
def test_the_addresses_in_a_text_count_from_its_base_or_else_from_the_article(
    said: dict[str, Any], src: str
) -> None:
    found = one(content=html('<img src="pot.png">'), enclosures=(Enclosure(url="pot.png"),), **said)
    assert found.content == f'<img src="{src}">'
    assert found.enclosures[0].url == src


@pytest.mark.parametrize("link", [None, "https://gazette.example/"])
def test_items_that_share_a_guid_and_link_nowhere_are_told_by_their_titles(
    link: str | None,
) -> None:
    titles = ("Kettle", "Pan", "Kettle")
    items = (parsed(guid="17", link=link, title=text(title)) for title in titles)
    found = normalized(parsed_feed(*items))
    assert [entry.title for entry in found] == ["Kettle", "Pan"]
    assert len({entry.id for entry in found}) == 2


def test_items_that_share_a_guid_but_neither_link_nor_title_are_different_entries() -> None:
    items = [
        parsed(guid="17", link=f"https://gazette.example/{name}", title=text(name))
        for name in ("kettle", "pan", "lid")
    ]
    for order in permutations(items):
        found = normalized(parsed_feed(*order))
        assert [e.title for e in found] == [item.title.value for item in order if item.title]
        assert len({e.key for e in found}) == len({e.id for e in found}) == 3


def test_the_second_owner_of_a_guid_is_the_same_entry_in_every_document() -> None:
    first, second = (
        parsed(guid="17", link=f"https://gazette.example/{name}", title=text(name))
        for name in ("kettle", "pan")
    )
    newer = parsed(guid="18", link="https://gazette.example/lid", title=text("lid"))
    before = normalized(parsed_feed(first, second))[1]
    after = normalized(parsed_feed(newer, first, second))[2]
    assert (after.key, after.id) == (before.key, before.id)


@pytest.mark.parametrize(
    "again", [{}, {"title": text("Renamed")}, {"link": "https://gazette.example/moved"}]
)
def test_the_same_entry_twice_stands_once_as_it_stood_first(again: dict[str, Any]) -> None:
    (only,) = normalized(parsed_feed(parsed(), parsed(**again)))
    assert only == one()


def test_an_item_with_neither_title_nor_text_nor_link_is_none() -> None:
    empty = ParsedEntry(guid="17", published=TOMORROW, authors=(Person(name="Ada Inkwell"),))
    assert normalized(parsed_feed(empty)) == ()


@pytest.mark.parametrize(
    "said",
    [
        {"title": text("Kettle heard")},
        {"summary": text("It whistles.")},
        {"content": text("It whistles.")},
        {"link": "https://gazette.example/kettle"},
        {"deep_dive": ("It whistles.",)},
    ],
)
def test_an_item_with_one_of_them_is_an_entry(said: dict[str, Any]) -> None:
    assert len(normalized(parsed_feed(ParsedEntry(**said)))) == 1


# ---- texts and addresses -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "base", "absolute"),
    [
        ("/kettle", FEED_URL, "https://gazette.example/kettle"),
        ("kettle", "https://gazette.example/2026/", "https://gazette.example/2026/kettle"),
        ("https://gazette.example/kettle", None, "https://gazette.example/kettle"),
        ("javascript:alert(1)", FEED_URL, None),
        (None, FEED_URL, None),
    ],
)
def test_a_link_is_absolute_or_none(
    link: str | None, base: str | None, absolute: str | None
) -> None:
    assert one(link=link, base=base).link == absolute


def test_an_entrys_base_is_the_documents_where_it_has_none() -> None:
    assert one(link="kettle", base=None).link == "https://gazette.example/kettle"


def test_a_relative_link_and_guid_still_give_an_address_to_compare() -> None:
    relative = one(guid="kettle", link="kettle", base="https://gazette.example/")
    assert relative.address_key == one().address_key == "gazette.example/kettle"
    assert relative.id.startswith("urn:uuid:")


def test_an_entry_without_a_link_has_no_address_to_compare() -> None:
    assert one(link=None).address_key is None


def test_text_is_escaped_and_html_made_safe_and_absolute() -> None:
    found = one(
        summary=text("a < b"),
        content=html('<p onclick="x()">See <a href="/pan">the pan</a><script>x()</script></p>'),
        base="https://gazette.example/",
    )
    assert found.summary == "a &lt; b"
    assert found.content == '<p>See <a href="https://gazette.example/pan">the pan</a></p>'


def test_a_summary_that_only_repeats_the_content_is_left_out() -> None:
    found = one(summary=html("<p>It whistles.</p>"), content=html("<p>It whistles.</p>"))
    assert (found.summary, found.content) == (None, "<p>It whistles.</p>")


def test_a_text_of_which_nothing_safe_is_left_is_none() -> None:
    assert one(summary=html("<script>x()</script>")).summary is None


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        (text("vector<int> in the kitchen"), "vector<int> in the kitchen"),
        (html("Kettle <em>heard</em> &amp; seen"), "Kettle heard & seen"),
        (None, ""),
    ],
)
def test_a_title_is_plain_text(title: Text | None, plain: str) -> None:
    assert one(title=title).title == plain


def test_people_are_plain_named_and_each_once() -> None:
    authors = (
        Person(name="Ada <b>Inkwell</b>", uri="https://ada.example/"),
        Person(name="<br>"),
        Person(name="Bo Foldaway", uri="/bo", email="bo@gazette.example"),
        Person(name="Bo Foldaway", email="bo@gazette.example"),
    )
    assert one(authors=authors).authors == (
        Person(name="Ada Inkwell", uri="https://ada.example/"),
        Person(name="Bo Foldaway", email="bo@gazette.example"),
    )


def test_an_entry_without_authors_has_those_of_its_document() -> None:
    by_all = (Person(name="The Desk"),)
    (found,) = normalized(parsed_feed(parsed(authors=()), authors=by_all))
    assert found.authors == by_all
    (own,) = normalized(parsed_feed(parsed(), authors=by_all))
    assert own.authors == (Person(name="Ada Inkwell"),)


def test_an_entry_without_a_language_has_that_of_its_document() -> None:
    items = parsed(guid="1", link="/1", title=text("1")), parsed(language="cy")
    assert [e.language for e in normalized(parsed_feed(*items, language="en"))] == ["en", "cy"]


def test_categories_are_plain_and_one_without_a_term_is_none() -> None:
    given_categories = (
        Category(term="Kitchen &amp; home", scheme="urn:x:shelf", label=" Kitchen "),
        Category(term="  ", label="Nothing"),
        Category(term="noise", label=" "),
    )
    assert one(categories=given_categories).categories == (
        Category(term="Kitchen & home", scheme="urn:x:shelf", label="Kitchen"),
        Category(term="noise"),
    )


def test_enclosures_are_absolute_and_one_without_an_address_is_none() -> None:
    tape = Enclosure(url="/tape.mp3", type="audio/mpeg", length=12, title="The tape")
    found = one(enclosures=(tape, Enclosure(url="cid:1")), base=FEED_URL)
    assert found.enclosures == (replace(tape, url="https://gazette.example/tape.mp3"),)


# ---- what a seed brings --------------------------------------------------------------------------


def test_a_seeds_deep_dive_is_a_summary_generated_by_an_unknown_machine() -> None:
    found = one(SEED_FILE, deep_dive=("It whistles.", "It stops\x00."))
    assert found.deep_dive == Summary(
        kind="generated", by=normalize.UNKNOWN_MACHINE, paragraphs=("It whistles.", "It stops.")
    )
    assert normalize.UNKNOWN_MACHINE == "unknown"


def test_an_entry_of_the_network_has_no_deep_dive() -> None:
    assert one().deep_dive is None


def test_a_seeds_verticals_are_assigned_for_certain() -> None:
    assert one(SEED_FILE, verticals=("tech", "science")).named == ("tech", "science")


# ---- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "updated", "expected"),
    [
        ("Fri, 13 Feb 2026 09:00:00 GMT", None, (PUBLISHED, None)),
        (
            "2026-02-13T09:00:00Z",
            "2026-02-13T10:00:00+01:00",
            (PUBLISHED, PUBLISHED),
        ),
        (TOMORROW, TOMORROW, (NOW, NOW)),
        ("Tue, 13 Feb 2046 09:00:00 GMT", None, (None, None)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, (None, None)),
        ("yesterday", "soon", (None, None)),
        (None, None, (None, None)),
        (None, "2026-02-13T09:00:00Z", (PUBLISHED, PUBLISHED)),
        (None, TOMORROW, (NOW, NOW)),
    ],
)
def test_dates_are_utc_and_never_in_the_future_and_nonsense_is_none(
    published: str | None, updated: str | None, expected: tuple[datetime | None, datetime | None]
) -> None:
    found = one(published=published, updated=updated)
    assert (found.published, found.updated) == expected


# ---- publication and source ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parsed_as", "source", "title", "publication", "keys"),
    [
        ("The Merrow Bell", Source(address=FEED_URL, publication="P"), "T", "The Merrow Bell",
         ("the merrow bell",)),
        (None, Source(address=FEED_URL, publication="The P!", title="S"), "T", "The P!",
         ("the p",)),
        (None, Source(address=FEED_URL, title="Gazette S"), "T", "Gazette S",
         ("gazette s", "gazette")),
        (None, SOURCE, "Merrow <b>Gazette</b>", "Merrow Gazette", ("merrow gazette", "gazette")),
        (None, SOURCE, None, "gazette.example", ("gazette example", "gazette")),
        ("?!", SOURCE, "T", "?!", ()),
    ],
)  # fmt: skip
def test_the_publication_is_the_entrys_else_the_operators_else_the_sources(
    parsed_as: str | None, source: Source, title: str | None, publication: str, keys: tuple[str]
) -> None:
    feed = parsed_feed(parsed(publication=parsed_as), title=html(title) if title else None)
    (found,) = normalized(feed, source)
    assert (found.publication, found.publication_keys) == (publication, keys)


def test_the_site_may_be_known_by_another_name_than_the_feeds_host() -> None:
    feed = parsed_feed(site_url="https://www.merrow-gazette.example/")
    (found,) = normalized(feed, Source(address="https://feeds.hosting.example/17"))
    assert found.publication_keys == ("merrow gazette", "hosting")


def test_a_source_is_known_by_its_own_id_title_and_addresses() -> None:
    feed = parsed_feed(id="tag:gazette.example,2026:feed", updated="2026-02-13T10:00:00Z")
    assert info(feed) == SourceInfo(
        id="tag:gazette.example,2026:feed",
        title="Merrow Gazette",
        updated=PUBLISHED + timedelta(hours=1),
        feed_url=FEED_URL,
        site_url="https://gazette.example/",
    )


@pytest.mark.parametrize("own", [None, "17"])
def test_a_source_without_a_usable_id_gets_one_that_stays(own: str | None) -> None:
    identifier = info(parsed_feed(id=own)).id
    assert UUID(identifier).version == 5
    assert identifier == info(parsed_feed(parsed(guid="18"), title=text("Renamed"))).id


def test_what_the_operator_calls_a_source_and_its_site_goes_before_its_own_words() -> None:
    source = Source(address=FEED_URL, title="Our Gazette", site_url="https://www.gazette.example/")
    found = info(source=source)
    assert (found.title, found.site_url) == ("Our Gazette", "https://www.gazette.example/")


@pytest.mark.parametrize(
    ("site_url", "absolute"), [("/home", "https://gazette.example/home"), (None, None)]
)
def test_a_sites_address_is_absolute_or_none(site_url: str | None, absolute: str | None) -> None:
    assert info(parsed_feed(site_url=site_url)).site_url == absolute


def test_a_source_without_any_name_is_known_by_its_host() -> None:
    assert info(parsed_feed(title=None)).title == "gazette.example"


def test_nobody_can_subscribe_to_a_seed() -> None:
    found = info(ParsedFeed(), SEED_FILE)
    assert (found.feed_url, found.title) == (None, "seed:kettle.txt")


@pytest.mark.parametrize(
    ("feed", "updated"),
    [
        (parsed_feed(updated="2026-02-12T09:00:00Z"), PUBLISHED - timedelta(days=1)),
        (parsed_feed(updated=TOMORROW), NOW),
        (parsed_feed(parsed(), parsed(published="2026-02-13T11:00:00Z")),
         PUBLISHED + timedelta(hours=2)),
        (parsed_feed(parsed(updated="2026-02-13T10:00:00Z")), PUBLISHED + timedelta(hours=1)),
        (parsed_feed(parsed(published=TOMORROW), updated="soon"), NOW),
        (parsed_feed(parsed(published=None)), NOW),
    ],
)  # fmt: skip
def test_a_source_without_a_date_has_that_of_its_newest_entry(
    feed: ParsedFeed, updated: datetime
) -> None:
    assert info(feed).updated == updated


# ---- digest and gist -----------------------------------------------------------------------------

SHOWN: dict[str, Any] = {
    "title": text("Kettle silent"),
    "publication": "The Merrow Bell",
    "link": "https://gazette.example/moved",
    "content": text("It is over."),
    "summary": text("It is over."),
    "deep_dive": ("It is over.",),
    "authors": (Person(name="Ada Inkwell", email="ada@gazette.example"),),
    "published": "Fri, 13 Feb 2026 09:00:01 GMT",
    "categories": (Category(term="noise"),),
    "enclosures": (Enclosure(url="https://gazette.example/tape.mp3"),),
    "language": "cy",
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_digest_changes_with_whatever_is_shown(name: str) -> None:
    assert one(**{name: SHOWN[name]}).digest != one().digest


@pytest.mark.parametrize(
    "feed",
    [
        parsed_feed(updated="2026-02-14T06:00:00Z"),
        parsed_feed(id="tag:gazette.example,2026:feed", site_url="https://merrow.example/"),
        parsed_feed(parsed(updated="2026-02-14T06:00:00Z")),
        parsed_feed(parsed(published="2026-02-13T10:00:00+01:00")),
    ],
)
def test_the_digest_stands_while_only_a_source_or_its_build_dates_change(feed: ParsedFeed) -> None:
    (found,) = normalized(feed)
    assert (found.digest, found.gist) == (one().digest, one().gist)


def test_an_entry_that_has_nothing_but_an_update_time_is_not_changed_by_it() -> None:
    before, after = (one(published=None, updated=f"2026-02-1{day}T09:00:00Z") for day in (2, 3))
    assert before.published != after.published
    assert before.digest == after.digest


def test_a_date_ahead_does_not_change_the_digest_as_the_clock_goes_on() -> None:
    feed = parsed_feed(parsed(published=TOMORROW))
    digests = {
        normalize.entries(feed, SOURCE, FEED_URL, NOW + timedelta(hours=hours))[0].digest
        for hours in (0, 1, 40)
    }
    assert len(digests) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": html("<div>It  <i>whistles</i>\n in B flat!</div>")},
        {"summary": html('<p>It <a href="/b?utm_source=feed">whistles</a> in B flat.</p>')},
        {"title": html("Kettle <b>heard</b>!")},
        {"link": "https://gazette.example/kettle?utm_source=feed"},
        {"published": TOMORROW, "authors": (), "language": "cy"},
    ],
)
def test_the_gist_stands_while_the_words_do(changes: dict[str, Any]) -> None:
    assert one(**changes).gist == one().gist
    assert one(**changes).digest != one().digest


@pytest.mark.parametrize(
    "changes",
    [
        {"title": text("Kettle silent")},
        {"summary": text("It is over.")},
        {"content": text("It is over.")},
        {"deep_dive": ("It is over.",)},
    ],
)
def test_the_gist_changes_with_the_words(changes: dict[str, Any]) -> None:
    assert one(**changes).gist != one().gist


# ---- order ---------------------------------------------------------------------------------------


def dated(title: str, published: datetime | None) -> Entry:
    return entry(key=title, title=title, published=published)


OLD, NEW = dated("old", PUBLISHED), dated("new", NOW)
UNDATED = dated("undated", None)


@pytest.mark.parametrize(
    ("first", "titles"), [(True, "undated old new"), (False, "old new undated")]
)
def test_entries_take_their_places_oldest_first_and_undated_ones_by_the_pull(
    titles: str, *, first: bool
) -> None:
    order = normalize.arrival_order((UNDATED, NEW, OLD), first=first, now=NOW + timedelta(hours=1))
    assert " ".join(e.title for e in order) == titles


def test_entries_of_one_time_take_their_places_from_the_documents_end() -> None:
    newest, oldest = dated("newest", PUBLISHED), dated("oldest", PUBLISHED)
    order = normalize.arrival_order((newest, oldest), first=True, now=NOW)
    assert order == (oldest, newest)


# ---- always --------------------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
maybe = st.none() | words
texts = st.none() | st.builds(Text, value=words, html=st.booleans())
any_item = st.builds(
    ParsedEntry,
    guid=maybe,
    link=maybe | st.sampled_from(["/kettle", "https://gazette.example/pan"]),
    title=texts,
    summary=texts,
    content=texts,
    authors=st.tuples(st.builds(Person, name=words, uri=maybe)),
    published=maybe | st.sampled_from([TOMORROW, "2026-02-13"]),
    updated=maybe,
    categories=st.tuples(st.builds(Category, term=words, label=maybe)),
    enclosures=st.tuples(st.builds(Enclosure, url=words)),
    base=maybe,
)


@settings(max_examples=200, deadline=None)
@given(items=st.lists(any_item, max_size=4), title=texts, site_url=maybe, base=maybe)
def test_whatever_a_document_says_its_entries_are_dated_linked_and_apart(
    items: list[ParsedEntry], title: Text | None, site_url: str | None, base: str | None
) -> None:
    feed = ParsedFeed(entries=tuple(items), title=title, site_url=site_url, base=base)
    found = normalized(feed)
    assert len({e.key for e in found}) == len(found)
    assert found == normalized(feed)
    for e in found:
        assert ":" in e.id
        assert e.link is None or e.link.startswith(("http://", "https://"))
        assert (e.published or NOW) <= NOW
        assert e.published is None or e.published.tzinfo is UTC


# ---- what else an entry says ---------------------------------------------------------------------

HERALD = Origin(
    title=text("The Herald"),
    id="urn:herald:feed",
    updated="2026-02-12T09:00:00Z",
    feed_url="https://herald.example/feed",
    site_url="https://herald.example/",
    rights=text("© Herald"),
)


def test_an_entry_copied_from_another_feed_keeps_that_feeds_metadata_and_publication() -> None:
    found = one(origin=HERALD)
    assert found.source == SourceInfo(
        id="urn:herald:feed",
        title="The Herald",
        updated=datetime(2026, 2, 12, 9, tzinfo=UTC),
        feed_url="https://herald.example/feed",
        site_url="https://herald.example/",
        rights="© Herald",
    )
    assert (found.publication, found.publication_keys) == ("The Herald", ("the herald",))


def test_the_operators_name_for_a_publication_stands_before_all_others() -> None:
    source = replace(SOURCE, publication="Best of the Press")
    assert one(source, origin=HERALD).publication == "Best of the Press"


@pytest.mark.parametrize(
    "origin",
    [
        Origin(title=text("The Herald")),
        Origin(feed_url="https://herald.example/feed"),
        Origin(title=text("Merrow Gazette"), feed_url=FEED_URL),
        Origin(title=text("Kettle heard"), feed_url="https://gazette.example/kettle.rss"),
    ],
    ids=["no feed", "no name", "the source itself", "the thread of a forum"],
)
def test_an_origin_that_names_no_other_feed_is_none(origin: Origin) -> None:
    found = one(origin=origin)
    assert (found.source, found.publication) == (info(), "Merrow Gazette")


def test_an_origin_without_an_id_and_a_date_gets_an_id_minted_and_the_sources_date() -> None:
    origin = replace(HERALD, id="17", updated=None)
    found = one(origin=origin).source
    assert UUID(found.id.removeprefix("urn:uuid:")).version == 5
    assert found.id == one(origin=origin, guid="urn:x:other").source.id
    assert found.updated == info().updated


def test_rights_of_source_and_entry_are_plain_text_each_where_it_belongs() -> None:
    document = parsed_feed(parsed(rights=html("© <b>Ada</b>")), rights=text("© Gazette"))
    (found,) = normalized(document)
    assert (found.rights, found.source.rights) == ("© Ada", "© Gazette")


def test_contributors_and_their_pictures_have_absolute_addresses() -> None:
    bo = Person(name=" Bo ", uri="https://bo.example/", avatar="javascript:x()")
    assert one(contributors=(bo, bo)).contributors == (
        Person(name="Bo", uri="https://bo.example/"),
    )


def test_links_are_absolute_and_their_titles_plain() -> None:
    links = (
        Link(rel="related", href="/pots", title="<b>Pots</b>", type="text/html"),
        Link(rel="replies", href="mailto:ada@gazette.example"),
    )
    (found,) = one(links=links).links
    assert (found.href, found.title) == ("https://gazette.example/pots", "<b>Pots</b>")


@pytest.mark.parametrize(
    ("coordinates", "stands"),
    [
        (((52.5, -4.2),), True),
        (((90.0, 180.0),), True),
        (((90.1, 0.0),), False),
        (((0.0, -181.0),), False),
    ],
)
def test_a_place_is_one_on_earth(
    coordinates: tuple[tuple[float, float], ...], *, stands: bool
) -> None:
    place = Place(kind="point", coordinates=coordinates)
    assert one(place=place).place == (place if stands else None)


def test_a_file_plays_as_long_as_it_says_or_as_the_episode_does() -> None:
    files = (Enclosure(url="/1.mp3", duration=5), Enclosure(url="/2.mp3"))
    episode = Extension(name="itunes:duration", text="1:01")
    found = one(enclosures=files, extensions=(episode,))
    assert [file.duration for file in found.enclosures] == [5, 61]
    assert found.extensions == (episode,)


THUMBNAIL = Extension(name="media:thumbnail", attributes=(("url", "/small.png"),))
ENCLOSED = Enclosure(url="/enclosed.png", type="image/png")


@pytest.mark.parametrize(
    ("said", "image"),
    [
        ({"image": "/own.png", "extensions": (THUMBNAIL,)}, "own.png"),
        ({"extensions": (THUMBNAIL,), "enclosures": (ENCLOSED,)}, "small.png"),
        ({"enclosures": (Enclosure(url="/1.mp3", type="audio/mpeg"), ENCLOSED)}, "enclosed.png"),
        ({"image": "data:image/png;base64,AA"}, None),
        ({}, None),
    ],
)
def test_an_entrys_picture_is_its_own_or_the_first_that_comes_with_it(
    said: dict[str, Any], image: str | None
) -> None:
    assert one(**said).image == (image and f"https://gazette.example/{image}")


def test_a_banner_is_absolute() -> None:
    assert one(banner="/wide.png").banner == "https://gazette.example/wide.png"


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("One line & <one> more", "One line &amp; &lt;one&gt; more"),
        ("One\nTwo", "One<br>Two"),
        ("\n One\n \n\nTwo\nThree \n", "<p>One</p><p>Two<br>Three</p>"),
    ],
)
def test_plain_text_keeps_its_lines_in_html(plain: str, shown: str) -> None:
    assert one(content=text(plain)).content == shown


@pytest.mark.parametrize(
    "changes",
    [
        {"contributors": (Person(name="Bo"),)},
        {"links": (Link(rel="related", href="/pots"),)},
        {"rights": text("© Ada")},
        {"place": Place(kind="point", coordinates=((1.0, 2.0),))},
        {"image": "/1.png"},
        {"banner": "/1.png"},
        {"extensions": (THUMBNAIL,)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whatever_is_shown_of_an_entry_is_in_its_digest(changes: dict[str, Any]) -> None:
    usual, changed = one(), one(**changes)
    assert changed.digest != usual.digest
    assert changed.gist == usual.gist
