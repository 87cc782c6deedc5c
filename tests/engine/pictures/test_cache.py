"""Signatures kept between nights."""

from __future__ import annotations

from pathlib import Path

import pytest

from agoranomos.engine.pictures.bounds import Skip
from agoranomos.engine.pictures.cache import SignatureCache
from agoranomos.engine.pictures.signature import Signature, content_hash
from agoranomos.kernel.errors import Invalid
from tests.engine.pictures.drawing import drawn, file_of, signed

DATA = file_of(drawn(1))
HASH = content_hash(DATA)


def test_what_was_put_is_got_another_night(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "signatures.sqlite"
    made = signed(DATA)
    with SignatureCache(path) as cache:
        assert cache.get([HASH]) == {}
        cache.put({HASH: made, b"other": Skip("broken")})
    with SignatureCache(path, night=1) as cache:
        found = cache.get([b"unknown", HASH, b"other", HASH])
        assert set(found) == {HASH, b"other"}
        assert found[b"other"] == Skip("broken")
        kept = found[HASH]
        assert isinstance(kept, Signature)
        assert kept.packed() == made.packed()


def test_more_than_one_batch_is_got(tmp_path: Path) -> None:
    with SignatureCache(tmp_path / "c") as cache:
        hashes = [number.to_bytes(4, "big") for number in range(1_200)]
        cache.put(dict.fromkeys(hashes, Skip("broken")))
        assert len(cache.get(hashes)) == 1_200


def test_what_may_turn_out_otherwise_is_not_kept(tmp_path: Path) -> None:
    with SignatureCache(tmp_path / "c") as cache:
        cache.put({b"1": Skip("crashed"), b"2": Skip("too_slow"), b"3": Skip("unreadable"), b"4": Skip("too_large")})
        assert set(cache.get([b"1", b"2", b"3", b"4"])) == {b"4"}


def test_what_was_long_unused_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with SignatureCache(path, night=1) as cache:
        cache.put({b"used": Skip("broken"), b"unused": Skip("broken")})
    with SignatureCache(path, night=7) as cache:
        cache.get([b"used"])
        assert cache.drop_unused(nights=6) == 1
        assert set(cache.get([b"used", b"unused"])) == {b"used"}
        with pytest.raises(Invalid):
            cache.drop_unused(nights=5)


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.write_bytes(b"no database" * 1_000)
    with SignatureCache(path) as cache:
        assert len(cache) == 0
        cache.put({HASH: signed(DATA)})
        assert len(cache) == 1
