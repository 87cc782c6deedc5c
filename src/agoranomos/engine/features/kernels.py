"""The compiled part: sliding windows of many keys in a few arrays, without an object per key.

- `table` (int32, open addressing, removal by shifting back: Knuth, TAOCP 3, 6.4, algorithm R) leads from the 128 bits
  of a key to its row in `keys`.
- `keys` holds a row per key; its cells lie in a block of 1, 2, 4 … cells in the pool, freed blocks in a list per size.
- A cell of the pool is `times` (microseconds since 1970), `values`, and for averages and ratios `numbers`.
- A timing wheel (Varghese and Lauck, SOSP 1987, scheme 6) of WHEEL lists finds keys that have been idle for a window. A
  key stays where it was put and is moved on when its place comes round: once a window, whatever happens to it.
- `meta` (int64) holds settings, counters, and heads of lists. Rows, cells and lists end with -1.

What a state is made of is written without Python's lock, so that others can look up meanwhile.

A function that needs more room than there is says so before it has changed anything; the caller makes room and calls
it again.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from agoranomos.engine.compiled import nb

COUNT, SUM, AVG, RATIO, MIN, MAX, LAST, DISTINCT = range(8)

(
    WINDOW, BUCKET, WIDTH, AGGREGATE, TOP, KEYS_MAX,
    KEYS, ROWS, FREE_ROW, USED, NOW, CURSOR,
    LATE, MISSED, FORGOTTEN, COARSENED, SAMPLED,
) = range(17)  # fmt: skip
"""Places in `meta`: settings; where things are; counters (see `windows.Counters`)."""
FREE_BLOCK: Final = 20
"""From here on: the first free block of each size."""
HEAD: Final = 40
WHEEL: Final = 64
TAIL: Final = HEAD + WHEEL
META: Final = TAIL + WHEEL
LEVELS: Final = 64
"""Cells behind the largest block of a count of distinct values: since when each level is complete; the last one: when
it was looked after.
"""
NEVER: Final = -(1 << 62)
LIMIT: Final = (1 << 63) - 1

KEY: Final = np.dtype(
    [
        ("hi", "i8"), ("lo", "i8"), ("newest", "i8"), ("start", "i4"), ("next", "i4"),
        ("size", "i4"), ("order", "i1"), ("level", "i1"), ("spoke", "u1"), ("spare", "u1"),
    ]
)  # fmt: skip
"""`size` cells in a block of 2**`order`; `level`: see `_add_distinct`; `spoke`: the list of the wheel that it is in."""


@nb.njit(inline="always")
def _plus(a: Any, b: Any) -> Any:
    """a + b, held at the bounds of 64 bits."""
    if b > 0 and a > LIMIT - b:
        return LIMIT
    if b < 0 and a < -LIMIT - b:
        return -LIMIT
    return a + b


@nb.njit(inline="always")
def _level(value: Any) -> Any:
    """Zeros at the end of 64 hashed bits: level l or above with probability 2**-l."""
    level = 0
    while level < LEVELS - 2 and (value >> level) & 1 == 0:
        level += 1
    return level


@nb.njit(inline="always")
def _place(table: Any, lo: Any) -> Any:
    return lo & (len(table) - 1)


@nb.njit(cache=True)
def find(keys: Any, table: Any, hi: Any, lo: Any) -> Any:
    """The row of a key, or -1."""
    at = _place(table, lo)
    while table[at] >= 0:
        row = table[at]
        if keys[row].lo == lo and keys[row].hi == hi:
            return row
        at = (at + 1) & (len(table) - 1)
    return -1


@nb.njit(cache=True)
def enter(keys: Any, table: Any, row: Any) -> None:
    """Puts a row into the table."""
    at = _place(table, keys[row].lo)
    while table[at] >= 0:
        at = (at + 1) & (len(table) - 1)
    table[at] = row


@nb.njit(cache=True)
def enter_all(keys: Any, table: Any, meta: Any) -> None:
    """Puts all rows that the wheel holds into an empty table."""
    for spoke in range(WHEEL):
        row = meta[HEAD + spoke]
        while row >= 0:
            enter(keys, table, row)
            row = keys[row].next


@nb.njit(cache=True)
def _leave(keys: Any, table: Any, row: Any) -> None:
    """Takes a row out of the table; those behind it move up."""
    mask = len(table) - 1
    at = _place(table, keys[row].lo)
    while table[at] != row:
        at = (at + 1) & mask
    hole = at
    while True:
        at = (at + 1) & mask
        if table[at] < 0:
            break
        home = _place(table, keys[table[at]].lo)
        if ((at - home) & mask) >= ((at - hole) & mask):
            table[hole] = table[at]
            hole = at
    table[hole] = -1


@nb.njit(inline="always")
def _cells(meta: Any, order: Any) -> Any:
    """Cells in a block, with what lies behind the largest."""
    extra = LEVELS if meta[AGGREGATE] == DISTINCT and order == meta[TOP] else 0
    return (1 << order) + extra


@nb.njit(cache=True)
def take_block(times: Any, meta: Any, order: Any) -> Any:
    """The first cell of a free block; the caller has made sure that there is room."""
    start = meta[FREE_BLOCK + order]
    if start >= 0:
        meta[FREE_BLOCK + order] = times[start]
    else:
        start = meta[USED]
        meta[USED] += _cells(meta, order)
    if meta[AGGREGATE] == DISTINCT and order == meta[TOP]:
        for level in range(LEVELS):
            times[start + (1 << order) + level] = NEVER
    return start


@nb.njit(inline="always")
def _give_block(times: Any, meta: Any, start: Any, order: Any) -> None:
    times[start] = meta[FREE_BLOCK + order]
    meta[FREE_BLOCK + order] = start


@nb.njit(cache=True)
def link(keys: Any, meta: Any, row: Any, spoke: Any) -> None:
    """Appends a row to a list of the wheel."""
    keys[row].next = -1
    keys[row].spoke = spoke
    if meta[TAIL + spoke] >= 0:
        keys[meta[TAIL + spoke]].next = row
    else:
        meta[HEAD + spoke] = row
    meta[TAIL + spoke] = row


@nb.njit(inline="always")
def _spoke(meta: Any, newest: Any) -> Any:
    """Where a key belongs whose newest cell is of `newest`."""
    return ((newest + meta[WINDOW]) // meta[WIDTH]) % WHEEL


@nb.njit(cache=True)
def _remove(keys: Any, table: Any, times: Any, meta: Any, row: Any) -> None:
    """Forgets a key that is in no list of the wheel any more."""
    _leave(keys, table, row)
    _give_block(times, meta, keys[row].start, keys[row].order)
    keys[row].next = meta[FREE_ROW]
    meta[FREE_ROW] = row
    meta[KEYS] -= 1


@nb.njit(cache=True)
def advance(keys: Any, table: Any, times: Any, meta: Any, now: Any) -> None:
    """It is `now`, or later: keys that have been idle for a window are forgotten."""
    if now <= meta[NOW]:
        return
    meta[NOW] = now
    tick = now // meta[WIDTH]
    begun = meta[CURSOR]
    meta[CURSOR] = tick
    if begun in (NEVER, tick):
        return
    for step in range(min(tick - begun, WHEEL)):
        spoke = (begun + step) % WHEEL
        row = meta[HEAD + spoke]
        meta[HEAD + spoke] = -1
        meta[TAIL + spoke] = -1
        while row >= 0:
            following = keys[row].next
            if keys[row].newest + meta[WINDOW] <= now:
                _remove(keys, table, times, meta, row)
            else:
                link(keys, meta, row, _spoke(meta, keys[row].newest))
            row = following


@nb.njit(cache=True)
def _forget_stalest(keys: Any, table: Any, times: Any, meta: Any) -> None:
    """Makes room: forgets a key that has been idle longest, to within a turn of the wheel's lists."""
    at = meta[CURSOR] % WHEEL
    while True:
        row = meta[HEAD + at]
        if row < 0:
            at = (at + 1) % WHEEL
            continue
        meta[HEAD + at] = keys[row].next
        if keys[row].next < 0:
            meta[TAIL + at] = -1
        spoke = _spoke(meta, keys[row].newest)
        if spoke == at:
            _remove(keys, table, times, meta, row)
            meta[FORGOTTEN] += 1
            return
        link(keys, meta, row, spoke)


