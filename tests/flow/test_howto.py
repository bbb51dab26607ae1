"""What the tutorial and the recipes say, done as they say it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from sqlite3 import connect

import pytest

from feeds.app import VERSION
from tests.desk import item, rss, seconds_until, source
from tests.loopback import Origin
from tests.service import Service, broadsheet, serving

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
START = """\
[site]
base_url = "https://news.example.org"
[pull]
allow_networks = ["127.0.0.0/8"]
[verticals.tech]
"""
PAGE = (
    b'<html><head><link rel="alternate" type="application/atom+xml" href="/feed.xml"></head></html>'
)
FEEDS = ("/feeds/all.atom", "/feeds/tech.rss", "/feeds/tech.json", "/feeds/all/archive/0.atom")


def harbour_gazette() -> bytes:
    entries = "".join(
        f"<entry><title>Tide {day}</title><id>tag:example.org,2026:{day}</id>"
        f'<link href="https://example.org/{day}"/><updated>2026-03-0{day}T06:00:00Z</updated></entry>'
        for day in range(1, 10)
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Harbour Gazette</title>'
        f"<id>tag:example.org,2026:</id><updated>2026-03-09T06:00:00Z</updated>{entries}</feed>"
    ).encode()


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as made:
        made.serve("/", PAGE, content_type="text/html")
        made.serve("/feed.xml", harbour_gazette(), content_type="application/atom+xml")
        yield made


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", (DOCS / page).read_text())


def shows(service: Service, path: str, words: str) -> bool:
    return words in service.get(path).text


def says(service: Service, line: str) -> bool:
    return line in service.log.read_text()


def logs(service: Service, block: str) -> None:
    for line in block.splitlines():
        seconds_until(partial(says, service, line))


# ---- the tutorial -------------------------------------------------------------------------------


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What comes with a clone, but for the sources: no test asks anybody."""
    text = (ROOT / "config.toml").read_text()
    at = text.index("\n[[sources]]\n")
    (tmp_path / "config.toml").write_text(
        text[:at].replace("\n[pull]\n", '\n[pull]\nallow_networks = ["127.0.0.0/8"]\n')
    )
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    return tmp_path


def told(page: str, origin: Origin, line: str = "") -> list[str]:
    """The examples of a page, with this origin for example.org, and the line of our file."""
    plain = [re.sub(r"\A\$ (?:\.venv/bin/)?broadsheet ", "$ ", one)
             for kind in ("console", "text") for one in blocks(page, kind)]  # fmt: skip
    place = origin.url("").rstrip("/")
    return [
        re.sub(r"config\.toml:\d+", f"config.toml:{line}", one)
        .replace("https://example.org", place)
        .replace("add example.org", f"add {place}")
        for one in plain
    ]


def run(clone: Path, example: str) -> None:
    """Run an example's command; it prints what the page says."""
    command, _, printed = example.partition("\n")
    done = broadsheet(clone, *command.removeprefix("$ ").split())
    assert done.stdout + done.stderr == printed


