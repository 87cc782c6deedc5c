"""Goods that may not be sold, or only with a licence: what the marketplace decides about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec


class RestrictedPolicy(msgspec.Struct, frozen=True):
    """`off`: classes that this marketplace leaves alone. `licensed`: class → all stores that have shown their licence:
    a store that is not among them has none, whatever its listing tells.
    """

    off: frozenset[str] = frozenset()
    licensed: Mapping[str, frozenset[str]] = {}

    def allowed(self, store_id: str) -> frozenset[str]:
        """The classes of goods that nothing is said of in a listing of this store."""
        return self.off | {name for name, stores in self.licensed.items() if store_id in stores}

    @property
    def registers(self) -> frozenset[str]:
        """The classes of which the marketplace keeps a register of licences."""
        return frozenset(self.licensed)

    @property
    def version(self) -> str:
        """The whole of it as a text that is the same in every process."""
        licensed = {name: sorted(stores) for name, stores in sorted(self.licensed.items())}
        return msgspec.json.encode([sorted(self.off), licensed]).decode()


NOTHING_ALLOWED: Final = RestrictedPolicy()
