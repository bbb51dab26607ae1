"""What operators are told while sources break and recover, and who is told nothing."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import pytest

from tests.desk import command, rss, seconds_until, whole
from tests.judges import judge, validator
from tests.loopback import Origin, response
from tests.service import Service, serving

OPERATORS = ("/status", "/status.json", "/operator.atom", "/metrics")
FEEDS = ("/feeds/all.atom", "/feeds/all.rss", "/feeds/tech.json", "/feeds.opml", "/")
QUICK = """\
[pull]
allow_networks = ["127.0.0.0/8"]
interval = "1s"
min_interval = "1s"
max_interval = "2s"
per_host_interval = "0s"

[verticals.tech]
"""


def document(number: int) -> bytes:
    return rss(f"<item><title>Story {number}</title><guid>tea{number}</guid></item>")


def bytes_of(service: Service, paths: tuple[str, ...] = FEEDS) -> list[object]:
    """Documents as readers have them, with their validators."""
    answers = [service.get(path) for path in paths]
    return [(a.status, a.body, a.field("etag"), a.field("last-modified")) for a in answers]


def titles(service: Service) -> list[str]:
    """The titles of what operators are told, the newest first."""
    page = service.get("/operator.atom").text
    return [part.partition("</title>")[0] for part in page.split('<title type="text">')[1:]]


def test_half_of_the_sources_fail_and_recover_and_no_reader_sees_anything_of_it(
    folder: Path, origin: Origin
) -> None:
    config = QUICK
    for number in range(10):
        origin.serve(f"/{number}", document(number), headers={"ETag": f'"{number}"'})
        config += f'\n[[sources]]\nurl = "{origin.url(f"/{number}")}"\ntitle = "Desk {number}"\n'
        config += 'verticals = ["tech"]\n'
    (folder / "config.toml").write_text(config)
    with serving(folder) as service:
        seconds_until(lambda: service.get("/feeds/tech.atom").text.count("<entry>") == 10)
        time.sleep(3)  # Last-Modified waits for its second: docs/adr/0004
        before = bytes_of(service)
        for number in range(5):
            origin.answer(f"/{number}", response(500 if number else 404))
        seconds_until(lambda: len(titles(service)) == 5)
        assert sorted(titles(service)) == [f"Desk {number} fails" for number in range(5)]
        assert bytes_of(service) == before
        told = service.get("/operator.atom")
        for words in ("answered 404 Not Found", "answered 500 Internal Server Error", "UTC"):
            assert words in told.text
        assert all(origin.url(f"/{number}") in told.text for number in range(5))
        kept = folder / "operator.atom"
        kept.write_bytes(told.body)
        health = [one["health"] for one in json.loads(service.get("/status.json").body)["sources"]]
        assert (health.count("failing"), health.count("ok")) == (5, 5)
        page = service.get("/status").text
        assert page.count("answered 500 Internal Server Error") >= 4
        assert 'broadsheet_source_up{source="' in service.get("/metrics").text
        for number in range(5):
            origin.serve(f"/{number}", document(number), headers={"ETag": f'"{number}"'})
        seconds_until(lambda: len(titles(service)) == 10)
        assert sorted(titles(service)[:5]) == [f"Desk {n} answers again" for n in range(5)]
        assert bytes_of(service) == before
    status = command(folder, "status")
    assert (status.exit_code, "failing" in status.stdout) == (0, False)
    judge_if_there_is_one(kept, service.address)


def judge_if_there_is_one(file: Path, site: str) -> None:
    """The W3C's validator, where this machine has it."""
    try:
        validator()
    except pytest.skip.Exception:
        return
    judge(file, base=f"{site}/operator.atom", allowed=["DuplicateUpdated"])  # docs/adr/0007


