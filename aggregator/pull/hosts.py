"""What the hosts of our sources have said, and who of them is to be left alone for now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator import cadence
from aggregator.model import Failed, FetchResult, Host
from aggregator.settings import PullSettings

SILENT = "not asked: the host was silent to two requests before it"
"""Why a source fails that would only wait for a third timeout, and keep all behind it waiting."""

_PATIENCE = 2


class Hosts:
    """The hosts that refused us, as the store remembers them, and those that are silent just now.

    `refused` changes while it is read: take a copy for another thread.
    """

    def __init__(self, settings: PullSettings) -> None:
        self.refused: dict[str, Host] = {}
        self._settings = settings
        self._silences: dict[str, int] = {}

    def adopt(self, settings: PullSettings) -> None:
        """Go by these settings from now on."""
        self._settings = settings

    def connections(self, name: str) -> int:
        """How many sources of a host may be asked at once."""
        rule = cadence.host_rule(name, self._settings.hosts)
        return rule.connections if rule else 1

    def after(self, name: str, result: FetchResult, now: datetime) -> Host | None:
        """What is to be remembered of a host after its answer, None where nothing changed."""
        refused = isinstance(result, Failed) and result.refused
        known = self.refused.get(name)
        if known is None and not refused:
            return None
        rule = cadence.host_rule(name, self._settings.hosts)
        host = cadence.host_after(known, name, result, rule, self._settings, now)
        if host is None:
            return None
        if host == Host(name=name):
            self.refused.pop(name, None)
        else:
            self.refused[name] = host
        return host

    def quiet_for(self, name: str, now: datetime) -> timedelta | None:
        """How long a host wants no requests; None for one that may be asked."""
        host = self.refused.get(name)
        if host is None or host.quiet_until is None or host.quiet_until <= now:
            return None
        return host.quiet_until - now

    def is_silent(self, name: str, result: FetchResult) -> bool:
        """Whether a host that gave this result has let so many in a row wait that no more shall."""
        if not isinstance(result, Failed) or not result.silent:
            if self._silences:
                self._silences.pop(name, None)
            return False
        silences = self._silences[name] = self._silences.get(name, 0) + 1
        if silences < _PATIENCE:
            return False
        del self._silences[name]
        return True

    def admit(
        self, due: Sequence[str], in_flight: Mapping[str, int], now: datetime
    ) -> list[datetime | None]:
        """Who of these hosts' due sources may go now, None, and who when instead."""
        return cadence.admit(due, in_flight, self.refused, self._settings, now)

    def admission(
        self, in_flight: Mapping[str, int], now: datetime, later: list[datetime]
    ) -> Callable[[Sequence[str]], list[datetime | None]]:
        """The `admit` for one lease. `later` gets the turns of those who let others go first.

        Not of those whose host refused us: that may take a day, and is not waited for.
        """

        def admit(due: Sequence[str]) -> list[datetime | None]:
            turns = self.admit(due, in_flight, now)
            told = zip(due, turns, strict=True)
            later[:] = [turn for name, turn in told if turn and name not in self.refused]
            return turns

        return admit
