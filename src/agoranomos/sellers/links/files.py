"""All links as a Parquet file, for whoever goes on with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from agoranomos.engine.links.explaining import probability
from agoranomos.kernel.errors import Invalid
from agoranomos.sellers.links.desk import Linked
from agoranomos.sellers.links.service import Tell

_AT_ONCE: Final = 100_000
_LINKS: Final = pa.schema(
    [("seller_id", pa.string()), ("other_id", pa.string()), ("log_odds", pa.float64()), ("probability", pa.float64())]
)


@contextmanager
def link_file(path: Path) -> Iterator[Tell]:
    """Takes links into a Parquet file: the two sellers, by the rows that make the link, and how likely they are one."""
    pending: list[tuple[str, str, float, float]] = []
    try:
        with pq.ParquetWriter(path, _LINKS) as writer:

            def write() -> None:
                columns = zip(*pending, strict=True) if pending else ((),) * len(_LINKS)
                writer.write_table(pa.table([*map(list, columns)], schema=_LINKS))
                pending.clear()

            def tell(link: Linked) -> None:
                pending.append((*link, probability(link[2])))
                if len(pending) >= _AT_ONCE:
                    write()

            yield tell
            write()
    except OSError as error:
        raise Invalid(f"{path} cannot be written ({error.strerror})") from error
