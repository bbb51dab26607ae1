"""Addresses fit to be logged."""

from __future__ import annotations

import re

# The second half: a password with a "/", "?" or "#" that ought to have been escaped.
_LOGIN = re.compile(
    r"(\s*(?:[a-z][a-z0-9+.-]*:)?[/\\]*)(?:[^/\\?#]*@|[^/\\?#:]*:[0-9]*(?=[^/\\?#0-9]).*@)",
    re.IGNORECASE | re.DOTALL,
)
_QUERY_VALUE = re.compile(r"([^&=]*=)[^&]*|[^&]+")


def masked(url: str) -> str:
    """The address for logs and errors: login, fragment and every query value are `***`.

    A query part without a name may itself be the secret, so it goes whole.
    """
    if not ("@" in url or "?" in url or "#" in url):
        return url
    login = _LOGIN.match(url)
    if login:
        url = f"{login[1]}***@{url[login.end() :]}"
    rest, hash_mark, fragment = url.partition("#")
    path, question_mark, query = rest.partition("?")
    query = _QUERY_VALUE.sub(lambda part: f"{part[1] or ''}***", query)
    return path + question_mark + query + hash_mark + ("***" if fragment else "")
