"""What feeds promise, at length: tests/promises.py with more and longer histories.

Where FEEDVALIDATOR_HOME names an unpacked w3c/feedvalidator, every feed and archive of every tenth
step is judged by it.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests import judges
from tests.promises import FeedPromises

EVERY = 10
ALLOWED = ("DuplicateUpdated",)
"""Entries that changed in the same second did: docs/adr/0007-what-the-validator-may-say.md."""


def main(arguments: Sequence[str]) -> None:
    """Run them, and tell how much was seen."""
    parser = argparse.ArgumentParser(prog="./dev soak feeds", description=__doc__)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--steps", type=int, default=50)
    options = parser.parse_args(arguments)
    seen = {"steps": 0, "documents": 0, "archives": 0, "judged": 0, "most archives of a feed": 0}

    clean: set[bytes] = set()

    class Judged(FeedPromises):
        steps = 0

        @invariant()
        def judges_find_no_fault(self) -> None:
            self.steps += 1
            seen["steps"] += 1
            seen["documents"] += len(self.documents)
            archives = [each for each in self.documents if "/archive/" in each]
            seen["archives"] += len(archives)
            own = sum("/all/" in each and each.endswith(".atom") for each in archives)
            seen["most archives of a feed"] = max(seen["most archives of a feed"], own)
            if self.steps % EVERY == 0 and os.environ.get("FEEDVALIDATOR_HOME"):
                seen["judged"] += self.judged()

        def judged(self) -> int:
            """How many documents there are that it had not judged, and found no fault with."""
            xml = {a: b for a, b in self.documents.items() if not a.endswith(".json")}
            xml = {a: b for a, b in xml.items() if b not in clean}
            for number, (address, body) in enumerate(xml.items()):
                file = Path(self.folder.name) / f"{number}.{address.rpartition('.')[2]}"
                file.write_bytes(body)
                judges.judge(file, base=address, allowed=ALLOWED)
            clean.update(xml.values())
            return len(xml)

    run_state_machine_as_test(
        Judged,
        settings=settings(
            max_examples=options.examples,
            stateful_step_count=options.steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(seen)
