"""What may stand as the id of an entry."""

from __future__ import annotations

import re

# RFC 3986 appendix A, less what the W3C validator calls an error in an atom:id.
_CHARACTER = r"(?:[A-Za-z0-9;/?:@&=+$.\-_!~*'(),]|%[0-9A-Fa-f]{2})"
_URI = re.compile(rf"([A-Za-z][A-Za-z0-9+.-]*):({_CHARACTER}+(?:#{_CHARACTER}*)?)")
_NAMED_HOST = re.compile(r"//(?:[^/?#@]*@)?[^/?#@:]+(?::[0-9]*)?(?:[/?#].*)?")
_URN = re.compile(
    r"uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?!uuid:)[a-z0-9][a-z0-9-]{0,30}[a-z0-9]:(?:[a-z0-9()+,.:=@;$_!*'-]|%[0-9a-f]{2})+",
    re.IGNORECASE,
)
_TAG = re.compile(r"(?:[a-z0-9._-]+@)?[a-z0-9.-]+,[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?:.*")


def is_absolute_iri(text: str) -> bool:
    """Whether a guid may stand as an atom:id as it is (RFC 4287 4.2.6).

    A scheme and a rest in the characters of RFC 3986; http(s) and ftp need a host, `urn:` the form
    of RFC 8141 (`urn:uuid:` a real UUID), `tag:` that of RFC 4151. Narrower than RFC 3987 where the
    W3C validator is: it calls anything outside ASCII, brackets, a `/` in a URN and a capital in a
    tag's authority errors, and our feeds must have none.
    """
    found = _URI.fullmatch(text)
    if found is None:
        return False
    scheme, rest = found.groups()
    match scheme.lower():
        case "http" | "https" | "ftp":
            return _NAMED_HOST.fullmatch(rest) is not None
        case "urn":
            return _URN.fullmatch(rest) is not None
        case "tag":
            return scheme == "tag" and _TAG.fullmatch(rest) is not None
        case _:
            return True
