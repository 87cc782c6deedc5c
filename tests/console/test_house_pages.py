"""The pages of referrals, of insiders, and of the house itself: people, keys, deliveries, jobs, retention."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from agoranomos.staff.roles import Role
from tests.console.desk import EVIL, Desk
from tests.console.test_goods import form
from tests.promotions.remedies.scene import history, take
from tests.staff.house import Client
from tests.stores import make_store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = make_store(tmp_path)
    yield Desk(store)
    store.close()


def agree(desk: Desk, approval_id: str) -> None:
    head = desk.reader(Role.HEAD_OF_GOVERNANCE)
    given = form(head.get(f"/approvals?id={approval_id}").text, f"/approvals/{approval_id}")
    assert head.post(f"/approvals/{approval_id}", data=given | {"answer": "approve"}).status_code == 200


def test_a_matter_is_referred(desk: Desk) -> None:
    officer = desk.reader(Role.BRAND_PROTECTION)
    page = officer.get("/referrals").text
    assert "Nothing was referred." in page
    given = form(page, "/referrals/open")
    authority = page.split('name="authority"><option>')[1].split("<")[0]
    about = {"kind": "store", "about": "s-1", "authority": authority}
    assert officer.post("/referrals/open", data=given | about | {"about": ""}).status_code == 409
    unknown = officer.post("/referrals/open", data=given | about).text
    assert "nothing is known" in officer.post("/referrals/make", data=form(unknown, "/referrals/make")).text
    take(desk.house.store, history())
    desk.house.promotions.traces.follow()
    opened = officer.post("/referrals/open", data=given | about | {"kind": "campaign", "about": "c1"})
    assert "No package was made yet." in opened.text
    one = form(opened.text, "/referrals/make")
    made = officer.post("/referrals/make", data=one).text
    assert "package 1 made" in made
    fetched = officer.post("/referrals/package", data=form(made, "/referrals/package"))
    assert fetched.headers["content-type"] == "application/zip"
    assert zipfile.ZipFile(BytesIO(fetched.content)).namelist()
    assert "package 1 taken" in officer.get("/referrals", params={"id": one["id"]}).text
    asked = officer.post("/referrals/send", data=one)
    assert asked.url.path == "/approvals"
    assert "A second person has to agree" in officer.get("/referrals", params={"id": one["id"]}).text
    agree(desk, asked.url.params["id"])
    ready = form(officer.get("/referrals", params={"id": one["id"]}).text, "/referrals/send")
    sent = officer.post("/referrals/send", data=ready).text
    assert "package 1 sent" in sent
    assert officer.post("/referrals/report", data=one).status_code == 409
    accepted = officer.post("/referrals/move", data=one | {"verb": "accept", "reference": "A-7"}).text
    assert "A-7" in accepted
    assert officer.post("/referrals/report", data=one | {"cases": "many"}).status_code == 409
    reported = officer.post("/referrals/report", data=one | {"cases": "2", "involved": "1,000"}).text
    assert "cases 2" in reported
    assert "1,000" in reported
    assert officer.post("/referrals/move", data=one | {"verb": "forget"}).status_code == 422
    auditor = desk.reader(Role.AUDITOR)
    assert "/referrals/move" not in auditor.get("/referrals", params={"id": one["id"]}).text
    assert auditor.post("/referrals/package", data=one | {"number": "1"}).status_code == 403


def test_insiders_are_for_auditors(furnished: tuple[Desk, tuple[str, ...]], everything: Client, bare: Desk) -> None:
    assert "access.insider" in everything.get("/insiders").text
    assert EVIL[:25] not in everything.get("/insiders?id=f_staff").text
    for path in ("/findings?code=access.insider", "/overview"):
        assert "f_staff" not in everything.get(path).text, path
    assert "Nothing was found." in bare.reader(Role.AUDITOR).get("/insiders").text
    assert bare.house.browser_of(bare.house.add("alan", Role.ANALYST)).get("/insiders").status_code == 403


def test_people_and_keys(desk: Desk) -> None:
    admin = desk.reader(Role.ADMIN)
    page = admin.get("/people").text
    given = form(page, "/people")
    wrong = admin.post("/people", data=given | {"name": EVIL, "email": "nobody"})
    assert wrong.status_code == 409
    assert EVIL not in wrong.text
    added = admin.post("/people", data=given | {"name": EVIL[:60], "email": "eve@example.org", "role": "analyst"}).text
    assert EVIL[:60] not in added
    person = next(each for each in desk.house.staff.people() if each.email == "eve@example.org")
    step = given | {"id": person.person_id}
    admin.post("/people/change", data=step | {"step": "grant", "role": "auditor"})
    admin.post("/people/change", data=step | {"step": "revoke", "role": "analyst"})
    assert desk.house.staff.person(person.person_id).roles == {Role.AUDITOR}
    assert "disabled" in admin.post("/people/change", data=step | {"step": "disable"}).text
    admin.post("/people/change", data=step | {"step": "enable"})
    assert desk.house.staff.person(person.person_id).disabled_at is None
    assert admin.post("/people/change", data=step | {"step": "forget"}).status_code == 409
    made = admin.post("/keys", data=given | {"step": "make", "name": "shop", "permission": ["checks.run"]})
    assert "agora_" in made.text
    assert "agora_" not in admin.get("/keys").text
    key = desk.house.staff.keys()[0]
    assert "agora_" in admin.post("/keys", data=given | {"step": "rotate", "id": key.key_id}).text
    admin.post("/keys", data=given | {"step": "revoke", "id": key.key_id})
    assert desk.house.staff.keys()[0].revoked_at is not None
    assert admin.post("/keys", data=given | {"step": "make", "name": "x"}).status_code == 409
    assert "Nothing is delivered" in admin.get("/deliveries").text
    assert admin.post("/deliveries", data=given | {"id": "none"}).status_code == 409
    assert admin.post("/deliveries", data=given).status_code == 200
    system = admin.get("/system").text
    assert "There are no such jobs." in system
    assert "review-score" in system


def test_a_hold_is_placed_and_lifted_by_two(desk: Desk) -> None:
    officer = desk.reader(Role.PRIVACY_OFFICER)
    page = officer.get("/retention").text
    assert "Nothing is held." in page
    given = form(page, "/retention") | {"kind": "store", "subject_id": "s-1", "why": "litigation", "note": EVIL}
    assert officer.post("/retention", data=given | {"why": "two words"}).status_code == 409
    placed = officer.post("/retention", data=given).text
    assert "until it is lifted" in placed
    assert EVIL not in placed
    asked = officer.post("/retention/lift", data=form(placed, "/retention/lift"))
    assert asked.url.path == "/approvals"
    assert "waits for a second person" in officer.get("/retention").text
    agree(desk, asked.url.params["id"])
    lifted = officer.post("/retention/lift", data=form(officer.get("/retention").text, "/retention/lift")).text
    assert "lifted</span>" in lifted
    assert desk.reader(Role.ANALYST).get("/retention").status_code == 403
