"""Signatures of webhooks as Standard Webhooks 1.0 has them (standardwebhooks.com), and their secrets.

A secret is written `whsec_` and 24 random bytes or more in Base64. What is signed is `id.timestamp.body`; several
signatures stand apart by spaces, so that a receiver may know any of the secrets that are in use.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from agoranomos.kernel.ids import derived
from agoranomos.vault.keys import NONCE_BYTES, Vault

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32


def headers(secrets: Sequence[bytes], message_id: str, at: datetime, body: bytes) -> list[tuple[str, str]]:
    """The three headers, signed with each of `secrets`."""
    stamp = str(int(at.timestamp()))
    signed = f"{message_id}.{stamp}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets)
    return [
        ("webhook-id", message_id),
        ("webhook-timestamp", stamp),
        ("webhook-signature", " ".join(f"v1,{each}" for each in signatures)),
    ]


def shown(secret: bytes) -> str:
    """The secret as it is given to a receiver."""
    return PREFIX + base64.b64encode(secret).decode()


def sealed(vault: Vault, master_id: str, endpoint_id: str) -> tuple[bytes, dict[str, str | bytes]]:
    """A new secret, and the columns that keep it, encrypted with the vault's key `master_id`."""
    secret, nonce = vault.random(SECRET_BYTES), vault.random(NONCE_BYTES)
    secret_id = derived("whs", endpoint_id, nonce.hex())
    row: dict[str, str | bytes] = {
        "secret_id": secret_id,
        "endpoint_id": endpoint_id,
        "master_id": master_id,
        "nonce": nonce,
        "sealed": vault.keys.wrapping(master_id).encrypt([(nonce, secret, secret_id.encode())])[0],
    }
    return secret, row


def opened(vault: Vault, secret_id: str, master_id: str, nonce: bytes, kept: bytes) -> bytes:
    """The secret again. Raises Invalid when the vault has not the key that it was sealed with."""
    return vault.keys.wrapping(master_id).decrypt([(nonce, kept, secret_id.encode())])[0]
