"""Our pages in a real browser, which reaches 127.0.0.1 and nothing else.

    with browsing() as browser, watching(browser, color_scheme="dark") as seen:
        seen.page.goto(service.address)
        assert seen.elsewhere == []                      # what it asked other hosts for
        assert seen.faults == []                         # what it complained of
        assert violations(seen.page) == []               # what axe-core finds

Playwright runs an event loop in the thread of the test while a browser is open: a test that uses
one is no coroutine, and calls none.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    sync_playwright,
)

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium, google-chrome or chrome on PATH"
)

QUIET = (
    "--no-sandbox",  # which root needs; the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
"""Options of a browser that asks for what its pages ask for, and for nothing else."""

PATIENCE = 15_000
"""Milliseconds after which a page that should have come has hung."""

# What has moved since the page was there, and what its policy stopped. Each document has its own.
_WATCH = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.hadRecentInput ? 0 : entry.value;
}).observe({type: "layout-shift", buffered: true});
document.addEventListener("securitypolicyviolation", (event) => {
  window.told(`${event.effectiveDirective} stopped ${event.blockedURI || "something inline"}`);
});
"""

# Whether an element is shown: no part of a closed <details>, nothing for screen readers alone.
_SHOWN = """
const named = (element) => {
  const id = element.id && `#${element.id}`;
  const classes = [...element.classList].map((name) => `.${name}`).join("");
  const text = element.textContent.trim().replace(/\\s+/g, " ").slice(0, 40);
  return `${element.parentElement.localName} > ${element.localName}${id}${classes} "${text}"`;
};
const shown = (element) => {
  if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) return false;
  for (let one = element; one && one !== document.body; one = one.parentElement) {
    const {width, height} = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const small = style.display !== "inline" && style.display !== "contents";
    if (small && (width <= 1 || height <= 1) && style.overflowX !== "visible") return false;
    if (style.clip !== "auto" || style.clipPath === "inset(50%)") return false;
  }
  return true;
};
const clips = (element) => getComputedStyle(element).overflowX !== "visible";
"""

_OVERFLOWING = f"""() => {{{_SHOWN}
const root = document.documentElement, found = [];
if (root.scrollWidth > root.clientWidth)
  found.push(`the page is ${{root.scrollWidth}} px wide on ${{root.clientWidth}}`);
for (const element of document.body.querySelectorAll("*")) {{
  const box = element.getBoundingClientRect();
  if (!box.width || !box.height || box.bottom <= 0 || !shown(element)) continue;
  if (box.left >= -1 && box.right <= root.clientWidth + 1) continue;
  let around = element.parentElement;
  while (around !== document.body && !clips(around)) around = around.parentElement;
  if (around === document.body)
    found.push(`${{named(element)}} from ${{box.left | 0}} to ${{box.right | 0}} px`);
}}
return found;
}}"""

# Of each text the rectangles of its lines, without what a box around it hides. Lines above one
# another may touch, as letters reach out of low lines: half of a line is what counts.
_OVERLAPPING = f"""() => {{{_SHOWN}
const found = [], lines = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {{
  const node = walker.currentNode, element = node.parentElement;
  if (!node.data.trim() || !shown(element)) continue;
  let [left, top, right, bottom] = [-Infinity, -Infinity, Infinity, Infinity];
  for (let one = element; one !== document.body; one = one.parentElement) {{
    if (!clips(one)) continue;
    const box = one.getBoundingClientRect();
    [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
    [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
  }}
  const range = document.createRange();
  range.selectNodeContents(node);
  for (const box of range.getClientRects()) {{
    const line = {{node, element, left: Math.max(left, box.left), top: Math.max(top, box.top),
      right: Math.min(right, box.right), bottom: Math.min(bottom, box.bottom)}};
    if (line.right - line.left > 1 && line.bottom - line.top > 1) lines.push(line);
  }}
}}
lines.sort((one, other) => one.top - other.top);
lines.forEach((one, at) => {{
  for (let next = at + 1; next < lines.length && lines[next].top < one.bottom; next++) {{
    const other = lines[next];
    if (one.node === other.node) continue;
    const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const height = Math.min(one.bottom, other.bottom) - other.top;
    const low = Math.min(one.bottom - one.top, other.bottom - other.top);
    if (width > 3 && height > low / 2)
      found.push(`${{named(one.element)}} lies on ${{named(other.element)}}`);
  }}
}});
for (const element of document.body.querySelectorAll("*")) {{
  const style = getComputedStyle(element);
  const wide = element.scrollWidth > element.clientWidth + 1;
  const high = element.scrollHeight > element.clientHeight + 1;
  const hides = (overflow) => overflow === "hidden" || overflow === "clip";
  const clamped = style.webkitLineClamp !== "none";  // which says by an ellipsis that there is more
  if ((wide && hides(style.overflowX)) || (high && hides(style.overflowY) && !clamped))
    if (element.textContent.trim() && shown(element)) found.push(`${{named(element)}} is cut off`);
}}
return [...new Set(found)];
}}"""

