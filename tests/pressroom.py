"""A folder of seeds in which everything is that pages have a hard time with, plainly fictional.

press(tmp_path)                                      # config.toml and seeds/
with serving(tmp_path) as service:
    for name, path in addresses(service).items():    # every kind of page, by what it is
        ...
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.service import Service

CONFIG = """
[site]
title = "The Merrow Bulletin"
description = "News of places that no map shows."
language = "{language}"

[store]
url = "sqlite:///store.db"

[feeds]
size = 20
archive_size = 20

[verticals.culture]
title = "Culture"
description = "Choirs, looms and lanterns."
[verticals.science]
title = "Science"
description = "What is found out about Merrow."
[verticals.tech]
title = "Technology"
[verticals.weather]
title = "Weather, of which nobody writes"
threshold = 1

[[queries]]
name = "kettles"
title = "What whistles"
q = "kettle"
"""

ROUTINE = 130
"""Stories of the tide: enough for archives."""

# fmt: off
_WORDS = (
    "lantern", "harbour", "kettle", "choir", "observatory", "ferry", "loom", "dulse", "quay",
    "bell", "ledger", "tide", "moss", "gull", "oven", "barrel", "organ", "lamp", "strait", "soup",
    "rope", "anchor", "pencil", "whistle", "table", "drawer", "window", "chimney",
)
# fmt: on
_PARAGRAPH = (
    "The harbour of Merrow, which no chart shows, keeps its hours by the sea and not by the clock. "
    "When the water begins to rise the bell is rung from the roof of the ledger house, and when it "
    "stands still the clerk rings it again, twice on most days and once on a few. Nobody who lives "
    "there owns a watch, and the one watchmaker of the island has long since turned to the mending "
    "of kettles, of which there are many, since the tide is best awaited with something hot."
)
_RICH = f"""
<p>{_PARAGRAPH}</p>
<h1>What was measured</h1>
<p>By <strong>hand</strong>, with <em>care</em>, at <code>/var/lib/merrow/tide/gauge-of-the-old-\
harbour/readings/by-hand/and-with-care/twice-a-day.csv</code>; see
<a href="https://gazette.example/an/address/{"that-goes-on-" * 12}and-ends">
https://gazette.example/an/address/{"that-goes-on-" * 12}and-ends</a>.</p>
<table><caption>Heights of the water</caption>
<thead><tr>{"".join(f"<th>Gauge number {n} of the harbour</th>" for n in range(9))}</tr></thead>
<tbody>{"".join(f"<tr>{'<td>1,204 millimetres</td>' * 9}</tr>" for _ in range(4))}</tbody></table>
<h3>How</h3>
<pre><code>def height(gauge: Gauge, at: datetime, *, in_fog: bool, by_lantern: bool) -> \
Millimetres:
    return gauge.read(at)  # {"and so on, " * 12}
