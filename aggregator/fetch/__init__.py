"""One conditional GET, or one seed file read like one (only door to aiohttp)."""

from aggregator.fetch.files import read_file, seed_files
from aggregator.fetch.http import Fetcher

__all__ = ["Fetcher", "read_file", "seed_files"]
