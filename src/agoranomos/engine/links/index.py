"""All sellers in memory, ready to be asked: rows, whose they are, and postings in segments that merge as they grow.

New rows wait in a small dictionary; enough of them become a segment, and segments of one size merge into one of twice
the size (the logarithmic method, Bentley and Saxe 1980), so that a row is moved a few times in its life, and a question
looks into a few segments. A row never changes: a later one takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from agoranomos.engine.links.keys import KEYS_MAX, KIND, keys_of, mixed
from agoranomos.engine.links.looking import CANDIDATES_MAX, NO_CROWDS, Rows, judged, pairs_of, tally
from agoranomos.engine.links.parameters import Numbers, Parameters, numbers_of
from agoranomos.engine.links.postings import ASKED_MAX, Postings, ask, postings_of
from agoranomos.engine.links.slots import FIRST, WIDTH, Row

WAITING_MAX: Final = 1_024
_BURIED_MAX: Final = 4_096
_GROWS: Final = 1.3


class Met(NamedTuple):
    """A seller whom a row meets: by which of his rows, and the natural log-odds that the two are one."""

    seller_id: str
    row: int
    log_odds: float


class Asked(NamedTuple):
    """What a row asked the index: its keys, how many others hold each, and whom it led to."""

    keys: npt.NDArray[np.uint64]
    others: npt.NDArray[np.int64]
    candidates: npt.NDArray[np.int32]


class _Segment(NamedTuple):
    first: int
    last: int
    postings: Postings


class Index:
    """`parameters` say what an agreement weighs; `seller_of(row)` and `rows_of(seller)` lead from one to the other."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self._table = np.zeros((64, WIDTH), np.uint64)
        self._owner = np.zeros(64, np.int32)
        self._hand = np.zeros(64, np.int32)
        self._alive = np.zeros(64, np.bool_)
        self._size = 0
        self._sellers: list[str] = []
        self._numbers_of: dict[str, int] = {}
        # Of each seller the latest row, and of each row the one before it of the same seller; -1: there is none.
        self._latest = np.full(64, -1, np.int32)
        self._before = np.full(64, -1, np.int32)
        self._hand_of: dict[int, int] = {}
        self._segments: list[_Segment] = []
        self._waiting: dict[int, list[int]] = {}
        self._waiting_from = 0
        self._known: Numbers | None = None
        self._buried = 0
        self._keys, self._kinds = np.empty(KEYS_MAX, np.uint64), np.empty(KEYS_MAX, np.int64)
        self._counts, self._others = np.empty(KEYS_MAX, np.int64), np.empty(KEYS_MAX, np.int64)
        self._holders = np.zeros((KEYS_MAX, ASKED_MAX), np.int32)
        self._candidates, self._odds = np.empty(CANDIDATES_MAX, np.int32), np.empty(CANDIDATES_MAX)

    def __len__(self) -> int:
        return len(self._sellers)

    @property
    def known(self) -> Numbers:
        """The parameters for as many sellers as there are now."""
        if self._known is None or self._known.size != max(1, len(self._sellers)):
            self._known = numbers_of(self.parameters, len(self._sellers))
        return self._known

    def add(self, seller_id: str, row: Row, *, instead: int | None = None) -> int:
        """A row of a seller; `instead`: it takes the place of an earlier one. Returns its number."""
        at = self._append(seller_id, row)
        if instead is not None:
            self._bury(instead)
            if self._buried > _BURIED_MAX + self._size // 2:
                self._compact()
                return self._size - 1
        n = keys_of(row, self._keys, self._kinds)
        for key in self._keys[:n].tolist():
            self._waiting.setdefault(key, []).append(at)
        if self._size - self._waiting_from >= WAITING_MAX:
            self._settle()
        return at

    def same_hand(self, seller_id: str, as_seller: str) -> None:
        """A seller is taken to be another one (or himself again): together they hold a fact once."""
        hand = self._number_of(as_seller)
        self._hand_of[self._number_of(seller_id)] = hand
        for at in self.rows_of(seller_id):
            self._hand[at] = hand

    def remove(self, at: int) -> None:
        """A row that stands no longer."""
        self._bury(at)

    def weigh_by(self, parameters: Parameters) -> None:
        """From now on, agreements weigh what `parameters` say."""
        self.parameters, self._known = parameters, None

    def add_all(self, sellers: Sequence[str], rows: npt.NDArray[np.uint64]) -> None:
        """Many rows at once, into one segment."""
        self.add_parts([(sellers, rows)])

    def add_parts(self, parts: Iterable[tuple[Sequence[str], npt.NDArray[np.uint64]]]) -> None:
        """The same for more rows than should lie in memory twice: of each part the sellers and their rows."""
        for sellers, rows in parts:
            begin = self._size
            self._reserve(begin + len(rows))
            self._table[begin : begin + len(rows)] = rows
            self._alive[begin : begin + len(rows)] = True
            for at, seller_id in enumerate(sellers, begin):
                self._note(seller_id, at)
            self._size = begin + len(rows)
        self._settle()

    def consolidate(self) -> None:
        """All in one segment, as the sweep needs it."""
        self._segments, self._waiting, self._waiting_from = [], {}, self._size
        if self._size:
            self._segments = [_Segment(0, self._size, postings_of(self._table, 0, self._size))]

    def row(self, at: int) -> Row:
        """The row with this number."""
        found: Row = self._table[at]
        return found

    def rows_of(self, seller_id: str) -> list[int]:
        """The numbers of a seller's rows that stand."""
        number, found = self._numbers_of.get(seller_id), list[int]()
        at = int(self._latest[number]) if number is not None else -1
        while at >= 0:
            found.append(at)
            at = int(self._before[at])
        return found[::-1]

    def seller_of(self, at: int) -> str:
        """Whose row this is."""
        return self._sellers[int(self._owner[at])]

    def live(self) -> Iterator[tuple[str, int]]:
        """(seller, row) of all rows that stand."""
        for at in np.flatnonzero(self._alive[: self._size]).tolist():
            yield self.seller_of(at), at

    def table(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
        """The rows that stand, in the order of `live`, and the number of each one's hand."""
        alive = np.flatnonzero(self._alive[: self._size])
        return self._table[alive], self._hand[alive]

    @property
    def size(self) -> int:
        """How many rows there are, also of those that others took the place of."""
        return self._size

    @property
    def sellers(self) -> Sequence[str]:
        """All sellers, at the places that `Rows.owner` names."""
        return self._sellers

    @property
    def rows(self) -> Rows:
        """All rows by their number, also those that others took the place of."""
        return Rows(self._table, self._owner, self._hand, self._alive)

    def hand_of(self, seller_id: str) -> int:
        """The number of the one whom a seller is taken to be; -1 for somebody unknown."""
        number = self._numbers_of.get(seller_id, -1)
        return self._hand_of.get(number, number)

    def ask(self, row: Row, own: str = "") -> Asked:
        """Who holds what `row` says, the rows of the seller `own` left aside. The arrays are good until the next
        call.
        """
        n = keys_of(row, self._keys, self._kinds)
        self._counts[:n] = 0
        for segment in self._segments:
            ask(segment.postings, self._keys, n, self._counts, self._holders)
        if self._waiting:
            self._ask_waiting(n)
        number = self._numbers_of.get(own, -1)
        many = tally(
            self._holders, self._counts, self._kinds, n, self.rows, number, self.hand_of(own),
            self._others, self._candidates,
        )  # fmt: skip
        return Asked(self._keys[:n], self._others[:n], self._candidates[:many])

    def holders(self, row: Row, slot: str, own: str = "") -> list[str]:
        """The sellers, one of each hand, who hold what `row` says in a slot that is a key; the seller `own` and those
        of his hand left aside. Nobody, where more hold it than are told apart.
        """
        if not row[FIRST[slot]]:
            return []
        self._keys[0], self._counts[0] = mixed(row[FIRST[slot]], KIND[slot]), 0
        for segment in self._segments:
            ask(segment.postings, self._keys, 1, self._counts, self._holders)
        self._ask_waiting(1)
        hands: dict[int, str] = {}
        for at in self._holders[0, : self._counts[0]].tolist() if self._counts[0] <= ASKED_MAX else ():
            if self._alive[at]:
                hands.setdefault(int(self._hand[at]), self.seller_of(at))
        hands.pop(self.hand_of(own), None)
        return [hands[hand] for hand in sorted(hands)]

    def meets(self, row: Row, own: str = "", *, line: float = 0.0) -> list[Met]:
        """The sellers who are at least so likely the same (natural log-odds), the likeliest first; `own`: see `ask`."""
        asked = self.ask(row, own)
        many = len(asked.candidates)
        if not many:
            return []
        judged(
            row, self.hand_of(own), self.rows, asked.candidates, many, asked.keys, asked.others,
            len(asked.keys), self.known, self._odds,
        )  # fmt: skip
        best: dict[int, Met] = {}
        for at, odds in zip(asked.candidates.tolist(), self._odds[:many].tolist(), strict=True):
            number = int(self._owner[at])
            if odds >= line and (number not in best or odds > best[number].log_odds):
                best[number] = Met(self._sellers[number], at, odds)
        return sorted(best.values(), key=lambda met: (-met.log_odds, met.seller_id))

    def sweep(self, *, line: float = 0.0) -> Iterator[tuple[int, int, float]]:
        """All pairs of rows (the later one first) that are at least so likely of one seller, and the log-odds."""
        self.consolidate()
        if not self._segments:
            return
        postings = self._segments[0].postings
        for pairs, odds in pairs_of(0, self._size, self.rows, postings, NO_CROWDS, self.known, line):
            for (one, other), value in zip(pairs.tolist(), odds.tolist(), strict=True):
                yield one, other, value

    def _ask_waiting(self, n: int) -> None:
        for k, key in enumerate(self._keys[:n].tolist()):
            waiting = self._waiting.get(key)
            if waiting:
                count = int(self._counts[k])
                room = waiting[: max(0, ASKED_MAX - count)]
                self._holders[k, count : count + len(room)] = room
                self._counts[k] = count + len(waiting)

    def _append(self, seller_id: str, row: Row) -> int:
        self._reserve(self._size + 1)
        at = self._size
        self._table[at] = row
        self._alive[at] = True
        self._note(seller_id, at)
        self._size = at + 1
        return at

    def _note(self, seller_id: str, at: int) -> None:
        number = self._number_of(seller_id)
        self._owner[at] = number
        self._hand[at] = self._hand_of.get(number, number)
        self._before[at], self._latest[number] = self._latest[number], at

    def _number_of(self, seller_id: str) -> int:
        number = self._numbers_of.setdefault(seller_id, len(self._sellers))
        if number == len(self._sellers):
            self._sellers.append(seller_id)
            if number >= len(self._latest):
                self._latest = _grown(self._latest, int(number * _GROWS) + 64, empty=-1)
        return number

    def _bury(self, at: int) -> None:
        self._alive[at] = False
        self._buried += 1
        number, before = int(self._owner[at]), self._before[at]
        later = int(self._latest[number])
        if later == at:
            self._latest[number] = before
            return
        while self._before[later] != at:
            later = int(self._before[later])
        self._before[later] = before

    def _settle(self) -> None:
        """What waits becomes a segment; segments that are no larger than what comes behind them join it."""
        first = self._waiting_from
        while self._segments and self._segments[-1].last - self._segments[-1].first <= self._size - first:
            first = self._segments.pop().first
        self._segments.append(_Segment(first, self._size, postings_of(self._table, first, self._size)))
        self._waiting, self._waiting_from = {}, self._size

    def _compact(self) -> None:
        """Leaves out the rows that stand no longer; the others are numbered anew, in their order."""
        standing = np.flatnonzero(self._alive[: self._size])
        names = [self.seller_of(at) for at in standing.tolist()]
        rows = self._table[standing]
        fresh = Index(self.parameters)
        fresh.add_all(names, rows)
        for number, hand in self._hand_of.items():
            fresh.same_hand(self._sellers[number], self._sellers[hand])
        self.__dict__.update(fresh.__dict__)

    def _reserve(self, wanted: int) -> None:
        if wanted > len(self._table):
            room = max(wanted, int(len(self._table) * _GROWS) + 64)
            self._table = _grown(self._table, room)
            self._owner = _grown(self._owner, room)
            self._hand = _grown(self._hand, room)
            self._alive = _grown(self._alive, room)
            self._before = _grown(self._before, room, empty=-1)


def _grown(array: npt.NDArray[Any], room: int, *, empty: int = 0) -> npt.NDArray[Any]:
    larger = np.zeros((room, *array.shape[1:]), array.dtype)  # what is not written to takes no memory
    larger[: len(array)] = array
    if empty:
        larger[len(array) :] = empty
    return larger


def filled(parameters: Parameters, rows: Iterable[tuple[str, Row]]) -> Index:
    """An index of all of these."""
    index = Index(parameters)
    for seller_id, row in rows:
        index.add(seller_id, row)
    return index
