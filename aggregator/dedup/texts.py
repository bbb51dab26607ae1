"""Whether two texts are one article: copied, shortened, retitled; or alike and yet two.

Containment finds the copies, and the guards what only looks like one: templates, whose numbers and
names differ in the same places, updates, and follow-ups that repeat what was known before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from aggregator import markup, terms, urls
from aggregator.model import Entry
from aggregator.signature import (
    SHINGLE,
    WORDS,
    Wording,
    is_correction,
    share_enough,
    titled,
    uncorrected,
    unpack,
    wording,
)
from aggregator.words import NUMBER_WORDS

FEWEST = 12
"""Shingles below which a text says too little for a part of it to be known again."""

FEWEST_WITH_MARKS, MARKS, CONTAINED_WITH_MARKS = 6, 3, 0.75
"""But for so many, with so many numbers and names, of which so much stands in the other."""

CONTAINED = 0.7
CONTAINED_SHORT = 0.6
SHORT = 60
"""Share of the shorter text's shingles that stand in the other; of so few shingles a lost word
breaks a larger share. Copies that lose five words of a hundred keep .75 to .95, rewrites of one
wire report by two desks have .3 to .65."""

CONTAINED_AT_HOME = 0.9
"""And inside one source, where series and templates come from, both ways."""

MARKED = 0.8
"""Share of the shorter text's numbers and capitalized words that stand in the other."""

NUMBERS_CHANGED_OF = 20
"""Of so many numbers of the part in common one may differ on both sides: a slip of the pen. Where
there are fewer, and in any text that is short, none may: rates, scores and tickers are alike in all
but one, and what an update changes first is a number."""

MARGIN = 8
"""Words before and behind that part in which the numbers of a short text count, too: what changes
at its end (`Record March 20`, `23`) is not in common."""

CHANGED_OF = 10
"""Of so many marks of the part in common one may differ on both sides: a name spelled otherwise."""

NEW_HEAD = 60
"""Words before the part in common from which on a longer text is a report of its own, which repeats
what was known before; fewer where less is in common: a round-up has a short report in its midst."""

TITLE_WORDS = 0.2
"""Share of the telling words of one title at least that the text in common has: else it may be what
a publisher writes under everything."""

LINE = 20
"""Shingles below which a text may say nothing of whom it is about: `Qtly div 20 cts vs 20 cts`."""

BODY_WORDS = 8
"""Words that a text has at the least that counts together with an equal title."""

