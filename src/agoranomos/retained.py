"""What is kept about people, in one table; what a hold covers; and what rooms forget when somebody is erased."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from agoranomos.cases.desk import queries as cases
from agoranomos.cases.papers import retaining as papers
from agoranomos.cases.referral import queries as referrals
from agoranomos.cases.referral.queries import Wanted
from agoranomos.goods.listings import retaining as listings
from agoranomos.intake import retaining as intake
from agoranomos.judgements import retaining as judgements
from agoranomos.judgements.queries import About, list_findings
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.retained import Kept
from agoranomos.retention.model import Standing
from agoranomos.sellers.identity import retaining as identity
from agoranomos.sellers.links import queries as links
from agoranomos.sellers.links import retaining as closed
from agoranomos.sellers.points.queries import seller_of_store, stores_of_seller
from agoranomos.staff import retaining as staff
from agoranomos.vault import retaining as vault
from agoranomos.vault.subjects import Whom

KEPT: Final[tuple[Kept, ...]] = (
    *intake.KEPT, *identity.KEPT, *closed.KEPT, *judgements.KEPT, *listings.KEPT, *papers.KEPT,
    *staff.KEPT, *vault.KEPT,
)  # fmt: skip
"""Every kind of data that the schedule has a line for."""
OPEN: Final = ("open", "sent", "received", "accepted")
"""States of a referral in which what it is about stays."""
_MANY: Final = 10_000


def covers(connection: sa.Connection, kind: str, name: str) -> Iterator[tuple[str, str]]:
    """What else a hold on something keeps: members of a case, what a referral is about with its case, stores, sellers,
    members of a ring, applications.
    """
    match kind:
        case "case":
            found = cases.find(connection, name)
            for each in cases.members(connection, name, _MANY) if found else ():
                yield from _with_owner(connection, each.kind, each.id)
            if found is not None:
                yield from _with_owner(connection, found.subject.kind, found.subject.id)
                if found.seller_id:
                    yield from _with_owner(connection, "seller", found.seller_id)
                if found.store_id:
                    yield from _with_owner(connection, "store", found.store_id)
        case "referral":
            try:
                referral = referrals.get(connection, name)
            except NotFound:
                return
            yield from _with_owner(connection, referral.about.kind, referral.about.id)
            if referral.because is not None:  # with what is attached to it
                yield "case", referral.because
        case "ring":
            for finding in list_findings(connection, About(ring_id=name), after=None, limit=_MANY):
                yield from _with_owner(connection, finding.subject.kind, finding.subject.id)
        case _:
            yield from _with_owner(connection, kind, name)


def stands(connection: sa.Connection) -> Iterator[Standing]:
    """What stays by itself: whatever is referred, as long as that is open."""
    for state in OPEN:
        found = referrals.listed(connection, Wanted(state=state), after=None, limit=_MANY)
        for each in found:
            yield Standing("referral", each.referral_id, "referred")


def forget_seller(connection: sa.Connection, about: Whom) -> int:
    """What the sellers desk has made of a seller's photos, numbers and names."""
    if about.kind != "seller":
        return 0
    return identity.forget(connection, about.id) + links.forget(connection, about.id)


FORGETS: Final = (forget_seller,)
"""Who forgets what about somebody who is erased."""


def _with_owner(connection: sa.Connection, kind: str, name: str) -> Iterator[tuple[str, str]]:
    yield kind, name
    if kind == "store" and (seller := seller_of_store(connection, name)):
        yield "seller", seller
        yield from (("application", each) for each in identity.applications_of(connection, seller))
    if kind == "seller":
        yield from (("store", each) for each in stores_of_seller(connection, name))
        yield from (("application", each) for each in identity.applications_of(connection, name))
