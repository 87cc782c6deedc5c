"""Master keys in a hardware module, through PKCS#11 (OASIS, version 2.40): AES-GCM with a key that never leaves it.

Needs the extra `hsm` (python-pkcs11) and the module's own library. SoftHSM is one to try it with.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag

from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.vault.wrapping import Item

_TAG_BITS: Final = 128


class Session(NamedTuple):
    """A token that this process has signed in to, which one thread uses at a time, as the standard asks for."""

    library: Any
    token: Any
    turn: threading.Lock


class ModuleKey:
    """A key in a module."""

    def __init__(self, session: Session, key: Any) -> None:
        self._library = session.library
        self._turn = session.turn
        self._key = key

    def encrypt(self, items: Sequence[Item]) -> list[bytes]:
        """See `Wrapping`."""
        return self._each(self._key.encrypt, items)

    def decrypt(self, items: Sequence[Item]) -> list[bytes]:
        """See `Wrapping`."""
        try:
            return self._each(self._key.decrypt, items)
        except (self._library.EncryptedDataInvalid, self._library.EncryptedDataLenRange) as error:
            raise InvalidTag from error

    def _each(self, verb: Callable[..., bytes], items: Sequence[Item]) -> list[bytes]:
        library = self._library
        gcm = library.Mechanism.AES_GCM
        damaged = (library.EncryptedDataInvalid, library.EncryptedDataLenRange)
        with self._turn:
            try:
                return [
                    verb(data, mechanism=gcm, mechanism_param=library.GCMParams(nonce, about, _TAG_BITS))
                    for nonce, data, about in items
                ]
            except damaged:
                raise
            except library.GeneralError as error:  # what some modules say of a tag that does not hold
                if verb == self._key.decrypt:
                    raise InvalidTag from error
                raise _away(error) from error
            except library.PKCS11Error as error:
                raise _away(error) from error


def module_key(module: str, token: str, pin: str, label: str) -> ModuleKey:
    """The AES key called `label` on a token.

    Raises Invalid when the extra, the library, the token or the key is missing, or the PIN is wrong.
    """
    session = signed_in(module, token, pin)
    library = session.library
    try:
        with session.turn:
            key = session.token.get_key(object_class=library.ObjectClass.SECRET_KEY, label=label)
    except library.NoSuchKey as error:
        raise Invalid(f"the token has no key with the label {label}; make it there: AES, 256 bits") from error
    except library.PKCS11Error as error:
        raise _away(error) from error
    return ModuleKey(session, key)


@cache
def signed_in(module: str, token: str, pin: str) -> Session:
    """A session on the token. A process signs in to a token once, however many keys it uses there."""
    library = _library()
    try:
        return Session(library, library.lib(module).get_token(token_label=token).open(user_pin=pin), threading.Lock())
    except library.NoSuchToken as error:
        raise Invalid("the module has no such token; set AGORA_VAULT_PKCS11_TOKEN to its label") from error
    except (library.PinIncorrect, library.PinLocked, library.PinInvalid, library.PinLenRange) as error:
        raise Invalid("the token refuses the PIN in AGORA_VAULT_PKCS11_PIN") from error
    except (library.PKCS11Error, RuntimeError) as error:
        raise Invalid(f"the module in AGORA_VAULT_PKCS11 cannot be used ({type(error).__name__})") from error


def _library() -> Any:
    try:
        import pkcs11  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise Invalid("keys in a hardware module need the extra hsm: pip install 'agoranomos[hsm]'") from error
    return pkcs11


def _away(error: Exception) -> Conflict:
    return Conflict(f"the hardware module did not do what it was asked ({type(error).__name__}); is it there?")
