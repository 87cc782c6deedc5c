"""What is said of frozen money: findings, actions, and the decision on a payout."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Hit, Outcome
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.kernel.ids import derived
from agoranomos.kernel.ledger.model import Account, Entry
from agoranomos.kernel.schema.orders import PayoutRequested
from agoranomos.sellers.freeze.model import Freeze, Scope

NAME: Final = "sellers.freeze"
VERSION: Final = "1"
AT_RISK: Final = "sellers.payment_at_risk"
FROZEN: Final = "sellers.payment_frozen"
BY: Final = Actor("model", NAME)
FREEZE, RELEASE, EXPIRE = "payment.freeze", "payment.release", "payment.expire"
CHECK: Final = "payout"
_WORDS: Final[dict[str, tuple[float, str, str]]] = {
    "closed": (0.95, "The store was closed.", "店铺已被关闭。"),
    "complaint": (0.55, "The buyer complains, and suspects a fake.", "买家投诉并怀疑为假货。"),
    "notice": (0.95, "A rights holder's notice about it was upheld.", "权利人的投诉已成立。"),
    "return": (0.55, "The buyer sends it back and suspects a fake.", "买家以疑似假货为由退货。"),
    "returns": (0.7, "Several buyers suspect a fake.", "多名买家怀疑为假货。"),
    "testbuy": (0.95, "An appraiser found that goods of the listing are counterfeit.", "抽检鉴定为假货。"),
    "case": (0.95, "A case about it was upheld.", "相关案件已成立。"),
}


class Hands(Protocol):
    """Who carries out what is decided about money. `at_once`: what needs no second person is released as it is said."""

    @property
    def at_once(self) -> bool: ...

    def book(self, accounts: Sequence[Account], entries: Sequence[Entry]) -> None:
        """Writes `entries` into the ledger, all or none. Raises Conflict when there is not enough."""


class SaidOnly:
    """In a replay the sums of freezes are the books."""

    at_once = True

    def book(self, accounts: Sequence[Account], entries: Sequence[Entry]) -> None:
        """See `Hands`."""


def at_risk(scope: Scope, scope_id: str, cause: str, store_id: str, at: datetime, event_id: str) -> Finding:
    """Why money is frozen: the finding that the action rests on."""
    kind = cause.partition(":")[0]
    score, words, zh = _WORDS[kind]
    subject = Subject(scope, scope_id)
    related = (Related("store", store_id, "tie"),) if store_id and scope != "store" else ()
    return Finding(
        id=finding_id(AT_RISK, subject, cause), at=rfc3339(at), code=AT_RISK, subject=subject, score=score,
        reasons=(Reason(AT_RISK, words, {"cause": cause, "message_zh": zh}),), detector=AT_RISK, version=VERSION,
        related=related, event_ids=(event_id,),
    )  # fmt: skip


def freezing(freeze: Freeze, because: str, needs: Needs) -> Action:
    """Holds back the money; `amount` is what is known of it, where it is of one currency."""
    params: dict[str, Any] = {"until": rfc3339(freeze.ends_at)}
    if len(freeze.sums) == 1:
        currency, sums = next(iter(freeze.sums.items()))
        params["amount"] = {"amount": sums.held, "currency": currency}
    subject = Subject(freeze.scope, freeze.scope_id)
    return ask(FREEZE, subject, params, because, by=BY, at=rfc3339(freeze.begun_at), needs=needs)


def releasing(
    freeze: Freeze, currency: str, amount: int, because: tuple[str, ...], at: datetime, needs: Needs, *, by: Actor = BY
) -> Action:
    """Gives free so much of what is held."""
    params = {"amount": {"amount": amount, "currency": currency}}
    return ask(RELEASE, Subject(freeze.scope, freeze.scope_id), params, because, by=by, at=rfc3339(at), needs=needs)


def expiring(freeze: Freeze, needs: Needs) -> Action:
    """The longest time is over: everything is given free."""
    params = {"since": rfc3339(freeze.begun_at)}
    at = rfc3339(freeze.ends_at)
    return ask(EXPIRE, Subject(freeze.scope, freeze.scope_id), params, freeze.freeze_id, by=SYSTEM, at=at, needs=needs)


def decided(
    body: PayoutRequested, event: tuple[str, str], at: datetime, freezes: Sequence[Freeze], free: int, version: str
) -> Decision:
    """On a payout: held while money that it asks for is frozen. `free` is what the store may ask for."""
    outcome = Outcome.HOLD if freezes else Outcome.APPROVE
    frozen = sum(
        each.sums[body.amount.currency].held for each in freezes if body.amount.currency in each.sums
    )  # fmt: skip
    values = {
        "freeze_ids": [each.freeze_id for each in freezes][:20], "frozen": frozen, "free": free,
        "currency": body.amount.currency,
    }  # fmt: skip
    words = "Money that this payout asks for is frozen; the rest may be asked for apart."
    zh = "该提现包含被冻结的款项；其余款项可另行申请。"
    reasons = (Reason(FROZEN, words, {**values, "message_zh": zh}),) if freezes else ()
    hits = (Hit(FROZEN, outcome, 1.0, "live", values),) if freezes else ()
    until = max((each.ends_at for each in freezes), default=None)
    return Decision(
        id=derived("d", CHECK, *event, body.payout_id), at=rfc3339(at), check=CHECK,
        subject=Subject("store", body.store_id), outcome=outcome, score=1.0 if freezes else 0.0, reasons=reasons,
        hits=hits, policy_version=version, expires_at=rfc3339(until) if until is not None else None,
    )  # fmt: skip
