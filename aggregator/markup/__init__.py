"""HTML made safe and absolute, cut, and made plain text: the only door to nh3.

What comes from a source is hostile until it went through here. All functions give text that XML
can hold.
"""

from aggregator.markup.cutting import cut
from aggregator.markup.plain import (
    escape,
    one_line,
    plain_lines,
    plain_text,
    text_key,
    text_of,
    title_key,
    unsaid,
    xml_safe,
)
from aggregator.markup.safe import safe_html

__all__ = [
    "cut",
    "escape",
    "one_line",
    "plain_lines",
    "plain_text",
    "safe_html",
    "text_key",
    "text_of",
    "title_key",
    "unsaid",
    "xml_safe",
]
