"""Arrow without pandas, in a process of its own: in this one somebody else may have imported it."""

from __future__ import annotations

import subprocess
import sys

ASKED = """
import sys
from agoranomos.engine.arrow import without_pandas
{call}
import pyarrow as pa
pa.array(["a"]), pa.array([1.5]), pa.table({{"a": [None]}}).to_pylist()
print("pandas" in sys.modules)
from ortools.sat.python import cp_model
print("pandas" in sys.modules, cp_model.pd.Series([1]).sum())
"""


def test_pyarrow_does_without_and_others_still_get_it() -> None:
    told = {
        call: subprocess.run(
            [sys.executable, "-c", ASKED.format(call=call)], capture_output=True, text=True, check=True
        ).stdout.split()
        for call in ("", "without_pandas()")
    }
    assert told == {"": ["True", "True", "1"], "without_pandas()": ["False", "True", "1"]}
