"""The rule book on the command line: exit codes, JSON, and what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agoranomos.kernel.actors import Actor
from agoranomos.main import cli
from agoranomos.rules import actions
from agoranomos.wiring import Wiring
from tests.rules.builders import MANY
from tests.rules.written_rules import FEATURES, claims_rule


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "features.yaml").write_text(FEATURES, "utf-8")
    (folder / "rule.yaml").write_text(claims_rule(), "utf-8")
    (folder / "notes.txt").write_text("not a rule", "utf-8")
    run("lists", "create", "family_devices", "--kind", "allow")
    return folder


def run(*words: str, code: int = 0) -> Result:
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == code, done.output
    return done


def asked(*words: str, code: int = 0) -> Any:
    return json.loads(run(*words, "--json", code=code).stdout)


def approve(tmp_path: Path, approval_id: str) -> None:
    wiring = Wiring(tmp_path / "home")
    with wiring.store().transaction() as connection:
        actions.approve(connection, approval_id, by=Actor("person", "bob"), now=wiring.now())
    wiring.store().close()


def test_what_is_wrong_ends_with_1(home: Path) -> None:
    (home / "rule.yaml").write_text(claims_rule().replace("claims_10m(device_id) >", "claims_10(device_id) >"), "utf-8")
    found = asked("rules", "check", str(home), code=1)
    [problem] = [each for each in found["problems"] if "claims_10" in each["message"]]
    assert (problem["line"], problem["file"]) == (5, str(home / "rule.yaml"))
    run("rules", "import", str(home), code=1)
    assert asked("rules", "list")["items"] == []


def test_wrong_use_ends_with_2(home: Path) -> None:
    run("rules", "import", code=2)
    run("rules", "import", str(home), "--starter", code=2)
    run("rules", "show", "goods.none", code=2)
    run("rules", "promote", "goods.none", code=2)
    run("rules", "snooze", MANY, "device", "--reason", "x", code=2)
    run("queues", "show", "none", code=2)
    run("lists", "show", "none", code=2)
    run("lists", "create", "Upper", "--kind", "allow", code=2)
    empty = home.parent / "empty"
    empty.mkdir()
    run("rules", "check", str(empty), code=2)


def test_live_and_back(home: Path, tmp_path: Path) -> None:
    assert asked("rules", "check", str(home))["rules"] == [MANY]
    [version] = asked("rules", "import", str(home), "--shadow")["items"]
    assert version["status"] == "shadow"
    approve(tmp_path, asked("rules", "promote", MANY)["approval_id"])
    (home / "rule.yaml").write_text(claims_rule(7), "utf-8")
    asked("rules", "import", str(home))
    assert asked("rules", "shadow", MANY)["shadow_version"] == 2
    found = asked("rules", "compare", MANY)
    assert (found["live_hits"], found["shadow_hits"], found["complete"]) == (0, 0, True)
    approve(tmp_path, asked("rules", "promote", MANY, "--version", "2")["approval_id"])
    waiting = asked("rules", "rollback", MANY, "1")["approval_id"]
    assert [each["approval_id"] for each in asked("rules", "history", MANY)["waiting"]] == [waiting]
    approve(tmp_path, waiting)
    assert [each["live_version"] for each in asked("rules", "list", "--status", "live")["items"]] == [1]
    assert asked("rules", "show", MANY, "--version", "2")["status"] == "expired"
    assert asked("rules", "expire", MANY)["live_version"] is None
    run("rules", "expire", MANY, code=2)


@pytest.mark.slow
def test_the_rules_that_come_with_the_system(home: Path) -> None:
    found = asked("rules", "import", "--starter", "--shadow")["items"]
    assert len(found) >= 20
    assert {each["status"] for each in found} == {"shadow"}
    again = asked("rules", "import", "--starter", "--shadow")["items"]
    assert {each["version"] for each in again} == {1}


def test_lists_from_files(home: Path) -> None:
    plain, lines = home / "values.txt", home / "values.jsonl"
    plain.write_text("d1\n\nd2\n", "utf-8")
    lines.write_text('{"value": "d3", "reason": "case 3", "expires_at": "2999-01-01T00:00:00Z"}\n{"value": "d1"}\n')
    assert asked("lists", "import", "family_devices", str(plain), "--reason", "a family")["entries"] == 2
    assert asked("lists", "import", "family_devices", str(lines), "--reason", "seen")["entries"] == 3
    shown = asked("lists", "show", "family_devices")["items"]
    assert [(each["value"], each["reason"]) for each in shown] == [("d1", "seen"), ("d2", "a family"), ("d3", "case 3")]
    assert asked("lists", "remove", "family_devices", "d1", "d9")["removed"] == 1
    assert asked("lists", "list")["items"][0]["entries"] == 2
    lines.write_text('{"values": "d3"}\n')
    assert f"{lines}:1:" in run("lists", "import", "family_devices", str(lines), code=2).output
    plain.write_text("\n")
    run("lists", "import", "family_devices", str(plain), code=2)


def test_snoozes(home: Path) -> None:
    made = asked("rules", "snooze", MANY, "device:d1", "--reason", "a family", "--case", "c1")
    assert asked("rules", "snoozes")["items"] == [made]
    assert f"{MANY}  device:d1" in run("rules", "snoozes").output
    run("rules", "unsnooze", made["snooze_id"])
    assert asked("rules", "snoozes")["items"] == []
    assert asked("rules", "snoozes", "--over")["items"][0]["ended_by"] == "person:local"
    run("rules", "unsnooze", made["snooze_id"], code=2)


def test_queues(home: Path) -> None:
    assert set(asked("queues", "list")["queues"]) >= {"goods", "access"}
    assert asked("queues", "show", "goods")["places"] == []
    assert "none of 0 shown was decided yet" in run("queues", "show", "goods").output


@pytest.mark.slow
def test_a_replay_takes_rules(home: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    data = {"coupon_id": "c", "campaign_id": "m", "account_id": "a", "device_id": "d1"}
    event = {"source": "shop", "type": "coupon.claimed", "data": data}
    rows = [{**event, "id": f"e{n}", "time": f"2026-05-01T08:00:{n:02}Z"} for n in range(6)]
    events.write_text("\n".join(map(json.dumps, rows)) + "\n")
    rules = ["--rules", str(home)]
    wanted = {"first": rules, "second": rules, "bare": [], "starter": ["--rules", "starter"]}
    found = {}
    for name, extra in wanted.items():
        summary = asked("replay", str(events), "--out", str(tmp_path / name), *extra)
        assert summary["findings"].get(MANY, 0) == (3 if name in ("first", "second") else 0)
        found[name] = (tmp_path / name / "findings.jsonl").read_bytes()
    assert found["first"] == found["second"]
    said = [finding for line in found["first"].splitlines() if (finding := json.loads(line))["code"] == MANY]
    assert {finding["status"] for finding in said} == {"shadow"}  # a draft is only tried
