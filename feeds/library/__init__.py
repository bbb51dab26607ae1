"""The documents of one store kept ready, and made again only when their stories have changed."""

from feeds.library.kept import Kept as Kept
from feeds.library.library import Library as Library
from feeds.library.wanted import FOUND as FOUND
from feeds.library.wanted import FRONT as FRONT
from feeds.library.wanted import OUTLINE as OUTLINE
from feeds.library.wanted import PAGE as PAGE
from feeds.library.wanted import Wanted as Wanted
