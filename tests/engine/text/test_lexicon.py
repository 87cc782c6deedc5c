"""Compiled lexicons: kept whole or not at all, and the same bytes wherever they are compiled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agoranomos.engine.text.lexicon import FORMAT, Lexicon
from agoranomos.engine.text.lexicon_files import load, save
from tests.engine.text.builders import compiled, found, make_matcher, make_phrase


@pytest.fixture(scope="module")
def small() -> Lexicon:
    return compiled(
        make_phrase("Nike", ref=1, name=1, by_near=True),
        make_phrase("耐克", ref=1, name=1, by_sound=True),
        make_phrase("nike", ref=2, kind=2),
        make_phrase("阿迪达斯", ref=3),
    )


def _same(one: Lexicon, other: Lexicon) -> bool:
    assert one.arrays.keys() == other.arrays.keys()
    return all(
        one.arrays[name].dtype == other.arrays[name].dtype and np.array_equal(one.arrays[name], other.arrays[name])
        for name in one.arrays
    )


def test_phrases_of_one_spelling_are_all_kept(small: Lexicon) -> None:
    texts = [[small.text_of(p) for p in small.phrases_of(s)] for s in range(small.spellings)]
    assert ["Nike", "nike"] in texts or ["Nike"] in texts
    assert sorted(text for group in texts for text in group) == sorted(["Nike", "nike", "耐克", "阿迪达斯"])
    assert len(small) == 4


def test_what_is_saved_is_loaded(small: Lexicon, tmp_path: Path) -> None:
    save(small, tmp_path / "deep" / "one")
    loaded = load(tmp_path / "deep" / "one")
    assert loaded is not None
    assert _same(small, loaded)
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["one"], "no draft is left behind"


def test_saving_again_replaces(small: Lexicon, tmp_path: Path) -> None:
    save(small, tmp_path / "one")
    other = compiled(make_phrase("Puma"))
    save(other, tmp_path / "one")
    loaded = load(tmp_path / "one")
    assert loaded is not None
    assert _same(other, loaded)


def test_nothing_there_is_nothing_loaded(tmp_path: Path) -> None:
    assert load(tmp_path / "none") is None
    (tmp_path / "file").write_text("x")
    assert load(tmp_path / "file") is None


@pytest.mark.parametrize("stop_at", [0, 1, 7, "format.json"])
def test_a_disk_that_fills_up_leaves_nothing_half(
    small: Lexicon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_at: int | str
) -> None:
    written = 0
    real = np.save

    def full(path: Path, array: Any) -> None:
        nonlocal written
        if written == stop_at:
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        written += 1
        real(path, array)

    monkeypatch.setattr(np, "save", full)
    if stop_at == "format.json":
        monkeypatch.setattr(Path, "write_text", lambda path, *_: full(path, None))
        written = "format.json"  # type: ignore[assignment]
        monkeypatch.setattr(np, "save", real)
    with pytest.raises(OSError, match="No space left"):
        save(small, tmp_path / "one")
    assert list(tmp_path.iterdir()) == []


def test_a_process_killed_in_the_middle_is_not_taken_for_done(
    small: Lexicon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        save(small, tmp_path / "one")
    assert load(tmp_path / "one") is None
    monkeypatch.undo()
    save(small, tmp_path / "one")
    assert load(tmp_path / "one") is not None


@pytest.mark.parametrize(
    "damage",
    ["missing array", "cut array", "no format", "cut format", "other format"],
)
def test_what_is_damaged_or_of_another_format_is_not_loaded(small: Lexicon, tmp_path: Path, damage: str) -> None:
    save(small, tmp_path / "one")
    array, head = tmp_path / "one" / "trie.npy", tmp_path / "one" / "format.json"
    if damage == "missing array":
        array.unlink()
    elif damage == "cut array":
        array.write_bytes(array.read_bytes()[:100])
    elif damage == "no format":
        head.unlink()
    elif damage == "cut format":
        head.write_bytes(head.read_bytes()[:10])
    else:
        known = json.loads(head.read_text())
        assert known["format"] == FORMAT
        head.write_text(json.dumps({**known, "format": FORMAT + 1}))
    assert load(tmp_path / "one") is None
    save(small, tmp_path / "one")
    assert load(tmp_path / "one") is not None


def test_a_loaded_lexicon_finds_what_the_compiled_one_finds(small: Lexicon, tmp_path: Path) -> None:
    from agoranomos.engine.text.matching import Limits, Matcher

    save(small, tmp_path / "one")
    loaded = load(tmp_path / "one")
    assert loaded is not None
    limits = Limits(line=(-1.0, -1.0))
    rows = [("n1ke 耐克 A D I D A S 阿迪达斯", "", "")]
    assert found(Matcher(small, limits), rows) == found(Matcher(loaded, limits), rows)


def test_no_phrases_at_all() -> None:
    assert found(make_matcher(), [("Nike 耐克 anything", "x", "y")]) == []


@pytest.mark.parametrize("text", ["", " ", "a", "!", "中", "\u200b\u200b", "x" * 201, "İ", "🔥🔥"])
def test_phrases_too_short_or_long_find_nothing_and_do_no_harm(text: str) -> None:
    matcher = make_matcher(text, "Nike")
    assert [hit.text for hit in found(matcher, [(f"{text} Nike", "", "")])] == ["Nike"]


_COMPILE = """
import hashlib
from agoranomos.engine.text.lexicon import compile_lexicon
from tests.engine.text.builders import make_phrase
names = ("Nike", "耐克", "Louis Vuitton", "3M", "em", "Häagen-Dazs")
phrases = [make_phrase(n, by_near=n.isascii(), by_sound=not n.isascii()) for n in names]
arrays = compile_lexicon(phrases).arrays
digest = hashlib.blake2b()
for name in arrays:
    digest.update(name.encode() + str(arrays[name].dtype).encode() + arrays[name].tobytes())
print(digest.hexdigest())
"""


@pytest.mark.slow
def test_the_same_bytes_in_every_process() -> None:
    answers = {
        subprocess.run(
            [sys.executable, "-c", _COMPILE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1
