"""Which accounts and devices are new, as far as anybody has told."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from agoranomos.promotions.breaker.policy import Policy


class Newcomers(msgspec.Struct):
    """When accounts registered and devices were first seen; `began`: since when anything was seen at all."""

    accounts: dict[str, datetime] = {}
    devices: dict[str, datetime] = {}
    began: datetime | None = None

    def registered(self, account_id: str, device_id: str | None, at: datetime) -> None:
        """An account registered, on a device."""
        self.accounts[account_id] = at
        self.seen(device_id, at)

    def seen(self, device_id: str | None, at: datetime) -> None:
        """Somebody used a device."""
        if self.began is None:
            self.began = at
        if device_id is not None:
            self.devices.setdefault(device_id, at)

    def new_account(self, account_id: str, at: datetime, policy: Policy) -> bool | None:
        """Whether it is; None where nobody tells of registrations. An account of which none was told is not."""
        if not self.accounts:
            return None
        registered = self.accounts.get(account_id)
        return registered is not None and at - registered <= timedelta(days=policy.new_accounts.days)

    def new_device(self, device_id: str | None, at: datetime, policy: Policy) -> bool | None:
        """Whether it is; None before the desk has watched long enough to know."""
        watched = None if self.began is None else at - self.began
        if device_id is None or watched is None or watched < timedelta(days=policy.new_devices.warm_up_days):
            return None
        return at - self.devices.get(device_id, at) <= timedelta(days=policy.new_devices.days)
