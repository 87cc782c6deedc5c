"""The door to the machine: Arrow columns in, hits with their way back to the seller's characters out."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.engine.text import loose, machine, mistyped, summing, weighing
from agoranomos.engine.text.folding import (
    BROKEN,
    CASE,
    CASE_GAME,
    DISGUISES,
    EXPANSION_MAX,
    HOW_BITS,
    INVISIBLE,
    LEET,
    LOOKALIKE,
    MARK_GAME,
    MARKED,
    MISSPELT,
    ORTHOGRAPHY,
    REBUILT,
    REVERSED,
    ROMANISED,
    SHAPE,
    SOUND,
    SPACED,
    STYLED,
    SWAPPED,
    TAKEN_APART,
    TURNED,
)  # fmt: skip
from agoranomos.engine.text.lexicon import Lexicon
from agoranomos.engine.text.written import Spans

FIELDS: Final = ("title", "description", "brand")
_FIRST_CAPACITY: Final = 65_536
_LOOSE_CAPACITY: Final = 16_384
_SPELLINGS, _CLASS_SETS = 5, 15
"""Places in the tables of the trie."""
_ONE_CAPACITY: Final = 4_096
"""Hits of one row and to spare: it has at most `machine.HITS_PER_ROW_MAX`, its loose ones are far fewer."""

HIDING_WEIGHT: Final = {
    STYLED: 4.6, LOOKALIKE: 5.2, LEET: 5.2, TURNED: 5.2, MARKED: 4.2, INVISIBLE: 5.2, CASE: 4.6, SWAPPED: 4.4,
    CASE_GAME: 4.6, MARK_GAME: 4.6, SPACED: 5.0, BROKEN: 4.6, SOUND: 4.6, SHAPE: 4.6, TAKEN_APART: 5.2, ROMANISED: 4.4,
    REVERSED: 4.6, MISSPELT: 4.6, ORTHOGRAPHY: 4.4, REBUILT: 5.0,
}  # fmt: skip
"""Log-odds that a name written so is hidden on purpose; the sum is capped by the phrase's `hidden`.

Set from first principles (an honest seller has no reason to hide the name he sells under) and checked on real
honest listings: see docs/quality/listing-text.md for how often each occurs there.
"""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a row must be able to reach to be looked at, and the most that the detectors add (log-odds).

    `line`: the least that counts in each concern. `steps`: the share of a brand's least price below which a price
    has a weight, strongest first; `fine`, `dear` the same for goods that cost `fine_from`, `dear_from` or more. `stuffed`: several brands
    in one title, `stuffed_from` or more; `digits`: a number to be called, `spelled`: in words, `mail`: a mailbox; `contradicted`: a brand field that says
    something else than the title; `name_bonus`: the surroundings of a disguised name.

    `class_line`: what words with a class must come to, which count with the share `class_below` below the title and get
    `class_beside` from everyday words; `class_kinds`: see `summing.most_of_classes`, by the number of the class.
    """

    line: tuple[float, float]
    steps: tuple[tuple[float, float], ...] = ()
    fine: tuple[tuple[float, float], ...] = ()
    dear: tuple[tuple[float, float], ...] = ()
    fine_from: float = np.inf
    dear_from: float = np.inf
    stuffed: float = 0.0
    stuffed_from: int = weighing.SEEN_MAX
    digits: float = 0.0
    spelled: float = 0.0
    mail: float = 0.0
    contradicted: float = 0.0
    name_bonus: float = 0.0
    class_line: float = np.inf
    class_below: float = 1.0
    class_beside: float = 0.0
    class_kinds: Mapping[int, tuple[int, int]] = {}

    def most(self) -> npt.NDArray[np.float64]:
        """The single figures in the order in which the machine expects them."""
        most = np.zeros(weighing.FIGURES)
        most[weighing.STUFFED], most[weighing.STUFFED_FROM] = self.stuffed, min(self.stuffed_from, weighing.SEEN_MAX)
        most[weighing.DIGITS], most[weighing.SPELLED], most[weighing.MAIL] = self.digits, self.spelled, self.mail
        most[weighing.CONTRADICTED] = self.contradicted
        most[weighing.NAME_BONUS] = self.name_bonus
        most[weighing.FINE_FROM], most[weighing.DEAR_FROM] = self.fine_from, self.dear_from
        most[weighing.CLASS_LINE] = self.class_line
        most[weighing.CLASS_BELOW], most[weighing.CLASS_BESIDE] = self.class_below, self.class_beside
        return most

    def kinds_of_classes(self) -> npt.NDArray[np.uint32]:
        """`class_kinds` as the machine expects them."""
        kinds = np.zeros((summing.CLASSES_MAX, 2), np.uint32)
        for number, both in self.class_kinds.items():
            kinds[number] = both
        return kinds


