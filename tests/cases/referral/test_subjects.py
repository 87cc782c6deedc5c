"""A package about a store, seller, listing, batch, account or ring holds all that names it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agoranomos.cases.referral.model import About
from agoranomos.cases.referral.policy import load_policy
from agoranomos.evidence.checking import checked
from agoranomos.goods.batches.following import follow as follow_batches
from agoranomos.judgements.actions import keep_findings
from agoranomos.kernel.findings import Finding, Reason, Related, Subject
from agoranomos.kernel.store import Store
from agoranomos.sellers.points.queries import StoreCabinet
from tests.builders import NOW
from tests.cases.referral.scene import ADA, Clock, service_of
from tests.evidence.packages import KEY, members
from tests.goods.redress.test_desk import appraised, sold
from tests.goods.trade.builders import Shop, case, cny, told


def fakes(store: Store) -> None:
    """Store s1 of seller k1 sold three of l1, of batch b1; an appraiser said they are fake, and a buyer complained."""
    shop = Shop(store)
    shop.take(
        told("store.opened", "open", -30, store_id="s1", seller_id="k1"),
        told("goods.received", "in", -20, batch_id="b1", warehouse_id="w", store_id="s1", supplier_id="=sup",
             factory="f1"),
        told("listing.submitted", "l", -10, listing_id="l1", store_id="s1", title="Mug", price=cny(900), batch_id="b1"),
        *(sold(number, number, paid=1_000 * number) for number in (1, 2, 3)),
        told("complaint.filed", "c", 5, complaint_id="c", channel="text", text="Call me at 13800001111", store_id="s1"),
        told("payment.made", "bribe", 6, from_store_id="s1", to_account_id="u3", amount=cny(30), note="please delete"),
        appraised(10, batch_id="b1"),
        case("case-9", 11),
    )  # fmt: skip
    with store.transaction() as connection:
        StoreCabinet(connection).put_store("s1", "k1")
        while not follow_batches(connection):
            pass


def package(store: Store, folder: Path, kind: Any, name: str, **given: Any) -> dict[str, bytes]:
    clock = Clock()
    clock.now = NOW.replace(day=NOW.day + 2)
    service = service_of(store, folder, clock=clock, **given)
    referral_id = service.open(About(kind, name), "quality_inspection", because=None, by=ADA).referral_id
    service.make(referral_id, by=ADA)
    path, _ = service.fetch(referral_id, None, by=ADA)
    assert checked(path, str(KEY.verifier)).kind == "referral"
    return members(path.read_bytes())


def table(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(("kind", "name"), [("store", "s1"), ("seller", "k1"), ("listing", "l1"), ("batch", "b1")])
def test_whatever_it_is_about_the_buyers_and_the_seller_are_found(
    store: Store, tmp_path: Path, kind: str, name: str
) -> None:  # fmt: skip
    fakes(store)
    files = package(store, tmp_path, kind, name)
    people = {(each["role"], each["id"]) for each in table(files["people.csv"])}
    assert people >= {("suspect", "k1"), ("suspect", "s1"), ("victim", "u1"), ("victim", "u2"), ("victim", "u3")}
    lost = {each["person"]: each["amount"] for each in table(files["amounts.csv"]) if each["role"] == "victim"}
    assert lost == {"u1": "1000", "u2": "2000", "u3": "3000"}
    events = [msgspec.json.decode(line) for line in files["events.jsonl"].splitlines()]
    assert {each["type"] for each in events} >= {"listing.submitted", "testbuy.appraised"}
    assert [each["time"] for each in events] == sorted(each["time"] for each in events)
    assert b"13800001111" not in b"".join(files.values()), "what people wrote may be about anybody"
    assert b"please delete" not in b"".join(files.values())
    assert any(each.get("data", {}).get("withheld") for each in events) == (kind in ("store", "seller"))
    codes = {msgspec.json.decode(line)["code"] for line in files["findings.jsonl"].splitlines()}
    assert codes == {"goods.confirmed_fake"}
    assert {each["what"] for each in table(files["timeline.csv"])} >= {"goods.confirmed_fake", "buyer.inform"}


def test_a_batch_leads_to_supplier_and_factory_and_no_cell_calculates(store: Store, tmp_path: Path) -> None:
    fakes(store)
    files = package(store, tmp_path, "batch", "b1")
    people = {(each["kind"], each["id"]) for each in table(files["people.csv"])}
    assert people >= {("supplier", "'=sup"), ("factory", "f1")}


def test_what_a_store_paid_to_accounts_is_told(store: Store, tmp_path: Path) -> None:
    fakes(store)
    paid = [
        each for each in table(package(store, tmp_path, "store", "s1")["amounts.csv"]) if "paid_by" in each["basis"]
    ]
    assert [(each["person"], each["role"], each["amount"]) for each in paid] == [("u3", "beneficiary", "30")]


def test_a_ring_has_members_and_victims(store: Store, tmp_path: Path) -> None:
    reason = (Reason("x.tie", "One device.", {}),)
    found = [
        Finding(
            id=f"f_{name}", at="2026-05-01T08:00:00Z", code="reviews.ring", subject=Subject("account", name), score=0.9,
            reasons=reason, detector="x", version="1", ring_id="ring-1",
            related=(Related("account", "v", "victim"), Related("account", "a2", "member")),
        )
        for name in ("a1", "a2", "v")
    ]  # fmt: skip
    with store.transaction() as connection:
        keep_findings(connection, found, now=NOW)
    people = table(package(store, tmp_path, "ring", "ring-1")["people.csv"])
    assert [(each["id"], each["role"], each["ring_id"]) for each in people] == [
        ("a1", "suspect", "ring-1"), ("a2", "suspect", "ring-1"), ("v", "victim", ""),
    ]  # fmt: skip


def test_a_package_that_was_cut_says_so(store: Store, tmp_path: Path) -> None:
    fakes(store)
    policy = msgspec.structs.replace(load_policy(), events_max=2)
    files = package(store, tmp_path, "account", "u3", policy=policy)
    assert "kinds_of_events_cut" not in msgspec.json.decode(files["manifest.json"])["facts"]
    files = package(store, tmp_path, "listing", "l1", policy=msgspec.structs.replace(policy, events_max=1))
    assert msgspec.json.decode(files["manifest.json"])["facts"]["kinds_of_events_cut"] >= 1
