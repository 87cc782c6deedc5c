"""The command line as a whole: help, versions, exit codes, and where it keeps things."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from agoranomos import __version__
from agoranomos.main import _COMMANDS, cli, home_folder
from agoranomos.wiring import Wiring


def test_home_folder() -> None:
    assert home_folder({"AGORA_HOME": "/x"}) == Path("/x")
    assert home_folder({"AGORA_HOME": "~/x"}) == Path.home() / "x"
    assert home_folder({"AGORA_HOME": "", "XDG_DATA_HOME": "/data"}) == Path("/data/agoranomos")
    assert home_folder({}) == Path.home() / ".local/share/agoranomos"


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(cli, ["--help"])
    assert shown.exit_code == 0
    for name in _COMMANDS:
        assert f"\n  {name} " in shown.output
        assert CliRunner().invoke(cli, [name, "-h"]).exit_code == 0, name


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["db"], ["--policy", "/no/such", "doctor"]])
def test_wrong_use_is_exit_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_version() -> None:
    assert __version__ in CliRunner().invoke(cli, ["--version"]).output


def test_refusals_are_messages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path))
    result = CliRunner().invoke(cli, ["scan", str(tmp_path / "none.csv"), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: there is no file or folder")


def test_interrupts_are_exit_130(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("AGORA_HOME", str(tmp_path))
    monkeypatch.setattr(Wiring, "store", interrupted)
    result = CliRunner().invoke(cli, ["db", "upgrade"])
    assert result.exit_code == 130
    assert "Interrupted" in result.stderr


def test_upgrade_says_the_revision(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    first = json.loads(CliRunner().invoke(cli, ["db", "upgrade", "--json"]).stdout)
    assert json.loads(CliRunner().invoke(cli, ["db", "upgrade", "--json"]).stdout) == first
    assert first.keys() == {"revision"}
    assert first["revision"]
    assert first["revision"] in CliRunner().invoke(cli, ["db", "upgrade"]).stdout


def agora(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "agoranomos.main", *arguments],
        env={**os.environ, "AGORA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.slow
def test_doctor(judge: object, judge_cache: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").symlink_to(judge_cache)
    done = agora(tmp_path, "doctor", "--json", "--warm")
    assert done.returncode == 0, done.stderr
    checks = json.loads(done.stdout)
    assert {"python", "agoranomos", "home", "registry", "judge", "store"} <= checks.keys()
    assert checks["home"] == str(tmp_path)
    assert "brands" in checks["registry"]
    assert agora(tmp_path, "doctor", "--warm").stdout.count("\n") == len(checks)


@pytest.mark.slow
def test_help_is_quick() -> None:
    agora(Path("/nowhere"), "--version")
    began = time.perf_counter()
    assert agora(Path("/nowhere"), "--version").returncode == 0
    assert time.perf_counter() - began < 2


@pytest.mark.slow
def test_output_is_utf_8_whatever_the_locale(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agoranomos.main", "scan", "不在.csv", "--out", str(tmp_path / "o")],
        env={**os.environ, "AGORA_HOME": str(tmp_path), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert "不在.csv".encode() in done.stderr or b"?" in done.stderr
