"""In which language a text of a page is, and in which direction it runs."""

from __future__ import annotations

import re

_SUBTAGS = re.compile(
    r"([a-z]{2})(?:-[a-z]{3})?(?:-(hans|hant|latn|cyrl|arab))?(?:-.*)?", re.IGNORECASE
)
_FROM_THE_RIGHT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd"})
_FROM_THE_RIGHT |= {"ug", "ur", "yi"}


def language(tag: str | None) -> str | None:
    """What browsers have to know of a story's language (HTML 3.2.6.2): itself, and the script.

    Publishers write regions and variants that no registry has, such as `en-UK`.
    """
    found = _SUBTAGS.fullmatch(tag or "")
    if found is None:
        return None
    own, script = found[1].lower(), found[2]
    return f"{own}-{script.title()}" if script else own


def direction(tag: str) -> str:
    """The direction in which a site in this language is read: `ltr` or `rtl`."""
    parts = tag.lower().split("-")
    if "latn" in parts or "cyrl" in parts:
        return "ltr"
    return "rtl" if "arab" in parts or "hebr" in parts or parts[0] in _FROM_THE_RIGHT else "ltr"
