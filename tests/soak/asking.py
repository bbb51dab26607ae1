"""Requests of every kind, and the client that sends them fast."""

from __future__ import annotations

import asyncio
import hashlib
import html
import random
import re
import time
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, cast
from urllib.parse import quote, urlencode

from tests.service import Service

SOURCES = 40
VERTICALS = ("chess", "culture", "science", "tech", "world")
WORDS = [a + b + c for a in ("ba", "mo", "ti", "ru") for b in ("lan", "ker", "vo") for c in "aeiou"]
CODINGS = {"": 30, "gzip": 35, "br": 20, "gzip, deflate, br;q=0.9": 15}
FORMS = {
    "If-None-Match: {0}\r\n": 6,
    'If-None-Match: "another", {0}\r\n': 1,
    "If-None-Match: W/{0}\r\n": 1,
    "If-Modified-Since: {1}\r\n": 2,
}
KINDS = {"all": 22, "vertical": 18, "union": 7, "saved union": 3, "saved search": 3, "archive": 12}
KINDS |= {"narrowed": 1, "narrowed again": 9, "page": 8, "story": 10, "other": 4}
KINDS |= {"wrong": 1}
"""How many of a hundred requests are of each kind; further below, how often each form comes."""

ALSO: dict[str, tuple[int, ...]] = {
    "story": (301, 410),
    "narrowed": (503, 404),
    "narrowed again": (503, 404),
}
ALSO |= {"saved search": (503,), "page": (503,)}
"""What else than 200 and 304 may come: 503 with Retry-After, 404 of a page that is not there."""

WRONG = {
    "/feeds/nonsense.atom": 404,
    "/feeds/all.xml": 404,
    "/feeds/all/archive/x.atom": 404,
    "/feeds/all/archive/999999999.rss": 404,
    "/feeds/found/archive/0.atom": 404,
    "/feeds/tech/archive/0.json?q=balana": 404,
    "/stories/00000000000000000000": 404,
    "/nonsense": 404,
    "/feeds/all.atom?vertical=nonsense": 400,
    "/feeds/all.rss?q=a+b+c+d+e+f+g+h+i": 400,
    "/feeds/tech.json?lang=!": 400,
    "/feeds/all.atom?q=balana&page=0": 400,
}

# ---- what is asked for --------------------------------------------------------------------------


class Asker:
    """Draws requests, many of them for what was `found` in feeds: archives and stories."""

    def __init__(self, chance: random.Random, urls: Sequence[str]) -> None:
        self._chance = chance
        self.known: dict[tuple[str, str], Known] = {}
        self.found: dict[str, list[str]] = {"archive": ["all/archive/0"], "story": []}
        self._unions = [self._union(4) for _ in range(200)]
        self._narrowed = ["/feeds/all.atom?q=balana"]
        self._urls = urls
        self._kinds, self._kind_weights = list(KINDS), [*accumulate(KINDS.values())]
        self._codings, self._coding_weights = list(CODINGS), [*accumulate(CODINGS.values())]

    def draw(self) -> Asked:
        """Any request, half of them conditional."""
        chance = self._chance
        (kind,) = chance.choices(self._kinds, cum_weights=self._kind_weights)
        path = self._path(kind)
        (coding,) = chance.choices(self._codings, cum_weights=self._coding_weights)
        method = "GET" if chance.random() < 0.95 else "HEAD"
        known = self.known.get((path, coding))
        if known is None or chance.random() < 0.38:
            return Asked(kind, path, coding, method)
        (form,) = chance.choices(list(FORMS), list(FORMS.values()))
        return Asked(kind, path, coding, method, form.format(*known), known)

    def learn(self, asked: Asked, answer: Answer) -> None:
        """Remember its validators, and what a feed leads to."""
        known = Known(answer.field("etag"), answer.field("last-modified"))
        is_new = self.known.get((asked.path, asked.coding)) != known
        self.known[asked.path, asked.coding] = known
        if is_new and not asked.coding and ".atom" in asked.path:
            text = answer.body.decode()
            ids = re.findall(r"<entry[^>]*>\s*<id>(.*?)</id>", text)
            stories = (hashlib.sha256(html.unescape(one).encode()).hexdigest()[:20] for one in ids)
            archives = re.findall(r'"http://broadsheet.example/feeds/([^"/]+/archive/\d+)', text)
            for kind, found in (("story", stories), ("archive", archives)):
                known_ones = self.found[kind]
                known_ones.extend(set(found).difference(known_ones))

    def _path(self, kind: str) -> str:
        chance = self._chance
        fmt = chance.choice(("atom", "rss", "json"))
        match kind:
            case "archive":
                return f"/feeds/{self._often_new(self.found[kind])}.{fmt}"
            case "story":
                return f"/stories/{self._often_new(self.found[kind])}"
            case "page":
                return f"/{chance.choice(('', 'all', *VERTICALS, 'desk', 'found', 'Tech+world'))}"
            case "narrowed":
                self._narrowed.append(f"/feeds/{self._union(2)}.{fmt}?{self._parameters()}")
                return self._narrowed[-1]
            case "narrowed again":
                return self._often_new(self._narrowed)
            case "wrong":
                return chance.choice(list(WRONG))
            case "other":
                return chance.choice(("/feeds.opml", "/healthz", "/readyz"))
        named = {"all": "all", "saved union": "desk", "saved search": "found"}
        name = named.get(kind) or chance.choice(self._unions if kind == "union" else VERTICALS)
        return f"/feeds/{name}.{fmt}{'?utm=1' if chance.random() < 0.05 else ''}"

    def _often_new(self, found: Sequence[str]) -> str:
        """One of them, the newest much more often than others."""
        return found[-1 - int(len(found) * self._chance.random() ** 9)]

    def _union(self, most: int) -> str:
        """Up to so many verticals, in any spelling."""
        chance = self._chance
        names = chance.sample(VERTICALS, chance.randint(min(2, most), most))
        name = chance.choice("_+ ,").join(names)
        return quote(
            name.upper() if chance.random() < 0.1 else name, safe=chance.choice(("+,", ""))
        )

    def _parameters(self) -> str:
        chance = self._chance
        words = chance.choices(WORDS, k=chance.randint(1, 3))
        every = (
            ("q", " ".join(words)),
            ("q", f'"{words[0]} {words[-1]}" -{chance.choice(WORDS)}'),
            ("author", f"author {chance.randrange(22)}"),
            ("lang", chance.choice(("en", "DE", "pt", "fr"))),
            ("source", chance.choice(self._urls)),
            ("source", f"Gazette {chance.randrange(SOURCES)}"),
            ("vertical", chance.choice(VERTICALS)),
            ("not", chance.choice(VERTICALS)),
        )
        said = [every[chance.randrange(2)], *chance.sample(every, chance.randint(0, 2))]
        if chance.random() < 0.3:
            said.append(("page", str(chance.randint(1, 4))))
        return urlencode(said)


