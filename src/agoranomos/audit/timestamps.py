"""Time stamps of RFC 3161 over checkpoints: an authority outside testifies when a history existed."""

from __future__ import annotations

from http.client import HTTPException
from urllib.error import URLError
from urllib.request import Request, urlopen

from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from agoranomos.kernel.errors import Conflict, Invalid

_TIMEOUT_S = 60
_ANSWER_BYTES_MAX = 1 << 20


def stamp(note: str, url: str, roots: bytes) -> bytes:
    """The time stamp (RFC 3161, DER of the response) of the authority at `url` over the text of `note`.

    `roots` are the certificates, in PEM, that the authority's own must lead to; the response is verified against them.
    Keep it beside the note: `openssl ts -verify -data NOTE -in RESPONSE -CAfile ROOTS` checks it anywhere. Raises
    Invalid when the authority cannot be reached, Conflict for an answer that does not hold.
    """
    built = TimestampRequestBuilder().data(note.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
    response = _ask(url, built.as_bytes())
    check(note, response, roots, nonce=built.nonce)
    return response


def check(note: str, response: bytes, roots: bytes, nonce: int | None = None) -> str:
    """When `note` existed at the latest, by the authority's clock. Raises Conflict when it does not hold."""
    try:
        builder = VerifierBuilder(roots=load_pem_x509_certificates(roots), nonce=nonce)
        decoded = decode_timestamp_response(response)
        builder.build().verify_message(decoded, note.encode())
    except (VerificationError, ValueError) as error:
        raise Conflict(f"the time stamp does not hold: {error}") from error
    return decoded.tst_info.gen_time.isoformat()


def _ask(url: str, query: bytes) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise Invalid("the address of a time-stamping authority begins with http:// or https://")
    asked = Request(url, data=query, headers={"Content-Type": "application/timestamp-query"})  # noqa: S310 - checked
    try:
        with urlopen(asked, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - checked above
            return bytes(answer.read(_ANSWER_BYTES_MAX))
    except (URLError, OSError, HTTPException) as error:
        raise Invalid("the time-stamping authority cannot be reached or refuses; check its address") from error
