"""What holders and those who ask them say to each other: who they are, then questions and answers in frames.

Each side draws a nonce and proves by HMAC-SHA256 (RFC 2104) that it knows the secret, over both nonces. Each frame then
carries a tag under a key of this connection, made of its direction and number: none can be put in, left out or told
again by somebody on the way. Nothing is encrypted; a question has hashes of keys, and an answer has counts.
"""

from __future__ import annotations

import hmac
from struct import Struct
from typing import Annotated, Final

import msgspec

MAGIC: Final = b"agora-f1"
NONCE: Final = 32
PROOF: Final = 32
TAG: Final = 16
HELLO: Final = len(MAGIC) + NONCE
"""Bytes of what a holder says first: the form of what follows, and its nonce."""
CLAIM: Final = NONCE + PROOF
"""Bytes of what is said to that."""
QUESTION_MAX: Final = 256 << 10
ANSWER_MAX: Final = 1 << 20
LOOKS_MAX: Final = 4_096
"""Look-ups in one question."""
_LENGTH: Final = Struct(">I")
_NUMBER: Final = Struct(">cQ")
HEAD: Final = _LENGTH.size + TAG
_TO_HOLDER, _FROM_HOLDER = b"q", b"a"

Int64 = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
Moment = Annotated[int, msgspec.Meta(ge=-(1 << 60), le=1 << 60)]
Text = Annotated[str, msgspec.Meta(max_length=1 << 16)]


class Look(msgspec.Struct, frozen=True, array_like=True):
    """A feature by its fingerprint, the hash of a key, and what an event that was not heard adds to it."""

    feature: Annotated[str, msgspec.Meta(max_length=64)]
    hi: Int64
    lo: Int64
    more: Annotated[tuple[Int64 | Text, ...], msgspec.Meta(max_length=10_000)] = ()


class Question(msgspec.Struct, frozen=True, array_like=True):
    """Look-ups over windows that end with `at`, in microseconds since 1970; none asks how the holder stands."""

    number: Int64
    at: Moment
    looks: Annotated[tuple[Look, ...], msgspec.Meta(max_length=LOOKS_MAX)]


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """A value for each look-up, in order; `unknown` are the places of those that are not counted here (yet).

    `position` is that of the last event in the log that was counted; `part` of `parts` is what is held.
    """

    number: int
    position: int
    part: int
    parts: int
    values: tuple[int | float | str | bool | None, ...]
    unknown: tuple[int, ...] = ()


class Broken(Exception):
    """Whoever is on the other side does not keep to this form, or does not know the secret."""


class Session:
    """One side of a connection, once both nonces are known."""

    def __init__(self, secret: bytes, of_holder: bytes, of_asker: bytes, *, holder: bool) -> None:
        self._key = hmac.digest(secret, b"agoranomos features" + of_holder + of_asker, "sha256")
        self._out, self._in = (_FROM_HOLDER, _TO_HOLDER) if holder else (_TO_HOLDER, _FROM_HOLDER)
        self._sent = self._taken = 0
        self._max = QUESTION_MAX if holder else ANSWER_MAX

    def proof(self, *, holder: bool) -> bytes:
        """That this side knows the secret."""
        return hmac.digest(self._key, b"holder" if holder else b"asker", "sha256")

    def require(self, proof: bytes, *, holder: bool) -> None:
        """Raises Broken when the other side does not know the secret."""
        if not hmac.compare_digest(proof, self.proof(holder=holder)):
            raise Broken("the other side does not know the secret")

    def sealed(self, said: bytes) -> bytes:
        """The next frame."""
        self._sent += 1
        return _LENGTH.pack(len(said)) + self._tag(self._out, self._sent, said) + said

    def length(self, head: bytes | bytearray) -> int:
        """How long what follows the head of a frame is. Raises Broken when it is too long."""
        (length,) = _LENGTH.unpack_from(head)
        if length > self._max:
            raise Broken(f"a frame of {length} bytes")
        return int(length)

    def opened(self, head: bytes, said: bytes) -> bytes:
        """What the next frame says. Raises Broken when it is not what the other side sealed next."""
        self._taken += 1
        if not hmac.compare_digest(head[_LENGTH.size :], self._tag(self._in, self._taken, said)):
            raise Broken("a frame without its tag")
        return said

    def _tag(self, direction: bytes, number: int, said: bytes) -> bytes:
        return hmac.digest(self._key, _NUMBER.pack(direction, number) + said, "sha256")[:TAG]


encode: Final = msgspec.msgpack.Encoder().encode
_question: Final = msgspec.msgpack.Decoder(Question).decode
_answer: Final = msgspec.msgpack.Decoder(Answer).decode


def question_of(said: bytes) -> Question:
    """Raises Broken."""
    try:
        return _question(said)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Broken("no question") from error


def answer_of(said: bytes) -> Answer:
    """Raises Broken."""
    try:
        return _answer(said)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Broken("no answer") from error
