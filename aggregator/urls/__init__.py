"""One address for one article: absolute, comparable, fit to be logged.

Everything here takes any string and never raises. `absolute` gives what is published, `address_key`
what is compared: the two must not be mixed, because a key has lost what makes a link work.
"""

from aggregator.urls.addresses import absolute, host, host_and_port, host_name
from aggregator.urls.iris import is_absolute_iri
from aggregator.urls.keys import address_key, source_key
from aggregator.urls.masking import masked
from aggregator.urls.tracking import without_tracking

__all__ = [
    "absolute",
    "address_key",
    "host",
    "host_and_port",
    "host_name",
    "is_absolute_iri",
    "masked",
    "source_key",
    "without_tracking",
]
