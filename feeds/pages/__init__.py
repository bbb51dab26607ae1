"""The HTML for people, whose purpose is to be subscribed from, and what it looks like."""

from feeds.pages.fixed import FIXED as FIXED
from feeds.pages.fixed import LASTING as LASTING
from feeds.pages.house import IN_NAVIGATION as IN_NAVIGATION
from feeds.pages.house import MEDIA_TYPE as MEDIA_TYPE
from feeds.pages.house import current as current
from feeds.pages.house import error_page as error_page
from feeds.pages.house import filled as filled
from feeds.pages.house import headers as headers
from feeds.pages.listing import IN_SECTION as IN_SECTION
from feeds.pages.listing import ON_FRONT as ON_FRONT
from feeds.pages.listing import front_page as front_page
from feeds.pages.listing import searched_page as searched_page
from feeds.pages.listing import selection_page as selection_page
from feeds.pages.story import story_page as story_page
