"""Where the archives of verticals end (RFC 5005 4): they are cut as stories come to stand there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, bindparam, insert, select, update

from aggregator.schema import archive, open_archive
from aggregator.settings import ArchiveLimits
from aggregator.store.many import Many

_OPEN = Many(insert(open_archive))
_GROWN = Many(
    update(open_archive)
    .where(open_archive.c.vertical == bindparam("of"))
    .values({name: bindparam(name) for name in ("stories", "size", "last")})
)
_CLOSED = Many(insert(archive))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """What has come since the last archive was closed: the bytes of so many stories."""

    stories: int = 0
    size: int = 0
    last: int = 0


class Archives:
    """The open archive of every vertical, inside one transaction.

    An archive is closed when it is full, and where `close` says so. From then on the stories in it
    are those that stand in the vertical by one of its sequences: none can come any more.
    """

    def __init__(self, connection: Connection, limits: ArchiveLimits) -> None:
        self._connection = connection
        self._limits = limits
        self._open: dict[str, _Open] | None = None
        self._stored: set[str] = set()
        self._changed: set[str] = set()
        self._closed: list[dict[str, object]] = []

    def add(self, vertical: str, sequence: int, size: int) -> None:
        """A story of so many bytes has come to stand in the vertical."""
        before = self._read().get(vertical, _Open())
        now = _Open(stories=before.stories + 1, size=before.size + size, last=sequence)
        self._set(vertical, now)
        if now.stories >= self._limits.stories or now.size >= self._limits.size:
            self._close(vertical)

    def close(self, since: int) -> None:
        """Close those in which there is something newer than this sequence."""
        for vertical, one in self._read().items():
            if one.stories and one.last > since:
                self._close(vertical)

    def close_all(self) -> None:
        """Close all in which there is anything, at one end: none lies inside a union's archive."""
        newest = max((one.last for one in self._read().values()), default=0)
        for vertical, one in self._read().items():
            if one.stories:
                self._set(vertical, replace(one, last=newest))
                self._close(vertical)

    def write(self) -> None:
        """Write what has changed."""
        rows = [(vertical, asdict(self._read()[vertical])) for vertical in sorted(self._changed)]
        known = self._stored
        _GROWN.run(self._connection, [{"of": v, **row} for v, row in rows if v in known])
        _OPEN.run(self._connection, [{"vertical": v, **row} for v, row in rows if v not in known])
        _CLOSED.run(self._connection, self._closed)
        self._stored |= self._changed
        self._changed.clear()
        self._closed.clear()

    def _close(self, vertical: str) -> None:
        last = self._read()[vertical].last
        stories = self._limits.stories
        self._closed.append({"vertical": vertical, "last": last, "stories": stories})
        self._set(vertical, _Open(last=last))

    def _set(self, vertical: str, one: _Open) -> None:
        self._read()[vertical] = one
        self._changed.add(vertical)

    def _read(self) -> dict[str, _Open]:
        if self._open is None:
            rows = self._connection.execute(select(open_archive))
            self._open = {
                row.vertical: _Open(stories=row.stories, size=row.size, last=row.last)
                for row in rows
            }
            self._stored = set(self._open)
        return self._open


def written_size(texts: Iterable[bytes]) -> int:
    """How many bytes a feed has of entries that the store has in these: XML escapes their HTML."""
    return sum(len(t) + 3 * (t.count(b"<") + t.count(b">")) + 4 * t.count(b"&") for t in texts)
