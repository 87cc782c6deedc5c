"""`agora market`, as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from agoranomos.main import cli

SMALL = ["market", "--from", "2026-01-01", "--days", "2", "--sellers", "10", "--buyers", "100"]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path / "home"))


def test_a_market_is_made_and_summed_up(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(cli, [*SMALL, "--plot", "returning-seller", "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told == json.loads((out / "summary.json").read_text("utf-8"))
    assert told["plots"] == ["returning-seller"]
    assert told["events"] == len((out / "events.jsonl").read_text("utf-8").splitlines())
    assert not (tmp_path / "home").exists(), "making a market needs no store"


def test_for_people_it_says_where_things_are(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, [*SMALL, "--zst", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0
    assert f"in {tmp_path / 'out' / 'events.jsonl.zst'}." in result.stdout
    assert "family" in result.stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--plot", "bribe", "--out", "x"], "there is no plot 'bribe'; choose from: bad-faith-notices"),
        (["--days", "0", "--out", "x"], "0 is not in the range"),
        (["--from", "yesterday", "--out", "x"], "does not match the format"),
        ([], "Missing option '--out'"),
    ],
)
def test_wrong_use_is_refused(more: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, [*SMALL, *more])
    assert result.exit_code == 2
    assert said in result.stderr
