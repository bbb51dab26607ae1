import os
import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import default_base_url, keys, read, store_of, warnings
from aggregator.config.lines import Place, index
from aggregator.model import Problem
from aggregator.settings import (
    Dedup,
    HostRule,
    PullSettings,
    SavedQuery,
    Settings,
    Site,
    Source,
    Vertical,
)
from aggregator.verticals import categories_of

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "config.toml"
DOCUMENTED = ROOT / "docs" / "configuration.md"
ARRAYS = ("[[sources]]", "[[hosts]]", "[[queries]]")
SEEDS = Path(os.environ.get("FEED_CORPUS", ROOT / "../shared/corpus")) / "../seeds"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config")


def reading(
    folder: Path, text: str | bytes, environ: Mapping[str, str] | None = None
) -> Settings | tuple[Problem, ...]:
    file = folder / "config.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(file, environ or {})


def good(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    result = reading(folder, text, environ)
    assert isinstance(result, Settings), [str(problem) for problem in result]
    return result


def bad(
    folder: Path, text: str | bytes, environ: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """The problems as the operator sees them, without the folder."""
    result = reading(folder, text, environ)
    assert isinstance(result, tuple)
    return tuple(str(problem).removeprefix(f"{folder}/") for problem in result)


# ---- a good file --------------------------------------------------------------------------------


def test_an_empty_file_gives_the_defaults(folder: Path) -> None:
    result = good(folder, "")
    assert result == Settings(
        file=folder / "config.toml",
        site=Site(),
        server=result.server,
        store_url=f"sqlite:///{folder}/broadsheet.db",
        pull=PullSettings(),
        seeds_folder=folder / "seeds",
        feed_size=50,
        feed_bytes=1_000_000,
        archive_size=100,
        verticals=(),
        sources=(),
    )
    assert (result.server.host, result.server.port) == ("127.0.0.1", 8000)
    assert result.dedup == Dedup(window=timedelta(hours=72), related_window=timedelta(days=7))


def test_every_key_reaches_its_setting(folder: Path) -> None:
    result = good(
        folder,
        """
        [site]
        title = "The Harbour Gazette"
        description = '''
            News of the
            harbour.'''
        language = "en-GB"
        base_url = "https://gazette.example.org/news/"
        id = "urn:uuid:6f1c3f0a-7b0e-4c55-9d59-0c2f3a5d1e77"
        contact = "editor@example.org"
        [server]
        host = "::"
        port = 0
        [store]
        url = "sqlite:////var/lib/gazette.db"
        [pull]
        interval = "90m"
        min_interval = "30m"
        max_interval = "2d"
        timeout = "90s"
        max_body = "1GB"
        max_redirects = 0
        concurrency = 1000
        per_host_interval = "500ms"
        allow_networks = ["127.0.0.0/8", "fd00::/8"]
        [seeds]
        folder = "/srv/seeds"
        [feeds]
        size = 500
        max_bytes = "64kB"
        [dedup]
        window = "30d"
        related_window = "90d"
        [verticals.tech]
        [verticals.small-boats]
        title = "Boats"
        description = "Small ones."
        categories = ["sailing", "sailing"]
        keywords = ["dinghy"]
        threshold = 0.75
        [[queries]]
        name = "sails"
        [[queries]]
        name = "sails-2"
        title = "More sails"
        verticals = ["small-boats", "tech"]
        q = ['"mizzen mast" -tea', "sail"]
        source = "The Other"
        author = ["Bo Quill"]
        lang = ["en", "pt-BR"]
        not = ["tech"]
        collapse_related = true
        [[hosts]]
        name = "Example.ORG"
        [[hosts]]
        name = "日本.example:8080"
        interval = "0s"
        connections = 8
        quiet = "source"
        [[sources]]
        url = "https://example.org/feed.xml"
        [[sources]]
        url = "https://example.org/other?a=1&b=2"
        title = "Other"
        publication = "The Other"
        site_url = "https://example.org/"
        verticals = ["small-boats", "tech"]
        interval = "1d"
        content = "summary"
        include = ["title: Regatta", "sailing", "sailing"]
        exclude = ["link: /sponsored/"]
        rank = -100
        merge = false
        enabled = false
        private = true
        """,
    )
    assert result.site == Site(
        title="The Harbour Gazette",
        description="News of the harbour.",
        language="en-GB",
        base_url="https://gazette.example.org/news",
        id="urn:uuid:6f1c3f0a-7b0e-4c55-9d59-0c2f3a5d1e77",
        contact="editor@example.org",
    )
    assert (result.server.host, result.server.port) == ("::", 0)
    assert result.store_url == "sqlite:////var/lib/gazette.db"
    assert result.pull == PullSettings(
        interval=timedelta(minutes=90),
        min_interval=timedelta(minutes=30),
        max_interval=timedelta(days=2),
        timeout=timedelta(seconds=90),
        max_body=10**9,
        max_redirects=0,
        concurrency=1000,
        per_host_interval=timedelta(milliseconds=500),
        allow_networks=(ip_network("127.0.0.0/8"), ip_network("fd00::/8")),
        hosts=(
            HostRule(name="example.org"),
            HostRule(
                name="xn--wgv71a.example:8080",
                interval=timedelta(0),
                connections=8,
                quiet="source",
            ),
        ),
    )
    assert result.seeds_folder == Path("/srv/seeds")
    assert (result.feed_size, result.feed_bytes) == (500, 64_000)
    assert result.dedup == Dedup(window=timedelta(days=30), related_window=timedelta(days=90))
    assert result.verticals == (
        Vertical(name="tech", title="Tech"),
        Vertical(
            name="small-boats",
            title="Boats",
            description="Small ones.",
            categories=("sailing",),
            keywords=("dinghy",),
            threshold=0.75,
        ),
    )
    assert result.sources == (
        Source(address="https://example.org/feed.xml"),
        Source(
            address="https://example.org/other?a=1&b=2",
            title="Other",
            publication="The Other",
            site_url="https://example.org/",
            verticals=("small-boats", "tech"),
            interval=timedelta(days=1),
            content="summary",
            include=("title: Regatta", "sailing"),
            exclude=("link: /sponsored/",),
            rank=-100,
            merge=False,
            enabled=False,
            private=True,
        ),
    )
    assert result.queries == (
        SavedQuery(name="sails", title="Sails"),
        SavedQuery(
            name="sails-2",
            title="More sails",
            verticals=("small-boats", "tech"),
            q=('"mizzen mast" -tea', "sail"),
            source=("The Other",),
            author=("Bo Quill",),
            lang=("en", "pt-BR"),
            without=("tech",),
            collapse_related=True,
        ),
    )


@pytest.mark.parametrize(
    ("written", "threshold"),
    [
        ("0", 0.0),
        ("1", 1.0),
        ("0.0", 0.0),
        ("1.0", 1.0),
        ("7e-1", 0.7),
        ('"${SCORE}"', 0.65),
        ('"${ONE}"', 1.0),
    ],
)
def test_a_threshold_is_any_number_from_0_to_1(
    folder: Path, written: str, threshold: float
) -> None:
    text = f"[verticals.tech]\nthreshold = {written}\n"
    (vertical,) = good(folder, text, {"SCORE": "0.65", "ONE": "1"}).verticals
    assert vertical.threshold == threshold
    assert type(vertical.threshold) is float


def test_no_categories_are_others_than_those_that_nobody_wrote(folder: Path) -> None:
    text = '[verticals.tech]\n[verticals.books]\ntitle = "Culture"\n[verticals.boats]\n'
    usual = good(folder, text).verticals
    assert [vertical.categories for vertical in usual] == [None, None, None]
    tech, books, boats = map(categories_of, usual)
    assert "artificial intelligence" in tech
    assert "poetry" in books
    assert boats == ()
    (none,) = good(folder, "[verticals.tech]\ncategories = []\n").verticals
    assert none.categories == categories_of(none) == ()
    (own,) = good(folder, '[verticals.tech]\ncategories = ["gadgets"]\n').verticals
    assert own.categories == categories_of(own) == ("gadgets",)


def test_paths_count_from_the_folder_of_the_file_even_where_that_is_named_relatively(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "config.toml").write_text('[store]\nurl = "sqlite:///data/a.db"\n')
    monkeypatch.chdir(folder)
    result = read(Path("config.toml"), {})
    assert isinstance(result, Settings)
    assert result.file == Path("config.toml")
    assert result.store_url == f"sqlite:///{folder}/data/a.db"
    assert result.seeds_folder == folder / "seeds"


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("127.0.0.1", 8000, "http://127.0.0.1:8000"),
        ("0.0.0.0", 80, "http://127.0.0.1:80"),
        ("::", 8000, "http://127.0.0.1:8000"),
        ("::1", 8000, "http://[::1]:8000"),
        ("gazette.example.org", 8000, "http://gazette.example.org:8000"),
    ],
)
def test_the_address_by_default_is_one_that_a_browser_here_can_open(
    folder: Path, host: str, port: int, address: str
) -> None:
    assert default_base_url(host, port) == address
    result = good(folder, f'[server]\nhost = "{host}"\nport = {port}\n')
    assert result.site.base_url == address


