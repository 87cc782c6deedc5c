"""Who hears an event: the one table, and what comes of it for the transaction that takes events in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import sqlalchemy as sa

from agoranomos.access.harvest.telling import NAME as HARVEST_MONITOR
from agoranomos.access.insiders.telling import NAME as INSIDERS
from agoranomos.cases.desk.again import hear as hear_overturned
from agoranomos.goods.batches.monitor import NAME as BATCH_MONITOR
from agoranomos.goods.brands.actions import hear as hear_brand
from agoranomos.goods.complaints.monitor import NAME as COMPLAINT_MONITOR
from agoranomos.goods.listings.monitor import NAME as LISTING_MONITOR
from agoranomos.goods.notices.telling import NAME as NOTICE_DESK
from agoranomos.goods.pictures.monitor import NAME as PICTURE_MONITOR
from agoranomos.goods.programmes import actions as programmes
from agoranomos.goods.programmes.monitor import NAME as PROGRAMME_MONITOR
from agoranomos.goods.redress.telling import NAME as REDRESS_DESK
from agoranomos.goods.testbuys import actions as testbuys
from agoranomos.goods.testbuys.monitor import NAME as TESTBUY_MONITOR
from agoranomos.intake.actions import Hearer, Hearers
from agoranomos.kernel.events import Event
from agoranomos.promotions.campaigns.actions import hear as hear_campaign
from agoranomos.promotions.guard.actions import hear as hear_terms
from agoranomos.promotions.guard.monitor import NAME as GUARD
from agoranomos.promotions.lint.monitor import NAME as LINT
from agoranomos.promotions.tracing.monitor import NAME as RINGS
from agoranomos.reviews.anonymity.telling import NAME as ANONYMITY
from agoranomos.reviews.extortion.telling import NAME as EXTORTION
from agoranomos.reviews.numbers.telling import NAME as NUMBERS
from agoranomos.reviews.operators.telling import NAME as OPERATORS
from agoranomos.reviews.praise.telling import NAME as PRAISE
from agoranomos.reviews.pressure.telling import NAME as PRESSURE
from agoranomos.rules import cases
from agoranomos.sellers.appeals.telling import NAME as APPEALS_DESK
from agoranomos.sellers.certification.advising import NAME as CERTIFICATION
from agoranomos.sellers.freeze.telling import NAME as FREEZE_DESK
from agoranomos.sellers.identity.monitor import NAME as APPLICATION_MONITOR
from agoranomos.sellers.links.monitor import NAME as LINK_MONITOR
from agoranomos.sellers.points.telling import NAME as POINTS_DESK
from agoranomos.sellers.retaliation.monitor import NAME as RETALIATION_MONITOR

WHO_HEARS: Final[Mapping[str, tuple[Hearer | str, ...]]] = {
    "account.registered": (RETALIATION_MONITOR, GUARD, RINGS, PRAISE),
    "appeal.filed": (APPEALS_DESK,),
    "application.decided": (LINK_MONITOR,),
    "batch.condemned": (BATCH_MONITOR,),
    "brand.registered": (hear_brand, LISTING_MONITOR, PICTURE_MONITOR, NOTICE_DESK),
    "campaign.declared": (hear_campaign, hear_terms, GUARD, LINT),
    "campaign.ended": (hear_campaign, hear_terms, GUARD, LINT),
    "canary.planted": (HARVEST_MONITOR,),
    "case.decided": (
        cases.hear, hear_overturned, programmes.hear, PROGRAMME_MONITOR, NOTICE_DESK, REDRESS_DESK, POINTS_DESK,
        APPEALS_DESK, FREEZE_DESK, LINK_MONITOR, RETALIATION_MONITOR, TESTBUY_MONITOR, BATCH_MONITOR, INSIDERS,
    ),
    "certification.held": (CERTIFICATION,),
    "complaint.filed": (COMPLAINT_MONITOR, RETALIATION_MONITOR, APPEALS_DESK, FREEZE_DESK, ANONYMITY, HARVEST_MONITOR),
    "contact.made": (PRESSURE, HARVEST_MONITOR, OPERATORS, EXTORTION),
    "coupon.claimed": (GUARD, RINGS, HARVEST_MONITOR),
    "coupon.issued": (GUARD, RINGS),
    "coupon.redeemed": (GUARD, RINGS),
    "coupon.refunded": (GUARD, RINGS),
    "coupon.voided": (GUARD, RINGS),
    "course.completed": (POINTS_DESK,),
    "data.read": (HARVEST_MONITOR, OPERATORS, INSIDERS),
    "export.approved": (HARVEST_MONITOR, INSIDERS),
    "export.requested": (HARVEST_MONITOR, INSIDERS),
    "goods.received": (BATCH_MONITOR,),
    "harassment.reported": (NUMBERS, PRESSURE, HARVEST_MONITOR, OPERATORS, EXTORTION),
    "listing.removed": (LISTING_MONITOR, PICTURE_MONITOR),
    "listing.submitted": (
        LISTING_MONITOR, PICTURE_MONITOR, COMPLAINT_MONITOR, BATCH_MONITOR, NOTICE_DESK, REDRESS_DESK, LINK_MONITOR,
        ANONYMITY,
    ),
    "listing.updated": (
        LISTING_MONITOR, PICTURE_MONITOR, COMPLAINT_MONITOR, BATCH_MONITOR, NOTICE_DESK, REDRESS_DESK, LINK_MONITOR,
        ANONYMITY,
    ),
    "notice.countered": (NOTICE_DESK,),
    "notice.decided": (NOTICE_DESK, REDRESS_DESK, FREEZE_DESK),
    "notice.filed": (NOTICE_DESK, REDRESS_DESK, FREEZE_DESK),
    "number.bound": (ANONYMITY, NUMBERS, PRESSURE, HARVEST_MONITOR),
    "number.called": (NUMBERS, PRESSURE, HARVEST_MONITOR),
    "order.delivered": (BATCH_MONITOR, REDRESS_DESK, RINGS, ANONYMITY, NUMBERS),
    "order.placed": (
        COMPLAINT_MONITOR, BATCH_MONITOR, REDRESS_DESK, FREEZE_DESK, RETALIATION_MONITOR, GUARD, RINGS, ANONYMITY,
        HARVEST_MONITOR, PRAISE,
    ),
    "order.refunded": (BATCH_MONITOR, REDRESS_DESK, FREEZE_DESK, RINGS, ANONYMITY, EXTORTION),
    "order.shipped": (BATCH_MONITOR, REDRESS_DESK, RINGS),
    "partner.contracted": (HARVEST_MONITOR, OPERATORS),
    "payment.made": (RETALIATION_MONITOR, PRESSURE, OPERATORS, EXTORTION, PRAISE),
    "payout.requested": (FREEZE_DESK,),
    "payout.settled": (FREEZE_DESK,),
    "programme.milestone": (programmes.hear, PROGRAMME_MONITOR),
    "return.requested": (
        COMPLAINT_MONITOR, APPEALS_DESK, FREEZE_DESK, RETALIATION_MONITOR, ANONYMITY, HARVEST_MONITOR, EXTORTION,
    ),
    "review.deleted": (ANONYMITY, PRESSURE, OPERATORS, EXTORTION, PRAISE),
    "review.edited": (ANONYMITY, PRESSURE, OPERATORS, EXTORTION),
    "review.posted": (COMPLAINT_MONITOR, ANONYMITY, PRESSURE, HARVEST_MONITOR, OPERATORS, EXTORTION, PRAISE),
    "seller.applied": (APPLICATION_MONITOR, CERTIFICATION, LINK_MONITOR, RETALIATION_MONITOR),
    "session.started": (
        LINK_MONITOR, RETALIATION_MONITOR, GUARD, RINGS, PRESSURE, HARVEST_MONITOR, OPERATORS, EXTORTION, PRAISE,
    ),
    "staff.acted": (APPEALS_DESK, INSIDERS),
    "store.closed": (POINTS_DESK, FREEZE_DESK, LINK_MONITOR, RETALIATION_MONITOR),
    "store.opened": (
        programmes.hear, LISTING_MONITOR, PICTURE_MONITOR, PROGRAMME_MONITOR, POINTS_DESK, FREEZE_DESK, CERTIFICATION,
        LINK_MONITOR, RETALIATION_MONITOR, OPERATORS, EXTORTION, INSIDERS,
    ),
    "testbuy.appraised": (
        testbuys.hear, programmes.hear, TESTBUY_MONITOR, BATCH_MONITOR, PROGRAMME_MONITOR, REDRESS_DESK, APPEALS_DESK,
        FREEZE_DESK,
    ),
}  # fmt: skip
"""Event → who hears it: verbs, in the transaction that takes it into the log; monitors, by name, as they follow it;
those of the goods desk (`goods.…`) together, so that what they know of a listing is added up. Notices, redress and
programmes are monitors in a replay; live, notices and redress hear from tables behind the log (`goods.live`), and a
verb of programmes does the same within the transaction and seconds, as does one of applications (`sellers.rooms`).
Links follow the log by themselves (`sellers.links.service`), and so do what the check of reads counts
(`access.following`) and the scores of stores (`reviews.score.service`).

Rules hear beside them whatever the rules in use, and the features that these ask, look at.
"""


def hear_all(verbs: Sequence[Hearer], connection: sa.Connection, event: Event, now: datetime) -> None:
    """Lets each of `verbs` hear an event, in the order of the table."""
    for hear in verbs:
        hear(connection, event, now)


HEARERS: Final[Hearers] = {
    kind: partial(hear_all, verbs)
    for kind, ears in WHO_HEARS.items()
    if (verbs := [ear for ear in ears if not isinstance(ear, str)])
}
"""Who hears an event in the transaction that takes it into the log."""


def joined(first: Hearers, second: Hearers) -> Hearers:
    """Who hears what in both: first those of `first`."""
    kinds = dict.fromkeys((*first, *second))
    return {kind: partial(hear_all, [each[kind] for each in (first, second) if kind in each]) for kind in kinds}
