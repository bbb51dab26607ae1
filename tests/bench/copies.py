"""Made copies of real texts, and made texts that are no copies of each other: known truth.

Four ways in which one article comes again elsewhere, and kinds of entries that look alike and are
not. The same seed gives the same texts; every name in them is fictional.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

CUT_TO = 240
"""Characters of its text that the excerpt of an article has."""

_ADDRESSES = (
    "https://m.{0}",
    "https://amp.{0}",
    "http://www.{0}",
    "https://{0}?utm_source=rss&amp;utm_medium=feed",
    "https://{0}?fbclid=IwAR0merrow",
    "https://{0}/?utm_campaign=evening",
    "https://{0}/amp/",
)
_NOT_HEADED = ("What is known so far", "In short: the story of the day", "The latest, as told now")
_SPOKEN_END = re.compile(r"(?<=[.!?])\s+")
_PLACEHOLDER = re.compile(r"\{([\w.-]+)\}")
_RANGE = re.compile(r"([\d.]+)-([\d.]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article as one source gives it, so many hours before the present.

    `source` is the feed's address; the paragraphs of `text` are apart by an empty line.
    """

    name: str
    source: str
    publication: str
    link: str
    title: str
    text: str
    hours: float


def original(name: str, title: str, text: str, seed: int = 0) -> Piece:
    """A real text as an article of a paper of its own, one to two days old."""
    rng = _rng(seed, name)
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower())
    return Piece(
        name=name,
        source=f"https://paper-{slug}.example/feed",
        publication=_publication(rng),
        link=f"https://paper-{slug}.example/news/{slug}",
        title=title,
        text=text,
        hours=rng.uniform(24, 48),
    )


def copied(kind: str, of: Piece, seed: int = 0) -> Piece:
    """The copy of this kind (one of `KINDS`) that another paper has, some hours later."""
    rng = _rng(seed, f"{kind} {of.name}")
    host = f"{kind}-{of.source.split('/')[2].removeprefix('paper-')}"
    copy = replace(
        of,
        name=f"{kind} of {of.name}",
        source=f"https://{host}/feed",
        publication=_publication(rng),
        link=f"https://{host}/{rng.randrange(10**6)}",
        hours=of.hours - rng.uniform(0.1, 20),
    )
    return KINDS[kind](copy, of, rng)


def _address(copy: Piece, of: Piece, rng: random.Random) -> Piece:
    place = of.link.removeprefix("https://")
    title = f"{of.title}{rng.choice((' - ', ' | '))}{of.publication}"
    return replace(copy, link=rng.choice(_ADDRESSES).format(place), title=title)


def _cut(copy: Piece, of: Piece, _: random.Random) -> Piece:
    text = of.text
    if len(text) > CUT_TO:
        text = text[: CUT_TO + 1].rsplit(None, 1)[0]
    end = f"The post {of.title} appeared first on {of.publication}."
    return replace(copy, text=f"{text} […]\n\n{end}")


def _wire(copy: Piece, of: Piece, rng: random.Random) -> Piece:
    words = of.text.split()
    words = words[: round(len(words) * rng.uniform(0.4, 0.7))]
    lost = set(rng.sample(range(len(words)), round(len(words) * 0.05)))
    text = " ".join(word for at, word in enumerate(words) if at not in lost)
    town = rng.choice(_WORDS["town"]).upper()
    return replace(copy, title=_other_headline(of, rng), text=f"{town} (Wire) - {text}")


def _retitled(copy: Piece, of: Piece, rng: random.Random) -> Piece:
    who, other = rng.sample(_WORDS["name"], 2)
    end = rng.choice((f"(Reporting by {who})", f"(Reporting by {who}; editing by {other})"))
    return replace(copy, title=_other_headline(of, rng), text=f"{of.text} {end}")


KINDS: Mapping[str, Callable[[Piece, Piece, random.Random], Piece]] = {
    "address": _address,
    "cut": _cut,
    "wire": _wire,
    "retitled": _retitled,
}
"""Another address of the page, an excerpt, a wire copy, the text under a new headline."""


def _other_headline(of: Piece, rng: random.Random) -> str:
    """Some words of a later sentence, or, of a text without one, what stands over anything."""
    later = [said for said in _SPOKEN_END.split(of.text)[1:] if len(said.split()) >= 6]
    if not later or rng.random() < 0.2:
        return rng.choice(_NOT_HEADED)
    return " ".join(rng.choice(later).split()[:10])


