"""`python -m tests.hostile [TIMES]`: asks all of it, and prints as JSON what was asked and answered; exit 1 when
something was wrong. TIMES: how many times as much.
"""

from __future__ import annotations

import sys

import msgspec

from tests.hostile.asking import everything


def main() -> int:
    """Prints the summary as JSON, and what was wrong."""
    tally = everything(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(tally.summary())).decode() + "\n")
    sys.stdout.writelines(f"{each}\n" for each in tally.wrong)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
