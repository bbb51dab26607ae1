"""The news events that new stories tell of, and the older stories of these, frozen as they come."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, Text, bindparam, cast, func, select, update

from aggregator.model import ALL
from aggregator.schema import entry, membership, story
from aggregator.schema.among import AMONG, rows_among
from aggregator.store.lately import Fresh, Lately
from aggregator.store.many import Many

_RELATE = Many(
    update(story)
    .where(story.c.number == bindparam("of"))
    .values(event=bindparam("its_event"), related=bindparam("older"))
)
_STANDS = (
    select(membership.c.sequence)
    .where(membership.c.story == story.c.number, membership.c.vertical == ALL)
    .exists()
)
_TITLE = func.json_extract(cast(entry.c.data, Text), "$.title")
_OLDER = (
    select(story.c.number, story.c.page_id, _TITLE.label("title"))
    .join(entry, entry.c.number == story.c.lead)
    .where(story.c.number.in_(AMONG), _STANDS)
)


def relate(connection: Connection, lately: Lately, fresh: Iterable[Fresh]) -> None:
    """Place the stories that a transaction has added among the events of the window."""
    placed = {one.story: found for one in fresh if one.story and (found := lately.place(one))}
    older = {number for _, numbers in placed.values() for number in numbers}
    rows = {row.number: row for row in rows_among(connection, _OLDER, older)}
    related = []
    for number, (event, numbers) in placed.items():
        shown = [[r.page_id, r.title] for n in numbers if (r := rows.get(n))]
        written = msgspec.json.encode(shown).decode() if shown else None
        related.append({"of": number, "its_event": event, "older": written})
    _RELATE.run(connection, related)
