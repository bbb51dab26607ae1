"""What all pages share: the house that they are in, and what they may load."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from aggregator.dates import long_date, rfc3339
from aggregator.model import Selection
from aggregator.settings import Settings
from feeds import document
from feeds.pages.subscribing import panel
from feeds.pages.tongues import direction, language

MEDIA_TYPE = "text/html; charset=utf-8"

IN_NAVIGATION = 12
"""Verticals that every page leads to by name; to others it does by way of the about page."""

_HERE = Path(__file__).parent.parent

ASSETS = {
    file.name: file.read_bytes() for file in sorted((_HERE / "static").iterdir()) if file.is_file()
}
"""What pages look like, and what makes them more comfortable: by the name of the file."""

_NAMED = {
    name: f"{stem}.{sha256(body).hexdigest()[:8]}.{ending}"
    for name, body in ASSETS.items()
    for stem, ending in [name.rsplit(".", 1)]
}


def headers(settings: Settings) -> tuple[tuple[str, str], ...]:
    """The headers of every page.

    It runs nothing but our own script, and loads nothing from elsewhere: publishers' pictures
    would tell them who reads. Only where config.toml wants them it loads these.
    """
    remote = "img-src 'self' http: https:; media-src http: https:"
    pictures = remote if settings.pictures == "remote" else "img-src 'self'"
    policy = (
        f"default-src 'none'; style-src 'self'; script-src 'self'; {pictures}; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return (("Content-Security-Policy", policy), ("Referrer-Policy", "no-referrer"))


def asset(name: str) -> str:
    """The name under which an asset is served: another one for other bytes, and so for good."""
    return _NAMED[name]


def current(name: str) -> str | None:
    """The name of the asset that has had this one, as it is now; None if none ever had it."""
    stem, _, rest = name.partition(".")
    _, _, ending = rest.partition(".")
    return name if name in _NAMED.values() else _NAMED.get(f"{stem}.{ending}")


@pass_context
def _local(context: Context, address: str) -> str:
    """One of our own addresses without the host, which readers may know by another name."""
    base_url: str = context["settings"].site.base_url
    return f"{context['root']}{address.removeprefix(base_url)}"


_environment = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
_environment.filters |= {
    "direction": direction,
    "language": language,
    "local": _local,
    "long_date": long_date,
    "rfc3339": rfc3339,
    "safe_html": Markup,
}
_environment.globals |= {"asset": asset, "in_navigation": IN_NAVIGATION, "panel": panel}


def filled(template: str, settings: Settings, **told: object) -> str:
    """A page made of one of the templates and of what is told, which is never read as markup."""
    root = urlsplit(settings.site.base_url).path
    return _environment.get_template(template).render(told, settings=settings, root=root)


def error_page(status: HTTPStatus, why: str, settings: Settings) -> str:
    """What a browser is shown instead of a page: what is wrong, and where to go on."""
    addresses = document.addresses(Selection(), settings.site.base_url)
    return filled("error.html", settings, status=status, why=why, addresses=addresses)
