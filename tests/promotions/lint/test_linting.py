"""The lint as people meet it: files, policies, receipts, exit codes, HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import yaml
from click.testing import CliRunner, Result

from agoranomos.kernel.errors import Invalid
from agoranomos.main import cli
from agoranomos.promotions.campaigns.files import parse_campaigns
from agoranomos.promotions.campaigns.model import Declared, campaign_of
from agoranomos.promotions.lint.linting import Question, lint
from agoranomos.promotions.lint.policy import Policy, load_policy
from agoranomos.promotions.lint.report import Report
from tests.promotions.making import cny, fixed, percent, price

LIFE: Final[dict[str, Any]] = {
    "starts_at": "2026-05-01T00:00:00Z", "ends_at": "2026-05-11T00:00:00Z", "budget": {"amount": cny(1_000_000)},
    "per_account": {"count": 1, "window_days": 1},
}  # fmt: skip
TOP_UP: Final[dict[str, Any]] = {
    "categories": ["mobile"], "cash_equivalent": True, "prices": {"min": cny(10_000), "max": cny(10_000)},
}  # fmt: skip
GLITCH = {"id": "a-coupon", "benefit": fixed(9_940), "applies_to": TOP_UP, **LIFE}
MEMBERS = {"id": "members", "benefit": fixed(20), "applies_to": TOP_UP, **LIFE}


def report(*entries: dict[str, Any], policy: Policy | None = None, about: str | None = None) -> Report:
    at = datetime(2026, 4, 1, tzinfo=UTC)
    declared = [Declared(campaign=campaign_of(each), document=each, declared_at=at) for each in entries]
    return lint(Question(declared, now=at, about=about), policy or load_policy())


def refused(found: Report) -> dict[str, list[str]]:
    return {each.campaign_id: [one.code for one in each.reasons] for each in found.campaigns if each.refused}


def test_the_receipt_of_the_top_up() -> None:
    found = report(GLITCH, MEMBERS)
    (worst,) = found.lowest
    assert worst.receipt.en == "pay 0.40 for 100.00 CNY: a-coupon then members, because neither excludes the other"
    assert worst.receipt.zh.startswith("100.00 CNY 的商品只付 0.40")
    assert (worst.proven, worst.cash_equivalent, worst.floor) == (True, True, 0.9)
    assert refused(found) == {"a-coupon": ["paid_to_face"]}
    assert found.refused
    assert found.complete


def test_two_that_are_sound_alone_and_not_together() -> None:
    one = {"id": "one", "benefit": percent(50), "applies_to": {"categories": ["shoes"]}, **LIFE}
    two = {"id": "two", "benefit": percent(50), "applies_to": {"categories": ["shoes", "bags"]}, **LIFE}
    found = report(one, two)
    assert refused(found) == {"one": ["paid_to_face_together"], "two": ["paid_to_face_together"]}
    assert [each.campaign_ids for each in found.combinations] == [("one", "two")]
    changes: list[dict[str, Any]] = [
        {"exclusive": True}, {"stacks_with": []}, {"starts_at": "2026-05-11T00:00:00Z", "ends_at": None},
    ]  # fmt: skip
    for apart in changes:
        assert not report(one, {**two, **apart}).combinations


def test_one_basket_of_several_kinds_of_goods() -> None:
    # Each coupon counts the whole order for its least spending, so that half of each kind gets both.
    coupons = [
        {"id": name, "benefit": fixed(5_000), "min_spend": cny(10_000), "applies_to": {"categories": [name]}, **LIFE}
        for name in ("food", "shoes")
    ]
    found = report(*coupons)
    assert found.combinations[0].receipt.paid.amount == 0
    assert {line.category for line in found.combinations[0].receipt.lines} == {"food", "shoes"}


def test_the_floor_of_goods_as_good_as_cash_is_their_own() -> None:
    tenth = {"id": "tenth", "benefit": percent(12), **LIFE}
    assert refused(report({**tenth, "applies_to": TOP_UP})) == {"tenth": ["paid_to_face"]}
    assert refused(report({**tenth, "applies_to": {"categories": ["Gift_Card"]}})) == {"tenth": ["paid_to_face"]}
    assert refused(report({**tenth, "applies_to": {"categories": ["shoes"]}})) == {}
    # A campaign for everything is for top-ups as well, as soon as somebody speaks of them.
    assert refused(report(tenth, {**MEMBERS, "exclusive": True})) == {"tenth": ["paid_to_face"]}


def test_what_may_be_lost() -> None:
    (loss,) = report({**GLITCH, "expected": {"new_account_share": 0.1}}).losses
    assert loss.one_order.amount == 9_940
    assert loss.one_account is not None
    assert loss.one_account.amount == 99_400  # ten days, one a day
    assert loss.all_accounts is not None
    assert loss.all_accounts.amount == 1_000_000
    assert loss.by_campaign[0].unnoticed == 100_000
    boundless = {key: value for key, value in GLITCH.items() if key not in ("budget", "per_account")}
    (loss,) = report(boundless).losses
    assert (loss.one_account, loss.all_accounts) == (None, None)
    (loss,) = report({**GLITCH, "funded_by": "merchant"}).losses
    assert (loss.one_order.amount, loss.by_campaign) == (0, ())


def test_what_is_given_for_nothing_is_told_at_its_dearest() -> None:
    found = report({"id": "careless", "benefit": fixed(9_960), "applies_to": {"listing_ids": ["l1"]}})
    (careless,) = found.campaigns
    assert careless.reasons[0].en == "pay 0.00 for 99.60 CNY: careless"
    assert [each.code for each in careless.reasons] == ["paid_to_face", "no_budget", "no_cap_per_account", "no_end"]


def test_an_exemption_names_the_campaign_and_not_its_company(tmp_path: Path) -> None:
    cent = {"id": "newcomers", "benefit": price(1), "applies_to": {"categories": ["food"]}, **LIFE}
    file = tmp_path / "policy.yaml"
    file.write_text("exempt: {newcomers: {paid_to_face_min: 0, reason: agreed for newcomers}}")
    policy = load_policy(file)
    assert refused(report(cent)) == {"newcomers": ["paid_to_face"]}
    assert refused(report(cent, policy=policy)) == {}
    deep = {"id": "deep", "benefit": percent(80), **LIFE}
    assert "deep" in refused(report(cent, deep, policy=policy))


def test_only_what_the_new_one_has_a_part_in() -> None:
    found = report(GLITCH, {**MEMBERS, "exclusive": True}, about="members")
    assert not found.refused
    assert [each.campaign_id for each in found.campaigns] == ["members"]
    assert report(GLITCH, MEMBERS, about="members").combinations[0].campaign_ids == ("a-coupon", "members")


def test_another_policy_lays_over_the_shipped_one(tmp_path: Path) -> None:
    for name, text in (
        ("p.toml", "paid_to_face_min = 0.9\n[require]\nend = false"),
        ("p.json", '{"paid_to_face_min": 0.9, "require": {"end": false}}'),
        ("p.yaml", "paid_to_face_min: 0.9\nrequire: {end: false}"),
    ):
        (tmp_path / name).write_text(text)
        policy = load_policy(tmp_path / name)
        assert (policy.paid_to_face_min, policy.require.end, policy.require.budget) == (0.9, False, True)
        assert policy.version != load_policy().version
    (tmp_path / "bad.toml").write_text("paid_to_face_mni = 0.9")
    with pytest.raises(Invalid, match="paid_to_face_mni"):
        load_policy(tmp_path / "bad.toml")


def test_files_of_every_form_say_the_same() -> None:
    entries = [GLITCH, MEMBERS]
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "s",
        "type": "campaign.declared",
        "time": "2026-05-01T00:00:00Z",
    }
    forms = [
        yaml.safe_dump(entries).encode(),
        msgspec.json.encode(entries),
        msgspec.json.encode({"campaigns": entries}),
        b"\n".join(msgspec.json.encode(each) for each in entries),
        b"\n".join(msgspec.json.encode({**event, "data": {"campaign": each}}) for each in entries),
    ]
    assert all(parse_campaigns(form) == entries for form in forms)


def test_mistakes_in_a_file_are_said_with_line_and_pointer() -> None:
    text = "- id: a\n  benefit:\n    kind: fixed\n    value: 5\n- id: a\n- id: a\n- five\n"
    with pytest.raises(Invalid) as wrong:
        parse_campaigns(text.encode(), "spring.yaml")
    assert wrong.value.message.splitlines() == [
        "spring.yaml:4:12: the value of a fixed benefit is an amount of money, {amount, currency} (/0/benefit/value)",
        "spring.yaml:6:7: two campaigns have the id a",
        "spring.yaml:7:3: a campaign is written as fields with values: id, benefit, applies_to, … (/3)",
    ]
    for empty in (b"", b"[]", b"# nothing"):
        with pytest.raises(Invalid, match="no campaign"):
            parse_campaigns(empty)


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.setenv("AGORA_HOME", str(folder / "home"))
    return CliRunner().invoke(cli, ["promotions", "lint", *arguments])


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, goods = tmp_path / "campaigns.json", tmp_path / "goods.csv"
    file.write_bytes(msgspec.json.encode([GLITCH]))
    found = run(tmp_path, monkeypatch, str(file))
    assert found.exit_code == 1
    assert "  pay 0.60 for 100.00 CNY: a-coupon\n" in found.stdout
    told = msgspec.json.decode(run(tmp_path, monkeypatch, str(file), "--json").stdout, type=Report)
    assert told.combinations[0].receipt.paid_to_face == 0.006
    assert not (tmp_path / "home").exists()  # files are looked at without a store
    # Where the goods are known, they cost what the list says.
    goods.write_text("listing_id,price_amount,currency,category\nl1,9999,CNY,mobile\n")
    assert run(tmp_path, monkeypatch, str(file), "--goods", str(goods)).exit_code == 0
    goods.write_text("listing_id,price\nl1,5\n")
    broken = run(tmp_path, monkeypatch, str(file), "--goods", str(goods))
    assert (broken.exit_code, "goods.csv:2" in broken.stderr) == (2, True)
    file.write_bytes(msgspec.json.encode([{**GLITCH, "benefit": fixed(500)}]))
    sound = run(tmp_path, monkeypatch, str(file))
    assert (sound.exit_code, sound.stdout.splitlines()[-1]) == (0, "All may be launched.")