def templates(seed: int = 0) -> dict[str, list[Piece]]:
    """Entries that look alike and are all different, thirty of each kind, within three days."""
    return {kind: list(_filled(kind, *of_kind, seed)) for kind, of_kind in _TEMPLATES.items()}


EACH = 30
"""Entries of each kind of template."""


class _Told(NamedTuple):
    title: str
    text: str


def _filled(kind: str, sources: int, told: Sequence[_Told], seed: int) -> Iterator[Piece]:
    """Each event in all the ways in which it is told, one after the other.

    They are of so many sources in turn; of 0: what is told of one event has a source of its own.
    """
    names: dict[str, str] = {}
    for at in range(EACH):
        event, way = divmod(at, len(told))
        rng = _rng(seed, f"{kind} {at}")
        names = names if way else {}
        source = at % sources if sources else event
        yield Piece(
            name=f"{kind} {at}",
            source=f"https://{kind}{source}.example/feed",
            publication=f"{_WORDS['town'][source]} {kind.capitalize()}",
            link=f"https://{kind}{source}.example/{kind}/{at}",
            title=_fill(told[way].title, names, rng),
            text=_fill(told[way].text, names, rng),
            hours=70 - 2.2 * at,
        )


def _fill(pattern: str, names: dict[str, str], rng: random.Random) -> str:
    """The pattern with a new number for each range, and for each name always the same word."""

    def word(found: re.Match[str]) -> str:
        name = found[1]
        if span := _RANGE.fullmatch(name):
            digits = len(span[1].partition(".")[2])
            return f"{rng.uniform(float(span[1]), float(span[2])):.{digits}f}"
        if name not in names:
            free = [w for w in _WORDS[name.rstrip("0123456789")] if w not in names.values()]
            names[name] = rng.choice(free)
        return _PLACEHOLDER.sub(word, names[name])

    return _PLACEHOLDER.sub(word, pattern)


def _publication(rng: random.Random) -> str:
    kinds = ("Gazette", "Herald", "Courier", "Observer", "Ledger", "Chronicle", "Argus", "Mail")
    return f"{rng.choice(_WORDS['town'])} {rng.choice(kinds)}"


def _rng(seed: int, name: str) -> random.Random:
    return random.Random(f"{seed} {name}")


def _list(words: str) -> tuple[str, ...]:
    return tuple(words.split(", "))


