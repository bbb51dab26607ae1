"""Whatever happens to a site, in whatever order, its feeds keep what they promise to readers."""

from __future__ import annotations

from hypothesis import settings

from tests.promises import FeedPromises

FeedPromises.TestCase.settings = settings(max_examples=6, stateful_step_count=12, deadline=None)
test_feeds_keep_their_promises = FeedPromises.TestCase
