"""Where the rules of appeals and complainants look things up: the port, and its form in memory for a replay."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from agoranomos.sellers.appeals.model import Appeal, Claim, Verdict


class Cabinet(Protocol):
    """What is known of appeals, claims and verdicts."""

    def appeal(self, appeal_id: str) -> Appeal | None: ...
    def put_appeal(self, appeal: Appeal) -> None: ...
    def about(self, case_id: str) -> list[Appeal]: ...
    def next_due(self) -> datetime | None: ...
    def late(self, now: datetime) -> list[Appeal]: ...
    def put_claim(self, claim: Claim) -> None: ...
    def claims_by(self, account_id: str) -> list[Claim]: ...
    def claimants(self, listing_id: str) -> list[str]: ...
    def put_verdict(self, verdict: Verdict) -> None: ...
    def verdict(self, verdict_id: str) -> Verdict | None: ...
    def verdicts_on(self, listing_id: str) -> list[Verdict]: ...


class _State(msgspec.Struct):
    appeals: dict[str, Appeal]
    claims: dict[str, Claim]
    verdicts: dict[str, Verdict]


class MemoryCabinet:
    """See `Cabinet`."""

    def __init__(self) -> None:
        self._known = _State({}, {}, {})
        self._index()

    def appeal(self, appeal_id: str) -> Appeal | None:
        """See `Cabinet`."""
        return self._known.appeals.get(appeal_id)

    def put_appeal(self, appeal: Appeal) -> None:
        """See `Cabinet`."""
        self._known.appeals[appeal.appeal_id] = appeal
        if appeal.state == "filed" and not appeal.overdue_told:
            self._owed[appeal.appeal_id] = appeal.decide_by
        else:
            self._owed.pop(appeal.appeal_id, None)

    def about(self, case_id: str) -> list[Appeal]:
        """See `Cabinet`."""
        found = (each for each in self._known.appeals.values() if each.case_id == case_id)
        return sorted(found, key=lambda each: each.appeal_id)

    def next_due(self) -> datetime | None:
        """See `Cabinet`."""
        return min(self._owed.values(), default=None)

    def late(self, now: datetime) -> list[Appeal]:
        """See `Cabinet`."""
        return [self._known.appeals[name] for name in sorted(self._owed) if self._owed[name] <= now]

    def put_claim(self, claim: Claim) -> None:
        """See `Cabinet`."""
        self._known.claims[claim.claim_id] = claim
        self._file(claim)

    def claims_by(self, account_id: str) -> list[Claim]:
        """See `Cabinet`."""
        return [self._known.claims[each] for each in sorted(self._by_account.get(account_id, ()))]

    def claimants(self, listing_id: str) -> list[str]:
        """See `Cabinet`."""
        return sorted(self._by_listing.get(listing_id, ()))

    def put_verdict(self, verdict: Verdict) -> None:
        """See `Cabinet`."""
        self._known.verdicts[verdict.verdict_id] = verdict
        self._on_listing.setdefault(verdict.listing_id, set()).add(verdict.verdict_id)

    def verdict(self, verdict_id: str) -> Verdict | None:
        """See `Cabinet`."""
        return self._known.verdicts.get(verdict_id)

    def verdicts_on(self, listing_id: str) -> list[Verdict]:
        """See `Cabinet`."""
        return [self._known.verdicts[each] for each in sorted(self._on_listing.get(listing_id, ()))]

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._index()

    def _index(self) -> None:
        self._owed: dict[str, datetime] = {}
        self._by_account: dict[str, set[str]] = {}
        self._by_listing: dict[str, set[str]] = {}
        self._on_listing: dict[str, set[str]] = {}
        for appeal in self._known.appeals.values():
            self.put_appeal(appeal)
        for claim in self._known.claims.values():
            self._file(claim)
        for verdict in self._known.verdicts.values():
            self.put_verdict(verdict)

    def _file(self, claim: Claim) -> None:
        self._by_account.setdefault(claim.account_id, set()).add(claim.claim_id)
        self._by_listing.setdefault(claim.listing_id, set()).add(claim.account_id)
