"""Conditional requests and content codings (RFC 9110 8.4, 12.5.3, 13): who gets which bytes."""

from feeds.conditional.codings import CODINGS as CODINGS
from feeds.conditional.codings import IDENTITY as IDENTITY
from feeds.conditional.codings import accepted as accepted
from feeds.conditional.codings import encoded as encoded
from feeds.conditional.codings import tag as tag
from feeds.conditional.validators import ARCHIVE_CACHE_CONTROL as ARCHIVE_CACHE_CONTROL
from feeds.conditional.validators import CACHE_CONTROL as CACHE_CONTROL
from feeds.conditional.validators import LASTING_CACHE_CONTROL as LASTING_CACHE_CONTROL
from feeds.conditional.validators import Headers as Headers
from feeds.conditional.validators import headers as headers
from feeds.conditional.validators import is_current as is_current
from feeds.conditional.validators import is_settled as is_settled
from feeds.conditional.validators import not_modified as not_modified
from feeds.conditional.validators import of_feed as of_feed
from feeds.conditional.validators import rendition as rendition
from feeds.conditional.validators import told as told
