"""What is kept away from slow comparisons, and what a change tells those who remember."""

from __future__ import annotations

import asyncio
import threading

import pytest

from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.staff import queries
from agoranomos.staff.company import SignInSettings, is_safe_url
from agoranomos.staff.model import LOCAL
from agoranomos.staff.roles import Role
from agoranomos.staff.secrets import hash_password
from agoranomos.staff.service import AT_ONCE_MAX, WAITING_MAX, StaffService
from agoranomos.web.limits import TooManyRequests
from tests.builders import NOW
from tests.staff.house import PASSWORD, Draws, House


def test_two_compare_at_a_time_and_a_crowd_is_sent_away(store: Store) -> None:
    service = StaffService(store, lambda: NOW, Draws())
    go, lock, running, most = threading.Event(), threading.Lock(), 0, 0

    def work() -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        waited = go.wait(30)
        with lock:
            running -= 1
        return waited

    async def crowd() -> list[bool]:
        waiting = [asyncio.ensure_future(service.slowly(work)) for _ in range(WAITING_MAX)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequests):
            await service.slowly(work)
        go.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(crowd()) == [True] * WAITING_MAX
    assert most <= AT_ONCE_MAX
    assert asyncio.run(service.slowly(work))


def test_every_secret_is_another(store: Store) -> None:
    house = House(store)
    house.add(password=PASSWORD)
    begun = {house.staff.sign_in("ada@example.org", PASSWORD) for _ in range(2)}
    made = [house.staff.create_key(name="k", permissions=["checks.run"], by=LOCAL) for _ in range(2)]
    again = house.staff.rotate_key(made[0].key.key_id, by=LOCAL)
    assert len({*begun, *(each.secret for each in made), again.secret}) == 5


def test_what_is_changed_is_forgotten_at_once(store: Store) -> None:
    calls: list[int] = []
    service = StaffService(store, lambda: NOW, Draws(), lambda: calls.append(1))
    ada = service.add_person(name="Ada", email="ada@example.org", roles=[], by=LOCAL)
    key = service.create_key(name="k", permissions=["checks.run"], by=LOCAL).key
    before = len(calls)
    service.grant_role(ada.person_id, Role.ANALYST, by=LOCAL)
    service.revoke_role(ada.person_id, Role.ANALYST, by=LOCAL)
    service.revoke_key(key.key_id, by=LOCAL)
    service.disable_person(ada.person_id, by=LOCAL)
    assert len(calls) - before == 4
    service.people()
    service.keys()
    assert len(calls) - before == 4


def test_people_are_found_by_address(store: Store) -> None:
    house = House(store)
    ada = house.add("ada")
    assert house.staff.person_id("ADA@example.org") == ada.person_id
    assert house.staff.person_id("p_x") == "p_x"
    with pytest.raises(NotFound):
        house.staff.person_id("bob@example.org")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://id.example", True),
        ("https://id.example/realms/one", True),
        ("http://127.0.0.1:9000", True),
        ("http://localhost", True),
        ("http://[::1]:9000/", True),
        ("http://id.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("https://me@id.example", False),
        ("https://id.example#x", False),
        ("ftp://id.example", False),
        ("https://", False),
        ("https://[", False),
        ("id.example", False),
    ],
)
def test_secrets_are_sent_over_safe_addresses_only(url: str, safe: bool) -> None:
    assert is_safe_url(url) is safe


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"public_url": "http://agora.example"}, "AGORA_PUBLIC_URL must"),
        ({"issuer": "http://id.example"}, "AGORA_OIDC_ISSUER must"),
        ({"issuer": "https://id.example?a=b"}, "AGORA_OIDC_ISSUER must"),
        ({"issuer": "https://id.example"}, "needs AGORA_OIDC_CLIENT_ID"),
        ({"issuer": "https://id.example", "client_id": "c"}, "needs AGORA_OIDC_CLIENT_SECRET"),
        ({"issuer": "https://id.example", "client_id": "c", "client_secret": "s"}, "needs AGORA_PUBLIC_URL"),
    ],
)
def test_settings_that_cannot_work_say_which(settings: dict[str, str], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        SignInSettings(**settings).require_usable()


def test_settings_that_can_work() -> None:
    SignInSettings().require_usable()
    SignInSettings(
        issuer="https://id.example", client_id="c", client_secret="s", public_url="https://agora.example"
    ).require_usable()


def test_passwords_are_hashed_before_anybody_has_to_wait(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite the hash would wait for its own transaction here, and find the store locked."""
    hashing: list[str] = []

    def hashed(password: str) -> str:
        with store.transaction() as connection:
            queries.all_people(connection)
        hashing.append(password)
        return hash_password(password)

    monkeypatch.setattr("agoranomos.staff.service.hash_password", hashed)
    monkeypatch.setattr("agoranomos.staff.actions.hash_password", hashed, raising=False)
    service = StaffService(store, lambda: NOW, Draws())
    ada = service.add_person(name="Ada", email="ada@example.org", roles=[], by=LOCAL, password="correct horse battery")
    service.set_password(ada.person_id, "another horse battery", by=LOCAL)
    assert len(hashing) == 2
    assert isinstance(service.sign_in("ada@example.org", "another horse battery"), str)
    with pytest.raises(Invalid, match="password"):
        service.add_person(name="Bob", email="bob@example.org", roles=[], by=LOCAL, password="short")
    with pytest.raises(Invalid, match="password"):
        service.set_password(ada.person_id, "short", by=LOCAL)
