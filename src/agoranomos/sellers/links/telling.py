"""From links to findings: on the application with which somebody comes back, and on the stores that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from agoranomos.engine.links.explaining import Explanation
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.sellers.links import wording
from agoranomos.sellers.links.model import Link, Seller, Store
from agoranomos.sellers.links.policy import Policy

RETURNED: Final = "sellers.returned_after_closure"
LINKED: Final = "sellers.linked_store"
VERSION: Final = "1"
_CERTAIN: Final = 0.99
"""The account itself is known."""


class Moment(NamedTuple):
    """When something is said (RFC 3339), and after which events."""

    at: str
    event_ids: tuple[str, ...]


def moment(event: Event) -> Moment:
    """That of an event."""
    return Moment(rfc3339(event.time), (event.id,))


def same_account(event: Event, seller: Seller, version: str) -> Finding:
    """A seller who is closed applies again under his own account."""
    reason = Reason(
        RETURNED,
        "The account that applies is one whose store was closed for a violation.",
        {"message_zh": "申请账号名下的店铺已因违规被关闭。", "closed_by": seller.because},
    )
    related = [Related("seller", seller.seller_id, "reference"), *_stores(seller.stores, "reference")]
    return _finding(RETURNED, _application(event), _CERTAIN, [reason], related, moment(event), version)


def returned(event: Event, root: Seller, links: Sequence[Link], policy: Policy) -> Finding:
    """Somebody comes back under another account: the closed seller `root`, as the first of `links` says, the likeliest;
    others may be accounts under which he has come back before.
    """
    best = links[0]
    english, chinese = wording.sentence(best.facts)
    evidence = {"seller_id": root.seller_id, **_evidence(best.explanation, chinese, "疑似被关闭店铺的卖家再次申请：")}
    message = f"Somebody whose store was closed for a violation seems to apply again: {english}."
    reasons = [Reason(RETURNED, message, evidence), *_facts(best)]
    related = [Related("seller", root.seller_id, "reference"), *_stores(root.stores, "reference")]
    related += [
        each for link in links[: policy.named_max]
        for each in (Related("seller", link.seller_id, "reference"), *_stores(link.stores, "reference"))
    ]  # fmt: skip
    return _finding(RETURNED, _application(event), best.probability, reasons, related, moment(event), policy.version)


def linked(
    said: Moment, store: Store, seller: Seller, link: Link | None, hit: str, cause: str, policy: Policy
) -> Finding:
    """A store to look at, as something befell another: of the same seller (`link` None), or of one who seems so."""
    befell, befell_zh = (
        ("was closed for a violation", "已因违规被关闭") if cause == "closed" else ("was found at fault", "被认定违规")
    )
    other = link.seller_id if link else seller.seller_id
    related = [Related("seller", other, "tie")]
    related += _stores([hit] if hit else link.stores[: policy.named_max] if link else (), "reference")
    if link is None:
        message, chinese = f"Another store of the same seller {befell}.", f"同一卖家的另一家店铺{befell_zh}。"
        if not hit:  # the case named none of his stores
            message, chinese = "A case against the seller was upheld.", "针对该卖家的案件已成立。"
        values: dict[str, Any] = {"message_zh": chinese, "cause": cause}
        reasons = [Reason(LINKED, message, values)]
        score = _CERTAIN
    else:
        english, chinese = wording.sentence(link.facts)
        values = {"cause": cause, **_evidence(link.explanation, chinese, f"一家{befell_zh}的店铺疑似同一经营者：")}
        message = f"A store that {befell} seems to be of the same hand: {english}."
        reasons = [Reason(LINKED, message, values), *_facts(link)]
        score = link.probability
    subject = Subject("store", store.store_id)
    return _finding(LINKED, subject, score, reasons, related, said, policy.version, store.told_at, store.revision)


def _evidence(found: Explanation, chinese: str, before: str) -> dict[str, Any]:
    """The waterfall: where the sum begins, what each fact adds, what another explanation takes off, and the total."""
    return {
        "message_zh": f"{before}{chinese}。",
        "probability": found.probability,
        "bits": {
            "start": found.start,
            **{f"{fact.field}.{fact.level}": fact.bits for fact in found.facts},
            "explained_otherwise": found.explained,
            "total": found.total,
        },
        "could_be": list(found.circumstances),
    }


def _facts(link: Link) -> list[Reason]:
    reasons = []
    for fact in link.facts:
        english, chinese = wording.words(fact)
        values = {**msgspec.to_builtins(fact), "message_zh": chinese}
        reasons.append(Reason(f"sellers.shared_{fact.field}", english, values))
    return reasons


def _application(event: Event) -> Subject:
    return Subject("application", event.data["application_id"])


def _stores(stores: Sequence[str], role: Any) -> list[Related]:
    return [Related("store", store_id, role) for store_id in stores]


def _finding(
    code: str, subject: Subject, score: float, reasons: Sequence[Reason], related: Sequence[Related], said: Moment,
    version: str, began_at: str = "", revision: int = 1,
) -> Finding:  # fmt: skip
    return Finding(
        id=finding_id(code, subject, began_at or said.at),
        at=said.at,
        code=code,
        subject=subject,
        score=score,
        reasons=tuple(reasons),
        related=tuple(dict.fromkeys(related)),
        revision=revision,
        event_ids=said.event_ids,
        detector=code,
        version=f"{VERSION}:{version}",
    )
