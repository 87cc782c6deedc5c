"""What is shared with authorities that inspect goods: a form about a factory, and reports that become cases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agoranomos.audit import queries as audit
from agoranomos.cases.desk import queries as cases
from agoranomos.cases.inspection.model import Report, Subject
from agoranomos.cases.inspection.redress import shown
from agoranomos.cases.inspection.service import InspectionService
from agoranomos.evidence.checking import checked
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.staff.roles import Role
from tests.builders import NOW
from tests.cases.referral.scene import ADA
from tests.cases.referral.test_subjects import fakes
from tests.evidence.packages import KEY, members
from tests.staff.house import House

FAILED = Report(
    authority="sh-quality", reference="2026-1", about=Subject("factory", "f1"), result="failed", inspected_at=NOW,
    statement="Lead above the limit. Call 13800001111.",
)  # fmt: skip


def service(store: Store) -> InspectionService:
    house = House(store)
    room = house.cases
    return InspectionService(
        store, lambda: room.tools, lambda: NOW + timedelta(days=1), room.goods.batches.follow, lambda: KEY
    )


def test_a_form_tells_what_a_factory_delivered_and_checks_itself(store: Store, tmp_path: Path) -> None:
    fakes(store)
    room = service(store)
    form = room.package("factory", "f1", tmp_path / "f.zip", by=ADA)
    assert (form.stores, form.sellers, form.listings) == (("s1",), ("k1",), ("l1",))
    assert [each.batch_id for each in form.batches] == ["b1"]
    assert form.spoken_against == 1, "an article of it was appraised as counterfeit"
    assert checked(tmp_path / "f.zip", str(KEY.verifier)).facts["stores"] == 1
    assert msgspec.json.decode(members((tmp_path / "f.zip").read_bytes())["form.json"])["id"] == "f1"
    assert room.form("supplier", "=sup", by=ADA).stores == ("s1",)
    with pytest.raises(NotFound):
        room.form("factory", "f2", by=ADA)
    with store.reading() as connection:
        assert len(audit.find(connection, subject_kind="factory")) == 1


def test_a_failed_inspection_becomes_a_case_once(store: Store) -> None:
    fakes(store)
    room = service(store)
    passed = msgspec.structs.replace(FAILED, reference="2026-2", result="passed")
    first, second = room.receive([FAILED, passed], by=ADA)
    assert (len(first.case_ids), second.case_ids) == (1, ())
    assert room.receive([FAILED], by=ADA) == [first]
    with store.reading() as connection:
        case = cases.get(connection, first.case_ids[0])
        said = [each.text for each in cases.texts(connection, case.case_id)]
    assert (case.kind, case.subject.kind, case.subject.id, case.seller_id) == ("inspection", "store", "s1", "k1")
    assert said
    assert "13800001111" not in said[0]
    assert [each.reference for each in room.listed(after=None, limit=9)] == ["2026-2", "2026-1"]
    assert len(room.form("factory", "f1", by=ADA).inspections) == 2
    (batch,) = room.receive(
        [msgspec.structs.replace(FAILED, reference="2026-3", about=Subject("batch", "b1"))], by=ADA
    )  # fmt: skip
    with store.reading() as connection:
        assert cases.get(connection, batch.case_ids[0]).subject.id == "b1"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"inspected_at": NOW + timedelta(days=2)}, Invalid),
        ({"reference": "\0"}, Invalid),
        ({"about": Subject("batch", "")}, Invalid),
        ({"result": "passed"}, Conflict),
    ],
)
def test_all_reports_are_taken_or_none(store: Store, given: dict[str, Any], error: type[Exception]) -> None:
    fakes(store)
    room = service(store)
    room.receive([FAILED], by=ADA)
    other = msgspec.structs.replace(FAILED, reference="2026-9")
    with pytest.raises(error):
        room.receive([other, msgspec.structs.replace(FAILED, **given)], by=ADA)
    assert [each.reference for each in room.listed(after=None, limit=9)] == ["2026-1"]


def test_redress_is_shown_from_a_batch_and_a_case(store: Store) -> None:
    fakes(store)
    room = service(store)
    (report,) = room.receive([msgspec.structs.replace(FAILED, about=Subject("batch", "b1"))], by=ADA)
    for kind, name in (("batch", "b1"), ("listing", "l1"), ("case", report.case_ids[0])):
        found = room.redress(kind, name)  # type: ignore[arg-type] # one of them
        assert (found.informed, found.missing) == (3, ()), kind
        assert sum(found.refunds.values()) == 6_000
    with store.reading() as connection:
        assert shown(connection, "listing", "l9").missing == ("l9",)
        with pytest.raises(NotFound):
            shown(connection, "case", "none")


@pytest.mark.slow
def test_over_http(store: Store) -> None:
    house = House(store)
    fakes(store)
    analyst = house.browser_of(house.add("ada", Role.ANALYST))
    auditor = house.browser_of(house.add("eve", Role.AUDITOR))
    body = {"reports": [{**msgspec.to_builtins(FAILED), "inspected_at": "2026-04-01T00:00:00Z"}]}
    assert auditor.post("/v1/inspections", json=body).status_code == 403
    received = analyst.post("/v1/inspections", json=body)
    assert received.status_code == 201
    assert len(received.json()["items"][0]["case_ids"]) == 1
    assert auditor.get("/v1/inspections").json()["items"][0]["reference"] == "2026-1"
    assert analyst.get("/v1/inspections/forms/factory/f1").json()["stores"] == ["s1"]
    assert analyst.get("/v1/inspections/forms/planet/f1").status_code in (400, 404, 422)
    assert auditor.get("/v1/inspections/redress/batch/b1").json()["informed"] == 3
    assert analyst.post("/v1/inspections", json={"reports": []}).status_code == 422
