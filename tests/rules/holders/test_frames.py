"""The form in which holders are asked, against whoever does not keep to it."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from agoranomos.engine.features.sharing import Share
from agoranomos.rules.holders import serving as serving_module
from agoranomos.rules.holders.addresses import Address
from agoranomos.rules.holders.connection import Connection
from agoranomos.rules.holders.frames import (
    ANSWER_MAX,
    CLAIM,
    HEAD,
    HELLO,
    MAGIC,
    NONCE,
    PROOF,
    QUESTION_MAX,
    Answer,
    Broken,
    Look,
    Question,
    Session,
    answer_of,
    encode,
    question_of,
)
from tests.rules.holders.builders import PATIENCE_S, SECRET, go_live, holder_of, market, serving, short_folder
from tests.rules.written_rules import arrive
from tests.stores import make_store

OF_HOLDER, OF_ASKER = b"h" * NONCE, b"a" * NONCE


def pair(secret: bytes = SECRET) -> tuple[Session, Session]:
    """The side that asks, and the one that holds."""
    return (
        Session(secret, OF_HOLDER, OF_ASKER, holder=False), Session(SECRET, OF_HOLDER, OF_ASKER, holder=True)
    )  # fmt: skip


def apart(frame: bytes) -> tuple[bytes, bytes]:
    return frame[:HEAD], frame[HEAD:]


def test_each_frame_is_taken_once_in_its_turn_and_direction() -> None:
    asker, holder = pair()
    one, two = asker.sealed(b"one"), asker.sealed(b"two")
    assert holder.opened(*apart(one)) == b"one"
    with pytest.raises(Broken):
        holder.opened(*apart(one))
    asker, holder = pair()
    with pytest.raises(Broken):
        holder.opened(*apart(two))
    with pytest.raises(Broken):
        pair()[0].opened(*apart(pair()[0].sealed(b"one")))
    asker, holder = pair()
    assert asker.opened(*apart(holder.sealed(b"yes"))) == b"yes"


def test_who_does_not_know_the_secret_proves_nothing() -> None:
    stranger, holder = pair(b"x" * 32)
    with pytest.raises(Broken):
        holder.require(stranger.proof(holder=False), holder=False)
    with pytest.raises(Broken):
        holder.opened(*apart(stranger.sealed(b"one")))
    asker, holder = pair()
    holder.require(asker.proof(holder=False), holder=False)
    with pytest.raises(Broken):  # what one side says is no proof of the other
        asker.require(asker.proof(holder=False), holder=True)


def test_lengths_are_bounded() -> None:
    asker, holder = pair()
    assert holder.length(QUESTION_MAX.to_bytes(4, "big")) == QUESTION_MAX
    assert asker.length(ANSWER_MAX.to_bytes(4, "big")) == ANSWER_MAX
    for session, most in ((holder, QUESTION_MAX), (asker, ANSWER_MAX)):
        with pytest.raises(Broken):
            session.length((most + 1).to_bytes(4, "big"))


def test_questions_come_back() -> None:
    draws = random.Random(1)
    for number in range(200):
        more = tuple(draws.choice(("x", "手机", "", draws.randrange(-(1 << 63), 1 << 63))) for _ in range(number % 4))
        looks = tuple(
            Look("f" * draws.randrange(65), draws.randrange(-(1 << 63), 1 << 63), draws.randrange(-(1 << 63), 0), more)
            for _ in range(number % 5)
        )
        question = Question(number, draws.randrange(-(1 << 60), (1 << 60) + 1), looks)
        assert question_of(encode(question)) == question


def test_other_bytes_are_no_question_or_one_of_the_form() -> None:
    draws = random.Random(2)
    for _ in range(2_000):
        said = draws.randbytes(draws.randrange(60))
        for take, form in ((question_of, Question), (answer_of, Answer)):
            try:
                assert isinstance(take(said), form)
            except Broken:
                continue
    with pytest.raises(Broken):
        question_of(b"\x91" * 100_000)


@pytest.mark.parametrize(
    "said",
    [
        [1, 1 << 61, []], [1, 0, [["f", 1 << 63, 0]]], [1, 0, [["f", 0, 0, [1 << 63]]]], [1, 0], [1, 0, [[]]],
        [1, 0, [["f" * 65, 0, 0]]], [1, 0, [["f", 0, 0]] * 4_097], [1, 0, [["f", 0, 0, [1.5]]]], {"number": 1}, None,
    ],
)  # fmt: skip
def test_questions_out_of_bounds(said: object) -> None:
    with pytest.raises(Broken):
        question_of(msgspec.msgpack.encode(said))


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Address]:
    """Of a holder without patience."""
    monkeypatch.setattr(serving_module, "PATIENCE_S", 0.4)
    store = make_store(tmp_path)
    go_live(store)
    arrive(store, market()[:50])
    with short_folder() as folder:
        made = Address(path=str(folder / "s"))
        with serving(holder_of(store, Share(2, 3), tmp_path), made):
            yield made
    store.close()


def stranger(address: Address) -> socket.socket:
    made = address.connect(PATIENCE_S)
    hello = b""
    while len(hello) < HELLO:
        hello += made.recv(HELLO - len(hello))
    assert hello.startswith(MAGIC)
    return made


def hung_up(line: socket.socket) -> bool:
    """Whether the other side ends it, and says nothing before."""
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True
    finally:
        line.close()


def known(address: Address) -> Connection:
    return Connection(address, SECRET, os.urandom, time.monotonic() + PATIENCE_S)


def test_hostile_bytes_are_hung_up_on_and_others_are_answered(address: Address) -> None:
    good = known(address)
    for said in (b"\0" * CLAIM, os.urandom(CLAIM), b"GET / HTTP/1.1\r\nhost: x\r\n\r\n" + b"x" * 99, os.urandom(5_000)):
        line = stranger(address)
        line.sendall(said)
        assert hung_up(line)
    waiting = stranger(address)  # says nothing
    half = stranger(address)
    half.sendall(b"x" * (CLAIM - 1))
    assert hung_up(waiting)
    assert hung_up(half)
    frames = [
        (1 << 31).to_bytes(4, "big") + b"t" * 16,
        good._session.sealed(b"no msgpack")[:-1] + b"X",
        b"\0\0\0\1" + b"t" * 16,  # and then not the one byte that it announces
    ]
    for frame in frames:
        one = known(address)
        one._socket.sendall(frame)
        assert hung_up(one._socket)
    one = known(address)
    one._socket.sendall(one._session.sealed(b"\xc1"))
    assert hung_up(one._socket)
    one.close()
    good.close()
    again = known(address)
    until = time.monotonic() + PATIENCE_S
    # Keys of other parts, features that nobody declared, texts where numbers are: unknown, and nothing breaks.
    asked = (Look("nope", 0, 1), Look("nope", 0, 0), Look("nope", 0, 1, ("x",)))
    again.ask(Question(7, 0, asked), until)
    assert again.answer(until) == Answer(7, 50, 2, 3, (None, None, None), (0, 1, 2))
    again.close()


def test_one_who_asks_and_does_not_read_is_hung_up_on(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving_module, "ANSWER_MAX", 1_000)
    one = known(address)
    asked = Question(1, 0, tuple(Look("nope", 0, number) for number in range(4_000)))
    with pytest.raises(ConnectionError):
        asked_for_ever(one, asked)
    one.close()


def asked_for_ever(one: Connection, asked: Question) -> None:
    while True:
        one.ask(asked, time.monotonic() + PATIENCE_S)


def test_there_is_room_for_so_many(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    one = known(address)
    monkeypatch.setattr(serving_module, "CALLERS_MAX", 1)
    line = address.connect(PATIENCE_S)
    assert hung_up(line)
    until = time.monotonic() + PATIENCE_S
    one.ask(Question(1, 0, ()), until)
    assert one.answer(until).position == 50
    one.close()


@pytest.mark.parametrize(("hello", "proof"), [(b"x" * HELLO, b""), (MAGIC + b"n" * NONCE, b"p" * PROOF)])
def test_one_on_the_socket_of_a_holder_who_does_not_know_the_secret_is_not_believed(hello: bytes, proof: bytes) -> None:
    with short_folder() as folder, socket.socket(socket.AF_UNIX) as door:
        address = Address(path=str(folder / "liar"))
        door.bind(address.path)
        door.listen(1)

        def lie() -> None:
            caller, _ = door.accept()
            with caller:
                caller.sendall(hello + proof)
                caller.settimeout(PATIENCE_S)
                caller.recv(1_000)

        thread = threading.Thread(target=lie)
        thread.start()
        with pytest.raises(Broken):
            known(address)
        thread.join()
