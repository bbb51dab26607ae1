"""Any table of config.toml read against its declaration, and the problems gathered on the way."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from aggregator.config.environment import substitute
from aggregator.config.lines import Place, index
from aggregator.config.readers import Complaint, ListOf, Reader, nearest, shown
from aggregator.config.tables import Table
from aggregator.model import Problem

Values = dict[str, Any]
"""What of a table was right: key → typed value."""


class Reading:
    """One reading of one file: where each thing stands, and what was wrong so far.

    `wrong` holds the path of everything that has a problem.
    """

    def __init__(self, file: Path, text: str, environ: Mapping[str, str]) -> None:
        self.file = file
        self.text = text
        self.environ = environ
        self.wrong: set[Place] = set()
        self._found: list[tuple[int, Problem]] = []

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong so far, in the order of the lines."""
        return tuple(problem for _, problem in sorted(self._found, key=lambda found: found[0]))

    @cached_property
    def lines(self) -> dict[Place, int]:
        """The line of every path, looked for only once there is a problem to place."""
        return index(self.text)

    def complain(self, path: Place, what: str, todo: str) -> None:
        """Note a problem with what stands at a path."""
        line = self.lines[path]
        self._found.append((line, Problem(file=str(self.file), line=line, what=what, todo=todo)))
        self.wrong.add(path)

    def table(self, table: Table, path: Place, raw: object, header: str = "") -> Values:
        """Read a table, which has a `header` of its own where the declared one stands for many."""
        header = header or table.header
        if not isinstance(raw, dict):
            todo = f"write {header} on a line of its own, and its keys below"
            self.complain(path, f"{header} must be a table", todo)
            return {}
        values = {}
        for key, value in raw.items():
            where, name = (*path, key), f"{shown(key)} in {header}"
            if key in table.keys:
                typed = self._value(table.keys[key], where, value, name)
                if not isinstance(typed, Complaint):
                    values[key] = typed
            elif key in table.later:
                self.complain(where, f"{name} is not available in this version", "remove it")
            else:
                self.complain(where, f"unknown key {name}", nearest(key, tuple(table.keys)))
        for key in table.required:
            if key not in raw:
                self.complain(path, f"{header} has no {key!r}", "add it below")
        return values

    def _value(self, reader: Reader | ListOf, path: Place, raw: object, name: str) -> object:
        """Read a value; where this gives a `Complaint` the problem has been noted."""
        if isinstance(reader, ListOf):
            if reader.or_one and isinstance(raw, str):
                only = self._value(reader.each, path, raw, name)
                return only if isinstance(only, Complaint) else (only,)
            return self._list(reader, path, raw, name)
        value, unset = substitute(raw, self.environ)
        result = unset[0] if unset else reader(value)
        complaints = unset or ((result,) if isinstance(result, Complaint) else ())
        for complaint in complaints:
            self.complain(path, f"{name} {complaint.what}", complaint.todo)
        return result

    def _list(self, reader: ListOf, path: Place, raw: object, name: str) -> object:
        """Read a list: each element once, with what is wrong with it at its own line."""
        if not isinstance(raw, list):
            what = "must be text or a list" if reader.or_one else "must be a list"
            complaint = Complaint(what=what, todo='write it as ["…", "…"]')
            self.complain(path, f"{name} {complaint.what}", complaint.todo)
            return complaint
        name = f"an element of {name}"
        return tuple(
            dict.fromkeys(
                self._value(reader.each, (*path, number), value, name)
                for number, value in enumerate(raw)
            )
        )
