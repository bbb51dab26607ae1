"""HTML that tries to run something, by how it tries; the documents that carry it; what may be left.

Each vector that gets through calls `alert`. Written for this repository: the well-known collections
are read from a folder (`XSS_VECTORS`), not kept here.
"""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import escape, quoteattr

import lxml.html  # type: ignore[import-untyped]

VECTORS: dict[str, tuple[str, ...]] = {
    "elements that run": (
        "<script>alert(1)</script>",
        "<SCRIPT SRC=https://bad.example/x.js></SCRIPT>",
        "<script\x0csrc='data:text/javascript,alert(1)'></script\x0c>",
        "<script type=module>alert(1)</script >",
        "<script/x>alert(1)</script/y>",
        "<script>alert(1)",
        "a<script>alert(1)<!--",
        "<script async defer nonce=x>alert(1)</script foo='>'>",
        "<iframe src=javascript:alert(1)></iframe>",
        "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
        "<iframe srcdoc='&lt;img src=x onerror=parent.alert(1)&gt;'>",
        "<iframe src='data:text/html,<script>alert(1)</script>'></iframe>",
        "<iframe src=https://bad.example/ onload=alert(1) title='\"onload=alert(1)'></iframe>",
        "<iframe src='https://bad.example/&quot;onmouseover=&quot;alert(1)'></iframe>",
        "<iframe src='https://bad.example/' title='</a><img src=x onerror=alert(1)>'></iframe>",
        "<iframe src=//bad.example/><img src=x onerror=alert(1)></iframe>",
        "<iframe></iframe srcdoc='<script>alert(1)</script>'>",
        "<object data=javascript:alert(1)></object>",
        "<object data='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='></object>",
        "<object data=https://bad.example/ title='\"><script>alert(1)</script>'>",
        "<object type=text/html><param name=src value=javascript:alert(1)></object>",
        "<embed src=javascript:alert(1)>",
        "<embed src='data:image/svg+xml,<svg onload=alert(1) xmlns=http://www.w3.org/2000/svg>'>",
        "<applet code=javascript:alert(1)>",
        "<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>",
        "<portal src=javascript:alert(1)>",
    ),
    "handlers": (
        "<img src=x onerror=alert(1)>",
        "<img src=x ONERROR = alert(1) >",
        "<img/src=x/onerror=alert(1)>",
        "<img src=x\nonerror\n=\nalert(1)>",
        "<img src=x\x0conerror=alert(1)>",
        "<img src='x'onerror=alert(1)>",
        '<img src="x"onerror="alert(1)"">',
        "<img src=`x`onerror=alert(1)>",
        "<img src=x onerror=&#97;lert(1)>",
        "<img src=x onerror=\u2028alert(1)>",
        "<img src=x:x onerror='alert(1)' onload='alert(1)'>",
        "<img srcset=',,x' onerror=alert(1) src=x>",
        "<body onload=alert(1) onpageshow=alert(1)>",
        "<p onmouseover=alert(1) onclick=alert(1) onfocus=alert(1) tabindex=1 autofocus>x</p>",
        "<details open ontoggle=alert(1)><summary onclick=alert(1)>x</summary></details>",
        "<video autoplay onloadstart=alert(1) onerror=alert(1)><source src=x onerror=alert(1)>",
        "<audio src=x onerror=alert(1) oncanplay=alert(1)>",
        "<track onerror=alert(1) src=x><video><track default onerror=alert(1) src=/x></video>",
        "<picture><source srcset=x onerror=alert(1)><img src=x onerror=alert(1)></picture>",
        "<marquee onstart=alert(1) behavior=alternate>x</marquee>",
        "<input autofocus onfocus=alert(1)>",
        "<select autofocus onfocus=alert(1)><option>x</select>",
        "<a href=# onclick=alert(1) onauxclick=alert(1) style=display:block>x</a>",
        "<p style='animation:x' onanimationstart=alert(1) ontransitionend=alert(1)>x</p>",
        "<custom-element onclick=alert(1) contenteditable onpaste=alert(1)>x</custom-element>",
        "<div popover id=y onbeforetoggle=alert(1)></div><button popovertarget=y>x</button>",
        "<img src=x onerror=\x00alert(1)>",
        "<img src=x on\x00error=alert(1)>",
        "<<img src=x onerror=alert(1)//<",
    ),
    "addresses": (
        "<a href=javascript:alert(1)>x</a>",
        "<a href=JaVaScRiPt:alert(1)>x</a>",
        "<a href=' javascript:alert(1)'>x</a>",
        "<a href='java\tscript:alert(1)'>x</a>",
        "<a href='java&#9;script:alert(1)'>x</a>",
        "<a href='java&Tab;script&colon;alert&lpar;1&rpar;'>x</a>",
        "<a href='java&NewLine;script:alert(1)'>x</a>",
        "<a href='&#x6a;&#x61;vascript:alert(1)'>x</a>",
        "<a href='&#0000106avascript&#0000058alert(1)'>x</a>",
        "<a href='&#1;javascript:alert(1)'>x</a>",
        "<a href='\x01javascript:alert(1)'>x</a>",
        "<a href='\x00java\x00script:alert(1)'>x</a>",
        "<a href='\u00a0javascript:alert(1)'>x</a>",
        "<a href='\ufeffjavascript:alert(1)'>x</a>",
        "<a href='javascript\u200b:alert(1)'>x</a>",
        "<a href='javascript://bad.example/%0aalert(1)'>x</a>",
        "<a href='javascript:/*https://gazette.example/*/alert(1)'>x</a>",
        "<a href='view-source:javascript:alert(1)'>x</a>",
        "<a href='feed:javascript:alert(1)'>x</a>",
        "<a href='jar:https://bad.example/x!/y'>x</a>",
        "<a href='vbscript:msgbox(1)'>x</a>",
        "<a href='livescript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<a href='DATA:text/html;charset=utf-7;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
        "<a href='blob:https://gazette.example/x'>x</a>",
        "<a href='filesystem:https://gazette.example/x'>x</a>",
        "<a href=//javascript:alert(1)>x</a>",
        "<a href='https:javascript:alert(1)'>x</a>",
        "<a href='http://javascript:alert(1)'>x</a>",
        "<a href='?javascript:alert(1)'>x</a>",
        "<a href='./javascript:alert(1)'>x</a>",
        "<a href='https://bad.example/&quot; onclick=&quot;alert(1)'>x</a>",
        "<a href=\"https://bad.example/'onclick='alert(1)\">x</a>",
        "<a href='\\\\bad.example\\x' href='javascript:alert(1)'>x</a>",
        "<a href='https://bad.example/?utm_source=\" onclick=alert(1) x=\"&utm_medium=x'>x</a>",
        "<a href='https://bad.example/?utm_source=x#utm_medium=&quot;&gt;<script>alert(1)</script>'>",
        "<area href=javascript:alert(1)><map><area shape=default href=javascript:alert(1)></map>",
        "<img src=javascript:alert(1)><img lowsrc=javascript:alert(1) dynsrc=javascript:alert(1)>",
        "<img srcset='javascript:alert(1) 1x, x\" onerror=alert(1) 2x'>",
        "<img srcset='x 1x&quot; onerror=&quot;alert(1)'>",
        "<img src='data:image/svg+xml,<svg xmlns=http://www.w3.org/2000/svg onload=alert(1)>'>",
        "<video poster=javascript:alert(1) src=javascript:alert(1)></video>",
        "<video><source src=javascript:alert(1)><track src=javascript:alert(1) kind=captions>",
        "<blockquote cite=javascript:alert(1)><q cite='data:text/html,x'>x</q></blockquote>",
        "<a ping='javascript:alert(1)' target=_top xlink:href=javascript:alert(1)>x</a>",
        "<table background=javascript:alert(1)><td background=javascript:alert(1)>x</table>",
        "<form action=javascript:alert(1)><input type=submit value=x></form>",
        "<button formaction=javascript:alert(1)>x</button>",
        "<form id=f></form><input form=f type=image formaction=javascript:alert(1) src=x>",
        "<isindex action=javascript:alert(1) type=image>",
    ),
    "the whole page": (
        "<base href='javascript:alert(1)//'><a href=x>x</a>",
        "<base href=//bad.example/><a href=x>x</a>",
        "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
        "<meta http-equiv=refresh content='0;data:text/html,<script>alert(1)</script>'>",
        "<meta charset=utf-7>+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
        "<link rel=stylesheet href='data:text/css,*{x:expression(alert(1))}'>",
        "<link rel=import href='data:text/html,<script>alert(1)</script>'>",
        "<link rel=prefetch href=//bad.example/ onload=alert(1)>",
        "<html manifest=x onclick=alert(1)><head profile=x><title>x</title></head><body>x",
        "<?xml-stylesheet href='javascript:alert(1)'?><?php alert(1) ?>",
        "<?import namespace=t implementation='#default#time2'><t:set onbegin=alert(1)>",
        "<!DOCTYPE x [<!ENTITY y '<script>alert(1)</script>'>]>&y;",
        "<style>@import 'javascript:alert(1)';*{background:url(javascript:alert(1))}</style>",
        "<style onload=alert(1)></style><style><img src=x onerror=alert(1)></style>",
        "<div style='width:expression(alert(1));-moz-binding:url(//bad.example/x)'>x</div>",
        "<div style='background:\\75rl(javascript:alert(1))'>x</div>",
        "<div style='behavior:url(#default#time2)' onbegin=alert(1)>x</div>",
    ),
    "names that shadow the page's own": (
        "<form name=body><input name=innerHTML><input id=attributes></form>",
        "<img name=getElementById><img id=querySelector src=x>",
        "<a id=defaultView href=javascript:alert(1)></a><a id=defaultView name=alert></a>",
        "<form id=document><input name=cookie></form><object id=ran name=ran></object>",
        "<p id=report class=box name=alert>x</p>",
    ),
    "other namespaces": (
        "<svg onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><script href=data:,alert(1) /></svg>",
        "<svg><script>alert&#40;1)</script>",
        "<svg><a xlink:href=javascript:alert(1)><text y=20>x</text></a></svg>",
        "<svg><a><animate attributeName=href values=javascript:alert(1) /><text y=20>x</text></a>",
        "<svg><set attributeName=onmouseover to=alert(1)></svg>",
        "<svg><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg>#x'/></svg>",
        "<svg><foreignObject><img src=x onerror=alert(1)></foreignObject></svg>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<svg></p><style><a title='</style><img src=x onerror=alert(1)>'>",
        "<svg><title><style><a title='</style></title><img src=x onerror=alert(1)>'>",
        "<svg><desc><noscript><img title='</noscript><img src=x onerror=alert(1)>'></desc></svg>",
        "<svg><![CDATA[><img src=x onerror=alert(1)>]]></svg>",
        "<svg><!--<![CDATA[--><img src=x onerror=alert(1)>]]></svg>",
        "<svg><image href=x onerror=alert(1)></svg>",
        "<math href=javascript:alert(1)>x</math>",
        "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x</maction></math>",
        "<math><annotation-xml encoding=text/html><img src=x onerror=alert(1)></annotation-xml>",
        "<math><mi><svg><mi><img src=x onerror=alert(1)></mi></svg></mi></math>",
        "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
        "<html:img xmlns:html='http://www.w3.org/1999/xhtml' src='x' onerror='alert(1)'/>",
        "<svg:script xmlns:svg='http://www.w3.org/2000/svg'>alert(1)</svg:script>",
        "<script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>",
    ),
    "text that one parser reads as markup and another does not": (
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>x</p></noscript>",
        "<noscript><style></noscript><img src=x onerror=alert(1)></style>",
        "<nosc<noscript>ript><img src=x onerror=alert(1)></noscript>",
        "<img src=x on<noscript>error=alert(1)>",
        "<template><img src=x onerror=alert(1)></template>",
        "<template shadowrootmode=open><img src=x onerror=alert(1)></template>",
        "<div><template shadowroot=open><script>alert(1)</script></template></div>",
        "<title><p title='</title><img src=x onerror=alert(1)>'>x</p></title>",
        "<textarea><p title='</textarea><img src=x onerror=alert(1)>'>x</p></textarea>",
        "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>x</p></xmp>",
        "<noembed><p title='</noembed><img src=x onerror=alert(1)>'>x</p></noembed>",
        "<noframes><p title='</noframes><img src=x onerror=alert(1)>'>x</p></noframes>",
        "<iframe><p title='</iframe><img src=x onerror=alert(1)>'>x</p></iframe>",
        "<style><p title='</style><img src=x onerror=alert(1)>'>x</p></style>",
        "<script><p title='</script><img src=x onerror=alert(1)>'>x</p></script>",
        "<plaintext><img src=x onerror=alert(1)></plaintext><script>alert(1)</script>",
        "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>",
        "<xmp>&lt;/xmp&gt;&lt;img src=x onerror=alert(1)&gt;</xmp>",
        "<textarea>&lt;/textarea&gt;&lt;img src=x onerror=alert(1)&gt;",
        "<select><option><style></option></select><img src=x onerror=alert(1)></style>",
        "<select><iframe></select><img src=x onerror=alert(1)></iframe>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<!--->\n<img src=x onerror=alert(1)>-->",
        "<!-- --!><img src=x onerror=alert(1)> -->",
        "<!-- <!-- --> <img src=x onerror=alert(1)> -->",
        "<!-<img src=x onerror=alert(1)>->",
        '<!x=">"<img src=x onerror=alert(1)>',
        "<![CDATA[<img src=x onerror=alert(1)>]]>",
        "<![if gte IE 5]><script>alert(1)</script><![endif]>",
        "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
        "</ img src=x onerror=alert(1)><//img src=x onerror=alert(1)>",
        "<% <p title='%><img src=x onerror=alert(1)>'>x</p>",
        "<? <p title='?><img src=x onerror=alert(1)>'>x</p>",
    ),
    "trees that change when they are read again": (
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<math><mtext><table><mglyph><style><!--</style><b id='--&gt;&lt;svg onload=alert(1)&gt;'>",
        "<math><mtext><mglyph><svg><mtext><style><path id='</style><img src=x onerror=alert(1)>'>",
        "<math><mtext><table><malignmark><style><!--</style><img src=x onerror=alert(1)>-->",
        "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)>",
        "<svg></p><math><mtext><style><img title='</style><img src=x onerror=alert(1)>'>",
        "<table><form><table><svg><style><a title='</style><img src=x onerror=alert(1)>'></table>",
        "<form><div></form><form><img src=x onerror=alert(1)></form></div>",
        "<table><tr><td><form></table><form><input></form><img src=x onerror=alert(1)>",
        "<table><style><a title='</style><img src=x onerror=alert(1)>'></table>",
        "<table><caption><svg><table><style><img title='</style><img src=x onerror=alert(1)>'>",
        "<p><svg><p><style><!--</p></style><img src=x onerror=alert(1)>--></svg>",
        "<a><table><a><img src=x onerror=alert(1)></table></a>",
        "<a href=/x><iframe src=//bad.example/ title='<a onclick=alert(1)>'></iframe></a>",
        "<h1><a><h1><object data=//bad.example/ onerror=alert(1)><a><img src=x onerror=alert(1)>",
        "<b><p></b><i><b></p></i><img src=x onerror=alert(1)></b>",
        "<nobr><nobr><marquee><nobr><img src=x onerror=alert(1)>",
        "<pre>\n\n\n<textarea>\n</pre><img src=x onerror=alert(1)></textarea>",
        "<svg><foreignObject><math><mi><table><td><style><!--</table></style><svg onload=alert(1)>",
        "<math><annotation-xml><table><mglyph><style><b id='</style><svg onload=alert(1)>'>",
        "<ruby><rtc><svg><desc><rt><style><a id='</style><img src=x onerror=alert(1)>'>",
        "<dl><dt><svg><dd><title><img src=x onerror=alert(1)></title>",
        "<div>" * 600 + "<table><svg><style><img src=x onerror=alert(1)>",
    ),
    "bait for those who cut words out": (
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<scr<script></script>ipt>alert(1)</script>",
        "<<script>script>alert(1)<</script>/script>",
        "<img src=x onerroronerror==alert(1)>",
        "<img src=x oonerrornerror=alert(1)>",
        "<a href=javajavascript:script:alert(1)>x</a>",
        "<img style=onerror= src=x onerror=alert(1)>",
        "<img title='style=\"' src=x onerror=alert(1) title='\">'>",
        "<img hidden='><img src=x onerror=alert(1)>'>",
        "<object><object data=javascript:alert(1)></ob</object>ject><img src=x onerror=alert(1)>",
        "<embed src='https://bad.example/<script>alert(1)</script>'>",
        "<p title='<script>alert(1)</script>' lang='\"><img src=x onerror=alert(1)>'>x</p>",
    ),
    "unclosed": (
        "<img src=x onerror=alert(1)",
        "<img src='x onerror=alert(1)>",
        "<img src=\"x onerror='alert(1)'>",
        '<a href="javascript:alert(1)',
        "<a title='x' href='https://bad.example/' onclick='alert(1)",
        "<script>alert(1)//",
        "<svg onload=alert(1)//",
        "<iframe src=javascript:alert(1) <",
        "<iframe srcdoc='<img src=x onerror=parent.alert(1)>",
        '"><img src=x onerror=alert(1)>',
        "'><script>alert(1)</script>",
        "--><img src=x onerror=alert(1)><!--",
        "]]><img src=x onerror=alert(1)>",
        "</div></div></body></html><img src=x onerror=alert(1)>",
        "</description></item><script>alert(1)</script>",
        "</textarea></title></style></script><img src=x onerror=alert(1)>",
        "`><img src=x onerror=alert(1)>",
        "<p title=`><img src=x onerror=alert(1)>`>x</p>",
        "<p title='``onmouseover=alert(1)'>x</p>",
    ),
    "escaped": (
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&lt;img src=x onerror=alert(1)&gt;",
        "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
        "&amp;amp;lt;img src=x onerror=alert(1)&amp;amp;gt;",
        "&#60;img src=x onerror=alert(1)&#62;",
        "&#x3c;img src=x onerror=alert(1)&#x3e",
        "&#x26;lt;script&#x26;gt;alert(1)",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
        "\\x3cimg src=x onerror=alert(1)\\x3e",
        "＜script＞alert(1)＜/script＞",
        "\u02bascript\u02ba \u2039img src=x onerror=alert(1)\u203a",
        "\xbcscript\xbealert(1)\xbc/script\xbe",
        "<\u017fcript>alert(1)</\u017fcript>",
        "<\x00script>alert(1)</script>",
        "<scr\x00ipt>alert(1)</scr\x00ipt>",
        "<\ufeffscript>alert(1)</script>",
        "\ud83d<img src=x onerror=alert(1)>\udc00",
        "<img src=x onerror=alert(1)>".replace("<", "<\u0338"),
        "<p title='&quot;onmouseover=&quot;alert(1)'>x</p>",
        "<p title='&amp;quot;onmouseover=&amp;quot;alert(1)'>x</p>",
        "{{constructor.constructor('alert(1)')()}} ${alert(1)} <%= alert(1) %>",
    ),
}

