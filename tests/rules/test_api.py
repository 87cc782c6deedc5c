"""The rule book over HTTP, with real people: who writes, who agrees, who only reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.store import Store
from agoranomos.staff.roles import Role
from tests.goods.listings.market import START
from tests.rules.builders import MANY
from tests.rules.written_rules import FEATURES, claims_rule
from tests.staff.house import Client, House


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


@pytest.fixture
def ada(house: House) -> Iterator[Client]:
    with house.browser_of(house.add("ada", Role.ANALYST)) as client:
        yield client


def post(client: Client, address: str, wanted: int = 200, **body: Any) -> Any:
    answer = client.post(f"/v1{address}", json=body, headers={"accept": "application/json"})
    assert answer.status_code == wanted, answer.text
    return answer.json()


def get(client: Client, address: str, wanted: int = 200, **params: Any) -> Any:
    answer = client.get(f"/v1{address}", params=params, headers={"accept": "application/json"})
    assert answer.status_code == wanted, answer.text
    return answer.json()


def propose(client: Client, line: int = 3, **fields: Any) -> list[Any]:
    post(client, "/lists", list_id="family_devices", kind="allow")
    made: list[Any] = post(client, "/rules", text=claims_rule(line), features=FEATURES, **fields)
    return made


def test_from_text_to_live_and_back(house: House, ada: Client) -> None:
    bob = house.browser_of(house.add("bob", Role.HEAD_OF_GOVERNANCE))
    [version] = propose(ada)
    assert (version["version"], version["status"]) == (1, "draft")
    assert version["document"]["when"] == "claims_10m(device_id) > 3 AND NOT listed('family_devices', device_id)"
    post(ada, f"/rules/{MANY}/promotion", 409)
    assert post(ada, f"/rules/{MANY}/shadow")["shadow_version"] == 1
    asked = post(ada, f"/rules/{MANY}/promotion", version=1)
    verdict = {"approval_id": asked["approval_id"], "approved": True}
    post(ada, f"/rules/{MANY}/verdict", 403, **verdict)
    post(bob, "/rules/goods.other/verdict", 409, **verdict)
    assert post(bob, f"/rules/{MANY}/verdict", **verdict)["live_version"] == 1
    propose(ada, 9, shadow=True)
    second = post(ada, f"/rules/{MANY}/promotion")
    assert post(bob, f"/rules/{MANY}/verdict", approval_id=second["approval_id"], approved=False)["live_version"] == 1
    third = post(ada, f"/rules/{MANY}/promotion", 409, version=1)
    assert third["status"] == 409
    house.clock.forward(seconds=1)
    again = post(ada, f"/rules/{MANY}/promotion")
    post(bob, f"/rules/{MANY}/verdict", approval_id=again["approval_id"], approved=True)
    back = post(ada, f"/rules/{MANY}/rollback", version=1)
    post(bob, f"/rules/{MANY}/verdict", approval_id=back["approval_id"], approved=True)
    shown = get(bob, f"/rules/{MANY}")
    assert (shown["live"]["version"], shown["latest"]["version"], shown["shadow"]) == (1, 2, None)
    assert [each["status"] for each in get(bob, f"/rules/{MANY}/versions")["items"]] == ["live", "expired"]
    history = get(bob, f"/rules/{MANY}/history", limit=3)
    assert [each["verb"] for each in history["items"]] == ["propose", "shadow", "promote"]
    rest = get(bob, f"/rules/{MANY}/history", cursor=history["next"])
    assert [each["verb"] for each in rest["items"]] == ["propose", "shadow", "promote", "rollback"]
    assert post(ada, f"/rules/{MANY}/end")["live_version"] is None


def test_an_approval_elsewhere_needs_the_right_to_approve_rules(house: House, ada: Client) -> None:
    propose(ada, shadow=True)
    asked = post(ada, f"/rules/{MANY}/promotion")
    carl = house.browser_of(house.add("carl", Role.BRAND_PROTECTION))
    answer = post(carl, f"/approvals/{asked['approval_id']}/verdict", 403, approved=True)
    assert "rules.approve" in answer["detail"]
    eve = house.browser_of(house.add("eve", Role.ANALYST))
    assert post(eve, f"/approvals/{asked['approval_id']}/verdict", approved=True)["status"] == "approved"


def test_everything_that_is_wrong_is_said_with_its_place(ada: Client) -> None:
    post(ada, "/lists", list_id="family_devices", kind="allow")
    text = claims_rule().replace("claims_10m(device_id)", "claims_10(device)").replace("review", "block")
    problem = post(ada, "/rules", 422, text=text, features=FEATURES)
    assert "text:" in problem["detail"]
    assert get(ada, "/rules")["items"] == []
    features = FEATURES.replace("aggregate: count", "aggregate: cont")
    problem = post(ada, "/rules", 422, text=claims_rule(), features=features)
    assert "features:2" in problem["detail"]


def test_the_auditor_reads_and_changes_nothing(house: House, ada: Client) -> None:
    propose(ada, shadow=True)
    post(ada, "/lists/family_devices/entries", entries=[{"value": "d7", "reason": "a family"}])
    auditor = house.browser_of(house.add("uma", Role.AUDITOR))
    assert [each["rule_id"] for each in get(auditor, "/rules", status="shadow")["items"]] == [MANY]
    assert get(auditor, "/lists")["items"][0]["entries"] == 1
    assert get(auditor, "/lists/family_devices/entries")["items"][0]["reason"] == "a family"
    assert get(auditor, "/queues/goods")["places"] == []
    for address in (f"/rules/{MANY}/shadow", f"/rules/{MANY}/end", "/snoozes", "/lists/family_devices/removals"):
        post(auditor, address, 403)


def test_lists_and_snoozes(house: House, ada: Client) -> None:
    post(ada, "/lists", list_id="family_devices", kind="allow")
    until = rfc3339(START + timedelta(days=2))
    entries = [{"value": "d1", "reason": "a family", "expires_at": until}, {"value": "d2", "reason": "a family"}]
    assert post(ada, "/lists/family_devices/entries", entries=entries) == {"entries": 2}
    assert post(ada, "/lists/family_devices/removals", values=["d2", "d9"]) == {"removed": 1}
    wrong = post(ada, "/lists/family_devices/entries", 422, entries=[{"value": "d1", "reason": ""}])
    assert wrong["pointer"] == "/entries/0/reason"
    get(ada, "/lists/none/entries", 404)
    body: dict[str, Any] = {
        "code": MANY,
        "subject": {"kind": "device", "id": "d1"},
        "reason": "a family",
        "until": until,
    }
    made = post(ada, "/snoozes", **body, case_id="case-1")
    assert get(ada, "/snoozes")["items"] == [made]
    assert ada.delete(f"/v1/snoozes/{made['snooze_id']}").status_code == 200
    assert get(ada, "/snoozes")["items"] == []
    assert len(get(ada, "/snoozes", over=True)["items"]) == 1
    post(ada, "/snoozes", 422, **{**body, "until": rfc3339(START + timedelta(days=181))})


def test_comparison_and_wrong_addresses(ada: Client) -> None:
    propose(ada, shadow=True)
    get(ada, f"/rules/{MANY}/comparison", 409)
    for address in ("/rules/none", "/rules/none/versions", "/rules/none/history", "/rules/none/comparison"):
        get(ada, address, 404)
    get(ada, f"/rules/{MANY}/history", 400, cursor="WyFd")
    get(ada, "/queues/none", 404)
    assert {each["name"] for each in get(ada, "/queues")} >= {"goods", "access"}
