"""In which language a text of a page is, and in which direction it runs."""

from __future__ import annotations

import re

from feeds.document import TWO_LETTERS

_THREE_LETTERS = frozenset({
    "ast", "ceb", "chr", "ckb", "csb", "dsb", "fil", "fur", "gsw", "haw", "hsb", "kab", "lij",
    "lld", "mhr", "nds", "pap", "sah", "scn", "szl", "vec", "yue",
})  # fmt: skip
"""Languages that have no two letters, and publishers: there are thousands more."""

_TAG = re.compile(r"([a-z]{2,3})((?:-(?:arab|cyrl|hans|hant|latn))?)(?:-[a-z0-9]{1,8})*")
_REGIONS = frozenset({"zh-cn", "zh-hk", "zh-sg", "zh-tw", "pt-br", "pt-pt", "en-gb", "en-us"})
_FROM_THE_RIGHT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd"})
_FROM_THE_RIGHT |= {"ug", "ur", "yi"}


def language(tag: str | None) -> str | None:
    """The tag as far as it is known to be registered (RFC 5646, HTML 3.2.6.2; axe: valid-lang).

    Publishers write regions and variants that no registry has, such as `en-UK`.
    """
    own = (tag or "").lower()
    found = _TAG.fullmatch(own)
    if found is None or found[1] not in TWO_LETTERS | _THREE_LETTERS:
        return None
    return own[:3] + own[3:].upper() if own in _REGIONS else found[1] + found[2].title()


def direction(tag: str) -> str:
    """The direction in which a site in this language is read: `ltr` or `rtl`."""
    parts = tag.lower().split("-")
    if "latn" in parts or "cyrl" in parts:
        return "ltr"
    return "rtl" if "arab" in parts or "hebr" in parts or parts[0] in _FROM_THE_RIGHT else "ltr"