def test_a_byte_order_mark_and_the_line_ends_of_windows_are_no_matter(folder: Path) -> None:
    assert good(folder, '\ufeff[site]\r\ntitle = "A"\r\n').site.title == "A"
    assert bad(folder, '\ufeff[site]\r\n\r\ntitle = "A"\r\nnonsense = 1\r\n')[0].startswith(
        "config.toml:4: "
    )


@pytest.mark.parametrize(
    ("written", "size"), [("65536", 65536), ("256kB", 256_000), ("1MiB", 2**20), ("1mb", 10**6)]
)
def test_sizes_have_units_of_a_thousand_and_of_1024(folder: Path, written: str, size: int) -> None:
    assert good(folder, f'[pull]\nmax_body = "{written}"\n').pull.max_body == size


# ---- problems -----------------------------------------------------------------------------------


def test_every_problem_is_told_at_once_in_the_order_of_the_lines(folder: Path) -> None:
    assert bad(
        folder,
        """\
[[sources]]
title = "No address"

[[sources]]
url = "https://www.example.org/feed.xml"
verticals = [
  "sience",
  "science",
]

[pull]
intervall = "1h"
timeout = 30

[verticals.science]
keyword = ["atoms"]

[[sources]]
url = "http://example.org/feed.xml#top"
full_text = true

[syte]
title = "A"
""",
    ) == (
        "config.toml:1: [[sources]] has no 'url'; add it below",
        (
            "config.toml:7: an element of 'verticals' in [[sources]] names the unknown vertical "
            "'sience'; did you mean 'science'?"
        ),
        "config.toml:12: unknown key 'intervall' in [pull]; did you mean 'interval'?",
        (
            "config.toml:13: 'timeout' in [pull] must be a duration from 1s to 5m; "
            'write one such as "500ms", "90s", "30m", "1h" or "1d"'
        ),
        "config.toml:16: unknown key 'keyword' in [verticals.science]; did you mean 'keywords'?",
        "config.toml:19: 'url' in [[sources]] is the same as in line 5; remove one of the two",
        "config.toml:20: 'full_text' in [[sources]] is not available in this version; remove it",
        "config.toml:22: unknown table 'syte'; did you mean 'site'?",
    )


TEXT = "put it in quotation marks"
DURATION = 'write one such as "500ms", "90s", "30m", "1h" or "1d"'
SIZE = 'must be a size from 1kB to 1GB; write one such as "256kB", "10MB" or "1GiB"'
NETWORK = 'must be an IP network; write one such as "127.0.0.0/8" or "fd00::/8"'
STORE = (
    "must be a sqlite:/// address with the path of a file; "
    'write one such as "sqlite:///broadsheet.db"'
)
WEB = (
    'must be an http or https address with a host; write one such as "https://example.org/feed.xml"'
)
BASE = (
    "must be an http or https address without user, query or fragment; "
    'write one such as "https://example.org/news"'
)
LANGUAGE = 'must be a language tag (BCP 47); write one such as "en" or "pt-BR"'
CONTACT = 'must be an e-mail or web address; write one such as "editor@example.org"'
HOST = (
    'must be a host name or an IP address; write one such as "127.0.0.1", without a port; '
    '"0.0.0.0" is every interface'
)
IRI = 'must be an absolute IRI; write one such as "tag:example.org,2026:news" or "urn:uuid:…"'
NUMBER = "must be a whole number from {} to {}; write it without quotation marks or unit"
KEEP = 'must be "forever"; remove it: no story is removed in this version'
TOKEN = (
    "must be 8 to 200 ASCII characters without a space; "
    'write "${NAME}" and set that variable, to what `openssl rand -hex 20` gives, say'
)
SCORE = "must be a number from 0 to 1; write one such as 0.5, without quotation marks"
POSTGRESQL = (
    "asks for PostgreSQL, which is not available in this version; "
    'write one such as "sqlite:///broadsheet.db"'
)
FLAG = "must be true or false; write true or false, without quotation marks"
CONTENT = 'must be "full", "summary" or "title"; write one of them, in quotation marks'
RESERVED = "choose another: our own addresses use it"
NAME = "use a to z, 0 to 9 and hyphens, no hyphen first, 41 at most"
SEARCH = 'write at most 8 words, "phrases" among them, and -words to leave out'
ONE_OF = "write one of them, in quotation marks"
PLACE = (
    'must be a host, with a port or without; write one such as "example.org" or "example.org:8080"'
)
LIST = 'must be a list; write it as ["…", "…"]'


