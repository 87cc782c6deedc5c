"""What was made before the first request is out of the collector's sight."""

from __future__ import annotations

import subprocess
import sys

_STAYS = """
import gc
from agoranomos.kernel.collecting import spare_what_stays
kept = [[number] for number in range(100_000)]
spare_what_stays()
assert gc.get_freeze_count() > 100_000
fresh = [[number] for number in range(10)]
assert 0 < len(gc.get_objects()) < 10_000, "only what came later is looked at"
"""


def test_what_stays_is_not_looked_at() -> None:
    subprocess.run([sys.executable, "-c", _STAYS], check=True)  # a process of its own: it cannot be undone