def _table(steps: tuple[tuple[float, float], ...]) -> npt.NDArray[np.float64]:
    return np.array(steps, np.float64).reshape(-1, 2)


class Hits(msgspec.Struct, frozen=True):
    """Hits in row order. All arrays have one element per hit.

    row int32; spelling int32 (weighing.DIGITS_SPELLING for a run of digits); begin, end int32 = field number
    << SOURCE_BITS | byte offset of the first and of the last character; how uint16 flags;
    extra int32: what `loose` says of its hits; of others the bits of `weighing`, of which RESEMBLING says that only what
    resembles a name or a term (spellings below -1) keeps the row.
    """

    row: npt.NDArray[np.int32]
    spelling: npt.NDArray[np.int32]
    begin: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    how: npt.NDArray[np.int32]
    extra: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.row)

    def where(self, which: npt.NDArray[Any]) -> Hits:
        """Those hits that `which` chooses (bool or indices), in order."""
        return Hits(*(column[which] for column in msgspec.structs.astuple(self)))


def how_names(how: int) -> tuple[str, ...]:
    """The names of the flags in `how`, in a fixed order."""
    return tuple(name for bit, name in DISGUISES.items() if how & bit)


def hiding_weight(how: int) -> float:
    """The sum of `HIDING_WEIGHT` over the flags in `how`."""
    return sum(weight for bit, weight in HIDING_WEIGHT.items() if how & bit)


def buffers(
    column: pa.Array | pa.ChunkedArray,
) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8], int]:
    """Offsets, data and the longest value in bytes of a string column, without copying."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_string_view(array.type):
        array = array.cast(pa.string())
    if array.null_count:
        array = array.fill_null("")
    wide = pa.types.is_large_string(array.type)
    _, offsets, data = array.buffers()
    kind = np.int64 if wide else np.int32
    if offsets is None or len(array) == 0:
        return np.zeros(len(array) + 1, np.int64), np.zeros(1, np.uint8), 0
    at = np.frombuffer(offsets, kind)[array.offset : array.offset + len(array) + 1].astype(np.int64)
    raw = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    return at, raw, int(np.diff(at).max(initial=0))


def _one_text(raw: bytes) -> _Text:
    """A column of one value, in an array that can be written as those of Arrow can: for another kind of array the
    machine would be compiled again.
    """
    if not raw:
        return _NOTHING
    return _Text(np.array([0, len(raw)], np.int64), np.frombuffer(bytearray(raw), np.uint8), len(raw))


def _no_hits() -> Hits:
    return Hits(*(np.empty(0, np.int32) for _ in range(6)))


def _merged(hits: Hits, more: Hits) -> Hits:
    """Both in row order. Where the machine's own hits keep a row, a tangled word is not what keeps it."""
    kept = np.isin(more.row, hits.row[hits.extra & weighing.RESEMBLING == 0]) & (
        more.spelling == machine.TANGLED_SPELLING
    )
    more.extra[kept] = 0
    order = np.argsort(np.concatenate([hits.row, more.row]), kind="stable")
    both = zip(msgspec.structs.astuple(hits), msgspec.structs.astuple(more), strict=True)
    return Hits(*(np.concatenate(pair)[order] for pair in both))


def spans(columns: Sequence[Any], hits: Hits) -> Spans:
    """Where `hits` stand in `columns`, the title, description and brand field."""
    return Spans([buffers(column)[:2] for column in columns], hits.row, hits.begin, hits.end)


