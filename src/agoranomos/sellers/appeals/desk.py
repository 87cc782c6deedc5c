"""The rules of appeals and complainants over events: the same text of them in a replay and live; see `conduct.desk`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.calendar import after
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.schema.cases import AppealFiled, CaseDecided, ComplaintFiled, StaffActed
from agoranomos.kernel.schema.goods import TestbuyAppraised
from agoranomos.kernel.schema.orders import ReturnRequested
from agoranomos.sellers.appeals import telling
from agoranomos.sellers.appeals.cabinet import Cabinet
from agoranomos.sellers.appeals.model import Appeal, Claim, Record, Verdict, record_of
from agoranomos.sellers.appeals.policy import Complaining, Policy
from agoranomos.sellers.appeals.telling import Hands
from agoranomos.sellers.conduct.desk import Suspects

HEARS: Final = (
    "appeal.filed", "case.decided", "complaint.filed", "return.requested", "staff.acted", "testbuy.appraised",
)  # fmt: skip
Bought = Callable[[str], tuple[str, tuple[str, ...]] | None]
"""Who placed an order, and of which listings; None when nobody told of it."""


class AppealsDesk:
    """See `conduct.desk.Desk`. `bought` knows orders; `hands` take back what others did; `suspects`: how probably a
    text says or suspects a fake.
    """

    name = telling.NAME
    hears = HEARS

    def __init__(
        self, cabinet: Cabinet, policy: Policy, bought: Bought, hands: Hands, suspects: Suspects
    ) -> None:  # fmt: skip
        self._cabinet = cabinet
        self._policy = policy
        self._bought = bought
        self._hands = hands
        self._suspects = suspects

    def hear(self, event: Event) -> list[Output]:
        """One of HEARS."""
        match event.body:
            case AppealFiled() as body:
                self._filed(body, event.time)
            case CaseDecided() as body:
                return self._case(body, event.time)
            case ReturnRequested() as body if body.reason_code == "suspected_fake":
                self._claim(f"return:{body.return_id}", body.order_id, body.listing_id, None, event.time)
            case ComplaintFiled() as body:
                if self._suspects(body.text) >= self._policy.complainants.complaint_min:
                    claim_id = f"complaint:{body.complaint_id}"[:128]
                    self._claim(claim_id, body.order_id, body.listing_id, body.buyer_id, event.time)
            case StaffActed() as body if body.action == "case.decide":
                self._decided(body, event.time)
            case TestbuyAppraised() as body if body.verdict != "inconclusive":
                fake = body.verdict == "counterfeit"
                return self._verdict(
                    Verdict(
                        verdict_id=f"testbuy:{body.testbuy_id}", listing_id=body.listing_id, at=event.time, fake=fake
                    )
                )  # fmt: skip
            case _:
                pass
        return []

    def due(self) -> datetime | None:
        """When a decision on an appeal is owed."""
        return self._cabinet.next_due()

    def wake(self, now: datetime) -> list[Output]:
        """Says which decisions are late."""
        said: list[Output] = []
        for appeal in self._cabinet.late(now):
            self._cabinet.put_appeal(msgspec.structs.replace(appeal, overdue_told=True))
            verdict = self._cabinet.verdict(f"case:{appeal.case_id}")
            subject = Subject("listing", verdict.listing_id) if verdict is not None else Subject("staff", "appeals")
            said.append(telling.overdue(appeal, subject))
        return said

    def record(self, account_id: str) -> Record:
        """How the complaints of an account came out."""
        return record_by(self._cabinet, self._policy.complainants, account_id)

    def _filed(self, body: AppealFiled, at: datetime) -> None:
        if self._cabinet.appeal(body.appeal_id) is None:
            until = after(at, timedelta(days=self._policy.appeals.decide_days))
            appeal = Appeal(
                appeal_id=body.appeal_id, case_id=body.case_id or "", decision_id=body.decision_id or "", filed_at=at,
                decide_by=until,
            )  # fmt: skip
            self._cabinet.put_appeal(appeal)

    def _decided(self, body: StaffActed, at: datetime) -> None:
        """Somebody decided a case, or an appeal, anew: unless it is told as overturned, the appeal is rejected."""
        if body.target_kind == "appeal":
            found = self._cabinet.appeal(body.target_id)
            appeals = [] if found is None else [found]
        else:
            appeals = self._cabinet.about(body.target_id) if body.target_kind == "case" else []
        for appeal in appeals:
            if appeal.state == "filed" and appeal.filed_at <= at:
                self._cabinet.put_appeal(msgspec.structs.replace(appeal, state="rejected", decided_at=at))

    def _case(self, body: CaseDecided, at: datetime) -> list[Output]:
        if body.outcome == "overturned":
            return self._overturned(body.overturns or body.case_id, body.case_id, at)
        if body.subject.kind != "listing":
            return []
        verdict_id, fake = f"case:{body.case_id}", body.outcome == "upheld"
        return self._verdict(Verdict(verdict_id=verdict_id, listing_id=body.subject.id, at=at, fake=fake))

    def _overturned(self, case_id: str, by_case: str, at: datetime) -> list[Output]:
        for appeal in self._cabinet.about(case_id):
            if appeal.state == "granted" or appeal.filed_at > at:
                continue
            granted = msgspec.structs.replace(appeal, state="granted", decided_at=at, decided_case=by_case)
            self._cabinet.put_appeal(granted)
        self._hands.take_back(case_id)
        verdict = self._cabinet.verdict(f"case:{case_id}")
        if verdict is None or not verdict.stands:
            return []
        self._cabinet.put_verdict(msgspec.structs.replace(verdict, stands=False))
        return []

    def _claim(
        self, claim_id: str, order_id: str | None, listing_id: str | None, account_id: str | None, at: datetime
    ) -> None:
        """Notes who called which listing fake, where what was said and the order tell."""
        bought = self._bought(order_id) if order_id is not None else None
        who = account_id or (bought[0] if bought is not None else None)
        listings = (listing_id,) if listing_id else bought[1] if bought is not None else ()
        if who is not None and len(listings) == 1:
            self._cabinet.put_claim(Claim(claim_id=claim_id, account_id=who, listing_id=listings[0], at=at))

    def _verdict(self, verdict: Verdict) -> list[Output]:
        known = self._cabinet.verdict(verdict.verdict_id)
        if known is not None and known.fake == verdict.fake:
            return []
        self._cabinet.put_verdict(verdict)
        said: list[Output] = []
        for account_id in self._cabinet.claimants(verdict.listing_id) if not verdict.fake else ():
            record = self.record(account_id)
            if record.doubtful(self._policy.complainants):
                sure = record.sure_bad(self._policy.complainants)
                said.append(telling.bad_faith(account_id, record, sure, verdict.listing_id, verdict.at))
        return said


def record_by(cabinet: Cabinet, policy: Complaining, account_id: str) -> Record:
    """How the complaints of an account came out."""
    claims = cabinet.claims_by(account_id)
    verdicts = {name: cabinet.verdicts_on(name) for name in sorted({each.listing_id for each in claims})}
    return record_of(claims, verdicts, policy)


def complains_in_bad_faith(cabinet: Cabinet, policy: Complaining, account_id: str) -> bool:
    """Whether an account complains in bad faith, as far as is known."""
    return record_by(cabinet, policy, account_id).doubtful(policy)
