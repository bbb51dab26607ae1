"""The items of a document that its source has not given before, so that no other is read again."""

from aggregator.increment.cutting import Cut, cut

__all__ = ["Cut", "cut"]
