"""Authors and contributors, out of what feedparser makes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aggregator.model import Person
from aggregator.parse.details import string

_MAILBOX = re.compile(r"(?P<email>[^\s@()<>]+@[^\s@()<>]+)(?:\s*\((?P<name>.*)\))?")
_NAMED_MAILBOX = re.compile(r"(?P<name>.*?)\s*[<(](?P<email>[^\s@()<>]+@[^\s@()<>]+)[>)]")
# feedparser takes no top-level domain to have more than four letters: of RSS's `a@b.example (Name)`
# it leaves `a@b.exam` and `ple (Name`.
_CUT_ADDRESS = re.compile(r"@.*\.[a-zA-Z]{4}$")
_CUT = re.compile(r"(?P<rest>[a-z]+)(?: \((?P<name>.+))?")


def authors(where: Mapping[str, Any], *, atom: bool) -> tuple[Person, ...]:
    """Every author once, in order: `author` alone would be the last of them."""
    people = [_person(detail, atom=atom) for detail in where.get("authors", ())]
    if people and not atom and (written := string(where.get("author"))):
        people[-1] = _written(written)
    found: dict[str, Person] = {}
    for person in people:
        # feedparser gives one without an e-mail address that of the author before.
        earlier = (other.email or "" for other in found.values())
        borrowed = person.email and any(email.startswith(person.email) for email in earlier)
        if person.name:
            found.setdefault(person.name, replace(person, email=None) if borrowed else person)
    return tuple(found.values())


def _person(detail: Mapping[str, Any], *, atom: bool) -> Person:
    name, email = string(detail.get("name")), string(detail.get("email"))
    cut = None if atom else _CUT.fullmatch(name or "")
    if cut and _CUT_ADDRESS.search(email or ""):
        name, email = cut["name"], f"{email}{cut['rest']}"
    return Person(name=name or email or "", uri=string(detail.get("href")), email=email)


def _written(author: str) -> Person:
    """An author of RSS: `a@b.example (Name)` (RSS 2.0, RSSP 3.3), in the other order, or a name."""
    mailbox = _MAILBOX.fullmatch(author) or _NAMED_MAILBOX.fullmatch(author)
    if mailbox is None:
        return Person(name=author)
    return Person(name=(mailbox["name"] or "").strip() or mailbox["email"], email=mailbox["email"])


def contributors(where: Mapping[str, Any]) -> tuple[Person, ...]:
    """Every contributor once, in order."""
    people = (_person(detail, atom=True) for detail in where.get("contributors", ()))
    return tuple(dict.fromkeys(person for person in people if person.name))
