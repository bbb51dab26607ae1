"""A plainly fictional news day, for pictures of what it looks like: sources and their items."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import NamedTuple


class Item(NamedTuple):
    """An item as its source gives it."""

    title: str
    authors: tuple[str, ...]
    text: str


class Paper(NamedTuple):
    """A source: its title, vertical and rank in config.toml, and its items, newest first."""

    title: str
    vertical: str
    items: tuple[Item, ...]
    rank: int = 0


_LIGHTHOUSE = """The lighthouse of Cape Verrin has learned to whistle. Its keeper, who tuned the
fog horn with a teaspoon over three winters, says that ships now answer in the same key, and that
two captains have asked for lessons. The harbour board of Osmere will decide in the autumn whether
the other eight lights may follow, and in which octave."""

PAPERS = {
    "gazette": Paper("Merrow Gazette", "tech", (
        Item("Clockmakers of Merrow Agree on a Second That Suits Everybody",
             ("Ada Inkwell", "Óscar Nib"),
             "The guild has measured eleven thousand ticks, and found that nobody was ever wrong "
             "by much. The new second is to be kept in a drawer of the town hall."),
        Item("A Loom That Remembers What It Wove Last Winter", ("Perpetua Vellum",),
             "Weavers in the upper valley have taught their looms to hum the pattern back. What is "
             "hummed can be sent by pigeon, and woven again on the other side of the hills."),
        Item("Valley Post Office Replaces Its Pigeons With Slightly Larger Pigeons",
             ("Balthasar Quill",), "The old ones may stay on as advisers, the postmistress says."),
        Item("The Abacus Is Faster Again, After an Update to the Beads", ("Ada Inkwell",),
             "Apprentices at the counting house report that sums now end before lunch."),
    )),
    "ledger": Paper("The Tollen Ledger", "business", (
        Item("Fish Exchange Closes Early as the Tide Goes Out", ("Marit Overland",),
             "Trading in herring was halted at noon, when the floor of the exchange ran dry. "
             "Dealers waited on the steps, and settled the rest of the business in mackerel."),
        Item("Umbrella Makers Predict a Dry Year and Ask for Patience", ("Jonas Ferry",),
             "Their index, which is read from the sky, stands at its lowest since the great "
             "drought that nobody remembers."),
        Item("Two Bakers Merge, and Nobody Can Tell the Loaves Apart", ("Marit Overland",),
             "The crust will keep both names until the spring."),
    )),
    "loom": Paper("Lantern & Loom Review", "culture", (
        Item("An Opera for Nine Kettles Opens in Tollen, and Boils Over", ("Élodie van der Spar",),
             "The second act had to be sung twice, once for each side of the hall. By the end the "
             "front rows had been given towels, and the composer a standing ovation."),
        Item("The Museum of Lost Gloves Finds a Glove", ("T. R. Quillfeather",),
             "It is a left one. The curators will not say of whom, and have put it behind glass."),
        Item("Poets of the Paper Islands Run Out of Moon", ("Inés de la Pluma",),
             "A shipment is expected by the end of the week, in time for the regatta."),
    )),
    "notes": Paper("Field Notes from the Paper Islands", "science", (
        Item("Moss That Leans Towards Music Leans Away From Drums", ("Perpetua Inkwell",),
             "Four cushions of moss were played to for six weeks. All of them prefer the "
             "accordion, by eleven degrees, and close up at the first stroke of a drum."),
        Item("How Deep Is the Puddle at the End of the Lane?", ("Ravi Saltmarsh", "O. McQuay"),
             "Deeper than last year. An expedition with a longer stick is being prepared."),
        Item("Snails Found to Keep Appointments", ("Perpetua Inkwell",),
             "They arrive within the week, which for a snail is early."),
    )),
    "shores": Paper("Far Shores Weekly", "world", (
        Item("The Lighthouse of Cape Verrin Learns to Whistle", ("Ottilie McQuay",), _LIGHTHOUSE),
        Item("Border Between Two Meadows Moved by a Cow, and Moved Back", ("Henrik Fjell",),
             "Both sides have thanked the cow, who was not available for comment."),
        Item("Ferry to Nowhere Adds a Second Daily Crossing", ("Ottilie McQuay",),
             "Travellers praise the view. A timetable is to follow when the first one is back."),
    ), rank=1),
    "wire": Paper("Osmere Wire", "world", (
        Item("OSMERE WIRE: Lighthouse of Cape Verrin learns to whistle", ("Ottilie McQuay",),
             _LIGHTHOUSE),
        Item("Parliament of Osmere Votes to Vote Again on Thursday", ("Wire staff",),
             "The motion was carried, as were two of the members, after sitting for thirty hours."),
    )),
}  # fmt: skip
"""By the path below which each is served."""


def rss(name: str, now: datetime) -> bytes:
    """The document of a source, whose newest item is of this day."""
    paper = PAPERS[name]
    home = f"https://{name}.example"
    items = "".join(_item(home, number, item, now) for number, item in enumerate(paper.items))
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{escape(paper.title)}</title><link>{home}/</link>{items}</channel></rss>"
    ).encode()


def _item(home: str, number: int, item: Item, now: datetime) -> str:
    authors = "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in item.authors)
    text = escape(f"<p>{escape(' '.join(item.text.split()))}</p>")
    published = format_datetime(now - timedelta(hours=2 + 55 * number), usegmt=True)
    return (
        f"<item><title>{escape(item.title)}</title><link>{home}/{number}</link>{authors}"
        f"<pubDate>{published}</pubDate><description>{text}</description></item>"
    )
