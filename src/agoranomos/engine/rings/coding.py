"""Columns of texts as codes, in the order of the texts, so that the order of rows changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agoranomos.engine.rings.blocks import Codes


def coded(values: Any) -> tuple[Codes, list[str]]:
    """A column without nulls (Arrow array, or what makes one) as codes, and the texts that they stand for."""
    column = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, pa.string())
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    encoded = column.dictionary_encode()
    order = pc.sort_indices(encoded.dictionary)
    place = np.empty(len(order), np.int32)
    place[order.to_numpy(zero_copy_only=False)] = np.arange(len(order), dtype=np.int32)
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return place[codes] if len(codes) else np.empty(0, np.int32), encoded.dictionary.take(order).to_pylist()
