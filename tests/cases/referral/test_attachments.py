"""What is attached to a case: listed in every package, handed over where two people agreed, and traced."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec
import pytest

from agoranomos.cases.desk.model import Case
from agoranomos.cases.referral.actions import Purpose
from agoranomos.cases.referral.model import About
from agoranomos.cases.referral.service import ReferralService
from agoranomos.evidence import verify
from agoranomos.evidence.archive import VERIFY
from agoranomos.evidence.checking import checked
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.store import Store
from agoranomos.vault import erasing
from agoranomos.vault.queries import reveals
from agoranomos.vault.subjects import Whom
from tests.builders import NOW
from tests.cases.office import ADA, Office, make_finding
from tests.cases.referral.scene import agreed, service_of
from tests.evidence.packages import KEY, LOG, members, run, zipped

COMPLAINT = Purpose(purpose="criminal_complaint")
LETTER, SCAN = "张三写道：鞋是假的。".encode(), b"%PDF-1.4\n1 0 obj <<>> endobj"
NAMES = ("-2+3.txt", "../../张三 身份证.exe")


class Matter:
    """A case with two attachments, and a referral that comes from it."""

    def __init__(self, store: Store, folder: Path, authority: str = "police") -> None:
        self.store = store
        self.office = Office(store)
        self.office.opened("s1", "u1", "l1")
        self.office.find(make_finding())
        self.case: Case = self.office.next()
        for name, content in zip(NAMES, (LETTER, SCAN), strict=True):
            self.attach(name, content)
        self.service: ReferralService = service_of(store, folder)
        about = About("listing", "l1")
        self.id = self.service.open(about, authority, because=self.case.case_id, by=ADA).referral_id

    def attach(self, name: str, content: bytes) -> None:
        self.office.rooms.papers.attach(self.case.case_id, name, content, by=ADA)

    def agreement(self) -> str:
        asked = self.service.ask_for_personal(self.id, COMPLAINT, by=ADA, attachments=True)
        return agreed(self.store, asked.approval_id)

    def package(self, approval_id: str | None = None) -> bytes:
        self.service.make(self.id, by=ADA, approval_id=approval_id)
        return self.service.fetch(self.id, None, by=ADA)[0].read_bytes()


def listed(files: dict[str, bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[verify.DOCUMENTS].decode("utf-8-sig"), newline="")))


def test_without_an_agreement_a_package_only_lists_them(store: Store, tmp_path: Path) -> None:
    files = members(Matter(store, tmp_path).package())
    told = listed(files)
    assert [(each["file"], each["name"], each["withheld"]) for each in told] == [("", "", "not_agreed")] * 2
    assert {each["media_type"] for each in told} == {"text/plain", "application/pdf"}
    assert not [name for name in files if name.startswith("documents/")]
    assert not [name for name, raw in files.items() if "张三".encode() in raw], "names of files name people"


def test_with_it_they_are_in_the_package_under_names_that_are_safe(store: Store, tmp_path: Path) -> None:
    matter = Matter(store, tmp_path)
    raw = matter.package(matter.agreement())
    files = members(raw)
    told = {each["file"]: each for each in listed(files)}
    assert {name: files[name] for name in told} == {
        name: files[name] for name in files if name.startswith("documents/")
    }
    assert sorted(files[name] for name in told) == sorted((LETTER, SCAN))
    assert all(name.isascii() and name.endswith((".txt", ".pdf")) for name in told)
    assert sorted(each["name"] for each in told.values()) == ["'-2_3.txt", "张三 身份证.exe"], "nothing to calculate"
    with store.reading() as connection:
        read = [each for each in reveals(connection, after=None, limit=10) if each.actor == str(ADA)]
    assert {each.purpose for each in read} == {f"referral:{matter.id}:criminal_complaint"}
    assert len(read) == 2
    told_case = msgspec.json.decode(files["case.json"])
    assert (told_case["case_id"], told_case["subject"]["id"]) == (matter.case.case_id, "l1")
    steps = matter.office.cases.view(matter.case.case_id).steps
    assert [each.verb for each in steps].count("open_paper") == 2
    assert matter.service.show(matter.id).packages[0].facts["attached_here"] == 2


def test_its_own_program_checks_them_and_their_entries_in_the_audit_log(store: Store, tmp_path: Path) -> None:
    matter = Matter(store, tmp_path / "made")
    raw = matter.package(matter.agreement())
    files = members(raw)
    program = tmp_path / VERIFY
    program.write_bytes(files[VERIFY])
    whole = zipped(files, tmp_path / "whole.zip")
    keys = ("--key", str(KEY.verifier), "--audit-key", str(LOG.verifier))
    assert run(program, str(whole), *keys).returncode == 0
    proved = [msgspec.json.decode(line)["leaf"] for line in files[verify.ENTRIES].splitlines()]
    sums = {each["sha256"] for each in listed(files)}
    assert all(any(one in leaf and "case.attach" in leaf for leaf in proved) for one in sums), "the log has their sums"
    for name in [verify.DOCUMENTS, *(each for each in files if each.startswith("documents/"))]:
        changed = bytes([files[name][0] ^ 1]) + files[name][1:]
        done = run(program, str(zipped(files | {name: changed}, tmp_path / "changed.zip")), *keys)
        assert done.returncode == 1
        assert f"WRONG: {name} is not as it was" in done.stdout


def test_what_is_attached_after_the_agreement_stays_here(store: Store, tmp_path: Path) -> None:
    matter = Matter(store, tmp_path)
    approval_id = matter.agreement()
    matter.attach("later.txt", b"a later letter")
    files = members(matter.package(approval_id))
    assert sorted(each["withheld"] for each in listed(files)) == ["", "", "not_agreed"]
    assert b"a later letter" not in b"".join(files.values())


def test_what_was_erased_is_listed_and_the_package_is_whole(store: Store, tmp_path: Path) -> None:
    matter = Matter(store, tmp_path)
    with store.transaction() as connection:
        erasing.erase_now(connection, Whom("case", matter.case.case_id), because="retention", by=ADA, now=NOW)
    with pytest.raises(Conflict, match="nothing is attached"):
        matter.agreement()
    matter.service.make(matter.id, by=ADA)
    path, _ = matter.service.fetch(matter.id, None, by=ADA)
    assert [each["withheld"] for each in listed(members(path.read_bytes()))] == ["erased", "erased"]
    assert checked(path, str(KEY.verifier), str(LOG.verifier))


def test_not_every_authority_is_given_any(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no attachments"):
        Matter(store, tmp_path, "tax").agreement()
