"""Transactions: what belongs together is written together, or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Self

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from aggregator.errors import StoreError
from aggregator.model import Entry, Host, Leased, PullOutcome, SourceState, Written
from aggregator.model.notices import NoticeKind
from aggregator.schema import READS, migrate, open_engine
from aggregator.settings import ArchiveLimits, Dedup, Source, Vertical
from aggregator.store import (
    applying,
    holding,
    hosts,
    leases,
    notices,
    rulings,
    searching,
    sources,
)
from aggregator.store.applying import Shelving
from aggregator.store.batch import Batch
from aggregator.store.judging import Decide
from aggregator.store.lately import Lately
from aggregator.store.leases import Admit
from aggregator.store.remembered import remember, remembered
from aggregator.store.sources import Listed
from aggregator.store.writing import Writing

Clock = Callable[[], datetime]


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
            if applying.cut_anew(connection, self._limits):
                applying.remade(connection).write(connection, self._now())

    def site_id(self, configured: str | None) -> str:
        """The id that names our feeds for good: the configured one, else made once and kept."""
        with self._transaction() as connection:
            kept = remembered(connection, "site id")
            wanted = configured or kept or uuid.uuid4().urn
            if wanted != kept:
                remember(connection, "site id", wanted)
        return wanted

    def adopt(self, limits: ArchiveLimits, dedup: Dedup, verticals: Sequence[Vertical]) -> None:
        """Go by these settings from now on.

        What shelves are like is learned anew where they have changed, from what is there then.
        """
        self._limits = limits
        if self._lately.settings != dedup or self._lately.verticals != tuple(verticals):
            self._lately = Lately.of(dedup, verticals)

    def list_sources(self, wanted: Sequence[Source], *, seeds: bool) -> Listed:
        """Make these the sources that are pulled, of the network or (`seeds`) of the folder.

        New ones are due at once; those no longer wanted keep their stories and are not asked.
        """
        with self._transaction() as connection:
            return sources.make_listed(connection, wanted, self._now(), seeds=seeds)

    def refresh(self, made_with: str, verticals: Sequence[str]) -> None:
        """Raise every feed's Last-Modified once when what feeds are made with has changed.

        `made_with` stands for all of configuration and program that a feed's bytes depend on.
        Each vertical gets its state here, so that an empty feed has a date too.
        """
        with self._transaction() as connection:
            touched = applying.refresh(connection, made_with, verticals, self._limits)
            touched.write(connection, self._now())
        searching.make_whole(self._transaction, self._now)

    def shelve(self, shelving: Shelving, most: int | None = None, *, begins: bool = True) -> int:
        """Put the stories of sources anew on the shelves where the rules for them have changed.

        With `most`, of some sources, with about so many entries. What it `begins` guesses by what
        stands on the shelves now, so that it can be foretold; what goes on guesses by the same.

        Returns:
            Of how many sources the stories are still to be shelved: call it again.
        """

        def placed(one: Entry, address: str) -> Entry:
            return self._lately.shelved(shelving.place(one, address))

        with self._transaction(**READS) as connection:
            if not applying.changed(connection, shelving.rules):
                return 0
        if begins:
            self._lately = Lately.of(self._lately.settings, self._lately.verticals)
        self._catch_up_unseen()
        with self._transaction() as connection:
            writing = Writing(connection, self._now(), self._limits)
            self._lately.catch_up(connection, writing.at, ())
            left = applying.shelve(writing, replace(shelving, place=placed), most)
            writing.touched.write(connection, writing.at)
        return left

    def remember(self, name: str, value: str) -> None:
        """Remember something of the store as a whole, instead of what was."""
        with self._transaction() as connection:
            remember(connection, name, value)

    def tell(self, kind: NoticeKind, said: str) -> None:
        """Tell operators something of config.toml."""
        with self._transaction() as connection:
            notices.tell(connection, self._now(), kind, said)

    def tell_silent(self) -> None:
        """Tell operators which sources are silent for longer than ever, and which no more."""
        with self._transaction() as connection:
            notices.tell_silent(connection, self._now())

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

        Politeness decides: not before `earliest_pull_at`, nor after a 410, unless it is named; how
        many those are.
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

    def _catch_up_unseen(self) -> None:
        """Read what came lately while nobody waits for our transaction: it may take seconds."""
        if self._lately.last is None:
            with self._transaction(**READS) as connection:
                self._lately.catch_up(connection, self._now(), ())

    @contextmanager
    def _batch(self, decide: Decide, outcomes: Sequence[PullOutcome]) -> Iterator[Batch]:
        if any(one.entries for one in outcomes):
            self._catch_up_unseen()
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
