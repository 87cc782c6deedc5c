"""Referrals over HTTP and by commands: who may, what comes back, and a package that checks out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from agoranomos.evidence.checking import checked
from agoranomos.kernel.store import Store
from agoranomos.main import cli
from agoranomos.promotions.tracing.policy import load_policy
from agoranomos.promotions.tracing.service import TraceService
from agoranomos.staff.roles import Role
from tests.promotions.remedies.scene import history, take
from tests.staff.house import House

MATTER = {"about": {"kind": "campaign", "id": "c1"}, "authority": "police", "case_id": "case-1"}


@pytest.mark.slow
def test_from_opening_to_the_figures_of_the_year(store: Store, tmp_path: Path) -> None:
    house = House(store)
    take(store, history())
    TraceService(store, load_policy()).follow()
    analyst = house.browser_of(house.add("ada", Role.ANALYST))
    officer = house.browser_of(house.add("bob", Role.PRIVACY_OFFICER))
    service = house.browser_of(house.add("eve", Role.CUSTOMER_SERVICE))
    assert service.get("/v1/referrals").status_code == 403
    assert officer.post("/v1/referrals", json=MATTER).status_code == 403
    opened = analyst.post("/v1/referrals", json=MATTER)
    assert opened.status_code == 201
    place = f"/v1/referrals/{opened.json()['referral_id']}"
    made = analyst.post(f"{place}/packages", json={})
    assert (made.status_code, made.json()["facts"]["suspect"]) == (201, 8)
    fetched = analyst.get(f"{place}/packages/1")
    assert fetched.headers["content-type"] == "application/zip"
    (tmp_path / "p.zip").write_bytes(fetched.content)
    assert checked(tmp_path / "p.zip").facts == made.json()["facts"]
    assert officer.get(f"{place}/packages/1").status_code == 403, "who agrees takes nothing away"
    asked = analyst.post(f"{place}/sending").json()["approval_id"]
    assert analyst.put(f"{place}/sending/{asked}").status_code == 409
    assert analyst.post(f"/v1/approvals/{asked}/verdict", json={"approved": True}).status_code == 403
    assert officer.post(f"/v1/approvals/{asked}/verdict", json={"approved": True}).status_code == 200
    assert analyst.put(f"{place}/sending/{asked}").json()["state"] == "sent"
    assert analyst.post(f"{place}/moves", json={"verb": "accept", "reference": "A-1"}).json()["state"] == "accepted"
    assert analyst.post(f"{place}/outcomes", json={"figures": {"suspects": 8, "recovered": 5}}).status_code == 201
    years = officer.get("/v1/referrals/years", params={"first": 2026, "last": 2026}).json()["items"]
    assert (years[0]["sent"], years[0]["suspects"], years[0]["recovered"]) == (1, 8, {"CNY": 5})
    shown = officer.get(place).json()
    assert [each["verb"] for each in shown["custody"]] == ["open", "make", "fetch", "send", "accept", "outcome"]
    listed = officer.get("/v1/referrals", params={"status": "accepted", "limit": 1}).json()
    assert [each["referral_id"] for each in listed["items"]] == [shown["referral"]["referral_id"]]


@pytest.mark.slow
def test_what_is_wrong_is_said(store: Store) -> None:
    house = House(store)
    analyst = house.browser_of(house.add("ada", Role.ANALYST))
    for body, status in (
        ({**MATTER, "authority": "nobody"}, 422),
        ({**MATTER, "about": {"kind": "planet", "id": "x"}}, 422),
        ({**MATTER, "about": {"kind": "store", "id": "\0"}}, 422),
        ({"about": MATTER["about"]}, 422),
    ):
        assert analyst.post("/v1/referrals", json=body).status_code == status, body
    place = f"/v1/referrals/{analyst.post('/v1/referrals', json=MATTER).json()['referral_id']}"
    assert analyst.post(f"{place}/packages", json={}).status_code == 404, "nothing is known of the campaign"
    assert analyst.get(f"{place}/packages/1").status_code == 404
    assert analyst.post(f"{place}/sending").status_code == 409
    assert analyst.post(f"{place}/moves", json={"verb": "accept"}).status_code == 409
    assert analyst.post(f"{place}/outcomes", json={"figures": {"cases": 10**9}}).status_code == 422
    purpose = {"purpose": "complaint", "kinds": ["photo"], "people": 1}
    assert analyst.post(f"{place}/personal", json=purpose).status_code == 422
    assert analyst.get("/v1/referrals/none").status_code == 404
    assert analyst.get("/v1/referrals/years", params={"first": 2027, "last": 2026}).status_code == 400
    assert analyst.get("/v1/referrals/authorities").json()["authorities"]["police"]["english"] == "Police"


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path))
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    run = CliRunner()

    def agora(*words: str, code: int = 0) -> str:
        done = run.invoke(cli, list(words))
        assert done.exit_code == code, done.output
        return done.output

    opening = {"store_id": "s1", "seller_id": "k1"}
    event = {"specversion": "1.0", "id": "1", "source": "shop", "type": "store.opened", "time": "2026-05-01T00:00:00Z"}
    (tmp_path / "events.jsonl").write_text(json.dumps({**event, "data": opening}))
    agora("ingest", str(tmp_path / "events.jsonl"))
    nobody = json.loads(agora("referrals", "open", "store", "nobody", "--to", "police", "--json"))["referral_id"]
    agora("referrals", "make", nobody, code=2)
    opened = json.loads(agora("referrals", "open", "store", "s1", "--to", "police", "--json"))
    name = opened["referral_id"]
    assert "open" in agora("referrals", "list")
    made = json.loads(agora("referrals", "make", name, "--json"))
    assert made["number"] == 1
    told = json.loads(agora("referrals", "fetch", name, "--out", str(tmp_path / "p.zip"), "--json"))
    keys = ("--key", told["key"], "--audit-key", told["audit_key"])
    assert agora("referrals", "verify", str(tmp_path / "p.zip"), *keys).startswith("whole: ")
    raw = (tmp_path / "p.zip").read_bytes()
    (tmp_path / "bad.zip").write_bytes(raw.replace(b'"state": "open"', b'"state": "sent"'))
    agora("referrals", "verify", str(tmp_path / "bad.zip"), code=1)
    asked = json.loads(agora("referrals", "ask-to-send", name, "--json"))["approval_id"]
    agora("referrals", "send", name, "--approval", asked, code=2)
    agora("referrals", "ask-personal", name, "--purpose", "complaint", "--kind", "name", "--people", "3")
    agora("referrals", "move", name, "accept", code=2)
    assert "withdrawn" in agora("referrals", "move", name, "withdraw")
    assert "audit entry" in agora("referrals", "show", name)
    agora("referrals", "report", name, "--cases", "1", code=2)
    assert "0 sent" in agora("referrals", "years", "2026")
    assert "Police" in agora("referrals", "authorities")
    agora("referrals", "open", "store", "s1", "--to", "nobody", code=2)