# What a reader of our feeds may meet: said once more here, so that no slip of the code is believed.
# fmt: off
_ELEMENTS = frozenset({
    "a", "abbr", "acronym", "address", "article", "aside", "audio", "b", "bdi", "big", "blockquote",
    "br", "caption", "center", "cite", "code", "col", "colgroup", "data", "dd", "del", "details",
    "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hgroup", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol",
    "p", "picture", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small", "source",
    "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "time", "tr", "track", "tt", "u", "ul", "var", "video", "wbr",
})
_ATTRIBUTES = frozenset({
    "abbr", "alt", "cite", "colspan", "controls", "datetime", "dir", "headers", "height", "href",
    "kind", "label", "lang", "media", "open", "poster", "reversed", "rowspan", "scope", "sizes",
    "span", "src", "srcset", "srclang", "start", "title", "type", "value", "width",
})
# fmt: on
_ADDRESSES = frozenset({"cite", "href", "poster", "src"})
_ODD = "surrogatepass"
_FIT = re.compile(r"https?://[^\s\"'<>]|mailto:", re.IGNORECASE)
_ATOM = "http://www.w3.org/2005/Atom"
_DOCUMENT = (
    '<feed xmlns="{atom}"><id>tag:gazette.example,2026:x</id><title>x</title>'
    "<updated>2026-02-13T09:00:00Z</updated><entry><id>tag:gazette.example,2026:{kind}</id>{{}}"
    "<updated>2026-02-13T09:00:00Z</updated></entry></feed>"
)