</code></pre>
<ul><li>at dawn<ul><li>with a lantern<ol><li>of brass</li><li>of tin</li></ol></li></ul></li>
<li>at dusk</li></ul>
<blockquote cite="https://herald.example/gauge"><p>{_PARAGRAPH}</p><p>{_PARAGRAPH}</p></blockquote>
<figure><img src="https://pictures.example/gauge.jpg" alt="A gauge in the harbour" width="1600"
height="900"><figcaption>The gauge, at low water.</figcaption></figure>
<p><a href="https://gazette.example/large"><img src="https://pictures.example/large.jpg"></a></p>
<p><img src="https://pictures.example/unnamed.png"><img src="/relative.png" alt=""></p>
<video src="https://pictures.example/tide.webm" poster="https://pictures.example/tide.jpg"
controls></video><audio src="https://pictures.example/bell.ogg" controls></audio>
<dl><dt>Neap</dt><dd>The lesser tide.</dd><dt>Spring</dt><dd>The greater one.</dd></dl>
<details><summary>More</summary><p>{_PARAGRAPH}</p></details>
<h2></h2><p></p><hr><p>H<sub>2</sub>O, and <abbr title="high water">HW</abbr> at
<time datetime="2026-03-09T06:12">twelve past six</time>.</p>
<h6>The end</h6>
<p>{_PARAGRAPH}</p>
"""

_HARD: Mapping[str, Mapping[str, Any]] = {
    "plain": {
        "title": "The harbour bell is rung twice",
        "content_html": f"<p>{_PARAGRAPH}</p><p>The kettle whistles meanwhile.</p>",
    },
    "long-title": {
        "title": "The council of Merrow, " + "having heard the clerk, the ferryman and the gull, "
        "and having slept over it, " * 6 + "lets everything be as it was",
        "content_html": "<p>It was a long evening.</p>",
    },
    "long-word": {
        "title": "Kettle" + "whistlingandhummingandsinging" * 4,
        "content_html": f"<p>The word is {'overtheharbourandunderthequay' * 8}.</p>",
        "authors": [{"name": "Inkwell" * 15}],
        "tags": ["tech", "sub" * 40],
    },
    "untitled": {
        "content_html": "<p>A lantern was seen on the quay, and nobody had lit it.</p>",
        "authors": [],
    },
    "unwritten": {"title": "Of which nothing is told"},
    "many-authors": {
        "title": "Twenty keepers write one letter",
        "content_html": "<p>Each wrote a word of it.</p><ol>"
        '<li><p><a href="/letter">The letter</a>&nbsp;<a href="#fnref:1">↩︎</a></p></li></ol>'
        '<table><tr><td>1<td><b>\n<a href="/tide">High tide</a>\n</b>\n<br>\n'
        '<a href="/ebb">Ebb tide</a>\n<br></table>',
        "authors": [
            {"name": f"{word.title()} Quillfeather-Overland van der Sparrow", "url": url}
            for number, word in enumerate(_WORDS[:20])
            for url in [f"https://gazette.example/{number}"]
        ],
    },
    "arabic": {
        "title": "جرس الميناء يقرع مرتين في اليوم",
        "content_html": "<p>يحفظ ميناء مرو ساعاته بالبحر لا بالساعة. عندما يبدأ الماء في الارتفاع "
        "يُقرع الجرس من سطح بيت السجلات، وعندما يسكن يقرعه الكاتب مرة أخرى.</p>"
        "<ul><li>عند الفجر</li><li>عند الغروب</li></ul>",
        "language": "ar",
    },
    "hebrew": {
        "title": "פעמון הנמל מצלצל פעמיים ביום",
        "content_html": "<p>נמל מרו שומר את שעותיו לפי הים ולא לפי השעון. כאשר המים מתחילים לעלות "
        "מצלצלים בפעמון מגג בית הספרים.</p>",
        "language": "he",
    },
    "japanese": {
        "title": "港の鐘は一日に二度鳴る、潮が満ちるときと、潮が止まるときに",
        "content_html": "<p>どの海図にもないメローの港は、時計ではなく海によって時刻を守っている。"
        "水が満ち始めると帳簿の家の屋根から鐘が鳴らされ、水が止まると書記がもう一度鳴らす。</p>"
        * 4,
        "language": "ja",
    },
    "chinese": {
        "title": "港口的钟每天敲两次",
        "content_html": "<p>海图上没有的梅罗港，不看钟表，只看大海。水开始上涨时，账房的屋顶上就敲"
        "钟；水静止时，书记再敲一次。</p>" * 4,
        "language": "zh-Hans",
    },
    "hindi": {
        "title": "बंदरगाह की घंटी दिन में दो बार बजती है",
        "content_html": "<p>मेरो का बंदरगाह, जो किसी नक्शे में नहीं है, अपना समय घड़ी से नहीं, समुद्र से "
        "रखता है। जब पानी चढ़ने लगता है तो बहीघर की छत से घंटी बजाई जाती है।</p>" * 3,
        "language": "hi",
    },
    "russian": {
        "title": "Портовый колокол звонит дважды в день",
        "content_html": "<p>Гавань Мерроу, которой нет ни на одной карте, сверяет время по морю, а "
        "не по часам. Когда вода прибывает, с крыши счётного дома звонят в колокол.</p>" * 3,
        "language": "ru",
    },
    "rich": {"title": "Everything that a page may hold", "content_html": _RICH},
    "enclosure": {
        "title": "The choir of the observatory, heard from the quay",
        "content_html": f"<p>{_PARAGRAPH}</p>",
        "image": "https://pictures.example/choir.jpg",
        "attachments": [
            {
                "url": f"https://pictures.example/choir-{'of-the-observatory-' * 6}{number}.mp3",
                "mime_type": "audio/mpeg",
                "size_in_bytes": 12_345_678,
                "duration_in_seconds": 3_725,
            }
            for number in range(3)
        ],
        "tags": ["culture"],
    },
    "everywhere": {
        "title": "Nine lighthouses agree on a common alphabet",
        "content_html": f"<p>{_PARAGRAPH}</p><p>The soup was ready.</p>",
        "tags": ["culture", "science", "tech"],
    },
    "markup-in-words": {
        "title": "Of </title><b>bold</b> & \"quoted\" words, 'and' <script>alert(1)</script>",
        "content_html": "<p>&lt;script&gt;alert(1)&lt;/script&gt; is what it said.</p>",
        "authors": [{"name": '"><b>Bold</b> & Sons'}],
    },
}

MACHINE = """\
A Choir Sings What the Telescope Heard
Lantern & Loom Review
by T. R. Quillfeather, Jr., Élodie Van der SparrowMarch 8, 2026
AI-Generated Deep Dive Summary
{0}
{0}
Every voice had been given one frequency of the receiver, and every bar stood for an hour.
Verticals
culturescience
Originally published on Lantern & Loom Review on 3/8/2026
"""

COPIED = "everywhere"
"""The story that two publications have."""

STORIES = (*_HARD, "machine", "routine")
"""The names of stories, each hard in a way of its own, but for the last."""

FIXED: Mapping[str, str] = {
    "the front page": "/",
    "everything": "/all",
    "a vertical": "/science",
    "another vertical": "/tech",
    "an empty vertical": "/weather",
    "two verticals": "/culture_science",
    "a saved query": "/kettles",
    "the oldest archive": "/science/archive/0",
    "a search": "/search?q=harbour",
    "a search in vain": "/search?q=zeppelin",
    "a search for what has markup in it": "/search?q=%22%3E%3Cb%3Ebell",
    "the search form": "/search",
    "a search that asks for too much": "/search?q=" + "+".join("abcdefghi"),
    "about": "/about",
    "privacy": "/privacy",
    "status": "/status",
    "what is not there": "/nothing",
    "a story that is not there": "/stories/0123456789abcdef0123",
}
"""Pages that are at the same place in every pressroom."""

ARCHIVE = "the newest archive"

PAGES = (*FIXED, ARCHIVE, *STORIES)
"""The names of all."""


def press(folder: Path, language: str = "en") -> None:
    """Lay out the folder: files are read by name, so that the routine is the oldest."""
    seeds = folder / "seeds"
    seeds.mkdir()
    (folder / "config.toml").write_text(CONFIG.format(language=language), "utf-8")
    _write(seeds / "almanac.json", "The Tide Tables", "tides", list(_routine()))
    (seeds / "choir.txt").write_text(MACHINE.format(_PARAGRAPH), "utf-8")
    _write(seeds / "gazette.json", "The Merrow Gazette", "gazette", list(_hard()))
    _write(seeds / "herald.json", "The Far Shores Herald", "herald", [_copy()])


def addresses(service: Service) -> dict[str, str]:
    """The path of each of `PAGES` at this service."""
    items = json.loads(service.get("/feeds/all.json").body)["items"]
    ids = {item["title"]: item["id"] for item in items}
    (machine,) = (ids[title] for title in ids if title.startswith("A Choir Sings"))
    stories = {name: _own("gazette", name) for name in _HARD}
    stories |= {"machine": machine, "routine": _own("tides", f"{ROUTINE - 1}")}
    # Which of the two copies came first is the story's id.
    (stories[COPIED],) = (ids[t] for t in ids if t == _HARD[COPIED]["title"])
    older = re.search(r'<a rel="next" href="([^"#]+)', service.get("/all").text)
    assert older, "everything has no archives"
    return {**FIXED, ARCHIVE: older[1], **{name: page_of(ids) for name, ids in stories.items()}}


def page_of(identifier: str) -> str:
    """The path of a story's page, by the rule of docs/addresses.md."""
    return f"/stories/{sha256(identifier.encode()).hexdigest()[:20]}"


