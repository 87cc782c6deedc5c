"""What the measure of risk finds on a market, and the commands that print it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from agoranomos.engine.stream.run import Run
from agoranomos.main import cli
from agoranomos.reviews.anonymity.policy import load_policy
from agoranomos.reviews.anonymity.risk import Watching, measured
from tests.reviews.anonymity.market import make_market, moment

POLICY = load_policy()


def test_what_is_posted_is_found_and_what_is_shown_is_not() -> None:
    market = make_market(15, seed=3)
    watching = Watching(POLICY)
    run = Run([watching])
    run.feed(market.events)
    run.pass_until(moment(70))
    [band] = measured(watching, POLICY).bands
    assert (band.orders_per_day, band.stores, band.reviews) == ("under 20", 1, len(market.written))
    assert band.posted.top_1 > 0.15
    assert band.posted.top_1 <= band.posted.top_5
    assert band.after.reviews > 20
    assert band.after.top_1 < band.by_day.top_1 / 3
    assert band.after.reviews + band.score_only <= band.reviews


def test_the_commands_read_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path / "home"))
    file = tmp_path / "events.jsonl"
    events = make_market(15, days=14).events
    lines = [
        {"id": each.id, "source": each.source, "type": each.type, "time": each.time, "specversion": "1.0",
         "data": each.data} for each in events
    ]  # fmt: skip
    file.write_bytes(b"\n".join(map(msgspec.json.encode, lines)))
    said = CliRunner().invoke(cli, ["reviews", "risk", str(file), "--json"])
    assert json.loads(said.stdout)["bound"] == 1 / POLICY.k
    shown = CliRunner().invoke(cli, ["reviews", "release", str(file), "--json"])
    found = json.loads(shown.stdout)
    assert {each["form"] for each in found["released"]} <= {"text", "score"}
    assert found["released"]
    assert CliRunner().invoke(cli, ["reviews", "risk", str(tmp_path / "nothing.jsonl")]).exit_code == 2
