"""The pictures of the README: `./dev pictures` makes them anew, in docs/pictures/.

A service pulls a plainly fictional news day from this machine, and Chromium looks at it.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playwright.sync_api import ViewportSize

from tests.browser import CHROMIUM, browsing
from tests.desk import seconds_until, source
from tests.loopback import Origin
from tests.pictures.paper import PAPERS, rss
from tests.service import serving

TO = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SIZE: ViewportSize = {"width": 1080, "height": 860}
TOKEN = "whistling-kettle"
CONFIG = f"""
[site]
title = "The Merrow Bulletin"
description = "What many papers tell, every story once, by vertical."
base_url = "https://news.example"
[store]
url = "sqlite:///store.db"
[operator]
token = "{TOKEN}"
[pull]
allow_networks = ["127.0.0.0/8"]
per_host_interval = "0s"
[verticals.tech]
title = "Technology"
[verticals.science]
[verticals.business]
[verticals.world]
[verticals.culture]
"""
WHISTLING = "The Lighthouse of Cape Verrin Learns to Whistle"


def main() -> None:
    """Make all of them."""
    if CHROMIUM is None:
        sys.exit("pictures: no chromium or chrome on PATH; on Debian: apt install chromium")
    TO.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, Origin() as origin:
        folder = Path(name)
        config = CONFIG
        for path, paper in PAPERS.items():
            origin.serve(f"/{path}", rss(path, datetime.now(UTC)))
            config += source(
                origin, f"/{path}", f'verticals = ["{paper.vertical}"]', f"rank = {paper.rank}"
            )
        config += source(origin, "/gone", 'title = "The Vanished Courier"')
        (folder / "config.toml").write_text(config)
        (folder / "seeds").mkdir()
        with serving(folder) as service:
            items = sum(len(paper.items) for paper in PAPERS.values())
            seconds_until(lambda: service.get("/feeds/all.atom").text.count("<entry>") == items - 1)
            take(service.address)


def take(address: str) -> None:
    """A picture of the front page, of a story that several sources have, and of the status page."""
    with browsing() as browser:
        looking = browser.new_page(
            viewport=SIZE,
            color_scheme="light",
            http_credentials={"username": "operator", "password": TOKEN},
        )
        looking.goto(f"{address}/")
        looking.screenshot(path=TO / "front.png")
        looking.click(f"text={WHISTLING}")
        looking.click("text=Why it is here")
        looking.evaluate("scrollTo(0, 0)")
        looking.screenshot(path=TO / "story.png")
        looking.goto(f"{address}/status")
        looking.set_viewport_size({"width": SIZE["width"], "height": 1280})
        looking.screenshot(path=TO / "status.png")


main()
