"""Arrow without pandas."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

import pyarrow as pa

_PANDAS = "pandas"


class _NotHere:
    """Says of pandas that it is not installed."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:  # noqa: ARG002
        """Raises ModuleNotFoundError for pandas; of everything else another finder knows."""
        if name == _PANDAS:
            raise ModuleNotFoundError(f"no {name} for pyarrow", name=name)


def without_pandas() -> None:
    """Has pyarrow do without pandas in this process, from the first call before its first array.

    pyarrow asks pandas whether what it makes an array of is a series, and imports it to ask: a third of a second and
    60 MB in each process, for a question whose answer is always no. Who imports pandas himself still gets it.
    """
    if _PANDAS in sys.modules:
        return
    finder = _NotHere()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([None])  # of a list: that asks in two places
    finally:
        sys.meta_path.remove(finder)
