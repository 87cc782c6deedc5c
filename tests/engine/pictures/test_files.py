"""Files to signatures: what is read, from where it comes, how often it is decoded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agoranomos.engine.pictures.bounds import Skip
from agoranomos.engine.pictures.cache import SignatureCache
from agoranomos.engine.pictures.files import read_bounded, signed_files
from agoranomos.engine.pictures.guard import Guard
from agoranomos.engine.pictures.signature import Signature, content_hash
from tests.engine.pictures.drawing import drawn, file_of, signed


def test_only_ordinary_files_of_bounded_size_are_read(tmp_path: Path) -> None:
    plain, pipe = tmp_path / "a", tmp_path / "pipe"
    plain.write_bytes(b"12345")
    os.mkfifo(pipe)
    assert read_bounded(plain, 5) == b"12345"
    assert read_bounded(plain, 4) == Skip("too_many_bytes")
    for path in (pipe, tmp_path, tmp_path / "none", Path("/dev/zero"), Path("a\0b")):
        assert read_bounded(path, 5) == Skip("unreadable")


@pytest.mark.slow
def test_a_content_is_decoded_once_in_all_nights(tmp_path: Path) -> None:
    files = {"a.jpg": file_of(drawn(1)), "b.png": file_of(drawn(1)), "c.jpg": file_of(drawn(2)), "d.jpg": b"text"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    paths = [tmp_path / name for name in (*files, "none.jpg", "a.jpg")]
    with Guard() as guard:
        for night, decoded in ((1, [True, False, True, True, False, False]), (2, [False] * 6)):
            with SignatureCache(tmp_path / "cache", night) as cache:
                found = list(signed_files(paths, cache, guard))
            assert [each.path for each in found] == paths
            assert [each.decoded for each in found] == decoded
            assert found[3].found == Skip("not_a_picture")
            assert found[4].found == Skip("unreadable")
            assert found[4].hash is None
            first = found[0].found
            assert isinstance(first, Signature)
            assert first.packed() == signed(files["a.jpg"]).packed()
            assert found[0].hash == content_hash(files["a.jpg"])
