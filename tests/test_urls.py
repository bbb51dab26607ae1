"""One address for one article."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.urls import (
    absolute,
    address_key,
    host,
    host_and_port,
    host_name,
    is_absolute_iri,
    masked,
    source_key,
    without_tracking,
)

PIECES = st.lists(
    st.sampled_from(
        [
            "http:",
            "https:",
            "//",
            "\\",
            "/",
            "?",
            "#",
            "&",
            "=",
            "@",
            ":",
            "[",
            "]",
            "..",
            "%2e",
            "%",
            "www.",
            "example.org",
            "bücher",
            "[::1]",
            ":80",
            "utm_source=x",
            "p=1",
            " ",
            "&amp;",
            "é",
        ]
    )
    | st.text(max_size=4)
).map("".join)
ADDRESS_LIKE = PIECES | PIECES.map("https://www.example.org".__add__)

FORMS = st.tuples(
    st.lists(
        st.sampled_from(["www.", "m.", "amp.", "mobile.", "en.", "wiki", "team."]), max_size=3
    ),
    st.sampled_from(
        ["example.org", "wikipedia.org", "co.uk", "tumblr.com", "youtu.be", "google.com"]
    ),
    st.lists(
        st.sampled_from(
            [
                "/amp",
                "/amp/s/www.example.org",
                "/amp/s/google.com:443",
                "/c/s/x.cdn.ampproject.org",
                "/./",
                "/..",
                "//",
                "/index.html",
                "/index.amp.html",
                "/a-123-amp.html",
                "/kettle.amp",
                ".amp",
                "/2024/01",
                "/kettle",
                "/the-kettle-sings",
                ";jsessionid=1",
                "/%61mp",
                "%3Famp%26id=1",
                ".bildMobile.html",
                "/shorts/1uwOL4rB-go",
            ]
        ),
        max_size=6,
    ),
    st.lists(
        st.sampled_from(
            ["amp", "amp;id=2", "amp%3Bamp%3Bm=1", "m=1", "id=1", "print", "v=1uwOL4rB-go", "a+b"]
        ),
        max_size=3,
    ),
    st.sampled_from(["", "#", "#top", "#!", "#!/a", "#/a:~:text=b"]),
).map(lambda p: f"https://{''.join(p[0])}{p[1]}{''.join(p[2])}?{'&'.join(p[3])}{p[4]}")


@pytest.mark.parametrize(
    ("ref", "base", "expected"),
    [
        ("https://example.org/a", None, "https://example.org/a"),
        ("../x", "https://example.org/a/b/c", "https://example.org/a/x"),
        ("?p=1", "https://example.org/a?p=0", "https://example.org/a?p=1"),
        ("#part", "https://example.org/a?b", "https://example.org/a?b#part"),
        ("//cdn.example.org/x", "https://example.org/", "https://cdn.example.org/x"),
        (" https://exa\nmple.org/\ta\r\n", None, "https://example.org/a"),
        ("http:\\\\example.org\\a", None, "http://example.org/a"),
        ("\\a\\b", "https://example.org/", "https://example.org/a/b"),
        ("http:///example.org/a", None, "http://example.org/a"),
        ("HTTP://Example.org/A", None, "http://Example.org/A"),
        ("https://example.org/?b=2&amp;a=1&#38;c=3", None, "https://example.org/?b=2&a=1&c=3"),
        ("https://example.org/a b/é?q=ü", None, "https://example.org/a%20b/%C3%A9?q=%C3%BC"),
        ("https://example.org/a%2fb?x=%zz", None, "https://example.org/a%2fb?x=%zz"),
        ("https://example.org/?ids[]=1|2", None, "https://example.org/?ids%5B%5D=1%7C2"),
        ("https://bücher.example/", None, "https://xn--bcher-kva.example/"),
        ("https://straße.example/", None, "https://xn--strae-oqa.example/"),
        ("https://i❤.example/", None, "https://xn--i-7iq.example/"),
        ("https://ex%61mple.org/", None, "https://example.org/"),
        ("https://me:secret@example.org:8443/?", None, "https://me:secret@example.org:8443/?"),
        ("http://[2001:db8::1]:80/x", None, "http://[2001:db8::1]:80/x"),
        ("https://example.org/a\ud800b", None, "https://example.org/ab"),
        ("a", " https://example.org/x y/ ", "https://example.org/x%20y/a"),
    ],
)
def test_a_reference_becomes_absolute_as_in_a_browser(
    ref: str, base: str | None, expected: str
) -> None:
    assert absolute(ref, base) == expected


@pytest.mark.parametrize(
    ("ref", "base"),
    [
        ("", "https://example.org/"),
        (" \n", "https://example.org/"),
        ("a", None),
        ("a", "feed.xml"),
        ("a", "tag:example.org,2026:x"),
        ("mailto:desk@example.org", "https://example.org/"),
        ("javascript:alert(1)", "https://example.org/"),
        ("ftp://example.org/a", None),
        ("https://", None),
        ("https:///", None),
        ("https://a b/", None),
        ("https://exa<mple.org/", None),
        ("https://a..b/", None),
        ("https://example.org:99999/", None),
        ("https://example.org:port/", None),
        ("https://[::g]/", None),
        ("https://[::1/", None),
        ("//[", "https://example.org/"),
        ("https://\u0378.example/", None),
    ],
)
def test_what_is_no_web_address_is_nothing(ref: str, base: str | None) -> None:
    assert absolute(ref, base) is None


@given(ADDRESS_LIKE, ADDRESS_LIKE | st.just("https://example.org/a/b?c"))
@settings(max_examples=200, deadline=None)
def test_an_absolute_address_is_ascii_that_the_w3c_validator_takes_and_stays(
    ref: str, base: str
) -> None:
    address = absolute(ref, base)
    if address is not None:
        assert re.fullmatch(
            r"https?://[^/?#\[\]]*(\[[0-9A-Fa-f:.]+\])?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]*", address
        )
        assert absolute(address, None) == address


@pytest.mark.parametrize(
    "variant",
    [
        "http://example.org/2026/story?a=1&b=2",
        "HTTPS://WWW.EXAMPLE.ORG/2026/story?a=1&b=2",
        "https://m.example.org/2026/story?a=1&b=2",
        "https://www.amp.example.org./2026/story?a=1&b=2",
        "https://example.org:443/2026/story?a=1&b=2",
        "http://example.org:80/2026/story?a=1&b=2",
        "http://example.org:/2026/story?a=1&b=2",
        "https://me@example.org/2026/story?a=1&b=2",
        "https://example.org/2026/story/?a=1&b=2",
        "https://example.org/2025/../2026/./story?a=1&b=2",
        "https://example.org/%2e%2E/2026/story?a=1&b=2",
        "https://example.org/2026/%73tory?a=1&b=2",
        "https://example.org/2026/story?b=2&a=1",
        "https://example.org/2026/story?a=1&amp;b=2&amp;utm_source=rss",
        "https://example.org/2026/story?a=1&&b=2&",
        "https://example.org/2026/story?UTM_Medium=feed&a=1&fbclid=x&b=2",
        "https://example.org/2026/story?a=1&b=2#comments",
        " https://exam\nple.org/2026/story?a=1&b=2 ",
    ],
)
def test_the_addresses_of_one_story_have_one_key(variant: str) -> None:
    assert address_key(variant) == "example.org/2026/story?a=1&b=2"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://bücher.example/ä", "http://www.xn--bcher-kva.example/%c3%a4"),
        ("https://example.org/?q=a+b", "https://example.org/?q=a%20b"),
        ("https://example.org/#!/a", "http://example.org/#!/a"),
        ("http://[::1]/a", "http://[::1]:80/a/"),
    ],
)
def test_equal_addresses_have_equal_keys(one: str, other: str) -> None:
    assert address_key(one) == address_key(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/?p=1", "https://example.org/?p=2"),
        ("https://example.org/a?id=1", "https://example.org/a"),
        ("https://example.org/a?x=1&x=2", "https://example.org/a?x=2&x=1"),
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a", "https://example.org:8080/a"),
        ("https://blog.example.org/a", "https://example.org/a"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("https://example.org/#!/a", "https://example.org/#!/b"),
        ("https://example.org/app#/a", "https://example.org/app"),
        ("https://m.example/a", "https://www.example/a"),
    ],
)
def test_what_may_be_identity_stays_in_the_key(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://example.org",
        "https://www.example.org/",
        "https://example.org/?utm_source=rss#top",
        "https://example.org/index.html?amp#!/",
        "https://www.google.com/amp/s/example.org/",
        "mailto:desk@example.org",
        "/2026/story",
    ],
)
def test_an_address_of_no_single_story_has_no_key(url: str) -> None:
    assert address_key(url) is None


@given(FORMS)
@example("https://example.org/amp/2024/amp")
@example("https://www.www.google.com/amp/index.html/amp/s/www.example.org/x")
@example("https://www.google.com/amp/s/google.com:443/amp/s/google.com./amp/s/m.example.org/x")
@example("https://www.google.com/amp/s/" + "google.com:443/amp/s/" * 20_000 + "example.org/x")
@settings(max_examples=500, deadline=None)
def test_the_key_of_a_key_is_itself(url: str) -> None:
    key = address_key(url)
    assert key is None or address_key(f"https://{key}") == key


@given(ADDRESS_LIKE | FORMS)
@settings(max_examples=200, deadline=None)
def test_a_key_is_the_same_for_the_address_that_is_published(url: str) -> None:
    published = absolute(url, None)
    assert address_key(url) == (address_key(published) if published else None)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/a?utm_source=x", "https://example.org/a"),
        ("https://example.org/a?b=%7e&utm_source=x&A=+#f", "https://example.org/a?b=%7e&A=+#f"),
        ("https://example.org/a?b=1&amp;utm_source=x", "https://example.org/a?b=1"),
        ("https://example.org/a#xtor=RSS-1", "https://example.org/a"),
        ("https://example.org/a?b&amp%3Butm_source=x&amp;amp;xtor=y", "https://example.org/a?b"),
        ("https://example.org/a?amp=1&cmp=rss", "https://example.org/a?amp=1&cmp=rss"),
        ("https://example.org/a?&b=&&#", "https://example.org/a?&b=&&#"),
        ("https://example.org/a?", "https://example.org/a?"),
        ("https://example.org/a?ref=x&source=rss", "https://example.org/a?ref=x&source=rss"),
    ],
)
def test_only_known_tracking_parameters_go(url: str, expected: str) -> None:
    assert without_tracking(url) == expected


@given(ADDRESS_LIKE, st.sampled_from(["", "?utm_source=x", "&utm_source=x", "#xtor=RSS-1"]))
@settings(max_examples=200, deadline=None)
def test_an_address_without_tracking_stays_as_it_is(url: str, tracking: str) -> None:
    shortened = without_tracking(url + tracking)
    assert without_tracking(shortened) == shortened


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/feed", "https://example.org/feed"),
        ("https://me:secret@example.org/feed", "https://***@example.org/feed"),
        ("https://secret@example.org", "https://***@example.org"),
        ("me:secret@example.org/feed", "me:***@example.org/feed"),
        ("https://me:se/cr?et@example.org/feed", "https://***@example.org/feed"),
        ("https://me:se#cret@example.org/feed", "https://***@example.org/feed"),
        ("https://example.org/@desk/feed", "https://example.org/@desk/feed"),
        ("https://example.org:80/@desk", "https://example.org:80/@desk"),
        (
            "https://example.org/?key=secret&b=secret&secret&c=",
            "https://example.org/?key=***&b=***&***&c=***",
        ),
        ("https://example.org/#secret", "https://example.org/#***"),
    ],
)
def test_a_masked_address_shows_no_login_and_no_query_value(url: str, expected: str) -> None:
    assert masked(url) == expected


@given(st.text("/?#:&= a1", max_size=8), st.text("/?#:&= a1", max_size=8))
@settings(max_examples=200, deadline=None)
def test_a_password_never_shows_whatever_it_holds(before: str, after: str) -> None:
    assert "SECRET" not in masked(f"https://me:x{before}SECRET{after}@example.org/feed?key=SECRET")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.Example.org:443/a", "example.org"),
        ("https://me@blog.example.org./", "blog.example.org"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("mailto:desk@example.org", ""),
        ("", ""),
    ],
)
def test_the_host_is_lower_case_ascii_without_www(url: str, expected: str) -> None:
    assert host(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/feed", "example.org:443"),
        ("http://WWW.Example.org", "www.example.org:80"),
        ("https://ada:secret@example.org:8443/", "example.org:8443"),
        ("http://example.org:/feed", "example.org:80"),
        ("http://example.org:0080/feed", "example.org:80"),
        ("https://example.org./feed", "example.org:443"),
        ("http://[2001:DB8::1]:81/", "[2001:db8::1]:81"),
        ("https://bücher.example/", "xn--bcher-kva.example:443"),
        ("seed:kettle.txt", ""),
        ("https://", ""),
    ],
)
def test_an_address_is_asked_at_its_host_and_port(url: str, expected: str) -> None:
    assert host_and_port(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.gazette.example/feed", "gazette"),
        ("https://blog.gazette.example/", "gazette"),
        ("https://gazette.co.uk/", "gazette"),
        ("https://news.gazette.com.au/", "gazette"),
        ("https://news.go.example/", "go"),
        ("https://co.uk/", "co"),
        ("http://localhost:8000/", "localhost"),
        ("http://192.0.2.1/", "192.0.2.1"),
        ("http://[2001:db8::1]/", "2001:db8::1"),
        ("no address", ""),
    ],
)
def test_a_host_is_named_by_the_label_before_the_public_suffix(url: str, expected: str) -> None:
    assert host_name(url) == expected


@pytest.mark.parametrize(
    "guid",
    [
        "https://example.org/?p=1",
        "http://example.org",
        "http://me@example.org:80/a#b",
        "ftp://example.org/a",
        "HTTPS://Example.org/A",
        "urn:uuid:60a76c80-d399-11d9-b93C-0003939e0af6",
        "URN:ISBN:0-395-36341-1",
        "tag:example.org,2026:story-1",
        "tag:desk@example.org,2026-02-13:/a?b#c",
        "yt:video:abc",
        "post:123",
        "x-news+wire.1:a/b",
    ],
)
def test_an_absolute_iri_may_stand_as_an_id(guid: str) -> None:
    assert is_absolute_iri(guid)


@pytest.mark.parametrize(
    "guid",
    [
        "",
        "123",
        "/2026/story",
        "www.example.org/story",
        "Breaking: a story",
        "x:",
        "1x:y",
        "https:story",
        "https:///story",
        "http:/example.org/story",
        "http://:80/",
        "https://example.org/a b",
        "https://example.org/a\n",
        "https://example.org/%zz",
        "https://example.org/a#b#c",
        "https://example.org/é",
        "https://example.org/?ids[]=1",
        "https://example.org/{a}",
        "ftp:/example.org",
        "urn:x",
        "urn:x:y",
        "urn:uuid:not-one",
        "urn:uuid:60a76c80-d399-11d9-b93C-0003939e0af6-1",
        "urn:isbn-:1",
        "urn:isbn:1/2",
        "tag:example.org:x",
        "tag:example.org,26:x",
        "tag:Example.org,2026:x",
        "TAG:example.org,2026:x",
        "https://example.org/\ud800",
    ],
)
def test_anything_else_needs_an_id_of_our_making(guid: str) -> None:
    assert not is_absolute_iri(guid)


@given(ADDRESS_LIKE)
@example("https://[")
@example("https://xn--/")
@settings(max_examples=200, deadline=None)
def test_no_text_is_too_odd_for_any_of_them(text: str) -> None:
    for function in (without_tracking, masked, host, host_and_port, host_name):
        assert isinstance(function(text), str)
    assert is_absolute_iri(text) in {True, False}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://gazette.example/feed", "http://www.gazette.example:80/feed/?utm_source=a", True),
        ("https://gazette.example/feed", "https://gazette.example/feed?id=2", False),
        ("https://gazette.example/", "https://herald.example/", False),
        ("https://gazette.example/", "https://gazette.example/", True),
    ],
)
def test_two_addresses_of_one_source_have_one_key(one: str, other: str, *, same: bool) -> None:
    assert (source_key(one) == source_key(other)) is same
