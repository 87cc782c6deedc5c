"""Groups of sellers who belong together, such that one wrong link never makes one group of two.

Sellers who are tied, over whatever chain of links, are together, but for bridges: a link on which alone the connection
of two sides hangs is cut where both sides are groups of their own. So a link that is added between two groups is a
bridge, and is cut; two links between different members are support enough. It does not matter in which order links
come.
"""

from __future__ import annotations

from collections.abc import Iterable


def groups(links: Iterable[tuple[str, str]], group_min: int) -> list[list[str]]:
    """The groups of two and more that `links` make, each and all in the order of their members.

    A bridge both of whose sides hold at least `group_min` members is cut.
    """
    near: dict[str, set[str]] = {}
    for one, other in links:
        if one != other:
            near.setdefault(one, set()).add(other)
            near.setdefault(other, set()).add(one)
    cut: set[tuple[str, str]] = set()
    seen: set[str] = set()
    for start in sorted(near):
        if start not in seen:
            cut |= _bridges(near, start, seen, group_min)
    found, placed = [], set[str]()
    for start in sorted(near):
        if start not in placed:
            members = _together(near, cut, start)
            placed |= members
            if len(members) > 1:
                found.append(sorted(members))
    return found


def _bridges(near: dict[str, set[str]], start: str, seen: set[str], group_min: int) -> set[tuple[str, str]]:
    """The bridges of the component of `start` (Tarjan 1974, without recursion) with a group on either side, both ways
    round.
    """
    order, lowest, below = {start: 0}, {start: 0}, {start: 1}
    parent: dict[str, str] = {}
    stack = [(start, iter(sorted(near[start])))]
    candidates: list[tuple[str, str]] = []
    while stack:
        node, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            stack.pop()
            if node in parent:
                above = parent[node]
                below[above] += below[node]
                lowest[above] = min(lowest[above], lowest[node])
                if lowest[node] > order[above]:
                    candidates.append((above, node))
        elif following not in order:
            order[following] = lowest[following] = len(order)
            below[following] = 1
            parent[following] = node
            stack.append((following, iter(sorted(near[following]))))
        elif following != parent.get(node):
            lowest[node] = min(lowest[node], order[following])
    seen |= order.keys()
    size = len(order)
    cut = [(a, b) for a, b in candidates if below[b] >= group_min and size - below[b] >= group_min]
    return {pair for a, b in cut for pair in ((a, b), (b, a))}


def _together(near: dict[str, set[str]], cut: set[tuple[str, str]], start: str) -> set[str]:
    members, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        for other in near[node]:
            if other not in members and (node, other) not in cut:
                members.add(other)
                waiting.append(other)
    return members
