"""A service over a store, and matters to refer: a campaign with a ring, and a store that sells fakes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from agoranomos.audit.notes import SigningKey
from agoranomos.cases.referral.attaching import CasePapers
from agoranomos.cases.referral.opening import VaultReads
from agoranomos.cases.referral.policy import Policy, load_policy
from agoranomos.cases.referral.service import ReferralService
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.store import Store
from agoranomos.promotions.tracing.policy import load_policy as load_rings
from agoranomos.promotions.tracing.service import TraceService
from agoranomos.staff import approving
from tests.builders import NOW, make_vault
from tests.cases.office import Office
from tests.evidence.packages import KEY, LOG
from tests.promotions.remedies.scene import history, take

ADA, BOB = Actor("person", "ada"), Actor("person", "bob")
CASE = "case-1"


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def service_of(
    store: Store, folder: Path, *, policy: Policy | None = None, key: SigningKey = KEY, clock: Clock | None = None
) -> ReferralService:
    """Over a store, with packages in `folder`."""
    return ReferralService(
        store, TraceService(store, load_rings()), policy or load_policy(), clock or Clock(), folder, lambda: key,
        lambda: LOG, VaultReads(make_vault), CasePapers(lambda: Office(store).rooms.tools),
    )  # fmt: skip


def with_campaign(store: Store, folder: Path, **given: Any) -> ReferralService:
    """With the campaign `c1`: eight in a ring, one in its hands, one who took much, thirty of good faith."""
    service = service_of(store, folder, **given)
    take(store, history())
    service.traces.follow()
    return service


def agreed(store: Store, approval_id: str, by: Actor = BOB) -> str:
    """A second person agrees."""
    with store.transaction() as connection:
        return approving.approve(connection, approval_id, by=by, now=NOW).approval_id
