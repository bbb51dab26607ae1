"""The documented nginx answers from the exported files as the program does."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from aggregator.settings import ArchiveLimits
from tests.newsroom import GAZETTE, HERALD, Clock, Newsroom, item
from tests.service import Answer, Service, broadsheet, serving

DOCS = Path(__file__).resolve().parents[2] / "docs"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
SAME = ("content-type", "content-encoding", "last-modified", "cache-control", "vary",
        "access-control-allow-origin", "access-control-expose-headers", "content-security-policy",
        "referrer-policy", "x-content-type-options", "link")  # fmt: skip
CONFIG = """
[site]
base_url = "https://news.example"
[store]
url = "sqlite:///store.db"
[feeds]
archive_size = 4
[verticals.science]
[verticals.tech]
[[queries]]
name = "kettles"
q = "kettle"
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx on PATH or in /usr/sbin")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of stories with archives, a joined and a withdrawn one, and its export."""
    folder = tmp_path_factory.mktemp("nginx")
    with Newsroom(folder, Clock(), ArchiveLimits(stories=4)) as room:
        room.store.refresh("", ("science", "tech"))
        for number in range(10):
            vertical = ("science", "tech")[number % 2]
            room.give(
                (GAZETTE, HERALD)[number % 2], item(f"kettle-{number}"), verticals=(vertical,)
            )
            room.clock.step(minutes=1)
        ids = [identifier for (identifier,) in room.rows("SELECT id FROM story")]
        room.store.withdraw(ids[0])
        room.store.join(ids[1], ids[2])
    (folder / "config.toml").write_text(CONFIG)
    (folder / "seeds").mkdir()
    return folder


@pytest.fixture(scope="module")
def program(folder: Path) -> Iterator[Service]:
    with serving(folder, "--no-pull") as service:
        done = broadsheet(folder, "export", "export")
        assert done.returncode == 0, done.stderr
        time.sleep(2.1)  # what has just been remade tells its date two seconds later
        assert broadsheet(folder, "export", "export").returncode == 0
        yield service


@pytest.fixture(scope="module")
def nginx(folder: Path, program: Service) -> Iterator[Service]:
    with answering(folder, program.port) as service:
        yield service


@contextmanager
def answering(folder: Path, upstream: int) -> Iterator[Service]:
    """nginx with the configuration of the documentation, on a free port."""
    (told,) = re.findall(r"(?ms)^```nginx\n(.*?)^```$", (DOCS / "export.md").read_text())
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    changes = {
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/srv/news/export": str(folder / "export"),
        "http://127.0.0.1:8000": f"http://127.0.0.1:{upstream}",
        **({"# brotli_static on;": "brotli_static on;"} if BROTLI.exists() else {}),
    }
    for documented, ours in changes.items():
        assert told.count(documented) == 1
        told = told.replace(documented, ours)
    prefix = folder / "nginx"
    prefix.mkdir()
    load = f"load_module {BROTLI};\n" if BROTLI.exists() else ""
    kept = "".join(
        f"{kind}_temp_path {prefix}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (prefix / "nginx.conf").write_text(
        f"{load}daemon off;\nmaster_process off;\npid {prefix}/pid;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{kept}{told}}}\n"
    )
    command = [NGINX or "", "-e", "stderr", "-p", str(prefix), "-c", "nginx.conf"]
    with (prefix / "log").open("w") as log, subprocess.Popen(command, stderr=log, text=True) as p:
        try:
            address = f"http://127.0.0.1:{port}"
            service = Service(address=address, process=p, log=prefix / "log")
            for _ in range(100):
                try:
                    service.get("/healthz")
                    break
                except ConnectionRefusedError:
                    assert p.poll() is None, (prefix / "log").read_text()
                    time.sleep(0.05)
            yield service
        finally:
            p.terminate()
            p.wait(10)


def documents(folder: Path) -> list[str]:
    """The address of every exported document."""
    root = folder / "export"
    names = [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()]
    names = [n for n in names if not n.endswith((".gz", ".br")) and not n.startswith(".")]
    return ["/", *(f"/{n.removesuffix('.html')}" for n in sorted(names) if n not in FRONT)]


FRONT = {"index.html", "static/front.html"}


def same(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name in SAME}


def test_every_document_is_answered_with_the_same_bytes_and_headers(
    folder: Path, program: Service, nginx: Service
) -> None:
    paths = documents(folder)
    assert len(paths) > 40
    for path in paths:
        for coding in ("identity", "gzip", "gzip;q=0", *(["br"] if BROTLI.exists() else [])):
            ours = program.get(path, accept_encoding=coding)
            theirs = nginx.get(path, accept_encoding=coding)
            assert theirs.status == ours.status == 200, path
            assert theirs.body == ours.body, (path, coding)
            assert same(theirs) == same(ours), (path, coding)
            # It comes from a file: those of nginx have validators of its own.
            assert theirs.field("etag") != ours.field("etag")


OTHERS = (
    "/feeds/science_tech.atom", "/feeds/TECH.rss", "/feeds/all.atom?q=kettle",
    "/feeds/kettles.atom?page=9", "/feeds/all.atom?utm_source=x", "/?x", "/science_tech",
    "/feeds/all.atom.gz", "/all.html", "/index", "/static/front",
    "/static/front.html", "/static/style.css", "/index.html", "/feeds.opml.br", "/feeds/all",
    "/.broadsheet-export", "/feeds/", "/stories/", "/nope", "/feeds/all/archive/3000.atom",
    "/healthz", "/readyz", "/feeds/../store.db",
)  # fmt: skip
"""What is no file, or has a query."""


def test_what_is_no_file_is_the_programs(folder: Path, program: Service, nginx: Service) -> None:
    for path in OTHERS:
        ours, theirs = program.get(path), nginx.get(path)
        assert (theirs.status, theirs.body) == (ours.status, ours.body), path
        assert same(theirs) == same(ours)
        assert theirs.field("etag") == ours.field("etag")
    for method in ("OPTIONS", "POST", "DELETE"):
        ours, theirs = (each.ask(method, "/feeds/all.atom") for each in (program, nginx))
        assert (theirs.status, theirs.body) == (ours.status, ours.body)
        assert theirs.field("allow") == ours.field("allow")
    with Newsroom(folder) as room:
        gone = room.rows("SELECT page_id FROM story WHERE withdrawn_at IS NOT NULL")[0][0]
        joined = room.rows("SELECT page_id FROM alias")[0][0]
    assert nginx.get(f"/stories/{gone}").status == program.get(f"/stories/{gone}").status == 410
    answer = nginx.get(f"/stories/{joined}")
    assert answer.status == 301
    assert answer.field("location") == program.get(f"/stories/{joined}").field("location")


def test_a_file_is_current_to_who_has_its_date_and_has_a_head(
    program: Service, nginx: Service
) -> None:
    date = program.get("/feeds/all.atom").field("last-modified") or ""
    assert nginx.get("/feeds/all.atom", if_modified_since=date).status == 304
    head, get = nginx.ask("HEAD", "/feeds/all.atom"), nginx.get("/feeds/all.atom")
    assert (head.status, head.body) == (200, b"")
    assert head.field("content-length") == str(len(get.body))
