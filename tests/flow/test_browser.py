"""Readers walk our pages in a real browser: what they meet, what they are spared, what runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Browser, Page, Route
from playwright.sync_api import Error as PlaywrightError

from tests.browser import (
    Watched,
    browsing,
    layout_shift,
    line_lengths,
    needs_chromium,
    out_of_order,
    overflowing,
    overlapping,
    unfold,
    violations,
    watching,
)
from tests.checker import errors_in, needs_checker
from tests.flow.test_xss import collected
from tests.hostile import VECTORS, documents
from tests.pressroom import COPIED, PAGES, ROUTINE, addresses, link_of, press, title_of
from tests.service import Service, serving

COLLECTIONS = os.environ.get("XSS_VECTORS")
WIDTHS = (360, 768, 1440)
WIDE = 1440

COLOURS = ("color-contrast", "link-in-text-block")
"""The rules for which light and dark make a difference."""

LOOKS = (*COLOURS, "scrollable-region-focusable", "target-size")
"""And those for which sizes do."""

SUFFIXES = ("rss", "atom", "atom", "atom", "json")
"""What the five documents of a vector are."""

DRAWN = 400
"""Vectors of the well-known collections that are walked to: a few hundred pages take a minute."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("pressroom")
    press(folder)
    with serving(folder) as running:
        yield running


@pytest.fixture(scope="module")
def paths(service: Service) -> dict[str, str]:
    return addresses(service)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as opened:
        yield opened


@pytest.fixture
def seen(browser: Browser) -> Iterator[Watched]:
    with watching(browser) as watched:
        yield watched


def widened(page: Page, width: int) -> Page:
    page.set_viewport_size({"width": width, "height": 900})
    return page


# ---- what readers do ----------------------------------------------------------------------------


@needs_chromium
@pytest.mark.parametrize("scripting", [True, False])
def test_a_reader_walks_from_the_front_page_to_the_publisher(
    browser: Browser, service: Service, scripting: bool
) -> None:
    with watching(browser, java_script_enabled=scripting) as seen:
        asked = []

        def publisher(route: Route) -> None:
            asked.append((route.request.url, route.request.headers.get("referer")))
            route.fulfill(content_type="text/html", body="<!doctype html><title>There</title>")

        seen.context.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), publisher)
        page = seen.page
        page.goto(service.address)
        page.get_by_role("navigation", name="Verticals").get_by_role("link", name="Culture").click()
        assert page.url == f"{service.address}/culture"
        page.locator("main article").get_by_role("link", name=title_of(COPIED)).click()
        assert page.locator("main article h1").inner_text() == title_of(COPIED)
        also = page.locator("main article .elsewhere a")
        assert also.get_attribute("href") == link_of(COPIED, "herald")
        assert asked == []
        page.locator(".origin a").click()
        page.wait_for_url(link_of(COPIED))
        assert asked == [(link_of(COPIED), None)]
        assert seen.faults == []


@needs_chromium
@pytest.mark.parametrize("scripting", [True, False])
def test_a_reader_goes_through_everything_to_the_oldest_story(
    browser: Browser, service: Service, scripting: bool
) -> None:
    with watching(browser, java_script_enabled=scripting) as seen:
        seen.page.goto(f"{service.address}/science")
        met = [*titles(seen.page)]
        while (older := seen.page.locator("a[rel=next]")).count():
            older.click()
            met += titles(seen.page)
        assert met[-1].startswith("Tide 0:")
        assert len(set(met)) == ROUTINE + 2


def titles(page: Page) -> list[str]:
    return page.locator("main article :is(h2, h3)").all_inner_texts()


@needs_chromium
@pytest.mark.parametrize("scripting", [True, False])
def test_a_reader_searches_and_may_subscribe_to_the_search(
    browser: Browser, service: Service, scripting: bool
) -> None:
    with watching(browser, java_script_enabled=scripting) as seen:
        page = seen.page
        page.goto(service.address)
        page.locator("form[role=search] input[name=q]").fill("lantern  quay")
        page.locator("form[role=search] input[name=q]").press("Enter")
        page.wait_for_url(re.compile("/search"))
        assert len(titles(page)) > 3
        offers = page.locator("section.subscribe a[type]").evaluate_all(
            "all => all.map(a => a.href)"
        )
        assert [offer.rpartition(".")[2].partition("?")[0] for offer in offers] == [
            "atom",
            "rss",
            "json",
        ]
        listed = service.get(offers[0].removeprefix(service.address))
        assert listed.status == 200
        feed = ET.fromstring(listed.body)
        entitled = [title.text or "" for title in feed.findall("{*}entry/{*}title")]
        assert entitled[: len(titles(page))] == titles(page)
        found = page.locator("head link[rel=alternate]").evaluate_all("all => all.map(a => a.href)")
        assert found == offers
        assert seen.faults == []


