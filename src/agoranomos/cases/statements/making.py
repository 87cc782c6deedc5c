"""Statements of reasons of cases: what each party is told, as text and as data. Pure.

The data have the fields of Art. 17(3) of Regulation (EU) 2022/2065 (DSA) under the names and with the values of the
Commission's transparency database (https://transparency.dsa.ec.europa.eu/page/api-documentation). Whoever sends them
adds `territorial_scope` and `content_language`. A statement never names who complained or reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from agoranomos.cases.desk.deciding import party_of, statement_id
from agoranomos.cases.desk.model import Case, Part
from agoranomos.cases.policy import Clause
from agoranomos.cases.statements import wording
from agoranomos.cases.statements.wording import LANGS, Lang
from agoranomos.goods.notices.statements import APPEAL_DAYS
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.findings import Subject

_VISIBILITY: Final = {
    "listing.remove": "DECISION_VISIBILITY_CONTENT_REMOVED",
    "review.hold": "DECISION_VISIBILITY_CONTENT_DISABLED",
}
_PROVISION: Final = {
    "store.suspend": "DECISION_PROVISION_TOTAL_SUSPENSION", "store.close": "DECISION_PROVISION_TOTAL_TERMINATION",
    "principal.suspend": "DECISION_PROVISION_TOTAL_SUSPENSION",
    "principal.throttle": "DECISION_PROVISION_PARTIAL_SUSPENSION",
}  # fmt: skip
_MONETARY: Final = {"payment.freeze": "DECISION_MONETARY_SUSPENSION", "coupon.void": "DECISION_MONETARY_TERMINATION"}
_CONTENT: Final = {"listing": "CONTENT_TYPE_PRODUCT", "review": "CONTENT_TYPE_TEXT", "picture": "CONTENT_TYPE_IMAGE"}
_BUSINESS: Final = ("seller", "store", "application")


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What `party` is told about `subjects`; `text` by language, `dsa` the data for the transparency database.
    `measures`: kinds of actions that follow for them.
    """

    statement_id: str
    case_id: str
    party: Subject
    at: str
    subjects: tuple[Subject, ...]
    measures: tuple[str, ...]
    dsa: dict[str, Any]
    text: dict[Lang, str]


def statements(
    case: Case, clause: Clause, reason: str, measures: Mapping[Subject, Iterable[str]]
) -> list[Statement]:  # fmt: skip
    """One for each party against whom something was upheld; `measures`: what was asked for about which subject. Raises
    Conflict while nothing is decided.
    """
    if case.decision is None:
        raise Conflict("nothing is decided in this case yet; statements of reasons follow the decision")
    parties: dict[Subject, list[Part]] = {}
    for part in case.decision.parts if case.decision.outcome == "upheld" else ():
        party = party_of(part)
        if party is not None:
            parties.setdefault(party, []).append(part)
    return [_statement(case, party, parts, clause, reason, measures) for party, parts in parties.items()]


def _statement(
    case: Case, party: Subject, parts: list[Part], clause: Clause, reason: str,
    measures: Mapping[Subject, Iterable[str]],
) -> Statement:  # fmt: skip
    assert case.decision is not None, "only what is decided is told"
    concerned = {part.subject for part in parts} | {party}
    concerned |= {Subject("store", part.store_id) for part in parts if part.store_id is not None}
    follows = tuple(sorted({kind for subject in concerned for kind in measures.get(subject, ())}))
    name = statement_id(case.case_id, party)
    return Statement(
        statement_id=name, case_id=case.case_id, party=party, at=rfc3339(case.decision.at),
        subjects=tuple(part.subject for part in parts), measures=follows,
        dsa=_dsa(case, party, parts, name, clause, reason, follows),
        text={lang: _text(case, parts, name, clause, reason, follows, lang) for lang in LANGS},
    )  # fmt: skip


def _dsa(
    case: Case, party: Subject, parts: list[Part], name: str, clause: Clause, reason: str, follows: tuple[str, ...]
) -> dict[str, Any]:  # fmt: skip
    assert case.decision is not None, "only what is decided is told"
    illegal = clause.ground == "illegal"
    about = "illegal_content" if illegal else "incompatible_content"
    own = case.kind == "finding"
    contents = sorted({_CONTENT.get(part.subject.kind, "CONTENT_TYPE_OTHER") for part in parts})
    data: dict[str, Any] = {
        "puid": name,
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT" if illegal else "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        f"{about}_{'legal_ground' if illegal else 'ground'}": clause.en,
        f"{about}_explanation": reason,
        "category": f"STATEMENT_CATEGORY_{clause.category}",
        "content_type": contents,
        "account_type": "ACCOUNT_TYPE_BUSINESS" if party.kind in _BUSINESS else "ACCOUNT_TYPE_PRIVATE",
        "application_date": case.decision.at.date().isoformat(),
        "decision_facts": _facts(case, "en"),
        "source_type": "SOURCE_VOLUNTARY" if own else "SOURCE_TYPE_OTHER_NOTIFICATION",
        "automated_detection": "Yes" if own else "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }  # fmt: skip
    if "CONTENT_TYPE_OTHER" in contents:
        others = sorted({part.subject.kind for part in parts if part.subject.kind not in _CONTENT})
        data["content_type_other"] = ", ".join(others)
    seen = [_VISIBILITY[kind] for kind in follows if kind in _VISIBILITY]
    if seen:
        data["decision_visibility"] = seen
    for field, table in (("decision_provision", _PROVISION), ("decision_monetary", _MONETARY)):
        found = [table[kind] for kind in follows if kind in table]
        if found:
            data[field] = found[0]
    return data


def _facts(case: Case, lang: Lang) -> str:
    assert case.decision is not None, "only what is decided is told"
    own = case.kind == "finding"
    found = wording.FOUND[own][lang].format(opened=case.opened_at.date().isoformat(), count=case.findings)
    return wording.FACTS[lang].format(
        at=case.decision.at.date().isoformat(),
        case_id=case.case_id,
        found=found,
        automated=wording.AUTOMATED[own][lang],
    )


def _text(
    case: Case, parts: list[Part], name: str, clause: Clause, reason: str, follows: tuple[str, ...], lang: Lang
) -> str:  # fmt: skip
    said = clause.en if lang == "en" else clause.zh
    lines = [wording.TITLE[lang].format(statement_id=name), "", _facts(case, lang)]
    lines += [wording.CLAUSE[lang].format(clause=said), wording.REASON[lang].format(reason=reason), ""]
    lines += [
        wording.SUBJECT[part.overturned_by is not None][lang].format(kind=part.subject.kind, id=part.subject.id)
        for part in parts
    ]
    actions = ", ".join(follows) or wording.NOTHING[lang]
    return "\n".join(
        [*lines, wording.FOLLOWS[lang].format(actions=actions), "", wording.REDRESS[lang].format(days=APPEAL_DAYS)]
    )
