"""The whole of config.toml: all its tables, and what no key can know alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from aggregator.config import document
from aggregator.config.environment import substitute
from aggregator.config.readers import FromEnvironment, ListOf, nearest, one_of, shown, spoken
from aggregator.config.reading import Reading, Values
from aggregator.config.tables import (
    ARCHIVE_SIZE,
    FEED_BYTES,
    FEED_SIZE,
    HOST,
    LATER,
    QUERY,
    RESERVED,
    SEEDS_FOLDER,
    SOURCE,
    STORE_FILE,
    TABLES,
    VERTICAL,
    Table,
)
from aggregator.model import Problem
from aggregator.settings import (
    Dedup,
    HostRule,
    PullSettings,
    SavedQuery,
    Server,
    Settings,
    Site,
    Source,
    Vertical,
)
from aggregator.urls import source_key

_EVERY_INTERFACE = {str(IPv4Address(0)), str(IPv6Address(0))}


def read(file: Path, environ: Mapping[str, str]) -> Settings | tuple[Problem, ...]:
    """Read config.toml, with every `${NAME}` in its values taken from `environ`.

    Gives the `Settings`, or every problem of the file in the order of its lines. A file that
    cannot be read or is not TOML has one problem: the first.
    """
    text = document.text(file)
    return (text,) if isinstance(text, Problem) else read_text(file, text, environ)


def read_text(file: Path, text: str, environ: Mapping[str, str]) -> Settings | tuple[Problem, ...]:
    """Read what may become the text of a config.toml, as `read` does."""
    tree = document.tree(file, text)
    if isinstance(tree, Problem):
        return (tree,)
    reading = Reading(file, text, environ)
    settings = _settings(reading, tree)
    return reading.problems or settings


def from_environment(file: Path, environ: Mapping[str, str]) -> frozenset[str]:
    """Give the addresses of sources of which any part comes from the environment: secrets.

    The file must be one that `read` finds good.
    """
    text = document.text(file)
    tree = {} if isinstance(text, Problem) else document.tree(file, text)
    raw = () if isinstance(tree, Problem) else tree.get("sources", ())
    values = (substitute(element["url"], environ)[0] for element in raw)
    return frozenset(str(value) for value in values if isinstance(value, FromEnvironment))


def store_of(file: Path, text: str, environ: Mapping[str, str]) -> str:
    """Give where the store is by a text that may have problems, as far as its `[store]` tells."""
    alone = re.search(r"(?ms)^[ \t]*\[store\][^\n]*$.*?(?=^[ \t]*\[|\Z)", text)
    trees = (document.tree(file, each) for each in (text, alone[0] if alone else ""))
    tree = next((tree for tree in trees if not isinstance(tree, Problem)), {})
    given = Reading(file, text, environ).table(TABLES["store"], ("store",), tree.get("store", {}))
    return _store_url(file, given)


def _store_url(file: Path, given: Values) -> str:
    return f"sqlite:///{file.parent.absolute() / given.get('url', STORE_FILE)}"


def default_base_url(host: str, port: int) -> str:
    """Give the address of a server that listens there; for every interface that is 127.0.0.1."""
    if host in _EVERY_INTERFACE:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _settings(reading: Reading, tree: Values) -> Settings:
    """Read every table; where there were problems, the result is of no use."""
    _unknown_tables(reading, tree)
    given = {
        name: reading.table(table, (name,), tree.get(name, {}))
        for name, table in TABLES.items()
        if table not in (VERTICAL, SOURCE, HOST, QUERY)
    }
    server = Server(**given["server"])
    base_url = default_base_url(server.host, server.port)
    folder = reading.file.parent.absolute()
    return Settings(
        file=reading.file,
        site=Site(**{"base_url": base_url, **given["site"]}),
        server=server,
        store_url=_store_url(reading.file, given["store"]),
        pull=replace(_pull(reading, given["pull"]), hosts=tuple(_hosts(reading, tree))),
        seeds_folder=folder / given["seeds"].get("folder", SEEDS_FOLDER),
        feed_size=given["feeds"].get("size", FEED_SIZE),
        feed_bytes=given["feeds"].get("max_bytes", FEED_BYTES),
        archive_size=given["feeds"].get("archive_size", ARCHIVE_SIZE),
        dedup=_dedup(reading, given["dedup"]),
        **given["pages"],
        token=given["operator"].get("token"),
        verticals=tuple(_verticals(reading, tree)),
        sources=tuple(_sources(reading, tree, given["pull"])),
        queries=tuple(_queries(reading, tree)),
    )


def _unknown_tables(reading: Reading, tree: Values) -> None:
    for name, value in tree.items():
        if name in LATER:
            reading.complain((name,), f"[{name}] is not available in this version", "remove it")
        elif name not in TABLES and isinstance(value, dict | list):
            known = tuple(TABLES)
            reading.complain((name,), f"unknown table {shown(name)}", nearest(name, known))
        elif name not in TABLES:
            todo = "put it below the header of its table, such as [site]"
            reading.complain((name,), f"key {shown(name)} stands in no table", todo)


def _pull(reading: Reading, given: Values) -> PullSettings:
    pull = PullSettings(**given)
    if ("pull", "interval") not in reading.wrong:
        for bound, passed in _passed(reading, pull.interval, given):
            key = "interval" if "interval" in given else bound
            what = f"{_named('interval', pull, given)} in [pull] {passed}"
            reading.complain(("pull", key), what, "change one of the two")
    return pull


def _passed(reading: Reading, interval: timedelta, given: Values) -> Iterator[tuple[str, str]]:
    """Give each bound of [pull] that an interval passes, and say so."""
    pull = PullSettings(**given)
    for bound, beyond, word in (
        ("min_interval", interval < pull.min_interval, "under"),
        ("max_interval", interval > pull.max_interval, "over"),
    ):
        if beyond and ("pull", bound) not in reading.wrong:
            yield bound, f"is {word} {_named(bound, pull, given)}"


def _named(key: str, settings: PullSettings | Dedup, given: Values) -> str:
    """Name a duration of a table, with its value only where no one wrote that."""
    default = "" if key in given else f" ({spoken(getattr(settings, key))} by default)"
    return f"{key!r}{default}"


def _dedup(reading: Reading, given: Values) -> Dedup:
    dedup = Dedup(**given)
    wrong = {("dedup", "window"), ("dedup", "related_window")} & reading.wrong
    if dedup.related_window < dedup.window and not wrong:
        window, related = (_named(key, dedup, given) for key in ("window", "related_window"))
        key = "related_window" if "related_window" in given else "window"
        what = f"{related} in [dedup] is under {window}"
        reading.complain(("dedup", key), what, "change one of the two")
    return dedup


def _verticals(reading: Reading, tree: Values) -> Iterator[Vertical]:
    raw = tree.get("verticals", {})
    if not isinstance(raw, dict):
        reading.table(VERTICAL, ("verticals",), raw)
        return
    formerly: dict[str, str] = {}
    for name, value in raw.items():
        header = f"[verticals.{name}]"
        if wrong := _wrong_name(name):
            said, todo = wrong
            header = header if name in RESERVED else f"[verticals.{shown(name)}]"
            reading.complain(("verticals", name), f"the name of {header} {said}", todo)
        values = reading.table(VERTICAL, ("verticals", name), value, header)
        for number, former in enumerate(values.get("was", ())):
            if wrong := _wrong_name(former) or _in_use(former, name, tree, formerly):
                place = ("verticals", name, "was")
                at = (*place, number) if isinstance(value["was"], list) else place
                what = f"an element of 'was' in {header} {wrong[0]}"
                reading.complain(at, what, wrong[1])
        yield Vertical(**{"name": name, "title": name.capitalize(), **values})


def _wrong_name(name: str) -> tuple[str, str] | None:
    """Give what is wrong with the name of a vertical or a saved query, and what to do."""
    if name in RESERVED:
        return "is reserved", "choose another: our own addresses use it"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", name):
        return "is not allowed", "use a to z, 0 to 9 and hyphens, no hyphen first, 41 at most"
    return None


def _in_use(
    former: str, name: str, tree: Values, formerly: dict[str, str]
) -> tuple[str, str] | None:
    """Give what is wrong with a former name of a vertical; `formerly` remembers whose it is."""
    queries = tree.get("queries", [])
    saved = (q.get("name") for q in queries if isinstance(q, dict)) if queries else ()
    if former in tree["verticals"] or former in saved:
        return "names what is still there", "remove it, or rename that"
    if formerly.setdefault(former, name) != name:
        return f"is that of [verticals.{formerly[former]}] too", "remove one of the two"
    return None


def _elements(reading: Reading, tree: Values, name: str) -> Sequence[object]:
    """Give the raw elements of an array of tables, none where it is something else."""
    raw = tree.get(name, [])
    if isinstance(raw, list):
        return raw
    reading.table(TABLES[name], (name,), None)
    return ()


def _sources(reading: Reading, tree: Values, pull: Values) -> list[Source]:
    table = _knowing_verticals(reading, tree, SOURCE)
    found: dict[int, Source] = {}
    first: dict[str, int] = {}
    for number, element in enumerate(_elements(reading, tree, "sources")):
        place = ("sources", number)
        values = reading.table(table, place, element)
        if "interval" in values:
            for _, passed in _passed(reading, values["interval"], pull):
                what = f"'interval' in [[sources]] {passed} of [pull]"
                reading.complain((*place, "interval"), what, "change one of the two")
        if "url" not in values:
            continue
        address = values.pop("url")
        _once(reading, first, source_key(address), (*place, "url"))
        found[number] = Source(address=address, **values)
    _former_urls(reading, found)
    return list(found.values())


def _former_urls(reading: Reading, found: Mapping[int, Source]) -> None:
    """Complain of what two sources are said to have been, or of what one still is."""
    whose = {source.address: -1 for source in found.values()}
    for number, source in found.items():
        for former in source.was:
            if whose.setdefault(former, number) != number:
                what = "an element of 'was' in [[sources]] is the url or 'was' of a source already"
                reading.complain(("sources", number, "was"), what, "remove one of the two")


def _knowing_verticals(reading: Reading, tree: Values, table: Table) -> Table:
    """Give the table as it is read where the names of the verticals are known."""
    if ("verticals",) in reading.wrong:
        return table
    known = ListOf(one_of(tuple(tree.get("verticals", {}))))
    named = {key: known for key in ("verticals", "not") if key in table.keys}
    return replace(table, keys={**table.keys, **named})


def _queries(reading: Reading, tree: Values) -> Iterator[SavedQuery]:
    table = _knowing_verticals(reading, tree, QUERY)
    first: dict[str, int] = {}
    for number, element in enumerate(_elements(reading, tree, "queries")):
        place = ("queries", number)
        values = reading.table(table, place, element)
        if "name" not in values:
            continue
        name = values["name"]
        if wrong := _wrong_name(name):
            reading.complain((*place, "name"), f"'name' in [[queries]] {wrong[0]}", wrong[1])
        elif ("verticals",) not in reading.wrong and name in tree.get("verticals", {}):
            what = "'name' in [[queries]] is that of a vertical"
            reading.complain((*place, "name"), what, "choose another: both would have one address")
        else:
            _once(reading, first, name, (*place, "name"))
        without = values.pop("not", ())
        yield SavedQuery(**{"title": name.capitalize(), **values, "without": without})


def _hosts(reading: Reading, tree: Values) -> Iterator[HostRule]:
    first: dict[str, int] = {}
    for number, element in enumerate(_elements(reading, tree, "hosts")):
        values = reading.table(HOST, ("hosts", number), element)
        if "name" in values:
            _once(reading, first, values["name"], ("hosts", number, "name"))
            yield HostRule(**values)


def _once(reading: Reading, first: dict[str, int], value: str, place: tuple[str, int, str]) -> None:
    """Complain of a value that an element before this one has; `first` remembers whose it is."""
    table, number, key = place
    other = first.setdefault(value, number)
    if other != number:
        what = f"{key!r} in [[{table}]] is the same as in line {reading.lines[table, other, key]}"
        reading.complain(place, what, "remove one of the two")
