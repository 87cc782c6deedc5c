"""`agora rules backtest` over files and over the log of the store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agoranomos.kernel.store import Store
from agoranomos.main import cli
from agoranomos.rules import lists
from agoranomos.staff.model import LOCAL
from tests.builders import NOW
from tests.rules.backtest.builders import HERE, WATCHED, market_file


class Terminal:
    """The command line over the store of the test."""

    def __init__(self, folder: Path) -> None:
        self.environment = {"AGORA_HOME": str(folder)}

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments), env=self.environment)


@pytest.fixture
def terminal(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """With the list that the rules look in."""
    monkeypatch.setattr("agoranomos.foundations.open_store", lambda _: store)  # one that is closed when the test ends
    with store.transaction() as connection:
        lists.create(connection, WATCHED, "watch", by=LOCAL, now=NOW)
    return Terminal(tmp_path)


@pytest.mark.slow
def test_over_files(terminal: Terminal, tmp_path: Path) -> None:
    events, out = str(market_file(tmp_path)), tmp_path / "report.json"
    done = terminal.run("rules", "backtest", str(HERE), "--events", events, "--out", str(out), "--samples", "1")
    assert done.exit_code == 0, done.output
    report = json.loads(out.read_text())
    assert {rule["rule_id"] for rule in report["rules"]} >= {"reviews.eager_author", "access.many_devices"}
    eager = next(rule for rule in report["rules"] if rule["rule_id"] == "reviews.eager_author")
    assert eager["hits"] > 0
    assert f"{eager['hits']:,}" in next(line for line in done.stdout.splitlines() if "eager_author" in line)
    assert eager["samples"][0]["reason_en"] in done.stdout
    assert terminal.run("rules", "backtest", str(HERE), "--events", events, "--json", "--samples", "1").stdout == (
        out.read_text()
    )


@pytest.mark.slow
def test_over_the_log_as_over_the_files_that_went_in(terminal: Terminal, tmp_path: Path) -> None:
    events = str(market_file(tmp_path))
    assert terminal.run("ingest", events).exit_code == 0
    logged = json.loads(terminal.run("rules", "backtest", str(HERE), "--json").stdout)
    read = json.loads(terminal.run("rules", "backtest", str(HERE), "--events", events, "--json").stdout)
    assert logged["rules"] == read["rules"]


@pytest.mark.slow
def test_what_runs_in_shadow_is_tested_when_no_files_are_named(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.run("rules", "import", str(HERE), "--shadow").exit_code == 0
    done = terminal.run("rules", "backtest", "--events", str(market_file(tmp_path)), "--json")
    assert len(json.loads(done.stdout)["rules"]) == 5
    again = terminal.run("rules", "backtest", str(HERE), "--events", str(market_file(tmp_path)), "--json")
    assert {rule["version"] for rule in json.loads(again.stdout)["rules"]} == {2}, "numbered as if proposed now"


def test_a_wrong_rule_says_where_and_ends_with_one(terminal: Terminal, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text((HERE / "rules.yaml").read_text().replace("rating >= 4", "ratign >= 4"))
    done = terminal.run("rules", "backtest", str(wrong), str(HERE / "features.yaml"))
    assert done.exit_code == 1
    assert "wrong.yaml:4:" in done.stderr
    assert "rating" in done.stderr


def test_no_rules_no_files_and_no_days_are_wrong_use(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.run("rules", "backtest").exit_code == 2
    assert terminal.run("rules", "backtest", str(HERE), "--events", "nowhere.jsonl").exit_code == 2
    days = ("--from", "2026-03-05", "--to", "2026-03-01")
    assert terminal.run("rules", "backtest", str(HERE), *days).exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--master", "spark://head:7077"), "are for --engine spark"),
        (("--spark-conf", "a=b"), "are for --engine spark"),
        (("--engine", "spark"), "Say which cluster"),
        (("--engine", "spark", "--master", "local[1]", "--spark-conf", "nothing"), "wants NAME=VALUE"),
    ],
)
def test_a_cluster_that_is_half_named_is_wrong_use(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    done = terminal.run("rules", "backtest", str(HERE), *words)
    assert done.exit_code == 2
    assert said in done.stderr
