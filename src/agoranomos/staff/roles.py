"""What each role may do: the only place that says so.

Separation of duties (NIST SP 800-53, AC-5): whoever manages people and keys decides no cases, whoever audits changes
nothing, and a program never approves.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from agoranomos.kernel.errors import Invalid


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
    "checks.run": "ask for a check",
    "conduct.manage": "record intent, freeze and release money, appeals, certificates",
    "conduct.read": "see points, frozen money, appeals and credit of sellers",
    "decisions.read": "read decisions",
    "events.read": "read the event log",
    "events.write": "send events",
    "findings.read": "read findings",
    "keys.manage": "make, rotate and revoke API keys",
    "metrics.read": "read metrics",
    "notices.decide": "decide notices of rights holders",
    "notices.file": "file notices, and answer them for sellers",
    "notices.read": "read notices and statements of reasons",
    "people.manage": "add people, give and take roles",
    "programmes.approve": "be the second person for an enrolment",
    "programmes.manage": "ask for the enrolment of an offender, end one",
    "programmes.read": "see who is on the way back, and how far",
    "promotions.read": "see campaigns and what is given away, have campaigns checked before launch",
    "queues.read": "see what to look at first",
    "redress.read": "see what follows from confirmed fakes, and what stores owe",
    "rules.approve": "be the second person for a rule",
    "rules.read": "read rules, lists and snoozes",
    "rules.write": "propose rules, let them run in shadow, end them; lists and snoozes",
    "testbuys.approve": "be the second person for a plan of test buys",
    "testbuys.manage": "plan, draw and follow test buys, enter verdicts, see shoppers",
    "testbuys.read": "see plans, test buys and what they say of the shelf",
    "vault.erase": "ask for the erasure of a person's data, and do it once it is agreed to",
    "webhooks.manage": "say where actions are delivered, deliver again",
}
"""Every permission there is, and what it allows."""

_GOODS: Final = ("batches.read", "programmes.read", "testbuys.read")
_READING: Final = (
    "actions.read", "approvals.read", "conduct.read", "decisions.read", "findings.read", "notices.read",
    "promotions.read", "queues.read", "redress.read",
)  # fmt: skip
_WORKING: Final = (*_READING, "actions.request", "checks.run")
GRANTS: Final[dict[Role, frozenset[str]]] = {
    Role.ANALYST: frozenset(
        {
            *_WORKING,
            *_GOODS,
            "access.read",
            "approvals.decide",
            "conduct.manage",
            "events.read",
            "rules.approve",
            "rules.read",
            "rules.write",
        }
    ),
    Role.BRAND_PROTECTION: frozenset(
        {
            *_WORKING,
            *_GOODS,
            "approvals.decide",
            "conduct.manage",
            "notices.decide",
            "notices.file",
            "programmes.approve",
            "programmes.manage",
            "testbuys.approve",
            "testbuys.manage",
        }
    ),
    Role.CUSTOMER_SERVICE: frozenset({*_WORKING, "batches.read", "notices.file"}),
    Role.PROMOTION_MANAGER: frozenset({*_WORKING, "approvals.decide"}),
    Role.PRIVACY_OFFICER: frozenset(
        {
            *_WORKING,
            "access.approve",
            "access.manage",
            "access.read",
            "approvals.decide",
            "audit.read",
            "events.read",
            "vault.erase",
        }
    ),
    Role.AUDITOR: frozenset({*_READING, *_GOODS, "access.read", "audit.read", "events.read", "rules.read"}),
    Role.HEAD_OF_GOVERNANCE: frozenset(
        {
            *_READING,
            *_GOODS,
            "access.approve",
            "access.read",
            "approvals.decide",
            "audit.read",
            "metrics.read",
            "notices.decide",
            "programmes.approve",
            "rules.approve",
            "rules.read",
            "testbuys.approve",
        }
    ),
    Role.ADMIN: frozenset({"keys.manage", "metrics.read", "people.manage", "webhooks.manage"}),
}
FOR_PROGRAMS: Final = frozenset(PERMISSIONS) - {
    "access.approve", "approvals.decide", "keys.manage", "notices.decide", "people.manage", "programmes.approve",
    "rules.approve", "testbuys.approve",
}  # fmt: skip
"""What an API key may hold."""
DECIDING: Final = {
    "notice.decide": "notices.decide",
    "programme.enrol": "programmes.approve",
    "rule.promote": "rules.approve",
    "rule.rollback": "rules.approve",
    "testbuy.draw": "testbuys.approve",
}
"""What agreeing to a wish of this kind takes, beside `approvals.decide`."""


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
