"""The verbs of referrals, given an open transaction. Each is a link of the chain of custody: an entry of the audit log,
and a row that says which.

What leaves the house, and personal data in it, takes two people (`ask_to_send`, `ask_for_personal`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry, Param
from agoranomos.cases.referral import queries
from agoranomos.cases.referral.model import About, Figures, Made, Outcome, Referral, Step, Verb, new_referral
from agoranomos.cases.referral.policy import Policy
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals import actions as approvals
from agoranomos.kernel.approvals.model import Approval, Wanted
from agoranomos.kernel.dialects import take_turn
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.ids import derived, is_id
from agoranomos.staff import approving
from agoranomos.vault.tokens import Kind

PERSONAL: Final = "referral.personal"
SEND: Final = "referral.send"
_OPENING: Final = 0x7265666572  # "refer": the advisory lock of whoever opens one


class Purpose(msgspec.Struct, frozen=True, kw_only=True):
    """What personal data of how many suspects is needed for what: a code such as `criminal_complaint`. `papers` are the
    ids of attachments of the case that go along, exactly these.
    """

    purpose: str
    kinds: tuple[Kind, ...] = ()
    people: int = 0
    papers: tuple[str, ...] = ()


def open_referral(
    connection: sa.Connection, about: About, authority: str, *, because: str | None, policy: Policy, by: Actor,
    now: datetime,
) -> Referral:  # fmt: skip
    """Opens a referral of what `about` says to an authority of the policy; asking twice at one moment is asking once.

    Raises Invalid for what is no id or no authority, Conflict while another one about the same goes to the same.
    """
    policy.authority(authority)
    if not is_id(about.id) or (because is not None and not is_id(because)):
        raise Invalid("an id has 1 to 128 printable characters", pointer="/about/id")
    take_turn(connection, _OPENING)
    wanted = queries.Wanted(state="open", authority=authority, about_kind=about.kind, about_id=about.id)
    referral = new_referral(about, authority, because, str(by), now)
    if there := queries.listed(connection, wanted, after=None, limit=1):
        if there[0].referral_id == referral.referral_id:
            return there[0]
        raise Conflict(f"{there[0].referral_id} about the same is open; go on with it, or withdraw it")
    queries.add(connection, referral)
    _step(connection, referral, "open", by, now, params={"authority": authority})
    return referral


def ask_for_personal(
    connection: sa.Connection, referral_id: str, purpose: Purpose, *, policy: Policy, by: Actor, now: datetime
) -> Approval:
    """Asks a second person to agree that a package opens personal data of suspects. Raises NotFound, Conflict when it
    is not open any more, Invalid for what the authority may not be given.
    """
    referral = queries.get(connection, referral_id)
    referral.after("make", now)
    return approving.request(connection, personal_wanted(referral, purpose, policy), by=by, now=now)


def personal_wanted(referral: Referral, purpose: Purpose, policy: Policy) -> Wanted:
    """What a second person has to agree to. Raises Invalid for what the authority may not be given."""
    authority = policy.authority(referral.authority)
    if not (purpose.kinds or purpose.papers) or not set(purpose.kinds) <= set(authority.personal):
        named = ", ".join(authority.personal) or "nothing"
        raise Invalid(f"this authority may be given {named} of a suspect; see the policy", pointer="/kinds")
    if purpose.papers and not authority.attachments:
        raise Invalid("by the policy this authority is given no attachments", pointer="/attachments")
    if purpose.kinds and not 1 <= purpose.people <= policy.people_max:
        raise Invalid(f"one approval opens the data of 1 to {policy.people_max} people", pointer="/people")
    if not is_id(purpose.purpose) or any(map(str.isspace, purpose.purpose)) or "@" in purpose.purpose:
        raise Invalid("a purpose is a code without spaces, such as criminal_complaint", pointer="/purpose")
    params = {"purpose": purpose.purpose, "kinds": sorted(purpose.kinds), "people": purpose.people}
    params |= {"papers": sorted(purpose.papers)} if purpose.papers else {}
    return Wanted(kind=PERSONAL, subject_kind="referral", subject_id=referral.referral_id, params=params)


def spend_personal(
    connection: sa.Connection, referral_id: str, approval_id: str, *, policy: Policy, by: Actor, now: datetime
) -> Purpose:  # fmt: skip
    """Uses an approval for personal data, once; what it allows. Raises NotFound, Conflict as long as nobody agreed."""
    wanted = approvals.get(connection, approval_id).wanted
    if wanted.kind != PERSONAL or wanted.subject_id != referral_id:
        raise Conflict("this approval is for something else than personal data in a package of this referral")
    purpose = msgspec.convert(wanted.params, Purpose)
    referral = queries.get(connection, referral_id)
    approving.spend(connection, approval_id, personal_wanted(referral, purpose, policy), by=by, now=now)
    return purpose


def made(
    connection: sa.Connection, referral_id: str, package: Made, *, by: Actor, now: datetime
) -> Referral:  # fmt: skip
    """Keeps that a package was made. Raises Conflict when another one took its number meanwhile."""
    referral = queries.get(connection, referral_id).after("make", now)
    if package.number != referral.package + 1:
        raise Conflict("another package was made at the same time; look at it, and make another one if it is needed")
    referral = msgspec.structs.replace(referral, package=package.number)
    queries.change(connection, referral)
    queries.add_package(connection, referral_id, package)
    params: dict[str, Param] = {
        "package": package.number, "manifest_sha256": package.manifest_sha256, "personal": package.personal,
    }  # fmt: skip
    _step(connection, referral, "make", by, now, package=package, params=params)
    return referral


def fetched(connection: sa.Connection, referral_id: str, number: int, *, by: Actor, now: datetime) -> Made:
    """Notes that somebody takes a package into their hands; call it before it is handed out. Raises NotFound."""
    referral = queries.get(connection, referral_id)
    package = queries.package(connection, referral_id, number)
    _step(connection, referral, "fetch", by, now, package=package, params={"package": number})
    return package


def ask_to_send(connection: sa.Connection, referral_id: str, *, by: Actor, now: datetime) -> Approval:
    """Asks a second person to agree that the last package goes out. Raises NotFound, Conflict without one."""
    referral = queries.get(connection, referral_id)
    referral.after("send", now)
    return approving.request(connection, _send_wanted(connection, referral), by=by, now=now)


def send(
    connection: sa.Connection, referral_id: str, approval_id: str, *, by: Actor, now: datetime
) -> Referral:  # fmt: skip
    """Notes that the last package went out, once a second person has agreed to exactly that package."""
    referral = queries.get(connection, referral_id).after("send", now)
    approving.spend(connection, approval_id, _send_wanted(connection, referral), by=by, now=now)
    package = queries.package(connection, referral_id, referral.package)
    referral = msgspec.structs.replace(referral, sent=referral.package)
    queries.change(connection, referral)
    params: dict[str, Param] = {"package": package.number, "approval_id": approval_id}
    _step(connection, referral, "send", by, now, package=package, params=params)
    return referral


def move(
    connection: sa.Connection, referral_id: str, verb: Verb, *, by: Actor, now: datetime, reference: str | None = None
) -> Referral:
    """`receive`, `accept`, `reject`, `close` or `withdraw`; `reference` is the authority's number for it.

    Raises NotFound, Conflict when that is not possible from where it is, Invalid for a reference that is no id.
    """
    if reference is not None and not is_id(reference):
        raise Invalid("a reference has 1 to 128 printable characters", pointer="/reference")
    referral = queries.get(connection, referral_id).after(verb, now)
    referral = msgspec.structs.replace(referral, reference=reference or referral.reference)
    queries.change(connection, referral)
    params: dict[str, Param] = {} if reference is None else {"reference": derived("rn", reference)}
    _step(connection, referral, verb, by, now, params=params)
    return referral


def report(
    connection: sa.Connection, referral_id: str, figures: Figures, *, at: datetime, by: Actor, now: datetime
) -> Outcome:
    """Keeps what the authority reported, beside what it reported before. Raises NotFound; Conflict before it was
    accepted; Invalid for nothing, for a moment to come, and when more is taken back than was ever reported.
    """
    referral = queries.get(connection, referral_id).after("outcome", now)
    if not any(figures.counts):
        raise Invalid("a report has at least one figure")
    if at > now:
        raise Invalid("what is reported has happened already; give its moment", pointer="/at")
    before = queries.outcomes(connection, referral_id)
    _require_not_below_nothing([*(each.figures for each in before), figures])
    outcome = Outcome(number=len(before) + 1, at=at, figures=figures)
    queries.change(connection, referral)
    queries.add_outcome(connection, referral_id, outcome)
    told: dict[str, Param] = {**msgspec.structs.asdict(figures), "number": outcome.number}
    _step(connection, referral, "outcome", by, now, params=told)
    return outcome


def _require_not_below_nothing(reported: Sequence[Figures]) -> None:
    last = reported[-1]
    same = [each for each in reported if each.currency == last.currency]
    for name in (*queries.COUNTS, *queries.MONEY):
        if sum(getattr(each, name) for each in (reported if name in queries.COUNTS else same)) < 0:
            raise Invalid(f"more {name} would be taken back than were reported", pointer=f"/{name}")


def _send_wanted(connection: sa.Connection, referral: Referral) -> Wanted:
    if not referral.package:
        raise Conflict("there is no package yet: run agora referrals make")
    package = queries.package(connection, referral.referral_id, referral.package)
    params = {
        "package": package.number, "sha256": package.sha256, "authority": referral.authority,
        "personal": package.personal,
    }  # fmt: skip
    return Wanted(kind=SEND, subject_kind="referral", subject_id=referral.referral_id, params=params)


def _step(
    connection: sa.Connection, referral: Referral, verb: Verb, by: Actor, now: datetime, *,
    package: Made | None = None, params: dict[str, Param],
) -> None:  # fmt: skip
    number = queries.steps(connection, referral.referral_id) + 1
    told = {"step": number, **params} | ({"sha256": package.sha256} if package else {})
    entry = Entry(
        at=now, actor=by, verb=f"referral.{verb}", subject_kind="referral", subject_id=referral.referral_id, params=told
    )  # fmt: skip
    index = record(connection, entry)
    step = Step(
        number=number, at=now, actor=str(by), verb=verb, package=package.number if package else 0,
        sha256=package.sha256 if package else None, audit_index=index,
    )  # fmt: skip
    queries.add_step(connection, referral.referral_id, step)
