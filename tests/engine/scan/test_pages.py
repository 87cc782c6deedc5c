"""Page headers foretell how heavy the heaviest rows are."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agoranomos.engine.scan.pages import weight
from tests.engine.scan.builders import make_listings, read


@pytest.mark.parametrize("compression", ["snappy", "zstd", "none"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_few_long_texts_among_many_short_ones(tmp_path: Path, compression: str, version: str) -> None:
    listings = [{**each, "description": "short"} for each in make_listings(3_000)]
    for number in range(1_000, 1_050):
        listings[number]["description"] = f"{number}" * 50_000
    path = tmp_path / "a.parquet"
    options = {"data_page_version": version, "compression": compression, "write_batch_size": 8}
    pq.write_table(pa.Table.from_pylist(listings), path, **options)
    metadata = pq.read_metadata(path)
    found = weight(str(path), metadata, [0], ["listing_id", "description", "picture_paths"])
    assert found is not None
    assert 150_000 < found.row < 250_000
    assert found.page > found.row
    listings_read, rejects, _ = read(path)
    assert (len(listings_read), rejects) == (3_000, [])


def test_headers_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    listings = [{**each, "title": f"{each['title']}" * 9} for each in make_listings(3_000)]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(listings), path, compression="none")
    metadata = pq.read_metadata(path)
    (tmp_path / "b").write_bytes(b"\x00" * path.stat().st_size)
    assert weight(str(tmp_path / "b"), metadata, [0], ["title"]) is None
