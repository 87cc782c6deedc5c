"""`agora complaints score`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agoranomos.main import cli

LINES = [
    '{"id": "a", "text": "假货，别买"}',
    '{"id": 7, "text": "Genuine product, works great.", "stars": 5}',
    '{"id": "b", "text": "el producto es falso y no sirve"}',
]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(LINES) + "\n", "utf-8")
    return path


def score(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["complaints", "score", *map(str, arguments)])


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.slow
def test_each_text_gets_a_score_its_words_and_its_language(texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.jsonl"
    done = score(texts, "--out", out)
    assert done.exit_code == 0, done.output
    first, second, third = rows(out)
    assert [row["id"] for row in (first, second, third)] == ["a", 7, "b"]
    assert [row["lang"] for row in (first, second, third)] == ["zh", "en", "other"]
    assert [float(str(row["score"])) >= 0.5 for row in (first, second, third)] == [True, False, False]
    assert first["spans"] == [{"start": 0, "end": 2, "code": "says_fake", "weight": 7.0}]
    assert "3 texts read (en: 1, other: 1, zh: 1)" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["texts.jsonl", "scores.jsonl"] or len(rows(out)) == 3


def test_the_same_texts_give_the_same_bytes(texts: Path, tmp_path: Path) -> None:
    packed = tmp_path / "texts.jsonl.gz"
    packed.write_bytes(gzip.compress(texts.read_bytes()))
    for source, name in ((texts, "one"), (texts, "two"), (packed, "three")):
        assert score(source, "--out", tmp_path / name).exit_code == 0
    assert len({(tmp_path / name).read_bytes() for name in ("one", "two", "three")}) == 1


def test_what_cannot_be_used_is_told_and_left_out(texts: Path, tmp_path: Path) -> None:
    with texts.open("a", encoding="utf-8") as file:
        file.write('{broken\n\n{"id": "c"}\n{"id": null, "text": "x"}\n[1]\n{"id": "d", "text": "13812345678", }\n')
    out = tmp_path / "scores.jsonl"
    done = score(texts, "--out", out, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "texts": 3, "say_or_suspect_fake": 1, "surely": 1, "languages": {"en": 1, "other": 1, "zh": 1}, "rejected": 5,
    }  # fmt: skip
    assert "line 4: not a JSON object with an id and a text" in done.stderr
    assert "13812345678" not in done.stderr
    assert len(rows(out)) == 3


def test_wrong_use_ends_with_two_and_leaves_nothing(texts: Path, tmp_path: Path) -> None:
    before = texts.read_bytes()
    assert score(tmp_path / "none.jsonl", "--out", tmp_path / "x").exit_code == 2
    assert score(texts).exit_code == 2
    assert score(texts, "--out", texts).exit_code == 2
    assert score(texts, "--out", tmp_path / "no" / "folder").exit_code == 2
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    assert score(tmp_path / "t.parquet", "--out", tmp_path / "x").exit_code == 2
    assert texts.read_bytes() == before
    assert not (tmp_path / "x").exists()
    assert not list(tmp_path.glob("*.draft"))