def leftovers(html: str) -> list[str]:
    """The elements, attributes and addresses of a page's part that no reader should be given."""
    body = lxml.html.document_fromstring(f"<html><body><p>.</p>{html}</body></html>").body
    found = []
    for element in body.iterdescendants():
        if element.tag not in _ELEMENTS:
            found.append(f"<{element.tag}>")
            continue
        for name, value in element.items():
            addresses = [value] if name in _ADDRESSES else []
            if name == "srcset":
                addresses = [candidate.split()[0] for candidate in value.split(", ")]
            if name not in _ATTRIBUTES or not all(map(_FIT.match, addresses)):
                found.append(f"{name}={value!r}")
    return found


def is_web_address(address: str) -> bool:
    """Whether a link, picture or enclosure leads to the web, in the characters of an address."""
    return re.fullmatch(r"https?://[^\s\"<>\\^`{|}]+", address) is not None


def documents(vector: str) -> list[bytes]:
    """Feeds in every format whose one entry holds the vector wherever a publisher can put text."""
    return [
        _rss(vector),
        _atom(vector, "html"),
        _atom(vector, "text"),
        _xhtml(vector),
        _json(vector),
    ]


def _rss(vector: str) -> bytes:
    text, cdata = escape(vector), vector.replace("]]>", "]]]]><![CDATA[>")
    value = quoteattr(vector)
    return f"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>x</title><item>
