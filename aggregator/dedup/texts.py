"""Whether two texts are one article: copied, shortened, retitled; or alike and yet two.

Containment finds the copies, and the guards what only looks like one: templates, whose numbers and
names differ in the same places, updates, and follow-ups that repeat what was known before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from aggregator import markup, terms, urls
from aggregator.model import Entry
from aggregator.signature import SHINGLE, WORDS, Wording, share_enough, titled, unpack, wording

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

NUMBERS_CHANGED = 1 / 3
"""Share of the numbers of either text's part in common that the other has not: an update."""

CHANGED_OF = 10
"""Of so many marks of the part in common one may differ on both sides: a name spelled otherwise."""

NEW_HEAD = 60
"""Words before the part in common from which on a longer text is a report of its own, which repeats
what was known before."""

TITLE_WORDS = 0.2
"""Share of the telling words of one title at least that the text in common has: else it may be what
a publisher writes under everything."""

BODY_WORDS = 8
"""Words that a text has at the least that counts together with an equal title."""


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

    def marks(self, part: range) -> set[str]:
        """The numbers and capitalized words there."""
        return {mark for at, mark in self.wording.marks if at in part}


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
    if _one_site(shorter, longer):
        parts = shorter.part(longer), longer.part(shorter)
        if not any(map(_is_about, (shorter, longer), parts)):
            return "neither title is about what one site writes under both"
    return None


def _differing(shorter: Told, longer: Told, common: int, *, at_home: bool) -> str | None:
    """What differs besides, in two texts that are not the same to the letter."""
    marks = {mark for _, mark in shorter.wording.marks}
    shared = len(marks & longer.says)
    if shared < MARKED * len(marks):
        return f"{shared} of {len(marks)} numbers and names in the other, under {MARKED}"
    parts = shorter.part(longer), longer.part(shorter)
    here, there = shorter.marks(parts[0]), longer.marks(parts[1])
    gone, come = here - longer.says, there - shorter.says
    if reason := _changed(here, there, gone, come, at_home=at_home):
        return reason
    # What its title names a text may name before all that is in common, and never again.
    own, others = marks - longer.says, {mark for _, mark in longer.wording.marks} - shorter.says
    if own & shorter.title and others & longer.title:
        return "a template: each is about what its title says"
    head = parts[1].start
    if head > NEW_HEAD and common < CONTAINED_SHORT * len(longer.wording.runs):
        return f"a follow-up: {head} words of its own before what is in common"
    return None


def _changed(
    here: set[str], there: set[str], gone: set[str], come: set[str], *, at_home: bool
) -> str | None:
    """Whether numbers and names differ on both sides, in what is in common otherwise."""
    changed = min(len(gone), len(come))
    numbers = min(_share(gone, here), _share(come, there))
    if numbers > NUMBERS_CHANGED:
        return f"an update or a template: {numbers:.2f} of the numbers differ on both sides"
    if changed > (0 if at_home else min(len(here), len(there)) // CHANGED_OF):
        return f"a template: {changed} numbers and names differ on both sides"
    return None


def _share(missing: set[str], marks: set[str]) -> float:
    numbers = {mark for mark in marks if not mark.isalpha() and "'" not in mark}
    return len(numbers & missing) / len(numbers) if numbers else 0.0


def _one_site(one: Told, other: Told) -> bool:
    """Whether one publisher has both, and their titles differ: section feeds have one footer."""
    if one.title == other.title:
        return False
    here, there = (urls.host_name(told.entry.link or "") for told in (one, other))
    return here == there


def _is_about(told: Told, part: range) -> bool:
    """Whether the words in common are what the title speaks of; an untitled text is, of itself.

    Articles and prepositions tell nothing: every footer has them, too.
    """
    title = {term for term, _ in terms.read(terms.of(told.entry.title, "", told.entry.language))}
    if not title:
        return len(told.wording.runs) >= WORDS // 10
    said = markup.title_key(" ".join(told.wording.words[part.start : part.stop]))
    return len(title.intersection(map(terms.hashed, said.split()))) >= TITLE_WORDS * len(title)
