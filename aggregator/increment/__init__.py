"""The items of a document that its source has not given before, so that no other is read again."""

from aggregator.increment import left_out
from aggregator.increment.cutting import Cut, cut

__all__ = ["Cut", "cut", "left_out"]
