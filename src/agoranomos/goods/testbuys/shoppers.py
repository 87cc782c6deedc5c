"""Who buys where: no shopper twice from one store within a term, no address twice for one store, work shared evenly."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import msgspec

from agoranomos.goods.testbuys.model import Shopper


class Known(msgspec.Struct, frozen=True):
    """What stores have seen: shoppers within the term, addresses ever; how much each shopper has in hand."""

    shoppers: Mapping[str, Collection[str]]
    addresses: Mapping[str, Collection[str]]
    in_hand: Mapping[str, int]


class Sent(msgspec.Struct, frozen=True):
    """Who buys, and where it is delivered to."""

    shopper_id: str
    address_id: str


def assign(wanted: Sequence[tuple[str, str]], people: Sequence[Shopper], known: Known, seed: bytes) -> dict[str, Sent]:
    """Purchase → who makes it, for `wanted` (purchase, store); a purchase nobody can make is left out.

    Whoever has least in hand goes first; among equals the seed decides, so that no store can tell who comes next.
    Stores do not compete for shoppers, so that going through them one after the other finds a shopper whenever there
    is one.
    """
    used_shoppers = {store: set(names) for store, names in known.shoppers.items()}
    used_addresses = {store: set(names) for store, names in known.addresses.items()}
    in_hand = Counter(known.in_hand)
    found: dict[str, Sent] = {}
    for purchase, store in sorted(wanted):
        shoppers, addresses = used_shoppers.setdefault(store, set()), used_addresses.setdefault(store, set())
        free = [
            (in_hand[each.shopper_id], _drawn(seed, purchase, each.shopper_id), each)
            for each in people
            if each.active and each.shopper_id not in shoppers and set(each.address_ids) - addresses
        ]
        if not free:
            continue
        shopper = min(free)[2]
        address = min(set(shopper.address_ids) - addresses, key=lambda name: _drawn(seed, purchase, name))
        found[purchase] = Sent(shopper.shopper_id, address)
        shoppers.add(shopper.shopper_id)
        addresses.add(address)
        in_hand[shopper.shopper_id] += 1
    return found


def _drawn(seed: bytes, *names: str) -> bytes:
    return hashlib.blake2b("\0".join(names).encode(), key=seed, digest_size=16).digest()
