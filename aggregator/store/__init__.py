"""The only writer of the store."""

from aggregator.store.applying import Shelving
from aggregator.store.judging import Decide
from aggregator.store.leases import Admit
from aggregator.store.sources import Listed
from aggregator.store.stories import Place
from aggregator.store.writer import Store

__all__ = ["Admit", "Decide", "Listed", "Place", "Shelving", "Store"]
