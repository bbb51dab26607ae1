"""Many pulls in one transaction, each of them whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from aggregator.errors import StoreError
from aggregator.model import PullOutcome, SourceState, Written
from aggregator.settings import ArchiveLimits
from aggregator.store import hosts, leases, notices
from aggregator.store.arrival import Arrivals
from aggregator.store.judging import Decide, Judging
from aggregator.store.lately import Batchwise, Fresh, Lately
from aggregator.store.relating import relate
from aggregator.store.revisions import Touched
from aggregator.store.states import write_states
from aggregator.store.writing import Writing

_AT_ONCE = 1000
"""Pulls whose entries are compared in one go."""


class Batch:
    """The pulls of one transaction, written at one moment.

    `given_out` are the states that their sources were leased with.
    """

    def __init__(
        self,
        connection: Connection,
        at: datetime,
        decide: Decide,
        given_out: Mapping[int, SourceState],
        limits: ArchiveLimits,
        lately: Lately,
    ) -> None:
        self._connection = connection
        self._at = at
        self._decide = decide
        self._given_out = given_out
        self._limits = limits
        self._lately = lately
        self.fresh: list[Fresh] = []
        """The signatures that it has added."""

    def write(self, outcomes: Sequence[PullOutcome]) -> list[Written]:
        """Write them all."""
        touched = Touched()
        written = self._write(outcomes, touched)
        self._end(touched)
        return written

    def write_what_can_be(self, outcomes: Sequence[PullOutcome]) -> list[Written | StoreError]:
        """Write those that can be written, and say of the others what is wrong with them."""
        touched = Touched()
        written = self._write_what_can_be(outcomes, touched)
        self._end(touched)
        return written

    def _end(self, touched: Touched) -> None:
        relate(self._connection, self._lately, self.fresh)
        touched.write(self._connection, self._at)

    def _write_what_can_be(
        self, outcomes: Sequence[PullOutcome], touched: Touched
    ) -> list[Written | StoreError]:
        own, before = Touched(), len(self.fresh)
        try:
            with self._connection.begin_nested():
                written: list[Written | StoreError] = [*self._write(outcomes, own)]
        except OperationalError:
            raise  # the store itself, and not what was to be written
        except Exception as error:  # noqa: BLE001 - whatever one document does, the others count
            del self.fresh[before:]
            if len(outcomes) == 1:
                return [_refused(error)]
            # Savepoints cost more than to look for the few that cannot be written.
            middle = len(outcomes) // 2
            return [
                *self._write_what_can_be(outcomes[:middle], touched),
                *self._write_what_can_be(outcomes[middle:], touched),
            ]
        touched.join(own)
        return written

    def _write(self, outcomes: Sequence[PullOutcome], touched: Touched) -> list[Written]:
        written: list[Written] = []
        for some in _rounds(outcomes):
            notices.tell_of_states(
                self._connection, self._at, [one.state for one in some], self._given_out
            )
            write_states(self._connection, [one.state for one in some], self._given_out)
            leases.give_back(self._connection, [one.state.source for one in some])
            said = [one.host for one in some if one.host is not None]
            if said:
                hosts.remember(self._connection, said)
            bringing = [o for o in some if o.entries or o.deleted or o.title is not None]
            arrived: dict[int, Written] = {}
            if bringing:
                if any(one.entries for one in bringing):
                    self._lately.catch_up(self._connection, self._at, self.fresh)
                writing = Writing(self._connection, self._at, self._limits)
                judging = Judging(writing, self._decide, Batchwise(self._lately, self.fresh))
                arrived = Arrivals(writing, judging).write(bringing)
                self.fresh += judging.fresh
                touched.join(writing.touched)
            written += [arrived.get(one.state.source, Written()) for one in some]
        return written


def _rounds(outcomes: Sequence[PullOutcome]) -> Iterator[Sequence[PullOutcome]]:
    """The outcomes in their order, in groups in which no source comes twice."""
    some: dict[int, PullOutcome] = {}
    for one in outcomes:
        if one.state.source in some or len(some) == _AT_ONCE:
            yield list(some.values())
            some = {}
        some[one.state.source] = one
    yield list(some.values())


def _refused(error: Exception) -> StoreError:
    refused = StoreError(f"cannot be stored ({type(error).__name__}: {error})")
    refused.__cause__ = error
    return refused
