"""Numbers, calls and the report over HTTP, as a marketplace and its telephone company ask."""

from __future__ import annotations

import pytest

from agoranomos.kernel.store import Store
from tests.staff.house import Client, House

ORDER = {"order_id": "o1", "store_id": "s1", "account_id": "a1"}


@pytest.fixture
def client(store: Store) -> Client:
    return House(store).program("numbers.manage", "numbers.read", "numbers.route", "harassment.report")


def test_a_number_from_its_first_call_to_a_report(client: Client) -> None:
    with client:
        made = client.post("/v1/reviews/numbers", json=ORDER)
        assert made.status_code == 201, made.text
        number = made.json()["virtual_number"]
        assert (made.status_code, len(number)) == (201, 11)
        assert client.post("/v1/reviews/numbers", json=ORDER).json() == made.json()
        call = {"virtual_number": number, "caller": "store", "call_id": "c1"}
        assert client.post("/v1/reviews/numbers/calls", json=call).json()["put_through"] is True
        reported = client.post(
            "/v1/reviews/harassment", json={"buyer_id": "a1", "store_id": "s1", "text": "They ring."}
        )
        assert reported.status_code == 201
        assert [each["kind"] for each in reported.json()["actions"]] == ["contact.block", "number.expire"]
        refused = client.post("/v1/reviews/numbers/calls", json={**call, "call_id": "c2"}).json()
        assert (refused["put_through"], refused["refused"]) == (False, "numbers.ended")
        assert "a1" not in refused["message"]
        shown = client.get("/v1/reviews/numbers/o1").json()
        assert (shown["turn"], shown["parties"]) == (2, ["courier"])
        page = client.get("/v1/reviews/numbers?limit=1").json()
        rest = client.get("/v1/reviews/numbers", params={"cursor": page["next"]}).json()
        listed = [*page["items"], *rest["items"]]
        assert [each["turn"] for each in listed] == [2, 1]
        assert number not in str(listed), "lists hide all but the last digits"
        assert listed[1]["calls"] == {"through": 1, "ended": 1, "unknown": 0, "blocked": 0}


def test_what_cannot_be_is_said_with_its_place(client: Client) -> None:
    with client:
        assert client.get("/v1/reviews/numbers/nobody").status_code == 404
        assert client.post("/v1/reviews/numbers/nobody/rotate").status_code == 404
        late = client.post("/v1/reviews/numbers", json={**ORDER, "expires_at": "2000-01-01T00:00:00Z"})
        assert (late.status_code, late.json()["pointer"]) == (422, "/expires_at")
        client.post("/v1/reviews/numbers", json=ORDER)
        assert client.post("/v1/reviews/numbers", json={**ORDER, "store_id": "s2"}).status_code == 409
        assert client.post("/v1/reviews/numbers/o1/end").json()["ending"] == "wish"
        assert client.post("/v1/reviews/numbers/o1/rotate").status_code == 409
        wrong = client.post("/v1/reviews/numbers/calls", json={"virtual_number": "1", "caller": "me", "call_id": "c"})
        assert wrong.status_code == 422
