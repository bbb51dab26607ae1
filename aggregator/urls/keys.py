"""What the addresses of one article have in common.

A key that is equal where it ought not to be hides an article, one that differs shows it twice, and
hiding is worse. So a form is folded only where an address of that form names no other article on
any site; a name alone (`ref`, `source`) rarely says so, a name and its value often do.
"""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.urls.addresses import DEFAULT_PORTS, Address, resolved
from aggregator.urls.tracking import tracks

# A label before two others at least: `m.co` and `amp.dev` are sites of their own. So are
# `amp.com.au`, an insurer, and the blogs of hosts that give every label to somebody else.
_FOLDED_PREFIXES = re.compile(
    r"\A(?:(?:www|m|amp|mobile)\.)+(?=[^.]+\.)(?!(?:ac|com?|edu|gov|net|org)\.[a-z]{2}$)"
    r"(?:(?<=www\.)|(?!(?:blogspot\.[a-z.]+|(?:ghost|github|gitlab)\.io|(?:pages|bearblog)\.dev"
    r"|(?:beehiiv|hatenablog|substack|tumblr|typepad|wordpress)\.com|netlify\.app|vercel\.app)$))"
)
# https://en.m.wikipedia.org/wiki/Kettle; nobody else writes the label there.
_WIKI_MOBILE = re.compile(r"(?:\.m)+\.(?=wik(?:i[a-z]+|tionary)\.org$)")

_ESCAPE = re.compile(r"%([0-9a-f]{2})", re.IGNORECASE)
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
# Many sites join "https://example.org/" and "/feed.xml" so; after a colon stands another address,
# as in https://web.archive.org/web/2020/https://example.org/.
_SLASHES = re.compile(r"(?<!:)/{2,}")
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_LONGEST = 2_048  # in the wild; on longer paths nothing is folded that might be costly

# https://www-example-org.cdn.ampproject.org/c/s/www.example.org/x (v: the viewer), Bing's likewise,
# and https://www.google.com/amp/s/example.org/x; without `s` the page is asked by http.
_CACHED = ("/amp/", "/c/", "/v/")
_CACHE = re.compile(
    r"(?:(?:(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}/amp"
    r"|(?:[a-z0-9-]+\.)?(?:cdn\.ampproject\.org|bing-amp\.com)/[cv])/(s/)?)+(?=[^/]*[^/.]\.[^/]+/)",
    re.IGNORECASE,
)

_MAY_BE_DRESSED = re.compile(r"amp|/index\.|\.bildM")
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DRESS = re.compile(
    # CNN: /kettle/index.html; before a query too, as WordPress answers /index.php?p=1 and /?p=1
    r"/index\.(?:s?html?|php)$"
    # BBC, Mirror: /news/world-123.amp; New York Times, El País: /kettle.amp.html
    r"|(?<=[^/.])\.amp(?=(?:\.s?html?)?$)"
    # Spiegel: kettle-a-1234567-amp.html, kettle-a-<uuid>-amp, /a-123-amp; no "200-amp" fuse
    rf"|([/-]a-(?:[0-9]{{5,}}|{_UUID})|/a-[0-9]+)-amp(?=(?:\.html)?$)"
    # Bild: /kettle-123.bildMobile.html for .bild.html
    r"|(\.bild)Mobile(?=\.html$)"
)
# `/amp` is a page's other form only around an article: /guitar/amp and /glossary/amp are pages of
# their own, and so may be anything under a section /amp/ on guitars.
_ARTICLE = re.compile(
    r"/(?:"
    # right below its date: https://lenta.ru/news/2024/01/31/kettle/amp, but not /2024/01/amp
    r"(?:19|20)[0-9]{2}(?:[/-][01]?[0-9](?:[/-][0-3]?[0-9])?)?/[^/]*[^/0-9-][^/]*"
    r"|[^/]+\.(?:s?html?|php|aspx?|ece|cms)"
    # of several words; some sections are too, but no section is an article that might be hidden
    r"|(?=[^/]*[a-z])[^/_-]+[_-][^/]+"
    # with a number of three digits that is no date; escapes have digits too
    r"|(?!(?:19|20)[0-9]{2}(?:-?[01][0-9](?:-?[0-3][0-9])?)?$)"
    r"(?:(?:%..|[^/%0-9])*[0-9]){3}[^/]*"
    r")$",
    re.IGNORECASE,
)

