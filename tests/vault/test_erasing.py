"""A person is erased when two people want it, for good, and nobody else with them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agoranomos.audit import queries as audit
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval, Wanted
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.staff import approving
from agoranomos.staff.roles import Role
from agoranomos.vault import erasing
from agoranomos.vault.erasing import Erased
from agoranomos.vault.tables import vault_values
from tests.builders import NOW, make_vault
from tests.staff.house import House
from tests.vault.test_vault import OFFICER, count, put, read

OTHER = Actor("person", "p-8")


def ask(store: Store, subject_id: str = "s-1") -> Approval:
    with store.transaction() as connection:
        return erasing.request(connection, "seller", subject_id, by=OFFICER, now=NOW)


def agree(store: Store, approval: Approval, by: Actor = OTHER) -> None:
    with store.transaction() as connection:
        approving.approve(connection, approval.approval_id, by=by, now=NOW)


def erase(store: Store, approval_id: str) -> Erased:
    with store.transaction() as connection:
        return erasing.erase(connection, approval_id, by=OFFICER, now=NOW)


def test_two_people_erase_one_and_nobody_else(store: Store) -> None:
    vault = make_vault()
    his = put(store, vault, "name", "A. Seller", "seller:s-1")
    shared = [put(store, vault, "phone", "13800001111", f"seller:s-{number}") for number in (1, 2)]
    approval = ask(store)
    with pytest.raises(Conflict, match="second person"):
        erase(store, approval.approval_id)
    with pytest.raises(Forbidden):
        agree(store, approval, by=OFFICER)
    with pytest.raises(Forbidden):
        agree(store, approval, by=Actor("person", "s-1"))
    agree(store, approval)
    gone = erase(store, approval.approval_id)
    assert (gone.kind, gone.id, gone.values, gone.kinds) == ("seller", "s-1", 2, {"name": 1, "phone": 1})
    assert count(store, vault_values) == 1
    with pytest.raises(NotFound):
        read(store, vault, his)
    assert read(store, vault, shared[0]) == "13800001111", "of the other one"
    with pytest.raises(Conflict):
        erase(store, approval.approval_id)
    with pytest.raises(NotFound):
        ask(store)
    with store.reading() as connection:
        told = audit.find(connection, subject_kind="vault_subject")
    assert [each.entry.verb for each in told] == ["vault.erase", "vault.reveal"]
    params = dict(told[0].entry.params)
    assert str(params.pop("key")).startswith("vk_")
    assert params == {"approval_id": approval.approval_id, "values": 2, "erasure_id": gone.erasure_id}


def test_what_was_asked_for_too_long_ago_is_asked_for_again(store: Store) -> None:
    put(store, make_vault(), "name", "A. Seller")
    approval = ask(store)
    agree(store, approval)
    with store.transaction() as connection, pytest.raises(Conflict, match="expired"):
        erasing.erase(connection, approval.approval_id, by=OFFICER, now=NOW + timedelta(days=4))


def test_of_two_approvals_one_is_enough(store: Store) -> None:
    put(store, make_vault(), "name", "A. Seller")
    first = ask(store)
    with store.transaction() as connection:
        second = erasing.request(connection, "seller", "s-1", by=OFFICER, now=NOW + timedelta(minutes=1))
        approving.approve(connection, second.approval_id, by=OTHER, now=NOW)
    agree(store, first)
    erase(store, first.approval_id)
    with pytest.raises(NotFound, match="any more"):
        erase(store, second.approval_id)


def test_an_approval_for_something_else_erases_nothing(store: Store) -> None:
    with store.transaction() as connection:
        wanted = Wanted(kind="store.close", subject_kind="store", subject_id="s-1")
        other = approving.request(connection, wanted, by=OFFICER, now=NOW)
    agree(store, other)
    with pytest.raises(Conflict, match="something else"):
        erase(store, other.approval_id)
    with pytest.raises(NotFound):
        erase(store, "ap_none")


@pytest.mark.parametrize("subject_id", ["", "x" * 129, "a\0"])
def test_who_cannot_be_asked_for(store: Store, subject_id: str) -> None:
    with pytest.raises(Invalid):
        ask(store, subject_id)


def test_an_id_that_is_an_address_stays_out_of_the_log(store: Store) -> None:
    put(store, make_vault(), "name", "A. Seller", "seller:a.seller@example.com")
    approval = ask(store, "a.seller@example.com")
    agree(store, approval)
    assert erase(store, approval.approval_id).id == "a.seller@example.com"
    with store.reading() as connection:
        assert all(b"example" not in one.leaf for one in audit.entries(connection))


@pytest.mark.slow
def test_over_http_an_officer_asks_an_analyst_agrees(store: Store) -> None:
    house = House(store)
    put(store, make_vault(), "name", "A. Seller")
    officer = house.browser_of(house.add("ada", Role.PRIVACY_OFFICER))
    analyst = house.browser_of(house.add("bob", Role.ANALYST))
    whom = {"kind": "seller", "id": "s-1"}
    assert analyst.post("/v1/vault/erasures", json=whom).status_code == 403
    asked = officer.post("/v1/vault/erasures", json=whom)
    assert asked.status_code == 201
    approval_id = asked.json()["approval_id"]
    assert officer.put(f"/v1/vault/erasures/{approval_id}").status_code == 409
    assert officer.post(f"/v1/approvals/{approval_id}/verdict", json={"approved": True}).status_code == 403
    assert analyst.post(f"/v1/approvals/{approval_id}/verdict", json={"approved": True}).status_code == 200
    done = officer.put(f"/v1/vault/erasures/{approval_id}")
    assert done.status_code == 200
    assert {**done.json(), "erasure_id": ""} == {
        "kind": "seller", "id": "s-1", "values": 1, "kinds": {"name": 1}, "erasure_id": "",
    }  # fmt: skip
    assert officer.post("/v1/vault/erasures", json=whom).status_code == 404
    assert officer.post("/v1/vault/erasures", json={"kind": "store", "id": "s-1"}).status_code == 422
