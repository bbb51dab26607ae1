"""What pulling costs: `./dev bench [NAME] [options]`.

    rounds   CPU, speed and memory of a first, an unchanged and a 10 % changed round (the default)
    cores    the first round on one processor and on all
    ticks    what a tick costs with few and with a million sources, few and many of them due
    readers  how long a conditional GET takes while everything is pulled for the first time
    serve    requests a second of one feed, beside the barest server and nginx
    cold     how long what nobody has asked for takes, with 10,000 stories and with a million
    pages    what pages for people weigh, and how long they take
    quality  one story once, related stories and the right shelf, on labelled texts

Nothing here is a test: machines are noisy, so compare ratios within one run. How to read it:
docs/measuring.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench import cold, getting, pages, quality, rounds, serve, ticks  # noqa: E402 - after the path it is found by

COMMANDS = {
    "rounds": rounds.main,
    "cores": rounds.cores,
    "ticks": ticks.main,
    "readers": getting.main,
    "serve": serve.main,
    "cold": cold.main,
    "pages": pages.main,
    "quality": quality.main,
}


def main() -> None:
    """Run the one that is named first, or the rounds."""
    arguments = sys.argv[1:]
    name = arguments.pop(0) if arguments and arguments[0] in COMMANDS else "rounds"
    if arguments and arguments[0] in ("-h", "--help"):
        print(__doc__)
    COMMANDS[name](arguments)


if __name__ == "__main__":
    main()