_ESCAPED_AMPERSANDS = re.compile(r"(?:^|&)(?:amp(?:;|%3B))+")
_FROM_A_FEED = re.compile("rss")
# Names that mean something elsewhere, with the values by which they mean nothing.
_SAYING_NOTHING = {
    "amp": re.compile("|1|true"),  # WordPress: ?amp and ?amp=1; ?amp=0 is asked of the other form
    "outputtype": re.compile("amp(?:-type)?"),  # Washington Post, El País; Infobae
    "format": re.compile("amp"),  # Squarespace; format=rss is a feed
    "noamp": re.compile("available|mobile"),  # the AMP plugin of WordPress
    "print": re.compile("|1|true|yes"),  # the same text on white; other values are editions
    "printable": re.compile("1|true|yes"),
    "pagewanted": re.compile("all|print"),  # New York Times; a number is a page
    "_r": re.compile("0"),  # New York Times, of a reader without cookies
    "jsessionid": re.compile(".+"),
    "phpsessid": re.compile(".+"),
    "cid": _FROM_A_FEED,  # Examiner
    "emc": _FROM_A_FEED,  # New York Times, with partner
    "icid": _FROM_A_FEED,  # Christian Science Monitor
    "partner": _FROM_A_FEED,
    "ref": _FROM_A_FEED,
    "src": _FROM_A_FEED,  # Medscape
    # Hacker Noon; Medium: source=rss----7f60cf5620c9---4, source=collection_home---4------0----
    "source": re.compile("rss|.*---.*"),
    "mod": re.compile("rss_.+"),  # Wall Street Journal: rss_markets_main; mod=rss is Discuz's feed
    "cmp": re.compile(".*[a-z].*"),  # Guardian: share_btn_tw, CBC: rss; a number may be a company
    "feature": re.compile(r"oembed|youtu\.be|youtube_gdata(?:_player)?"),
}
# https://kettle.blogspot.com/2024/01/post.html?m=1, often on a domain of the blog's own.
_BLOGGER = re.compile(r"/[0-9]{4}/[01][0-9]/[^/]+\.html|/p/[^/]+\.html")
_BLOGGER_FORMS = frozenset({"m=0", "m=1"})
# A video is its number: how long it has run (t), whence one came (si, feature) and in which list it
# stands say nothing of it. YouTube's own feeds give /shorts/ for some that others link as /watch.
_VIDEO_HOSTS = frozenset({"youtu.be", "youtube.com", "youtube-nocookie.com"})
_VIDEO = re.compile(
    r"(?:youtu\.be|youtube(?:-nocookie)?\.com/(?:embed|live|shorts))/([\w-]{11})(?:\?.*)?"
    r"|youtube\.com/watch\?(?:.*&)?v=([\w-]{11})(?:&.*)?",
    re.ASCII,
)


