"""The pages of readers, of exports, and of the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agoranomos.access.exports.actions import Wish
from agoranomos.kernel.findings import Subject
from agoranomos.staff.roles import Role
from tests.console.desk import EVIL, Desk
from tests.promotions.tracing.events import told
from tests.staff.house import hidden
from tests.stores import make_store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = make_store(tmp_path)
    yield Desk(store)
    store.close()


def read(desk: Desk) -> None:
    """A reader sees three people, and the desk has heard of it."""
    data = {"principal_id": "p-1", "principal_kind": "partner", "endpoint": EVIL[:60], "fields": ["phone"]}
    desk.told(told("data.read", "r-1", 0, **data, subject_ids=["a", "b", "c"]))
    desk.house.access.service.follow()


def test_readers_against_their_limits(desk: Desk) -> None:
    officer = desk.reader(Role.PRIVACY_OFFICER)
    assert "Nobody has read anybody yet" in officer.get("/access").text
    read(desk)
    assert "p-1" in officer.get("/access").text
    one = officer.get("/access?id=p-1").text
    assert "It has no contract." in one
    assert EVIL[:20] not in one
    assert officer.get("/access?id=none").status_code == 404
    assert desk.reader(Role.CUSTOMER_SERVICE).get("/access").status_code == 403


def test_exports_wait_for_agreement(desk: Desk) -> None:
    officer = desk.reader(Role.PRIVACY_OFFICER)
    assert "Nobody has asked for an export." in officer.get("/access/exports").text
    wish = Wish(principal_id="p-1", purpose=EVIL[:60], fields=("phone",), destination_region="abroad", subject_count=3)
    desk.house.access.service.ask(wish, by=desk.someone)
    page = officer.get("/access/exports").text
    assert EVIL[:20] not in page
    form = hidden(page)
    assert officer.post("/access/exports", data=form | {"answer": "agree"}).status_code == 200
    assert "1/" in officer.get("/access/exports").text
    assert officer.post("/access/exports", data=form | {"answer": "maybe"}).status_code == 422


def test_the_audit_log_is_read_by_auditors(desk: Desk) -> None:
    desk.found(subject=Subject("store", "s-1"))
    desk.asked("store.suspend", Subject("store", "s-1"))
    auditor = desk.reader(Role.AUDITOR)
    page = auditor.get("/audit-log").text
    assert "data-verify" in page
    assert "somebody-else" in auditor.get("/audit-log?actor=person:somebody-else").text
    assert "Nothing is recorded of that." in auditor.get("/audit-log?subject=store:none").text
    assert desk.reader(Role.PROMOTION_MANAGER).get("/audit-log").status_code == 403
