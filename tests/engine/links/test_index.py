"""The index: whom a row meets, and that it matters neither how the others came nor when they settled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from agoranomos.engine.links import index as indexing
from agoranomos.engine.links.explaining import explain
from agoranomos.engine.links.index import Index
from agoranomos.engine.links.slots import WIDTH, packed, row_of, set_of, unpacked, with_more
from agoranomos.engine.links.training import fitted
from agoranomos.engine.market.plots.returning_seller import doctored
from agoranomos.engine.market.streams import Stream
from tests.engine.links.people import parameters, person, row

PEOPLE = 300


@pytest.fixture(scope="module")
def people() -> Index:
    """So many strangers, by a model that was fitted to them."""
    index = Index(parameters())
    for number in range(PEOPLE):
        index.add(f"s{number:03}", row(person(number).application()))
    index.weigh_by(fitted(index, parameters()))
    return index


def test_strangers_meet_nobody(people: Index) -> None:
    met = [people.meets(row(person(1_000 + number).application())) for number in range(200)]
    assert not any(met)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_who_comes_back_is_met(people: Index, level: int) -> None:
    for number in range(60):
        back = doctored(Stream.of(number, f"back {level}"), person(number), level)
        met = people.meets(row(back.application()))
        assert met, f"{number} came back unseen"
        assert met[0].seller_id == f"s{number:03}"


def test_one_kept_thing_is_enough_but_not_an_address(people: Index) -> None:
    stranger = person(2_000)
    for field in ("bank_account", "phone", "device_id"):
        data = stranger.application() | {field: person(7).application()[field]}
        assert [met.seller_id for met in people.meets(row(data))] == ["s007"], field
    assert not people.meets(row(stranger.application() | {"address": person(7).application()["address"]}))


def test_what_more_than_a_handful_hold_ties_nobody() -> None:
    index, phone = Index(parameters()), person(0).phone
    handful = parameters().handful
    for number in range(handful):
        index.add(f"s{number}", row(person(number).application() | {"phone": phone}))
    mine = row(person(99).application() | {"phone": phone})
    assert not index.meets(mine)
    explanation = explain(index, mine, 0)
    assert "phone" not in {fact.field for fact in explanation.facts}


def test_clients_of_one_agent_are_not_one(people: Index) -> None:
    lent = {name: person(7).application()[name] for name in ("phone", "device_id", "ip")}
    mine = row(person(3_000).application() | lent)
    assert not people.meets(mine)
    met = people.meets(mine, line=-20.0)
    assert met[0].seller_id == "s007"
    assert explain(people, mine, met[0].row).circumstances == ("agent",)


def test_a_household_is_not_one(people: Index) -> None:
    home = {name: person(7).application()[name] for name in ("address", "ip", "region")}
    mine = row(person(3_001).application() | home)
    assert not people.meets(mine)
    met = people.meets(mine, line=-20.0)
    assert explain(people, mine, met[0].row).circumstances[0] == "household"


def test_namesakes_are_not_one(people: Index) -> None:
    name = {"legal_name": person(7).legal_name, "birth_date": person(7).birth_date}
    assert not people.meets(row(person(3_002).application() | name))


def test_the_waterfall_adds_up(people: Index) -> None:
    mine = row(doctored(Stream.of(5, "again"), person(7), 3).application())
    met = people.meets(mine)[0]
    found = explain(people, mine, met.row)
    assert found.total == pytest.approx(
        found.start + sum(fact.bits for fact in found.facts) + found.explained, abs=0.05
    )
    assert found.total == pytest.approx(met.log_odds / np.log(2.0), abs=0.01)
    assert found.shared == tuple(sorted(found.shared, key=lambda fact: (-fact.bits, fact.field)))
    assert all(fact.agrees for fact in found.shared)


def test_photos_that_hardly_differ_are_one(people: Index) -> None:
    index = Index(parameters())
    index.add("one", row(person(1).application() | {"face_photo": "phash:0123456789abcdef"}))
    near = row(person(2).application() | {"face_photo": "phash:0123456789abcdfe"})
    far = row(person(2).application() | {"face_photo": "phash:0123456789ab3210"})
    assert [fact.field for fact in explain(index, near, index.meets(near, line=-30.0)[0].row).shared] == ["face_photo"]
    assert all("face_photo" not in [fact.field for fact in explain(index, far, met.row).shared]
               for met in index.meets(far, line=-30.0))  # fmt: skip


@settings(max_examples=15)
@given(st.permutations(range(40)), st.integers(1, 12))
def test_the_order_and_the_segments_change_nothing(order: list[int], waiting: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing, "WAITING_MAX", waiting)
        index = Index(parameters())
        for number in order:
            index.add(f"s{number:02}", row(person(number % 20).application()))
    plain = Index(parameters())
    plain.add_all(
        [f"s{number:02}" for number in range(40)], np.stack([row(person(n % 20).application()) for n in range(40)])
    )
    for number in (0, 7, 19):
        asked = row(person(number).application())
        mine = [(met.seller_id, met.log_odds) for met in index.meets(asked)]
        assert mine == [(met.seller_id, met.log_odds) for met in plain.meets(asked)]
        assert [name for name, _ in mine] == [f"s{number:02}", f"s{number + 20:02}"]
    assert pairs(index) == pairs(plain) == {(f"s{n:02}", f"s{n + 20:02}") for n in range(20)}


def pairs(index: Index) -> set[tuple[str, str]]:
    return {tuple(sorted((index.seller_of(a), index.seller_of(b)))) for a, b, _ in index.sweep()}  # type: ignore[misc]


def test_the_sweep_says_what_the_question_said(people: Index) -> None:
    index = Index(people.parameters)
    for number in range(120):
        index.add(f"s{number:03}", row(person(number).application()))
    for number in range(0, 120, 3):
        back = doctored(Stream.of(number, "sweep"), person(number), 1 + number % 4)
        index.add(f"t{number:03}", row(back.application()))
    swept = {(index.seller_of(a), index.seller_of(b)): odds for a, b, odds in index.sweep(line=-3.0)}
    asked = {}
    for seller_id, at in index.live():
        for met in index.meets(index.row(at), seller_id, line=-3.0):
            asked[seller_id, met.seller_id] = met.log_odds
    assert len(swept) >= 30
    assert {pair: asked[pair] for pair in swept} == swept
    assert len(asked) == 2 * len(swept)


def test_a_row_takes_the_place_of_another() -> None:
    index = Index(parameters())
    at = index.add("one", row(person(1).application()))
    index.add("one", row(person(2).application()), instead=at)
    assert not index.meets(row(person(1).application()))
    assert [met.seller_id for met in index.meets(row(person(2).application()))] == ["one"]
    assert len(index.rows_of("one")) == 1


def test_rows_that_stand_no_longer_are_left_out_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_BURIED_MAX", 10)
    index = Index(parameters())
    at = index.add("one", row(person(1).application()))
    index.add("two", row(person(2).application()))
    for number in range(3, 60):
        at = index.add("one", row(person(number).application()), instead=at)
    assert len(index.rows.table) < 60 + 64
    assert index.rows_of("one") == [at]
    assert [met.seller_id for met in index.meets(row(person(59).application()))] == ["one"]
    assert [met.seller_id for met in index.meets(row(person(2).application()))] == ["two"]


@given(st.dictionaries(st.sampled_from(["number", "phone", "unheard_of"]), st.integers(1, 2**64 - 1)),
       st.lists(st.integers(0, 2**64 - 1), max_size=12))  # fmt: skip
def test_rows_are_packed_and_unpacked(scalars: dict[str, int], devices: list[int]) -> None:
    made = row_of(scalars, {"device": devices, "unheard_of": [1]})
    assert len(made) == WIDTH
    assert np.array_equal(unpacked(packed(made)), made)
    assert set_of(made, "device") == set(sorted(set(devices) - {0})[:4])
    assert with_more(made, {"device": devices}) is made


def test_a_set_keeps_the_same_whatever_came_first() -> None:
    one = with_more(with_more(row_of({}, {}), {"picture": range(1, 9)}), {"picture": range(20, 40)})
    other = with_more(with_more(row_of({}, {}), {"picture": range(20, 40)}), {"picture": range(1, 9)})
    assert np.array_equal(one, other)


def test_the_same_base_gives_the_same_model_in_any_order() -> None:
    numbers = [*range(150), *range(30)]
    models = []
    for order in (numbers, numbers[::-1]):
        index = Index(parameters())
        for place, number in enumerate(order):
            index.add(
                f"s{number}-{place if order is numbers else len(numbers) - 1 - place}",
                row(person(number).application()),
            )
        models.append(fitted(index, parameters()))
    assert models[0] == models[1]
    assert models[0].version == models[1].version
    assert models[0] != parameters()


def test_learning_finds_what_returners_keep() -> None:
    index = Index(parameters())
    for number in range(200):
        index.add(f"s{number}", row(person(number).application()))
        if number < 100:  # half of them come back with the same bank account and device, and nothing else
            kept = replace(
                person(5_000 + number), bank_account=person(number).bank_account, device_id=person(number).device_id
            )
            index.add(f"t{number}", row(kept.application()))
    found = fitted(index, parameters())
    assert found.keeps["bank"]["same"] > parameters().keeps["bank"]["same"]
    assert found.keeps["device"]["same"] > parameters().keeps["device"]["same"]
    assert found.keeps["phone"]["same"] < parameters().keeps["phone"]["same"]
    assert found.returners > parameters().returners