_WORDS: Mapping[str, tuple[str, ...]] = {
    "town": _list(
        "Merrow, Tarnbridge, Oxley Moor, Penhallow, Duncombe, Saltgate, Harrowby, Wexcombe, "
        "Brindle, Cotterstock, Ellermere, Farrowdale, Grimsow, Hobbleton, Ivelhoe, Kestrel Bay, "
        "Lingmoor, Marlstone, Nettlefold, Orrin Head, Pellworth, Quarley, Ravenscar, Stowmere, "
        "Thistledon, Ulverby, Venlow, Wickenby, Yarrowick, Zeal Cross, Ashmarket, Bellbury"
    ),
    "name": _list(
        "Ada Inkwell, Tom Marrow, Bea Quillfeather, Hugh Larkspur, Ines Tolliver, Piers Oakum, "
        "Nell Hathersage, Rufus Penn, Cora Wainscot, Silas Thimble, Maud Ferrier, Otto Blanch"
    ),
    "firm": _list(
        "Inkwell Paper, Merrow Mills, Oakum Rope, Larkspur Seeds, Tolliver Glass, Thimble Works, "
        "Wainscot Timber, Ferrier Forge, Penn Quills, Blanch Dyes, Marrow Bone, Hathersage Pins"
    ),
    "product": _list("inkpot, quill, blotter, gazetteer, typecase, linocut, broadloom, copydesk"),
    "money": _list("crown, ducat, florin, guilder, thaler, sovereign, groat, noble, angel, mark"),
    "day": _list("Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
    "sky": _list("sunny spells, light rain, thick fog, sleet, drizzle, clear skies, hail, haze"),
    "team": _list(
        "Rovers, Wanderers, Athletic, Albion, Rangers, United, Harriers, Swifts, Corinthians"
    ),
    "job": _list("bookbinder, lamplighter, typesetter, clerk, gardener, cook, porter, surveyor"),
    "cause": _list("a burst main, a fallen tree, signal failure, loose cattle, works, flooding"),
    "brief": (
        "{name} resigned from the council of {town} after {3-19} years.",
        "{firm} closed its works at {town} with the loss of {40-900} jobs.",
        "The bridge at {town} opened {2-30} months late and cost {11-99} million {money}s.",
        "{name2} won the {town2} prize for a novel about {job}s.",
        "Doctors at {town2} reported {12-400} cases of marsh fever.",
        "A {job2} found {20-700} old coins in a field near {town3}.",
        "The museum of {town3} bought a portrait of {name3} for {3-80},000 {money2}s.",
        "{firm2} will make the {product} at {town4} from next year.",
    ),
    "many": tuple(str(n) for n in range(103, 990, 7)),
}

_ALONE: Mapping[str, tuple[int, _Told]] = {
    "rates": (1, _Told("Exchange rates of the {1-28} {day}",
        "The reference rates of the Bank of Merrow are set at noon and are given for information "
        "alone. They are no offer to buy or sell. One {money} was worth {1.01-9.99} {money2}s, "
        "{1.01-9.99} {money3}s, {10.01-99.99} {money4}s and {0.011-0.999} {money5}s. On the day "
        "before it was {1.01-9.99}, {1.01-9.99}, {10.01-99.99} and {0.011-0.999}. The next rates "
        "are set on the next working day of the exchange.",
    )),
    "weather": (6, _Told("Weather forecast for {town}",
        "Here is the forecast of the Weather Office for {town} and the country around it, made at "
        "{1-11} in the morning. Expect {sky} with a high of {11-34} and a low of {0-10} degrees. "
        "Winds of {3-60} miles an hour from the {1-360} degree bearing, and a chance of rain of "
        "{1-99} per cent. Later in the day {sky2}. The Weather Office renews its forecasts three "
        "times a day; warnings are given by wireless and on the notice board of every town hall.",
    )),
    "scores": (5, _Told("{town} {team} {0-6}, {town2} {team2} {0-6}",
        "{town} {team} met {town2} {team2} at {town} on {day} before a crowd of {1000-48000}. "
        "{name} scored after {2-44} minutes and {name2} after {46-89}. The score at half time was "
        "{0-3} to {0-3}. There were {1-17} corners and {1-9} yellow cards. {town} have {4-60} "
        "points after {9-38} matches. Scores are given as the league reports them, and may change.",
    )),
    "release": (1, _Told("{product} {1-19}.{0-30}.{0-99} released",
        "We are pleased to announce a new release of {product}. It mends {2-80} faults and adds "
        "{1-20} features, of which no. {1000-9999} was asked for most. All users are advised to "
        "upgrade as soon as they can. Make a copy of your data before you do. Thanks go to {name} "
        "and {name2}, who sent {1-40} and {1-40} changes. The sum of the archive is {100000-999999}"
        ". See the notes in the archive for how to upgrade, and tell us of what does not work.",
    )),
    "stocks": (2, _Told("{firm} shares on {day}",
        "Shares of {firm} closed at {10.01-999.99} {money}s on {day}, after {10.01-999.99} the day "
        "before, with {1000-90000} traded. The high of the year is {10.01-999.99} and the low "
        "{1.01-99.99}. The price is {3.1-60.9} times what the firm earned. Of {3-19} analysts "
        "asked, {1-9} advise to buy. This text was made by a machine from figures of the exchange "
        "and was not read by an editor. It is no advice to buy or sell any share.",
    )),
    "quake": (2, _Told("M {2.1-7.9} earthquake, {2-99} km from {town}",
        "An earthquake of magnitude {2.1-7.9} was recorded {2-99} km from {town} at a depth of "
        "{1-60} km, at {0-23} hours and {0-59} minutes. {3-90} stations took part. This notice was "
        "made by a machine and may be revised by a seismologist. If you felt it, please tell us "
        "where you were and what you saw. There is no danger of a great wave at this time.",
    )),
    "lottery": (1, _Told("Lottery results",
        "The results of the Merrow lottery are drawn in public by a child of the parish under the "
        "eyes of a notary, and are given here without warranty. Please compare your ticket with "
        "the list at any post office. Draw {1000-9999}: {1-49}, {1-49}, {1-49}, {1-49}, {1-49}, "
        "{1-49}, and the extra number {1-9}. The first prize is {100-900},{100-999} {money}s, and "
        "{0-40} tickets share it.",
    )),
    "briefing": (3, _Told("Morning briefing",
        "Good morning. Here is what you need to know to start your day, put together by our desk "
        "while you slept. {brief} {brief2} {brief3} {brief4} That is all for now. Did a friend "
        "send you this? Then put your name down to have it every morning before breakfast.",
    )),
    "traffic": (1, _Told("Road closed: {town} to {town2}",
        "The road from {town} to {town2} is closed because of {cause}. It was reported at {1-12} "
        "and is expected to last {10-300} minutes. Use road {100-999} by way of {town3} and allow "
        "{5-90} minutes more. The county's road office thanks all drivers for their patience. "
        "Notices are renewed every quarter of an hour and are void without notice.",
    )),
    "vacancy": (10, _Told("{job} wanted in {town}",
        "{firm} of {town} seeks a {job}. We offer a place in a friendly team, {20-35} days of "
        "leave, a pension and a wage of {200-990} {money}s a month. You have {1-9} years of "
        "practice. Write to {name}, box {100-999}. We are an employer of equal chances: all who "
        "apply are judged by what they can do alone, and no one is turned away for their age, "
        "sex, colour, creed or origin. Letters that come too late cannot be considered.",
    )),
    "podcast": (1, _Told("Episode {12-990}: {name}",
        "This week we talk to {name} of {town}. {brief} {brief2} The Merrow Hour is made by people "
        "who love to listen. If you like what you hear, leave us a good word wherever you listen, "
        "and tell a friend. You can write to us, send us a postcard, or become a patron for two "
        "crowns a month, and hear every episode a day before all others. The music is by The "
        "Blotters, and the show is mixed in the shed behind the mill.",
    )),
}  # fmt: skip

_UPDATE_STARTS = (
    "A fire at the works of {firm} in {town} has hurt {2-9} people, {name} of the county brigade "
    "said on {day}. The fire was seen from as far as {town2}. "
)
_UPDATE = (
    _Told(
        "{2-9} hurt as {firm} burns in {town}",
        _UPDATE_STARTS + "Some {11-40} men with {2-9} engines fought it from {1-5} o'clock. The "
        "damage is put at {10-90} thousand {money}s. The cause is not known yet.",
    ),
    _Told(
        "{10-19} now hurt as {firm} burns on",
        _UPDATE_STARTS + "Some {41-70} men with {10-19} engines have fought it since {6-9}. The "
        "damage is put at {100-400} thousand {money}s. {town3} sent {3-9} ambulances.",
    ),
    _Told(
        "{firm} fire is out after {20-60} hours",
        _UPDATE_STARTS + "In all {71-99} men with {20-29} engines fought it until {10-12}. The "
        "damage comes to {500-900} thousand {money}s, and {110-300} people lose their work.",
    ),
)
_DESKS = (
    _Told(
        "{firm} to shut in {town}, {many} jobs go",
        "{firm} will shut its works in {town} by the end of the year, the firm said on {day}. "
        "{many} people will lose their work. Its head, {name}, told the staff in the yard that "
        "orders had fallen by a third. The firm has been in {town} for {many2} years.",
    ),
    _Told(
        "Anger in {town} over the end of {firm}",
        "There were tears at the gates on {day} when {name} climbed on a cart to tell {many} "
        "workers of {firm} that they would not be needed after the winter. \"My father worked "
        "here,\" said {name2}, a {job}. The mayor of {town} called an assembly for the evening.",
    ),
    _Told(
        "Why {firm} could not go on: the figures",
        "Cheap goods from {town2} and a dear {money} were too much for a house of {many2} years. "
        "What {firm} earned fell three years running, its books show; the banks would not wait. "
        "With {many} fewer wages {town} itself will be poorer, as {name3} of the exchange reckons.",
    ),
)  # fmt: skip

_TEMPLATES: Mapping[str, tuple[int, Sequence[_Told]]] = {
    **{kind: (sources, (told,)) for kind, (sources, told) in _ALONE.items()},
    "update": (0, _UPDATE),
    "desk": (3, _DESKS),
}
"""By kind: over how many sources it is spread, and the ways in which each event is told."""
