"""From a dossier to the archive: everything is written as it is read, so that size costs no memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from agoranomos.audit.notes import SigningKey
from agoranomos.cases.referral.attaching import HEADER, Attached, Origin
from agoranomos.cases.referral.dossier import Dossier, Person
from agoranomos.cases.referral.model import Referral, Step
from agoranomos.cases.referral.policy import Authority
from agoranomos.cases.referral.words import PEOPLE_SHOWN, README, money, summary
from agoranomos.evidence.archive import Manifest, PackageWriter
from agoranomos.evidence.proofs import Proofs
from agoranomos.evidence.summary import drawn
from agoranomos.evidence.verify import CHECKPOINT, DOCUMENTS, ENTRIES
from agoranomos.kernel.ids import derived

KIND: Final = "referral"


class Opened(msgspec.Struct, frozen=True):
    """A value of personal data that was agreed to: of whom, which kind."""

    subject: str
    kind: str
    value: str


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """All that goes into one package. `personal` is None where none was agreed to; `indexes` are entries of the audit
    log, of which those under the checkpoint are proved. `origin` is the case that it comes from, `documents` are
    attached to it, and `content` opens those that are handed over.
    """

    referral: Referral
    authority: Authority
    number: int
    made_at: str
    dossier: Dossier
    custody: Sequence[Step]
    indexes: Sequence[int]
    proofs: Proofs
    personal: Sequence[Opened] | None = None
    origin: Origin | None = None
    documents: Sequence[Attached] = ()
    content: Callable[[Attached], bytes] | None = None


def package_id(referral_id: str, number: int) -> str:
    """The id of a package."""
    return derived("pk", referral_id, str(number))


def write(contents: Contents, file: Path, key: SigningKey, audit_key: str) -> Manifest:
    """Writes the package into `file`."""
    with file.open("wb") as out:
        writer = PackageWriter(out)
        writer.add("README.txt", README.encode())
        writer.add_json("referral.json", contents.referral)
        if contents.origin is not None:
            writer.add_json("case.json", contents.origin)
        facts = _people_and_amounts(writer, contents)
        for name, lines in contents.dossier.files():
            writer.add_lines(name, lines)
        header = ("at", "what", "subject_kind", "subject_id", "who", "source", "event_id")
        rows = ([getattr(each, name) for name in header] for each in contents.dossier.timeline())
        writer.add_table("timeline.csv", header, rows)
        _documents(writer, contents)
        if contents.personal is not None:
            opened = ((each.subject, each.kind, each.value) for each in contents.personal)
            writer.add_table("personal.csv", ("subject", "kind", "value"), opened)
        writer.add_lines("custody.jsonl", contents.custody)
        writer.add(CHECKPOINT, contents.proofs.note.encode())
        writer.add_lines(ENTRIES, contents.proofs.of(contents.indexes))
        return writer.finished(
            KIND, package_id(contents.referral.referral_id, contents.number), key, made_at=contents.made_at,
            facts=facts, audit_key=audit_key,
        )  # fmt: skip


def _documents(writer: PackageWriter, contents: Contents) -> None:
    """One after the other, so that never more than one lies in memory."""
    for each in contents.documents:
        if each.file and contents.content is not None:
            writer.add(each.file, contents.content(each))
    if contents.documents:
        writer.add_table(DOCUMENTS, HEADER, (each.row for each in contents.documents))


def _people_and_amounts(writer: PackageWriter, contents: Contents) -> dict[str, Any]:
    dossier, by_role = contents.dossier, dict[str, dict[str, int]]()
    taken: dict[str, dict[str, int]] = {}
    first: list[Person] = []

    def amounts() -> Iterator[tuple[str, str, str, int, str, int]]:
        shown = {each.id for each in first}
        for each in dossier.amounts():
            sums = by_role.setdefault(each.role, {})
            sums[each.currency] = sums.get(each.currency, 0) + each.amount
            if each.person in shown:
                mine = taken.setdefault(each.person, {})
                mine[each.currency] = mine.get(each.currency, 0) + each.amount
            yield each.person, each.role, each.basis, each.amount, each.currency, each.count

    def people() -> Iterator[Person]:
        for each in dossier.people():
            if len(first) < PEOPLE_SHOWN:
                first.append(each)
            yield each

    count = writer.add_lines("people.jsonl", people())
    header = ("id", "kind", "role", "tier", "score", "ring_id")
    writer.add_table("people.csv", header, ([getattr(each, name) for name in header] for each in dossier.people()))
    totals = writer.add_amounts(amounts())
    facts = {**dossier.facts, "people": count, "audit_entries": _under(contents)}
    if contents.documents:
        facts |= {
            "attached": len(contents.documents),
            "attached_here": sum(1 for each in contents.documents if each.file),
        }
    told = summary(
        contents.referral, contents.authority, number=contents.number, made_at=contents.made_at, facts=facts,
        totals=totals, by_role=by_role, people=[(each, _words(taken.get(each.id, {}))) for each in first],
        documents=contents.documents,
    )  # fmt: skip
    writer.add("summary.pdf", drawn(told))
    return facts


def _under(contents: Contents) -> int:
    return len({each for each in contents.indexes if each < contents.proofs.size})


def _words(sums: Mapping[str, int]) -> str:
    return ", ".join(money(amount, currency) for currency, amount in sorted(sums.items())) or "—"
