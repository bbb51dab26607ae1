"""The order of the stages, written once, for sources of the network and for the seeds folder."""

from aggregator.pull.news import Pulled
from aggregator.pull.puller import UNWRITTEN, Puller
from aggregator.pull.seed_folder import SeedFolder, problems_in
from aggregator.pull.stages import shown

__all__ = ["UNWRITTEN", "Pulled", "Puller", "SeedFolder", "problems_in", "shown"]
