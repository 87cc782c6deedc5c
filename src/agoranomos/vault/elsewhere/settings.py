"""How keys that lie elsewhere are reached; what a ring names is looked for when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass, field

from agoranomos.vault.keys import Reach, nowhere
from agoranomos.vault.wrapping import Wrapping


@dataclass(frozen=True)
class KeySettings:
    """`pkcs11_module`: the library of a hardware module, in which keys lie on the token `pkcs11_token`;
    `transit_url`: a key service's address with its mount, which knows us by `transit_token`. None: there is none.
    """

    pkcs11_module: str | None = None
    pkcs11_token: str = ""
    pkcs11_pin: str = field(default="", repr=False)
    transit_url: str | None = None
    transit_token: str = field(default="", repr=False)

    @property
    def reach(self) -> Reach:
        """From the name of a key to the key."""
        return self._reach

    def _reach(self, reference: str) -> Wrapping:
        kind, _, name = reference.partition(":")
        # What these import takes a while, and is an extra: few installations need it.
        if kind == "pkcs11" and self.pkcs11_module is not None:
            from agoranomos.vault.elsewhere.pkcs11 import module_key  # noqa: PLC0415

            return module_key(self.pkcs11_module, self.pkcs11_token, self.pkcs11_pin, name)
        if kind == "transit" and self.transit_url is not None:
            from agoranomos.vault.elsewhere.transit import TransitKey  # noqa: PLC0415

            return TransitKey(self.transit_url, self.transit_token, name)
        return nowhere(reference)
