"""A process that posts the same 300 chains as its siblings, in an order of its own: `hammer URL SEED`."""

from __future__ import annotations

import random
import sys

from agoranomos.kernel.ledger import posting
from agoranomos.kernel.ledger.model import Entry
from agoranomos.kernel.store import open_store
from tests.builders import NOW
from tests.kernel.ledger.builders import make_reservation, make_settlement, make_transfer

CHAINS: list[list[Entry]] = [
    [
        make_reservation(f"r{n}", amount=10),
        make_settlement(f"s{n}", f"r{n}", amount=3),
        make_transfer(f"c{n}", debit="budget", credit="buyer", amount=1),
    ]
    for n in range(300)
]


def main(url: str, seed: str) -> None:
    """Posts each chain in a transaction of its own, and says so after the fifth."""
    store = open_store(url)
    order = random.Random(seed).sample(CHAINS, len(CHAINS))
    for number, chain in enumerate(order):
        with store.transaction() as connection:
            posting.post(connection, chain, now=NOW)
        if number == 4:
            print("posting", flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
