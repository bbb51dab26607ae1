"""`${NAME}` in the values of config.toml: the only place secrets have."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aggregator.config.readers import Complaint, FromEnvironment, shown

_VARIABLE = re.compile(r"(?P<literal>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}|\$\{")


def substitute(value: object, environ: Mapping[str, str]) -> tuple[object, tuple[Complaint, ...]]:
    """Replace every `${NAME}` of a string, and `$${` by a literal `${`.

    Gives the value back, as a `FromEnvironment` if any of it now is, with a complaint for each
    variable that is not set. What is no string comes back as it is.
    """
    if not isinstance(value, str):
        return value, ()
    complaints: dict[str, Complaint] = {}
    found = False

    def replace(match: re.Match[str]) -> str:
        nonlocal found
        name = match["name"]
        if match["literal"]:
            return "${"
        if name in environ and environ[name].isprintable():
            found = True
            return environ[name]
        if name in environ:
            complaints[match[0]] = _unprintable(name)
        else:
            complaints[match[0]] = _UNFINISHED if name is None else _unset(name)
        return ""

    text = _VARIABLE.sub(replace, value)
    return FromEnvironment(text) if found else text, tuple(complaints.values())


def expanded(text: str, environ: Mapping[str, str]) -> str | Complaint:
    """Give what a text would stand for as a value of config.toml, or why it could not be one."""
    value, complaints = substitute(text, environ)
    return complaints[0] if complaints else str(value)


def literal(text: str) -> str:
    """Give the value that `substitute` makes this very text of, whatever stands in it."""
    return text.replace("${", "$${")


_UNFINISHED = Complaint(
    what="has a ${ that begins no ${NAME}",
    todo="name an environment variable, or write $${ where ${ itself is meant",
)


def _unprintable(name: str) -> Complaint:
    # A byte that is not UTF-8 goes into no store and over no socket.
    return Complaint(
        what=f"takes the environment variable {shown(name)}, which holds what is no text",
        todo="set it to printable characters in UTF-8",
    )


def _unset(name: str) -> Complaint:
    return Complaint(
        what=f"needs the environment variable {shown(name)}, which is not set",
        todo="set it, or write $${ where ${ itself is meant",
    )
