"""Farms are seen as they sign up; families, freshmen and popular friends are not farms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.promotions.registration.farms import Farms
from agoranomos.promotions.registration.patterns import pattern_of
from agoranomos.promotions.registration.policy import load_policy
from tests.builders import NOW


def registered(account: str, minutes: float, **data: Any) -> Event:
    return parse_event(
        {
            "id": f"e-{account}", "source": "shop", "type": "account.registered",
            "time": rfc3339(NOW + timedelta(minutes=minutes)), "data": {"account_id": account, **data},
        }
    )  # fmt: skip


def said(*events: Event) -> dict[str, Finding]:
    farms, found = Farms(load_policy()), dict[str, Finding]()
    for event in events:
        found |= {finding.subject.id: finding for finding in farms.hear(event)}
    return found


def test_many_accounts_on_one_device_in_an_hour_are_a_farm_of_one_name() -> None:
    found = said(*[registered(f"a{n}", n, device_id="d", ip="10.0.0.7", phone_token=f"t{n}") for n in range(8)])
    assert set(found) == {f"a{n}" for n in range(8)}, "the first as well, once the others have come"
    assert len({finding.ring_id for finding in found.values()}) == 1
    last = found["a7"]
    assert (last.code, last.score >= 0.5) == ("promotions.account_farm", True)
    assert {(each.kind, each.id) for each in last.related if each.role == "tie"} == {
        ("device", "d"), ("network", "10.0.0.7"),
    }  # fmt: skip
    assert {each.id for each in last.related if each.role == "member"} == {f"a{n}" for n in range(7)}
    codes = {reason.code for reason in last.reasons}
    assert {"promotions.registered_device", "promotions.registered_burst"} <= codes


def test_names_that_a_program_counts_up_give_a_farm_away() -> None:
    names = [registered(f"a{n}", 9 * n, email=f"lucky{n:03}@mail.example", ip=f"10.0.{n}.7") for n in range(12)]
    assert set(said(*names)) == {f"a{n}" for n in range(12)}


def test_one_identity_or_phone_for_many_is_a_farm_with_one_sign_more() -> None:
    one = [registered(f"a{n}", 60 * n, id_number_token="i", phone_token="p") for n in range(3)]
    assert set(said(*one)) == {"a0", "a1", "a2"}


def test_honest_look_alikes_are_none() -> None:
    family = [registered(f"f{n}", 30 * n, device_id="d", ip="10.1.1.1") for n in range(4)]
    freshmen = [registered(f"s{n}", n, device_id=f"d{n}", ip="10.2.2.2", phone_token=f"p{n}") for n in range(200)]
    friends = [registered(f"r{n}", 20 * n, device_id=f"e{n}", ip=f"10.3.{n}.1", referrer="star") for n in range(60)]
    names = [
        registered(f"m{n}", 99 * n, email=f"{name}@mail.example") for n, name in enumerate(("li", "wang88", "zoe"))
    ]
    assert said(*family) == said(*freshmen) == said(*friends) == said(*names) == {}


def test_what_was_long_ago_is_forgotten() -> None:
    days = 24 * 60
    spread = [registered(f"a{n}", 3 * n * days, device_id="d", ip="10.0.0.7") for n in range(12)]
    assert said(*spread) == {}


def test_registrations_that_are_over_are_let_go_and_what_is_said_stays_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agoranomos.promotions.registration.farms._KEYS_LOOKED_THROUGH", 16)
    days, farms = 24 * 60, Farms(load_policy())
    for n in range(120):
        farms.hear(registered(f"o{n}", n, device_id=f"o{n}"))
    late = [registered(f"a{n}", 400 * days + n, device_id="d", ip="10.0.0.7") for n in range(8)]
    more = [registered(f"b{n}", 400 * days + n, device_id=f"b{n}") for n in range(240)]
    for event in more:
        farms.hear(event)
    assert not [key for key in farms.known.held if key.startswith("device:o")]
    found = {finding.subject.id for event in late for finding in farms.hear(event)}
    assert found == set(said(*late)) == {f"a{n}" for n in range(8)}


@pytest.mark.parametrize(
    ("data", "pattern"),
    [
        ({"email": "Lucky001@Mail.example"}, "lucky#@mail.example"),
        ({"email": "l.u.cky+17@mail.example"}, "lucky+#@mail.example"),
        ({"username": "buyer20931"}, "buyer#"),
        ({"nickname": "li7"}, ""),
        ({"email": "anna@mail.example"}, ""),
        ({"name": 12}, ""),
        ({}, ""),
    ],
)
def test_patterns_are_what_is_left_without_numbers(data: dict[str, Any], pattern: str) -> None:
    assert pattern_of(data) == pattern