@pytest.mark.parametrize(
    ("header", "line", "problem"),
    [
        ("[site]", "title = 3", f"must be text; {TEXT}"),
        ("[site]", 'title = "  "', "is empty; write something, or remove it"),
        ("[site]", r'title = "A\u0000"', "holds control characters; remove them"),
        ("[site]", "description = []", f"must be text; {TEXT}"),
        ("[site]", 'language = "en_US"', LANGUAGE),
        ("[site]", 'language = "i"', LANGUAGE),
        ("[site]", 'base_url = "example.org"', BASE),
        ("[site]", 'base_url = "https://example.org/?a=1"', BASE),
        ("[site]", 'base_url = "https://example.org/#a"', BASE),
        ("[site]", 'base_url = "https://me@example.org/"', BASE),
        ("[site]", "base_url = 1", BASE),
        ("[site]", 'id = "gazette"', IRI),
        ("[site]", "id = 7", IRI),
        ("[site]", 'contact = "call me"', CONTACT),
        ("[site]", 'contact = "a@example.org (Ada)"', CONTACT),
        ("[site]", "contact = true", CONTACT),
        ("[server]", 'host = "localhost:8000"', HOST),
        ("[server]", 'host = "http://localhost"', HOST),
        ("[server]", 'port = "8000"', NUMBER.format(0, 65535)),
        ("[server]", "port = 65536", NUMBER.format(0, 65535)),
        ("[store]", 'url = "broadsheet.db"', STORE),
        ("[store]", 'url = "sqlite://"', STORE),
        ("[store]", 'url = "sqlite:///"', STORE),
        ("[store]", 'url = "sqlite:///:memory:"', STORE),
        ("[store]", 'url = "sqlite:///a.db?mode=ro"', STORE),
        ("[store]", "url = 1", STORE),
        (
            "[store]",
            'url = "postgresql+psycopg://example.org/gazette"',
            POSTGRESQL,
        ),
        ("[pull]", "interval = 3600", f"must be a duration from 1s to 365d; {DURATION}"),
        ("[pull]", 'interval = "1.5h"', f"must be a duration from 1s to 365d; {DURATION}"),
        ("[pull]", 'interval = "1"', f"must be a duration from 1s to 365d; {DURATION}"),
        ("[pull]", 'min_interval = "999ms"', f"must be a duration from 1s to 365d; {DURATION}"),
        ("[pull]", 'timeout = "5h"', f"must be a duration from 1s to 5m; {DURATION}"),
        ("[pull]", 'timeout = "99999999999999d"', f"must be a duration from 1s to 5m; {DURATION}"),
        ("[pull]", 'per_host_interval = "2h"', f"must be a duration from 0s to 1h; {DURATION}"),
        ("[pull]", 'max_body = "999"', SIZE),
        ("[pull]", 'max_body = "10 parsecs"', SIZE),
        ("[pull]", "max_body = 10000000", SIZE),
        ("[pull]", "max_redirects = -1", NUMBER.format(0, 20)),
        ("[pull]", "concurrency = true", NUMBER.format(1, 1000)),
        ("[pull]", 'allow_networks = "127.0.0.0/8"', LIST),
        ("[seeds]", 'folder = ""', 'must be the path of a folder; write one such as "seeds"'),
        ("[feeds]", "size = 0", NUMBER.format(1, 500)),
        ("[feeds]", 'max_bytes = "63kB"', SIZE.replace("1kB to 1GB", "64kB to 100MB")),
        ("[feeds]", 'max_bytes = "101MB"', SIZE.replace("1kB to 1GB", "64kB to 100MB")),
        ("[dedup]", 'window = "59m"', f"must be a duration from 1h to 30d; {DURATION}"),
        ("[dedup]", 'window = "31d"', f"must be a duration from 1h to 30d; {DURATION}"),
        ("[dedup]", "window = 72", f"must be a duration from 1h to 30d; {DURATION}"),
        ("[dedup]", 'related_window = "59m"', f"must be a duration from 1h to 90d; {DURATION}"),
        ("[dedup]", 'related_window = "91d"', f"must be a duration from 1h to 90d; {DURATION}"),
        ("[verticals.tech]", 'keywords = "atoms"', LIST),
        ("[verticals.tech]", 'categories = "atoms"', LIST),
        ("[verticals.tech]", "threshold = 1.01", SCORE),
        ("[verticals.tech]", "threshold = -0.5", SCORE),
        ("[verticals.tech]", "threshold = 2", SCORE),
        ("[verticals.tech]", "threshold = true", SCORE),
        ("[verticals.tech]", "threshold = false", SCORE),
        ("[verticals.tech]", 'threshold = "0.5"', SCORE),
        ("[verticals.tech]", "threshold = nan", SCORE),
        ("[verticals.tech]", "threshold = inf", SCORE),
        ("[verticals.tech]", "threshold = [0.5]", SCORE),
        ("[verticals.tech]", "was = 1", 'must be text or a list; write it as ["…", "…"]'),
        ("[store]", 'keep = "90d"', KEEP),
        ("[operator]", 'token = "short"', TOKEN),
        ("[operator]", 'token = "with a space in it"', TOKEN),
        ("[operator]", "token = 12345678", TOKEN),
        ("[[sources]]", 'url = "file:///etc/passwd"', WEB),
        ("[[sources]]", 'url = "https:///feed.xml"', WEB),
        ("[[sources]]", 'url = "https://exa mple.org/"', WEB),
        ("[[sources]]", 'url = "https://[::1/"', WEB),
        ("[[sources]]", "url = 1", WEB),
        ("[[sources]]", 'enabled = "no"', FLAG),
        ("[[sources]]", "private = 1", FLAG),
        ("[[sources]]", 'content = "none"', CONTENT),
        ("[[sources]]", "content = []", CONTENT),
        ("[[sources]]", "rank = 101", NUMBER.format(-100, 100)),
        ("[[sources]]", "rank = -101", NUMBER.format(-100, 100)),
        ("[[sources]]", "rank = 0.5", NUMBER.format(-100, 100)),
        ("[[sources]]", 'merge = "no"', FLAG),
        ("[[sources]]", "merge = 0", FLAG),
        ("[[sources]]", 'include = "sailing"', LIST),
        ("[[hosts]]", 'name = ""', PLACE),
        ("[[hosts]]", 'name = "https://example.org"', PLACE),
        ("[[hosts]]", 'name = "me@example.org"', PLACE),
        ("[[hosts]]", 'name = "example.org:99999"', PLACE),
        ("[[hosts]]", "name = 7", PLACE),
        ("[[hosts]]", 'interval = "2h"', f"must be a duration from 0s to 1h; {DURATION}"),
        ("[[hosts]]", "connections = 0", NUMBER.format(1, 8)),
        ("[[hosts]]", "connections = 9", NUMBER.format(1, 8)),
        ("[[hosts]]", 'quiet = "all"', 'must be "host" or "source"; ' + ONE_OF),
        ("[[queries]]", 'name = "search"', f"is reserved; {RESERVED}"),
        ("[[queries]]", 'name = "all"', f"is reserved; {RESERVED}"),
        ("[[queries]]", 'name = "Chips"', f"is not allowed; {NAME}"),
        ("[[queries]]", 'name = "a_b"', f"is not allowed; {NAME}"),
        ("[[queries]]", "name = 7", f"must be text; {TEXT}"),
        ("[[queries]]", 'q = ""', f"is empty; {SEARCH}"),
        ("[[queries]]", 'q = "-"', f"holds no word to look for; {SEARCH}"),
        ("[[queries]]", 'q = "a b c d e f g h i"', f"has more than 8 words; {SEARCH}"),
        ("[[queries]]", f'q = "{"x" * 201}"', f"has more than 200 characters; {SEARCH}"),
        ("[[queries]]", 'author = "..."', "holds no name; write it as feeds have it"),
        ("[[queries]]", 'author = ""', "is empty; write something, or remove it"),
        ("[[queries]]", 'source = ""', "is empty; write something, or remove it"),
        ("[[queries]]", 'lang = "English language"', LANGUAGE),
        ("[[queries]]", 'collapse_related = "yes"', FLAG),
        ("[[queries]]", "collapse_related = 1", FLAG),
        ("[[queries]]", 'verticals = "tech"', 'must be a list; write it as ["…", "…"]'),
    ],
)
def test_a_value_that_will_not_do_is_told_with_one_that_would(
    folder: Path, header: str, line: str, problem: str
) -> None:
    key = line.partition(" ")[0]
    expected = f"config.toml:3: {key!r} in {header} {problem}"
    assert expected in bad(folder, f"# one\n{header}\n{line}\n")


