"""The frozen types of config.toml, as `config` gives them to everything below and above it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal

SEED = "seed:"
"""What the address of a seed file begins with; its path in the seeds folder follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`[site]`. `base_url` has no slash at its end; `id` is None until the store has one."""

    title: str = "Broadsheet"
    description: str = ""
    language: str = "en"
    base_url: str = "http://127.0.0.1:8000"
    id: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`[server]`: where the web server listens."""

    host: str = "127.0.0.1"
    port: int = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRule:
    """`[[hosts]]`: what holds for one host, or for one `host:port`.

    `interval` is the pause between two requests, None for `per_host_interval`. With `quiet =
    "source"` a 429 quiets the source that got it alone: many publishers stand behind one name.
    """

    name: str
    interval: timedelta | None = None
    connections: int = 1
    quiet: Literal["host", "source"] = "host"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSettings:
    """`[pull]`, with `[[hosts]]`: how often and within which limits sources are asked."""

    interval: timedelta = timedelta(hours=1)
    min_interval: timedelta = timedelta(hours=1)
    max_interval: timedelta = timedelta(days=1)
    timeout: timedelta = timedelta(seconds=30)
    max_body: int = 10_000_000
    max_redirects: int = 5
    concurrency: int = 64
    per_host_interval: timedelta = timedelta(seconds=1)
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    hosts: tuple[HostRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertical:
    """`[verticals.NAME]`: one shelf, and what puts a story on it.

    Where `categories` is None they are those of the well-known shelf of this name or title. A guess
    counts from the score `threshold` on. Under the names in `was` it was known before.
    """

    name: str
    title: str
    description: str = ""
    categories: tuple[str, ...] | None = None
    keywords: tuple[str, ...] = ()
    threshold: float = 0.5
    was: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`[[sources]]`, or a seed file: something that we pull.

    `address` is the URL as configured, or `SEED` and a path below the seeds folder; `was` are the
    URLs that the same source had before. Entries that match nothing of a given `include`, or
    anything of `exclude`, stand in no feed.
    """

    address: str
    title: str | None = None
    publication: str | None = None
    site_url: str | None = None
    verticals: tuple[str, ...] = ()
    interval: timedelta | None = None
    content: Literal["full", "summary", "title"] = "full"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    rank: int = 0
    merge: bool = True
    private: bool = False
    enabled: bool = True
    was: tuple[str, ...] = ()

    @property
    def is_seed(self) -> bool:
        """Whether this is a file of the seeds folder and not something on the network."""
        return self.address.startswith(SEED)

    @property
    def is_secret(self) -> bool:
        """Whether no reader may learn the address: it is private, or holds a login."""
        return self.private or "@" in self.address.partition("//")[2].partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuery:
    """`[[queries]]`: a feed of its own, of the union of `verticals` (of everything without any).

    Narrowed as the parameters of the same names narrow a feed. With `collapse_related` it has one
    story of each news event: the first.
    """

    name: str
    title: str
    verticals: tuple[str, ...] = ()
    q: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    collapse_related: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dedup:
    """`[dedup]`: how long an article may be found again, and a news event may go on."""

    window: timedelta = timedelta(hours=72)
    related_window: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """When an archive is full: it has so many `stories`, or these so many bytes (`size`)."""

    stories: int = 100
    size: int = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole of config.toml, checked, with relative paths resolved against its folder.

    Where `pictures` are "remote" pages load those of publishers from their hosts.
    """

    file: Path
    site: Site
    server: Server
    store_url: str
    pull: PullSettings
    seeds_folder: Path
    feed_size: int
    feed_bytes: int
    archive_size: int
    verticals: tuple[Vertical, ...]
    sources: tuple[Source, ...]
    queries: tuple[SavedQuery, ...] = ()
    dedup: Dedup = Dedup()
    pictures: Literal["none", "remote"] = "none"
    token: str | None = field(default=None, repr=False)

    @property
    def archives(self) -> ArchiveLimits:
        """When archives are full: a feed has room for all that is in none yet, and for as much."""
        return ArchiveLimits(stories=self.archive_size, size=self.feed_bytes // 2)
