"""config.toml → `Settings`, or every problem in it at once; sources added to it."""

from aggregator.config.advice import warnings
from aggregator.config.assembly import (
    default_base_url,
    from_environment,
    read,
    read_text,
    store_of,
)
from aggregator.config.document import text
from aggregator.config.editing import Addition, Edited, add
from aggregator.config.environment import expanded
from aggregator.config.readers import Complaint
from aggregator.config.running import LAST_GOOD, Running
from aggregator.config.tables import keys

__all__ = [
    "LAST_GOOD",
    "Addition",
    "Complaint",
    "Edited",
    "Running",
    "add",
    "default_base_url",
    "expanded",
    "from_environment",
    "keys",
    "read",
    "read_text",
    "store_of",
    "text",
    "warnings",
]