@nb.njit(cache=True)
def _new_key(keys: Any, table: Any, times: Any, meta: Any, hi: Any, lo: Any, at: Any) -> Any:
    if meta[KEYS] >= meta[KEYS_MAX]:
        _forget_stalest(keys, table, times, meta)
    row = meta[FREE_ROW]
    if row >= 0:
        meta[FREE_ROW] = keys[row].next
    else:
        row = meta[ROWS]
        meta[ROWS] += 1
    meta[KEYS] += 1
    keys[row].hi = hi
    keys[row].lo = lo
    keys[row].newest = at
    keys[row].size = 0
    keys[row].order = 0
    keys[row].level = 0
    keys[row].start = take_block(times, meta, 0)
    enter(keys, table, row)
    link(keys, meta, row, _spoke(meta, at))
    return row


@nb.njit(cache=True)
def _move(keys: Any, times: Any, values: Any, numbers: Any, meta: Any, row: Any, order: Any) -> None:
    """Into a block of another size."""
    old = keys[row].start
    new = take_block(times, meta, order)
    for cell in range(keys[row].size):
        times[new + cell] = times[old + cell]
        values[new + cell] = values[old + cell]
        if len(numbers) > 1:
            numbers[new + cell] = numbers[old + cell]
    _give_block(times, meta, old, keys[row].order)
    keys[row].start = new
    keys[row].order = order