@needs_chromium
@pytest.mark.parametrize("path", ["/", "/science", "/kettles", "/search?q=bell"])
def test_the_address_of_a_feed_is_copied_by_a_button(
    browser: Browser, service: Service, path: str
) -> None:
    with watching(browser, permissions=["clipboard-read", "clipboard-write"]) as seen:
        page = seen.page
        page.goto(service.address + path)
        offers = page.locator("section.subscribe li", has=page.locator("a[type]"))
        assert offers.count() == 3
        for offer in offers.all():
            offer.locator("button.copy").click()
            offer.get_by_text("Copied").wait_for()
            copied = page.evaluate("navigator.clipboard.readText()")
            assert copied == offer.locator("a[type]").evaluate("a => a.href")
            assert service.get(copied.removeprefix(service.address)).status == 200
        assert seen.faults == []


@needs_chromium
def test_where_browsers_have_no_clipboard_an_address_is_copied_all_the_same(
    browser: Browser, service: Service
) -> None:
    with watching(browser, permissions=["clipboard-read"]) as seen:
        seen.page.add_init_script("window.read = () => clipboard.readText();")
        seen.page.add_init_script(
            "window.clipboard = navigator.clipboard; delete Navigator.prototype.clipboard;"
        )
        seen.page.goto(service.address)
        seen.page.locator("button.copy").first.click()
        seen.page.get_by_text("Copied").wait_for()
        assert seen.page.evaluate("read()") == f"{service.address}/feeds/all.atom"
        assert seen.page.locator("textarea").count() == 0


@needs_chromium
def test_a_feed_that_comes_by_tls_is_opened_as_one(seen: Watched, service: Service) -> None:
    script = re.search(r'src="(/static/copy[^"]+)"', service.get("/").text)
    assert script
    links = "".join(
        f'<a class="open" href="feed://news.example/f" data-feed="{scheme}://news.example/f">x</a>'
        for scheme in ("https", "http")
    )
    serve(seen, f'<!doctype html><title>x</title>{links}<script src="{script[1]}"></script>')
    seen.page.goto(f"{service.address}/bad")
    assert seen.page.locator("a.open").evaluate_all("all => all.map((one) => one.href)") == [
        "feed:https://news.example/f",
        "feed://news.example/f",
    ]


@needs_chromium
def test_without_scripts_there_is_no_button_that_does_nothing(
    browser: Browser, service: Service
) -> None:
    with watching(browser, java_script_enabled=False) as seen:
        for path in ("/", "/science", "/search?q=bell", "/about"):
            seen.page.goto(service.address + path)
            buttons = seen.page.locator("button:not([type=submit])").all()
            assert [button for button in buttons if button.is_visible()] == []
            assert not any(url.endswith(".js") for url in seen.requests)


# ---- how it looks -------------------------------------------------------------------------------


@needs_chromium
@pytest.mark.parametrize("path", ["/", "/science", "/about", "/nothing"])
def test_who_wants_dark_pages_has_them_and_who_does_not_has_not(
    seen: Watched, service: Service, path: str
) -> None:
    seen.page.goto(service.address + path)
    seen.page.emulate_media(color_scheme="light")
    paper, ink = brightness(seen.page, "backgroundColor"), brightness(seen.page, "color")
    assert (paper > 0.8, ink < 0.2) == (True, True)
    seen.page.emulate_media(color_scheme="dark")
    paper, ink = brightness(seen.page, "backgroundColor"), brightness(seen.page, "color")
    assert (paper < 0.1, ink > 0.7) == (True, True)


@needs_chromium
def test_on_paper_a_story_is_alone(seen: Watched, service: Service, paths: dict[str, str]) -> None:
    page = seen.page
    page.goto(service.address + paths[COPIED])
    around = page.locator("nav, form, .subscribe, .house, .came-about")
    assert around.count() == 5
    assert all(one.is_visible() for one in around.all())
    page.emulate_media(media="print")
    assert not any(one.is_visible() for one in around.all())
    assert page.locator(".story .text, .origin").count() == 2


