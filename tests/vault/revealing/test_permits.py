"""Personal data is read under a permit: for a purpose, a case, a while, so many a day; and never without a trace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from agoranomos.audit import queries as audit
from agoranomos.audit.tables import audit_entries
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.staff import approving
from agoranomos.staff import queries as staff
from agoranomos.staff.model import LOCAL, Person, Session
from agoranomos.staff.roles import Role
from agoranomos.vault.opening import data_ciphers
from agoranomos.vault.queries import sealed_of
from agoranomos.vault.revealing.model import Permit, Refused, Wish
from agoranomos.vault.revealing.policy import Budget, Policy, load_policy
from agoranomos.vault.revealing.service import RevealService
from agoranomos.vault.revealing.tables import vault_permits
from agoranomos.vault.subjects import Whom, audit_id
from agoranomos.vault.tables import vault_reveals, vault_values
from tests.builders import NOW, make_vault
from tests.vault.test_vault import count, put

ANALYST, OTHER, HEAD = (Actor("person", f"p-{name}") for name in ("analyst", "other", "head"))
ONE = Whom("seller", "s-1")
ROLES = {ANALYST: Role.ANALYST, OTHER: Role.ANALYST, HEAD: Role.HEAD_OF_GOVERNANCE}


class Desk:
    """Two analysts and their head at the vault, at a moment that a test moves."""

    def __init__(self, store: Store, **policy: Any) -> None:
        self.store, self.now, self.vault = store, NOW, make_vault()
        self.policy = msgspec.structs.replace(load_policy(), **policy)
        with store.transaction() as connection:
            for actor, role in ROLES.items():
                someone = Person(
                    person_id=actor.id, name="N", email=f"{actor.id}@x.example", roles=frozenset(), added_at=NOW
                )
                staff.add_person(connection, someone)
                staff.add_role(connection, actor.id, role, by="system:test", now=NOW)

    @property
    def service(self) -> RevealService:
        return RevealService(self.store, self.vault, self.policy, lambda: self.now)

    def ask(self, *who: Whom, by: Actor = ANALYST, purpose: str = "investigation") -> Permit:
        return self.service.ask(Wish(case_id="case-7", purpose=purpose, subjects=who or (ONE,)), by=by)

    def read(self, permit: Permit, *who: Whom, by: Actor = ANALYST, kinds: Any = ()) -> dict[str, str]:
        return {each.kind: each.value for each in self.service.reveal(permit.permit_id, who, kinds, by=by)}

    def told(self, verb: str) -> list[dict[str, Any]]:
        with self.store.reading() as connection:
            found = audit.find(connection, limit=500)
        return [dict(each.entry.params) for each in found if each.entry.verb == verb]


def filled(store: Store, **policy: Any) -> Desk:
    """A desk, and a seller whose name, phone and bank account are kept, none of which needs a fresh sign-in."""
    desk = Desk(store, fresh_kinds=frozenset(), **policy)
    for kind, value in (("name", "王小明"), ("phone", "138 0000 1111"), ("bank_account", "6222 0210")):
        put(store, desk.vault, kind, value)  # type: ignore[arg-type] # kinds
    return desk


def session(began: timedelta) -> Session:
    """One that the analyst began so long ago."""
    return Session(
        digest=f"d{began}", person_id=ANALYST.id, began_at=NOW - began, seen_at=NOW, ends_at=NOW + timedelta(hours=1)
    )


def budget(values: int = 100, searches: int = 100, together: int = 1_000) -> dict[str, Budget]:
    return {"analyst": Budget(values, searches, together)}


def test_what_the_purpose_needs_is_read_and_everything_about_it_is_recorded(store: Store) -> None:
    desk = filled(store)
    permit = desk.ask()
    assert permit.state(NOW) == "open"
    assert desk.read(permit) == {"name": "王小明", "phone": "138 0000 1111", "bank_account": "6222 0210"}
    assert desk.read(permit, ONE, kinds=["phone"]) == {"phone": "138 0000 1111"}
    told = desk.told("vault.reveal")
    assert sorted(len(each.pop("tokens")) for each in told) == [1, 3]
    assert told[0] == {"purpose": "investigation", "permit": permit.permit_id, "case": "case-7"}
    with store.reading() as connection:
        about = audit.find(connection, subject_kind="vault_subject", subject_id=audit_id("seller:s-1"))
        assert {str(each.entry.actor) for each in about} == {str(ANALYST)}
        assert all("王".encode() not in each.leaf for each in audit.entries(connection))
        assert connection.execute(sa.select(vault_reveals.c.permit_id).distinct()).scalars().all() == [permit.permit_id]
    assert desk.service.reveals(after=None, limit=9)[0].actor == str(ANALYST)


def test_what_is_kept_for_something_else_stays_sealed(store: Store) -> None:
    desk = filled(store)
    permit = desk.ask(purpose="contact")
    assert desk.read(permit) == {"phone": "138 0000 1111"}
    with pytest.raises(Refused, match="identification") as caught:
        desk.read(permit, kinds=["name"])
    assert caught.value.code == "purpose"
    with pytest.raises(Invalid, match="a purpose is one of"):
        desk.ask(purpose="curiosity")
    assert desk.told("vault.refuse") == [{"reason": "purpose"}]


def test_a_changed_purpose_in_the_table_does_not_open_a_value(store: Store) -> None:
    """What a value is kept for is in its seal: who can write the table gains nothing."""
    desk = filled(store)
    with store.transaction() as connection:
        connection.execute(vault_values.update().values(kept_for="contact"))
    with pytest.raises(Conflict, match="seal"):
        desk.read(desk.ask(purpose="contact"))
    assert not desk.told("vault.reveal"), "and nothing was shown"


def test_what_was_sealed_before_purposes_were_is_still_read(store: Store) -> None:
    desk = filled(store)
    with store.transaction() as connection:
        row = next(row for row in sealed_of(connection, ["seller:s-1"]) if row.token.startswith("pho_"))
        cipher = data_ciphers(desk.vault, {row.subject: row.key})[row.subject]
        old = {"kept_for": None, "nonce": b"n" * 12, "sealed": cipher.encrypt(b"n" * 12, b"139", row.token.encode())}
        connection.execute(vault_values.update().where(vault_values.c.token == row.token).values(**old))
    assert desk.read(desk.ask(purpose="contact")) == {"phone": "139"}


def test_a_permit_is_for_who_asked_for_whom_it_names_and_for_a_while(store: Store) -> None:
    desk = filled(store)
    permit = desk.ask()
    for wrong, code in (
        (lambda: desk.read(permit, by=OTHER), "not_yours"),
        (lambda: desk.read(permit, Whom("seller", "s-2")), "not_named"),
        (lambda: desk.ask(by=HEAD), "no_budget"),
        (lambda: desk.ask(by=Actor("key", "k-1")), "no_budget"),
    ):
        with pytest.raises(Refused) as caught:
            wrong()
        assert caught.value.code == code
    desk.now += timedelta(minutes=desk.policy.permit_minutes)
    with pytest.raises(Refused, match="over"):
        desk.read(permit)
    ended = desk.ask()
    desk.service.end(ended.permit_id, by=ANALYST)
    desk.service.end(ended.permit_id, by=ANALYST)
    with pytest.raises(Refused, match="over"):
        desk.read(ended)
    assert [each["reason"] for each in desk.told("vault.refuse")] == [
        "not_yours", "not_named", "no_budget", "no_budget", "over", "over",
    ]  # fmt: skip
    assert len(desk.told("vault.end")) == 1
    with pytest.raises(NotFound):
        desk.service.reveal("vp_none", by=ANALYST)


def test_many_people_take_a_second_person(store: Store) -> None:
    desk = filled(store, alone_max=1)
    permit = desk.ask(ONE, Whom("seller", "s-2"))
    assert permit.state(NOW) == "waiting"
    assert permit.approval_id is not None
    with pytest.raises(Conflict, match="second person"):
        desk.read(permit)
    with store.transaction() as connection, pytest.raises(Forbidden):
        approving.approve(connection, permit.approval_id, by=Actor("person", "s-2"), now=NOW)
    with store.transaction() as connection:
        approving.approve(connection, permit.approval_id, by=HEAD, now=NOW)
    desk.now += timedelta(hours=20)
    assert len(desk.read(permit)) == 3
    assert desk.read(permit, kinds=["name"]) == {"name": "王小明"}, "once agreed to, it is open for its while"
    desk.now += timedelta(minutes=desk.policy.permit_minutes)
    with pytest.raises(Refused, match="over"):
        desk.read(permit)


def test_what_was_agreed_to_is_what_is_opened(store: Store) -> None:
    """Names that are slipped into a waiting permit are not what the second person saw."""
    desk = filled(store, alone_max=0)
    permit = desk.ask(Whom("seller", "s-9"))
    with store.transaction() as connection:
        approving.approve(connection, str(permit.approval_id), by=HEAD, now=NOW)
        connection.execute(vault_permits.update().values(subjects=["seller:s-1"]))
    with pytest.raises(Conflict, match="something else"):
        desk.read(permit)


def test_a_permit_names_no_more_than_the_policy_says(store: Store) -> None:
    desk = filled(store, people_max=2)
    with pytest.raises(Invalid, match="at most 2"):
        desk.ask(*(Whom("seller", f"s-{number}") for number in range(3)))


def test_a_day_has_a_budget_for_each_and_for_all(store: Store) -> None:
    desk = filled(store, budgets=budget(values=4, together=6))
    mine, theirs = desk.ask(), desk.ask(by=OTHER)
    desk.read(mine)
    with pytest.raises(Refused, match="1 of your 4 values"):
        desk.read(mine)
    assert desk.read(mine, kinds=["phone"]), "one is left"
    with pytest.raises(Refused, match="together") as caught:
        desk.read(theirs, by=OTHER)
    assert caught.value.code == "budget_together"
    assert desk.service.left(by=ANALYST).values == 4
    assert desk.service.left(by=OTHER).together == 4
    desk.now = NOW + timedelta(hours=7, minutes=59)  # 23:59 in Shanghai
    with pytest.raises(Refused):
        desk.read(desk.ask())
    desk.now += timedelta(minutes=1)
    assert len(desk.read(desk.ask())) == 3, "a new day"


def test_a_budget_holds_however_many_ask_at_once(store: Store) -> None:
    desk = filled(store, budgets=budget(values=5))
    permit = desk.ask()

    def one(_: int) -> int:
        try:
            return len(desk.read(permit, kinds=["phone"]))
        except Refused:
            return 0

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(12))) == 5


def test_who_has_this_phone(store: Store) -> None:
    desk = filled(store, budgets=budget(searches=3))
    put(store, desk.vault, "phone", "+86-138-0000-1111", "account:a-1")
    search = {"case_id": "case-7", "purpose": "investigation", "by": ANALYST}
    found = desk.service.search("phone", "１３８００００１１１１", **search)  # type: ignore[arg-type]
    assert [each.key for each in found.subjects] == ["account:a-1", "seller:s-1"]
    nobody = desk.service.search("phone", "13900000000", **search)  # type: ignore[arg-type]
    assert (nobody.token, nobody.subjects) == (None, ())
    assert desk.service.search("name", "13800001111", **search).subjects == ()  # type: ignore[arg-type]
    with pytest.raises(Refused, match="searches"):
        desk.service.search("phone", "13900000001", **search)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="payment"):
        desk.service.search("bank_account", "6222", case_id="c", purpose="contact", by=ANALYST)
    assert [each["found"] for each in desk.told("vault.search")] == [2, 0, 0]
    assert desk.told("vault.refuse") == [{"reason": "budget"}, {"reason": "purpose"}]


def test_what_is_worth_most_is_shown_to_whoever_signed_in_lately(store: Store) -> None:
    desk = filled(store)
    desk.policy = msgspec.structs.replace(desk.policy, fresh_kinds=frozenset({"bank_account"}))
    permit = desk.ask()
    assert desk.read(permit, kinds=["phone"])
    for began, shown in ((None, False), (timedelta(minutes=31), False), (timedelta(minutes=29), True)):
        if began is not None:
            with store.transaction() as connection:
                staff.add_session(connection, session(began))
        if shown:
            assert desk.read(permit, kinds=["bank_account"]) == {"bank_account": "6222 0210"}
        else:
            with pytest.raises(Refused, match="sign in again"):
                desk.read(permit, kinds=["bank_account"])
    assert desk.read(desk.ask(by=LOCAL), by=LOCAL), "whoever works at the machine itself has no session"


def test_what_cannot_be_recorded_is_not_shown(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit log is away: no value leaves, no budget is used up, and nothing else was written either."""
    desk = filled(store)
    permit = desk.ask()
    with store.transaction() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {audit_entries.name} RENAME TO away")
    with pytest.raises(sa.exc.DatabaseError):
        desk.read(permit)
    with pytest.raises(sa.exc.DatabaseError):
        desk.service.search("phone", "13800001111", case_id="c", purpose="contact", by=ANALYST)
    assert count(store, vault_reveals) == 0
    left = desk.service.left(by=ANALYST)
    assert (left.values, left.searches) == (0, 0)
    with store.transaction() as connection:
        connection.exec_driver_sql(f"ALTER TABLE away RENAME TO {audit_entries.name}")
    assert len(desk.read(permit)) == 3


def test_a_value_is_opened_after_the_entry_about_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening fails here; by then the entry stands in the transaction, which the failure then takes back."""
    desk = filled(store)
    permit, entries = desk.ask(), []

    def failing(*_: Any) -> list[str]:
        entries.append("here")
        raise Conflict

    monkeypatch.setattr("agoranomos.vault.actions.opened", failing)
    monkeypatch.setattr("agoranomos.vault.actions.record_all", lambda *_: entries.append("recorded"))
    with pytest.raises(Conflict):
        desk.read(permit)
    assert entries == ["recorded", "here"]


def test_of_several_roles_the_largest_budget_counts() -> None:
    policy = load_policy()
    assert policy.largest({"analyst", "privacy_officer"}) == ("privacy_officer", policy.budgets["privacy_officer"])
    assert policy.largest({"auditor"}) is None


def test_the_policy_is_read_strictly(tmp_path: Any) -> None:
    path = tmp_path / "vault.toml"
    shipped = load_policy()
    assert isinstance(shipped, Policy)
    for wrong in ("version = 1", 'version = "1"\nunknown = 2', "]"):
        path.write_text(wrong)
        with pytest.raises(Invalid, match="vault"):
            load_policy(path)
