"""Who does the same things as who, at nearly the same time. Compiled.

Events lie by thing, and within a thing by time. An event meets the events of the same thing that are at most a window
away, whatever grid a clock may have; who meets how often is counted person by person, in an array that is used again
for the next one, so that no list of pairs is ever held (row by row as in Gustavson, ACM TOMS 4(3), 1978).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb


@nb.njit(cache=True, nogil=True)
def by_thing(things: Any, times: Any, thing_count: int) -> Any:
    """The places of the events in the order (thing, time)."""
    free = np.zeros(thing_count + 1, np.int64)
    for event in range(len(things)):
        free[things[event] + 1] += 1
    for thing in range(thing_count):
        free[thing + 1] += free[thing]
    starts = free.copy()
    order = np.empty(len(things), np.int32)
    for event in range(len(things)):
        order[free[things[event]]] = event
        free[things[event]] += 1
    for thing in range(thing_count):
        first, last = starts[thing], starts[thing + 1]
        for place in range(first + 1, last):
            if times[order[place]] < times[order[place - 1]]:  # a log is in order already
                mine = order[first:last].copy()
                order[first:last] = mine[np.argsort(times[mine], kind="mergesort")]
                break
    return order


@nb.njit(cache=True, nogil=True)
def windows(people: Any, things: Any, times: Any, window: int, person_count: int) -> tuple[Any, Any, Any]:
    """Of each event (in order): the first and last event that it meets, and how many people those are of."""
    many = len(people)
    first, last = np.empty(many, np.int32), np.empty(many, np.int32)
    crowd = np.empty(many, np.int32)
    held = np.zeros(person_count, np.int32)
    begin, end, different = 0, 0, 0
    for place in range(many):
        while end < many and things[end] == things[place] and times[end] - times[place] <= window:
            held[people[end]] += 1
            different += held[people[end]] == 1
            end += 1
        while things[begin] != things[place] or times[place] - times[begin] > window:
            held[people[begin]] -= 1
            different -= held[people[begin]] == 0
            begin += 1
        first[place], last[place], crowd[place] = begin, end - 1, different
    return first, last, crowd


@nb.njit(cache=True, nogil=True)
def enough(people: Any, things: Any, useful: Any, person_count: int, things_min: int) -> Any:
    """Of each person whether the useful events are about at least `things_min` different things."""
    latest = np.full(person_count, -1, np.int32)
    count = np.zeros(person_count, np.int32)
    for place in range(len(people)):
        person = people[place]
        if useful[place] and latest[person] != things[place]:
            latest[person] = things[place]
            count[person] += 1
    return count >= things_min


@nb.njit(cache=True, nogil=True)
def narrowed(people: Any, first: Any, last: Any, useful: Any, may: Any) -> int:
    """Makes useless what belongs to nobody who `may`, or meets nobody else who may; returns how many are left."""
    for place in range(len(people)):
        if useful[place] and not may[people[place]]:
            useful[place] = False
    left = 0
    for place in range(len(people)):
        if not useful[place]:
            continue
        lonely = True
        for other in range(first[place], last[place] + 1):
            if useful[other] and people[other] != people[place]:
                lonely = False
                break
        if lonely:
            useful[place] = False  # it was no company for anybody else either: to meet is mutual
        else:
            left += 1
    return left


@nb.njit(cache=True, nogil=True)
def meetings(
    people: Any, things: Any, first: Any, last: Any, person_count: int, things_min: int
) -> tuple[Any, Any, Any]:
    """(one, other, over how many things they met) of all pairs with at least `things_min`, `one` below `other`, in
    order.
    """
    starts = np.zeros(person_count + 1, np.int64)
    for place in range(len(people)):
        starts[people[place] + 1] += 1
    for person in range(person_count):
        starts[person + 1] += starts[person]
    free = starts[:-1].copy()
    own = np.empty(len(people), np.int32)
    for place in range(len(people)):
        own[free[people[place]]] = place
        free[people[place]] += 1
    room, found = 1024, 0
    ones, others, counts = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    # (the latest thing, over how many so far): side by side, as they are looked at together.
    seen = np.full((person_count, 2), -1, np.int32)
    touched = np.empty(person_count, np.int32)
    for person in range(person_count):
        many = 0
        for at in range(starts[person], starts[person + 1]):
            place = own[at]
            thing = things[place]
            for near in range(first[place], last[place] + 1):
                other = people[near]
                if other <= person or seen[other, 0] == thing:
                    continue
                if seen[other, 0] < 0:
                    touched[many] = other
                    many += 1
                    seen[other, 1] = 0
                seen[other, 0] = thing
                seen[other, 1] += 1
        kept = 0
        for k in range(many):
            other = touched[k]
            seen[other, 0] = -1
            if seen[other, 1] >= things_min:
                touched[kept] = other
                kept += 1
        met = np.sort(touched[:kept])
        if found + kept > room:
            room = 2 * (found + kept)
            longer = np.empty((3, room), np.int32)
            longer[0, :found], longer[1, :found], longer[2, :found] = ones[:found], others[:found], counts[:found]
            ones, others, counts = longer[0], longer[1], longer[2]
        for k in range(kept):
            ones[found], others[found], counts[found] = person, met[k], seen[met[k], 1]
            found += 1
    return ones[:found], others[:found], counts[:found]


@nb.njit(cache=True, nogil=True)
def company(people: Any, things: Any, crowd: Any, person_count: int) -> tuple[Any, Any]:
    """Of each person: how many things, and how many others were about them, summed over things."""
    acts, others = np.zeros(person_count, np.int64), np.zeros(person_count, np.int64)
    latest = np.full(person_count, -1, np.int32)
    for place in range(len(people)):
        person = people[place]
        if latest[person] != things[place]:
            latest[person] = things[place]
            acts[person] += 1
            others[person] += crowd[place] - 1
    return acts, others


@nb.njit(cache=True, nogil=True)
def components(ones: Any, others: Any, count: int) -> Any:
    """Of each of `count` nodes the smallest node that pairs lead to (union by smallest, paths halved)."""
    root = np.arange(count).astype(np.int32)
    for pair in range(len(ones)):
        one, other = ones[pair], others[pair]
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        while root[other] != other:
            root[other] = root[root[other]]
            other = root[other]
        if one < other:
            root[other] = one
        else:
            root[one] = other
    for node in range(count):  # a root is never above its node, so those before are done
        root[node] = root[root[node]]
    return root