def test_operators_are_let_in_by_the_token_alone_where_readers_come_from_elsewhere(
    folder: Path,
) -> None:
    file = folder / "config.toml"
    elsewhere = '[site]\nbase_url = "https://news.example/desk"\n'
    file.write_text(elsewhere)
    with serving(folder) as service:
        hidden = [service.get(path) for path in OPERATORS]
        assert {answer.status for answer in hidden} == {404}
        assert "[operator] token" in service.log.read_text()
        whole(file, f'{elsewhere}[operator]\ntoken = "tea-at-four"\n')
        seconds_until(lambda: service.get("/status").status == 401)
        basic = base64.b64encode(b"anybody:tea-at-four").decode()
        for path in OPERATORS:
            for said, status in (
                ("Bearer tea-at-four", 200),
                (f"Basic {basic}", 200),
                ("Bearer tea-at-five", 401),
                ("Basic ????", 401),
            ):
                answer = service.get(path, authorization=said, x_forwarded_for="203.0.113.9")
                assert (path, said, answer.status) == (path, said, status)
                assert answer.field("cache-control") == "no-store"
                assert answer.field("access-control-allow-origin") is None
            assert "www-authenticate" in dict(service.get(path).headers)
        whole(file, elsewhere)
        seconds_until(lambda: service.get("/status").status == 404)
    file.write_text("")
    with serving(folder) as service:
        for path in OPERATORS:
            assert service.get(path).status == 200
            assert service.get(path, x_forwarded_for="203.0.113.9").status == 404
            assert service.ask("GET", path, [("Host", "news.example")]).status == 404
            assert service.ask("POST", path).status == 405


def test_no_secret_of_a_source_is_told_anywhere(folder: Path, origin: Origin) -> None:
    place = origin.url("").removeprefix("http://").rstrip("/")
    origin.serve("/good?token=hush4", document(1))
    (folder / "config.toml").write_text(
        f"{QUICK}"
        f'[[sources]]\nurl = "http://ada:hush1@{place}/bad?key=hush2"\n'
        f'[[sources]]\nurl = "http://{place}/hush3/feed"\nprivate = true\n'
        f'[[sources]]\nurl = "http://{place}/good?token=hush4"\n'
    )
    with serving(folder) as service:
        seconds_until(lambda: len(titles(service)) == 2)
        seconds_until(lambda: "Story 1" in service.get("/feeds/all.atom").text)
        told = [service.get(path).text for path in (*FEEDS, *OPERATORS)]
        whole(folder / "config.toml", '[[sources]]\nurl = "http://ada:hush1@/?key=hush2"\n')
        seconds_until(lambda: "refused" in service.log.read_text())
        told += [service.get(path).text for path in OPERATORS]
        told.append(service.log.read_text())
    commands = (
        ("status",),
        ("status", "--json"),
        ("explain", "tea1"),
        ("check",),
        ("plan",),
    )
    for words in commands:
        said = command(folder, *words)
        told += [said.stdout, said.stderr]
    assert [text for text in told if "hush" in text] == []


def test_what_sources_say_reaches_operators_harmless(folder: Path, origin: Origin) -> None:
    evil = "\x1b[31m\u202e[bold]<script>alert(1)</script>&#27;[2J&#x9b;2J\nsecond line"
    title = evil.replace("\x1b", "").replace("<", "&lt;").replace("&#27;", "").replace("&#x9b;", "")
    origin.serve("/a", rss(f"<item><title>{title}\u2066</title><guid>1</guid></item>"))
    origin.answer("/b", b"HTTP/1.1 500 \x1b[31m<b>\xe2\x80\xae\r\n\r\n")
    (folder / "config.toml").write_text(
        QUICK
        + f'[[sources]]\nurl = "{origin.url("/a")}"\n'
        + f'[[sources]]\nurl = "{origin.url("/b")}"\ntitle = "\u202e<b>[bold]Desk"\n'
    )
    with serving(folder) as service:
        seconds_until(lambda: len(titles(service)) == 1)
        seconds_until(lambda: "second line" in service.get("/feeds/all.json").text)
        pages = [service.get(path).text for path in OPERATORS]
        logged = service.log.read_text()
    shown = [command(folder, *words).stdout for words in (("status",), ("explain", "1"))]
    for text in (*pages, logged, *shown):
        assert not set(text) & set("\x1b\x9b\u202e\u2066"), text
    assert "<b>" not in pages[0]
    assert "<script>" not in pages[0]
