"""The order of the stages, written once, for sources of the network and for the seeds folder."""

from aggregator.pull.landing import UNWRITTEN
from aggregator.pull.named import once_each
from aggregator.pull.news import Pulled
from aggregator.pull.puller import Puller
from aggregator.pull.seed_folder import SeedFolder, problems_in
from aggregator.pull.stages import shown

__all__ = ["UNWRITTEN", "Pulled", "Puller", "SeedFolder", "once_each", "problems_in", "shown"]
