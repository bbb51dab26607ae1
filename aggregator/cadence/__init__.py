"""When to come again, and what the store is to remember of a pull and of a host."""

from aggregator.cadence.hosts import host_after, host_rule
from aggregator.cadence.rhythm import fallen_silent_since, silent_since
from aggregator.cadence.schedule import LONGEST_RETRY_AFTER, SETTLED, after, unreadable
from aggregator.cadence.turns import admit

__all__ = [
    "LONGEST_RETRY_AFTER",
    "SETTLED",
    "admit",
    "after",
    "fallen_silent_since",
    "host_after",
    "host_rule",
    "silent_since",
    "unreadable",
]
