"""Points in the books: the entries that lead from what is booked to what follows from the facts.

An account for each seller, in the unit `points`; what it holds are the points in force. Points come from
`points:issued` and go to an account that says why they ended. What became known late is booked when it happened; an
entry that turns out wrong is reversed at its own moment. So the balance as of any day is `standing` as of that day, by
all that is known now, and with `known_by` by what was known then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from agoranomos.kernel.ids import LENGTH_MAX, derived
from agoranomos.kernel.ledger.model import Account, Entry, Reversal, Transfer
from agoranomos.sellers.points.cabinet import Booked
from agoranomos.sellers.points.standing import PointsMove, Why

UNIT: Final = "points"
ISSUED: Final = "points:issued"
_TO: Final[dict[Why, str]] = {
    "overturned": "points:overturned", "regraded": "points:regraded", "expired": "points:expired",
    "taught": "points:taught",
}  # fmt: skip
_OPENED: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The same for all, so that opening an account twice is opening it once."""


def account_of(seller_id: str) -> str:
    """The account of a seller."""
    name = f"points:seller:{seller_id}"
    return name if len(name) <= LENGTH_MAX else derived("points:seller", seller_id)


def accounts(seller_id: str) -> list[Account]:
    """The accounts that entries for this seller need. What a seller holds is never below 0."""
    outside = (ISSUED, *sorted(_TO.values()))
    return [
        *(Account(id=name, unit=UNIT, kind="points", opened_at=_OPENED, floor=None) for name in outside),
        Account(id=account_of(seller_id), unit=UNIT, kind="points_of_seller", opened_at=_OPENED),
    ]


def booked_anew(
    seller_id: str, booked: Sequence[Booked], moves: Sequence[PointsMove], entries: int
) -> tuple[tuple[Booked, ...], list[Entry]]:
    """What is booked afterwards, and the entries that make it so, of which `entries` is the number of the last.

    What adds comes first, so that no balance is below 0 in between.
    """
    wanted = {(each.at, each.case_id, each.amount) for each in moves}
    kept = [each for each in booked if (each.at, each.case_id, each.amount) in wanted]
    there = {(each.at, each.case_id, each.amount) for each in kept}
    gone = [each for each in booked if (each.at, each.case_id, each.amount) not in wanted]
    new = [each for each in moves if (each.at, each.case_id, each.amount) not in there]
    adding: list[Entry] = []
    taking: list[Entry] = []
    number = entries
    for before in gone:
        number += 1
        entry = Reversal(
            id=_entry_id(seller_id, number), transfer_id=before.entry_id, at=before.at, reason="known_late",
            because=(before.case_id,),
        )  # fmt: skip
        (adding if before.amount < 0 else taking).append(entry)
    for move in new:
        number += 1
        name = _entry_id(seller_id, number)
        kept.append(Booked(move.at, move.case_id, move.amount, name))
        (adding if move.amount > 0 else taking).append(_transfer(seller_id, name, move))
    return tuple(sorted(kept, key=lambda each: (each.at, each.case_id))), [*adding, *taking]


def _transfer(seller_id: str, name: str, move: PointsMove) -> Transfer:
    mine = account_of(seller_id)
    debit, credit = (ISSUED, mine) if move.amount > 0 else (mine, _TO[move.why])
    return Transfer(
        id=name, debit=debit, credit=credit, amount=abs(move.amount), at=move.at, reason=move.why,
        because=(move.case_id,),
    )  # fmt: skip


def _entry_id(seller_id: str, number: int) -> str:
    return derived("pt", seller_id, str(number))
