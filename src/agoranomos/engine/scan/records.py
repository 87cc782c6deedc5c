"""Cuts CSV into records, exactly, whatever the quotes hold.

A block whose quotes all stand as RFC 4180 has them ("tidy": each opens at the start of a field,
closes at the end of one, or is doubled) is cut by counting quotes with numpy. Any other block goes
through a slower reader that knows what to do with a stray quote: inside an unquoted field it is an
ordinary character (5" pipe); a quoted field that is not closed within 4 MiB, or is followed by
more text, costs that one line, and reading goes on with the next. Both readers agree wherever both
apply, and no decision depends on where a block ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agoranomos.engine.scan.schema import LINE_BYTES_MAX

_QUOTE, _LF, _CR = 34, 10, 13


class Record(NamedTuple):
    """One record without its line end; `line` counts from 0 at the splitter's start."""

    raw: bytes
    line: int
    fault: str | None


class Piece(NamedTuple):
    """Whole records: `data` when tidy (then `records` is None), else one by one."""

    data: bytes
    line: int
    records: list[Record] | None


def _newlines_outside(
    data: bytes, *, quotes: bool = True
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint8]]:
    """Positions of newlines that end records, of quotes, and the bytes; right for tidy data.

    Without `quotes` a quote is an ordinary character and each line a record.
    """
    octets = np.frombuffer(data, np.uint8)
    newlines = np.flatnonzero(octets == _LF)
    if not quotes or b'"' not in data:
        return newlines, newlines[:0], octets
    marks = np.flatnonzero(octets == _QUOTE)
    return newlines[np.searchsorted(marks, newlines) % 2 == 0], marks, octets


def tidy_end(data: bytes, delimiter: str) -> int | None:
    """Where the last whole record of `data` ends, in bytes; 0 without any, None when not tidy."""
    ends, quotes, octets = _newlines_outside(data)
    if not ends.size:
        return 0
    end = int(ends[-1]) + 1
    if np.diff(ends, prepend=-1).max() > LINE_BYTES_MAX:
        return None
    returns = data.count(b"\r", 0, end)
    if returns and returns != data.count(b"\r\n", 0, end):
        return None
    quotes = quotes[: np.searchsorted(quotes, end)]
    opening, closing = quotes[0::2], quotes[1::2]
    before, after = octets[opening - 1], octets[closing + 1]
    if opening.size and opening[0] == 0:
        before[0] = _LF
    mark = ord(delimiter)
    tidy = np.isin(before, (mark, _LF, _QUOTE)).all() and np.isin(after, (mark, _LF, _CR, _QUOTE)).all()
    return end if tidy else None


def tidy_lines(data: bytes, *, quotes: bool = True) -> NDArray[np.intp]:
    """The line of each record of tidy `data`, from 0; blank lines are no records."""
    ends, _, octets = _newlines_outside(data, quotes=quotes)
    if not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts
    blank = (lengths == 0) | ((lengths == 1) & (octets[np.minimum(starts, len(data) - 1)] == _CR))
    every = np.flatnonzero(octets == _LF)
    lines: NDArray[np.intp] = np.searchsorted(every, starts[~blank])
    return lines


class Splitter:
    """Takes blocks of a CSV file in turn and gives whole records back.

    `position` is how many bytes the pieces so far have covered: a record begins there, unless
    `skipping` says that it lies within a line that is too long.
    """

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._carry = b""
        self._record = _record_pattern(delimiter)
        self.position = 0
        self.line = 0
        self.skipping = False

    def feed(self, block: bytes, *, final: bool) -> Iterator[Piece]:
        """The pieces that end within what was fed so far; with `final`, all that is left."""
        if self.skipping:
            newline = block.find(b"\n")
            if newline < 0:
                self.position += len(block)
                return
            self.position += newline + 1
            block, self.skipping = block[newline + 1 :], False
        data = self._carry + block
        if final and data and not data.endswith(b"\n"):
            data += b"\n"
        end = tidy_end(data, self._delimiter)
        if end:
            yield Piece(data[:end], self.line, None)
            self.line += data.count(b"\n", 0, end)
            self.position += end
            data = data[end:]
        self._carry = data
        if data and (end is None or final or len(data) > LINE_BYTES_MAX):
            yield Piece(b"", self.line, list(self._slowly(final)))

    def _slowly(self, final: bool) -> Iterator[Record]:
        data, at, size = self._carry, 0, len(self._carry)
        while at < size:
            newline = data.find(b"\n", at, at + LINE_BYTES_MAX + 1)
            if newline < 0 and size - at <= LINE_BYTES_MAX:
                break
            line, end, fault = self.line, newline + 1, None
            if newline < 0:
                fault = "line_too_long"
                end = data.find(b"\n", at + LINE_BYTES_MAX) + 1
                self.skipping = end == 0
                end = end or size
                newline = at
            elif data.find(b'"', at, newline) >= 0:
                match = self._record.match(data, at, min(size, at + LINE_BYTES_MAX))
                if match is not None:
                    end = match.end()
                    newline = end - 1
                elif not final and size - at < LINE_BYTES_MAX:
                    break  # what comes may close it
                else:
                    fault = "broken_quote"
            raw = data[at:newline].removesuffix(b"\r")
            self.line += 1 if fault else data.count(b"\n", at, end)
            at = end
            if raw or fault:
                yield Record(raw, line, fault)
        self.position += at
        self._carry = data[at:]


def records_of(data: bytes, delimiter: str) -> list[Record]:
    """The records of tidy `data` one by one."""
    splitter = Splitter(delimiter)
    splitter._carry = data if data.endswith(b"\n") else data + b"\n"
    return list(splitter._slowly(final=True))


def _record_pattern(delimiter: str) -> re.Pattern[bytes]:
    mark = re.escape(delimiter).encode()
    field = rb'(?:"(?:[^"]++|"")*+"|[^"%b\n][^%b\n]*+|)' % (mark, mark)
    return re.compile(rb"%b(?:%b%b)*+\r?\n" % (field, mark, field))


def fields(text: str, delimiter: str) -> list[str]:
    """The fields of one record, without quotes."""
    if '"' not in text:
        return text.split(delimiter)
    out, at = [], 0
    pattern = _FIELD[delimiter]
    while True:
        match = pattern.match(text, at)
        assert match is not None
        quoted, plain = match.groups()
        out.append(plain if quoted is None else quoted.replace('""', '"'))
        at = match.end() + 1
        if at > len(text):
            return out


DELIMITERS = ",\t;|"
_FIELD = {
    mark: re.compile(rf'"((?:[^"]++|"")*+)"(?={re.escape(mark)}|\Z)|([^{re.escape(mark)}]*+)') for mark in DELIMITERS
}
