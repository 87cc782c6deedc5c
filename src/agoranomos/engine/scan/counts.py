"""Counts findings by code, reason, brand and store, a batch at a time."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

TOP = 50
_NAMES_MAX = 1_000_000
"""Beyond a million different names the rarest half is forgotten, so that memory stays bounded."""


class Counts:
    """Running totals; `listings` is how many rows have at least one finding."""

    def __init__(self) -> None:
        self.findings = 0
        self.listings = 0
        self.by_code: Counter[str] = Counter()
        self.by_reason: Counter[str] = Counter()
        self._brands: Counter[str] = Counter()
        self._stores: Counter[str] = Counter()
        self._last: tuple[int, int] = (-1, -1)

    def add(self, unit: int, findings: pa.RecordBatch) -> None:
        """Takes the findings of one unit in the order of rows (the schema of the part)."""
        if not findings.num_rows:
            return
        rows = findings.column("row").to_numpy()
        new = 1 + int(np.count_nonzero(np.diff(rows)))
        self.listings += new - (self._last == (unit, int(rows[0])))
        self._last = (unit, int(rows[-1]))
        self.findings += len(rows)
        _count(self.by_code, findings.column("code"))
        _count(self.by_reason, pc.struct_field(findings.column("reasons").flatten(), "code"))
        related = findings.column("related").flatten()
        brands = pc.equal(pc.struct_field(related, "kind"), "brand")
        _count(self._brands, pc.struct_field(related.filter(brands), "id"))
        _count(self._stores, findings.column("store_id"))

    @property
    def by_brand(self) -> dict[str, int]:
        """The brands with most findings."""
        return _top(self._brands)

    @property
    def by_store(self) -> dict[str, int]:
        """The stores with most findings."""
        return _top(self._stores)


def _count(counter: Counter[str], names: pa.Array) -> None:
    for pair in pc.value_counts(names.drop_null()).to_pylist():
        counter[pair["values"]] += pair["counts"]
    if len(counter) > _NAMES_MAX:
        kept = counter.most_common(_NAMES_MAX // 2)
        counter.clear()
        counter.update(dict(kept))


def _top(counter: Counter[str]) -> dict[str, int]:
    """The largest counts; equal ones by name, so that a repeat gives the same."""
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:TOP])
