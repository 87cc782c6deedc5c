"""Statements of reasons: what each party is told about a decision, as text and as data.

The data have the fields of Art. 17(3) of Regulation (EU) 2022/2065 (DSA) under the names and with the values of the
Commission's transparency database (https://transparency.dsa.ec.europa.eu/page/api-documentation), as far as they are
known here: for the territories where a marketplace serves the European Union, whoever sends them adds
`territorial_scope` and `content_language`. A statement names the rights holder by id and never who filled in the form.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from agoranomos.goods.notices import wording
from agoranomos.goods.notices.model import Notice, Outcome
from agoranomos.goods.notices.telling import holder_of, statement_id
from agoranomos.goods.notices.wording import LANGS, Lang
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.findings import Subject

APPEAL_DAYS: Final = 183
"""At least six months from the decision (DSA Art. 20(1))."""
_KEYWORDS: Final = {
    "counterfeit": "KEYWORD_TRADEMARK_INFRINGEMENT",
    "trademark": "KEYWORD_TRADEMARK_INFRINGEMENT",
    "copyright": "KEYWORD_COPYRIGHT_INFRINGEMENT",
    "patent": "KEYWORD_PATENT_INFRINGEMENT",
}


class About(msgspec.Struct, frozen=True):
    """A listing and what was decided about it."""

    listing_id: str
    outcome: Outcome


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What `party` is told; `text` by language. `dsa`: data for the transparency database, when it is restricted."""

    statement_id: str
    notice_id: str
    party: Subject
    at: str
    listings: tuple[About, ...]
    dsa: dict[str, Any] | None
    text: dict[Lang, str]


def statements(notice: Notice, reason: str | None) -> list[Statement]:
    """One for the rights holder and one for each store. Raises Conflict while nothing is decided."""
    if notice.decided_at is None:
        raise Conflict("nothing is decided about this notice yet; statements of reasons follow the decision")
    parties = [holder_of(notice), *(Subject("store", each) for each in notice.stores())]
    return [_statement(notice, party, reason) for party in parties]


def _statement(notice: Notice, party: Subject, reason: str | None) -> Statement:
    assert notice.decided_at is not None, "only what is decided is told"
    listings = tuple(
        About(each.listing_id, each.outcome)
        for each in notice.own
        if each.outcome is not None and (party.kind == "principal" or each.store_id == party.id)
    )
    name = statement_id(notice, party)
    restricted = party.kind == "store" and any(each.outcome == "upheld" for each in listings)
    return Statement(
        statement_id=name,
        notice_id=notice.notice_id,
        party=party,
        at=rfc3339(notice.decided_at),
        listings=listings,
        dsa=_dsa(notice, name, reason) if restricted else None,
        text={lang: _text(notice, name, listings, reason, lang) for lang in LANGS},
    )


def _dsa(notice: Notice, name: str, reason: str | None) -> dict[str, Any]:
    """The statement in the form of the transparency database."""
    assert notice.decided_at is not None, "only what is decided is told"
    trusted = notice.standing == "trusted"
    return {
        "puid": name,
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": wording.GROUND["en"],
        "incompatible_content_explanation": _facts(notice, "en", reason),
        "incompatible_content_illegal": "Yes",
        "category": "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        "category_specification": [_KEYWORDS[notice.kind]],
        "content_type": ["CONTENT_TYPE_PRODUCT"],
        "account_type": "ACCOUNT_TYPE_BUSINESS",
        "application_date": notice.decided_at.date().isoformat(),
        "decision_facts": _facts(notice, "en", reason),
        "source_type": "SOURCE_TRUSTED_FLAGGER" if trusted else "SOURCE_ARTICLE_16",
        "source_identity": notice.rights_holder_id,
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }


def _facts(notice: Notice, lang: Lang, reason: str | None) -> str:
    assert notice.decided_at is not None, "only what is decided is told"
    facts = wording.FACTS[lang].format(
        filed=notice.filed_at.date().isoformat(),
        holder=notice.rights_holder_id,
        brand=notice.brand_id,
        kind=wording.KINDS[notice.kind][lang],
        answered=wording.ANSWERED[notice.countered_at is not None][lang],
        decided=notice.decided_at.date().isoformat(),
    )
    return facts if reason is None else f"{facts} {wording.REASON[lang].format(reason=reason)}"


def _text(notice: Notice, name: str, listings: tuple[About, ...], reason: str | None, lang: Lang) -> str:
    lines = [wording.TITLE[lang].format(statement_id=name), "", _facts(notice, lang, reason), ""]
    lines += [f"{each.listing_id}: {wording.OUTCOMES[each.outcome][lang]}" for each in listings]
    return "\n".join([*lines, "", wording.GROUND[lang], wording.REDRESS[lang].format(days=APPEAL_DAYS)])
