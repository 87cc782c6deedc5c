"""What is attached to the case that a referral comes from: a package lists all of it, and holds what two people agreed
to hand over. Nobody but a reader knows whom a letter or a photo is about, so each is personal data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.cases.desk.model import Decided
from agoranomos.cases.desk.queries import find
from agoranomos.cases.desk.tools import Tools
from agoranomos.cases.papers import queries
from agoranomos.cases.papers.actions import open_paper
from agoranomos.cases.papers.queries import Paper
from agoranomos.evidence.names import made_safe
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Subject
from agoranomos.vault.queries import find as sealed

HEADER: Final = (
    "number", "file", "sha256", "bytes", "media_type", "name", "attached_at", "attached_by", "paper_id", "withheld",
)  # fmt: skip
"""Of `documents.csv`."""
Withheld = Literal["", "not_agreed", "erased"]
_ENDINGS: Final = {
    "image/png": "png", "image/gif": "gif", "image/jpeg": "jpg", "image/webp": "webp", "application/pdf": "pdf",
    "application/zip": "zip", "text/plain": "txt",
}  # fmt: skip


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `documents.csv`. `file` is its name in the package, where it is; what it was called is told with it
    alone, as names of files name people. `withheld` says why it is not there.
    """

    paper: Paper
    number: int
    withheld: Withheld = ""

    @property
    def file(self) -> str:
        """The name in the package: a number, what remains of its own, and the ending that its bytes ask for."""
        if self.withheld:
            return ""
        stem = re.sub(r"\.[A-Za-z0-9]{1,10}$", "", self.paper.name)
        return f"documents/{self.number:02d}-{made_safe(stem, 'file')}.{_ENDINGS[self.paper.media_type]}"

    @property
    def row(self) -> tuple[object, ...]:
        """In the order of HEADER."""
        paper = self.paper
        return (
            self.number, self.file, paper.sha256, paper.size, paper.media_type, "" if self.withheld else paper.name,
            rfc3339(paper.at), paper.by, paper.paper_id, self.withheld,
        )  # fmt: skip


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The case that a referral comes from, as `case.json` tells it: what it is about, what was found, how it ended.
    What people wrote in it stays here.
    """

    case_id: str
    kind: str
    subject: Subject
    members: tuple[Subject, ...]
    codes: tuple[str, ...]
    opened_at: datetime
    decision: Decided | None


def origin(connection: sa.Connection, case_id: str) -> Origin | None:
    """None of a case that is kept elsewhere."""
    case = find(connection, case_id)
    return None if case is None else msgspec.convert(case, Origin, from_attributes=True)


class Papers(Protocol):
    """The attachments of cases."""

    def of_case(self, connection: sa.Connection, case_id: str) -> list[tuple[Paper, bool]]:
        """In order, each with whether its content is still there; none of a case that nobody knows."""

    def content(
        self, connection: sa.Connection, paper: Paper, purpose: str, by: Actor, now: datetime
    ) -> bytes:  # fmt: skip
        """The content; that it was read, by whom and for what is written down first."""


@dataclass(frozen=True, slots=True)
class CasePapers:
    """See `Papers`."""

    tools: Callable[[], Tools]

    def of_case(self, connection: sa.Connection, case_id: str) -> list[tuple[Paper, bool]]:
        """See `Papers`."""
        found = queries.of_case(connection, case_id)
        return [(each, sealed(connection, each.paper_id) is not None) for each in found]

    def content(self, connection: sa.Connection, paper: Paper, purpose: str, by: Actor, now: datetime) -> bytes:
        """See `Papers`."""
        opened = open_paper(connection, self.tools(), paper.case_id, paper.paper_id, purpose, by=by, now=now)
        return opened[1]


def attached(papers: Sequence[tuple[Paper, bool]], agreed: Collection[str]) -> list[Attached]:
    """The lines for `papers`, of which those with an id among `agreed` are handed over."""
    return [
        Attached(paper=paper, number=number, withheld=_withheld(paper, there, agreed))
        for number, (paper, there) in enumerate(papers, start=1)
    ]


def _withheld(paper: Paper, there: bool, agreed: Collection[str]) -> Withheld:
    if not there:
        return "erased"
    return "" if paper.paper_id in agreed else "not_agreed"
