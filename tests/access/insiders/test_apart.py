"""Findings on the staff: kept on both databases, shown to the auditor alone, and nowhere else by any route."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from litestar.handlers import HTTPRouteHandler

from agoranomos.access.insiders.commands import insiders
from agoranomos.cases.desk.tables import cases
from agoranomos.judgements import queries
from agoranomos.judgements.queries import About, AboutStaff
from agoranomos.judgements.tables import findings, new_findings
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.kernel.store import Store
from agoranomos.rules.keeping import keep_outputs
from agoranomos.staff.roles import FOR_PROGRAMS, GRANTS, Role
from tests.builders import NOW, make_access
from tests.enforcement.builders import POLICY as ACTIONS
from tests.staff.house import House
from tests.stores import make_store

SECRET = "w-corrupt-7"
CODE = "staff.looks_without_case"


def on_staff(number: int = 0, *, revision: int = 1, staff_id: str = SECRET) -> Finding:
    return Finding(
        id=f"f-staff-{number}", at=rfc3339(NOW + timedelta(minutes=number)), code=CODE,
        subject=Subject("staff", staff_id), score=0.9, reasons=(Reason(CODE, "Looked at 9 people.", {"count": 9}),),
        detector="access.insiders", version="1", revision=revision, ring_id="ring-1",
    )  # fmt: skip


def keep(store: Store, *found: Finding) -> None:
    with store.transaction() as connection:
        keep_outputs(connection, found, NOW, policy=ACTIONS)


def test_they_are_kept_apart_revised_and_listed_a_page_at_a_time(store: Store) -> None:
    keep(store, *(on_staff(number) for number in range(5)), on_staff(9, staff_id="w-other"))
    keep(store, on_staff(1, revision=2), on_staff(2, revision=0))
    service = make_access(store).insiders
    first = service.found(AboutStaff(), after=None, limit=2)
    assert [each.id for each in first] == ["f-staff-9", "f-staff-4"]
    place = (NOW + timedelta(minutes=4), "f-staff-4")
    rest = service.found(AboutStaff(staff_id=SECRET, code=CODE, score_min=0.5), after=place, limit=10)
    assert [(each.id, each.revision) for each in rest] == [
        ("f-staff-3", 1), ("f-staff-2", 1), ("f-staff-1", 2), ("f-staff-0", 1),
    ]  # fmt: skip
    assert service.finding("f-staff-1").revision == 2
    with store.reading() as connection:
        assert queries.list_findings(connection, About(), after=None, limit=10) == []
        assert connection.execute(sa.select(sa.func.count()).select_from(findings)).scalar_one() == 0
        assert connection.execute(sa.select(sa.func.count()).select_from(new_findings)).scalar_one() == 0
        assert queries.findings_of(connection, ["f-staff-1"]) == []
        assert queries.scored(connection, ["*"], since=NOW - timedelta(days=1)) == []
        with pytest.raises(NotFound):
            queries.get_finding(connection, "f-staff-1")
    with pytest.raises(Invalid):
        AboutStaff(code="x\0")
    with pytest.raises(NotFound):
        service.finding("f-none")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    store = make_store(tmp_path_factory.mktemp("store"))
    house = House(store)
    keep(store, on_staff(), on_staff(1))
    house.cases.service.gather()
    yield house
    store.close()


def lists(house: House) -> list[str]:
    """All addresses that answer to GET, asked about this member of staff and this finding."""
    found = set()
    for route in house.app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods:
                address = route.path
                for name in ("f-staff-0", SECRET, "staff"):
                    found.add(_filled(address, name))
    more = [f"/search?id={SECRET}", "/search?id=f-staff-0", f"/subjects/staff/{SECRET}", f"/v1/findings?code={CODE}",
            f"/v1/findings?subject_kind=staff&subject_id={SECRET}", "/v1/findings?ring_id=ring-1"]  # fmt: skip
    return sorted({*found, *more})


def _filled(address: str, name: str) -> str:
    parts = [("staff" if "kind" in part else "1" if ":int" in part else name) if part.startswith("{") else part
             for part in address.split("/")]  # fmt: skip
    return "/".join(parts)


@pytest.mark.slow
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_no_route_shows_them_to_another_role(house: House, role: Role) -> None:
    client = house.browser_of(house.add(f"{role}-looks", role))
    assert client.get("/v1/insiders").status_code == 403
    assert client.get("/v1/insiders/f-staff-0").status_code == 403
    for address in lists(house):
        answer = client.get(address, follow_redirects=False)
        assert "Looked at 9 people" not in answer.text, address
        assert CODE not in answer.text.replace(address, "") or answer.status_code in (400, 404), address


def test_the_auditor_sees_them_there_and_nowhere_else(house: House) -> None:
    client = house.browser_of(house.add("audits", Role.AUDITOR))
    page = client.get("/v1/insiders?limit=1").json()
    assert [each["id"] for each in page["items"]] == ["f-staff-1"]
    rest = client.get("/v1/insiders", params={"cursor": page["next"]}).json()
    assert [each["id"] for each in rest["items"]] == ["f-staff-0"]
    assert client.get("/v1/insiders/f-staff-0").json()["subject"] == {"kind": "staff", "id": SECRET}
    assert client.get("/v1/insiders/x").status_code == 404
    assert client.get("/v1/findings").json()["items"] == []
    with house.store.reading() as connection:
        assert connection.execute(sa.select(cases.c.case_id)).all() == [], "no case, which colleagues would work on"


def test_the_permission_is_the_auditors_alone_and_no_programs() -> None:
    assert {role for role in Role if "insiders.read" in GRANTS[role]} == {Role.AUDITOR}
    assert "insiders.read" not in FOR_PROGRAMS


class _Context:
    def __init__(self, store: Store) -> None:
        self.access = make_access(store)


def test_the_commands_list_and_show(house: House) -> None:
    def run(*given: str) -> str:
        result = CliRunner().invoke(insiders, given, obj=_Context(house.store), catch_exceptions=False)
        assert result.exit_code == 0
        return result.output

    assert SECRET in run("list")
    assert run("list", "--staff", "w-none") == "Nothing was found about the staff.\n"
    assert [each["id"] for each in json.loads(run("list", "--json"))["items"]] == ["f-staff-1", "f-staff-0"]
    assert "Looked at 9 people." in run("show", "f-staff-0")
    assert json.loads(run("show", "f-staff-0", "--json"))["revision"] == 1
