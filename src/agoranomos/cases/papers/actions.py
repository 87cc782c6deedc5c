"""The verbs of attachments, given an open transaction: attach, open."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

import sqlalchemy as sa

from agoranomos.cases.desk import queries as cases
from agoranomos.cases.desk.tools import Tools, stepped
from agoranomos.cases.papers import queries
from agoranomos.cases.papers.looking import media_type, safe_name
from agoranomos.cases.papers.queries import Paper
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.ids import derived
from agoranomos.vault.actions import keep, reveal
from agoranomos.vault.tokens import Personal


def attach(
    connection: sa.Connection, tools: Tools, case_id: str, name: str, content: bytes, *, by: Actor, now: datetime
) -> Paper:  # fmt: skip
    """Attaches a file to a case; the same content again changes nothing. It is sealed under a key of the case, so that
    it can be erased; its id is a token of the vault, of the kind of photos. Raises NotFound, Invalid for what may not
    be kept, Conflict when there are too many.
    """
    limits = tools.policy.attachments
    kind = media_type(content, limits)
    case = cases.get(connection, case_id)
    sha256 = hashlib.sha256(content).hexdigest()
    paper = Paper(
        paper_id=derived("pic", case_id, sha256), case_id=case_id, name=safe_name(name), media_type=kind,
        size=len(content), sha256=sha256, at=now, by=str(by),
    )  # fmt: skip
    known = queries.of_case(connection, case_id)
    if found := next((each for each in known if each.paper_id == paper.paper_id), None):
        return found
    if len(known) >= limits.per_case:
        raise Conflict(f"a case has at most {limits.per_case} files; put what belongs together into one")
    text = base64.b64encode(content).decode()
    keep(connection, tools.vault, [Personal(paper.paper_id, f"case:{case_id}", text)], now=now)
    queries.add(connection, paper)
    params = {"paper_id": paper.paper_id, "media_type": kind, "size": paper.size, "sha256": sha256}
    stepped(connection, case, "attach", by=by, now=now, params=params)
    return paper


def open_paper(
    connection: sa.Connection, tools: Tools, case_id: str, paper_id: str, purpose: str, *, by: Actor, now: datetime
) -> tuple[Paper, bytes]:  # fmt: skip
    """A file of a case; that `by` opened it, and what for, is written down. Raises NotFound, also for what was erased,
    Invalid without a purpose.
    """
    case = cases.get(connection, case_id)
    paper = queries.get(connection, case_id, paper_id)
    text = reveal(connection, tools.vault, paper_id, purpose=purpose, actor=by, now=now)
    stepped(connection, case, "open_paper", by=by, now=now, params={"paper_id": paper_id})
    return paper, base64.b64decode(text)
