"""The verbs of the registry, on real stores."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from agoranomos.goods.brands import actions, queries
from agoranomos.goods.brands.model import PriceBand, Proposal
from agoranomos.goods.brands.snapshot import layered
from agoranomos.goods.brands.tables import brands
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from tests.builders import NOW, make_brand, make_money


def make_proposal(brand_id: str = "alisha", score: float = 0.5) -> Proposal:
    return Proposal(
        brand_id=brand_id,
        name=brand_id.title(),
        aliases=("阿丽莎",),
        score=score,
        listings=9,
        stores=4,
        categories=("clothing",),
        purity=0.9,
        found_in=("title",),
        examples=("Alisha shorts",),
    )


def test_registering_says_what_it_did(store: Store) -> None:
    one, two = make_brand("a"), make_brand("b", features={"stitching": ["even", 7]})
    with store.transaction() as connection:
        assert actions.register(connection, [one, two, one], NOW) == ["added", "added", "unchanged"]
    changed = make_brand("a", aliases=("A+",))
    with store.transaction() as connection:
        later = NOW + timedelta(hours=1)
        assert actions.register(connection, [changed, two], later) == ["changed", "unchanged"]
        assert queries.all_brands(connection) == [changed, two]
        assert queries.ids_by_name(connection, "ａ＋") == ["a"]
        times = connection.execute(sa.select(brands.c.added_at, brands.c.changed_at).order_by(brands.c.brand_id)).all()
    assert [tuple(row) for row in times] == [(NOW, later), (NOW, NOW)]


def test_names_that_were_taken_away_are_not_found_any_more(store: Store) -> None:
    with store.transaction() as connection:
        actions.register(connection, [make_brand("a", aliases=("Old",))], NOW)
        actions.register(connection, [make_brand("a", aliases=("New",))], NOW)
        assert queries.ids_by_name(connection, "old") == []
        assert queries.ids_by_name(connection, "NEW") == ["a"]


def test_authorised_stores_close_a_brand(store: Store) -> None:
    seed = make_brand()
    with store.transaction() as connection:
        actions.authorise(connection, seed, ["s1", "s2"], NOW)
        brand = actions.authorise(connection, seed, ["s2", "s3"], NOW)
        assert brand.authorised_store_ids == ("s1", "s2", "s3")
        assert brand.sold == "selective"
        brand = actions.authorise(connection, seed, ["s1", "s2", "s3"], NOW, remove=True)
        assert brand.authorised_store_ids == ()
        with pytest.raises(NotFound, match="s1 is not an authorised store"):
            actions.authorise(connection, seed, ["s1"], NOW, remove=True)
        assert actions.sell_openly(connection, seed, NOW).authorised_store_ids is None


def test_a_stored_copy_does_not_hold_what_was_learned(store: Store) -> None:
    stated = PriceBand(low=make_money(1), high=make_money(2))
    learned = PriceBand(low=make_money(3), high=make_money(4), n=25)
    entry = make_brand(price_bands=(stated, learned))
    with store.transaction() as connection:
        assert actions.authorise(connection, entry, ["s1"], NOW).price_bands == (stated,)


def test_a_proposal_is_accepted(store: Store) -> None:
    with store.transaction() as connection:
        assert actions.propose(connection, [make_proposal(), make_proposal("b", 0.9)], NOW) == (
            2,
            0,
        )
        assert [p.brand_id for p in queries.open_proposals(connection)] == ["b", "alisha"]
        assert layered([], queries.all_brands(connection)).brands == ()
        brand = actions.accept(connection, "alisha", NOW)
        assert brand.names == ("Alisha",)
        assert [p.brand_id for p in queries.open_proposals(connection)] == ["b"]
        assert layered([], queries.all_brands(connection)).get("alisha") == brand
        assert queries.counts(connection) == {"accepted": 1, "proposed": 1}


def test_a_rejection_is_remembered(store: Store) -> None:
    with store.transaction() as connection:
        actions.propose(connection, [make_proposal()], NOW)
        entry = queries.brand(connection, "alisha")
        assert entry is not None
        actions.reject(connection, entry, NOW)
        assert actions.propose(connection, [make_proposal()], NOW) == (0, 0)
        assert queries.open_proposals(connection) == []
        assert queries.decided_names(connection) == {"alisha", "阿丽莎"}
        assert actions.register(connection, [make_brand("alisha")], NOW) == ["changed"]
        after = queries.brand(connection, "alisha")
        assert after is not None
        assert after.status == "rejected"


def test_a_proposal_seen_again_is_renewed(store: Store) -> None:
    with store.transaction() as connection:
        actions.propose(connection, [make_proposal()], NOW)
        assert actions.propose(connection, [make_proposal(score=0.8)], NOW) == (0, 1)
        assert [p.score for p in queries.open_proposals(connection)] == [0.8]


def test_merging_moves_the_names(store: Store) -> None:
    seed = make_brand(names=["Nike", "耐克"])
    with store.transaction() as connection:
        actions.propose(connection, [make_proposal()], NOW)
        entry = queries.brand(connection, "alisha")
        assert entry is not None
        merged = actions.merge(connection, entry, seed, NOW)
        assert merged.aliases == ("Alisha", "阿丽莎")
        snapshot = layered([seed], queries.all_brands(connection))
        assert [brand.brand_id for brand in snapshot.brands] == ["nike"]
        assert snapshot.by_name["alisha"] == ("nike",)
        assert queries.open_proposals(connection) == []


def test_merges_that_make_no_sense(store: Store) -> None:
    with store.transaction() as connection:
        with pytest.raises(Conflict, match="itself"):
            actions.merge(connection, make_brand(), make_brand(), NOW)
        with pytest.raises(Conflict, match="is rejected"):
            actions.merge(connection, make_brand("a"), make_brand("b", status="rejected"), NOW)
        with pytest.raises(NotFound):
            actions.accept(connection, "nobody", NOW)


def test_learned_bands_replace_earlier_ones(store: Store) -> None:
    def band(low: int, category: str | None = "shoes") -> PriceBand:
        return PriceBand(low=make_money(low), high=make_money(low * 2), category=category, n=20, provenance="t")

    with store.transaction() as connection:
        assert actions.record_bands(connection, {"nike": [band(10), band(5, None)]}, NOW) == 2
        assert actions.record_bands(connection, {"nike": [band(11)]}, NOW) == 1
        found = queries.learned_bands(connection)["nike"]
        assert [(b.category, b.low.amount) for b in found] == [(None, 5), ("shoes", 11)]
        assert queries.learned_bands(connection, "adidas") == {}
        with pytest.raises(Invalid):
            actions.record_bands(connection, {"nike": [band(0)]}, NOW)


def test_the_stamp_sees_every_change(store: Store) -> None:
    with store.transaction() as connection:
        seen = [queries.stamp(connection)]
        actions.register(connection, [make_brand("a")], NOW)
        seen.append(queries.stamp(connection))
        actions.reject(connection, make_brand("a"), NOW + timedelta(seconds=1))
        seen.append(queries.stamp(connection))
    assert len(set(seen)) == 3
