"""Master keys of HashiCorp Vault's transit engine (API v1): it encrypts and decrypts, and gives no key away.

Many at a time in one request (`batch_input`). The service draws its own nonces; ours goes into the associated data, so
that it is bound all the same. When the service changes the version of a key, what is wrapped with earlier ones stays
readable.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from cryptography.exceptions import InvalidTag

from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.vault.wrapping import Item

TIMEOUT_S: Final = 10.0
BATCH_MAX: Final = 500
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class TransitKey:
    """The key called `name` behind `url`, the engine's address with its mount."""

    def __init__(self, url: str, token: str, name: str) -> None:
        where = urlsplit(url)
        if where.scheme != "https" and not (where.scheme == "http" and where.hostname in _LOOPBACK):
            raise Invalid("AGORA_VAULT_TRANSIT must be an https address: data keys go there as they are")
        self._url = url.rstrip("/")
        self._name = name
        self._headers = {"X-Vault-Token": token, "X-Vault-Request": "true"}

    def encrypt(self, items: Sequence[Item]) -> list[bytes]:
        """See `Wrapping`."""
        asked = [{"plaintext": _text(data), "associated_data": _text(nonce + about)} for nonce, data, about in items]
        return [str(each["ciphertext"]).encode() for each in self._ask("encrypt", asked)]

    def decrypt(self, items: Sequence[Item]) -> list[bytes]:
        """See `Wrapping`."""
        asked = [
            {"ciphertext": data.decode("ascii", "replace"), "associated_data": _text(nonce + about)}
            for nonce, data, about in items
        ]
        try:
            return [base64.b64decode(each["plaintext"], validate=True) for each in self._ask("decrypt", asked)]
        except (binascii.Error, TypeError) as error:
            raise _away("its answer cannot be read") from error

    def _ask(self, verb: str, asked: list[dict[str, str]]) -> list[Mapping[str, Any]]:
        results: list[Mapping[str, Any]] = []
        with httpx.Client(headers=self._headers, timeout=TIMEOUT_S, follow_redirects=False) as client:
            for start in range(0, len(asked), BATCH_MAX):
                results += self._batch(client, verb, asked[start : start + BATCH_MAX])
        return results

    def _batch(self, client: httpx.Client, verb: str, part: list[dict[str, str]]) -> list[Mapping[str, Any]]:
        try:
            answer = client.post(f"{self._url}/{verb}/{self._name}", json={"batch_input": part})
            body = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _away(type(error).__name__) from error
        results = (body.get("data") or {}).get("batch_results") if isinstance(body, dict) else None
        # An item that fails makes the whole answer a 400; the others are in it nevertheless.
        if results is None or answer.status_code not in (200, 400) or len(results) != len(part):
            raise _away(f"status {answer.status_code}")
        if any(each.get("error") for each in results):
            if verb == "decrypt":
                raise InvalidTag
            raise _away("it refused to encrypt")
        field = "plaintext" if verb == "decrypt" else "ciphertext"
        if not all(isinstance(each.get(field), str) for each in results):
            raise _away("its answer cannot be read")
        return list(results)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _away(why: str) -> Conflict:
    return Conflict(f"the key service did not do what it was asked ({why}); see AGORA_VAULT_TRANSIT and its token")
