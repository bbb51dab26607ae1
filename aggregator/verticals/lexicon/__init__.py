"""The telling words of news desks: where the classifier begins before it has learned anything.

General and without a date: what a desk writes about in any year, and no names of the day. A word
under several desks tells of each of them less. They are no rules: nothing is certain by them.
"""

from aggregator.verticals.lexicon.hints import HINTS
from aggregator.verticals.lexicon.news import NEWS
from aggregator.verticals.lexicon.pages import PAGES

__all__ = ["HINTS", "NEWS", "PAGES"]