def address_key(url: str) -> str | None:
    """What the addresses of one story have in common; to compare by, never to be shown.

    Folded: scheme, `www.` `m.` `amp.` `mobile.`, default port, login, escapes and dot segments (RFC
    3986 6.2.2), slashes that are one too many, the order of the query, session ids, an index file,
    and the forms of a page for telephones, printers and AMP's caches. Parameters go that are known
    to say nothing of the page, unknown ones stay: `?p=` and `?id=` are identity. A fragment goes
    unless it names a page (`#!` and `#/`).

    Returns:
        The key, or None for an address that names no single story: not http(s), or a bare host.
    """
    address = resolved(url, None)
    if address is None:
        return None
    path = _folded_escapes(address.path)
    if ";" in path:
        path = _SESSION.sub("", path)
    path = _without_dots(path)
    if "//" in path:
        path = _SLASHES.sub("/", path)
    host = _FOLDED_PREFIXES.sub("", address.host.lower().rstrip("."))
    if path.startswith(_CACHED) and (original := _original(host + path, address)):
        return address_key(original)
    if ".m.wik" in host:
        host = _WIKI_MOBILE.sub(".", host)
    path = path.rstrip("/")
    if _MAY_BE_DRESSED.search(path) and len(path) <= _LONGEST:
        path = _undressed(path)
    rest = path
    if address.query and (kept := _kept(address.query[1:], path)):
        rest += "?" + "&".join(kept)
    if host in _VIDEO_HOSTS and (video := _VIDEO.fullmatch(host + rest)):
        host, rest = "youtube.com", f"/watch?v={video[1] or video[2]}"
    if address.fragment[1:2] in {"!", "/"}:
        rest += _page(address.fragment)
    port = "" if address.port in {":", DEFAULT_PORTS[address.scheme]} else address.port
    return f"{host}{port}{rest}" if rest else None


def _original(place: str, address: Address) -> str | None:
    """The address of what a cache of AMP pages holds at this place."""
    held = _CACHE.match(place) if len(place) <= _LONGEST else None
    if held is None:
        return None
    # https://www.google.com/amp/s/example.org/x%3foutputType=amp
    page, _, query = place[held.end() :].partition("%3F")
    query = query.replace("%3D", "=").replace("%26", "&")
    query = "&".join(filter(None, (query, address.query[1:])))
    original = f"http{'s' if held[1] else ''}://{page}?{query}{address.fragment}"
    return original if resolved(original, None) else None


def _undressed(path: str) -> str:
    """The path of the page that this is another form of."""
    while True:
        plain = _DRESS.sub(r"\1\2", path)
        inner = plain.removeprefix("/amp") if plain.startswith("/amp/") else plain
        inner = inner.removesuffix("/amp")
        if inner != plain and _ARTICLE.search(inner):
            plain = inner
        if plain == path:
            return path
        path = plain


def _kept(query: str, path: str) -> list[str]:
    """The parameters that may say which page it is, in one order."""
    query = _folded_escapes(query).replace("+", "%20")
    if "amp" in query:  # what escaped twice has left: amp;utm_source=rss, amp%3Butm_source=rss
        query = _ESCAPED_AMPERSANDS.sub("&", query)
    kept = sorted((p for p in query.split("&") if p and _tells(p)), key=_name)
    if not _BLOGGER_FORMS.isdisjoint(kept) and _BLOGGER.fullmatch(path):
        kept = [parameter for parameter in kept if parameter not in _BLOGGER_FORMS]
    return kept


def _tells(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name = name.lower()
    if tracks(name):
        return False
    nothing = _SAYING_NOTHING.get(name)
    return nothing is None or not nothing.fullmatch(value.lower())


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _page(fragment: str) -> str:
    """A fragment that names a page, less what browsers scroll to; `#!` and `#/` name the start."""
    page = fragment.partition(":~:")[0]
    return page if page.strip("#!/") else ""


def _folded_escapes(text: str) -> str:
    """RFC 3986 6.2.2.1 and 6.2.2.2: hex digits in capitals, unreserved characters as themselves."""
    return _ESCAPE.sub(_folded_escape, text) if "%" in text else text


def _folded_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _without_dots(path: str) -> str:
    """RFC 3986 5.2.4, but for a slash at the end."""
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


@lru_cache(maxsize=1 << 15)
def source_key(address: str) -> str:
    """What two addresses of the same source have in common.

    Remembered for 32,768 of them: a configuration that is read again has nearly the same sources.
    """
    return address_key(address) or address
