"""`agora pictures strip`, as whoever publishes photos meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agoranomos.main import cli
from tests.engine.pictures.stripping.test_strip import SECRET, jpeg, png


def strip(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["pictures", "strip", *map(str, arguments)])


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "came"
    folder.mkdir()
    (folder / "IMG_20260501.jpg").write_bytes(jpeg())
    (folder / "b.png").write_bytes(png())
    (folder / "notes.txt").write_text("no photo")
    return folder


def test_copies_are_made_and_what_came_stays(photos: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in photos.iterdir()}
    done = strip(photos / "IMG_20260501.jpg", photos / "b.png", "--out", tmp_path / "shown")
    assert done.exit_code == 0, done.output
    assert "without exif, xmp, colour profile, comment" in done.stdout
    assert sorted(path.name for path in (tmp_path / "shown").iterdir()) == ["IMG_20260501.jpg", "b.png"]
    assert all(SECRET not in path.read_bytes() for path in (tmp_path / "shown").iterdir())
    assert {path.name: path.read_bytes() for path in photos.iterdir()} == before


def test_names_of_cameras_go_too_when_asked(photos: Path, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        done = strip(photos / "IMG_20260501.jpg", "--out", tmp_path / folder, "--names", "content", "--json")
        copy = Path(json.loads(done.stdout)["items"][0]["copy"])
        assert copy.suffix == ".jpeg"
        assert len(copy.stem) == 32
    assert [path.name for path in (tmp_path / "one").iterdir()] == [path.name for path in (tmp_path / "two").iterdir()]


def test_what_cannot_be_stripped_is_not_copied(photos: Path, tmp_path: Path) -> None:
    done = strip(photos / "notes.txt", photos / "b.png", "--out", tmp_path / "shown")
    assert done.exit_code == 1
    assert "not copied" in done.stderr
    assert [path.name for path in (tmp_path / "shown").iterdir()] == ["b.png"]


def test_nothing_is_overwritten(photos: Path, tmp_path: Path) -> None:
    assert strip(photos / "b.png", "--out", photos).exit_code == 2
    other = tmp_path / "b.png"
    other.write_bytes(png())
    assert strip(photos / "b.png", other, "--out", tmp_path / "shown").exit_code == 2
