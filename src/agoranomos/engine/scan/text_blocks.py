"""The bytes of one unit of a text file, block by block, whatever it is packed in."""

from __future__ import annotations

from collections.abc import Iterator

from agoranomos.engine.scan.raw import Tally
from agoranomos.engine.scan.streams import DAMAGED, Readable, Utf8Of, blocks, opened
from agoranomos.engine.scan.units import Unit

_MARK_BYTES = 2  # of UTF-16


def encoding_of(unit: Unit) -> str:
    """The encoding of the blocks (UTF-16 has become UTF-8 on the way)."""
    return "utf-8" if unit.layout.utf16 or not unit.layout.encoding else unit.layout.encoding


def text_blocks(unit: Unit, tally: Tally) -> Iterator[tuple[bytes, bool]]:
    """Blocks and whether each is the last; damage ends the stream and is noted in `tally`."""
    try:
        waiting: bytes | None = None
        for block in _blocks(unit):
            if waiting is not None:
                yield waiting, False
            waiting = block
    except DAMAGED as error:
        tally.notes.append(f"damaged: the file breaks off ({error})")
    yield waiting or b"", True


def _blocks(unit: Unit) -> Iterator[bytes]:
    with opened(unit.source) as raw:
        stream: Readable = raw
        if unit.layout.utf16:
            raw.read(_MARK_BYTES)
            stream = Utf8Of(raw, unit.layout.encoding)
        if unit.source.splittable and not unit.layout.utf16:
            raw.seek(unit.start)
            yield from blocks(stream, None if unit.stop < 0 else unit.stop - unit.start)
            return
        left = unit.start
        for block in blocks(stream):
            yield block[left:]
            left = max(0, left - len(block))
