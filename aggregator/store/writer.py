"""Transactions: what belongs together is written together, or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Self

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import OperationalError

from aggregator.errors import StoreError
from aggregator.model import ALL, Entry, Host, Leased, PullOutcome, SourceState, Written
from aggregator.schema import READS, migrate, open_engine, source, vertical_state
from aggregator.settings import ArchiveLimits, Dedup, Source, Vertical
from aggregator.store import holding, hosts, leases, rulings, searching, sources, stories
from aggregator.store.archives import Archives
from aggregator.store.batch import Batch
from aggregator.store.judging import Decide
from aggregator.store.lately import Lately
from aggregator.store.leases import Admit
from aggregator.store.remembered import remember, remembered
from aggregator.store.revisions import Touched
from aggregator.store.stories import Place
from aggregator.store.writing import Writing

Clock = Callable[[], datetime]

_SHELVED = (
    update(source).where(source.c.number == bindparam("of")).values(shelving=bindparam("rules"))
)


class Store:
    """The store, open for writing: one thread at a time, one transaction a call.

    Opening it migrates it. `clock` is read inside each transaction, so that what is stamped later
    was also committed later. `limits` say when archives are full, `dedup` for how long articles are
    compared.

    Raises:
        StoreError: it cannot be opened, migrated or (any call) written.
    """

    def __init__(
        self,
        url: str,
        clock: Clock = lambda: datetime.now(UTC),
        limits: ArchiveLimits | None = None,
        dedup: Dedup | None = None,
        verticals: Sequence[Vertical] = (),
    ) -> None:
        self._engine = open_engine(url, writes=True)
        self._clock = clock
        self._limits = limits or ArchiveLimits()
        self._lately = Lately.of(dedup or Dedup(), verticals)
        self._held: IO[str] | None = None
        self._file = Path(self._engine.url.database or "")
        # What each source was given out with, until it is written.
        self._given_out: dict[int, SourceState] = {}
        migrate(self._engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file, and of the hold on it."""
        self._engine.dispose()
        if self._held:
            self._held.close()

    def hold(self) -> None:
        """Become the one puller of this store until `close`; leases of a dead one are void.

        Raises:
            StoreHeldError: another process holds it; the text names it.
            StoreError: the file that says so, beside the store, cannot be opened.
        """
        self._held = holding.hold(self._file)
        with self._transaction() as connection:
            leases.void(connection)
            searching.begin(connection)
            if self._cut_anew(connection):
                _remade(connection).write(connection, self._now())

    def site_id(self, configured: str | None) -> str:
        """The id that names our feeds for good: the configured one, else made once and kept."""
        with self._transaction() as connection:
            kept = remembered(connection, "site id")
            wanted = configured or kept or uuid.uuid4().urn
            if wanted != kept:
                remember(connection, "site id", wanted)
        return wanted

    def refresh(self, made_with: str, verticals: Sequence[str]) -> None:
        """Raise every feed's Last-Modified once when what feeds are made with has changed.

        `made_with` stands for all of configuration and program that a feed's bytes depend on.
        Each vertical gets its state here, so that an empty feed has a date too.
        """
        with self._transaction() as connection:
            is_cut = self._cut_anew(connection)
            remade = _remade(connection)
            missing = {ALL, *verticals}.difference(remade.verticals)
            is_same = remembered(connection, "made with") == made_with and not is_cut
            touched = Touched() if is_same else remade
            touched.add(missing, significant=True)
            remember(connection, "made with", made_with)
            touched.write(connection, self._now())
        searching.make_whole(self._transaction, self._now)

    def list_sources(self, wanted: Sequence[Source], *, seeds: bool) -> None:
        """Make these the sources that are pulled, of the network or (`seeds`) of the folder.

        New ones are due at once; those no longer wanted keep their stories and are not asked.
        """
        with self._transaction() as connection:
            sources.make_listed(connection, wanted, self._now(), seeds=seeds)

    def shelve(self, shelving: Mapping[str, str], place: Place) -> None:
        """Put the stories of sources anew on the shelves where the rules for them have changed.

        `shelving` gives, by a source's address, what stands for the rules that apply to it.
        """

        def placed(one: Entry, address: str) -> Entry:
            return self._lately.shelved(place(one, address))

        with self._transaction() as connection:
            writing = Writing(connection, self._now(), self._limits)
            rows = connection.execute(select(source.c.number, source.c.address, source.c.shelving))
            changed = {
                row.number: row.address
                for row in rows
                if shelving.get(row.address, row.shelving) != row.shelving
            }
            if changed:
                self._lately.catch_up(connection, writing.at, ())
            for number in stories.giving(connection, changed):
                stories.place_again(writing, number, changed[number], placed)
            if changed:
                rules = [{"of": n, "rules": shelving[address]} for n, address in changed.items()]
                connection.execute(_SHELVED, rules)
            writing.touched.write(connection, writing.at)

    def hosts(self) -> dict[str, Host]:
        """Every host that is remembered, by its name."""
        with self._transaction() as connection:
            return hosts.remembered(connection)

    def lease(
        self,
        now: datetime,
        limit: int,
        hold_for: timedelta,
        admit: Admit = leases.all_may,
        not_since: datetime | None = None,
        address: str | None = None,
    ) -> tuple[Leased, ...]:
        """At most `limit` sources that are due, longest due first, each given out once.

        `admit` is asked, in the order in which they are due, which of them may come now; the others
        are due when it says. Where there are many of those, less than `limit` may come at once.
        What was pulled at `not_since` or later is left for another time; so are all but the one at
        `address`, if that is given.
        """
        due = leases.Due(now=now, limit=limit, not_since=not_since, address=address)
        with self._transaction() as connection:
            leased = leases.lease(connection, due, hold_for, admit)
        self._given_out.update((one.state.source, one.state) for one in leased)
        return leased

    def put_off(self, turns: Sequence[tuple[int, datetime]]) -> None:
        """End the leases of sources that were not asked after all; each is due at its time."""
        with self._transaction() as connection:
            leases.put_off(connection, turns)
        for number, _ in turns:
            self._given_out.pop(number, None)

    def make_due(self, now: datetime, address: str | None) -> int:
        """Have `lease` give every source (or the one at `address`) that may be asked now.

        Politeness decides: not before `earliest_pull_at`, nor after a 410, unless it is named.

        Returns:
            How many those are.
        """
        with self._transaction() as connection:
            return leases.make_due(connection, now, address)

    def count_due(self, now: datetime) -> int:
        """How many sources are due and not given out."""
        with self._transaction() as connection:
            return leases.count_due(connection, now)

    def seeds(self) -> tuple[Leased, ...]:
        """The seed files that are listed. They have no lease: their folder is read as a whole."""
        with self._transaction() as connection:
            return sources.seeds(connection)

    def write(self, outcome: PullOutcome, decide: Decide) -> Written:
        """Write all that came of one pull, in one transaction, deciding inside it."""
        with self._batch(decide, [outcome]) as batch:
            (written,) = batch.write([outcome])
        self._given_out.pop(outcome.state.source, None)
        return written

    def write_all(
        self, outcomes: Sequence[PullOutcome], decide: Decide
    ) -> list[Written | StoreError]:
        """Write all that came of many pulls, in one transaction, each of them whole or not at all.

        Returns:
            What came of each, in their order. One that cannot be written is given back as an error,
            with what stopped it as its cause, and the others are written.
        """
        if not outcomes:
            return []
        with self._batch(decide, outcomes) as batch:
            written = batch.write_what_can_be(outcomes)
        for outcome in outcomes:
            self._given_out.pop(outcome.state.source, None)
        return written

    def _cut_anew(self, connection: Connection) -> bool:
        """Close every archive when another number of stories fills them; whether it does.

        The archives of a union are counted off between the ends of its verticals': what was counted
        by one number stays as it was.
        """
        size = self._limits.stories
        before = int(remembered(connection, "archive size") or size)
        remember(connection, "archive size", str(size))
        if before != size:
            archives = Archives(connection, replace(self._limits, stories=before))
            archives.close_all()
            archives.write()
        return before != size

    @contextmanager
    def _batch(self, decide: Decide, outcomes: Sequence[PullOutcome]) -> Iterator[Batch]:
        if self._lately.last is None and any(one.entries for one in outcomes):
            # A hundred thousand entries take seconds: nobody is to wait for our transaction then.
            with self._transaction(**READS) as connection:
                self._lately.catch_up(connection, self._now(), ())
        try:
            with self._transaction() as connection:
                now, lately = self._now(), self._lately
                batch = Batch(connection, now, decide, self._given_out, self._limits, lately)
                yield batch
        except BaseException:
            self._lately = self._lately.as_stored()
            raise
        self._lately.take(batch.fresh)

    def withdraw_source(self, address: str) -> None:
        """Take what this source gave out of every feed; what others gave of its stories stays."""
        with self._transaction() as connection:
            writing = Writing(connection, self._now(), self._limits)
            rulings.withdraw_source(writing, address)
            writing.touched.write(connection, writing.at)
            sources.forget_body(connection, address)

    def withdraw(self, name: str, *, undo: bool = False) -> str | None:
        """Take a story out of every feed for good, or (`undo`) let it be in them again.

        `name` is its id or page id; one that a join retired is that of the story it was joined to.

        Returns:
            The story's id; None if there is no such story.
        """
        with self._ruling() as (connection, writing):
            number = rulings.find(connection, name)
            if number is None:
                return None
            rulings.withdraw(writing, number, undo=undo)
            return rulings.identifier(connection, number)

    def join(self, *names: str) -> str | None:
        """Make one story of those with these ids; the one that readers knew first keeps its id.

        Returns:
            That id; None, and nothing happens, if there is no such story or all are one already.
        """
        with self._ruling() as (connection, writing):
            numbers = {rulings.find(connection, name) for name in names}
            found = {number for number in numbers if number is not None}
            if len(found) < len(numbers) or len(found) == 1:
                return None
            return rulings.identifier(connection, rulings.join_all(writing, found))

    def split_all(self, name: str) -> list[str] | None:
        """Make a story of what each source gave of one, which are to be merged no more.

        Returns:
            The ids of the stories that have not kept its own; None if there is no such story.
        """
        with self._ruling() as (connection, writing):
            number = rulings.find(connection, name)
            return None if number is None else rulings.split_all(writing, number)

    def split(self, name: str, sources: Collection[str]) -> str | None:
        """Make two stories of one: what the sources at these addresses gave of it is apart.

        Returns:
            The id of the half that has not kept the story's; None, and nothing happens, if there is
            no such story or one half would be empty.
        """
        with self._ruling() as (connection, writing):
            number = rulings.find(connection, name)
            return None if number is None else rulings.split(writing, number, sources)

    @contextmanager
    def _ruling(self) -> Iterator[tuple[Connection, Writing]]:
        with self._transaction() as connection:
            writing = Writing(connection, self._now(), self._limits)
            yield connection, writing
            writing.touched.write(connection, writing.at)

    @contextmanager
    def _transaction(self, **options: bool) -> Iterator[Connection]:
        try:
            engine = self._engine.execution_options(**options)
            with engine.begin() as connection:
                yield connection
        except OperationalError as error:
            raise StoreError(
                f"{self._file}: cannot be written ({error.orig}); "
                "check the rights of the file and the room on the disk"
            ) from error

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)


def _remade(connection: Connection) -> Touched:
    """Every vertical that has a state, and all that its feeds hold."""
    touched = Touched(remade=True)
    touched.add(connection.scalars(select(vertical_state.c.vertical)), significant=False)
    return touched
