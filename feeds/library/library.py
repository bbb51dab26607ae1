"""What is asked for again and again, in memory; looked after by what the store says of itself."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakValueDictionary

from aggregator import memory
from aggregator.errors import StoreError
from aggregator.model import Story
from aggregator.query import Query, TooCostly
from aggregator.settings import Settings
from feeds import conditional
from feeds.conditional import IDENTITY
from feeds.document import Rendition
from feeds.library.kept import Kept, Lately, State, revision_of
from feeds.library.making import Made, Maker
from feeds.library.wanted import Wanted

log = logging.getLogger(__name__)

KEPT_BYTES = 14_000_000
"""Bytes of coded renditions kept at the most, and of the stories that they are put together from.

The union of any verticals is a feed, each has archives, and anything may be searched for: there is
no natural end.
"""

PLAIN_BYTES = 6_000_000
"""And of those in no coding, which are long, and which next to no reader asks for."""

_AROUND = 2_500  # bytes that each rendition takes besides its own

LOOKS_EVERY = 0.2
"""Seconds after which we look whether anybody has committed anything."""

STALE = 0.4
"""Seconds for which readers get what was, once it is known to have changed, while it is made again.

With the time until that is noticed they see what is new within a second. A first pull commits many
times a second, and a feed that is made for each of these keeps its readers waiting.
"""

GIVES_BACK_AFTER = 50
"""Renditions made, after which free memory is given back to the system, at a look."""

NARROWED_AT_ONCE = 2
"""Narrowed selections that are looked for at a time: they are without number, and cost the most."""

PATIENCE = 2.0
"""Seconds after which one that has to wait for that is given up."""


class Library:
    """The documents of one store. `timer` gives seconds that only rise.

    All calls but `current` block: run them in a thread.
    """

    def __init__(
        self,
        settings: Settings,
        site_id: str,
        query: Query,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timer = timer
        self._query = query
        self._maker = Maker(settings, site_id, query, KEPT_BYTES)
        self._coded = Lately[Wanted, Kept](KEPT_BYTES, Kept.spared)
        self._plain = Lately[Wanted, Kept](PLAIN_BYTES, Kept.spared)
        self._lock = threading.Lock()
        self._revisions: dict[str, int] = {}
        self._states: WeakValueDictionary[tuple[str, ...], State] = WeakValueDictionary()
        self._making: dict[Wanted, asyncio.Task[Kept | TooCostly | None]] = {}
        self._made = 0
        self._narrowed = asyncio.Semaphore(NARROWED_AT_ONCE)
        self._is_held = self._has_ended = False

    # ---- what the store says of itself -----------------------------------------------------------

    def look(self) -> None:
        """Notice what was committed since the last look, by whomever."""
        if self._is_held:
            return
        revisions = self._query.revisions_if_changed()
        if revisions is None:
            return
        now = self._timer()
        with self._lock:
            self._revisions = revisions
            for verticals, state in self._states.items():
                state.notice(revision_of(verticals, revisions), now)

    def hold(self, *, held: bool = True) -> None:
        """Notice nothing from now on: the store is being brought to other settings."""
        self._is_held = held

    def end(self) -> None:
        """Look no more: nobody asks for these documents any more."""
        self._has_ended = True

    def was_there(self, vertical: str) -> bool:
        """Whether the store knows a vertical of this name, defined or not."""
        return vertical in self._revisions

    async def watch(self) -> None:
        """Look again and again, until the end."""
        is_told = False
        while not self._has_ended:
            try:
                await asyncio.to_thread(self.look)
                is_told = False
            except StoreError as error:
                if not is_told:
                    log.warning("%s; feeds stay as they are until then", error)
                is_told = True
            if self._made >= GIVES_BACK_AFTER:
                self._made = 0
                await asyncio.to_thread(memory.give_back)
            await asyncio.sleep(LOOKS_EVERY)

    def _state(self, verticals: tuple[str, ...]) -> State:
        with self._lock:
            state = self._states.get(verticals)
            if state is None:
                state = State(revision_of(verticals, self._revisions))
                self._states[verticals] = state
        return state

    def _shelf(self, wanted: Wanted) -> Lately[Wanted, Kept]:
        return self._plain if wanted.coding == IDENTITY else self._coded

    # ---- documents -------------------------------------------------------------------------------

    async def current(self, wanted: Wanted) -> Kept | TooCostly | None:
        """The document, less than a second behind the store.

        However many ask for it, it is made once. `TooCostly` if that takes longer than it may;
        None if there is no such archive, page or story, or while the store does not know the
        verticals.
        """
        kept = self._shelf(wanted).get(wanted)
        while True:
            if kept and kept.is_current:
                return kept
            making = self._making.get(wanted)
            is_ours = making is None or making.done()
            if making is None or making.done():
                making = asyncio.create_task(self._make_in_turn(wanted))
                self._making[wanted] = making
                making.add_done_callback(lambda task: self._forget(wanted, task))
            if kept and self._timer() - kept.outdated_at < STALE:
                return kept
            found = await asyncio.shield(making)
            # What was begun before the last change may not show it.
            if not isinstance(found, Kept) or (found is kept and is_ours):
                return found
            kept = found

    def _forget(self, wanted: Wanted, task: asyncio.Task[Kept | TooCostly | None]) -> None:
        """It is made: who comes now begins anew."""
        if self._making.get(wanted) is task:
            del self._making[wanted]

    async def _make_in_turn(self, wanted: Wanted) -> Kept | TooCostly | None:
        if wanted.coding != IDENTITY:
            plain = await self.current(replace(wanted, coding=IDENTITY))
            if not isinstance(plain, Kept):
                return plain
            return await asyncio.to_thread(self._encode, wanted, plain)
        if not wanted.selection.is_narrowed:
            return await asyncio.to_thread(self._make, wanted)
        try:
            await asyncio.wait_for(self._narrowed.acquire(), PATIENCE)
        except TimeoutError:
            return TooCostly()
        try:
            return await asyncio.to_thread(self._make, wanted)
        finally:
            self._narrowed.release()

    def rendition(self, wanted: Wanted) -> Rendition | None:
        """The document as of the store's last commit, however long it takes; None as `current`."""
        self.look()
        kept = self._made_now(wanted)
        return kept.rendition if kept else None

    def _made_now(self, wanted: Wanted) -> Kept | None:
        kept = self._shelf(wanted).get(wanted)
        if kept and kept.is_current:
            return kept
        if wanted.coding == IDENTITY:
            made = self._make(wanted)
            return made if isinstance(made, Kept) else None
        plain = self._made_now(replace(wanted, coding=IDENTITY))
        return self._encode(wanted, plain) if plain else None

    def _make(self, wanted: Wanted) -> Kept | TooCostly | None:
        made = self._maker.make(wanted)
        if not isinstance(made, Made):
            return made
        return self._keep(wanted, made.rendition, made.revision)

    def _encode(self, wanted: Wanted, plain: Kept) -> Kept:
        """The document in its coding; what is in that already is not encoded again."""
        before, made = self._coded.get(wanted), plain.rendition
        if before and before.rendition.etag == conditional.tag(made, wanted.coding):
            coded = replace(before.rendition, last_modified=made.last_modified)
        else:
            coded = conditional.encoded(made, wanted.coding)
        return self._keep(wanted, coded, plain.revision)

    def _keep(self, wanted: Wanted, rendition: Rendition, revision: int) -> Kept:
        shelf = self._shelf(wanted)
        newer = shelf.get(wanted)
        if newer and newer.revision > revision:
            return newer  # somebody else was faster
        kept = Kept(rendition, revision, self._state(wanted.selection.verticals))
        shelf.put(wanted, kept, len(rendition.body) + _AROUND)
        self._made += 1
        return kept

    # ---- stories ---------------------------------------------------------------------------------

    def story(self, page_id: str) -> Story | None:
        """A story, by the id of its page or of one that was joined to it; None if there is none."""
        return self._query.story(page_id)

    def was_withdrawn(self, page_id: str) -> bool:
        """Whether there was a story with this page, which is published no more."""
        return self._query.was_withdrawn(page_id)