@pytest.mark.parametrize("key", ["q", "source", "author", "lang"])
def test_what_a_query_looks_for_is_one_text_or_a_list(folder: Path, key: str) -> None:
    def read_as(value: str) -> tuple[str, ...]:
        (query,) = good(folder, f'[[queries]]\nname = "a"\n{key} = {value}\n').queries
        found: tuple[str, ...] = getattr(query, key)
        return found

    assert read_as('"en"') == read_as('["en"]') == ("en",)
    assert read_as('["ja", "en", "ja"]') == ("ja", "en")
    assert read_as("[]") == ()


def test_each_element_of_what_a_query_looks_for_is_told_by_itself(folder: Path) -> None:
    text = '[[queries]]\nname = "a"\nq = [\n  "tea",\n  "-",\n  7,\n]\nauthor = "${NOBODY}"\n'
    first, second, third = bad(folder, text)
    element = "an element of 'q' in [[queries]]"
    assert first.endswith(f"{element} holds no word to look for; {SEARCH}")
    assert second.endswith(f"{element} must be text; {TEXT}")
    assert third.startswith("config.toml:8: 'author' in [[queries]] needs the environment variable")
    query = '[[queries]]\nname = "a"\nq = "${TERM}"\n'
    assert good(folder, query, {"TERM": "-tea"}).queries[0].q == ("-tea",)


def test_a_query_has_a_name_that_no_other_and_no_vertical_has(folder: Path) -> None:
    vertical = '[[queries]]\nname = "tech"\n[verticals.tech]\n'
    one_address = "choose another: both would have one address"
    problem = f"config.toml:2: 'name' in [[queries]] is that of a vertical; {one_address}"
    assert bad(folder, vertical) == (problem,)
    twice = '[[queries]]\nname = "a"\n\n[[queries]]\nname = "b"\n[[queries]]\nname = "a"\n'
    same = "'name' in [[queries]] is the same as in line 2; remove one of the two"
    assert bad(folder, twice) == (f"config.toml:7: {same}",)


def test_a_query_names_verticals_that_are_defined(folder: Path) -> None:
    text = '[[queries]]\nname = "a"\nverticals = ["tehc"]\nnot = ["tech", "b"]\n[verticals.tech]\n'
    element = "an element of '{}' in [[queries]] names the unknown vertical '{}'; {}"
    assert bad(folder, text) == (
        "config.toml:3: " + element.format("verticals", "tehc", "did you mean 'tech'?"),
        "config.toml:4: " + element.format("not", "b", "known here: 'tech'"),
    )


def test_verticals_that_cannot_be_read_are_one_problem_whatever_queries_say(folder: Path) -> None:
    text = 'verticals = 3\n[[queries]]\nname = "tech"\nverticals = ["tech"]\nnot = ["b"]\n'
    assert bad(folder, text) == (NO_TABLE.format(1, "[verticals.NAME]"),)


def test_a_host_that_is_named_twice_is_told_however_it_is_written(folder: Path) -> None:
    text = '[[hosts]]\nname = "münchen.example"\n\n[[hosts]]\nname = "xn--mnchen-3ya.EXAMPLE"\n'
    same = "'name' in [[hosts]] is the same as in line 2; remove one of the two"
    assert bad(folder, text) == (f"config.toml:5: {same}",)


def test_a_host_and_one_of_its_ports_are_two(folder: Path) -> None:
    text = '[[hosts]]\nname = "[::1]"\n[[hosts]]\nname = "[::1]:8080"\n'
    assert [rule.name for rule in good(folder, text).pull.hosts] == ["[::1]", "[::1]:8080"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('allow_networks = ["10.0.0.0/8", "10.0.0.300"]', f"'allow_networks' in [pull] {NETWORK}"),
        ("allow_networks = [8]", f"'allow_networks' in [pull] {NETWORK}"),
        (
            'allow_networks = ["10.0.0.1/8"]',
            (
                "'allow_networks' in [pull] must be an IP network, without host bits; "
                'write "10.0.0.0/8"'
            ),
        ),
    ],
)
def test_a_network_is_told_in_its_right_spelling(folder: Path, line: str, problem: str) -> None:
    expected = f"config.toml:2: an element of {problem}"
    assert bad(folder, f"[pull]\n{line}\n") == (expected,)


def test_the_elements_of_a_list_are_told_one_by_one(folder: Path) -> None:
    text = '[verticals.tech]\nkeywords = [\n  "atoms",\n  3,\n  [],\n]\ntitle = ""\n'
    element = "an element of 'keywords' in [verticals.tech] must be text"
    assert bad(folder, text) == (
        f"config.toml:4: {element}; {TEXT}",
        f"config.toml:5: {element}; {TEXT}",
        "config.toml:7: 'title' in [verticals.tech] is empty; write something, or remove it",
    )


NO_TABLE = (
    "config.toml:{0}: {1} must be a table; write {1} on a line of its own, and its keys below"
)


NO_WORD = 'holds no word to look for; write a word or phrase, such as "sponsored" or '
NO_WORD += '"title: sponsored"'
SLIP = "begins almost as '{}:' would; write that, or leave out the colon"


@pytest.mark.parametrize("key", ["include", "exclude"])
@pytest.mark.parametrize(
    ("phrase", "problem"),
    [
        ("3", f"must be text; {TEXT}"),
        ('""', "is empty; write something, or remove it"),
        ('"+"', NO_WORD),
        ('"title: !"', NO_WORD),
        ('"link:"', NO_WORD),
        ('"titel: sponsored"', SLIP.format("title")),
        ('"Categories:tea"', SLIP.format("category")),
        ('"links: example.org"', SLIP.format("link")),
    ],
)
def test_a_phrase_that_could_stand_nowhere_is_told(
    folder: Path, key: str, phrase: str, problem: str
) -> None:
    text = f'[[sources]]\nurl = "https://example.org/"\n{key} = [\n  "tea",\n  {phrase},\n]\n'
    assert bad(folder, text) == (f"config.toml:5: an element of {key!r} in [[sources]] {problem}",)


