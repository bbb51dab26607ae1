"""Why an entry stands on which shelf: certain reasons first, guesses only where there are none."""

from aggregator.verticals.defaults import categories_of, known_as
from aggregator.verticals.guess import GUESS, Guesses
from aggregator.verticals.shelves import CATEGORY, FIELDS, KEYWORD, SOURCE, Shelves, looked_for

__all__ = [
    "CATEGORY",
    "FIELDS",
    "GUESS",
    "KEYWORD",
    "SOURCE",
    "Guesses",
    "Shelves",
    "categories_of",
    "known_as",
    "looked_for",
]