@nb.njit(cache=True)
def _drop(keys: Any, times: Any, values: Any, numbers: Any, row: Any, until: Any, below: Any) -> None:
    """Drops the cells of `until` or before, and those of a level under `below`."""
    start = keys[row].start
    kept = start
    for cell in range(start, start + keys[row].size):
        if times[cell] > until and (below == 0 or _level(values[cell]) >= below):
            if kept < cell:
                times[kept] = times[cell]
                values[kept] = values[cell]
                if len(numbers) > 1:
                    numbers[kept] = numbers[cell]
            kept += 1
    keys[row].size = kept - start


@nb.njit(inline="always")
def _merged(aggregate: Any, a: Any, b: Any) -> Any:
    if aggregate == MIN:
        return min(a, b)
    if aggregate == MAX:
        return max(a, b)
    return _plus(a, b)


@nb.njit(cache=True)
def _coarsen(keys: Any, times: Any, values: Any, numbers: Any, meta: Any, row: Any) -> None:
    """Merges the cells of each bucket of time into one, which has the time of the newest: it leaves the window last."""
    start = keys[row].start
    kept = start
    for cell in range(start + 1, start + keys[row].size):
        if times[cell] // meta[BUCKET] == times[kept] // meta[BUCKET]:
            values[kept] = _merged(meta[AGGREGATE], values[kept], values[cell])
            if len(numbers) > 1:
                numbers[kept] += numbers[cell]
        else:
            kept += 1
            values[kept] = values[cell]
            if len(numbers) > 1:
                numbers[kept] = numbers[cell]
        times[kept] = times[cell]
    keys[row].size = kept - start + 1
    meta[COARSENED] += 1


@nb.njit(cache=True)
def _make_room(keys: Any, times: Any, values: Any, numbers: Any, meta: Any, row: Any) -> None:
    """A free cell at the end of a block that was full."""
    order = keys[row].order
    _drop(keys, times, values, numbers, row, keys[row].newest - meta[WINDOW], 0)
    size = keys[row].size
    if size == 1 << order:
        if order < meta[TOP]:
            _move(keys, times, values, numbers, meta, row, order + 1)
        elif meta[AGGREGATE] != DISTINCT:
            _coarsen(keys, times, values, numbers, meta, row)
    elif order > 1 and size * 4 <= 1 << order and not (meta[AGGREGATE] == DISTINCT and order == meta[TOP]):
        _move(keys, times, values, numbers, meta, row, order - 1)


@nb.njit(cache=True)
def _add(keys: Any, times: Any, values: Any, numbers: Any, meta: Any, row: Any, at: Any, value: Any) -> None:
    """A cell more, at its place in time."""
    if keys[row].size == 1 << keys[row].order:
        _make_room(keys, times, values, numbers, meta, row)
    start = keys[row].start
    cell = start + keys[row].size
    while cell > start and times[cell - 1] > at:
        times[cell] = times[cell - 1]
        values[cell] = values[cell - 1]
        if len(numbers) > 1:
            numbers[cell] = numbers[cell - 1]
        cell -= 1
    times[cell] = at
    values[cell] = value
    if len(numbers) > 1:
        numbers[cell] = 1
    keys[row].size += 1