# Whoever listens, or goes on by the Tab key, gets one after the other as the document has them.
_OUT_OF_ORDER = f"""() => {{{_SHOWN}
const found = [];
for (const parent of document.querySelectorAll("body, body > *, main > *")) {{
  const parts = [...parent.children].filter(shown).map((element) => [
    element, element.getBoundingClientRect()]);
  parts.forEach(([element, box], at) => {{
    const above = parts.slice(0, at).find(([, before]) => box.bottom <= before.top);
    if (above) found.push(`${{named(element)}} stands above ${{named(above[0])}}, and comes later`);
  }});
}}
return found;
}}"""

# Each character has its place; where one stands below the line so far, the next line begins. The
# last line of a paragraph is as long as what was left.
_LINE_LENGTHS = """(selector) => [...document.querySelectorAll(selector)].flatMap((paragraph) => {
  const lengths = [], range = document.createRange();
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  let bottom = -Infinity;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (let at = 0; at < node.length; at++) {
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const box = range.getBoundingClientRect();
      if (!box.width) continue;
      if (box.top + box.height / 2 > bottom) {
        lengths.push(0);
        bottom = box.bottom;
      }
      lengths[lengths.length - 1]++;
    }
  }
  return lengths.slice(0, -1);
})"""

# All rules that axe-core runs by itself, and WCAG 2.2's target-size, which it does when it is told.
_AXE = """(rules) => axe.run(document, {
  resultTypes: ["violations"],
  rules: {"target-size": {enabled: true}},
  preload: false,
  ...(rules.length ? {runOnly: {type: "rule", values: rules}} : {}),
})"""


@dataclass(kw_only=True)  # Playwright notes its handlers on what they belong to: no slots
class Watched:
    """A page in a context of its own, and all that it did.

    `requests` are the addresses that it asked for, `dialogs` what it opened, `console` all that it
    wrote there; `faults` are the console's errors and warnings, what was thrown, and what its
    policy stopped.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        """Where the page is, with its permissions and its routes."""
        return self.page.context

    @property
    def elsewhere(self) -> list[str]:
        """The addresses on other hosts than ours."""
        addresses = (url for url in self.requests if urlsplit(url).scheme in {"http", "https"})
        return [url for url in addresses if urlsplit(url).hostname != "127.0.0.1"]

    def forget(self) -> None:
        """Begin anew: a page that stays open is shown in a fifth of the time of a new one."""
        for record in (self.requests, self.dialogs, self.console, self.faults):
            record.clear()

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    def _opened(self, dialog: Dialog) -> None:
        self.dialogs.append(f"{dialog.type}({dialog.message})")
        dialog.dismiss()

    def _written(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")
        # A browser complains even of a page that is not there, though it shows what came instead.
        is_page = message.location["url"] == self.page.url
        if is_page and message.text.startswith("Failed to load resource"):
            return
        if message.type in {"error", "warning"}:
            self.faults.append(self.console[-1])

    def _told(self, _: object, what: str) -> None:
        self.faults.append(f"policy: {what}")


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser, while the block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=[*QUIET], timeout=4 * PATIENCE
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watching(
    browser: Browser, *, width: int = 1440, height: int = 900, **options: Any
) -> Iterator[Watched]:
    """A new page that knows nothing of others; `options` are those of `Browser.new_context`."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    try:
        context.set_default_timeout(PATIENCE)
        seen = Watched(page=context.new_page())
        context.expose_binding("told", seen._told)
        context.add_init_script(_WATCH)
        context.on("request", seen._asked)
        context.on("dialog", seen._opened)
        context.on("console", seen._written)
        context.on("weberror", lambda error: seen.faults.append(f"thrown: {error.error}"))
        yield seen
    finally:
        context.close()


def unfold(page: Page) -> None:
    """Open what is there to be opened: what is folded away is not looked at."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def violations(page: Page, *rules: str) -> list[str]:
    """What axe-core finds wrong with a page as it is shown now, best practices too.

    By these rules alone, if any are named. No policy of the page's stops it.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_axe())
    found = page.evaluate(_AXE, rules)["violations"]
    return [
        f"{rule['id']}: {node['target']} {' '.join(node['failureSummary'].split())}"
        for rule in found
        for node in rule["nodes"]
    ]


def layout_shift(page: Page) -> float:
    """How much of a page of `watching` has moved by itself: the sum of all, not the worst second.

    It counts frames: two of them are waited for.
    """
    page.evaluate("() => new Promise((go) => requestAnimationFrame(() => setTimeout(go, 50)))")
    return float(page.evaluate("window.shifted"))


def overflowing(page: Page) -> list[str]:
    """What sticks out of the screen at its sides, unless a box around it scrolls by itself."""
    return [*page.evaluate(_OVERFLOWING)]


def overlapping(page: Page) -> list[str]:
    """Texts that lie on each other, and elements that hide a part of their text."""
    return [*page.evaluate(_OVERLAPPING)]


def out_of_order(page: Page) -> list[str]:
    """The parts of the page that stand above what the document has before them."""
    return [*page.evaluate(_OUT_OF_ORDER)]


def line_lengths(page: Page, selector: str) -> list[int]:
    """The characters of each full line of the paragraphs, as they are broken on this screen."""
    return [*page.evaluate(_LINE_LENGTHS, selector)]
