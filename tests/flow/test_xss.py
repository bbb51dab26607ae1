"""Hostile HTML, sent through feeds of every format, leaves nothing that runs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from aggregator import markup, normalize, parse
from aggregator.model import Entry, Extension, ParsedFeed
from aggregator.settings import Source
from tests.browser import CHROMIUM, needs_chromium
from tests.builders import FEED_URL, NOW
from tests.hostile import VECTORS, documents, is_web_address, leftovers

COLLECTIONS = os.environ.get("XSS_VECTORS")
PATIENCE = 90
SOURCE = Source(address=FEED_URL)

# Each part stands in the document as it was parsed, is set as innerHTML, and once more as what the
# browser wrote of that; then everything in it is clicked, pointed at and given the focus.
PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>What runs</title><body><script>
const ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "eval", "open"])
  window[name] = (given) => {
    const cause = window.event?.target?.outerHTML ?? document.currentScript?.outerHTML;
    ran.push(`${name}(${given}) in ${(cause ?? "an address").slice(0, 300)}`);
  };
</script>
<main>%s</main>
<script type="application/json" id="given">%s</script>
<script>
const shown = document.querySelector("main");
for (const html of JSON.parse(document.getElementById("given").textContent)) {
  const [once, twice] = [document.createElement("div"), document.createElement("div")];
  shown.append(once, twice);
  once.innerHTML = html;
  twice.innerHTML = once.innerHTML;
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && link.protocol !== "javascript:") event.preventDefault();
}, true);
for (const element of shown.querySelectorAll("*")) {
  for (const {name} of element.attributes)
    if (name.startsWith("on") || /script|data/.test(element.protocol))
      ran.push(`would run: ${element.outerHTML.slice(0, 300)}`);
  for (const name of ["mouseover", "focus", "click"])
    element.dispatchEvent(new MouseEvent(name, {bubbles: true, cancelable: true}));
}
window.addEventListener("load", () => setTimeout(() => {
  const report = document.createElement("pre");
  report.textContent = JSON.stringify(ran);
  document.body.replaceChildren("REPORT", report);
}, 1000));
</script>"""


def entries(vectors: Iterable[str]) -> Iterator[Entry]:
    """The entries that stay of the documents that carry these vectors."""
    for vector in vectors:
        for document in documents(vector):
            feed = parse.read(document, FEED_URL)
            assert isinstance(feed, ParsedFeed)
            yield from normalize.entries(feed, SOURCE, FEED_URL, NOW)


def elements_of(entry: Entry) -> Iterator[Extension]:
    waiting = list(entry.extensions)
    while waiting:
        yield (element := waiting.pop())
        waiting += element.children


def html_of(entry: Entry) -> set[str]:
    """All of the entry that pages and readers show, as the HTML in which they show it."""
    texts = [entry.title, entry.rights, *(person.name for person in entry.authors)]
    texts += [text for category in entry.categories for text in (category.term, category.label)]
    parts = [entry.content, entry.summary]
    for element in elements_of(entry):
        (parts if ("type", "html") in element.attributes else texts).append(element.text)
    escaped = (markup.escape(text) for text in texts if text)
    cuts = [markup.cut(part, 60) for part in parts if part]
    return {f'<p title="{text}">{text}</p>' for text in escaped} | set(filter(None, parts + cuts))


def addresses_of(entry: Entry) -> set[str]:
    pictures = (entry.link, entry.image, entry.banner)
    people = (address for person in entry.authors for address in (person.uri, person.avatar))
    files = (enclosure.url for enclosure in entry.enclosures)
    links = (link.href for link in entry.links)
    named = (pair for element in elements_of(entry) for pair in element.attributes)
    media = (value for name, value in named if name in {"url", "href"})
    return {address for address in (*pictures, *people, *files, *links, *media) if address}


def in_chromium(parts: Iterable[str], folder: Path) -> list[str]:
    """What ran of these parts of pages in a real browser that reaches no network."""
    assert CHROMIUM is not None
    parts = sorted(parts)
    page = folder / "page.html"
    given = json.dumps(parts).replace("<", "\\u003c")
    page.write_text(PAGE % ("\n".join(f"<div>{part}</div>" for part in parts), given), "utf-8")
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",  # which root needs; the page is our own
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder / 'profile'}",
        "--virtual-time-budget=10000",
        f"--timeout={PATIENCE * 500}",
        "--dump-dom",
        page.as_uri(),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as browser:
        try:
            dom = browser.communicate(timeout=PATIENCE)[0].decode()
        finally:
            if browser.poll() is None:
                os.killpg(browser.pid, signal.SIGKILL)
    report = re.search(r"REPORT<pre>(.*)</pre>", dom, re.DOTALL)
    assert report, f"the browser gave no report: {dom[:1000]}"
    ran: list[str] = json.loads(markup.text_of(report[1]))
    return ran


@pytest.mark.parametrize("way", VECTORS)
def test_nothing_but_what_readers_may_have_is_left_of(way: str) -> None:
    found = list(entries(VECTORS[way]))
    assert len({entry.guid for entry in found}) == 5
    assert [left for entry in found for html in html_of(entry) for left in leftovers(html)] == []
    assert [url for entry in found for url in addresses_of(entry) if not is_web_address(url)] == []


@pytest.mark.parametrize("way", VECTORS)
def test_without_us_there_would_be_something_left_of(way: str) -> None:
    assert any(leftovers(vector) for vector in VECTORS[way])


@needs_chromium
def test_nothing_runs_in_a_browser(tmp_path: Path) -> None:
    vectors = (vector for vectors in VECTORS.values() for vector in vectors)
    assert (
        in_chromium({html for entry in entries(vectors) for html in html_of(entry)}, tmp_path) == []
    )


@needs_chromium
def test_what_runs_in_a_browser_is_seen(tmp_path: Path) -> None:
    parts = {
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(2)>",
        "<a href=javascript:alert(3)>x</a>",
        "<p onmouseover=alert(4)>x</p>",
        "<svg onload=alert(5)></svg>",
    }
    ran = in_chromium(parts, tmp_path)
    assert {line[:8] for line in ran if line.startswith("alert")} == {
        f"alert({number})" for number in range(1, 6)
    }
    assert any(line.startswith("would run: <a href") for line in ran)


@pytest.mark.skipif(COLLECTIONS is None, reason="XSS_VECTORS names no folder of collections")
def test_nothing_is_left_of_the_well_known_collections(tmp_path: Path) -> None:
    parts: set[str] = set()
    for vector in collected(Path(COLLECTIONS or "")):
        for entry in entries([vector]):
            bad = [address for address in addresses_of(entry) if not is_web_address(address)]
            left = [thing for html in html_of(entry) for thing in leftovers(html)]
            assert (vector, left, bad) == (vector, [], [])
            parts |= html_of(entry)
    assert parts
    assert CHROMIUM is None or in_chromium(parts, tmp_path) == []


def collected(folder: Path) -> Iterator[str]:
    """The vectors of a folder: a JSON list of strings, or any other text with one on each line."""
    for path in sorted(folder.iterdir()):
        text = path.read_text("utf-8")
        yield from json.loads(text) if path.suffix == ".json" else filter(None, text.splitlines())
