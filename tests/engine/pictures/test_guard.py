"""A child process reads pictures; when it dies the rest is read all the same."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from agoranomos.engine.pictures import guard as module
from agoranomos.engine.pictures.barcodes import Barcode
from agoranomos.engine.pictures.bounds import Skip
from agoranomos.engine.pictures.guard import Guard, Looked
from agoranomos.engine.pictures.signature import Signature
from tests.engine.pictures.drawing import drawn, file_of, file_with_code, signed

pytestmark = pytest.mark.slow
PICTURES = [file_of(drawn(seed)) for seed in range(3)]


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard]:
    with Guard() as made:
        yield made


def _packed(found: Signature | Skip) -> bytes | str:
    return found.reason if isinstance(found, Skip) else found.packed()


def test_results_are_those_of_this_process(guard: Guard) -> None:
    given = [PICTURES[0], b"", PICTURES[1], b"text", *[PICTURES[2]] * 20]
    found = list(guard.signatures(given))
    expected: list[Signature | Skip] = [signed(PICTURES[0]), Skip("empty"), signed(PICTURES[1]), Skip("not_a_picture")]
    assert [_packed(each) for each in found[:4]] == [_packed(each) for each in expected]
    assert {_packed(each) for each in found[4:]} == {signed(PICTURES[2]).packed()}


def test_the_picture_that_kills_is_skipped_and_the_rest_is_read(guard: Guard) -> None:
    results = guard.signatures(PICTURES * 20)
    assert isinstance(next(results), Signature)
    assert guard.child_id is not None
    os.kill(guard.child_id, signal.SIGKILL)
    rest = list(results)
    assert len(rest) == 59
    assert sum(each == Skip("crashed") for each in rest) == 1


def test_the_picture_that_takes_too_long_is_skipped() -> None:
    with Guard(seconds_max=0.5) as hasty:
        results = hasty.signatures([b"", *PICTURES])
        assert next(results) == Skip("empty")
        child = hasty.child_id
        assert child is not None
        os.kill(child, signal.SIGSTOP)
        # What the child had answered before it was stopped still counts.
        found = list(results)
        assert len(found) == 3
        assert hasty.child_id != child


def test_one_decoding_tells_the_signature_and_the_codes(guard: Guard) -> None:
    with_code = file_with_code("weixin://dl/chat?shop88")
    found = guard.looked([PICTURES[0], b"", with_code])
    assert [isinstance(each, Looked) for each in found] == [True, False, True]
    assert found[1] == Skip("empty")
    first, last = found[0], found[2]
    assert isinstance(first, Looked)
    assert (first.signature.packed(), first.codes) == (signed(PICTURES[0]).packed(), ())
    assert isinstance(last, Looked)
    assert (last.signature.packed(), last.codes) == (
        signed(with_code).packed(), (Barcode("QR Code", "weixin://dl/chat?shop88"),),
    )  # fmt: skip


def test_who_kills_the_reader_of_codes_has_a_signature_all_the_same(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = guard._asked
    monkeypatch.setattr(
        guard, "_asked", lambda what, given: ("crashed" for _ in given) if what == "looked" else asked(what, given)
    )
    first, last = guard.looked([PICTURES[0], b""])
    assert isinstance(first, Looked)
    assert first.signature.packed() == signed(PICTURES[0]).packed()
    assert last == Skip("empty")


def test_too_much_memory_is_refused(guard: Guard) -> None:
    with Guard(memory_max=1 << 20) as small:
        large = file_of(drawn(5, (3_000, 3_000)), "PNG")
        found = list(small.signatures([large, b""]))
    assert found[0] in {Skip("broken"), Skip("crashed")}
    assert found[1] == Skip("empty")


def test_a_child_that_answers_nonsense_is_not_believed() -> None:
    for read in (module._as_signature, module._as_looked, module._as_grey):
        assert read(b"\xffnonsense") == Skip("crashed")
        assert read("no reason") == Skip("crashed")
        assert read(7) == Skip("crashed")
        assert read("broken") == Skip("broken")
