"""Files of secrets are made once, whoever is first, and are whole at any moment."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from agoranomos.kernel.files import make_once, replace_whole


def test_who_is_first_is_what_all_read(tmp_path: Path) -> None:
    path, several = tmp_path / "a.secret", 8
    start = Barrier(several)

    def make_and_read(number: int) -> str:
        start.wait()
        make_once(path, str(number) * 10_000)
        return path.read_text()

    with ThreadPoolExecutor(several) as pool:
        read = set(pool.map(make_and_read, range(several)))
    assert read in [{str(number) * 10_000} for number in range(several)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_who_comes_between_the_writing_and_the_naming_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, link = tmp_path / "a.secret", os.link

    def late(draft: Path, place: Path) -> None:
        assert draft.read_text() == "slower"  # whole before it has its name
        monkeypatch.setattr(os, "link", link)
        make_once(path, "faster")
        link(draft, place)

    monkeypatch.setattr(os, "link", late)
    make_once(path, "slower")
    assert path.read_text() == "faster"
    assert list(tmp_path.iterdir()) == [path]


def test_a_replaced_file_is_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.secret"
    path.write_text("old")
    path.chmod(0o644)
    replace_whole(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    for write in (make_once, replace_whole):
        with pytest.raises(OSError, match="no space"):
            write(tmp_path / "a.secret", "x")
    assert list(tmp_path.iterdir()) == []
