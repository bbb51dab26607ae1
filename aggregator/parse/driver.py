"""A SAX driver for feedparser, which asks for one: expat with as few detours as there can be."""

from __future__ import annotations

from typing import Any
from xml.sax.expatreader import ExpatParser


class Driver(ExpatParser):
    """Gives each text whole, and elements under the names that expat has for them.

    The standard library's gives a text in six pieces (each reference and each line its own), and
    makes four objects of each start tag. Its content handler is a
    feedparser that `quick` has taught.
    """

    _parser: Any
    _cont_handler: Any

    def reset(self) -> None:
        """Ready for a document."""
        super().reset()
        expat, parser = self._parser, self._cont_handler
        expat.buffer_text = True
        expat.StartElementHandler = parser.begin
        expat.EndElementHandler = parser.end
        expat.CharacterDataHandler = parser.handle_data


def create_parser() -> Driver:
    """What `xml.sax.make_parser` asks a driver's module for."""
    return Driver()
