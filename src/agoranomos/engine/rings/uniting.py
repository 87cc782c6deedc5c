"""From ties to rings: who is tied to whom in at least two ways that do not explain each other.

One shared thing has an innocent explanation: a family has one device, a campus one network, an office one address, and
friends hear of a bargain in the same hour. So kinds of ties that one explanation covers make one family of kinds
(device, network and address are all of one place), and only those are united who are tied in two families at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agoranomos.engine.rings import meeting
from agoranomos.engine.rings.blocks import Codes, distinct


class Tie(NamedTuple):
    """People and the keys of one kind that they hold (`people[i]` holds `keys[i]`); who holds one key is tied by it. A
    key with more than `holders_max` holders ties nobody.
    """

    kind: str
    people: Codes
    keys: Codes
    keys_count: int
    holders_max: int


def united(
    ties: Sequence[Tie], family_of: Mapping[str, str], people_count: int, people_min: int,
    joining: Collection[str] = (),
) -> list[Codes]:  # fmt: skip
    """Groups of at least `people_min` people, in order, of whom each is tied to another one in two families of kinds.

    Groups between which a family of `joining` ties people are one. The order of ties, people and keys changes nothing.
    """
    labels = {family: labels_of([tie for tie in ties if family_of[tie.kind] == family], people_count)
              for family in sorted(set(family_of.values()))}  # fmt: skip
    ones, others = [], []
    for first, second in combinations(labels, 2):
        tied = np.flatnonzero((labels[first] >= 0) & (labels[second] >= 0))
        both = labels[first][tied].astype(np.int64) * people_count + labels[second][tied]
        order = np.argsort(both, kind="stable")
        alike = both[order][1:] == both[order][:-1]
        ones.append(tied[order][:-1][alike])
        others.append(tied[order][1:][alike])
    if not ones:
        return []
    in_groups = np.unique(np.concatenate((*ones, *others)))
    for family in sorted(joining):
        tied = in_groups[labels[family][in_groups] >= 0]
        order = tied[np.argsort(labels[family][tied], kind="stable")]
        alike = labels[family][order][1:] == labels[family][order][:-1]
        ones.append(order[:-1][alike])
        others.append(order[1:][alike])
    one, other = np.concatenate(ones).astype(np.int32), np.concatenate(others).astype(np.int32)
    return [group for group in grouped(one, other, people_count) if len(group) >= people_min]


def united_by_name(
    held: Mapping[str, Mapping[str, Collection[str]]], names: Sequence[str], family_of: Mapping[str, str],
    people_min: int, joining: Collection[str] = (),
) -> list[Codes]:  # fmt: skip
    """Like `united`, for keys by name: of each kind of tie, who of `names` holds which keys. Groups are places in
    it.
    """
    place = {name: number for number, name in enumerate(names)}
    ties = []
    for kind, holders in sorted(held.items()):
        keys = {key: number for number, key in enumerate(sorted({key for mine in holders.values() for key in mine}))}
        edges = sorted((place[name], keys[key]) for name, mine in holders.items() for key in mine)
        people, codes = (np.array([edge[end] for edge in edges], np.int32) for end in (0, 1))
        ties.append(Tie(kind, people, codes, len(keys), len(names)))
    return united(ties, family_of, len(names), people_min, joining)


def labels_of(ties: Sequence[Tie], people_count: int) -> npt.NDArray[np.int32]:
    """Of each person the first of those whom the keys of `ties` lead to, over whatever chain; -1 of whom they tie to
    nobody.
    """
    ones, others = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for tie in ties:
        one, other = pairs_of(tie)
        ones.append(one)
        others.append(other)
    one, other = np.concatenate(ones), np.concatenate(others)
    labels = meeting.components(one, other, people_count)
    alone = np.ones(people_count, np.bool_)
    alone[one] = alone[other] = False
    labels[alone] = -1
    return np.asarray(labels)


def pairs_of(tie: Tie) -> tuple[Codes, Codes]:
    """Pairs that lead from each holder of a key to the next one; all holders of a key hang together by them."""
    keys, people = distinct(tie.keys, tie.people, int(tie.people.max(initial=0)) + 1)
    holders = np.bincount(keys, minlength=tie.keys_count)
    alike = (keys[1:] == keys[:-1]) & (holders[keys[1:]] <= tie.holders_max)
    return people[:-1][alike], people[1:][alike]


def grouped(one: Codes, other: Codes, people_count: int) -> list[Codes]:
    """The groups that pairs of people make, each and all in order."""
    if not len(one):
        return []
    root = meeting.components(one, other, people_count)
    tied = np.unique(np.concatenate((one, other)))
    order = tied[np.argsort(root[tied], kind="stable")]
    cuts = np.flatnonzero(np.diff(root[order])) + 1
    return [each.astype(np.int32) for each in np.split(order, cuts)]
