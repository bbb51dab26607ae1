"""config.toml → `Settings`, or every problem in it at once."""

from aggregator.config.advice import warnings
from aggregator.config.assembly import default_base_url, read
from aggregator.config.tables import keys

__all__ = ["default_base_url", "keys", "read", "warnings"]
