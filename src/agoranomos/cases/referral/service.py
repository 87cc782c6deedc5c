"""What HTTP and commands share of referrals: the store, the folder of packages, the keys, and the vault."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import checkpoint
from agoranomos.audit.notes import SigningKey
from agoranomos.cases.papers.queries import Paper
from agoranomos.cases.referral import actions, queries
from agoranomos.cases.referral.actions import Purpose
from agoranomos.cases.referral.attaching import Attached, Papers, attached, origin
from agoranomos.cases.referral.dossier import Dossier
from agoranomos.cases.referral.gathering.campaign import CampaignDossier
from agoranomos.cases.referral.gathering.subject import SubjectDossier
from agoranomos.cases.referral.model import About, Figures, Made, Outcome, Referral, Step, Verb, Year
from agoranomos.cases.referral.packing import Contents, Opened, write
from agoranomos.cases.referral.policy import Policy
from agoranomos.evidence.archive import Manifest, text_of
from agoranomos.evidence.proofs import Proofs, entries_about
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.clock import Clock, rfc3339
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.ids import derived
from agoranomos.kernel.store import Store
from agoranomos.promotions.tracing.service import TraceService
from agoranomos.vault.tokens import Kind

VAULT_KINDS: Final = ("seller", "account")
"""Kinds of people of whom the vault keeps personal data."""
_PART: Final = 1 << 20


class Reads(Protocol):
    """Opens personal data for a referral; each is written down first."""

    def __call__(
        self, connection: sa.Connection, subjects: Sequence[str], kinds: Sequence[Kind], purpose: str, by: Actor,
        now: datetime,
    ) -> list[Opened]:  # fmt: skip
        """The values of `subjects` (`seller:s-1`) that are of `kinds`."""


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """What two people agreed to open: values of suspects, attachments by their ids, and for which purpose."""

    opened: list[Opened] | None
    papers: frozenset[str]
    why: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A referral with all that belongs to it."""

    referral: Referral
    packages: list[Made]
    custody: list[Step]
    outcomes: list[Outcome]


