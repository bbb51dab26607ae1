"""Whatever takes longer than a test may: `./dev soak [NAME] [options]`.

kills     a first pull that is killed again and again loses and doubles nothing (the default)
feeds     what feeds promise, in hundreds of long histories, judged by the W3C's validator
clients   newsboat and reader, subscribed through fifty things that happen
fuzz      ten thousand requests that nobody should send
serving   a million requests of every kind, while what they ask for changes
narrowing what the service uses after 10,000 different narrowed selections
memory    what the readers use after 10,000 documents, against after 1,000
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.soak import clients, feeds, fuzz, kills, memory, narrowing, serving

COMMANDS = {
    "kills": kills.main,
    "feeds": feeds.main,
    "clients": clients.main,
    "fuzz": fuzz.main,
    "memory": memory.main,
    "narrowing": narrowing.main,
    "serving": serving.main,
}


def main() -> None:
    """Run the one that is named first, or the kills."""
    arguments = sys.argv[1:]
    name = arguments.pop(0) if arguments and arguments[0] in COMMANDS else "kills"
    if arguments and arguments[0] in ("-h", "--help"):
        print(__doc__)
    COMMANDS[name](arguments)


if __name__ == "__main__":
    main()
