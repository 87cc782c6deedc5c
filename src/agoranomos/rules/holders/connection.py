"""The asking side of one connection to a holder."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from agoranomos.rules.holders.addresses import Address
from agoranomos.rules.holders.frames import (
    HEAD,
    HELLO,
    MAGIC,
    NONCE,
    PROOF,
    Answer,
    Broken,
    Question,
    Session,
    answer_of,
    encode,
)


class Connection:
    """Connected, and both sides know the secret. `until` is when it has to be so, by `monotonic`. Whoever meets an
    error closes it: what comes then would be an answer to something else. Raises OSError (TimeoutError) and Broken.
    """

    def __init__(self, address: Address, secret: bytes, draw: Callable[[int], bytes], until: float) -> None:
        self._socket = address.connect(_left(until))
        self._read = b""
        try:
            hello = self._take(HELLO, until)
            if not hello.startswith(MAGIC):
                raise Broken("no holder of features, or one of another version")
            nonce = draw(NONCE)
            self._session = Session(secret, hello[len(MAGIC) :], nonce, holder=False)
            self._socket.sendall(nonce + self._session.proof(holder=False))
            self._session.require(self._proof(until), holder=True)
        except BaseException:
            self._socket.close()
            raise

    def ask(self, question: Question, until: float) -> None:
        """Sends a question."""
        self._socket.settimeout(_left(until))
        self._socket.sendall(self._session.sealed(encode(question)))

    def answer(self, until: float) -> Answer:
        """Waits for the answer."""
        head = self._take(HEAD, until)
        said = self._take(self._session.length(head), until)
        return answer_of(self._session.opened(head, said))

    def close(self) -> None:
        """Hangs up."""
        self._socket.close()

    def _proof(self, until: float) -> bytes:
        try:
            return self._take(PROOF, until)
        except ConnectionError as error:
            raise Broken("the holder hung up when we said who we are: is AGORA_FEATURE_SECRET the same?") from error

    def _take(self, size: int, until: float) -> bytes:
        while len(self._read) < size:
            self._socket.settimeout(_left(until))
            more = self._socket.recv(1 << 16)
            if not more:
                raise ConnectionResetError("the holder hung up")
            self._read += more
        taken, self._read = self._read[:size], self._read[size:]
        return taken


def _left(until: float) -> float:
    return max(0.0, until - monotonic())  # without time left, what is there is taken
