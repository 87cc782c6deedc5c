"""The pages of sellers: points and ladders, ties drawn and told, frozen money, appeals, certification, applications."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agoranomos.console.graphs import NODES_MAX, Node, star
from tests.console.desk import EVIL, Desk
from tests.console.test_goods import form
from tests.sellers.conduct import builders as conduct
from tests.staff.house import Client
from tests.stores import make_store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = make_store(tmp_path)
    yield Desk(store)
    store.close()


def test_points_and_the_ladders(everything: Client) -> None:
    page = everything.get("/sellers").text
    assert "u1" in page
    assert "Offence 1" in page
    one = everything.get("/sellers?id=u1").text
    assert "case-1" in one
    assert "not recorded" in one
    assert "/sellers/intent" in one
    assert everything.get("/sellers?cursor=nonsense").status_code == 400


def test_ties_are_drawn_and_told(everything: Client) -> None:
    page = everything.get("/sellers?id=v-1").text
    assert '<a href="/sellers?id=v-2" class="g-node g-marked" aria-label="v-2: ' in page
    assert "the same telephone number" in page
    assert "bits" in page
    assert "手机号相同" in everything.get("/sellers?id=v-1&lang=zh").text
    assert "the same telephone number" in everything.get("/subjects/seller?id=v-1&lang=en").text
    assert "neither applied nor opened" in everything.get("/sellers?id=unheard-of").text


def test_a_graph_escapes_and_is_bounded() -> None:
    many = [Node(name=f"{EVIL}\u202e{number}", href="/x", weight=number / 40, why=EVIL) for number in range(40)]
    drawn = star(many[0], many[1:], title=EVIL)
    assert EVIL[:10] not in drawn
    assert "<script" not in drawn
    assert drawn.count("g-edge") == NODES_MAX
    assert star(many[0], [], title="alone").count("g-node") == 1


def test_money_is_released(desk: Desk) -> None:
    officer = desk.reader()
    assert "No money is held." in officer.get("/sellers/freezes").text
    assert "No case stands against any seller." in officer.get("/sellers").text
    assert "No appeal waits." in officer.get("/sellers/appeals").text
    assert "No application was checked." in officer.get("/sellers/applications").text
    certification = officer.get("/sellers/certification").text
    assert "Nobody has an appointment." in certification
    desk.told(
        conduct.opened(), conduct.case("case-1", 54), conduct.order("o1", 56), conduct.returned("o1", 57),
        conduct.told("appeal.filed", "ap-1", 58, appeal_id="ap-1", case_id="case-1", statement=EVIL),
    )  # fmt: skip
    desk.house.sellers.hear()
    freeze_id = next(each for each in desk.house.sellers.offices.freezes.listed() if each.sums).freeze_id
    page = officer.get(f"/sellers/freezes?id={freeze_id}").text
    assert "100.00 CNY" in page
    given = form(page, "/sellers/freezes/release") | {"currency": "CNY", "because": "case-9"}
    assert officer.post("/sellers/freezes/release", data=given | {"amount": "100.01"}).status_code == 409
    assert officer.post("/sellers/freezes/release", data=given | {"currency": "XYZ"}).status_code == 409
    done = officer.post("/sellers/freezes/release", data=given | {"amount": "40.00"}).text
    assert "40.00 CNY" in done
    assert "60.00 CNY" in done
    book = form(certification, "/sellers/certification")
    when = {"seller_id": "u1", "region": "CN-35", "at": "2099-01-01T09:00"}
    booked = officer.post("/sellers/certification", data=book | when).text
    assert "2099-01-01 09:00" in booked
    assert officer.post("/sellers/certification", data=book | when | {"at": "soon"}).status_code == 409
    cancel = form(booked, "/sellers/certification")
    assert "cancelled" in officer.post("/sellers/certification", data=cancel).text
    intent = form(officer.get("/sellers?id=u1").text, "/sellers/intent")
    said = officer.post("/sellers/intent", data=intent | {"intent": "knowing", "reasons": "warned_before"}).text
    assert "warned_before" in said
    assert officer.post("/sellers/intent", data=intent | {"intent": "knowing", "reasons": ""}).status_code == 409
    appeal = form(officer.get("/sellers/appeals").text, "/sellers/appeals")
    assert officer.post("/sellers/appeals", data=appeal | {"ruling": "maybe"}).status_code == 422
    granted = officer.post("/sellers/appeals", data=appeal | {"ruling": "granted"}).text
    assert "granted" in granted
    assert "No case stands against this seller." in officer.get("/sellers?id=u1").text
    assert officer.post("/sellers/appeals", data=appeal | {"ruling": "rejected"}).status_code == 409