@pytest.mark.parametrize("phrase", ["Live: the vote", "next: title", "title", "Link: /a", "半導体"])
def test_a_phrase_may_hold_a_colon(folder: Path, phrase: str) -> None:
    text = f'[[sources]]\nurl = "https://example.org/"\ninclude = ["{phrase}"]\n'
    assert good(folder, text).sources[0].include == (phrase,)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'title = "A"',
            (
                "config.toml:1: key 'title' stands in no table; "
                "put it below the header of its table, such as [site]"
            ),
        ),
        (
            "\n[weather]",
            (
                "config.toml:2: unknown table 'weather'; known here: 'site', 'server', 'store', "
                "'pull', 'seeds', 'feeds', 'dedup', 'pages', 'operator', 'verticals', 'sources', "
                "'hosts', 'queries'"
            ),
        ),
        ("\n\n[hub]", "config.toml:3: [hub] is not available in this version; remove it"),
        ("[dedupe]", "config.toml:1: unknown table 'dedupe'; did you mean 'dedup'?"),
        ("[[dedup]]", NO_TABLE.format(1, "[dedup]")),
        ("[[hosts]]", "config.toml:1: [[hosts]] has no 'name'; add it below"),
        ("[hosts]\nname = 'a'", NO_TABLE.format(1, "[[hosts]]")),
        ("[[queries]]", "config.toml:1: [[queries]] has no 'name'; add it below"),
        ("[queries]\nname = 'a'", NO_TABLE.format(1, "[[queries]]")),
        ("\n[[hub]]", "config.toml:2: [hub] is not available in this version; remove it"),
        ("site = 3", NO_TABLE.format(1, "[site]")),
        ("\n[[site]]", NO_TABLE.format(2, "[site]")),
        ("\n[sources]\nurl = 1", NO_TABLE.format(2, "[[sources]]")),
        ('sources = [\n  "https://example.org/",\n]', NO_TABLE.format(2, "[[sources]]")),
        ('[verticals]\ntech = "Technology"', NO_TABLE.format(2, "[verticals.tech]")),
        (
            '[[sources]]\nurl = "https://example.org/"\nverticals = ["a"]\n[[verticals]]',
            NO_TABLE.format(4, "[verticals.NAME]"),
        ),
        (
            "\n[verticals.search]",
            (
                "config.toml:2: the name of [verticals.search] is reserved; "
                "choose another: our own addresses use it"
            ),
        ),
        (
            "[verticals.Tech]",
            (
                "config.toml:1: the name of [verticals.'Tech'] is not allowed; "
                "use a to z, 0 to 9 and hyphens, no hyphen first, 41 at most"
            ),
        ),
        (
            f"[verticals.{'a' * 42}]",
            (
                f"config.toml:1: the name of [verticals.'{'a' * 42}'] is not allowed; "
                "use a to z, 0 to 9 and hyphens, no hyphen first, 41 at most"
            ),
        ),
        (
            '[[sources]]\nurl = "https://example.org/"\nverticals = ["tech"]',
            (
                "config.toml:3: an element of 'verticals' in [[sources]] names the unknown "
                "vertical 'tech'; define it in a table [verticals.NAME]"
            ),
        ),
        (
            '[[sources]]\nurl = "https://example.org/"\nverticals = [7]',
            (
                "config.toml:3: an element of 'verticals' in [[sources]] must be the name of a "
                "vertical; put it in quotation marks"
            ),
        ),
    ],
)
def test_a_table_out_of_place_is_told_at_its_line(folder: Path, text: str, problem: str) -> None:
    assert bad(folder, text) == (problem,)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            'interval = "30m"',
            ("2: 'interval' in [pull] is under 'min_interval' (1h by default)",),
        ),
        (
            'max_interval = "30m"',
            ("2: 'interval' (1h by default) in [pull] is over 'max_interval'",),
        ),
        (
            'min_interval = "1d"\ninterval = "12h"\nmax_interval = "6h"',
            (
                "3: 'interval' in [pull] is under 'min_interval'",
                "3: 'interval' in [pull] is over 'max_interval'",
            ),
        ),
        (
            '[[sources]]\nurl = "https://example.org/"\ninterval = "1m"',
            ("4: 'interval' in [[sources]] is under 'min_interval' (1h by default) of [pull]",),
        ),
        (
            'max_interval = "2h"\n[[sources]]\nurl = "https://example.org/"\ninterval = "1d"',
            ("5: 'interval' in [[sources]] is over 'max_interval' of [pull]",),
        ),
    ],
)
def test_intervals_stay_within_their_bounds(
    folder: Path, text: str, problems: tuple[str, ...]
) -> None:
    expected = tuple(f"config.toml:{problem}; change one of the two" for problem in problems)
    assert bad(folder, f"[pull]\n{text}\n") == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'related_window = "71h"',
            "2: 'related_window' in [dedup] is under 'window' (3d by default)",
        ),
        (
            'window = "169h"',
            "2: 'related_window' (7d by default) in [dedup] is under 'window'",
        ),
        (
            'related_window = "1d"\nwindow = "2d"',
            "2: 'related_window' in [dedup] is under 'window'",
        ),
    ],
)
def test_an_event_goes_on_for_no_less_than_an_article_is_found_again(
    folder: Path, text: str, problem: str
) -> None:
    expected = f"config.toml:{problem}; change one of the two"
    assert bad(folder, f"[dedup]\n{text}\n") == (expected,)


@pytest.mark.parametrize("text", ['related_window = "72h"', 'window = "7d"'])
def test_both_windows_may_be_the_same(folder: Path, text: str) -> None:
    found = good(folder, f"[dedup]\n{text}\n").dedup
    assert found.window == found.related_window


@pytest.mark.parametrize(
    "text", ['window = "8d"\nrelated_window = 1', 'related_window = "1h"\nwindow = 1']
)
def test_a_window_that_cannot_be_read_is_one_problem_and_not_two(folder: Path, text: str) -> None:
    (problem,) = bad(folder, f"[dedup]\n{text}\n")
    assert problem.startswith("config.toml:3: ")


@pytest.mark.parametrize(
    ("header", "line", "meant"),
    [
        ("[dedup]", 'windows = "1d"', "window"),
        ("[dedup]", 'related = "1d"', "related_window"),
        ("[verticals.tech]", "treshold = 0.5", "threshold"),
        ("[[sources]]", "merged = false", "merge"),
        ("[[queries]]", "collapse-related = true", "collapse_related"),
    ],
)
def test_a_key_that_is_almost_one_is_told_with_that(
    folder: Path, header: str, line: str, meant: str
) -> None:
    key = line.partition(" ")[0]
    problem = f"config.toml:2: unknown key {key!r} in {header}; did you mean {meant!r}?"
    assert problem in bad(folder, f"{header}\n{line}\n")


@pytest.mark.parametrize("value", ["1.5", "-0.1", "nan", "half", "", "1e-1"])
def test_a_threshold_from_the_environment_is_held_to_the_same(folder: Path, value: str) -> None:
    text = '[verticals.tech]\nthreshold = "${SCORE}"\n'
    problem = f"config.toml:2: 'threshold' in [verticals.tech] {SCORE}"
    assert bad(folder, text, {"SCORE": value}) == (problem,)