# ---- asking -------------------------------------------------------------------------------------

PATIENCE = 30.0
"""Seconds after which an answer comes no more."""


class Known(NamedTuple):
    """The validators that came last for an address in a coding."""

    tag: str
    modified: str


class Asked(NamedTuple):
    """A request; `validator` is the line that makes it conditional, of what is `known`."""

    kind: str
    path: str
    coding: str = ""
    method: str = "GET"
    validator: str = ""
    known: Known | None = None


class Answer(NamedTuple):
    """What came: its head from the first line on, and the body as it was coded."""

    status: int
    head: str
    body: bytes

    def field(self, name: str) -> str:
        """The value of a header, `""` without it."""
        found = re.search(rf"\r\n{name}: ([^\r]*)", self.head)
        return found[1] if found else ""


class Lane(asyncio.Protocol):
    """A connection that is kept, one request at a time; `answered` is told what came.

    An `Answer` with the status 0 says in its head why there is none.
    """

    def __init__(self, answered: Callable[[Lane, Answer], None]) -> None:
        self.asked = Asked("", "")
        self.sent = float("inf")
        self.is_open = True
        self._answered = answered
        self._got = bytearray()
        self._head = ""
        self._whole = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        """It is closed, by whomever."""
        if self.is_open:
            self.close()
            self._tell(Answer(0, f"connection lost: {error}", bytes(self._got)))

    def close(self) -> None:
        """Ask for no more."""
        self.is_open = False
        self.sent = float("inf")
        self._transport.close()

    def ask(self, asked: Asked) -> None:
        """Send it."""
        self.asked, self.sent = asked, time.monotonic()
        coding = f"Accept-Encoding: {asked.coding}\r\n" if asked.coding else ""
        line = f"{asked.method} {asked.path} HTTP/1.1\r\nHost: broadsheet.example\r\n"
        self._transport.write(f"{line}{coding}{asked.validator}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """Tell of the answer once it is whole."""
        self._got += data
        if not self._whole:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return
            self._head = self._got[:end].decode("latin-1")
            length = re.search(r"\r\ncontent-length: (\d+)", self._head)
            is_bare = self.asked.method == "HEAD" or self._head[9:12] == "304"
            if not (is_bare or length):
                self._tell(Answer(0, f"no content-length: {self._head}", b""))
                return
            self._whole = end + 4 + (0 if is_bare or not length else int(length[1]))
        if len(self._got) >= self._whole:
            body = bytes(self._got[len(self._head) + 4 :])
            is_right = len(self._got) == self._whole
            head = self._head if is_right else f"more than it said: {self._head}"
            self._tell(Answer(int(self._head[9:12]) if is_right else 0, head, body))

    def _tell(self, answer: Answer) -> None:
        self._got.clear()
        self._whole = 0
        self._answered(self, answer)


async def lanes(
    service: Service, count: int, answered: Callable[[Lane, Answer], None]
) -> list[Lane]:
    """So many connections to the service."""
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Lane(answered), "127.0.0.1", service.port)
        for _ in range(count)
    ]
    return [lane for _, lane in made]


async def first(service: Service, asked: Asked) -> Answer:
    """The answer to a request on a connection of its own."""
    told = asyncio.get_running_loop().create_future()
    (lane,) = await lanes(service, 1, lambda _, answer: told.set_result(answer))
    lane.ask(asked)
    try:
        return cast("Answer", await asyncio.wait_for(told, PATIENCE))
    finally:
        lane.close()


def resident(service: Service) -> int:
    """MiB of memory that the service has."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) >> 10