_NO_CENTS = re.compile(r"[.,]00?$")
_PUNCTUATION = str.maketrans("", "", ".,:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike two texts are. `against` is why they are not one article, None if they are."""

    score: float
    against: str | None = None


@dataclass(frozen=True)
class Told:
    """An entry with what its text is compared by."""

    entry: Entry

    @cached_property
    def wording(self) -> Wording:
        """Its words."""
        return wording(self.entry)

    @cached_property
    def title(self) -> frozenset[str]:
        """The words of its title."""
        return titled(self.entry.title)

    @cached_property
    def says(self) -> frozenset[str]:
        """Every word of title and text."""
        return self.title.union(self.wording.words)

    @cached_property
    def means(self) -> frozenset[str]:
        """The same, and the numbers among them as `numbers` has them, too."""
        return self.says.union(map(_plain, filter(_is_number, self.says)))

    @cached_property
    def prints(self) -> frozenset[int]:
        """What its signature has of it."""
        signed = self.entry.signature
        return frozenset(unpack(signed).prints if signed else self.wording.prints)

    def may_be_found_by(self, other: Told) -> bool:
        """Whether the two share enough prints for one to be found when the other comes.

        A link that only shows when both are looked at would depend on what else comes.
        """
        return share_enough(len(self.prints & other.prints), len(self.prints), len(other.prints))

    def part(self, other: Told) -> range:
        """The words from the first to the last shingle that stands in the other text, too."""
        hits = [
            at for at, shingle in enumerate(self.wording.shingles) if shingle in other.wording.runs
        ]
        return range(hits[0], hits[-1] + SHINGLE) if hits else range(0)

    def numbers(self, part: range | None = None) -> Counter[str]:
        """The numbers there, or in all of the text, each as often as it stands there.

        However they are written: `2,000` and `2000`, `two` and `2`.
        """
        return Counter(
            _plain(mark)
            for at, mark in self.wording.marks
            if _is_number(mark) and (part is None or at in part)
        )

    def marks(self, part: range) -> set[str]:
        """The numbers, as `numbers` has them, and capitalized words there."""
        return {
            _plain(mark) if _is_number(mark) else mark
            for at, mark in self.wording.marks
            if at in part
        }


def likeness(one: Told, other: Told, *, at_home: bool) -> Likeness:
    """How alike they are; `at_home` if one source gave both."""
    # Of two of one length the words say which is the shorter: the same whichever is asked about.
    shorter, longer = sorted(
        (one, other), key=lambda told: (len(told.wording.runs), told.wording.words)
    )
    length = len(shorter.wording.runs)
    if length < FEWEST and at_home:
        return Likeness(score=0.0, against="too little text to compare")
    if length < FEWEST and not _is_marked(shorter):
        return _word_for_word(shorter, longer)
    common = len(shorter.wording.runs & longer.wording.runs)
    score = round(common / length, 2)
    least = CONTAINED if length >= SHORT else CONTAINED_SHORT
    if length < FEWEST:
        least = CONTAINED_WITH_MARKS
    if at_home:
        score, least = round(common / len(longer.wording.runs), 2), CONTAINED_AT_HOME
    if score < least:
        return Likeness(score=score, against=f"{score:.2f} of the text in common, under {least}")
    return Likeness(score=score, against=_against(shorter, longer, common, at_home=at_home))


def _is_marked(told: Told) -> bool:
    return len(told.wording.runs) >= FEWEST_WITH_MARKS and len(told.wording.marks) >= MARKS


def _word_for_word(shorter: Told, longer: Told) -> Likeness:
    """Of texts that say little: the same title, and the shorter text begins the longer."""
    words = shorter.wording.words
    if len(words) < BODY_WORDS or words != longer.wording.words[: len(words)]:
        return Likeness(score=0.0, against="too little text to compare")
    if shorter.title != longer.title:
        return Likeness(score=0.0, against="too little text to compare under two titles")
    return Likeness(score=1.0)


def _against(shorter: Told, longer: Told, common: int, *, at_home: bool) -> str | None:
    """What tells against two texts that have so much in common."""
    # Of one text, to the letter, nothing can differ: that is what most wire copies are.
    is_one = shorter.wording is longer.wording
    if not is_one and (reason := _differing(shorter, longer, common, at_home=at_home)):
        return reason
    if shorter.title != longer.title and not _is_titled(shorter, longer):
        return "neither title is about what is in common"
    return None


def _differing(shorter: Told, longer: Told, common: int, *, at_home: bool) -> str | None:
    """What differs besides, in two texts that are not the same to the letter."""
    marks = {mark for _, mark in shorter.wording.marks}
    shared = len(marks & longer.says)
    if shared < MARKED * len(marks):
        return f"{shared} of {len(marks)} numbers and names in the other, under {MARKED}"
    parts = shorter.part(longer), longer.part(shorter)
    if reason := _renumbered(shorter, longer, parts, at_home=at_home):
        return reason
    here, there = map(Told.marks, (shorter, longer), parts)
    changed = min(len(here - longer.means), len(there - shorter.means))
    fewest = min(len(here), len(there))
    if changed > (0 if at_home else fewest // CHANGED_OF):
        return f"a template: numbers and names differ on both sides ({changed} of {fewest})"
    # What its title names a text may name before all that is in common, and never again.
    own, others = marks - longer.says, {mark for _, mark in longer.wording.marks} - shorter.says
    if own & shorter.title and others & longer.title:
        return "a template: each is about what its title says"
    head = parts[1].start
    if head > min(NEW_HEAD, common) and common < CONTAINED_SHORT * len(longer.wording.runs):
        return f"a follow-up: {head} words of its own before what is in common"
    return None


def _renumbered(
    shorter: Told, longer: Told, parts: Sequence[range], *, at_home: bool
) -> str | None:
    """Whether numbers differ on both sides, in what is in common otherwise."""
    if _corrects(shorter, longer):
        return None
    is_short = len(shorter.wording.runs) < SHORT
    places = _widened(shorter, longer, parts) if is_short else parts
    here, there = map(Told.numbers, (shorter, longer), places)
    gone, come = here - longer.numbers(), there - shorter.numbers()
    changed, fewest = min(gone.total(), come.total()), min(here.total(), there.total())
    if changed > (0 if is_short or at_home else fewest // NUMBERS_CHANGED_OF):
        return f"an update or a template: numbers differ on both sides ({changed} of {fewest})"
    return None


def _widened(shorter: Told, longer: Told, parts: Sequence[range]) -> Sequence[range]:
    """The same with what stands around them in both texts."""
    here, there = parts
    ends = len(shorter.wording.words) - here.stop, len(longer.wording.words) - there.stop
    before, behind = min(MARGIN, here.start, there.start), min(MARGIN, *ends)
    return [range(part.start - before, part.stop + behind) for part in parts]


def _plain(number: str) -> str:
    bare = _NO_CENTS.sub("", number).translate(_PUNCTUATION).lstrip("0")
    return NUMBER_WORDS.get(number, bare)


def _is_number(mark: str) -> bool:
    return mark in NUMBER_WORDS or not (mark.isalpha() or "'" in mark)


def _corrects(one: Told, other: Told) -> bool:
    """Whether one says that it corrects what is under the title of the other."""
    titles = one.entry.title, other.entry.title
    return any(map(is_correction, titles)) and _agree(_terms(one), _terms(other))


def _is_titled(one: Told, other: Told) -> bool:
    """Whether one of two titles that differ is about the words in common.

    Section feeds have one footer under all that a site writes; and of a line of figures only its
    title says whose they are, so that it is what the other has not that counts.
    """
    here, there = _terms(one), _terms(other)
    if urls.host_name(one.entry.link or "") != urls.host_name(other.entry.link or ""):
        if len(one.wording.runs) >= LINE or _agree(here, there):
            return True
        here, there = here - there, there - here
    parts = one.part(other), other.part(one)
    return any(map(_is_about, (one, other), parts, (here, there)))


def _agree(here: set[int], there: set[int]) -> bool:
    """Whether two titles have more than half of the shorter in common."""
    return 2 * len(here & there) > min(len(here), len(there))


def _terms(told: Told) -> set[int]:
    """What the title says, but that it corrects another."""
    title = uncorrected(told.entry.title)
    return {term for term, _ in terms.read(terms.of(title, "", told.entry.language))}


def _is_about(told: Told, part: range, title: set[int]) -> bool:
    """Whether these words of a title stand there; an untitled text is about what it says.

    Articles and prepositions tell nothing: every footer has them, too.
    """
    if not title:
        return len(told.wording.runs) >= WORDS // 10
    said = markup.title_key(" ".join(told.wording.words[part.start : part.stop]))
    return len(title.intersection(map(terms.hashed, said.split()))) >= TITLE_WORDS * len(title)