@pytest.mark.parametrize("key", ["interval", "min_interval"])
def test_an_interval_that_cannot_be_read_is_one_problem_and_not_two(folder: Path, key: str) -> None:
    other = {"interval": "min_interval", "min_interval": "interval"}[key]
    value = {"interval": "5h", "min_interval": "30m"}[key]
    (problem,) = bad(folder, f'[pull]\n{other} = "{value}"\n{key} = "often"\n')
    assert problem.startswith("config.toml:3: ")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://example.org/feed.xml", "https://example.org/feed.xml"),
        ("https://example.org/feed.xml", "http://www.example.org/feed.xml"),
        ("https://example.org/feed.xml", "https://example.org/feed.xml?utm_source=mail"),
        ("https://example.org/", "https://example.org/"),
    ],
)
def test_the_same_source_twice_names_the_line_of_the_first(
    folder: Path, first: str, second: str
) -> None:
    text = f'[[sources]]\nurl = "{first}"\n[[sources]]\ntitle = "B"\nurl = "{second}"\n'
    expected = "'url' in [[sources]] is the same as in line 2; remove one of the two"
    assert bad(folder, text) == (f"config.toml:5: {expected}",)


def test_sources_that_differ_in_an_unknown_parameter_are_two(folder: Path) -> None:
    text = '[[sources]]\nurl = "https://example.org/?a=1"\n[[sources]]\nurl = "https://example.org/?a=2"'
    assert len(good(folder, text).sources) == 2


def test_a_name_with_an_escape_sequence_reaches_no_terminal(folder: Path) -> None:
    (problem,) = bad(folder, '[site]\n"\\u001b[31mred\\u202e" = 1')
    assert "\x1b" not in problem
    assert "\u202e" not in problem
    (problem,) = bad(folder, f"[site]\n{'long' * 1000} = 1")
    assert len(problem) < 300


# ---- a file that is none ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"[site]\ntitle = \xff", "config.toml:2: is not UTF-8; save it as UTF-8"),
        (b"#" * 5_000_001, "config.toml: is over 5 MB; see whether it is the right file"),
        (
            b"[site]\ntitle = x\n",
            (
                "config.toml:2: is not TOML: Invalid value; "
                "correct it; https://toml.io says how TOML is written"
            ),
        ),
        (
            b'[site]\ntitle = "A"\ndescription = """never closed\n\n',
            (
                "config.toml:3: is not TOML: Unterminated string; "
                "correct it; https://toml.io says how TOML is written"
            ),
        ),
        (
            b"a = " + b"[" * 5000,
            "config.toml: is nested too deeply; write it in fewer levels",
        ),
        (
            b"a = " + b"1" * 5000,
            "config.toml: holds a number that is too long; shorten it",
        ),
    ],
)
def test_a_file_that_is_no_toml_is_one_problem(folder: Path, text: bytes, problem: str) -> None:
    assert bad(folder, text) == (problem,)


@pytest.mark.parametrize("level", ["[{}]", "{{a = {}}}"])
def test_nesting_is_a_problem_at_any_depth_and_never_an_error(folder: Path, level: str) -> None:
    before, after = level.format("|").split("|")

    def refused(depth: int) -> bool:
        (problem,) = bad(folder, f"a = {before * depth}1{after * depth}\n")
        assert "is nested too deeply" in problem or "unknown table 'a'" in problem
        return "too deeply" in problem

    deepest = bisect_left(range(1, 5000), x=True, key=refused)
    assert 10 < deepest < 5000


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (
            "absent.toml",
            "there is no such file; make one with broadsheet init, or name another with --config",
        ),
        ("", "is a folder; name the file in it"),
        ("file/config.toml", "cannot be read (Not a directory); see to its path and permissions"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "file").touch()
    file = tmp_path / name
    result = read(file, {})
    assert isinstance(result, tuple)
    assert [str(told) for told in result] == [f"{file}: {problem}"]


# ---- the environment ----------------------------------------------------------------------------


def test_variables_are_replaced_anywhere_in_a_string(folder: Path) -> None:
    result = good(
        folder,
        """
        [site]
        title = "$${literal} $5 ${A}${B}"
        [server]
        port = "${PORT}"
        [verticals.tech]
        [[sources]]
        url = "https://reader:${A}@example.org/${B}"
        verticals = ["${SHELF}"]
        rank = "${RANK}"
        exclude = ["${A}"]
        """,
        {"A": "one", "B": "${A}", "PORT": "8080", "SHELF": "tech", "RANK": "-5"},
    )
    assert result.site.title == "${literal} $5 one${A}"
    assert result.server.port == 8080
    assert result.sources[0].address == "https://reader:one@example.org/${A}"
    assert result.sources[0].verticals == ("tech",)
    assert (result.sources[0].rank, result.sources[0].exclude) == (-5, ("one",))


@pytest.mark.parametrize("value", ["tea\udce9", "tea\x1b[2J", "tea\n"])
def test_what_is_no_text_is_not_taken_from_the_environment(folder: Path, value: str) -> None:
    (problem,) = bad(folder, '[site]\ntitle = "${TITLE}"', {"TITLE": value})
    assert problem == (
        "config.toml:2: 'title' in [site] takes the environment variable 'TITLE', which holds what "
        "is no text; set it to printable characters in UTF-8"
    )


def test_settings_from_the_environment_are_plain_strings(folder: Path) -> None:
    lines = (
        '[site]\ncontact = "${A}@example.org"\nlanguage = "${L}"\nid = "tag:${A}.org,2026:a"\n'
        'base_url = "https://${A}.org/"\ntitle = "${A}"\n[server]\nhost = "${A}"\n'
        '[verticals.a]\n[[sources]]\nurl = "https://${A}.org/"\nverticals = ["${A}"]\n'
        'include = ["${A}"]\ncontent = "${C}"\n'
    )
    result = good(folder, lines, {"A": "a", "L": "en", "C": "title"})
    site, source = result.site, result.sources[0]
    texts = [site.contact, site.language, site.id, site.base_url, site.title, result.server.host]
    texts += [source.address, *source.verticals, *source.include, source.content]
    assert {type(text) for text in texts} == {str}


def test_a_variable_that_is_not_set_is_named_and_no_other_value_is_shown(folder: Path) -> None:
    todo = "set it, or write $${ where ${ itself is meant"
    assert bad(
        folder,
        '[[sources]]\nurl = "https://${USER}:${FIRST}@${SECOND}/${FIRST}"\ntitle = "${"\n',
        {"USER": "hidden"},
    ) == (
        (
            "config.toml:2: 'url' in [[sources]] needs the environment variable 'FIRST', "
            f"which is not set; {todo}"
        ),
        (
            "config.toml:2: 'url' in [[sources]] needs the environment variable 'SECOND', "
            f"which is not set; {todo}"
        ),
        (
            "config.toml:3: 'title' in [[sources]] has a ${ that begins no ${NAME}; "
            "name an environment variable, or write $${ where ${ itself is meant"
        ),
    )


def test_no_problem_shows_a_value_from_the_environment(folder: Path) -> None:
    secret = "10.9.8.7/8"
    text = "[verticals.tech]\n"
    text += "".join(
        f'{header}\n{key} = "${{SECRET}}"\n' for header, key in keys() if header == "[[sources]]"
    )
    text += '[[sources]]\nurl = "https://example.org/"\nverticals = ["${SECRET}"]\n[pull]\n'
    text += "".join(f'{key} = "${{SECRET}}"\n' for header, key in keys() if header == "[pull]")
    text = text.replace('allow_networks = "${SECRET}"', 'allow_networks = ["${SECRET}"]')
    problems = bad(folder, text, {"SECRET": secret})
    assert len(problems) > 15
    assert not any("10." in problem for problem in problems)
    assert problems[-1].endswith(f"without host bits; {NETWORK.partition('; ')[2]}")


