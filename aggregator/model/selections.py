"""What a feed's address asks for."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.model.entries import ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a `q` looks for: all of `phrases` and nothing of `without`.

    Each is one word or several that follow each other, in the form that they are compared in.
    """

    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The `q` in its canonical form."""
        said = [*self.phrases, *(f"-{phrase}" for phrase in self.without)]
        return " ".join(_quoted(one) if " " in one else one for one in said)


def _quoted(phrase: str) -> str:
    sign = "-" if phrase.startswith("-") else ""
    return f'{sign}"{phrase.removeprefix("-")}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What is left out of a selection: every story for which not all of this holds.

    It stands in each vertical of `within` and in none of `without`; where there are any, one of
    `searches` finds it, and it has one of `sources` (feed address or publication), of `authors`, of
    `languages`. Everything is sorted and in the form that it is compared in.

    With `collapsed`, which no address asks for, of the stories of one news event that are left the
    first alone is.
    """

    within: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    searches: tuple[Search, ...] = ()
    sources: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    collapsed: bool = False

    def __bool__(self) -> bool:
        return self != _NOTHING

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The parameters of an address that ask for this, in their canonical order."""
        said = {
            "author": self.authors,
            "lang": self.languages,
            "not": self.without,
            "q": tuple(sorted(search.text for search in self.searches)),
            "source": self.sources,
            "vertical": self.within,
        }
        return tuple((name, value) for name, values in said.items() for value in values)


_NOTHING = Narrowing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a feed address asks for: the union of these verticals, sorted; `ALL` stands alone.

    `query` names the saved query that it is, `saved` is how that narrows them; `narrowing` is how
    the parameters of the address do.
    """

    verticals: tuple[str, ...] = (ALL,)
    query: str | None = None
    saved: Narrowing = _NOTHING
    narrowing: Narrowing = _NOTHING

    @property
    def is_narrowed(self) -> bool:
        """Whether it is less than the union: it is paged then, and has no archives."""
        return bool(self.saved or self.narrowing)

    @property
    def name(self) -> str:
        """The canonical name in an address: `all`, `tech`, `science_tech`, a saved query's."""
        return self.query or "_".join(self.verticals)
