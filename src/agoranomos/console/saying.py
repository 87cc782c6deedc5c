"""What a form that was sent says, in the words of the page that it stands on: for whoever is asked before it is done.

Each form that asks has its fields here, by the beginning and the end of its address. What is not here is not shown, so
that no secret is ever shown by having been forgotten; a test holds the list against the templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Final, NamedTuple

from agoranomos.console.access.wording import TEXTS as ACCESS
from agoranomos.console.admin.wording import TEXTS as ADMIN
from agoranomos.console.approving.wording import TEXTS as APPROVING
from agoranomos.console.brands.wording import TEXTS as BRANDS
from agoranomos.console.deeds import deed
from agoranomos.console.inbox.wording import TEXTS as INBOX
from agoranomos.console.notices.wording import TEXTS as NOTICES
from agoranomos.console.referrals.wording import TEXTS as REFERRALS
from agoranomos.console.sellers.wording import TEXTS as SELLERS
from agoranomos.console.subjects.wording import TEXTS as SUBJECTS
from agoranomos.console.testbuys.wording import TEXTS as TESTBUYS
from agoranomos.console.wording import FRAME
from agoranomos.web.i18n import Catalogue, Language

WORDS: Final = reduce(
    Catalogue.__or__,
    (FRAME, ACCESS, ADMIN, APPROVING, BRANDS, INBOX, NOTICES, REFERRALS, SELLERS, SUBJECTS, TESTBUYS),
)
"""The words of all forms that ask."""


class Said(NamedTuple):
    """A field: the key of its label; what stands before a value in the key of its words ("" when it is shown as it is);
    values whose key is another one; the key of what it means to leave it empty ("" when that says nothing).
    """

    label: str
    values: str = ""
    others: Mapping[str, str] = {}
    empty: str = ""


_CHOSEN: Final = "sure.chosen"
ID: Final = Said("sure.about")
SILENT: Final = frozenset({"revision", "from", "cursor", "plan_id"})
"""Fields that say where one was or which version one saw, to the program alone."""


def _pressed(values: str = "", **others: str) -> Said:
    """A button that was pressed."""
    return Said(_CHOSEN, values, others)


_COUNTS: Final = ("cases", "suspects", "detained", "convicted", "involved", "recovered")
FORMS: Final[tuple[tuple[str, str, Mapping[str, Said]], ...]] = (
    ("/cases/", "/decide", {
        "outcome": Said("case.outcome", "case."), "clause": Said("case.clause"), "reason": Said("case.reason"),
        "action": Said("case.actions"),
    }),
    ("/notices/decide", "", {
        "outcome": Said("notice.outcome", "notice."), "except": Said("notice.except"), "reason": Said("notice.reason"),
        "approval_id": Said("sure.approval"),
    }),
    ("/notices/answer", "", {"statement": Said("notice.answer-text")}),
    ("/approvals/", "", {"answer": _pressed("approval.")}),
    ("/subjects/", "/actions", {"kind": Said("subject.ask-kind"), "because": Said("subject.ask-because")}),
    ("/brands/stores", "", {
        "store_ids": Said("sure.stores"), "answer": _pressed("brand.", open="brand.open-up"),
    }),
    ("/brands/decide", "", {"into": Said("brand.merge-into"), "answer": _pressed("brand.")}),
    ("/testbuys/plan", "", {"budget": Said("testbuys.budget"), "categories": Said("testbuys.categories")}),
    ("/testbuys/step", "", {"step": _pressed("plan.")}),
    ("/testbuys/move", "", {"state": Said("buy.move", "state."), "cost": Said("buy.cost")}),
    ("/testbuys/appraise", "", {
        "appraiser_id": Said("testbuys.appraiser"), "verdict": Said("buy.verdict", "verdict."),
        "cost": Said("buy.cost"), "batch_id": Said("buy.batch"),
    }),
    ("/sellers/appeals", "", {"ruling": _pressed(granted="appeals.grant", rejected="appeals.reject")}),
    ("/sellers/certification", "", {"cancel": Said("sure.about")}),
    ("/sellers/freezes/release", "", {
        "currency": Said("freeze.currency"), "amount": Said("sure.amount", empty="freeze.all"),
        "because": Said("freeze.because"), "lifts": _pressed(**{"1": "freeze.lifts"}),
    }),
    ("/sellers/intent", "", {
        "case_id": Said("referrals.case"), "intent": Said("seller.intent", "seller.intent."),
        "reasons": Said("seller.intent-reasons"),
    }),
    ("/access/exports", "", {"answer": _pressed("access.")}),
    ("/referrals/open", "", {
        "kind": Said("referrals.kind", "kind."), "about": Said("referrals.about-id"),
        "authority": Said("referrals.authority"), "case_id": Said("referrals.case"),
    }),
    ("/referrals/package", "", {"number": Said("referral.number")}),
    ("/referrals/send", "", {"approval_id": Said("sure.approval")}),
    ("/referrals/move", "", {
        "verb": Said("referral.move", "referral.verb."), "reference": Said("referral.reference"),
    }),
    ("/referrals/report", "", {name: Said(f"referral.count.{name}") for name in _COUNTS}),
    ("/people/change", "", {
        "role": Said("people.roles", "role."), "step": _pressed("people."),
    }),
    ("/keys", "", {"step": _pressed("keys.")}),
    ("/retention/lift", "", {"approval_id": Said("sure.approval")}),
    ("/actions/", "/undo", {}),
    ("/deliveries", "", {}),
    ("/promotions/incident", "", {}),
    ("/rules/", "", {}),
)  # fmt: skip
"""Where a form's address begins and ends, and what its fields say beside what it is about."""


def fields_of(path: str) -> Mapping[str, Said]:
    """The fields of the form at `path` that may be shown, the most exact address first."""
    found = [each for each in FORMS if path.startswith(each[0]) and path.endswith(each[1])]
    return {"id": ID, **(max(found, key=lambda each: len(each[0]))[2] if found else {})}


def said(
    path: str, about: Sequence[str], given: Iterable[tuple[str, str]], language: Language, clauses: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Label and value of whatever `given` says, in the order of the form.

    `about`: what the form is about, where it says so in words; else the id that it holds. `clauses`: the words of each
    clause of the policy of cases.
    """
    fields = fields_of(path)
    lines = [(WORDS.text(language, ID.label), each) for each in about]
    for name, value in given:
        field = fields.get(name)
        if field is None or (name == "id" and about):
            continue
        key = field.empty
        if value.strip():
            key = field.others.get(value, f"{field.values}{value}" if field.values else "")
        shown = clauses.get(value, value) if name == "clause" else value
        shown = WORDS.text(language, key) if key in _KEYS else shown
        if words := deed(value, language):
            shown = f"{words} ({value})"
        if shown.strip():
            lines.append((WORDS.text(language, field.label), shown))
    return lines


_KEYS: Final = frozenset(WORDS.keys)