class _Text(msgspec.Struct, frozen=True):
    """A string column as the machine reads it: offsets int32 or int64 (n + 1) into `data` uint8, and the bytes of the
    longest value.
    """

    at: npt.NDArray[Any]
    data: npt.NDArray[np.uint8]
    longest: int


_NOTHING: Final = _Text(np.zeros(2, np.int64), np.zeros(1, np.uint8), 0)
"""A column of one empty value."""


class _OneRow(msgspec.Struct, frozen=True):
    """Price float64 (1,), stated kinds of goods uint32 (1,), whether read loosely uint8 (1,), and places for its hits."""

    price: npt.NDArray[np.float64]
    stated: npt.NDArray[np.uint32]
    loosely: npt.NDArray[np.uint8]
    hits: tuple[npt.NDArray[np.int32], ...]


class _Scratch(threading.local):
    """Working space of one thread: the machine runs without the interpreter's lock, so two would write over each
    other.
    """

    def __init__(self) -> None:
        self.size = 0
        self.space: tuple[npt.NDArray[Any], ...] = ()
        self._apart: npt.NDArray[np.uint64] | None = None
        self._idle: npt.NDArray[np.uint64] | None = None
        self._one: _OneRow | None = None

    def of(self, size: int) -> tuple[npt.NDArray[Any], ...]:
        """At least `size` places for folded characters, the runs of digits, and the words far from every name."""
        if self._apart is None:
            self._apart = np.zeros(mistyped.APART_SIZE, np.uint64)
        if size > self.size:
            self.size = size
            self.space = (
                np.zeros(size, np.uint8), np.zeros(size, np.uint32), np.zeros(size, np.int32), np.zeros((32, 4), np.int32),
                self._apart,
            )  # fmt: skip
        return self.space

    @property
    def idle(self) -> npt.NDArray[np.uint64]:
        """The words in which `loose` finds nothing."""
        if self._idle is None:
            self._idle = np.zeros(loose.IDLE_SIZE, np.uint64)
        return self._idle

    def of_one(self) -> _OneRow:
        """What one row needs beside its texts."""
        if self._one is None:
            hits = tuple(np.empty(_ONE_CAPACITY, np.int32) for _ in range(6))
            self._one = _OneRow(np.zeros(1), np.zeros(1, np.uint32), np.zeros(1, np.uint8), hits)
        return self._one


