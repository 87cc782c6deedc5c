"""What is said of a recall: the finding, and the actions for the marketplace to carry out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from agoranomos.enforcement.model import Want
from agoranomos.enforcement.policy import Policy
from agoranomos.engine.stream.monitor import Output
from agoranomos.goods.redress.letters import CORRECT, INFORM
from agoranomos.goods.redress.model import WHOLE, Line, Recall
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id

NAME: Final = "goods.redress"
VERSION: Final = "2"
CODE: Final = "goods.confirmed_fake"
SCORE: Final = 0.98
"""An appraiser, a case or a decided notice says so; appeals turn some of them."""
BY: Final = Actor("model", NAME)
STOP, REFUND = "shipment.stop", "order.refund"
RESUME: Final = "shipment.resume"
_CAUSES: Final = {
    "testbuy": ("An appraiser found that goods of the listing are counterfeit.", "鉴定人认定该商品为假货。"),
    "case": ("A case about the listing was upheld.", "关于该商品的案件已成立。"),
    "notice": ("A notice that calls the goods counterfeit was upheld.", "称该商品为假货的通知已成立。"),
}


class Hands(Protocol):
    """Who carries out what is decided about a recall."""

    def act(self, recall: Recall, finding: Finding, lines: Sequence[Line], at: datetime) -> tuple[Recall, list[Output]]:
        """Asks for what becomes of `lines`; the recall with what was asked for, and what is to be said."""

    def undo(self, recall: Recall, lines: Sequence[Line], why: str, at: datetime) -> list[Output]:
        """Takes back what can be, of all `lines`; `why` is the case that says so. What is to be said."""


class SaidOnly:
    """In a replay actions are said and not carried out; `policy` says which of them would wait for a second person."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def act(self, recall: Recall, finding: Finding, lines: Sequence[Line], at: datetime) -> tuple[Recall, list[Output]]:
        """See `Hands`. They wait as one, as a measure does."""
        return recall, list(self._said(wants_of(recall, lines), finding.id, at))

    def undo(self, recall: Recall, lines: Sequence[Line], why: str, at: datetime) -> list[Output]:
        """See `Hands`. What was paid stays paid."""
        told = {"listing_id": recall.listing_id}
        wants = [Want(RESUME, Subject("order", line.order_id), told) for line in lines if line.stop]
        wants += [Want(CORRECT, Subject("order", line.order_id), told | _offer(line)) for line in lines]
        return list(self._said(wants, why, at))

    def _said(self, wants: Sequence[Want], because: str, at: datetime) -> list[Action]:
        by_kind: dict[str, list[dict[str, Any]]] = {}
        for want in wants:
            by_kind.setdefault(want.kind, []).append(want.params)
        waits = any(self._policy.entry(kind).needs_approval(params) for kind, params in by_kind.items())
        return [
            Action(
                id=want.action_id((because,)), at=rfc3339(at), kind=want.kind, subject=want.subject,
                params=want.params, because=(because,), requested_by=str(BY),
                status="proposed" if waits else "pending",
            )
            for want in wants
        ]  # fmt: skip


def wants_of(recall: Recall, lines: Sequence[Line]) -> list[Want]:
    """What is to be done about `lines`: parcels first, then money, then words."""
    about = {"listing_id": recall.listing_id}
    stops = [Want(STOP, Subject("order", line.order_id), about) for line in lines if line.stop]
    refunds = [refund_of(recall, line) for line in lines if line.refund.amount > 0]
    informs = [Want(INFORM, Subject("order", line.order_id), about | _offer(line)) for line in lines]
    return [*stops, *refunds, *informs]


def refund_of(recall: Recall, line: Line) -> Want:
    """The refund of one order; whoever pays it says so by `order.refunded` with the `action_id`."""
    params: dict[str, Any] = {
        "listing_id": recall.listing_id,
        "amount": {"amount": line.refund.amount, "currency": line.refund.currency},
    }
    if line.coupon_ids:
        params["coupon_ids"] = list(line.coupon_ids)
    return Want(REFUND, Subject("order", line.order_id), params)


def found(recall: Recall, at: datetime, share: float | None) -> Finding:
    """On the listing: its goods are fake; why, and what that comes to."""
    subject = Subject("listing", recall.listing_id)
    causes = tuple(
        Reason(
            f"goods.confirmed_by_{each.kind}", english, _evidence_of(each.id, each.batch_id) | {"message_zh": chinese}
        )
        for each in recall.standing
        for english, chinese in (_CAUSES[each.kind],)
    )
    return Finding(
        id=found_id(recall),
        at=rfc3339(at),
        code=CODE,
        subject=subject,
        score=SCORE,
        reasons=(*causes, _comes_to(recall), *_batches(recall, share)),
        detector=CODE,
        version=VERSION,
        related=tuple(
            Related("batch", each.batch_id, "reference") for each in recall.standing if each.batch_id is not None
        ),
        revision=recall.revision,
    )


def found_id(recall: Recall) -> str:
    """The id of the finding, which all that is done rests on."""
    return finding_id(CODE, Subject("listing", recall.listing_id), f"{rfc3339(recall.began_at)} {recall.number}")


def _comes_to(recall: Recall) -> Reason:
    words = f"{recall.informed} buyers are told, {recall.refunded} refunded, {recall.stopped} parcels stopped."
    evidence: dict[str, Any] = {
        "orders": recall.informed, "refunded": recall.refunded, "stopped": recall.stopped,
        "refunds": {each.currency: each.refund for each in recall.totals},
        "message_zh": (
            f"已告知 {recall.informed} 位买家，退款 {recall.refunded} 位，拦截包裹 {recall.stopped} 个。"
        ),
    }  # fmt: skip
    if recall.totals:
        most = max(recall.totals, key=lambda each: (each.paid, each.currency))
        evidence["exposure"] = {"amount": most.paid, "currency": most.currency}
    return Reason("goods.recalled", words, evidence)


def _batches(recall: Recall, share: float | None) -> tuple[Reason, ...]:
    batches = recall.batches()
    if batches is None:
        return ()
    if recall.only_shipped:
        words = (
            "An article of the batch, sold by another listing, is fake; this is about orders shipped from the batch."
        )
        zh = "同批次商品在其他商品链接下被鉴定为假货；此处仅涉及从该批次发出的订单。"
        evidence = {"batch_ids": sorted(batches), "message_zh": zh}
        return (Reason("goods.batch_of_other_listing", words, evidence),)
    known = "of no piece it is known" if share is None else f"it is {share:.0%} of the pieces of which it is known"
    words = f"Only a batch is known to be fake; {known} that they came from it."
    known_zh = "无一件可确定来自该批次" if share is None else f"已知来源的商品中有 {share:.0%} 来自该批次"
    shared: dict[str, Any] = {
        "batch_ids": sorted(batches),
        "share": share,
        "message_zh": f"仅确认一个批次为假货；{known_zh}。",
    }
    return (Reason("goods.batch_shared", words, shared),)


def _offer(line: Line) -> dict[str, Any]:
    """Who is told, and what besides: the money comes, or the goods may be sent back."""
    offer = {"buyer_id": line.buyer_id, "offer": "refund" if line.basis in WHOLE else "return", "basis": line.basis}
    return offer if line.share is None else {**offer, "share": line.share}


def _evidence_of(cause_id: str, batch_id: str | None) -> dict[str, Any]:
    return {"id": cause_id} if batch_id is None else {"id": cause_id, "batch_id": batch_id}