def test_the_tutorial_goes_as_it_says(clone: Path, origin: Origin) -> None:
    file = clone / "config.toml"
    lines = file.read_text().count("\n")
    add, status, check, plan, listens, _, written, came, refused, good = told(
        "tutorial.md", origin, str(lines + 4)
    )
    assert status == "$ status\n"
    with serving(clone) as service:
        assert service.process.stdout
        own = listens.replace("http://127.0.0.1:8000", service.address).splitlines()
        assert own[0] == f"Broadsheet {VERSION} listens on {service.address}/"
        for line in own[1:]:
            said = service.process.stdout.readline().rstrip("\n")
            assert re.sub(r": \S+ add ", ": .venv/bin/broadsheet add ", said) == line
        for path in re.findall(r"<http://127\.0\.0\.1:8000(/[^>]*)>", page := TUTORIAL.read_text()):
            assert service.get(path).status == 200
        assert "http://127.0.0.1:8000/feeds/tech.atom" in page
        run(clone, add)
        assert file.read_text().endswith(f"\n{written}")
        logs(service, came)
        seconds_until(lambda: "Tide 9" in service.get("/feeds/tech.atom").text)
        seconds_until(lambda: "Tide 9" in service.get("/tech").text)
        assert "The Harbour Gazette" in service.get("/status").text
        assert "The Harbour Gazette" in broadsheet(clone, "status").stdout
        (site,) = blocks("tutorial.md", "toml")
        assert site in file.read_text()
        mine = file.read_text().replace('title = "Broadsheet"', 'title = "The Morning Post Box"')
        file.write_text(mine)
        seconds_until(lambda: "The Morning Post Box" in service.get("/").text)
        before = documents(service)
        file.write_text("tehc".join(mine.rsplit("tech", 1)))
        logs(service, refused)
        run(clone, check)
        assert documents(service) == before
        for path in ("/status", "/operator.atom"):
            seconds_until(partial(shows, service, path, "tehc"))
        file.write_text(mine)
        logs(service, good)
        (clone / "next.toml").write_text(mine.replace(f"\n{written}", ""))
        run(clone, plan)
        (clone / "next.toml").replace(file)
        seconds_until(lambda: "sources: 1 go" in service.log.read_text())


TUTORIAL = DOCS / "tutorial.md"


def test_the_plan_in_the_documentation_is_told_so(tmp_path: Path, origin: Origin) -> None:
    (example,) = (one for one in told("operating.md", origin) if one.startswith("$ plan"))
    example = example.replace("https://news.example.org", origin.url("/news"))
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    tide = rss(item("The tide comes in", "world")).replace(b"Merrow Gazette", b"The Tollen Ledger")
    (seeds / "ledger.rss").write_bytes(tide)
    old = source(origin, "/feed.xml")
    text = f'{START}[verticals.world]\ntitle = "World"\n{old}'.replace("base_url", "# base_url")
    (tmp_path / "config.toml").write_text(text)
    with serving(tmp_path) as service:
        seconds_until(lambda: "tide" in service.get("/feeds/world.atom").text)
        seconds_until(lambda: origin.requests)
        new = text.replace("[verticals.world]", "[verticals.globe]").replace(
            "/feed.", "/news/feed."
        )
        (tmp_path / "next.toml").write_text(f"{new}\n[server]\nport = 8001\n")
        run(tmp_path, example)


# ---- a proxy ------------------------------------------------------------------------------------

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@pytest.mark.skipif(NGINX is None, reason="no nginx on PATH or in /usr/sbin")
def test_behind_the_proxy_of_the_documentation_readers_see_the_site_and_nobody_the_desk(
    tmp_path: Path,
) -> None:
    told = next(one for one in blocks("howto.md", "nginx") if "proxy_pass" in one)
    base = next(one for one in blocks("howto.md", "toml") if "https://example.org/news" in one)
    (tmp_path / "seeds").mkdir()
    was = '[verticals.gadgets]\nwas = "tech"\n'
    (tmp_path / "config.toml").write_text(f"{base}{was}")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with serving(tmp_path) as service:
        told = re.sub(r"(?m)^    ssl_.*\n", "", told).replace("443 ssl", f"127.0.0.1:{port}")
        told = told.replace("http://127.0.0.1:8000", service.address)
        kept = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in KINDS)
        (tmp_path / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {tmp_path}/pid; events {{}}"
            f"http {{ access_log off; {kept} {told} }}"
        )
        command = [NGINX or "", "-e", "stderr", "-p", str(tmp_path), "-c", "nginx.conf"]
        with (tmp_path / "nginx.log").open("w") as log, subprocess.Popen(command, stderr=log) as p:
            try:
                proxy = replace(service, address=f"http://127.0.0.1:{port}")
                seconds_until(partial(listens_at, port))
                feed = proxy.get("/news/feeds/gadgets_all.atom")
                assert feed.body == service.get("/feeds/all.atom").body
                assert 'href="https://example.org/news/feeds/all.atom"' in feed.text
                again = proxy.get("/news/feeds/all.atom", if_none_match=feed.field("etag") or "")
                assert (proxy.get("/news/").status, again.status) == (200, 304)
                moved = proxy.get("/news/tech?q=tea")
                place = "https://example.org/news/gadgets?q=tea"
                assert (moved.status, moved.field("location")) == (301, place)
                assert proxy.get("/news/status").status == 404
                (tmp_path / "config.toml").write_text(was)
                seconds_until(lambda: service.get("/status").status == 200)
                hidden = proxy.get("/news/status", x_forwarded_for="203.0.113.9")
                assert hidden.status == 404
            finally:
                p.terminate()


KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def listens_at(port: int) -> bool:
    with closing(socket.socket()) as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


# ---- backup -------------------------------------------------------------------------------------


def documents(service: Service) -> list[tuple[bytes, str | None]]:
    answers = [service.get(path) for path in FEEDS]
    assert {answer.status for answer in answers} == {200}
    return [(answer.body, answer.field("etag")) for answer in answers]


def test_copies_made_while_serving_are_the_same_site_in_another_folder(
    tmp_path: Path, origin: Origin
) -> None:
    recipes = blocks("howto.md", "sh")
    by = {
        tool: next(one for one in recipes if one.startswith(tool))
        for tool in ("sqlite3", "python3")
    }
    removed, copied, started = next(one for one in recipes if one.startswith("rm -f")).splitlines()
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        (folder / "seeds").mkdir(parents=True)
        (folder / "seeds" / "a.rss").write_bytes(rss(item("kettle", "tech")))
        (folder / "config.toml").write_text(
            START + source(origin, "/feed.xml", 'verticals = ["tech"]')
        )
    with serving(old) as service:
        for path in FEEDS[:3]:
            seconds_until(partial(shows, service, path, "kettle"))
            seconds_until(partial(shows, service, path, "Tide 9"))
        before = documents(service)
        if shutil.which("sqlite3"):
            shell(by["sqlite3"], old)
            (old / "backup.db").replace(old / "other.db")
        shell(by["python3"].replace("python3", sys.executable), old)
        assert documents(service) == before
    if shutil.which("sqlite3"):
        assert rows(old / "other.db") == rows(old / "backup.db")
    (new / "broadsheet.db-wal").write_bytes(b"of another store")
    (old / "backup.db").replace(new / "backup.db")
    shell(f"{removed}\n{copied}", new)
    assert started == "broadsheet serve"
    asked = len(origin.requests)
    with serving(new) as service:
        assert documents(service) == before
    assert len(origin.requests) == asked, "it was not due"


def shell(commands: str, folder: Path) -> None:
    subprocess.run(["/bin/sh", "-ec", commands], cwd=folder, check=True)


def rows(store: Path) -> list[object]:
    with closing(connect(store)) as opened:
        return opened.execute("SELECT id, page_id FROM story ORDER BY number").fetchall()


# ---- readers ------------------------------------------------------------------------------------


def test_nothing_is_kept_of_who_reads_and_looks_for_what(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "config.toml").write_text("[verticals.tech]\n")
    marks = ("lanternreader", "198.51.100.77", "sarsaparilla", "crumb")
    with serving(tmp_path) as service:
        for path in ("/", "/feeds/all.atom?q=sarsaparilla", "/feeds/none.atom", "/feeds.opml"):
            answer = service.get(
                path,
                user_agent="lanternreader/1",
                x_forwarded_for="198.51.100.77",
                cookie="crumb=1",
            )
            assert answer.field("set-cookie") is None
        seen = service.get("/metrics").text + service.get("/status").text
        assert not [mark for mark in marks if mark in seen]
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert not [mark for mark in marks if mark.encode() in kept]
