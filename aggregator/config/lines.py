"""Where everything stands in a TOML document, which `tomli` does not say.

`index` reads the notation only, never a value, and only text that `tomli` has read without
complaint: so it need not check anything, and its paths are exactly those of the parsed tree.
"""

from __future__ import annotations

import re

import tomli

Place = tuple[str | int, ...]
"""The way to a value in the parsed tree: `("sources", 0, "url")`."""

_MARK = re.compile(
    r"""
    (?P<mark>
        \"{3} (?: \\. | [^\\] )*? \"{3} \"{0,2}   # two more quotes may belong to the text
      | '{3} .*? '{3} '{0,2}
      | " (?: \\. | [^"\\] )* "
      | ' [^']* '
      | [\[\]{}=.,\n]
      | [^\s\[\]{}=.,\#"']+
    )
    | \#[^\n]* | \s
    """,
    re.VERBOSE | re.DOTALL,
)


def index(text: str) -> dict[Place, int]:
    """Give the line, counted from 1, of every table, key and list element of a valid document.

    An element of an array of tables stands at its header, a table that is only implied at the
    first header or key that names it.
    """
    return _Scan(text).document()


class _Scan:
    """One walk over the marks of a document; `at` is the next mark."""

    def __init__(self, text: str) -> None:
        self.marks: list[tuple[str, int]] = []
        line = 1
        for match in _MARK.finditer(text):
            if match["mark"]:
                self.marks.append((match["mark"], line))
            line += match[0].count("\n")
        self.marks.append(("\n", line))
        self.at = 0
        self.lines: dict[Place, int] = {}
        self.elements: dict[Place, int] = {}

    def document(self) -> dict[Place, int]:
        here: Place = ()
        while self.at < len(self.marks):
            if self._skip("\n"):
                continue
            if self._skip("["):
                here = self._header()
            else:
                self._pair(here)
        return self.lines

    def _header(self) -> Place:
        """Read `a.b]` or `[a.b]]`; a name of an array of tables means its newest element."""
        array = self._skip("[")
        line = self.marks[self.at][1]
        *parents, last = self._names("]")
        here: Place = ()
        for name in parents:
            here = self._note((*here, name), line)
            if here in self.elements:
                here = (*here, self.elements[here])
        here = self._note((*here, last), line)
        if array:
            self._skip("]")
            self.elements[here] = self.elements.get(here, -1) + 1
            here = self._note((*here, self.elements[here]), line)
        return here

    def _pair(self, here: Place) -> None:
        """Read `a.b = value`."""
        line = self.marks[self.at][1]
        for name in self._names("="):
            here = self._note((*here, name), line)
        self._value(here)

    def _names(self, end: str) -> list[str]:
        """Read the names of a dotted key and the `end` behind them."""
        names = []
        while not self._skip(end):
            mark, _ = self.marks[self.at]
            self.at += 1
            if mark[0] in "\"'":
                names.append(tomli.loads(f"name = {mark}")["name"])
            elif mark != ".":
                names.append(mark)
        return names

    def _value(self, here: Place) -> None:
        """Read a value; lists cost one call a level, so that what tomli could read goes here."""
        number = 0
        if self._skip("["):
            while not self._skip("]"):
                if not self._skip_between():
                    self._value(self._note((*here, number), self.marks[self.at][1]))
                    number += 1
        elif self._skip("{"):
            while not self._skip("}"):
                if not self._skip_between():
                    self._pair(here)
        else:
            while self.marks[self.at][0] not in {",", "]", "}", "\n"}:
                self.at += 1

    def _skip_between(self) -> bool:
        return self._skip(",") or self._skip("\n")

    def _skip(self, mark: str) -> bool:
        """Step over the next mark if it is this one, and say so."""
        if self.marks[self.at][0] == mark:
            self.at += 1
            return True
        return False

    def _note(self, path: Place, line: int) -> Place:
        self.lines.setdefault(path, line)
        return path
