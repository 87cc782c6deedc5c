"""Every benchmark runs to its end; no figure is judged here, as machines differ and are shared."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agoranomos.goods.brands.registry_file import read_registry
from benchmarks import corpus
from benchmarks.__main__ import ORDER, main, measure
from benchmarks.materials import Materials
from benchmarks.measuring import TINY, Table, percentile, spread


@pytest.fixture(scope="module")
def materials(tmp_path_factory: pytest.TempPathFactory, judge_cache: Path) -> Materials:
    """With the lexicons that other tests and earlier runs have compiled."""
    made = Materials(tmp_path_factory.mktemp("benchmarks"), TINY)
    made.home.mkdir()
    for cache in (made.cache, made.folder / "seed-cache"):
        cache.symlink_to(judge_cache)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", ORDER)
def test_every_benchmark_runs(name: str, materials: Materials) -> None:
    tables = measure(name, materials, TINY)
    assert tables
    for table in tables:
        assert table.rows
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert table.title in table.text()


@pytest.mark.slow
def test_json_can_be_read(materials: Materials, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(materials.folder.parent)
    assert main(["--tiny", "--json", "--only", "publish_check", "--folder", folder]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert msgspec.convert(answer["benchmarks"]["publish_check"], list[Table])
    assert "Python" in answer["machine"]


@pytest.mark.slow
def test_the_registry_has_as_many_patterns_as_asked_and_can_be_read(tmp_path: Path) -> None:
    brands = corpus.invented_brands(30_000)
    names = pq.read_table(corpus.write_patterns(tmp_path / "p.parquet", brands))["name"]
    assert abs(len(names) - 30_000) < 300, "a few names of the seed belong to two brands"
    read, rejects = read_registry(corpus.write_registry(tmp_path, brands))
    assert [brand.names for brand in read] == [brand.names for brand in brands]
    assert not rejects


@pytest.mark.slow
def test_the_catalogue_is_repeatable_and_mixed_as_promised(tmp_path: Path) -> None:
    brands = corpus.invented_brands(21_000)
    first, again = (pq.read_table(corpus.write_listings(tmp_path / f"{n}.parquet", 3_000, brands)) for n in (1, 2))
    assert first.equals(again)
    rows = first.to_pylist()
    lengths = [len(row["title"]) + len(row["description"]) + len(row["brand"]) for row in rows]
    assert 190 < sum(lengths) / len(rows) < 260
    shares = {c: sum(row["currency"] == c for row in rows) / len(rows) for c in ("USD", "CNY")}
    assert abs(shares["USD"] - 0.45) < 0.04
    assert abs(shares["CNY"] - 0.40) < 0.04
    assert 0.003 < sum(row["listing_id"].startswith("P") for row in rows) / len(rows) < 0.02


def test_every_disguise_but_the_plain_one_changes_a_name() -> None:
    for way, hide in corpus.DISGUISES.items():
        assert (hide("Veposa") == "Veposa") == (way == "plain")


def test_percentiles_are_of_the_nearest_rank() -> None:
    values = [float(value) for value in range(1, 101)]
    random.Random(1).shuffle(values)
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99)] == [50.0, 95.0, 99.0]
    assert spread([3.0, 1.0, 2.0]) == "2 (1–3)"
