"""The frozen types that pass between the stages, in the order in which an entry meets them.

`Source` + `SourceState` → `FetchResult` → `ParsedFeed | Unreadable` → `Entry` → `Decision` →
`PullOutcome` → `Story`. Every time is an aware UTC datetime in whole seconds.
"""

from aggregator.model.entries import (
    ALL,
    NAMED_BY_SEED,
    Assignment,
    Entry,
    SourceInfo,
    Summary,
)
from aggregator.model.fetching import (
    Failed,
    Fetched,
    FetchResult,
    Gone,
    NotModified,
    SourceState,
)
from aggregator.model.parsing import (
    Category,
    Enclosure,
    ParsedEntry,
    ParsedFeed,
    Person,
    Problem,
    Text,
    Unreadable,
)
from aggregator.model.stories import (
    Decision,
    Joined,
    KnownEntry,
    Merged,
    New,
    PullOutcome,
    Revised,
    Selection,
    Story,
    Unchanged,
    Written,
)

__all__ = [
    "ALL",
    "NAMED_BY_SEED",
    "Assignment",
    "Category",
    "Decision",
    "Enclosure",
    "Entry",
    "Failed",
    "FetchResult",
    "Fetched",
    "Gone",
    "Joined",
    "KnownEntry",
    "Merged",
    "New",
    "NotModified",
    "ParsedEntry",
    "ParsedFeed",
    "Person",
    "Problem",
    "PullOutcome",
    "Revised",
    "Selection",
    "SourceInfo",
    "SourceState",
    "Story",
    "Summary",
    "Text",
    "Unchanged",
    "Unreadable",
    "Written",
]
