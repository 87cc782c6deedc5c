"""`agora backup` and `agora restore` as people call them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agoranomos.main import cli
from tests.stores import sqlite_template


def agora(home: Path, *words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], env={"AGORA_HOME": str(home)})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copyfile(sqlite_template(), folder / "agoranomos.sqlite3")
    assert agora(folder, "audit", "key").exit_code == 0
    return folder


def test_there_and_back(home: Path, tmp_path: Path) -> None:
    made = agora(home, "backup", tmp_path / "b", "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["entries"] == json.loads(made.stdout)["sealed"]
    assert "verifying" in made.stderr
    assert agora(home, "backup", tmp_path / "b").exit_code == 1, "it is there already"
    new = tmp_path / "new"
    refused = agora(new, "restore", tmp_path / "b")
    assert refused.exit_code == 2
    assert "put audit.key into AGORA_HOME first" in refused.stderr
    assert not (new / "agoranomos.sqlite3").exists()
    new.mkdir(exist_ok=True)
    shutil.copyfile(home / "audit.key", new / "audit.key")
    back = agora(new, "restore", tmp_path / "b")
    assert back.exit_code == 0, back.output
    assert "all as they were signed" in back.stdout
    assert agora(new, "audit", "verify").exit_code == 0
    again = agora(new, "restore", tmp_path / "b")
    assert (again.exit_code, "move it away first" in again.stderr) == (1, True)
    assert agora(new, "restore", tmp_path).exit_code == 2, "no backup lies there"
