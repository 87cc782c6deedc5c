"""Whether the person in the photos is the one on the card: a port, an adapter over HTTP, and nobody.

The adapter posts one JSON document, signed as webhooks are (Standard Webhooks 1.0), to an address that was checked:
over https, not inside unless the policy says so, no redirects, bounded in time and size. The answer is
`{"answer": "same"|"different"|"unsure", "score"?: 0..1, "reference"?: "…"}`. Whatever else comes back is `failed`, and
the policy says what that means; nothing passes in silence.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal, Protocol

import httpcore
import msgspec

from agoranomos.enforcement import signing
from agoranomos.enforcement.posting import OK, Poster
from agoranomos.kernel.ids import derived
from agoranomos.sellers.identity.facts import NOT_CHECKED, Verdict
from agoranomos.sellers.identity.policy import Provider

ANSWER_BYTES_MAX: Final = 64 << 10
PHOTO_BYTES_MAX: Final = 6 << 20
"""A larger photo is not sent; the provider then sees that it is missing."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider is asked: it needs the plain name and number, which it compares with its registers. `photos`:
    bytes of those that could be read here; `addresses`: those that the provider can fetch by itself.
    """

    application_id: str
    id_kind: str
    legal_name: str
    id_number: str
    photos: Mapping[str, bytes] = {}
    addresses: Mapping[str, str] = {}


class PersonVerifier(Protocol):
    """Whoever can compare an applicant with a document."""

    def verify(self, asked: Asked, now: datetime) -> Verdict:
        """Never raises: a provider that cannot be reached is a verdict, too."""


class Nobody:
    """The embedded default: nobody is asked, and that is what it says."""

    def verify(self, asked: Asked, now: datetime) -> Verdict:  # noqa: ARG002 - the port's
        """`not_checked`."""
        return NOT_CHECKED


class _Answer(msgspec.Struct, frozen=True):
    answer: Literal["same", "different", "unsure"]
    score: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    reference: Annotated[str, msgspec.Meta(max_length=128)] = ""


class HttpVerifier:
    """Asks `provider` over HTTP; `secret` signs the question. An answer is read up to `answer_bytes_max`."""

    def __init__(self, provider: Provider, secret: bytes, *, answer_bytes_max: int = ANSWER_BYTES_MAX) -> None:
        self._provider = provider
        self._secret = secret
        self._answer_bytes_max = answer_bytes_max
        self._trust = httpcore.default_ssl_context()

    def verify(self, asked: Asked, now: datetime) -> Verdict:
        """See `PersonVerifier`."""
        body = msgspec.json.encode(_document(asked))
        message_id = derived("msg", asked.application_id, now.isoformat())
        headers = [("content-type", "application/json"), *signing.headers([self._secret], message_id, now, body)]
        said, answer = self._ask(headers, body)
        if said != OK:
            return Verdict("failed", self._provider.name, reference=said)
        try:
            found = msgspec.json.decode(answer, type=_Answer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Verdict("failed", self._provider.name, reference="broken_answer")
        reference = found.reference if found.reference.isprintable() else ""
        return Verdict(found.answer, self._provider.name, found.score, reference)

    def _ask(self, headers: list[tuple[str, str]], body: bytes) -> tuple[str, bytes]:
        """A connection for each question: they are rare, and an idle one would be held for nothing."""
        provider = self._provider
        poster = Poster(
            timeout_s=provider.timeout_s, answer_bytes_max=self._answer_bytes_max, ssl_context=self._trust
        )  # fmt: skip
        try:
            return poster.ask(provider.url, headers, body, allow_private=provider.allow_private)
        finally:
            poster.close()


def _document(asked: Asked) -> dict[str, object]:
    photos: dict[str, dict[str, str]] = {
        role: {"base64": base64.b64encode(data).decode()} for role, data in asked.photos.items()
    }
    photos |= {role: {"url": address} for role, address in asked.addresses.items()}
    return {
        "application_id": asked.application_id,
        "id_kind": asked.id_kind,
        "legal_name": asked.legal_name,
        "id_number": asked.id_number,
        "photos": dict(sorted(photos.items())),
    }