# ---- warnings -----------------------------------------------------------------------------------


def test_what_is_probably_not_meant_is_a_warning(tmp_path: Path) -> None:
    text = """
        [verticals.named]
        [verticals.by-category]
        categories = ["a"]
        [verticals.by-keyword]
        keywords = ["b"]
        [verticals.bare]
        [verticals.science]
        [verticals.none]
        title = "Science"
        categories = []
        [[sources]]
        url = "https://example.org/"
        verticals = ["named", "bare"]
        enabled = false
        """
    add = "add a [[sources]] table"
    fill = "give it categories or keywords, or name it in the 'verticals' of a source"
    contact = "add an e-mail or web address, so that the publishers you pull from can reach you"
    assert [str(w).removeprefix(f"{tmp_path}/") for w in warnings(good(tmp_path, text))] == [
        f"config.toml: [site] has no 'contact'; {contact}",
        f"config.toml: there is nothing to pull: no source, and no seeds folder; {add}",
        f"config.toml: [verticals.named] can hardly be filled; {fill}",
        f"config.toml: [verticals.bare] can hardly be filled; {fill}",
        f"config.toml: [verticals.none] can hardly be filled; {fill}",
    ]


def test_a_seeds_folder_is_something_to_publish(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    assert warnings(good(tmp_path, '[site]\ncontact = "https://example.org/about"\n')) == ()


def test_a_source_that_is_pulled_fills_its_verticals(tmp_path: Path) -> None:
    text = '[site]\ncontact = "a@example.org"\n[verticals.tech]\n'
    text += '[[sources]]\nurl = "https://example.org/"\nverticals = ["tech"]\n'
    assert warnings(good(tmp_path, text)) == ()


# ---- the lines of a document --------------------------------------------------------------------

NAMES = st.sampled_from(["{}", '"{}"', "'{}'", '"{} . # ] = \\u00e9\\""'])
SCALARS = st.sampled_from(
    [
        "1",
        "-1.5e3",
        "true",
        "1979-05-27 07:32:00.5",
        '""',
        "''",
        r'"a \" # [b] = {"',
        "'c:\\ # ['",
        '"""one "two" \\""" \n [x]\n y = 1 """""',
        "'''\n[[z]] # '' \n'''''",
    ]
)
GAPS = st.sampled_from(["", " ", "\n", " # comment ] \" ' \n\t"])


@st.composite
def documents(draw: st.DrawFn) -> str:
    """TOML in which every name holds a number that no other has."""
    numbers = iter(range(10_000))

    def name() -> str:
        return draw(NAMES).format(f"k{next(numbers)}k")

    def dotted() -> str:
        return draw(st.sampled_from([".", " . "])).join(
            name() for _ in range(draw(st.integers(1, 3)))
        )

    def value(depth: int) -> str:
        kind = draw(st.sampled_from(["scalar", "list", "table"] if depth else ["scalar"]))
        if kind == "list":
            parts = (draw(GAPS) + value(depth - 1) for _ in range(draw(st.integers(0, 3))))
            return f"[{(draw(GAPS) + ',').join(parts)}{draw(GAPS)}]"
        if kind == "table":
            pairs = (f"{dotted()} = {value(depth - 1)}" for _ in range(draw(st.integers(0, 2))))
            return f"{{ {', '.join(pairs)} }}"
        return draw(SCALARS)

    def table(header: str) -> Iterator[str]:
        yield header
        for _ in range(draw(st.integers(0, 3))):
            yield f"{dotted()}={value(2)}{draw(st.sampled_from(['', ' # [no]', ' ']))}"
        yield from [""] * draw(st.integers(0, 2))

    lines = [*table("# first")]
    for _ in range(draw(st.integers(0, 3))):
        array = dotted()
        for _ in range(draw(st.integers(0, 2))):
            lines += table(f"[[{array}]]")
            lines += table(f"[{array}.{dotted()}]")
        lines += table(f" [ {dotted()} ] # comment")
    return "\n".join(lines)


def places(tree: object, here: Place = ()) -> Iterator[Place]:
    """Every place in a parsed tree, by a simple walk."""
    found = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree if isinstance(tree, list) else ())
    )
    for key, value in found:
        yield (*here, key)
        yield from places(value, (*here, key))


@settings(max_examples=60, deadline=None)
@given(documents())
def test_the_lines_are_those_of_exactly_what_tomllib_reads(text: str) -> None:
    found = index(text)
    assert set(found) == set(places(tomllib.loads(text)))
    for place, line in found.items():
        name = place[-1]
        if isinstance(name, str):
            number = re.search(r"k\d+k", name)
            assert number
            assert line == text.count("\n", 0, text.index(number[0])) + 1


def test_an_element_stands_at_its_header_or_its_own_line() -> None:
    text = "a = [\n  1,\n\n  2, { b = 3 },\n]\n[[c]]\n\n[[c]]\n[c.d]\n[[c.e]]\nf = 1\n"
    assert index(text) == {
        ("a",): 1,
        ("a", 0): 2,
        ("a", 1): 4,
        ("a", 2): 4,
        ("a", 2, "b"): 4,
        ("c",): 6,
        ("c", 0): 6,
        ("c", 1): 8,
        ("c", 1, "d"): 9,
        ("c", 1, "e"): 10,
        ("c", 1, "e", 0): 10,
        ("c", 1, "e", 0, "f"): 11,
    }


def test_the_lines_of_a_real_file_are_found() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert set(index(text)) == set(places(tomllib.loads(text)))


# ---- any text -----------------------------------------------------------------------------------

FRAGMENTS = st.sampled_from(
    [
        *(header.replace("NAME", "tech") for header in sorted({header for header, _ in keys()})),
        *("[verticals.'A\\u0007']", "[verticals]", "[[verticals]]", "[sources]", "[hub]", "[x.y]"),
        *(f"{key} = " for _, key in keys()),
        *(
            '"1h"',
            '"10MB"',
            "7",
            "true",
            '["tech"]',
            '[["a"]]',
            "{}",
            '"${A}"',
            '"${',
            "\n\n",
            "1.0",
        ),
        *('"https://a.example/${B}"', '"sqlite:///x"', "1979-05-27", "nan", '"""', "keep = 1"),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.lists(FRAGMENTS).map("\n".join), st.lists(FRAGMENTS).map("".join)))
def test_any_text_gives_settings_or_problems(folder: Path, text: str) -> None:
    written = re.sub(r"= \n", "= ", text)
    result = reading(folder, written.encode(errors="surrogatepass"), {"A": "\udcff", "B": ""})
    if isinstance(result, tuple):
        assert result
        lines = [problem.line or 0 for problem in result]
        assert lines == sorted(lines)


# ---- the shipped file and the documentation -----------------------------------------------------