def brightness(page: Page, name: str) -> float:
    """The relative luminance (WCAG 2.2) of a colour of the page, about."""
    told = page.evaluate(f"getComputedStyle(document.body).{name}")
    parts = [int(part) / 255 for part in re.findall(r"\d+", told)[:3]]
    red, green, blue = (float(part**2.2) for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@needs_chromium
def test_a_site_in_arabic_is_laid_out_from_the_right(browser: Browser, tmp_path: Path) -> None:
    press(tmp_path, "ar")
    with serving(tmp_path) as service, watching(browser) as seen:
        page, paths = seen.page, addresses(service)
        for name in ("the front page", "a vertical", "a search", "arabic", "rich", "machine"):
            page.goto(service.address + paths[name])
            assert page.locator("html").get_attribute("dir") == "rtl"
            panel, rest = (page.locator(f"main > {one}").bounding_box() for one in PARTS)
            assert panel
            assert rest
            assert panel["x"] + panel["width"] <= rest["x"], name
            assert misplaced(page) == [], name
            widened(page, WIDE)


PARTS = (".subscribe", ".rest")


@needs_chromium
@pytest.mark.parametrize(
    ("name", "direction"), [("arabic", "rtl"), ("hebrew", "rtl"), ("plain", "ltr")]
)
def test_a_story_runs_in_its_own_direction_on_a_site_in_english(
    seen: Watched, service: Service, paths: dict[str, str], name: str, direction: str
) -> None:
    seen.page.goto(service.address + paths[name])
    assert seen.page.locator("html").get_attribute("dir") in {None, "ltr"}
    panel, rest = (seen.page.locator(f"main > {one}").bounding_box() for one in PARTS)
    assert panel
    assert rest
    assert panel["x"] >= rest["x"] + rest["width"]
    for part in ("main article h1", "main article .text p >> nth=0"):
        told = seen.page.locator(part).evaluate("e => getComputedStyle(e).direction")
        assert (part, told) == (part, direction)
        assert (part, *gaps(seen.page, part)) == (part, direction == "ltr", direction == "rtl")


def gaps(page: Page, selector: str) -> tuple[bool, bool]:
    """Whether the last line of a text begins at the left of its box, and at the right."""
    left, right = page.locator(selector).evaluate("""element => {
      const range = document.createRange(), box = element.getBoundingClientRect();
      range.selectNodeContents(element);
      const line = [...range.getClientRects()].at(-1);
      return [line.left - box.left, box.right - line.right];
    }""")
    return left < 1, right < 1


@needs_chromium
@pytest.mark.parametrize("name", ["plain", "enclosure", COPIED, "machine", "russian"])
def test_a_line_of_a_story_has_as_many_letters_as_are_read_easily(
    seen: Watched, service: Service, paths: dict[str, str], name: str
) -> None:
    seen.page.goto(service.address + paths[name])
    for width in WIDTHS[1:]:
        lengths = line_lengths(widened(seen.page, width), "main article .text p")
        assert lengths
        assert 45 <= min(lengths) <= max(lengths) <= 80, (width, lengths)
    # Where there is little room, lines end more unevenly; and Cyrillic letters are wider.
    lengths = line_lengths(widened(seen.page, WIDTHS[0]), "main article .text p")
    assert (35 if name == "russian" else 45) <= median(lengths) <= max(lengths) <= 80, lengths


# ---- what every page owes -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What was found on one page; `moved` is how much of it has moved by itself."""

    moved: float
    elsewhere: tuple[str, ...]
    faults: tuple[str, ...]
    misplaced: tuple[str, ...]
    violations: tuple[str, ...]


@pytest.fixture(scope="module")
def visitor(browser: Browser) -> Iterator[Watched]:
    with watching(browser) as watched:
        yield watched


@pytest.fixture(scope="module", params=PAGES)
def visit(
    request: pytest.FixtureRequest, visitor: Watched, service: Service, paths: dict[str, str]
) -> Visit:
    """Each page is looked at once, and then judged."""
    page = widened(visitor.page, WIDE)
    page.emulate_media(color_scheme="light")
    visitor.forget()
    page.goto(service.address + paths[request.param])
    page.mouse.wheel(0, 20_000)  # what is loaded only when it comes near
    moved = layout_shift(page)
    assert len(visitor.requests) > 1, "not even its style"
    return Visit(
        moved=moved,
        elsewhere=tuple(visitor.elsewhere),
        faults=tuple(visitor.faults + visitor.dialogs),
        misplaced=tuple(misplaced(page)),
        violations=tuple(barriers(page)),
    )


def misplaced(page: Page) -> list[str]:
    """What sticks out, lies on something else or is out of order, at any width, all unfolded."""
    found = []
    unfold(page)
    for width in WIDTHS:
        here = overflowing(widened(page, width)) + overlapping(page) + out_of_order(page)
        found += [f"at {width} px: {one}" for one in here]
    return found


def barriers(page: Page) -> list[str]:
    """What keeps somebody from reading, on a desk by day and on a telephone by night.

    The elements are the same: there it is looked at what colours and sizes can make wrong.
    """
    unfold(page)
    widened(page, WIDE).emulate_media(color_scheme="light")
    found = violations(page)
    widened(page, WIDTHS[0]).emulate_media(color_scheme="dark")
    return found + [f"small and dark: {one}" for one in violations(page, *LOOKS)]


@needs_chromium
def test_at_any_width_nothing_sticks_out_lies_on_something_else_or_is_out_of_order(
    visit: Visit,
) -> None:
    assert visit.misplaced == ()


@needs_chromium
def test_nobody_is_kept_from_reading(visit: Visit) -> None:
    assert visit.violations == ()


@needs_chromium
def test_no_other_host_is_asked_for_anything_and_no_browser_complains(visit: Visit) -> None:
    assert (visit.elsewhere, visit.faults) == ((), ())


@needs_chromium
def test_what_is_being_read_stays_where_it_is(visit: Visit) -> None:
    assert visit.moved < 0.01


@needs_checker
def test_the_checker_of_the_w3c_finds_no_error(
    service: Service, paths: dict[str, str], tmp_path: Path
) -> None:
    pages = {name: service.get(path, accept="text/html").text for name, path in paths.items()}
    style = re.search(r'<link rel="stylesheet" href="([^"]+)"', pages["about"])
    assert style
    pages["style.css"] = service.get(style[1]).text
    assert errors_in(pages, tmp_path) == []


@needs_checker
def test_an_error_is_found_by_the_checker(tmp_path: Path) -> None:
    pages = {
        "good": '<!doctype html>\n<html lang="en"><title>It is</title><p>So it is.</p></html>',
        "bad": '<!doctype html>\n<html lang="en"><title>It is not</title>\n<p made=up></html>',
        "good.css": "p { color: red }",
        "bad.css": "p {\n  colour: red }",
    }
    found = [line.partition(": ")[0] for line in errors_in(pages, tmp_path)]
    assert found == ["bad:3", "bad.css:2"]


# ---- what is wrong is seen ----------------------------------------------------------------------

BAD = """<!doctype html><html lang="en"><title>A bad page</title>
<script>console.warn("warned"); setTimeout(() => { throw new Error("thrown"); });</script>
<script src="https://elsewhere.example/x.js"></script><img src="https://elsewhere.example/x.png">
<style>
  body { margin: 0; color: #777; background: #888 }
  #wide { width: 2000px }
  #cut { width: 50px; overflow: hidden; white-space: nowrap }
  #low { position: absolute; top: 100px; left: 9px }
  #on { position: absolute; top: 105px; left: 19px }
  #ends { display: flex; flex-direction: column-reverse }
  #scrolls { width: 90px; overflow: auto; white-space: nowrap }
</style>
<div id="moves"></div><p id="wide">Wide</p><p id="cut">This is cut off somewhere</p>
<p id="low">Below something</p><p id="on">Above something</p>
<div id="scrolls">All of this may be scrolled to, so that nothing of it is lost at all</div>
<section id="ends"><p>The first</p><p>The second</p></section>
<p id="lines" style="width: 10ch; font: 16px monospace">one two three four five six</p>
<p onclick="alert(1)" id="asks">Ask</p><img src="/nothing.png">"""


# What moves before anybody has seen it has not moved.
_MOVE = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  document.getElementById("moves").style.height = "300px";
  done();
})))"""


def serve(seen: Watched, html: str, headers: dict[str, str] | None = None) -> None:
    """Have this at /bad of any host."""

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html", body=html, headers=headers)

    seen.context.unroute_all()
    seen.context.route("**/bad", answer)


@needs_chromium
def test_what_is_wrong_with_a_page_is_seen(seen: Watched, service: Service) -> None:
    page = seen.page
    policy = "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
    serve(seen, BAD, {"Content-Security-Policy": policy})
    page.goto(f"{service.address}/bad")
    page.evaluate(_MOVE)
    page.wait_for_function("window.shifted > 0")
    assert layout_shift(page) > 0.01
    page.locator("#asks").click()
    assert seen.dialogs == ["alert(1)"]
    assert any(fault.endswith("warned") for fault in seen.faults)
    assert "thrown: thrown" in seen.faults
    assert any(re.match(r"policy: script-src\S* stopped https://els", f) for f in seen.faults)
    assert any(re.match(r"policy: img-src stopped https://els", f) for f in seen.faults)
    assert any("404" in fault for fault in seen.faults)
    found = {line.partition(":")[0] for line in violations(page)}
    assert {"color-contrast", "image-alt", "landmark-one-main", "region"} <= found
    assert violations(page, *COLOURS)
    assert [line.partition('"')[0] for line in overflowing(page)] == [
        "the page is 2000 px wide on 1440",
        "body > p#wide ",
    ]
    assert overlapping(page) == [
        'body > p#low "Below something" lies on body > p#on "Above something"',
        'body > p#cut "This is cut off somewhere" is cut off',
    ]
    assert [line for line in out_of_order(page) if "first" in line] == [
        'section > p "The second" stands above section > p "The first", and comes later'
    ]
    assert line_lengths(page, "#lines") == [7, 10]


@needs_chromium
def test_what_is_asked_of_others_is_seen(browser: Browser, service: Service) -> None:
    with watching(browser, bypass_csp=True) as seen:
        serve(seen, BAD)
        seen.page.goto(f"{service.address}/bad")
        assert sorted(seen.elsewhere) == [
            "https://elsewhere.example/x.js",
            "https://elsewhere.example/x.png",
        ]


# ---- what hostile sources send ------------------------------------------------------------------

# Runs on each page, beside its own scripts, with no policy to help: what runs opens a dialog, says
# something on the console, calls one of these, or asks for something.
TRAP = """for (const name of ["print", "open"]) window[name] = (what) => told(name + what);"""
PROBE = """async () => {
  const found = [];
  for (const type of ["click", "submit"]) document.addEventListener(type, (event) => {
    const link = event.target.closest("a[href], area[href]");
    if (type === "submit" || (link && link.protocol !== "javascript:")) event.preventDefault();
  }, true);
  const foreign = "script:not([src^='/static/'], [type='application/ld+json']), base, style, " +
    "iframe, frame, object, embed, applet, portal, [http-equiv], template";
  for (const one of document.querySelectorAll(foreign)) found.push(one.outerHTML.slice(0, 300));
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const element of document.querySelectorAll("body, body *")) {
    for (const {name, value} of element.attributes)
      if (name.startsWith("on") || /^[^a-z]*(javascript|data|vbscript):/i.test(value))
        if (!/^(title|value|content|alt)$/.test(name))
          found.push(`${name} in ${element.outerHTML.slice(0, 300)}`);
    if (/script|data/.test(element.protocol)) found.push(element.outerHTML.slice(0, 300));
    for (const type of ["mouseover", "focus", "click"])
      element.dispatchEvent(new MouseEvent(type, {bubbles: true, cancelable: true}));
  }
  await new Promise((go) => setTimeout(go));
  return found;
}"""


@contextmanager
def trapping(browser: Browser) -> Iterator[Watched]:
    """A page that tells of all that runs in it; a small one, which is painted sooner."""
    with watching(browser, width=360, height=600, bypass_csp=True) as seen:
        seen.context.add_init_script(TRAP)
        yield seen


def ran(seen: Watched, url: str) -> list[str]:
    """What ran, or would, on the page at this address when all there is was clicked."""
    seen.page.goto(url)
    try:
        found = [*seen.page.evaluate(PROBE)]
    except PlaywrightError as error:  # as when the page goes elsewhere by itself
        found = [f"it was gone: {error.message}"]
    found += seen.dialogs + seen.faults + seen.elsewhere
    if seen.page.url != url:
        found.append(f"it went to {seen.page.url}")
    seen.forget()
    return found


def lay_out(folder: Path, vectors: Iterable[str]) -> None:
    """Seeds with a document for each vector, in each format in turn.

    They are days apart, so that none is taken for a copy of another: each has a story of its own.
    """
    (folder / "seeds").mkdir()
    (folder / "config.toml").write_text(
        '[store]\nurl = "sqlite:///store.db"\n[verticals.science]\n[verticals.tech]\n'
    )
    for number, vector in enumerate(vectors):
        kind = number % len(SUFFIXES)
        when = (datetime(2022, 1, 1, tzinfo=UTC) + timedelta(days=3 * number)).isoformat()
        document = documents(vector)[kind]
        for before, after in (
            ("<item>", f"<item><pubDate>{when}</pubDate>"),
            ("2026-02-13T09:00:00Z", when),
            ('"id": "json"', f'"id": "json", "date_published": "{when}"'),
        ):
            document = document.replace(before.encode(), after.encode())
        (folder / "seeds" / f"{number:04}.{SUFFIXES[kind]}").write_bytes(document)


def everywhere(service: Service) -> Iterator[str]:
    """All pages that show a story: lists from the newest to the oldest, then its own."""
    yield from ("/", "/science", "/tech", "/search?q=x", "/search?q=-zeppelin", "/status", "/about")
    stories, list_page = set(), "/all"
    while list_page:
        yield list_page
        html = service.get(list_page).text
        stories |= set(re.findall(r'href="(/stories/[0-9a-f]{20})"', html))
        older = re.search(r'<a rel="next" href="([^"#]+)', html)
        list_page = older[1] if older else ""
    yield from sorted(stories)


@needs_chromium
def test_nothing_that_hostile_feeds_hold_runs_on_any_page(browser: Browser, tmp_path: Path) -> None:
    vectors = [vector for vectors in VECTORS.values() for vector in vectors]
    lay_out(tmp_path, vectors)
    with serving(tmp_path) as service, trapping(browser) as seen:
        pages = list(everywhere(service))
        assert sum(page.startswith("/stories/") for page in pages) > 0.9 * len(vectors)
        found = {page: ran(seen, service.address + page) for page in pages}
        assert {page: things for page, things in found.items() if things} == {}


@needs_chromium
@pytest.mark.parametrize("where", ["/search?q={}", "/search?q=x&author={}", "/{}"])
def test_nothing_that_is_asked_for_runs_on_the_page_that_answers(
    browser: Browser, service: Service, where: str
) -> None:
    vectors = [*VECTORS["unclosed"], *(vectors[0] for vectors in VECTORS.values())]
    with trapping(browser) as seen:
        for vector in vectors:
            asked = quote(vector.encode(errors="surrogatepass"), safe="")
            assert (vector, ran(seen, service.address + where.format(asked))) == (vector, [])


@needs_chromium
def test_what_runs_on_a_page_is_seen(browser: Browser, service: Service) -> None:
    bad: dict[str, str | tuple[str, ...]] = {
        "<script>alert(1)</script>": "alert(1)",
        "<img src=x onerror=alert(2)>": "alert(2)",
        "<a href=javascript:alert(3)>x</a>": "alert(3)",
        "<p onmouseover=alert(4)>x</p>": "alert(4)",
        "<svg onload=print(5)></svg>": "policy: print",
        "<script>console.error(6)</script>": "error: 6",
        "<img src=https://bad.example/7>": "https://bad.example/7",
        "<meta http-equiv=refresh content='0;url=/about'>": ("it was gone", "it went to"),
    }
    with trapping(browser) as seen:
        for html, told in bad.items():
            serve(seen, f"<!doctype html><title>x</title><main>{html}</main>")
            assert any(one.startswith(told) for one in ran(seen, f"{service.address}/bad")), html


@needs_chromium
@pytest.mark.skipif(COLLECTIONS is None, reason="XSS_VECTORS names no folder of collections")
def test_nothing_of_the_well_known_collections_runs_on_any_page(
    browser: Browser, tmp_path: Path
) -> None:
    vectors = list(dict.fromkeys(collected(Path(COLLECTIONS or ""))))
    lay_out(tmp_path, vectors[:: 1 + len(vectors) // DRAWN])
    with serving(tmp_path) as service, trapping(browser) as seen:
        found = {page: ran(seen, service.address + page) for page in everywhere(service)}
        assert {page: things for page, things in found.items() if things} == {}
