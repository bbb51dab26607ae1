"""Each story's bytes in each format, made once while the story is as it is."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from aggregator.model import Story
from aggregator.settings import Settings
from feeds import document, render
from feeds.library.kept import Lately


class Items:
    """Stories as items of feeds. At most `limit` bytes are kept."""

    def __init__(self, settings: Settings, limit: int) -> None:
        self._settings = settings
        self._kept = Lately[tuple[bytes, str], bytes](limit)

    def get(self, story: Story, fmt: str) -> bytes:
        """The story as an item of a feed in this format."""
        # Everything that the store says of the story: no field can be forgotten, none lies.
        version = blake2b(msgspec.msgpack.encode(story), digest_size=16).digest()
        if (kept := self._kept.get((version, fmt))) is not None:
            return kept
        made = render.item(document.item(story, self._settings), fmt)
        self._kept.put((version, fmt), made, len(made))
        return made