def test_the_shipped_file_is_ready_to_run() -> None:
    result = read(SHIPPED, {})
    assert isinstance(result, Settings)
    assert [v.name for v in result.verticals] == ["tech", "science", "business", "world", "culture"]
    assert all(v.title and v.description and v.keywords for v in result.verticals)
    assert all(len(categories_of(v)) > 10 for v in result.verticals)
    assert len(result.sources) >= 12
    assert {name for source in result.sources for name in source.verticals} == {
        v.name for v in result.verticals
    }
    assert [problem.what for problem in warnings(result)] == ["[site] has no 'contact'"]


def test_the_shipped_file_shows_every_key_and_the_true_defaults(folder: Path) -> None:
    text = SHIPPED.read_text()
    full = re.sub(r"(?m)^# (?=[a-z_]+ = )", "", text)
    shown = {tuple(place) for place in index(full)}
    assert {
        (header, key)
        for header, key in keys()
        if header not in {*ARRAYS, "[verticals.NAME]"} and (header[1:-1], key) not in shown
    } == set()
    examples = {(header, key) for header, key in keys() if header in ARRAYS}
    rest, sources = text.split("# ---- Sources")
    hosts, queries = rest.split("# ---- Saved queries")
    assert {
        (header, key)
        for header, part in zip(ARRAYS, (sources, hosts, queries), strict=True)
        for key in re.findall(r"(?m)^#   ([a-z_]+) = ", part)
    } == examples
    plain, complete = good(folder, text), good(folder, full, {"BROADSHEET_TOKEN": "tea-and-more"})
    assert (complete.server, complete.pull) == (plain.server, plain.pull)
    assert complete.dedup == plain.dedup == Dedup()
    assert [v.threshold for v in complete.verticals] == [v.threshold for v in plain.verticals]
    assert {key for header, key in keys() if header == "[verticals.NAME]"} == {
        place[2] for place in index(full) if place[0] == "verticals" and len(place) == 3
    }
    assert (complete.store_url, complete.seeds_folder) == (plain.store_url, plain.seeds_folder)
    assert (complete.feed_size, complete.feed_bytes) == (plain.feed_size, plain.feed_bytes)
    assert complete.site.language == plain.site.language
    assert complete.site.base_url == plain.site.base_url


def test_no_keyword_of_the_shipped_file_stands_in_a_page_about_something_else() -> None:
    if not SEEDS.is_dir():
        pytest.skip("no corpus: set FEED_CORPUS")
    result = read(SHIPPED, {})
    assert isinstance(result, Settings)
    page = "\n".join(file.read_text().casefold() for file in sorted(SEEDS.glob("*.txt")))
    others = [v for v in result.verticals if v.name not in {"tech", "science"}]
    keywords = [keyword for vertical in others for keyword in vertical.keywords]
    assert [k for k in keywords if re.search(rf"\b{re.escape(k.casefold())}\b", page)] == []


ROWS = re.compile(r"(?m)^\| `([a-z_]+)` \| ([^|]+) \|")


def documented_keys() -> Iterator[tuple[str, str, str]]:
    """Table, key and default of every row of the reference."""
    header = ""
    for line in DOCUMENTED.read_text().splitlines():
        if found := re.fullmatch(r"### `(.+)`", line):
            header = found[1]
        elif row := ROWS.match(line):
            yield header, row[1], row[2]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[verticals.gear]\nwas = "Tech"',
            (
                "2: an element of 'was' in [verticals.gear] is not allowed; "
                "use a to z, 0 to 9 and hyphens, no hyphen first, 41 at most"
            ),
        ),
        (
            '[verticals.gear]\nwas = ["status"]',
            (
                "2: an element of 'was' in [verticals.gear] is reserved; "
                "choose another: our own addresses use it"
            ),
        ),
        (
            '[verticals.gear]\nwas = "tech"\n[verticals.tech]',
            (
                "2: an element of 'was' in [verticals.gear] names what is still there; "
                "remove it, or rename that"
            ),
        ),
        (
            '[verticals.gear]\nwas = "chips"\n[[queries]]\nname = "chips"',
            (
                "2: an element of 'was' in [verticals.gear] names what is still there; "
                "remove it, or rename that"
            ),
        ),
        (
            '[verticals.a]\nwas = "tech"\n[verticals.b]\nwas = ["x",\n"tech"]',
            (
                "5: an element of 'was' in [verticals.b] is that of [verticals.a] too; "
                "remove one of the two"
            ),
        ),
        (
            (
                '[[sources]]\nurl = "https://a.example/"\n[[sources]]\nurl = "https://b.example/"\n'
                'was = "https://a.example/"'
            ),
            (
                "5: an element of 'was' in [[sources]] is the url or 'was' of a source already; "
                "remove one of the two"
            ),
        ),
        (
            '[[sources]]\nurl = "https://a.example/"\nwas = ["https://a.example/"]',
            (
                "3: an element of 'was' in [[sources]] is the url or 'was' of a source already; "
                "remove one of the two"
            ),
        ),
    ],
)
def test_a_former_name_is_that_of_one_thing_that_is_no_more(
    folder: Path, text: str, problem: str
) -> None:
    assert bad(folder, text) == (f"config.toml:{problem}",)


def test_where_the_store_is_can_be_told_of_a_text_that_is_bad(folder: Path) -> None:
    file = folder / "config.toml"
    for text, name in (
        ("", "broadsheet.db"),
        ('[store]\nurl = "sqlite:///other.db"\n[site', "other.db"),
        ('[site]\ntitle = 1\n [store]\nurl = "sqlite:///${NAME}.db"', "third.db"),
        ("[store]\nurl = 1", "broadsheet.db"),
        ("[store\n", "broadsheet.db"),
    ):
        assert store_of(file, text, {"NAME": "third"}) == f"sqlite:///{folder}/{name}", text


def test_every_key_is_documented_in_order() -> None:
    assert tuple((header, key) for header, key, _ in documented_keys()) == keys()


def test_the_documented_defaults_are_the_defaults(folder: Path) -> None:
    defaults = [
        (header, key, default.strip("`"))
        for header, key, default in documented_keys()
        if default.startswith("`") and "NAME" not in header and header not in ARRAYS
    ]
    assert len(defaults) > 15
    text = "".join(f"{header[1:-1]}.{key} = {default}\n" for header, key, default in defaults)
    assert good(folder, text) == good(folder, "")


def test_the_examples_in_the_documentation_are_right(folder: Path) -> None:
    blocks = re.findall(r"(?s)```toml\n(.*?)```", DOCUMENTED.read_text())
    assert blocks
    for block in blocks:
        good(folder, block, {"GAZETTE_PASSWORD": "hidden", "PODCAST_TOKEN": "hidden"})


def test_the_problems_in_the_documentation_are_worded_so(folder: Path) -> None:
    text = """\
[pull]
intervall = "1h"
timeout = 30

[store]
keep = "90d"

[verticals.science]

[[sources]]
url = "https://example.org/feed.xml?token=${FEED_TOKEN}"
verticals = ["sience"]
"""
    (block,) = re.findall(r"(?s)```text\n(.*?)```", DOCUMENTED.read_text())
    assert bad(folder, text) == tuple(block.splitlines())


def test_a_base_url_of_any_script_is_read_in_ascii(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[site]\nbase_url = "http://日本.example/ä/"\n')
    result = read(file, {})
    assert isinstance(result, Settings)
    assert result.site.base_url == "http://xn--wgv71a.example/%C3%A4"
