"""Permits as people meet them: in a browser, and on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agoranomos.kernel.store import Store
from agoranomos.main import cli
from agoranomos.staff.roles import Role
from agoranomos.wiring import Wiring
from tests.builders import make_vault
from tests.staff.house import Client, House
from tests.vault.test_vault import put

WISH = {"case_id": "case-7", "purpose": "investigation", "subjects": [{"kind": "seller", "id": "s-1"}]}


def ask(client: Client, **wish: Any) -> Any:
    """A permit."""
    answer = client.post("/v1/vault/permits", json={**WISH, **wish})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.slow
def test_an_analyst_reads_and_the_officer_oversees(store: Store) -> None:
    house = House(store)
    put(store, make_vault(), "phone", "138 0000 1111")
    put(store, make_vault(), "id_number", "11010519491231002X")
    analyst = house.browser_of(house.add("ada", Role.ANALYST))
    officer = house.browser_of(house.add("bob", Role.PRIVACY_OFFICER))
    permit = ask(analyst)["permit_id"]
    shown = analyst.post(f"/v1/vault/permits/{permit}/values", json={"kinds": ["phone"]})
    assert shown.status_code == 200
    assert [each["value"] for each in shown.json()["items"]] == ["138 0000 1111"]
    assert shown.headers["cache-control"] == "no-store"
    assert officer.post(f"/v1/vault/permits/{permit}/values", json={}).status_code == 403
    searched = analyst.post(
        "/v1/vault/searches",
        json={"kind": "phone", "value": "+8613800001111", "case_id": "case-7", "purpose": "investigation"},
    )
    assert searched.json()["subjects"] == [{"kind": "seller", "id": "s-1"}]
    assert analyst.get("/v1/vault/budget").json()["values"] == 1
    assert analyst.get("/v1/vault/permits/mine").json()["items"][0]["permit_id"] == permit
    assert analyst.get("/v1/vault/permits").status_code == 403
    assert officer.get("/v1/vault/permits").json()["items"][0]["permit_id"] == permit
    assert officer.get("/v1/vault/permits/mine").json()["items"] == []
    reads = officer.get("/v1/vault/reveals").json()["items"]
    assert [(each["purpose"], each["permit_id"]) for each in reads] == [("investigation", permit)]
    house.clock.now += timedelta(minutes=31)
    late = analyst.post(f"/v1/vault/permits/{permit}/values", json={"kinds": ["id_number"]})
    assert (late.status_code, "sign in again" in late.json()["detail"]) == (403, True)
    assert analyst.delete(f"/v1/vault/permits/{permit}").status_code == 200
    assert analyst.post(f"/v1/vault/permits/{permit}/values", json={}).status_code == 403


@pytest.mark.slow
def test_the_officer_agrees_to_what_is_about_many(store: Store) -> None:
    house = House(store)
    put(store, make_vault(), "phone", "138 0000 1111")
    analyst = house.browser_of(house.add("ada", Role.ANALYST))
    colleague = house.browser_of(house.add("eve", Role.ANALYST))
    officer = house.browser_of(house.add("bob", Role.PRIVACY_OFFICER))
    asked = ask(analyst, subjects=[{"kind": "seller", "id": f"s-{number}"} for number in range(9)])
    values = f"/v1/vault/permits/{asked['permit_id']}/values"
    assert analyst.post(values, json={}).status_code == 409
    verdict = f"/v1/approvals/{asked['approval_id']}/verdict"
    assert colleague.post(verdict, json={"approved": True}).status_code == 403, "it takes vault.approve"
    assert officer.post(verdict, json={"approved": True}).status_code == 200
    assert len(analyst.post(values, json={}).json()["items"]) == 1


def test_no_program_reads_personal_data_back(store: Store) -> None:
    from agoranomos.kernel.errors import Invalid
    from agoranomos.staff.roles import scope_of

    for permission in ("vault.reveal", "vault.search", "vault.approve"):
        with pytest.raises(Invalid, match="of people only"):
            scope_of([permission])


def test_a_text_on_the_command_line(agora: Callable[..., Result]) -> None:
    text = "电话13812345678，王先生\n"
    assert agora("mask", input=text).stdout == "电话[phone]，[name]先生\n"
    assert agora("mask", "--partly", input=text).stdout == "电话138****5678，王*先生\n"
    assert json.loads(agora("mask", "--json", input=text).stdout)["found"] == {"name": 1, "phone": 1}


@pytest.fixture
def agora(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path))
    monkeypatch.delenv("AGORA_VAULT_KEY", raising=False)
    return lambda *arguments, **more: CliRunner().invoke(cli, ["vault", *arguments], **more)


def test_on_the_command_line(agora: Callable[..., Result], tmp_path: Path) -> None:
    wiring = Wiring(tmp_path)
    put(wiring.store(), wiring.vault(), "phone", "138 0000 1111")
    wiring.store().close()
    for_case = ("--case", "case-7", "--purpose", "contact")
    asked = json.loads(agora("permit", "seller:s-1", *for_case, "--json").stdout)
    permit = asked["permit_id"]
    assert agora("reveal", permit, "--kind", "phone").stdout == "seller:s-1  phone           138 0000 1111\n"
    assert json.loads(agora("reveal", permit, "seller:s-1", "--json").stdout)["items"][0]["kind"] == "phone"
    assert agora("find", "phone", *for_case, input="13800001111\n").stdout == "seller:s-1\n"
    assert agora("find", "phone", *for_case, input="13800001112\n").stdout == "kept of nobody\n"
    assert agora("budget").stdout.startswith("local: values 2 of 2,000, searches 2 of 100")
    assert permit in agora("permits").stdout
    assert json.loads(agora("permits", "--json").stdout)["items"][0]["state"] == "open"
    assert "system:command_line" in agora("reveals").stdout
    assert agora("end", permit).stdout == f"{permit} is over\n"
    many = agora("permit", *(f"seller:s-{number}" for number in range(7)), *for_case)
    assert "waits for a second person" in many.stdout
    for wrong in (
        ("reveal", permit), ("reveal", "vp_none"), ("permit", "store:1", *for_case),
        ("permit", "seller:s-1", "--case", "two words", "--purpose", "contact"),
        ("permit", "seller:s-1", "--case", "c", "--purpose", "fun"), ("find", "phone", *for_case),
    ):  # fmt: skip
        assert agora(*wrong).exit_code == 2, wrong
