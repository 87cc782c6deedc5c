"""All links of a base that is cut into parts: the sweep of `index`, where nobody holds all of it.

Three steps, each a task for a part, with files between them. *Keying* writes the keys of a piece of the rows, in order.
*Matching* has all holders of a range of keys beside each other, and sends them to the parts whose rows are among them.
*Scoring* has so all whom the rows of a part may meet, and runs over these the loop of the sweep itself: what it fills
in for a row are the same numbers in the same order, so that pairs and log-odds are the same to the last bit.

Keys that a crowd holds tie nobody (`postings.ASKED_MAX`); of them only how many hold them goes from step to step, so
that an agent's telephone costs as much with a million clients as with a hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.engine.compiled import nb
from agoranomos.engine.links.index import Index
from agoranomos.engine.links.keys import KEYS_MAX, keys_of
from agoranomos.engine.links.looking import Crowds, Rows, led_to_max, pairs_of
from agoranomos.engine.links.parameters import Parameters, numbers_of
from agoranomos.engine.links.postings import ASKED_MAX, Postings, bits_for, total_of
from agoranomos.engine.links.slots import WIDTH

Numbers = npt.NDArray[Any]
_COLUMNS: Final = ("table", "owner", "hand", "alive")


class Base(msgspec.Struct, frozen=True):
    """The rows of an index, as they lie in the files of `folder`: `size` rows of `sellers` sellers, who are weighed by
    `parameters`; everything is cut into `parts`.
    """

    folder: str
    size: int
    sellers: int
    parameters: Parameters
    parts: int

    def bounds(self, part: int) -> tuple[int, int]:
        """The first row of a part, and one past its last."""
        return part * self.size // self.parts, (part + 1) * self.size // self.parts

    def column(self, name: str) -> Numbers:
        """One of table, owner, hand and alive, as it lies on disk."""
        return _read(Path(self.folder), name)


def written(index: Index, folder: Path, parts: int) -> Base:
    """Writes the rows of an index for others to read."""
    for name in _COLUMNS:
        np.save(folder / f"{name}.npy", getattr(index.rows, name)[: index.size])
    return Base(str(folder), index.size, len(index), index.parameters, parts)


def key(base: Base, part: int, folder: Path) -> None:
    """Writes the keys of the rows of a part, in order, with row and kind; of crowded ones, how many rows hold them."""
    first, last = base.bounds(part)
    table = np.array(base.column("table")[first:last])
    total = total_of(table, 0, len(table))
    keys, rows, kinds = np.empty(total, np.uint64), np.empty(total, np.int32), np.empty(total, np.uint8)
    entries(table, first, keys, rows, kinds)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts, counts = _runs(keys)
    many = counts > ASKED_MAX
    kept = ~np.repeat(many, counts)
    _write(folder, keys=keys[kept], rows=rows[order][kept], kinds=kinds[order][kept])
    _write(folder, crowds=keys[starts][many], counts=counts[many])


def match(base: Base, part: int, keyed: Sequence[str], folder: Path) -> None:
    """Writes who holds which of the keys of a range, for each part of the rows (at `bounds`) that is concerned."""
    found = [_slice(Path(each), part, base.parts) for each in keyed]
    keys, rows, kinds = (np.concatenate([each[place] for each in found]) for place in range(3))
    order = np.argsort(keys, kind="stable")  # the pieces come in the order of their rows
    keys, rows, kinds = keys[order], rows[order], kinds[order]
    starts, counts = _runs(keys)
    crowds = _crowds(found, keys[starts], counts)
    kept = (counts > 1) & (counts <= ASKED_MAX) & ~np.isin(keys[starts], crowds.keys, assume_unique=True)
    starts, counts = starts[kept], counts[kept]
    leads = np.empty(len(starts), np.bool_)
    leading(starts, counts, kinds, base.column("hand")[rows], base.column("alive")[rows], leads)
    # Each group of holders goes whole to each part that has one of them; its rows are in order, and so are the parts.
    homes = np.searchsorted([base.bounds(each)[1] for each in range(base.parts)], rows, side="right")
    groups = np.repeat(np.arange(len(starts)), counts)
    places = _ranges(starts, counts)
    new = np.ones(len(places), np.bool_)
    new[1:] = (groups[1:] != groups[:-1]) | (homes[places[1:]] != homes[places[:-1]])
    sent, home = groups[new], homes[places[new]]
    order = np.argsort(home, kind="stable")
    sent, home = sent[order], home[order]
    entries = _ranges(starts[sent], counts[sent])
    until = np.zeros(base.parts + 1, np.int64)
    np.add.at(until, home + 1, counts[sent])
    until = np.cumsum(until)
    _write(folder, bounds=until, keys=keys[entries], rows=rows[entries], leads=np.repeat(leads[sent], counts[sent]))
    _write(folder, crowds=crowds.keys, counts=crowds.counts)


def score(base: Base, part: int, matched: Sequence[str], line: float, folder: Path) -> None:
    """Writes all pairs of a row of the part and an earlier one that are at least so likely (natural log-odds)."""
    first, last = base.bounds(part)
    keys, holders, leads = _received(matched, part)
    # Ranges of keys come in their order: so does all of it.
    crowds = Crowds(*(_joined(matched, name) for name in ("crowds", "counts")))
    there = np.zeros(base.size, np.bool_)
    there[first:last] = there[holders] = True
    numbers = np.flatnonzero(there).astype(np.int32)
    begin = int(np.searchsorted(numbers, first))
    # What is never compared is never read: pages of zeros take no memory.
    table = np.zeros((len(numbers), WIDTH), np.uint64)
    table[begin : begin + last - first] = base.column("table")[first:last]
    there[:] = False
    there[holders[leads]] = True
    there[first:last] = False
    wanted = np.flatnonzero(there)
    table[np.searchsorted(numbers, wanted)] = base.column("table")[wanted]
    rows = Rows(table, *(np.array(base.column(name)[numbers]) for name in _COLUMNS[1:]))
    postings = _postings(keys, np.searchsorted(numbers, holders).astype(np.int32))
    known = numbers_of(base.parameters, base.sellers)
    pairs, odds = [np.empty((0, 2), np.int32)], [np.empty(0)]
    for some, likely in pairs_of(begin, begin + last - first, rows, postings, crowds, known, line):
        pairs.append(numbers[some])
        odds.append(likely.copy())
    _write(folder, pairs=np.concatenate(pairs), odds=np.concatenate(odds))


def scored(folder: Path) -> tuple[Numbers, Numbers]:
    """The pairs (later row, earlier row) and log-odds that `score` wrote."""
    return _read(folder, "pairs"), _read(folder, "odds")


@nb.njit(cache=True, nogil=True)
def entries(table: Any, first: int, keys: Any, rows: Any, kinds: Any) -> None:
    """Fills `keys` (uint64), `rows` (int32) and `kinds` (uint8) with the keys of the rows of `table`, which begins with
    the row `first`.
    """
    own, kind = np.empty(KEYS_MAX, np.uint64), np.empty(KEYS_MAX, np.int64)
    at = 0
    for row in range(len(table)):
        for k in range(keys_of(table[row], own, kind)):
            keys[at], rows[at], kinds[at] = own[k], first + row, kind[k]
            at += 1


@nb.njit(cache=True, nogil=True)
def leading(starts: Any, counts: Any, kinds: Any, hands: Any, alive: Any, leads: Any) -> None:
    """Fills `leads` (bool): whether any holder of a group of entries is led to the others; see `looking.tally`."""
    for group in range(len(starts)):
        begin, end, found = starts[group], starts[group] + counts[group], 0
        for at in range(begin, end):
            new = alive[at]
            for before in range(begin, at):
                new = new and not (alive[before] and hands[before] == hands[at])
            found += new
        leads[group] = found - 1 <= led_to_max(kinds[begin])


def _slice(keyed: Path, part: int, parts: int) -> tuple[Numbers, ...]:
    """Of a piece, the entries (keys, rows, kinds) and crowds (keys, counts) of a range of keys."""
    found = list[Numbers]()
    for names in (("keys", "rows", "kinds"), ("crowds", "counts")):
        keys = _read(keyed, names[0])
        begin, end = (
            len(keys) if each == parts else int(np.searchsorted(keys, np.uint64((each << 64) // parts)))
            for each in (part, part + 1)
        )
        found += [np.array(_read(keyed, name)[begin:end]) for name in names]
    return tuple(found)


def _crowds(found: Sequence[tuple[Numbers, ...]], keys: Numbers, counts: Numbers) -> Crowds:
    """The crowded keys: those of pieces, and those that are crowded only together."""
    theirs, many = (np.concatenate([each[place] for each in found]) for place in (3, 4))
    all_keys = np.union1d(theirs, keys[counts > ASKED_MAX])
    totals = np.zeros(len(all_keys), np.int64)
    np.add.at(totals, np.searchsorted(all_keys, theirs), many)
    here = np.isin(keys, all_keys, assume_unique=True)
    np.add.at(totals, np.searchsorted(all_keys, keys[here]), counts[here])
    return Crowds(all_keys.astype(np.uint64), totals)


def _joined(folders: Sequence[str], name: str) -> Numbers:
    return np.concatenate([np.array(_read(Path(each), name)) for each in folders])


def _received(matched: Sequence[str], part: int) -> tuple[Numbers, Numbers, Numbers]:
    """The entries (keys, rows, whether they lead to each other) that were sent to a part of the rows."""
    found: list[list[Numbers]] = [[], [], []]
    for each in map(Path, matched):
        begin, end = _read(each, "bounds")[part : part + 2].tolist()
        for place, name in enumerate(("keys", "rows", "leads")):
            found[place].append(np.array(_read(each, name)[begin:end]))
    keys, rows, leads = map(np.concatenate, found)
    return keys, rows, leads


def _postings(keys: Numbers, rows: Numbers) -> Postings:
    """The postings of entries that are in order."""
    bits = bits_for(len(keys))
    starts = np.zeros((1 << bits) + 1, np.int64)
    buckets = (keys >> np.uint64(64 - bits)).astype(np.int64)
    np.cumsum(np.bincount(buckets, minlength=1 << bits), out=starts[1:])
    return Postings(keys, rows, starts, 64 - bits)


def _runs(keys: Numbers) -> tuple[Numbers, Numbers]:
    """Where each key begins, of keys in order, and how often it stands there."""
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.empty(0, np.int64)
    return starts, np.diff(np.append(starts, len(keys)))


def _ranges(starts: Numbers, counts: Numbers) -> Numbers:
    """The places from each start on, as many as it counts, one after the other."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(starts - (ends - counts), counts))


def _read(folder: Path, name: str) -> Numbers:
    found: Numbers = np.load(folder / f"{name}.npy", mmap_mode="r")
    return found


def _write(folder: Path, **columns: Numbers) -> None:
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", column)
