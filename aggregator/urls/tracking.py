"""The parameters that tell whence a reader came, and on no site anything of what is read."""

from __future__ import annotations

import re

_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "itm_", "at_custom", "at_bbc_")
# fmt: off
_NAMES = frozenset({
    "_branch_match_id", "_ga", "_gl", "_hsenc", "_hsmi", "_openstat", "__hsfp", "__hssc",
    "__hstc", "__s", "__source", "__twitter_impression", "amp_gsa", "amp_js_v", "at_campaign",
    "at_campaign_type", "at_creation", "at_format", "at_link_id", "at_link_origin",
    "at_link_type", "at_medium", "at_ptr_name", "at_variant", "cmpid", "dclid", "dgcid", "dicbo",
    "elqtrackid", "epik", "fb_action_ids", "fb_action_types", "fb_ref", "fb_source", "fbclid",
    "ftcamp", "ga_campaign", "ga_content", "ga_medium", "ga_source", "ga_term", "gad_campaignid",
    "gad_source", "gbraid", "gclid", "gclsrc", "guccounter", "guce_referrer",
    "guce_referrer_sig", "hsctatracking", "igsh", "igshid", "irclickid", "li_fat_id", "mc_cid",
    "mc_eid", "mc_tc", "mibextid", "mkt_tok", "msclkid", "ncid", "ns_campaign", "ns_fee",
    "ns_linkname", "ns_mchannel", "ns_source", "ocid", "oly_anon_id", "oly_enc_id", "rb_clickid",
    "rdt_cid", "ref_src", "ref_url", "s_cid", "s_kwcid", "sc_cid", "smid", "smtyp", "soc_src",
    "soc_trk", "spm", "srsltid", "traffic_source", "ttclid", "twclid", "usqp", "vero_conv",
    "vero_id", "wbraid", "wickedid", "wpisrc", "wprov", "wt.mc_id", "wt_mc", "wt_zmc", "xtor",
    "yclid", "ymclid", "ysclid",
})
# fmt: on

_ESCAPED = re.compile(r"(?:amp(?:;|%3b))+", re.IGNORECASE)
_TRACKERS = "|".join(map(re.escape, (*_PREFIXES, *sorted(_NAMES))))
_MAY_TRACK = re.compile(rf"[?#&](?:amp(?:;|%3b))*(?:{_TRACKERS})")


def without_tracking(url: str) -> str:
    """The address without known tracking parameters, otherwise byte for byte as given.

    French publishers put theirs into the fragment (`#xtor=RSS-1`), so that is searched too.
    """
    if not _MAY_TRACK.search(url.lower()):
        return url
    rest, hash_mark, fragment = url.partition("#")
    path, question_mark, query = rest.partition("?")
    return path + _untracked(question_mark, query) + _untracked(hash_mark, fragment)


def tracks(name: str) -> bool:
    """Whether a parameter of this name, in small letters, tells of no page."""
    return name in _NAMES or name.startswith(_PREFIXES)


def _untracked(mark: str, parameters: str) -> str:
    parts = parameters.split("&")
    kept = [part for part in parts if not _is_tracking(part)]
    return mark + "&".join(kept) if kept else ""


def _is_tracking(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return tracks(_ESCAPED.sub("", name, count=1) if name.startswith("amp") else name)
