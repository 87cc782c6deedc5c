"""Declarations are looked at as they come, in a history as well as live."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from click.testing import CliRunner

from agoranomos.engine.stream.run import Run
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.main import cli
from agoranomos.promotions.campaigns.registry import known_campaigns
from agoranomos.promotions.lint.monitor import CODE, LintMonitor
from agoranomos.promotions.lint.policy import load_policy
from tests.promotions.making import cny, fixed, percent

BEGIN: Final = datetime(2026, 5, 1, tzinfo=UTC)
SOUND: Final[dict[str, Any]] = {
    "starts_at": "2026-05-01T00:00:00Z", "ends_at": "2026-05-11T00:00:00Z", "budget": {"count": 1_000},
    "per_account": {"count": 1},
}  # fmt: skip
HALF = {"id": "half", "benefit": percent(50), **SOUND}
MORE = {"id": "more", "benefit": percent(60), **SOUND}


def raw(hours: float, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"e{hours}", "source": "tests", "type": kind, "data": data, "specversion": "1.0",
        "time": (BEGIN + timedelta(hours=hours)).isoformat(),
    }  # fmt: skip


def declared(hours: float, entry: dict[str, Any]) -> Event:
    return parse_event(raw(hours, "campaign.declared", {"campaign": entry}))


def ended(hours: float, campaign_id: str) -> Event:
    return parse_event(raw(hours, "campaign.ended", {"campaign_id": campaign_id}))


def said(*events: Event, monitor: LintMonitor | None = None) -> list[Finding]:
    out = Run([monitor or LintMonitor(load_policy())]).feed(events)
    return [each for each in out if isinstance(each, Finding)]


def test_the_one_that_makes_it_unsafe_is_found() -> None:
    (found,) = said(declared(0, HALF), declared(1, MORE))
    assert (found.code, found.subject.id, found.score) == (CODE, "more", 0.99)
    assert [each.code for each in found.reasons] == ["paid_to_face_together"]
    assert "because neither excludes the other" in found.reasons[0].message
    assert [(each.kind, each.id, each.role) for each in found.related] == [("campaign", "half", "tie")]
    assert found.event_ids == ("e1",)


def test_what_is_over_or_ended_is_not_together_with_what_comes() -> None:
    assert not said(declared(0, HALF), ended(1, "half"), declared(2, MORE))
    later = {**MORE, "starts_at": "2026-05-12T00:00:00Z", "ends_at": "2026-05-13T00:00:00Z"}
    assert not said(declared(0, HALF), declared(2, later))


def test_what_a_campaign_leaves_out_is_worth_a_look() -> None:
    (found,) = said(declared(0, {"id": "bare", "benefit": percent(5)}))
    assert 0.5 <= found.score < 0.9
    assert {each.code for each in found.reasons} == {"no_budget", "no_cap_per_account", "no_end"}


def test_a_new_version_is_looked_at_again_and_is_another_episode() -> None:
    first, second = said(
        declared(0, {**HALF, "benefit": percent(80)}), declared(1, {**HALF, "benefit": percent(90)})
    )  # fmt: skip
    assert first.id != second.id


def test_terms_that_cannot_be_used_are_left_to_the_guard() -> None:
    assert not said(declared(0, {"id": "a", "benefit": {"kind": "percent", "value": cny(5)}}))


def test_it_goes_on_from_its_state() -> None:
    before = LintMonitor(load_policy())
    assert not said(declared(0, HALF), monitor=before)
    after = LintMonitor(load_policy())
    after.resume(before.state())
    assert said(declared(1, MORE), monitor=after) == said(declared(0, HALF), declared(1, MORE))


def test_what_is_known_from_the_start_is_looked_at_when_it_begins(tmp_path: Path) -> None:
    file = tmp_path / "campaigns.json"
    file.write_bytes(msgspec.json.encode([HALF, {**MORE, "starts_at": "2026-05-03T00:00:00Z"}]))
    run = Run([LintMonitor(load_policy(), known_campaigns(file).campaigns)])
    found = [*run.feed([ended(0, "other")]), *run.pass_until(BEGIN + timedelta(hours=47))]
    found += run.pass_until(BEGIN + timedelta(hours=48))
    told = [(each.subject.id, each.at) for each in found if isinstance(each, Finding)]
    assert told == [("half", "2026-05-01T00:00:00Z"), ("more", "2026-05-03T00:00:00Z")]


def test_a_registry_holds_brands_and_campaigns(tmp_path: Path) -> None:
    brand = {"brand_id": "acme", "names": ["Acme"]}
    event = raw(0, "campaign.declared", {"campaign": MORE})
    mixed = tmp_path / "registry.jsonl"
    broken = {"id": "x", "benefit": {"kind": "fixed", "value": 5}}
    mixed.write_bytes(b"\n".join(msgspec.json.encode(each) for each in (brand, HALF, event, broken)))
    known = known_campaigns(mixed)
    assert [each.id for each in known.campaigns] == ["half", "more"]
    assert not known.only
    assert known.refused == [
        "registry.jsonl:4: the value of a fixed benefit is an amount of money, {amount, currency} /benefit/value"
    ]
    own = tmp_path / "campaigns.yaml"
    own.write_text("- id: a\n  benefit: {kind: percent, value: 5}\n")
    assert (known_campaigns(own).campaigns[0].id, known_campaigns(own).only) == ("a", True)
    table = tmp_path / "brands.csv"
    table.write_text("brand_id,names\nacme,Acme\n")
    assert known_campaigns(table) == ([], [], False)


def test_a_replay_tells_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path / "home"))
    events, registry = tmp_path / "events.jsonl", tmp_path / "registry.jsonl"
    glitch = {
        "id": "glitch",
        "benefit": fixed(9_960),
        "applies_to": {"prices": {"min": cny(10_000), "max": cny(10_000)}},
    }
    events.write_bytes(msgspec.json.encode(raw(1, "campaign.declared", {"campaign": {**glitch, **SOUND}})))
    registry.write_bytes(msgspec.json.encode([{"brand_id": "acme", "names": ["Acme"]}, HALF]))
    done = CliRunner().invoke(
        cli, ["replay", str(events), "--registry", str(registry), "--out", str(tmp_path / "out"), "--json"]
    )
    assert done.exit_code == 0, done.output
    found = [msgspec.json.decode(line) for line in (tmp_path / "out" / "findings.jsonl").read_bytes().splitlines()]
    assert [(each["code"], each["subject"]["id"]) for each in found] == [(CODE, "glitch")]
    assert "pay 0.40 for 100.00 CNY: glitch" in found[0]["reasons"][0]["message"]
