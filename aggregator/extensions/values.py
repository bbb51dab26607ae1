"""The values of extension elements: each check gives back what may stand, or None."""

from __future__ import annotations

import re
from collections.abc import Callable

from aggregator import markup, urls
from aggregator.model import Text

Check = Callable[[str, str | None], str | None]
"""A value as given and the base of addresses → the value as it may stand, None if it may not."""


def address(value: str, base: str | None) -> str | None:
    """An http(s) address, made absolute."""
    return urls.absolute(value, base)


def words(value: str, _: str | None) -> str | None:
    """Plain text on one line."""
    return markup.plain_text(Text(value=value, html=True)) or None


def lines(value: str, _: str | None) -> str | None:
    """Plain text, with its line breaks."""
    return markup.plain_lines(markup.unsaid(value)) or None


def safe_html(value: str, base: str | None) -> str | None:
    """HTML, made safe."""
    return markup.safe_html(value, base, urls.without_tracking) or None


def at_most(length: int, check: Check) -> Check:
    """The beginning of a text whose length its specification limits."""

    def cut(value: str, base: str | None) -> str | None:
        whole = check(value, base)
        if whole is None or len(whole) <= length:
            return whole
        return (whole[:length].rpartition(" ")[0] or whole[: length - 1]) + "…"

    return cut


def like(pattern: str) -> Check:
    """What matches the pattern as a whole."""
    compiled = re.compile(pattern, re.ASCII)

    def matched(value: str, _: str | None) -> str | None:
        return value if compiled.fullmatch(value) else None

    return matched


def one_of(*words: str) -> Check:
    """One of these words, in their own spelling, however it was written."""
    known = {word.lower(): word for word in words}

    def found(value: str, _: str | None) -> str | None:
        return known.get(value.lower())

    return found


def flag(value: str, _: str | None) -> str | None:
    """Apple's `yes`, `explicit` and `clean` are `true` and `false` by now."""
    return {"yes": "true", "explicit": "true", "no": "false", "clean": "false"}.get(
        value.lower(), truth(value, None)
    )


truth = one_of("true", "false")
whole = like(r"[1-9][0-9]{0,14}")
number = like(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
clock = like(r"[0-9]{1,6}(?::[0-5][0-9](?::[0-5][0-9])?)?")
moment = like(r"now|[0-9]+(?:\.[0-9]+)?|[0-9]+:[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?")
media_type = like(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
language = like(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
text_type = one_of("plain", "html")