@nb.njit(cache=True)
def _look_after(keys: Any, times: Any, values: Any, numbers: Any, meta: Any, row: Any, at: Any) -> None:
    """Eight times a window: a sample that has become small takes in the next lower level, from now on."""
    behind = keys[row].start + (1 << keys[row].order)
    if at < times[behind + LEVELS - 1] + meta[WINDOW] // 8:
        return
    times[behind + LEVELS - 1] = at
    _drop(keys, times, values, numbers, row, keys[row].newest - meta[WINDOW], 0)
    if keys[row].size * 4 <= 1 << keys[row].order:
        keys[row].level -= 1
        times[behind + keys[row].level] = at


@nb.njit(cache=True)
def _add_distinct(keys: Any, times: Any, values: Any, numbers: Any, meta: Any, row: Any, at: Any, value: Any) -> None:
    """Holds each value with the time at which it was last seen; when the largest block is full of live ones, only a
    sample of them: values whose hash ends with at least `level` zeros.

    Adaptive sampling (Wegman; Flajolet, Computing 43, 1990), made to slide: for each level the time since when all its
    values are held is known, and an estimate takes the lowest level that is complete over the whole window (the idea
    of Gibbons and Tirthapura, SPAA 2002).
    """
    if keys[row].level > 0:
        _look_after(keys, times, values, numbers, meta, row, at)
    if _level(value) < keys[row].level:
        return
    start = keys[row].start
    for cell in range(start, start + keys[row].size):
        if values[cell] == value:
            times[cell] = max(times[cell], at)
            return
    if keys[row].size == 1 << keys[row].order:
        _make_room(keys, times, values, numbers, meta, row)
    while keys[row].size == 1 << keys[row].order:
        keys[row].level += 1
        meta[SAMPLED] += 1
        times[keys[row].start + (1 << keys[row].order) + LEVELS - 1] = at
        _drop(keys, times, values, numbers, row, NEVER, keys[row].level)
    if _level(value) >= keys[row].level:
        cell = keys[row].start + keys[row].size
        times[cell] = at
        values[cell] = value
        keys[row].size += 1


@nb.njit(cache=True)
def put(keys: Any, table: Any, times: Any, values: Any, numbers: Any, meta: Any,
        hi: Any, lo: Any, at: Any, value: Any) -> Any:  # fmt: skip
    """An event of a key. False, and nothing is changed, when there is not enough room."""
    if len(times) - meta[USED] < 2 * _cells(meta, meta[TOP]) or (meta[ROWS] == len(keys) and meta[FREE_ROW] < 0):
        return False
    if at < meta[NOW]:
        meta[LATE] += 1
    advance(keys, table, times, meta, at)
    row = find(keys, table, hi, lo)
    if at <= (meta[NOW] if row < 0 else keys[row].newest) - meta[WINDOW]:
        meta[MISSED] += 1
        return True
    if row < 0:
        row = _new_key(keys, table, times, meta, hi, lo, at)
    newer = at >= keys[row].newest
    keys[row].newest = max(keys[row].newest, at)
    if meta[AGGREGATE] == LAST:
        if newer:
            times[keys[row].start] = at
            values[keys[row].start] = value
            keys[row].size = 1
    elif meta[AGGREGATE] == DISTINCT:
        _add_distinct(keys, times, values, numbers, meta, row, at, value)
    else:
        _add(keys, times, values, numbers, meta, row, at, value)
    return True


@nb.njit(cache=True)
def read(keys: Any, table: Any, times: Any, values: Any, numbers: Any, meta: Any,
         hi: Any, lo: Any, at: Any, more: Any) -> Any:  # fmt: skip
    """(value, over how many) of the window that ends with `at`, with the values `more` of that moment, each once."""
    aggregate = meta[AGGREGATE]
    row = find(keys, table, hi, lo)
    total, number, level = np.int64(0), np.int64(0), np.int64(0)
    since = at - meta[WINDOW]
    start = keys[row].start if row >= 0 else 0
    end = start + (keys[row].size if row >= 0 else 0)
    if row >= 0 and keys[row].order == meta[TOP] and aggregate == DISTINCT:
        level = np.int64(keys[row].level)
        while level < LEVELS - 2 and times[start + (1 << meta[TOP]) + level] > since:
            level += 1
    for cell in range(start, end):
        if since < times[cell] <= at and (level == 0 or _level(values[cell]) >= level):
            if aggregate == DISTINCT:
                total += 1
            elif number == 0:
                total = values[cell]
            else:
                total = _merged(aggregate, total, values[cell])
            number += numbers[cell] if len(numbers) > 1 else 1
    for value in more:
        if aggregate == DISTINCT:
            new = _level(value) >= level
            for cell in range(start, end):
                if values[cell] == value and since < times[cell] <= at:
                    new = False
            total += 1 if new else 0
        elif aggregate == LAST or number == 0:
            total = value
        else:
            total = _merged(aggregate, total, value)
        number += 1
    return total << level, number