def link_of(name: str, paper: str = "gazette") -> str:
    """Where the publisher has the story."""
    return _own(paper, name)


def title_of(name: str) -> str:
    """What the publisher calls it."""
    title: str = _HARD[name]["title"]
    return title


def _own(paper: str, name: str) -> str:
    return f"https://{paper}.example/{name}"


def _hard() -> Iterator[dict[str, Any]]:
    for number, (name, story) in enumerate(_HARD.items()):
        yield {
            "id": _own("gazette", name),
            "url": _own("gazette", name),
            "date_published": _at(days=20, minutes=-number),
            "authors": [{"name": "Ada Inkwell"}],
            "tags": ["tech"],
            **story,
        }


def _copy() -> dict[str, Any]:
    place = _own("herald", COPIED)
    return {**_HARD[COPIED], "id": place, "url": place, "date_published": _at(days=20, hours=2)}


def _routine() -> Iterator[dict[str, Any]]:
    for number in range(ROUTINE):
        words = [_WORDS[(number * step + step) % len(_WORDS)] for step in (1, 3, 5, 7, 11, 13)]
        yield {
            "id": _own("tides", f"{number}"),
            "url": _own("tides", f"{number}"),
            "date_published": _at(hours=number),
            "title": f"Tide {number}: the {words[0]} and the {words[1]}",
            "content_html": f"<p>In hour {number} the {' met the '.join(words)}.</p>",
            "tags": ["science"],
        }


def _at(**after: float) -> str:
    return (datetime(2026, 3, 1, tzinfo=UTC) + timedelta(**after)).isoformat()


def _write(file: Path, title: str, paper: str, items: list[dict[str, Any]]) -> None:
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": f"https://{paper}.example/",
        "items": items,
    }
    file.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
