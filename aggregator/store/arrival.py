"""What arriving entries do to the stories of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, exists, select, update

from aggregator import dedup, normalize
from aggregator.model import (
    Assignment,
    Contested,
    Deleted,
    Entry,
    Joined,
    KnownEntry,
    Merged,
    New,
    PullOutcome,
    Revised,
    Unchanged,
    Written,
)
from aggregator.schema import entry, source
from aggregator.schema.among import AMONG, FIRST, SECOND, AnyRow, rows_among
from aggregator.store.judging import Judging
from aggregator.store.known import kept
from aggregator.store.pulls import Pull
from aggregator.store.rulings import join
from aggregator.store.stories import Unsettled, settle
from aggregator.store.writing import Added, Origin, Writing
from aggregator.verticals import GUESS

_SOURCES = select(
    source.c.number,
    source.c.address,
    source.c.first_address,
    source.c.title,
    exists().where(entry.c.source == source.c.number).label("gave"),
).where(source.c.number.in_(AMONG))
_SET_TITLE = update(source).where(source.c.number == bindparam("of")).values(title=bindparam("to"))
_GIVEN = select(
    entry.c.source, entry.c.key, entry.c.digest, entry.c.number, entry.c.withdrawn_at
).where(entry.c.source == FIRST, entry.c.key == SECOND)


class Arrivals:
    """Pulls of different sources on their way into the stories, inside one transaction.

    The outcome is that of one pull after the other.
    """

    def __init__(self, writing: Writing, judging: Judging) -> None:
        self._writing = writing
        self._judging = judging
        self._known = judging.known
        self._added: set[int] = set()
        self._unsettled: dict[int, Unsettled] = {}
        self._grown: dict[int, list[KnownEntry]] = {}

    def write(self, outcomes: Iterable[PullOutcome]) -> dict[int, Written]:
        """Write every entry that is not known to the letter; what became of them, by source."""
        pulls = self._pulls({outcome.state.source: outcome for outcome in outcomes})
        self._compare(pulls)
        self._judging.read([pull for pull in pulls if pull.changed or pull.taken_back])
        written = {pull.origin.source: self._write_pull(pull) for pull in pulls}
        self._settle()
        self._writing.flush()
        return written

    def _pulls(self, outcomes: Mapping[int, PullOutcome]) -> list[Pull]:
        connection = self._writing.connection
        rows: dict[int, AnyRow] = {r.number: r for r in rows_among(connection, _SOURCES, outcomes)}
        titles = [
            {"of": number, "to": outcome.title}
            for number, outcome in outcomes.items()
            if outcome.title not in (None, rows[number].title)
        ]
        if titles:
            connection.execute(_SET_TITLE, titles)
        return [
            Pull(
                origin=Origin(number, rows[number].first_address, rows[number].address),
                gave=rows[number].gave,
                first=outcome.first,
                entries=outcome.entries,
                deleted=outcome.deleted,
                # Not counted where it could not be cut: then all that it has arrives.
                items=max(outcome.items, len(outcome.entries)),
                left_out=outcome.left_out,
            )
            for number, outcome in outcomes.items()
        ]

    def _compare(self, pulls: Sequence[Pull]) -> None:
        """Tell what sources gave to the letter from what has to be looked at."""
        gave = [(p.origin.source, one) for p in pulls if p.gave for one in p.entries]
        keys = [(source, one.key) for source, one in gave]
        keys += [(source, normalize.key_apart(one)) for source, one in gave]
        keys += [(p.origin.source, one.key) for p in pulls if p.gave for one in p.deleted]
        rows = rows_among(self._writing.connection, _GIVEN, keys)
        known = {(row.source, row.key): row for row in rows}
        for pull in pulls:
            source = pull.origin.source
            for one in pull.entries:
                row = known.get((source, one.key))
                if row and row.digest == one.digest and row.withdrawn_at is None:
                    pull.given.add(row.number)
                    continue
                pull.changed.append(one)
                if row:
                    apart = known.get((source, normalize.key_apart(one)))
                    pull.alike += [each.number for each in (row, apart) if each]
            for gone in pull.deleted:
                row = known.get((source, gone.key))
                if row and row.withdrawn_at is None:
                    pull.taken_back[row.number] = gone

    def _write_pull(self, pull: Pull) -> Written:
        counts = dict.fromkeys(("new", "revised", "merged", "unchanged"), 0)
        counts["unchanged"] = len(pull.entries) - len(pull.changed)
        position = pull.positions(self._writing.at)
        before = self._writing.sequence
        self._take_up(pull)
        for one in pull.changed:
            counts[self._write(one, pull, position(one))] += 1
        counts["withdrawn"] = sum(self._take_back(n, d) for n, d in pull.taken_back.items())
        if pull.closes_archives:
            self._writing.close_archives(since=before)
        return Written(**counts)

    def _take_up(self, pull: Pull) -> None:
        """Have what this source gives again under other names arrive under the key it has here."""
        if pull.first or pull.is_seed:
            return
        source = pull.origin.source
        arriving = [
            (one, [k for k in self._known.own(one, source) if not pull.gives(k)])
            for one in pull.changed
        ]
        if not any(known for _, known in arriving):
            return
        # What is known to the letter, if under another key, is no earlier form of anything else.
        stands = {one.key for one, known in arriving if any(_is_same(one, k.entry) for k in known)}
        pull.changed.sort(key=lambda one: one.key not in stands)
        earlier = dedup.renamed(arriving, source, pull.items)
        for at, one in enumerate(pull.changed if earlier else ()):
            if before := earlier.get(one.key):
                pull.changed[at] = replace(one, key=before.entry.key)
                self._call(before, one.guid)

    def _call(self, known: KnownEntry, guid: str | None) -> None:
        """Have an entry known by this guid from now on: no reader sees anything of that."""
        if guid and guid != known.entry.guid:
            now = kept(replace(known.entry, guid=guid), known)
            self._writing.revise(known.number, now)
            self._known.revise(known.number, now)

    def _write(self, one: Entry, pull: Pull, position: datetime) -> str:
        number = pull.origin.source
        keys = [one.key]
        # Nothing stands under a key of its own but beside what has the guid's.
        if self._known.has(number, one.key):
            keys.append(normalize.key_apart(one))
            if self._known.has(number, keys[-1]):
                one = normalize.apart(one, pull.origin.first_address)
        decision = self._judging.decide(one, pull, keys)
        if isinstance(decision, Contested):
            self._settle()
            decision = self._judging.part(one, pull)
        match decision:
            case Unchanged(entry=same):
                pull.given.add(same)
                self._revive(same)
                return "unchanged"
            case Revised(entry=same, significant=significant):
                pull.given.add(same)
                self._revise(same, one, significant=significant)
                return "revised"
        one = self._judging.shelved(self._under_a_free_key(one, pull.origin))
        if isinstance(decision, New):
            story, added = self._writing.add_story(one, pull.origin, position)
            self._remember(added, story, one, pull, begins=True)
            self._writing.add_near(added.number, decision.near)
            return "new"
        self._merge(one, decision, pull, position)
        return "merged"

    def _merge(self, one: Entry, decision: Merged | Joined, pull: Pull, position: datetime) -> None:
        into = decision.kept if isinstance(decision, Joined) else decision.story
        stands = False
        if isinstance(decision, Joined):
            self._join(decision)
        else:
            stands = self._stands(decision)
        added = self._writing.add_entry(one, pull.origin, into, decision)
        revised = added.number if decision.corrects else None
        self._unsettle(into, position=position, revised=revised, only_grows=stands)
        self._remember(added, into, one, pull)
        self._writing.add_near(added.number, decision.near)
        if stands:
            self._grown[into].append(self._known[added.number])

    def _join(self, decision: Joined) -> None:
        self._settle()
        join(self._writing, decision.kept, decision.retired)
        self._judging.join(decision.kept, decision.retired)

    def _stands(self, decision: Merged) -> bool:
        """Whether what arrives only adds to a story that is shown."""
        like = decision.like
        shown = like is not None and self._known.is_shown(self._known[like])
        return shown and not decision.corrects

    def _remember(
        self, added: Added, story: int, one: Entry, pull: Pull, *, begins: bool = False
    ) -> None:
        self._added.add(added.number)
        pull.given.add(added.number)
        self._judging.remember(added, story, one, pull, begins=begins)

    def _revive(self, number: int) -> None:
        """An entry that was withdrawn and is given again (a seed file put back) counts again."""
        if number in self._known.withdrawn:
            self._known.withdrawn.discard(number)
            self._unsettle(self._known[number].story)
            self._writing.revive(number)

    def _take_back(self, number: int, gone: Deleted) -> bool:
        """Withdraw what its source takes back, unless it has given it anew since."""
        known = self._known[number]
        if number in self._known.withdrawn or not gone.means(known.entry):
            return False
        self._unsettle(known.story)
        self._writing.withdraw(number)
        self._known.withdrawn.add(number)
        return True

    def _revise(self, number: int, one: Entry, *, significant: bool) -> None:
        known = self._known[number]
        old = known.entry
        # Key, id and date stay (no date too: ours is then the first seen), and, but for a
        # significant revision, what is said of the source.
        standing = replace(
            one,
            key=old.key,
            id=old.id,
            published=old.published,
            source=one.source if significant else old.source,
            verticals=one.verticals or _guessed(old),
        )
        now = kept(standing, known)
        # What was excluded is news where it is shown, whatever it said before that. Nobody has read
        # yet what came with this transaction: it is not changed to them.
        news = significant or bool(old.terms.excluded and not one.terms.excluded)
        seen = news and number not in self._added
        is_hidden = old.terms.excluded and one.terms.excluded
        self._unsettle(
            known.story,
            revised=number if seen else None,
            is_hidden=bool(is_hidden) and number not in self._known.withdrawn,
        )
        self._writing.revise(number, now)
        if one.gist != old.gist and one.signature:
            sequence = self._writing.sign_again(number, one)
            self._judging.sign_again(Added(number, sequence), one, known.source)
        self._known.withdrawn.discard(number)
        self._known.revise(number, now)
        if significant and (joined := self._judging.joined(number)):
            self._join(joined)
            self._unsettle(joined.kept)

    def _unsettle(
        self,
        story: int,
        *,
        position: datetime | None = None,
        revised: int | None = None,
        is_hidden: bool = False,
        only_grows: bool = False,
    ) -> None:
        """A story's entries are about to change; for the second time after the first is settled.

        But where it stands already and `only_grows` each time, all of that adds up.
        """
        if only_grows and story in self._grown:
            return
        if story in self._unsettled:
            self._settle()
        if only_grows:
            self._grown[story] = []
        self._unsettled[story] = Unsettled(
            at=self._writing.at, position=position, revised=revised, is_hidden=is_hidden
        )

    def _settle(self) -> None:
        if not self._unsettled:
            return
        self._writing.flush()
        settle(self._writing, self._unsettled, self._grown)
        self._unsettled.clear()
        self._grown.clear()

    def _under_a_free_key(self, one: Entry, origin: Origin) -> Entry:
        if self._known.has(origin.source, one.key):
            one = normalize.apart(one, origin.first_address)
        if self._known.has(origin.source, one.key):
            # What was put apart first has another link and title by now.
            one = replace(one, key=f"{one.key} {one.digest}")
        return one


def _guessed(one: Entry) -> tuple[Assignment, ...]:
    """Where it was guessed to stand: a revision is no reason to guess anew."""
    return tuple(a for a in one.verticals if a.reason.startswith(GUESS))


def _is_same(one: Entry, other: Entry) -> bool:
    return one.guid == other.guid and one.digest == other.digest
