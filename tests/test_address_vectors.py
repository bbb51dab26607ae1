"""Pairs of addresses as publishers write them: one article, or two."""

from __future__ import annotations

import pytest

from aggregator.urls import address_key

ONE = {
    "AMP": [
        (
            "https://amp.theguardian.com/uk/2024/kettle",
            "https://www.theguardian.com/uk/2024/kettle",
        ),
        ("https://www.amp.example.org/a-kettle", "https://example.org/a-kettle"),
        ("https://example.org/2024/01/31/kettle/amp", "https://example.org/2024/01/31/kettle"),
        ("https://example.org/2024/01/31/kettle/amp/", "https://example.org/2024/01/31/kettle/"),
        (
            "https://lenta.ru/news/2024/01/31/kettle/amp/",
            "https://lenta.ru/news/2024/01/31/kettle/",
        ),
        ("https://example.org/2024/kettle/amp", "https://example.org/2024/kettle"),
        ("https://example.org/the-kettle-sings/amp", "https://example.org/the-kettle-sings"),
        ("https://example.org/news/kettle-sings/amp", "https://example.org/news/kettle-sings"),
        ("https://example.org/the_kettle_sings/amp/", "https://example.org/the_kettle_sings"),
        ("https://example.org/news/1234567/amp", "https://example.org/news/1234567"),
        ("https://example.org/news/kettle-98765/amp", "https://example.org/news/kettle-98765"),
        ("https://example.org/a/kettle.html/amp", "https://example.org/a/kettle.html"),
        ("https://example.org/чайник-и-сковорода/amp", "https://example.org/чайник-и-сковорода"),
        ("https://example.org/the-kettle-sings/amp/?amp=1", "https://example.org/the-kettle-sings"),
        ("https://example.org/kettle?amp", "https://example.org/kettle"),
        ("https://example.org/kettle/?amp=1", "https://example.org/kettle/"),
        ("https://example.org/kettle?amp=true", "https://example.org/kettle"),
        ("https://example.org/?p=12&amp=1", "https://example.org/?p=12"),
        ("https://example.org/kettle?noamp=mobile", "https://example.org/kettle"),
        ("https://example.org/blog/kettle?format=amp", "https://example.org/blog/kettle"),
        (
            "https://www.washingtonpost.com/world/2024/01/31/kettle/?outputType=amp",
            "https://www.washingtonpost.com/world/2024/01/31/kettle/",
        ),
        (
            "https://www.infobae.com/america/2024/01/31/kettle/?outputType=amp-type",
            "https://www.infobae.com/america/2024/01/31/kettle/",
        ),
        (
            "https://www.nytimes.com/2020/01/31/us/kettle.amp.html",
            "https://www.nytimes.com/2020/01/31/us/kettle.html",
        ),
        ("https://www.bbc.com/news/world-12345678.amp", "https://www.bbc.com/news/world-12345678"),
        (
            "https://www.mirror.co.uk/news/kettle-123.amp",
            "https://www.mirror.co.uk/news/kettle-123",
        ),
        ("https://www.spiegel.de/politik/a-123-amp", "https://www.spiegel.de/politik/a-123"),
        (
            "https://www.spiegel.de/politik/kessel-a-1234567-amp.html",
            "https://www.spiegel.de/politik/kessel-a-1234567.html",
        ),
        (
            "https://www.spiegel.de/kessel-a-dd6f6ddc-0d6d-4f0b-8ee8-48b3ba6cbe7b-amp",
            "https://www.spiegel.de/kessel-a-dd6f6ddc-0d6d-4f0b-8ee8-48b3ba6cbe7b",
        ),
        (
            "https://www.zeit.de/amp/politik/2020-01/kessel",
            "https://www.zeit.de/politik/2020-01/kessel",
        ),
        ("https://example.org/amp/2024/x", "https://example.org/2024/x"),
        (
            "https://www.wsj.com/amp/articles/the-kettle-sings-11580472800",
            "https://www.wsj.com/articles/the-kettle-sings-11580472800",
        ),
    ],
    "AMP cache": [
        (
            "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/kettle",
            "https://www.example.org/kettle",
        ),
        ("https://cdn.ampproject.org/c/s/example.org/kettle", "https://example.org/kettle"),
        (
            "https://example-org.cdn.ampproject.org/v/s/example.org/kettle?amp_js_v=a6&usqp=mq331AQ",
            "https://example.org/kettle",
        ),
        ("https://example-org.cdn.ampproject.org/c/example.org/x", "http://example.org/x"),
        ("https://www-example-org.bing-amp.com/c/s/www.example.org/x", "https://example.org/x"),
        ("https://www.google.com/amp/s/example.org/x", "https://example.org/x"),
        ("https://www.google.co.uk/amp/s/amp.example.org/x", "https://example.org/x"),
        ("https://google.com/amp/example.org/x", "http://example.org/x"),
        ("https://www.google.com/amp/s/example.org:443/x", "https://example.org/x"),
        (
            "https://www.google.com/amp/s/example.org/the-kettle-sings/amp/",
            "https://example.org/the-kettle-sings",
        ),
        (
            "https://www.google.com/amp/s/example.org/x%3foutputType%3damp%26id%3d1",
            "https://example.org/x?id=1",
        ),
        (
            "https://www.google.com/amp/s/cdn.ampproject.org/c/s/example.org/x?id=1#!/a",
            "https://example.org/x?id=1#!/a",
        ),
    ],
    "mobile": [
        ("https://m.lenta.ru/news/2024/01/31/kettle/", "https://lenta.ru/news/2024/01/31/kettle/"),
        ("https://m.habr.com/ru/post/1/", "https://habr.com/ru/post/1/"),
        (
            "https://mobile.nytimes.com/2017/06/21/k.html",
            "https://www.nytimes.com/2017/06/21/k.html",
        ),
        ("https://mobile.twitter.com/ada/status/1", "https://twitter.com/ada/status/1"),
        ("http://www.m.example.org/kettle", "https://m.example.org/kettle"),
        ("https://en.m.wikipedia.org/wiki/Kettle", "https://en.wikipedia.org/wiki/Kettle"),
        ("https://www.mobile.de/x", "https://mobile.de/x"),
        (
            "https://kettle.blogspot.com/2024/01/post.html?m=1",
            "https://kettle.blogspot.com/2024/01/post.html",
        ),
        (
            "https://kettle.example/2024/01/post.html?m=0",
            "https://kettle.example/2024/01/post.html",
        ),
        (
            "https://m.bild.de/politik/kessel-123.bildMobile.html",
            "https://www.bild.de/politik/kessel-123.bild.html",
        ),
    ],
    "tracking": [
        ("https://example.org/x?utm_source=rss&utm_medium=feed", "https://example.org/x"),
        ("https://example.org/x?id=1&fbclid=abc&gclid=def", "https://example.org/x?id=1"),
        ("https://example.org/x?UTM_Source=rss", "https://example.org/x"),
        ("https://example.org/x?utm%5Fsource=rss", "https://example.org/x"),
        ("https://www.theguardian.com/x?CMP=Share_iOSApp_Other", "https://www.theguardian.com/x"),
        ("https://www.cbc.ca/news/kettle-1.5555?cmp=rss", "https://www.cbc.ca/news/kettle-1.5555"),
        (
            "https://www.bbc.com/news/articles/cn5g751pl7lo?at_medium=RSS&at_campaign=rss",
            "https://www.bbc.com/news/articles/cn5g751pl7lo",
        ),
        (
            "https://www.bbc.com/x?at_bbc_team=news&at_custom1=x&at_format=y",
            "https://www.bbc.com/x",
        ),
        ("https://www.heise.de/kessel-1.html?wt_mc=rss.red", "https://www.heise.de/kessel-1.html"),
        ("https://example.org/x?WT.mc_id=rss", "https://example.org/x"),
        ("https://www.lemonde.fr/x.html?xtor=RSS-3208", "https://www.lemonde.fr/x.html"),
        ("https://www.nytimes.com/x.html?partner=rss&emc=rss", "https://www.nytimes.com/x.html"),
        ("https://www.nytimes.com/x.html?pagewanted=all&_r=0", "https://www.nytimes.com/x.html"),
        (
            "https://www.wsj.com/articles/x-1?mod=rss_markets_main",
            "https://www.wsj.com/articles/x-1",
        ),
        ("https://www.medscape.com/x?src=rss", "https://www.medscape.com/x"),
        ("https://www.csmonitor.com/x?icid=rss", "https://www.csmonitor.com/x"),
        ("https://hackernoon.com/x?source=rss", "https://hackernoon.com/x"),
        ("https://example.org/x?ref=rss", "https://example.org/x"),
        (
            "https://medium.com/@ada/kettle-1a2b3c?source=rss----7f60cf5620c9---4",
            "https://medium.com/@ada/kettle-1a2b3c",
        ),
        (
            "https://medium.com/@ada/kettle-1a2b3c?source=rss-7f60cf5620c9------2",
            "https://medium.com/@ada/kettle-1a2b3c",
        ),
        ("https://www.aljazeera.com/x?traffic_source=rss", "https://www.aljazeera.com/x"),
        ("https://example.org/x?id=1&amp;utm_source=rss", "https://example.org/x?id=1"),
        ("https://example.org/x?id=1&amp;amp;utm_source=rss", "https://example.org/x?id=1"),
        ("https://example.org/x?id=1&amp%3Butm_source=rss", "https://example.org/x?id=1"),
        ("https://example.org/x?amp%3Bid=1", "https://example.org/x?id=1"),
        ("https://example.org/x?a=1&amp;amp;b=2", "https://example.org/x?b=2&a=1"),
        ("https://example.org/x?id=1&#038;utm_source=rss", "https://example.org/x?id=1"),
    ],
    "host": [
        ("http://example.org/x", "https://example.org/x"),
        ("https://WWW.Example.ORG/x", "https://example.org/x"),
        ("https://example.org./x", "https://example.org/x"),
        ("https://example.org:443/x", "http://example.org:80/x"),
        ("https://ada:secret@example.org/x", "https://example.org/x"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://BÜCHER.example/x", "https://www.bücher.example/x"),
        ("https://пример.испытание/x", "https://xn--e1afmkfd.xn--80akhbyknj4f/x"),
    ],
    "path": [
        ("https://example.org/%7Eada/x", "https://example.org/~ada/x"),
        ("https://example.org/caf%c3%a9", "https://example.org/caf%C3%A9"),
        ("https://example.org/café", "https://example.org/caf%C3%A9"),
        ("https://example.org/чайник", "https://example.org/%D1%87%D0%B0%D0%B9%D0%BD%D0%B8%D0%BA"),
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("https://example.org/x/", "https://example.org/x"),
        ("https://example.org/a/../b/./x", "https://example.org/b/x"),
        ("https://example.org//blog/x", "https://example.org/blog/x"),
        ("https://example.org/blog//x//", "https://example.org/blog/x"),
        (
            "https://www.cnn.com/2024/01/31/kettle/index.html",
            "https://www.cnn.com/2024/01/31/kettle",
        ),
        ("https://example.org/index.php?p=1", "https://example.org/?p=1"),
        ("https://example.org/blog/index.php", "https://example.org/blog/"),
        ("https://example.org/x.do;jsessionid=0A1B?id=1", "https://example.org/x.do?id=1"),
        ("https://example.org/a;JSESSIONID=0A1B/x", "https://example.org/a/x"),
    ],
    "query": [
        ("https://example.org/x?", "https://example.org/x"),
        ("https://example.org/x?b=2&a=1", "https://example.org/x?a=1&b=2"),
        ("https://example.org/x?&id=1&", "https://example.org/x?id=1"),
        ("https://example.org/x?q=a+b", "https://example.org/x?q=a%20b"),
        ("https://example.org/x?PHPSESSID=0a1b&id=1", "https://example.org/x?id=1"),
        ("https://example.org/x?print=1", "https://example.org/x"),
        ("https://example.org/x?id=1&printable=true", "https://example.org/x?id=1"),
    ],
    "fragment": [
        ("https://example.org/x#comments", "https://example.org/x"),
        ("https://example.org/x#respond", "https://example.org/x#"),
        ("https://www.lemonde.fr/x.html#xtor=RSS-3208", "https://www.lemonde.fr/x.html"),
        ("https://example.org/x#Echobox=1706659200", "https://example.org/x"),
        ("https://example.org/x#:~:text=kettle", "https://example.org/x"),
        ("https://example.org/#!/x:~:text=kettle", "https://example.org/#!/x"),
        ("https://example.org/x#!", "https://example.org/x"),
        (
            "https://www.indiegogo.com/projects/kettle#/",
            "https://www.indiegogo.com/projects/kettle",
        ),
    ],
    "video": [
        ("https://youtu.be/1uwOL4rB-go?si=x", "https://www.youtube.com/watch?v=1uwOL4rB-go"),
        ("https://www.youtube.com/shorts/1uwOL4rB-go", "https://youtube.com/watch?v=1uwOL4rB-go"),
        (
            "https://m.youtube.com/watch?v=1uwOL4rB-go&feature=youtube_gdata_player&t=70s",
            "https://www.youtube.com/watch?v=1uwOL4rB-go",
        ),
    ],
}

TWO = {
    "AMP": [
        # A page on amplifiers, amperes or AMP is no form of the section that it stands in.
        ("https://example.org/guitar/amp", "https://example.org/guitar"),
        ("https://example.org/glossary/amp/", "https://example.org/glossary/"),
        ("https://example.org/глоссарий/amp", "https://example.org/глоссарий"),
        ("https://example.org/amp/marshall", "https://example.org/marshall"),
        ("https://example.org/2024/01/amp", "https://example.org/2024/01"),
        ("https://example.org/2024/amp", "https://example.org/2024"),
        ("https://example.org/2024-01-31/amp", "https://example.org/2024-01-31"),
        ("https://example.org/20240131/amp", "https://example.org/20240131"),
        ("https://example.org/the-kettle-sings/AMP", "https://example.org/the-kettle-sings"),
        ("https://example.org/the-kettle-sings/camp", "https://example.org/the-kettle-sings"),
        ("https://example.org/news/amp/kettle-98765", "https://example.org/news/kettle-98765"),
        ("https://amp.cnn.com/cnn/2024/01/31/kettle", "https://www.cnn.com/2024/01/31/kettle"),
        ("https://example.org/how-to-wire-a-200-amp", "https://example.org/how-to-wire-a-200"),
        ("https://example.org/the-best-bass-amp", "https://example.org/the-best-bass"),
        ("https://example.org/kettle?amp=0", "https://example.org/kettle"),
        ("https://example.org/gear?type=amp", "https://example.org/gear"),
        ("https://example.org/x?outputType=json", "https://example.org/x"),
        ("https://example.org/x?format=rss", "https://example.org/x?format=amp"),
        ("https://example.org/2024/example.html", "https://example.org/2024/ex.html"),
        # No cache: another host, another folder, no host within, or a host that cannot be.
        ("https://google.example.org/amp/s/example.net/x", "https://example.net/x"),
        ("https://www.google.com/amps/s/example.org/x", "https://example.org/x"),
        ("https://www.google.com/amp/s/kettle/x", "https://kettle/x"),
        ("https://www.google.com/amp/s/exa..mple.org/x", "https://www.google.com/amp/s/x"),
        ("https://cdn.ampproject.org/i/s/example.org/x", "https://example.org/x"),
        ("https://example.org/c/s/example.net/x", "https://example.net/x"),
    ],
    "host": [
        ("https://m.co/x", "https://co/x"),
        ("https://amp.dev/x", "https://dev/x"),
        ("https://mobile.de/x", "https://de/x"),
        ("https://amp.com.au/x", "https://m.com.au/x"),  # an insurer
        ("https://m.co.uk/x", "https://www.co.uk/x"),
        ("https://mobile.substack.com/p/x", "https://m.substack.com/p/x"),  # two blogs
        ("https://amp.blogspot.com/x", "https://mobile.blogspot.com/x"),
        ("https://team.example.org/x", "https://teaexample.org/x"),  # folded within a label once
        ("https://googlesystem.blogspot.com/x", "https://googlesysteblogspot.com/x"),
        ("https://blog.example.org/x", "https://example.org/x"),
        ("https://touch.example.org/x", "https://example.org/x"),
        ("https://www2.example.org/x", "https://example.org/x"),
        ("https://a.m.example.org/x", "https://a.example.org/x"),
        ("https://mobiletwitter.example/x", "https://twitter.example/x"),
        ("https://mobile-twitter.example.org/x", "https://twitter.example.org/x"),
        ("https://de.m.wikipedia.org/wiki/Amp", "https://en.wikipedia.org/wiki/Amp"),
        ("https://example.org/x", "https://example.com/x"),
        ("https://example.org:8080/x", "https://example.org/x"),
        ("https://example.org:8080/x", "https://example.org:8081/x"),
        ("https://bücher.example/x", "https://bucher.example/x"),
        ("https://twitter.com/ada/status/1", "https://x.com/ada/status/1"),
    ],
    "path": [
        ("https://example.org/Kettle", "https://example.org/kettle"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("https://example.org/a+b", "https://example.org/a%20b"),
        ("https://example.org/x%3Fid=1", "https://example.org/x?id=1"),
        ("https://example.org/x.html", "https://example.org/x"),
        ("https://example.org/x/print", "https://example.org/x"),  # the printed edition too
        ("https://example.org/mobile/x", "https://example.org/x"),  # a section on telephones
        ("https://example.org/index.php/x", "https://example.org/x"),
        ("https://example.org/x/index.xml", "https://example.org/x"),  # Hugo's feed
        ("https://example.org/x/index", "https://example.org/x"),
        ("https://example.org/x/my-index.html", "https://example.org/x"),
        ("https://example.org/x/2", "https://example.org/x"),
        ("https://example.org/x;id=1", "https://example.org/x;id=2"),
        ("https://example.org/x/feed", "https://example.org/x"),
        ("https://habr.com/ru/articles/1/", "https://habr.com/en/articles/1/"),
    ],
    "query": [
        ("https://example.org/?p=1", "https://example.org/?p=2"),
        ("https://example.org/x?id=1", "https://example.org/x?id=2"),
        ("https://example.org/x?id=a", "https://example.org/x?id=A"),
        ("https://example.org/?story=1", "https://example.org/?story=2"),
        ("https://example.org/x?page=2", "https://example.org/x"),
        ("https://example.org/x?source=mail", "https://example.org/x"),
        ("https://example.org/x?rss", "https://example.org/x"),
        ("https://example.org/x?print=2", "https://example.org/x"),
        ("https://example.org/x?pagewanted=2", "https://example.org/x"),
        ("https://example.org/x?ref=main", "https://example.org/x"),  # Git forges: a branch
        ("https://example.org/x?ref=404media.co", "https://example.org/x"),
        ("https://example.org/feed.cgi?source=log", "https://example.org/feed.cgi"),
        ("https://example.org/?p=1&feed=rss2", "https://example.org/?p=1"),  # its comments
        ("https://example.org/?feed=rss2", "https://example.org/?feed=atom"),
        ("https://example.org/forum.php?mod=rss&fid=2", "https://example.org/forum.php?fid=2"),
        ("https://example.org/x?cmp=12", "https://example.org/x?cmp=13"),
        ("https://example.org/x?at_id=1", "https://example.org/x?at_id=2"),
        ("https://example.org/x?m=1", "https://example.org/x"),  # January
        ("https://example.org/2024/01/post.html?m=2", "https://example.org/2024/01/post.html"),
        ("https://example.org/x?a=1&a=2", "https://example.org/x?a=2&a=1"),
        ("https://example.org/x?q=a%26b=1", "https://example.org/x?q=a&b=1"),
        ("https://example.org/x?amplifier=1", "https://example.org/x?lifier=1"),
        ("https://example.org/x?unknown=1", "https://example.org/x"),
    ],
    "fragment": [
        ("https://example.org/#!/a", "https://example.org/#!/b"),
        ("https://example.org/x#!a", "https://example.org/x"),
        ("https://example.org/app#/a", "https://example.org/app#/b"),
        ("https://example.org/app#/a", "https://example.org/app"),
    ],
    "video": [
        ("https://youtu.be/1uwOL4rB-go", "https://youtu.be/1uwOL4rB-gO"),
        (
            "https://www.youtube.com/watch?v=1uwOL4rB-go",
            "https://www.youtube.com/watch?v=7AVHXe-ol-s",
        ),
        ("https://www.youtube.com/playlist?list=PL1", "https://www.youtube.com/playlist?list=PL2"),
        # A channel's name of eleven letters is no video.
        ("https://www.youtube.com/kettlesongs", "https://www.youtube.com/watch?v=kettlesongs"),
        ("https://vimeo.com/watch?v=1uwOL4rB-go", "https://www.youtube.com/watch?v=1uwOL4rB-go"),
    ],
}


def pairs(table: dict[str, list[tuple[str, str]]]) -> list[object]:
    return [
        pytest.param(one, other, id=f"{kind}: {one.partition('//')[2]}")
        for kind, found in table.items()
        for one, other in found
    ]


@pytest.mark.parametrize(("one", "other"), pairs(ONE))
def test_the_forms_of_one_article_have_one_key(one: str, other: str) -> None:
    assert address_key(one) == address_key(other) is not None


@pytest.mark.parametrize(("one", "other"), pairs(TWO))
def test_two_articles_have_two_keys(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize(
    "address", [a for t in (ONE, TWO) for p in t.values() for q in p for a in q]
)
def test_the_key_of_a_key_is_itself(address: str) -> None:
    key = address_key(address)
    assert key is None or address_key(f"https://{key}") == key
