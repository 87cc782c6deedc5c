"""The border between the scan and whoever judges listings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pyarrow as pa

from agoranomos.engine.scan.schema import FINDINGS_SCHEMA
from agoranomos.kernel.errors import Invalid

Judge = Callable[[pa.RecordBatch], pa.RecordBatch]
"""LISTING_SCHEMA in, FINDINGS_SCHEMA out; any number of findings per listing, in any order.

It is pure: the same batch gives the same findings, however the catalogue is cut into batches.
"""


class JudgeSource(Protocol):
    """Opens the judge once in every worker process; must be picklable."""

    @property
    def version(self) -> str:
        """A hash of registry and policy: findings of two versions never stand in one file."""
        ...

    def open(self) -> Judge:
        """Loads what the judge needs (patterns, policies); may take seconds."""
        ...


def checked(findings: pa.RecordBatch) -> pa.RecordBatch:
    """`findings` in the order and types of FINDINGS_SCHEMA; Invalid when that cannot be."""
    if findings.schema.equals(FINDINGS_SCHEMA):
        return findings
    missing = [name for name in FINDINGS_SCHEMA.names if name not in findings.schema.names]
    if missing:
        raise Invalid(f"the judge gave findings without the column {missing[0]}")
    try:
        arrays = [findings.column(field.name).cast(field.type) for field in FINDINGS_SCHEMA]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise Invalid(f"the judge gave findings of other types: {error}") from error
    return pa.RecordBatch.from_arrays(arrays, schema=FINDINGS_SCHEMA)
