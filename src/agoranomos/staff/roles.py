"""What each role may do: the only place that says so.

Separation of duties (NIST SP 800-53, AC-5): whoever manages people and keys decides no cases, whoever audits changes
nothing, and a program never approves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

from agoranomos.kernel.errors import Forbidden, Invalid


class Role(StrEnum):
    """What a person is in the company."""

    ANALYST = "analyst"
    BRAND_PROTECTION = "brand_protection"
    CUSTOMER_SERVICE = "customer_service"
    PROMOTION_MANAGER = "promotion_manager"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"
    HEAD_OF_GOVERNANCE = "head_of_governance"
    ADMIN = "admin"


PERMISSIONS: Final[dict[str, str]] = {
    "access.approve": "agree that data leave as a file or for another region",
    "access.manage": "plant canaries, ask for exports, give readers limits, make the scope of a breach",
    "access.read": "see who reads people, how many, and what leaves",
    "actions.read": "see what was done and is to be done",
    "actions.request": "ask for an action, stop the brake, undo a bulk measure",
    "approvals.decide": "be the second person",
    "approvals.read": "see what waits for a second person",
    "audit.read": "read the audit log and its proofs",
    "batches.read": "trace batches of goods to listings, orders and buyers",
    "brands.manage": "accept, merge and reject brands, say which stores may sell them",
    "brands.read": "see the brand registry and what was proposed for it",
    "cases.lead": "pick, assign and bulk decide cases, and those that were escalated",
    "cases.quality": "seed known cases, measure decisions, fit scores to them",
    "cases.read": "see cases and queues",
    "cases.work": "take the next case and decide it",
    "checks.run": "ask for a check",
    "conduct.manage": "record intent, freeze and release money, appeals, certificates",
    "conduct.read": "see points, frozen money, appeals and credit of sellers",
    "decisions.read": "read decisions",
    "events.read": "read the event log",
    "events.write": "send events",
    "findings.read": "read findings",
    "harassment.report": "report harassment for a buyer, who is protected at once",
    "insiders.read": "see what was found about the staff",
    "keys.manage": "make, rotate and revoke API keys",
    "metrics.read": "read metrics",
    "notices.decide": "decide notices of rights holders",
    "notices.file": "file notices, and answer them for sellers",
    "notices.read": "read notices and statements of reasons",
    "numbers.manage": "bind, rotate and end virtual numbers",
    "numbers.read": "see the virtual numbers of orders, but for their digits, and how often they were called",
    "numbers.route": "ask whether a call of a virtual number is put through",
    "people.manage": "add people, give and take roles",
    "programmes.approve": "be the second person for an enrolment",
    "programmes.manage": "ask for the enrolment of an offender, end one",
    "programmes.read": "see who is on the way back, and how far",
    "promotions.read": "see campaigns and what is given away, have campaigns checked before launch",
    "queues.read": "see what to look at first",
    "referrals.approve": "be the second person for what goes to an authority",
    "referrals.manage": "refer matters to authorities, make and fetch packages, note outcomes",
    "referrals.read": "see what was referred, and what came of it",
    "reports.make": "have integrity reports made",
    "reports.read": "read integrity reports with all their rows",
    "redress.read": "see what follows from confirmed fakes, and what stores owe",
    "retention.approve": "be the second person for the end of a hold",
    "retention.manage": "place holds, ask to lift them",
    "retention.read": "see how long data is kept, holds and runs",
    "reviews.read": "see the scores of stores, and what was bought, extorted or pressed for",
    "rules.approve": "be the second person for a rule",
    "rules.read": "read rules, lists and snoozes",
    "rules.write": "propose rules, let them run in shadow, end them; lists and snoozes",
    "testbuys.approve": "be the second person for a plan of test buys",
    "testbuys.manage": "plan, draw and follow test buys, enter verdicts, see shoppers",
    "testbuys.read": "see plans, test buys and what they say of the shelf",
    "vault.approve": "be the second person when somebody wants to read many people's data",
    "vault.erase": "ask for the erasure of a person's data, and do it once it is agreed to",
    "vault.read": "see who read personal data, under which permit, and what shows an erasure",
    "vault.reveal": "read personal data back, for a purpose and a case",
    "vault.search": "find of whom a telephone number, a name or another value is kept",
    "webhooks.manage": "say where actions are delivered, deliver again",
}
"""Every permission there is, and what it allows."""

_GOODS: Final = ("batches.read", "programmes.read", "testbuys.read")
_READING: Final = (
    "actions.read", "approvals.read", "brands.read", "cases.read", "conduct.read", "decisions.read", "findings.read",
    "notices.read", "promotions.read", "queues.read", "redress.read", "reviews.read",
)  # fmt: skip
_WORKING: Final = (*_READING, "actions.request", "checks.run")
GRANTS: Final[dict[Role, frozenset[str]]] = {
    Role.ANALYST: frozenset(
        {
            *_WORKING,
            *_GOODS,
            "access.read",
            "approvals.decide",
            "cases.work",
            "conduct.manage",
            "events.read",
            "harassment.report",
            "numbers.read",
            "referrals.manage",
            "referrals.read",
            "rules.approve",
            "rules.read",
            "rules.write",
            "vault.reveal",
            "vault.search",
        }
    ),
    Role.BRAND_PROTECTION: frozenset(
        {
            *_WORKING,
            *_GOODS,
            "approvals.decide",
            "brands.manage",
            "cases.work",
            "conduct.manage",
            "notices.decide",
            "notices.file",
            "programmes.approve",
            "programmes.manage",
            "referrals.manage",
            "referrals.read",
            "testbuys.approve",
            "testbuys.manage",
            "vault.reveal",
            "vault.search",
        }
    ),
    Role.CUSTOMER_SERVICE: frozenset(
        {
            *_WORKING,
            "batches.read",
            "cases.work",
            "harassment.report",
            "notices.file",
            "numbers.manage",
            "numbers.read",
        }
    ),
    Role.PROMOTION_MANAGER: frozenset({*_WORKING, "approvals.decide", "cases.work"}),
    Role.PRIVACY_OFFICER: frozenset(
        {
            *_WORKING,
            "access.approve",
            "access.manage",
            "access.read",
            "approvals.decide",
            "audit.read",
            "cases.work",
            "events.read",
            "numbers.manage",
            "numbers.read",
            "referrals.approve",
            "referrals.read",
            "retention.approve",
            "retention.manage",
            "retention.read",
            "vault.approve",
            "vault.erase",
            "vault.read",
            "vault.reveal",
            "vault.search",
        }
    ),
    Role.AUDITOR: frozenset(
        {
            *_READING,
            *_GOODS,
            "access.read",
            "audit.read",
            "events.read",
            "insiders.read",
            "numbers.read",
            "referrals.read",
            "reports.read",
            "retention.read",
            "rules.read",
            "vault.read",
        }
    ),
    Role.HEAD_OF_GOVERNANCE: frozenset(
        {
            *_READING,
            *_GOODS,
            "access.approve",
            "access.read",
            "approvals.decide",
            "audit.read",
            "cases.lead",
            "cases.quality",
            "cases.work",
            "metrics.read",
            "notices.decide",
            "programmes.approve",
            "referrals.approve",
            "referrals.read",
            "reports.make",
            "reports.read",
            "retention.approve",
            "retention.manage",
            "retention.read",
            "rules.approve",
            "rules.read",
            "testbuys.approve",
            "vault.approve",
            "vault.read",
        }
    ),
    Role.ADMIN: frozenset({"keys.manage", "metrics.read", "people.manage", "webhooks.manage"}),
}
FOR_PROGRAMS: Final = frozenset(PERMISSIONS) - {
    "access.approve", "approvals.decide", "cases.lead", "cases.quality", "cases.work", "insiders.read", "keys.manage",
    "notices.decide", "people.manage", "programmes.approve", "referrals.approve", "retention.approve", "rules.approve",
    "testbuys.approve", "vault.approve", "vault.reveal", "vault.search",
}  # fmt: skip
"""What an API key may hold."""
DECIDING: Final = {
    "calibration.apply": "rules.approve",
    "case.bulk": "cases.work",
    "notice.decide": "notices.decide",
    "programme.enrol": "programmes.approve",
    "referral.personal": "referrals.approve",
    "referral.send": "referrals.approve",
    "retention.lift": "retention.approve",
    "rule.promote": "rules.approve",
    "rule.rollback": "rules.approve",
    "testbuy.draw": "testbuys.approve",
    "vault.permit": "vault.approve",
}
"""What agreeing to a wish of this kind takes, beside `approvals.decide`."""


def may_decide(may: Callable[[str], bool], kind: str) -> bool:
    """Whether somebody may agree to, or refuse, a wish of this kind; `may` says which permissions they have."""
    return may("approvals.decide") and may(DECIDING.get(kind, "approvals.decide"))


def require_decider(may: Callable[[str], bool], kind: str) -> None:
    """Raises Forbidden, naming the permission that is missing; see `may_decide`."""
    if not may_decide(may, kind):
        needed = DECIDING.get(kind, "approvals.decide")
        raise Forbidden(f"deciding on this needs the permission {needed} as well")


def permissions_of(roles: Iterable[Role]) -> frozenset[str]:
    """What somebody with `roles` may do."""
    return frozenset().union(*(GRANTS[role] for role in roles))


def role_of(name: str) -> Role:
    """The role called `name`. Raises Invalid."""
    try:
        return Role(name)
    except ValueError:
        raise Invalid(f"there is no such role; the roles are {', '.join(Role)}", pointer="/role") from None


def scope_of(names: Iterable[str]) -> frozenset[str]:
    """The permissions `names` as the scope of an API key. Raises Invalid for what a program may not hold."""
    scope = frozenset(names)
    if not scope:
        raise Invalid("an API key needs at least one permission", pointer="/permissions")
    if wrong := sorted(scope - FOR_PROGRAMS):
        known = "of people only" if wrong[0] in PERMISSIONS else "unknown"
        reason = f"a permission is {known}; an API key may hold {', '.join(sorted(FOR_PROGRAMS))}"
        raise Invalid(reason, pointer="/permissions")
    return scope
