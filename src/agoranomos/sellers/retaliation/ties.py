"""Which accounts belong to a seller, as far as devices, work and payments show; what many share ties nobody."""

from __future__ import annotations

import msgspec

from agoranomos.sellers.retaliation.policy import Policy


class Ties(msgspec.Struct):
    """Devices with the sellers and accounts that used them, and accounts that stores have paid."""

    sellers_on: dict[str, set[str]] = {}
    accounts_on: dict[str, set[str]] = {}
    devices_of: dict[str, set[str]] = {}
    devices_of_seller: dict[str, set[str]] = {}
    paid_by: dict[str, set[str]] = {}
    paid: dict[str, set[str]] = {}
    staff: dict[str, set[str]] = {}
    works_at: dict[str, set[str]] = {}

    def used_by_seller(self, device_id: str, seller_id: str) -> None:
        """A seller, or somebody at his store, used a device."""
        self.sellers_on.setdefault(device_id, set()).add(seller_id)
        self.devices_of_seller.setdefault(seller_id, set()).add(device_id)

    def used_by_account(self, device_id: str, account_id: str, policy: Policy) -> None:
        """A buyer's account used a device; of too many devices the one that came first is forgotten."""
        self.accounts_on.setdefault(device_id, set()).add(account_id)
        self.devices_of.setdefault(account_id, set()).add(device_id)
        if len(self.accounts_on) > policy.devices_max:
            oldest = next(iter(self.accounts_on))
            for each in self.accounts_on.pop(oldest):
                self.devices_of.get(each, set()).discard(oldest)

    def paid_to(self, seller_id: str, account_id: str) -> None:
        """A store paid an account."""
        self.paid_by.setdefault(account_id, set()).add(seller_id)
        self.paid.setdefault(seller_id, set()).add(account_id)

    def works_for(self, seller_id: str, account_id: str) -> None:
        """An account was at work in a store of the seller."""
        self.works_at.setdefault(account_id, set()).add(seller_id)
        self.staff.setdefault(seller_id, set()).add(account_id)

    def sellers_of(self, account_id: str, policy: Policy) -> set[str]:
        """The sellers that an account is tied to."""
        found = set(self.paid_by.get(account_id, ()))
        if self._is_staff(account_id, policy):
            found |= self.works_at.get(account_id, set())
        for device_id in self.devices_of.get(account_id, ()):
            if self._tells(device_id, policy):
                found |= self.sellers_on.get(device_id, set())
        return found

    def accounts_of(self, seller_id: str, policy: Policy) -> dict[str, str]:
        """The accounts tied to a seller, with what ties them: `device`, `staff` or `payment`."""
        found = dict.fromkeys(self.paid.get(seller_id, ()), "payment")
        found |= {each: "staff" for each in self.staff.get(seller_id, ()) if self._is_staff(each, policy)}
        for device_id in self.devices_of_seller.get(seller_id, ()):
            if self._tells(device_id, policy):
                found |= dict.fromkeys(self.accounts_on.get(device_id, ()), "device")
        return found

    def _is_staff(self, account_id: str, policy: Policy) -> bool:
        """Whoever works for many is an agency's, and ties nobody."""
        return len(self.works_at.get(account_id, ())) <= policy.sellers_per_device_max

    def _tells(self, device_id: str, policy: Policy) -> bool:
        return (
            len(self.sellers_on.get(device_id, ())) <= policy.sellers_per_device_max
            and len(self.accounts_on.get(device_id, ())) <= policy.accounts_per_device_max
        )