@nb.njit(cache=True)
def put_many(keys: Any, table: Any, times: Any, values: Any, numbers: Any, meta: Any,
             done: Any, his: Any, los: Any, ats: Any, given: Any) -> Any:  # fmt: skip
    """Many events from place `done` on. Gives the place of the first that finds no room, or the end."""
    for at in range(done, len(ats)):
        if not put(keys, table, times, values, numbers, meta, his[at], los[at], ats[at], given[at]):
            return at
    return len(ats)


@nb.njit(cache=True, nogil=True)
def in_order(keys: Any, meta: Any, rows: Any) -> None:
    """The rows of all keys, list by list of the wheel from the one that comes next: whoever enters them again in this
    order has the same lists.
    """
    place = 0
    for step in range(WHEEL):
        row = meta[HEAD + (meta[CURSOR] + step) % WHEEL]
        while row >= 0:
            rows[place] = row
            place += 1
            row = keys[row].next


@nb.njit(cache=True, nogil=True)
def picked(keys: Any, rows: Any, kept: Any) -> None:
    """Writes these rows one after the other."""
    for at in range(len(rows)):
        kept[at] = keys[rows[at]]


@nb.njit(cache=True, nogil=True)
def unplaced(kept: Any) -> None:
    """Takes out where the cells of the rows lie, and who follows them."""
    for at in range(len(kept)):
        kept[at].start = 0
        kept[at].next = 0


@nb.njit(cache=True, nogil=True)
def sizes(kept: Any, meta: Any) -> Any:
    """Cells of each key, with what lies behind the largest blocks."""
    many = np.empty(len(kept), np.int64)
    for at in range(len(kept)):
        many[at] = kept[at].size
        if _cells(meta, kept[at].order) > 1 << kept[at].order:
            many[at] += LEVELS
    return many


@nb.njit(cache=True)
def blocks(kept: Any, meta: Any) -> Any:
    """Cells that the blocks of these keys take."""
    total = np.int64(0)
    for at in range(len(kept)):
        total += _cells(meta, kept[at].order)
    return total


@nb.njit(cache=True, nogil=True)
def gather(kept: Any, many: Any, times: Any, values: Any, numbers: Any,
           times_out: Any, values_out: Any, numbers_out: Any) -> None:  # fmt: skip
    """Writes the cells of the keys one after the other."""
    place = 0
    for at in range(len(kept)):
        size = kept[at].size
        for cell in range(many[at]):
            source = kept[at].start + cell
            if cell >= size:
                source += (1 << kept[at].order) - size
            times_out[place] = times[source]
            values_out[place] = values[source]
            if len(numbers) > 1:
                numbers_out[place] = numbers[source]
            place += 1


@nb.njit(cache=True)
def scatter(kept: Any, times_in: Any, values_in: Any, numbers_in: Any,
            keys: Any, table: Any, times: Any, values: Any, numbers: Any, meta: Any) -> None:  # fmt: skip
    """Puts back what `gather` wrote, into empty arrays that are large enough."""
    place = 0
    many = sizes(kept, meta)
    for row in range(len(kept)):
        keys[row] = kept[row]
        keys[row].start = take_block(times, meta, kept[row].order)
        enter(keys, table, row)
        link(keys, meta, row, kept[row].spoke)
        for cell in range(many[row]):
            target = keys[row].start + cell
            if cell >= kept[row].size:
                target += (1 << kept[row].order) - kept[row].size
            times[target] = times_in[place]
            values[target] = values_in[place]
            if len(numbers) > 1:
                numbers[target] = numbers_in[place]
            place += 1
    meta[ROWS] = len(kept)
    meta[KEYS] = len(kept)