class Matcher:
    """Finds the phrases of one lexicon in Arrow columns; holds no state between calls but scratch space, for each
    thread its own.
    """

    def __init__(self, lexicon: Lexicon, limits: Limits) -> None:
        self.lexicon = lexicon
        a = lexicon.arrays
        self._tables = (a["entries"], a["spell_at"], a["spell_bytes"])
        self._trie = (
            a["trie"], a["jumps"], a["bitmap"], np.uint64(a["shift"][0]), a["words"], a["spellings"], a["own"],
            a["syllable_of"], a["heads"], a["middles"], a["sounds"], a["odds"], a["places"], a["near"],
            a["tails"], a["class_sets"],
        )  # fmt: skip
        self._loose = (
            a["art_triggers"], a["entries"], a["loose_nodes"], a["loose_ends"], a["loose_gaps"], a["loose_sizes"],
            a["pair_nodes"], a["pair_ends"], a["pair_gaps"], a["pair_sizes"], a["pair_names"],
            a["art_first"], a["art_at"], a["art_bytes"], a["art_letters"],
        )  # fmt: skip
        self.limits = limits
        self._most = (
            limits.kinds_of_classes(),
            _table(limits.steps),
            _table(limits.fine),
            _table(limits.dear),
            limits.most(),
            np.array(limits.line),
        )
        self._how = np.array([HIDING_WEIGHT[1 << k] for k in range(HOW_BITS)])
        self._scratch = _Scratch()

    def read(
        self,
        title: Any,
        description: Any,
        brand: Any,
        price: npt.NDArray[np.float64],
        stated: npt.NDArray[np.uint32] | None = None,
        *,
        every: bool = False,
    ) -> Hits:
        """Hits of the rows that can reach a line (with `every`: all phrases of all rows).

        title, description, brand: string arrays of equal length; price: float64 in the reference currency;
        stated: uint32, the kinds of goods that the category states (bits), 0 unknown.
        """
        columns = tuple(_Text(*buffers(column)) for column in (title, description, brand))
        rows, done, parts = len(columns[0].at) - 1, 0, []
        known = np.zeros(rows, np.uint32) if stated is None else stated
        found = None if every else self._read_loosely(columns[0].at, columns[0].data, columns[2].at, columns[2].data)
        loosely = np.zeros(rows, np.uint8)
        if found is not None:
            loosely[found.row] = 1
        capacity = max(_FIRST_CAPACITY, rows * 4)
        while done < rows:
            hit = tuple(np.empty(capacity, np.int32) for _ in range(6))
            done, used = self._run(done, rows, columns, price, known, loosely, hit, every=every)
            parts.append([array[:used] for array in hit])
        if not parts:
            return _no_hits()
        hits = Hits(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
        return hits if found is None or not len(found) else _merged(hits, found)

    def weigh_again(
        self,
        hits: Hits,
        price: npt.NDArray[np.float64],
        stated: npt.NDArray[np.uint32],
        fielded: npt.NDArray[np.bool_],
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
        """The rows with `hits`, ascending, and what they come to: `weighing.BELOW`, BY_MAIL or REACHES.

        For hits some of which were struck out (`weighing.STRUCK_SPELLING`) or changed since they were read; price and
        stated as they were, of all rows; fielded: which rows have a brand field. Names drawn or with a mistake, and what
        resembles one, weigh nothing here.
        """
        rows, begins = np.unique(hits.row, return_index=True)
        starts = np.append(begins, len(hits)).astype(np.int64)
        reached = np.zeros(len(rows), np.uint8)
        weighing.weigh_again(
            starts, hits.spelling, hits.begin, hits.how, hits.extra,
            self._trie[_SPELLINGS], self._trie[_CLASS_SETS], self._how, *self._most,
            price[rows], stated[rows], fielded[rows].view(np.uint8), reached,
        )  # fmt: skip
        return rows, reached

    def read_one(self, title: bytes, description: bytes, brand: bytes, price: float, stated: int) -> Hits:
        """What `read` gives for a batch of this one row, without making a batch of it.

        Texts are UTF-8; price and stated: see `read`.
        """
        columns = tuple(_one_text(raw) for raw in (title, description, brand))
        row = self._scratch.of_one()
        _, loosely = loose.read_rows(
            0,
            1,
            columns[0].at,
            columns[0].data,
            columns[2].at,
            columns[2].data,
            *self._loose,
            self._scratch.idle,
            *row.hits,
        )
        found = Hits(*(array[:loosely].copy() for array in row.hits))
        row.price[0], row.stated[0], row.loosely[0] = price, stated, loosely > 0
        _, used = self._run(0, 1, columns, row.price, row.stated, row.loosely, row.hits, every=False)
        hits = Hits(*(array[:used].copy() for array in row.hits))
        return _merged(hits, found) if loosely else hits

    def _run(
        self, first: int, last: int, columns: tuple[_Text, ...], price: Any, stated: Any, loosely: Any, hits: Any, *, every: bool,
    ) -> tuple[int, int]:  # fmt: skip
        """See `machine.read_rows`."""
        title, text, brand = columns
        space = self._scratch.of(EXPANSION_MAX * (title.longest + text.longest + brand.longest) + 64)
        done, used = machine.read_rows(
            first, last, title.at, title.data, text.at, text.data, brand.at, brand.data, price, stated, loosely,
            *self._tables, *self._trie, self._how, *self._most, every, *space, *hits,
        )  # fmt: skip
        return done, used

    def _read_loosely(self, title_at: Any, title: Any, brand_at: Any, brand: Any) -> Hits:
        """Names with letters drawn or with a mistake among several words, in titles and brand fields."""
        rows, done, parts = len(title_at) - 1, 0, []
        while done < rows:
            hits = tuple(np.empty(_LOOSE_CAPACITY, np.int32) for _ in range(6))
            done, used = loose.read_rows(
                done, rows, title_at, title, brand_at, brand, *self._loose, self._scratch.idle, *hits
            )
            parts.append([array[:used].copy() for array in hits])
        return Hits(*(np.concatenate(columns) for columns in zip(*parts, strict=True))) if parts else _no_hits()
