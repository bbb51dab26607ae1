"""What a transaction has touched, and the revisions and dates that rise for it at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select, update

from aggregator.schema import vertical_state

_INSERT = insert(vertical_state)
_UPDATE = update(vertical_state).where(vertical_state.c.vertical == bindparam("name"))


@dataclass(frozen=True, slots=True)
class Touched:
    """The verticals that a transaction touches, and whether for something that readers must see.

    `remade` if all that their feeds hold is touched, and not some stories alone.
    """

    verticals: dict[str, bool] = field(default_factory=dict)
    remade: bool = False

    def add(self, verticals: Iterable[str], *, significant: bool) -> None:
        """These changed; `significant` where a story came, went, or was listed again."""
        for name in verticals:
            self.verticals[name] = self.verticals.get(name, False) or significant

    def join(self, other: Touched) -> None:
        """Count in what another part of the transaction has touched."""
        for name, significant in other.verticals.items():
            self.add([name], significant=significant)

    def write(self, connection: Connection, at: datetime) -> None:
        """Raise each one's revision and Last-Modified, and, if significant, its feed's `updated`.

        Neither date ever falls.
        """
        if not self.verticals:
            return
        states = {row.vertical: row for row in connection.execute(select(vertical_state))}
        modified_at = _after(max((s.modified_at for s in states.values()), default=at), at)
        for name, significant in sorted(self.verticals.items()):
            if state := states.get(name):
                values = {
                    "revision": state.revision + 1,
                    "modified_at": modified_at,
                    "updated_at": max(state.updated_at, at) if significant else state.updated_at,
                    "remade_at": modified_at if self.remade else state.remade_at,
                }
                connection.execute(_UPDATE, {"name": name, **values})
            else:
                values = {"revision": 1, "modified_at": modified_at, "updated_at": at}
                connection.execute(_INSERT, {"vertical": name, "remade_at": modified_at, **values})


def stamp(connection: Connection, at: datetime) -> datetime:
    """What a change at this time is stamped with: later than every change before, or the same.

    A clock that was set back does not stop Last-Modified from rising: that would be a 304 for a
    feed that changed.
    """
    newest: datetime | None = connection.scalar(select(func.max(vertical_state.c.modified_at)))
    return _after(newest or at, at)


def _after(newest: datetime, at: datetime) -> datetime:
    return at if at >= newest else newest + timedelta(seconds=1)
