"""A package about a campaign: whole, checkable by itself, the same again, with personal data only where agreed."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec
import pytest

from agoranomos.audit import queries as audit
from agoranomos.cases.referral.actions import Purpose
from agoranomos.cases.referral.model import About
from agoranomos.cases.referral.service import ReferralService
from agoranomos.evidence import verify
from agoranomos.evidence.archive import VERIFY
from agoranomos.evidence.checking import checked
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.vault.actions import tokenise
from tests.builders import NOW, make_vault
from tests.cases.referral.scene import ADA, BOB, CASE, agreed, service_of, with_campaign
from tests.evidence.packages import KEY, LOG, members, run

CAMPAIGN = About("campaign", "c1")
PURPOSE = Purpose(purpose="criminal_complaint", kinds=("name", "phone"), people=10)


def opened(service: ReferralService, because: str | None = CASE) -> str:
    return service.open(CAMPAIGN, "police", because=because, by=ADA).referral_id


def table(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_a_package_tells_who_did_what_for_how_much(store: Store, tmp_path: Path) -> None:
    service = with_campaign(store, tmp_path)
    referral_id = opened(service)
    made = service.make(referral_id, by=ADA)
    path, again = service.fetch(referral_id, None, by=ADA)
    assert again == made
    files = members(path.read_bytes())
    people = table(files["people.csv"])
    assert [each["role"] for each in people[:9]] == ["suspect"] * 8 + ["victim"]
    assert {each["tier"] for each in people} == {"ring_member", "victim", "heavy_individual", "good_faith"}
    amounts = {each["person"]: int(each["amount"]) for each in table(files["amounts.csv"])}
    incident = service.traces.incident("c1")
    assert amounts == {each.account_id: each.value for each in incident.beneficiaries if each.value}
    assert made.totals == {"CNY": sum(amounts.values())}
    assert (made.facts["suspect"], made.facts["victim"], made.facts["rings"]) == (8, 1, 1)
    told = [msgspec.json.decode(line) for line in files["people.jsonl"].splitlines()]
    assert all(each["reasons"] for each in told if each["role"] == "suspect")
    assert not any(each["reasons"] for each in told if each["role"] == "beneficiary")
    when = [each["at"] for each in table(files["timeline.csv"])]
    assert when == sorted(when)
    assert b'"ip"' not in files["coupons.jsonl"]
    assert "personal.csv" not in files
    assert checked(path, str(KEY.verifier), str(LOG.verifier)).facts == made.facts


def test_it_is_checked_by_its_own_program_and_holds_its_own_custody(store: Store, tmp_path: Path) -> None:
    service = with_campaign(store, tmp_path)
    referral_id = opened(service)
    service.make(referral_id, by=ADA)
    service.make(referral_id, by=BOB)
    path, _ = service.fetch(referral_id, 2, by=BOB)
    program = tmp_path / VERIFY
    program.write_bytes(members(path.read_bytes())[VERIFY])
    done = run(program, str(path), "--key", str(KEY.verifier), "--audit-key", str(LOG.verifier))
    assert (done.returncode, done.stderr) == (0, "")
    custody = [msgspec.json.decode(line) for line in members(path.read_bytes())["custody.jsonl"].splitlines()]
    assert [(each["verb"], each["actor"]) for each in custody] == [("open", "person:ada"), ("make", "person:ada")]
    proved = [msgspec.json.decode(line)["index"] for line in members(path.read_bytes())[verify.ENTRIES].splitlines()]
    assert set(proved) >= {each["audit_index"] for each in custody}
    steps = service.show(referral_id).custody
    assert [(each.verb, each.package) for each in steps] == [("open", 0), ("make", 1), ("make", 2), ("fetch", 2)]
    with store.reading() as connection:
        logged = audit.get_entry(connection, steps[1].audit_index).entry
    assert logged.params["manifest_sha256"] == service.show(referral_id).packages[0].manifest_sha256


def test_the_same_matter_at_the_same_moment_gives_the_same_bytes(store: Store, tmp_path: Path) -> None:
    service = with_campaign(store, tmp_path / "a")
    referral_id = opened(service)
    with store.reading() as connection:
        before = audit.next_index(connection)
    first = service.make(referral_id, by=ADA)
    raw = service.fetch(referral_id, 1, by=ADA)[0].read_bytes()
    other = service_of(store, tmp_path / "b")
    second = other.make(referral_id, by=ADA)
    assert (first.number, second.number) == (1, 2)
    files, again = members(raw), members(other.fetch(referral_id, 2, by=ADA)[0].read_bytes())
    changed = {name for name in files if files[name] != again[name]}
    assert changed <= {"custody.jsonl", "referral.json", "summary.pdf", verify.CHECKPOINT, verify.ENTRIES} | {
        verify.MANIFEST, verify.NOTE,
    }, "what is new since is that the first was made and fetched"  # fmt: skip
    assert before > 0


def test_personal_data_is_in_it_only_when_two_people_want_it(store: Store, tmp_path: Path) -> None:
    service = with_campaign(store, tmp_path)
    vault = make_vault()
    with store.transaction() as connection:
        for account in ("r0", "a1"):
            tokenise(connection, vault, "name", f"Name of {account}", subject=f"account:{account}", now=NOW)
            tokenise(connection, vault, "id_number", f"11010119800101{account}", subject=f"account:{account}", now=NOW)
    referral_id = opened(service)
    asked = service.ask_for_personal(referral_id, PURPOSE, by=ADA)
    with pytest.raises(Conflict, match="second person"):
        service.make(referral_id, by=ADA, approval_id=asked.approval_id)
    with pytest.raises(Forbidden):
        agreed(store, asked.approval_id, by=ADA)
    agreed(store, asked.approval_id)
    made = service.make(referral_id, by=ADA, approval_id=asked.approval_id)
    assert made.personal
    files = members(service.fetch(referral_id, None, by=ADA)[0].read_bytes())
    assert table(files["personal.csv"]) == [{"subject": "account:r0", "kind": "name", "value": "Name of r0"}]
    assert b"Name of a1" not in b"".join(files.values()), "who is no suspect stays under seal"
    assert b"11010119800101" not in b"".join(files.values()), "nobody agreed to numbers"
    with store.reading() as connection:
        assert all(b"Name of" not in each.leaf for each in audit.entries(connection))
    with pytest.raises(Conflict):
        service.make(referral_id, by=ADA, approval_id=asked.approval_id)


def test_an_approval_does_not_stretch(store: Store, tmp_path: Path) -> None:
    service = with_campaign(store, tmp_path)
    referral_id = opened(service)
    few = service.ask_for_personal(referral_id, msgspec.structs.replace(PURPOSE, people=3), by=ADA)
    agreed(store, few.approval_id)
    with pytest.raises(Conflict, match="8 suspects"):
        service.make(referral_id, by=ADA, approval_id=few.approval_id)
    quality = service.open(CAMPAIGN, "quality_inspection", because=None, by=ADA).referral_id
    with pytest.raises(Invalid, match="may be given"):
        service.ask_for_personal(quality, PURPOSE, by=ADA)
    with pytest.raises(Conflict, match="something else"):
        service.make(quality, by=ADA, approval_id=few.approval_id)
    for wrong in ({"people": 0}, {"people": 100_000}, {"kinds": ()}, {"purpose": "a b"}, {"purpose": ""}):
        with pytest.raises(Invalid):
            service.ask_for_personal(referral_id, msgspec.structs.replace(PURPOSE, **wrong), by=ADA)


def test_a_file_that_was_changed_is_not_handed_out(store: Store, tmp_path: Path) -> None:
    service = with_campaign(store, tmp_path)
    referral_id = opened(service)
    service.make(referral_id, by=ADA)
    path, _ = service.fetch(referral_id, None, by=ADA)
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + b"x")
    with pytest.raises(Conflict, match="not the one that was made"):
        service.fetch(referral_id, None, by=ADA)
    path.unlink()
    with pytest.raises(Conflict, match="missing"):
        service.fetch(referral_id, None, by=ADA)
    with pytest.raises(NotFound):
        service.fetch(referral_id, 7, by=ADA)


def test_what_nobody_knows_is_not_referred(store: Store, tmp_path: Path) -> None:
    service = service_of(store, tmp_path)
    nothing = service.open(About("campaign", "none"), "police", because=None, by=ADA).referral_id
    ring = service.open(About("ring", "none"), "police", because=None, by=ADA).referral_id
    for referral_id in (nothing, ring, "rf_none"):
        with pytest.raises(NotFound):
            service.make(referral_id, by=ADA)
    with pytest.raises(Invalid, match="no such authority"):
        service.open(CAMPAIGN, "nobody", because=None, by=ADA)
    assert list(tmp_path.rglob("draft-*")) == []
