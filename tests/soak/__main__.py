"""Whatever takes longer than a test may: `./dev soak [kills|memory] [options]`.

kills    a first pull that is killed again and again loses and doubles nothing (the default)
memory   what the readers use after 10,000 documents, against after 1,000
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.soak import kills, memory

COMMANDS = {"kills": kills.main, "memory": memory.main}


def main() -> None:
    """Run the one that is named first, or the kills."""
    arguments = sys.argv[1:]
    name = arguments.pop(0) if arguments and arguments[0] in COMMANDS else "kills"
    if arguments and arguments[0] in ("-h", "--help"):
        print(__doc__)
    COMMANDS[name](arguments)


if __name__ == "__main__":
    main()
