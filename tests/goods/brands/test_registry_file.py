"""A registry file that is kept: the same brands, in a fraction of the time, and never those of another file."""

from __future__ import annotations

from pathlib import Path

import pytest

from agoranomos.goods.brands import registry_file
from agoranomos.goods.brands.registry_file import file_snapshot, read_registry
from agoranomos.goods.brands.snapshot import load_snapshot
from agoranomos.kernel.errors import Invalid
from tests.builders import make_brand, make_lines, make_money

BRANDS = [make_brand("zz-a", floors={"shoes": make_money(1)}), make_brand("zz-b", names=["乙", "B"])]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "registry.jsonl"
    file.write_bytes(make_lines(BRANDS) + b"[]\n")
    return file


def test_what_is_kept_is_what_is_read(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    plainly = read_registry(path)
    assert plainly[0] == BRANDS
    assert [reject.line for reject in plainly[1]] == [3]
    assert read_registry(path, cache) == plainly
    monkeypatch.setattr(registry_file, "read_brands", None)  # from here on nothing is parsed
    assert read_registry(path, cache) == plainly


def test_a_changed_file_is_read_anew(path: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    read_registry(path, cache)
    path.write_bytes(make_lines(BRANDS[:1]))
    assert read_registry(path, cache) == (BRANDS[:1], [])


def test_half_a_kept_file_is_made_anew(path: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = read_registry(path, cache)
    (kept,) = (cache / "registries").iterdir()
    kept.write_bytes(kept.read_bytes()[:20])
    assert read_registry(path, cache) == first


def test_the_kept_snapshot_is_that_of_seed_and_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    whole = load_snapshot(None, BRANDS)
    made = file_snapshot(path, cache)
    monkeypatch.setattr(registry_file, "load_snapshot", None)
    kept = file_snapshot(path, cache)
    for one in (made, kept):
        assert (one.version, one.brands) == (whole.version, whole.brands)


def test_a_file_that_is_not_there_is_refused_as_ever(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        read_registry(tmp_path / "none.jsonl", tmp_path / "cache")


def test_a_folder_is_read_each_time(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    with pytest.raises(Invalid):
        read_registry(folder, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
