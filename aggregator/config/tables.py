"""Every key of config.toml: its table, and how its value is read.

To add a key, add it here, to the type in `settings` whose field has the same name (and whose
default is the key's), and to docs/configuration.md, which is tested against this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.config import addresses, readers
from aggregator.config.readers import ListOf, Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: its header, its keys, those it must have, and those of a later version."""

    header: str
    keys: Mapping[str, Reader | ListOf]
    required: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


SITE = Table(
    header="[site]",
    keys={
        "title": readers.title,
        "description": readers.prose,
        "language": readers.language,
        "base_url": addresses.base_url,
        "id": addresses.iri,
        "contact": readers.contact,
    },
)

SERVER = Table(
    header="[server]",
    keys={
        "host": readers.host,
        "port": readers.whole(0, 65_535),  # 0 is any free port
    },
)

STORE = Table(header="[store]", keys={"url": readers.store_url, "keep": readers.keep})

PULL = Table(
    header="[pull]",
    keys={
        "interval": readers.duration("1s", "365d"),
        "min_interval": readers.duration("1s", "365d"),
        "max_interval": readers.duration("1s", "365d"),
        "timeout": readers.duration("1s", "5m"),
        "max_body": readers.size("1kB", "1GB"),
        "max_redirects": readers.whole(0, 20),
        "concurrency": readers.whole(1, 1000),
        "per_host_interval": readers.duration("0s", "1h"),
        "allow_networks": ListOf(addresses.network),
    },
)

SEEDS = Table(header="[seeds]", keys={"folder": readers.folder})

FEEDS = Table(
    header="[feeds]",
    keys={
        "size": readers.whole(1, 500),
        "max_bytes": readers.size("64kB", "100MB"),
        "archive_size": readers.whole(1, 500),
    },
)

DEDUP = Table(
    header="[dedup]",
    keys={
        "window": readers.duration("1h", "30d"),
        "related_window": readers.duration("1h", "90d"),
    },
)

VERTICAL = Table(
    header="[verticals.NAME]",
    keys={
        "title": readers.title,
        "description": readers.prose,
        "categories": ListOf(readers.title),
        "keywords": ListOf(readers.title),
        "threshold": readers.number(0, 1),
        "was": ListOf(readers.title, or_one=True),  # what may be a name is known when reading
    },
)

PAGES = Table(header="[pages]", keys={"pictures": readers.choice("none", "remote")})

OPERATOR = Table(header="[operator]", keys={"token": readers.token})

SOURCE = Table(
    header="[[sources]]",
    keys={
        "url": addresses.web_address,
        "title": readers.title,
        "publication": readers.title,
        "site_url": addresses.web_address,
        "verticals": ListOf(readers.title),  # the names that are defined are known when reading
        "interval": readers.duration("1s", "365d"),
        "content": readers.choice("full", "summary", "title"),
        "include": ListOf(readers.phrase),
        "exclude": ListOf(readers.phrase),
        "rank": readers.whole(-100, 100),
        "merge": readers.flag,
        "enabled": readers.flag,
        "private": readers.flag,
        "was": ListOf(addresses.web_address, or_one=True),
    },
    required=("url",),
    later=("full_text",),
)

HOST = Table(
    header="[[hosts]]",
    keys={
        "name": addresses.place,
        "interval": readers.duration("0s", "1h"),
        "connections": readers.whole(1, 8),
        "quiet": readers.choice("host", "source"),
    },
    required=("name",),
)

_ONE_OR_MORE = {
    "q": readers.search,
    "source": readers.title,
    "author": readers.author,
    "lang": readers.language,
}

QUERY = Table(
    header="[[queries]]",
    keys={
        "name": readers.title,  # what may be a name is known when reading
        "title": readers.title,
        "verticals": ListOf(readers.title),  # and which are defined
        "not": ListOf(readers.title),
        **{key: ListOf(reader, or_one=True) for key, reader in _ONE_OR_MORE.items()},
        "collapse_related": readers.flag,
    },
    required=("name",),
)

TABLES: Mapping[str, Table] = {
    "site": SITE,
    "server": SERVER,
    "store": STORE,
    "pull": PULL,
    "seeds": SEEDS,
    "feeds": FEEDS,
    "dedup": DEDUP,
    "pages": PAGES,
    "operator": OPERATOR,
    "verticals": VERTICAL,
    "sources": SOURCE,
    "hosts": HOST,
    "queries": QUERY,
}

LATER = ("hub", "summaries")
"""Tables of a later version."""

STORE_FILE = "broadsheet.db"
SEEDS_FOLDER = "seeds"
FEED_SIZE = 50
FEED_BYTES = 1_000_000
ARCHIVE_SIZE = 100
"""The defaults for which `Settings` has no type of its own."""

RESERVED = frozenset(
    [
        "all",
        "feeds",
        "stories",
        "search",
        "about",
        "privacy",
        "status",
        "operator",
        "metrics",
        "healthz",
        "readyz",
        "hub",
        "websub",
        "static",
        "archive",
        "favicon.ico",
        "robots.txt",
    ]
)
"""Names that no vertical or saved query may have, because addresses of ours begin with them."""


def keys() -> tuple[tuple[str, str], ...]:
    """Give every key there is, with the header of its table: `("[pull]", "interval")`."""
    return tuple((table.header, key) for table in TABLES.values() for key in table.keys)