@dataclass(frozen=True)
class ReferralService:
    """`folder` holds the packages; `key` signs them, `audit_key` the audit log."""

    store: Store
    traces: TraceService
    policy: Policy
    clock: Clock
    folder: Path
    key: Callable[[], SigningKey]
    audit_key: Callable[[], SigningKey]
    reads: Reads
    papers: Papers

    def open(self, about: About, authority: str, *, because: str | None, by: Actor) -> Referral:
        """See `actions.open_referral`."""
        with self.store.transaction() as connection:
            return actions.open_referral(
                connection, about, authority, because=because, policy=self.policy, by=by, now=self.clock()
            )

    def show(self, referral_id: str) -> Shown:
        """Raises NotFound."""
        with self.store.reading() as connection:
            return Shown(
                referral=queries.get(connection, referral_id), packages=queries.packages(connection, referral_id),
                custody=queries.custody(connection, referral_id), outcomes=queries.outcomes(connection, referral_id),
            )  # fmt: skip

    def ask_for_personal(
        self, referral_id: str, purpose: Purpose, *, by: Actor, attachments: bool = False
    ) -> Approval:  # fmt: skip
        """See `actions.ask_for_personal`; with `attachments` also for all that is attached to its case by now, and
        Conflict when that is nothing.
        """
        with self.store.transaction() as connection:
            if attachments:
                because = queries.get(connection, referral_id).because
                there = [paper.paper_id for paper, kept in self._attached(connection, because) if kept]
                if not there:
                    raise Conflict("nothing is attached to the case of this referral; ask without attachments")
                purpose = msgspec.structs.replace(purpose, papers=tuple(there))
            return actions.ask_for_personal(
                connection, referral_id, purpose, policy=self.policy, by=by, now=self.clock()
            )

    def make(self, referral_id: str, *, by: Actor, approval_id: str | None = None) -> Made:
        """Gathers everything, writes a package and keeps that it was made; with `approval_id` personal data is in it.

        Raises NotFound; Conflict when the referral is not open any more, nobody has agreed, or the matter has more
        suspects than were agreed to.
        """
        now = self.clock()
        with self.store.reading() as connection:
            referral = queries.get(connection, referral_id)
            referral.after("make", now)
            dossier = self._dossier(connection, referral, now, personal=approval_id is not None)
            agreed = self._agreed(referral, dossier, approval_id, by, now)
            with self.store.transaction() as signing:
                checkpoint(signing, self.audit_key(), now)
            draft = self._draft(referral_id)
            try:
                manifest = self._written(referral, dossier, agreed, draft, by, now)
                made = _made(draft, manifest, referral.package + 1, by, now, personal=agreed is not None)
                self._keep(referral_id, made, draft, by, now)
            finally:
                draft.unlink(missing_ok=True)
        return made

    def fetch(self, referral_id: str, number: int | None, *, by: Actor) -> tuple[Path, Made]:
        """The file of a package (None: the last one), once it is noted that `by` takes it into their hands.

        Raises NotFound, Conflict when the file is gone or is not the one that was made.
        """
        with self.store.transaction() as connection:
            number = number or queries.get(connection, referral_id).package
            made = actions.fetched(connection, referral_id, number, by=by, now=self.clock())
        path = self._path(referral_id, made.number)
        if not path.is_file() or _sha256(path) != made.sha256:
            raise Conflict(
                "the file of this package is missing or is not the one that was made; restore AGORA_HOME/referrals "
                "from a backup, or make another package"
            )
        return path, made

    def ask_to_send(self, referral_id: str, *, by: Actor) -> Approval:
        """See `actions.ask_to_send`."""
        with self.store.transaction() as connection:
            return actions.ask_to_send(connection, referral_id, by=by, now=self.clock())

    def send(self, referral_id: str, approval_id: str, *, by: Actor) -> Referral:
        """See `actions.send`."""
        with self.store.transaction() as connection:
            return actions.send(connection, referral_id, approval_id, by=by, now=self.clock())

    def move(self, referral_id: str, verb: Verb, *, by: Actor, reference: str | None = None) -> Referral:
        """See `actions.move`."""
        with self.store.transaction() as connection:
            return actions.move(connection, referral_id, verb, by=by, now=self.clock(), reference=reference)

    def report(self, referral_id: str, figures: Figures, *, by: Actor, at: datetime | None = None) -> Outcome:
        """See `actions.report`."""
        now = self.clock()
        with self.store.transaction() as connection:
            return actions.report(connection, referral_id, figures, at=at or now, by=by, now=now)

    def years(self, first: int, last: int) -> list[Year]:
        """What came of referrals, by years. Raises Invalid for years that are none, or more than fifty."""
        if not 1970 <= first <= last <= 9998 or last - first >= 50:
            raise Invalid("give a first and a last year, at most fifty of them, from 1970 on")
        with self.store.reading() as connection:
            return queries.years(connection, first, last)

    def _dossier(self, connection: sa.Connection, referral: Referral, now: datetime, *, personal: bool) -> Dossier:
        about = referral.about
        if about.kind == "campaign":
            return CampaignDossier(self.traces.traces(about.id), personal=personal)
        return SubjectDossier(connection, about, self.policy, now=now, personal=personal)

    def _agreed(
        self, referral: Referral, dossier: Dossier, approval_id: str | None, by: Actor, now: datetime
    ) -> Agreed | None:
        if approval_id is None:
            return None
        suspects = [
            f"{each.kind}:{each.id}" for each in dossier.people() if each.role == "suspect" and each.kind in VAULT_KINDS
        ]
        with self.store.transaction() as connection:
            purpose = actions.spend_personal(
                connection, referral.referral_id, approval_id, policy=self.policy, by=by, now=now
            )  # fmt: skip
            if purpose.kinds and len(suspects) > purpose.people:
                raise Conflict(
                    f"the matter has {len(suspects)} suspects, and the approval is for {purpose.people}; ask again"
                )
            why = f"referral:{referral.referral_id}:{purpose.purpose}"
            opened = self.reads(connection, suspects, purpose.kinds, why, by, now) if purpose.kinds else None
            return Agreed(opened=opened, papers=frozenset(purpose.papers), why=why)

    def _written(
        self, referral: Referral, dossier: Dossier, agreed: Agreed | None, draft: Path, by: Actor, now: datetime
    ) -> Manifest:  # fmt: skip
        def content(each: Attached) -> bytes:
            assert agreed is not None, "nothing is handed over that nobody agreed to"
            with self.store.transaction() as reading:  # the trace is kept, whatever becomes of the package
                return self.papers.content(reading, each.paper, agreed.why, by, now)

        with self.store.reading() as after:  # the checkpoint is newer than what `connection` sees
            custody = queries.custody(after, referral.referral_id)
            case = [("case", referral.because)] if referral.because else []
            entries = [
                entry for kind, name in [*dossier.subjects, *case]
                for entry in entries_about(after, kind, _audited(kind, name))
            ]  # fmt: skip
            contents = Contents(
                referral=referral, authority=self.policy.authority(referral.authority), number=referral.package + 1,
                made_at=rfc3339(now), dossier=dossier, custody=custody,
                indexes=[*(each.audit_index for each in custody), *(each.index for each in entries)],
                origin=origin(after, referral.because) if referral.because else None,
                proofs=Proofs(after), personal=agreed.opened if agreed else None, content=content,
                documents=attached(self._attached(after, referral.because), agreed.papers if agreed else ()),
            )  # fmt: skip
            return write(contents, draft, self.key(), str(self.audit_key().verifier))

    def _attached(self, connection: sa.Connection, case_id: str | None) -> list[tuple[Paper, bool]]:
        return self.papers.of_case(connection, case_id) if case_id is not None else []

    def _keep(self, referral_id: str, made: Made, draft: Path, by: Actor, now: datetime) -> None:
        with self.store.transaction() as connection:
            actions.made(connection, referral_id, made, by=by, now=now)
            path = self._path(referral_id, made.number)
            # A file without its row is of no harm, a row without its file is; what a kill left is overwritten.
            draft.replace(path)

    def _draft(self, referral_id: str) -> Path:
        """An empty file beside the packages, which becomes one."""
        folder = self._path(referral_id, 0).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix="draft-", dir=folder)
        except OSError as error:
            raise Invalid(f"no package can be written into {folder} ({error.strerror})") from error
        os.close(handle)
        return Path(name)

    def _path(self, referral_id: str, number: int) -> Path:
        return self.folder / derived("d", referral_id) / f"{number}.zip"


def _audited(kind: str, name: str) -> str:
    """The id under which the audit log has it: that of a campaign may hold what an entry must not."""
    return derived("cp", name) if kind == "campaign" else name


def _made(file: Path, manifest: Manifest, number: int, by: Actor, now: datetime, *, personal: bool) -> Made:
    proved = manifest.facts.get("audit_entries", 0)
    return Made(
        number=number, made_at=now, made_by=str(by), bytes=file.stat().st_size, sha256=_sha256(file),
        manifest_sha256=hashlib.sha256(text_of(manifest)).hexdigest(), audit_entries=int(proved), personal=personal,
        facts=manifest.facts, totals=manifest.totals or {},
    )  # fmt: skip


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as there:
        while part := there.read(_PART):
            digest.update(part)
    return digest.hexdigest()
