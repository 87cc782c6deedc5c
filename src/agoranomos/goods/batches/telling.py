"""The finding on a batch that something speaks against, and what is to be done about what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.goods.batches.model import Share, Trace, Why
from agoranomos.goods.batches.policy import Policy
from agoranomos.goods.evidence.model import PRIOR, Weight, log_odds, probability
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id

CODE: Final = "goods.batch_condemned"
INFORM: Final = "buyer.inform"
RELATED_MAX: Final = 500
"""Of each kind; a trace lists all."""
CERTAIN: Final = 1.0
OPPOSITE: Final = {
    "listing.remove": "listing.restore", "shipment.stop": "shipment.resume", "buyer.inform": "buyer.correct",
}  # fmt: skip
"""What takes an action back when nothing speaks against the batch any more."""
OVER: Final = round(probability(PRIOR), 2)
"""The score of a batch of which nothing but what is usual is known."""
_WHY: Final[dict[Why, tuple[str, str]]] = {
    "condemned": ("The batch was condemned.", "该批次已被判定不合格。"),
    "inspection": ("The batch failed its inspection.", "该批次验货未通过。"),
    "appraisal": ("An article of the batch was appraised as counterfeit.", "该批次中有商品经鉴定为假货。"),
}


_NOTHING_LEFT: Final = (
    "The appraisal was overturned; nothing speaks against the batch any more.",
    "鉴定结论已被推翻，目前没有不利于该批次的证据。",
)


class Asked(msgspec.Struct):
    """What was asked for, and how sure it was then that it is of the batch."""

    kind: str
    subject: Subject
    params: dict[str, Any]
    chance: float


def finding_of(
    found: Trace, policy: Policy, *, at: str, began_at: str, revision: int, version: str, event_ids: tuple[str, ...]
) -> Finding:
    """The finding on the batch of a trace; when nothing speaks against it any more, the last revision says so."""
    batch = found.batch
    subject = Subject("batch", batch.batch_id)
    message, message_zh = _WHY[batch.why] if batch.why else _NOTHING_LEFT
    return Finding(
        id=finding_id(CODE, subject, began_at),
        at=at,
        code=CODE,
        subject=subject,
        score=policy.scores.of(batch.why) if batch.why else OVER,
        reasons=(Reason(CODE, message, {"why": batch.why, "message_zh": message_zh}), _reach(found), *_source(found)),
        detector=CODE,
        version=version,
        related=tuple(_related(found)),
        revision=revision,
        event_ids=event_ids,
    )


def actions_of(
    found: Trace, finding: Finding, policy: Policy, needs: Needs, by: Actor, asked: dict[str, Asked],
    told_elsewhere: Callable[[Share], bool],
) -> Iterator[Action]:  # fmt: skip
    """What the policy asks for about listings, parcels on their way, and buyers; the surest first.

    Nothing is asked for twice, unless what was likely has become certain; a buyer is told once of the goods of each
    listing in an order. `asked` remembers it.
    `told_elsewhere`: whether another room tells the buyer of this order.
    """
    if finding.score < policy.measures.score:
        return
    for kind, subject, chance, params in _wanted(found, policy, told_elsewhere):
        key = f"{kind} {subject.id}"
        if kind == INFORM and key in asked and asked[key].params["listing_id"] != params["listing_id"]:
            key = f"{key} {params['listing_id']}"  # further goods of the same order
        before = asked.get(key)
        if before is not None and (before.chance >= CERTAIN or chance < CERTAIN or kind == INFORM):
            continue
        if before is None and len(asked) >= policy.actions_max:
            continue
        asked[key] = Asked(kind, subject, params, chance)
        yield ask(kind, subject, params, finding.id, by=by, at=finding.at, needs=needs)


def taken_back(asked: Iterable[Asked], because: str, *, at: str, by: Actor, needs: Needs) -> Iterator[Action]:
    """The opposite of all that was asked for; `because`: the case that says so."""
    for each in asked:
        yield ask(OPPOSITE[each.kind], each.subject, each.params, because, by=by, at=at, needs=needs)


def _wanted(
    found: Trace, policy: Policy, told_elsewhere: Callable[[Share], bool]
) -> Iterator[tuple[str, Subject, float, dict[str, Any]]]:
    """What is called for, about what, how sure it is that it is of the batch, and what is said beside."""
    measures = policy.measures
    for listing in found.listings:
        if listing.share >= measures.listing_remove:
            yield "listing.remove", Subject("listing", listing.listing_id), CERTAIN, {}
    by_order: dict[str, list[Share]] = {}
    for each in found.orders:
        by_order.setdefault(each.order_id, []).append(each)
    for order_id, lines in by_order.items():
        order, batch = Subject("order", order_id), {"batch_id": found.batch.batch_id}
        # What goes out goes out together: called back when any of it is of the batch …
        any_of_it = round(1.0 - math.prod(1.0 - each.probability for each in lines), 3)
        if lines[0].stage in ("waiting", "on_the_way") and any_of_it >= measures.shipment_stop:
            yield "shipment.stop", order, any_of_it, batch | {"probability": any_of_it}
        for each in lines:  # … and a buyer is told which goods, and what each of them may be.
            chance = round(each.probability, 3)
            if each.stage not in ("on_the_way", "delivered") or each.probability < measures.buyer_inform:
                continue
            if not told_elsewhere(each):
                whom = {"buyer_id": each.buyer_id, "listing_id": each.listing_id, "offer": "return"}
                yield INFORM, order, chance, batch | {"probability": chance} | whom


def weights_of(found: Trace, policy: Policy, at: datetime) -> Iterator[Weight]:
    """What it means for each listing: an article that it sends is of this batch with so much probability."""
    sure = policy.scores.of(found.batch.why) if found.batch.why else 0.0
    for listing in found.listings:
        chance = listing.share * sure
        weight = max(0.0, log_odds(chance) - PRIOR) if chance > 0.0 else 0.0
        if chance > 0.0 or found.batch.why is None:
            yield Weight(
                subject=Subject("listing", listing.listing_id), source="batch", code=CODE, key=found.batch.batch_id,
                weight=round(weight, 4), at=at, store_id=found.batch.store_id,
                message=f"{listing.share:.0%} of what the listing sends is of a batch that something speaks against.",
                message_zh=f"该商品发出的货物中有 {listing.share:.0%} 来自存疑批次。",
            )  # fmt: skip


def _reach(found: Trace) -> Reason:
    by_stage = {stage: _count(found.orders, stage) for stage in ("waiting", "on_the_way", "delivered")}
    values: dict[str, Any] = {
        "listings": len(found.listings), "orders": len(found.orders), "orders_certain": found.certain,
        "orders_expected": found.expected, "buyers": len(found.buyers), "orders_by_stage": by_stage,
        "message_zh": (
            f"涉及 {len(found.listings)} 个商品、{len(found.orders)} 个订单"
            f"（确定 {found.certain} 个，预计 {found.expected:g} 个）、{len(found.buyers)} 位买家。"
        ),
    }  # fmt: skip
    if found.stock is not None:
        values["stock_expected"] = found.stock.expected
        values["stock_least"], values["stock_most"] = found.stock.least, found.stock.most
    words = (
        f"It feeds {len(found.listings)} listings; {len(found.orders)} orders may hold articles of it, "
        f"{found.certain} certainly, {found.expected:g} by expectation, of {len(found.buyers)} buyers."
    )
    return Reason("goods.batch_reach", words, values)


def _source(found: Trace) -> Iterator[Reason]:
    batch = found.batch
    if batch.supplier_id is None and batch.factory is None:
        return
    spoken = sum(each.why is not None for each in found.kin)
    values = {
        "supplier_id": batch.supplier_id, "factory": batch.factory, "batches": len(found.kin),
        "batches_condemned": spoken,
        "message_zh": f"同一供应商或工厂另有 {len(found.kin)} 个批次，其中 {spoken} 个也有问题。",
    }  # fmt: skip
    words = f"{len(found.kin)} other batches came from the same supplier or factory; something speaks against {spoken}."
    yield Reason("goods.batch_source", words, values)


def _related(found: Trace) -> Iterator[Related]:
    for listing in found.listings[:RELATED_MAX]:
        yield Related("listing", listing.listing_id, "member")
    for order_id in list(dict.fromkeys(each.order_id for each in found.orders))[:RELATED_MAX]:
        yield Related("order", order_id, "victim")
    for buyer in found.buyers[:RELATED_MAX]:
        yield Related("account", buyer.buyer_id, "victim")
    if found.batch.store_id:
        yield Related("store", found.batch.store_id, "tie")
    for kin in found.kin[:RELATED_MAX]:
        yield Related("batch", kin.batch_id, "tie")


def _count(orders: tuple[Share, ...], stage: str) -> int:
    return sum(each.stage == stage for each in orders)