<guid isPermaLink="false">rss</guid><title>{text}</title><link>{text}</link>
<description>{text}</description><content:encoded><![CDATA[{cdata}]]></content:encoded>
<dc:creator>{text}</dc:creator><category domain={value}>{text}</category><comments>{text}</comments>
<enclosure url={value} type={value} length="1"/>
<media:content url={value} type={value}><media:title type="html">{text}</media:title>
<media:description type="html">{text}</media:description><media:thumbnail url={value}/>
<media:player url={value}/><media:credit role={value}>{text}</media:credit></media:content>
<media:description type="html">{text}</media:description><media:keywords>{text}</media:keywords>
<itunes:image href={value}/><itunes:summary>{text}</itunes:summary></item></channel>
</rss>""".encode(errors=_ODD)


def _atom(vector: str, kind: str) -> bytes:
    text, value = escape(vector), quoteattr(vector)
    entry = f"""<title type="{kind}">{text}</title><summary type="{kind}">{text}</summary>
<content type="{kind}">{text}</content><author><name>{text}</name><uri>{text}</uri></author>
<category term={value} label={value} scheme={value}/><rights type="{kind}">{text}</rights>
<link href={value}/><link rel="enclosure" href={value}/><link rel="related" href={value}/>"""
    return _DOCUMENT.format(atom=_ATOM, kind=kind).format(entry).encode(errors=_ODD)


def _xhtml(vector: str) -> bytes:
    """Seldom well-formed, so mostly read as what is left of XML."""
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{vector}</div>'
    entry = f'<title type="xhtml">{div}</title><content type="xhtml">{div}</content>'
    return _DOCUMENT.format(atom=_ATOM, kind="xhtml").replace("{}", entry).encode(errors=_ODD)


def _json(vector: str) -> bytes:
    item = {
        "id": "json",
        "url": vector,
        "external_url": vector,
        "title": vector,
        "summary": vector,
        "content_html": vector,
        "image": vector,
        "banner_image": vector,
        "authors": [{"name": vector, "url": vector, "avatar": vector}],
        "tags": [vector],
        "attachments": [{"url": vector, "mime_type": vector, "title": vector}],
    }
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": "x", "items": [item]}).encode()
