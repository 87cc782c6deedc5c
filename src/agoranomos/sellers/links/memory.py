"""What the room knows, in this process: the index of rows, and the sellers, stores and applications beside it.

A replay lives in it alone. Live it is loaded from the tables and written back step by step: `changed` says what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.engine.links.index import Index
from agoranomos.engine.links.parameters import Parameters
from agoranomos.engine.links.slots import FIRST, Row, packed, row_of, stacked, unpacked, with_more
from agoranomos.engine.links.training import fitted
from agoranomos.sellers.links.model import Seller, Store

_PUT_AT_ONCE = 20_000
"""So many rows lie in memory twice while they are read."""
_FIRST_FIT = 256
"""So many sellers say a little of how common things are."""
_FIT_GROWTH = 1.25
"""The model is fitted anew when the base has grown by a quarter."""


class Changes(msgspec.Struct):
    """Keys of what was changed since the last time; of `rows`, the sellers."""

    sellers: set[str] = set()
    stores: set[str] = set()
    rows: set[str] = set()
    model: bool = False


class _State(msgspec.Struct):
    sellers: list[Seller]
    stores: list[Store]
    rows: list[tuple[str, bytes]]
    model: Parameters
    fitted_at: int


class Memory:
    """`given` is the model of the policy, with which it begins."""

    def __init__(self, given: Parameters) -> None:
        self.given = given
        self.sellers: dict[str, Seller] = {}
        self.stores: dict[str, Store] = {}
        self._returned: dict[str, str] = {}
        self.index = Index(given)
        self.fitted_at = 0
        self.changed = Changes()

    def seller(self, seller_id: str) -> Seller:
        """The seller, new if he was not known; the caller is about to change him."""
        self.changed.sellers.add(seller_id)
        return self.sellers.setdefault(seller_id, Seller(seller_id))

    def store(self, store_id: str, seller_id: str = "") -> Store:
        """The store, new if it was not known; the caller is about to change it."""
        self.changed.stores.add(store_id)
        return self.stores.setdefault(store_id, Store(store_id, seller_id))

    def put_sellers(self, known: Iterable[tuple[Seller, Sequence[Row]]]) -> None:
        """Sellers and all their rows, in place of what was known of them."""
        taken: dict[str, Seller] = {}

        def parts() -> Iterator[tuple[list[str], npt.NDArray[np.uint64]]]:
            names: list[str] = []
            rows: list[Row] = []
            for seller, own in known:
                self.sellers[seller.seller_id] = seller
                if seller.returns or self.index.hand_of(seller.seller_id) != -1:
                    taken[seller.seller_id] = seller
                for at in self.index.rows_of(seller.seller_id):
                    self.index.remove(at)
                names += [seller.seller_id] * len(own)
                rows += own
                if len(rows) >= _PUT_AT_ONCE:
                    yield names, stacked(rows)
                    names, rows = [], []
            yield names, stacked(rows)

        self.index.add_parts(parts())
        self._taken_for(taken)

    def file(self, seller_id: str, row: Row) -> None:
        """Keeps what an application said under a seller, unless he has said the same before."""
        if not any(np.array_equal(each, row) for each in self.rows(seller_id)):
            self.index.add(seller_id, row)
            self.changed.rows.add(seller_id)
            self._fit()

    def returned(self, seller_id: str, returns: str, application_id: str) -> None:
        """A seller is taken to be a closed one who comes back: together they hold a fact once."""
        seller = self.seller(seller_id)
        seller.returns, seller.returned_with, seller.let_in = returns, application_id, False
        self.index.same_hand(seller_id, returns)
        self._returned[application_id] = seller_id

    def let_in(self, application_id: str) -> None:
        """An application was decided in the applicant's favour. Whether anybody has looked at whom he is like is not
        known; so what he shares with the closed seller goes on to count once, and is not made common by this.
        """
        seller_id = self._returned.get(application_id)
        if seller_id is not None:
            self.seller(seller_id).let_in = True

    def acquitted(self, application_id: str) -> None:
        """A case about an application says that the applicant is himself."""
        seller_id = self._returned.pop(application_id, None)
        if seller_id is not None:
            seller = self.seller(seller_id)
            seller.returns, seller.returned_with, seller.let_in = "", "", False
            self.index.same_hand(seller_id, seller_id)

    def add(self, seller_id: str, sets: dict[str, list[int]]) -> Row | None:
        """Adds values to the sets of a seller's latest row; that row, or None when all was known."""
        rows = self.index.rows_of(seller_id)
        before = self.index.row(rows[-1]) if rows else row_of({}, {})
        after = with_more(before, sets)
        if after is before:
            return None
        self.index.add(seller_id, after, instead=rows[-1] if rows else None)
        self.changed.rows.add(seller_id)
        self._fit()
        return after

    def rows(self, seller_id: str) -> list[Row]:
        """All rows of a seller, the latest last."""
        return [self.index.row(at) for at in self.index.rows_of(seller_id)]

    def at_the_address(self, row: Row, own: str = "") -> list[str]:
        """The sellers, one of each hand, at the room of `row`; `own` left aside."""
        slot = "room_in_city" if row[FIRST["room_in_city"]] else "room"
        return self.index.holders(row, slot, own)

    def is_alone(self, seller_id: str) -> bool:
        """Whether a seller has an address, and nobody else is there."""
        placed = [row for row in self.rows(seller_id) if row[FIRST["room"]]]
        return bool(placed) and not any(self.at_the_address(row, seller_id) for row in placed)

    def use(self, model: Parameters, fitted_at: int) -> None:
        """From now on, weighs by `model`, which was fitted when there were `fitted_at` sellers."""
        self.index.weigh_by(model)
        self.fitted_at = fitted_at

    def fit(self) -> None:
        """Fits the model to the base as it is."""
        self.use(fitted(self.index, self.given), len(self.index))
        self.changed.model = True

    def take_changes(self) -> Changes:
        """What was changed since the last time."""
        changed, self.changed = self.changed, Changes()
        return changed

    def state(self) -> bytes:
        """Everything, packed."""
        rows = [(seller_id, packed(self.index.row(at))) for seller_id, at in self.index.live()]
        return msgspec.msgpack.encode(
            _State(
                [*self.sellers.values()], [*self.stores.values()], rows,
                self.index.parameters, self.fitted_at,
            )
        )  # fmt: skip

    def resume(self, state: bytes) -> None:
        """See `state`."""
        known = msgspec.msgpack.decode(state, type=_State)
        self.sellers = {each.seller_id: each for each in known.sellers}
        self.stores = {each.store_id: each for each in known.stores}
        self.index = Index(known.model)
        self.index.add_all([name for name, _ in known.rows], stacked(unpacked(row) for _, row in known.rows))
        self._taken_for(self.sellers)
        self.fitted_at = known.fitted_at

    def _taken_for(self, sellers: Mapping[str, Seller]) -> None:
        """Has the index know which of `sellers` are taken for others."""
        for name, seller in sellers.items():
            if seller.returns or self.index.hand_of(name) != -1:
                self.index.same_hand(name, seller.returns or name)
            if seller.returned_with:
                self._returned[seller.returned_with] = name

    def _fit(self) -> None:
        if len(self.index) >= max(_FIRST_FIT, self.fitted_at * _FIT_GROWTH):
            self.fit()
