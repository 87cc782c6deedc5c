"""Rings are told from the honest who look like them: what ties, what speaks for people, what never decides alone."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from agoranomos.promotions.tracing.judging import Suspects, rings
from agoranomos.promotions.tracing.model import Claim
from tests.builders import NOW
from tests.promotions.tracing.builders import POLICY, claim, guilty, judged, ring_of, settled


def test_two_independent_ties_make_a_ring_with_its_evidence() -> None:
    found = judged(ring_of(8))
    assert len(found) == 1
    assert guilty(found) == {f"r{place}" for place in range(8)}
    ring = found[0]
    assert (ring.anchor, ring.campaigns, ring.kinds) == ("r0", ("c1",), ("device", "payee"))
    quotes = {quote.kind: quote for quote in ring.members[0].quotes}
    assert (quotes["device"].key, quotes["device"].accounts) == ("r-d0", 4)
    assert (quotes["payee"].key, quotes["payee"].accounts) == ("r-p", 8)
    assert all(member.score >= 0.9 for member in ring.members)


def test_one_tie_never_makes_a_ring_however_many_share_it_and_however_much_they_take() -> None:
    own = "own{}".format
    assert judged(ring_of(20, turns=30, device=own, payee=own, network="one network")) == []
    assert judged(ring_of(20, turns=30, device="one device", payee="")) == []
    assert judged(ring_of(20, turns=30, device="", payee="one payee")) == []


def test_heavy_use_alone_is_no_ring() -> None:
    assert judged([claim("greedy", turn, device="d", payee="p") for turn in range(500)]) == []


def test_families_are_no_rings() -> None:
    homes = [
        claim(f"h{home}-{member}", hours=home + member / 10, device=f"d{home}", network=f"n{home}", address=f"r{home}",
              payee=f"grandmother{home}" if member % 2 else f"self{home}-{member}")
        for home in range(40) for member in range(4)
    ]  # fmt: skip
    assert judged(homes) == []
    greedy = [claim(each.account_id, turn, device=each.device, payee="kin") for each in homes[:4] for turn in range(30)]
    assert judged(greedy, settled(*[each.account_id for each in homes[:4]])) == []


def test_a_campus_that_hears_of_every_bargain_is_no_ring() -> None:
    random = Random(4)
    students = [f"s{number}" for number in range(25)]
    claims = [
        claim(student, campaign=f"c{campaign}", hours=48 * campaign + random.expovariate(1.5), device=f"own-{student}",
              network="campus", address="dormitory", payee=f"phone-{student}")
        for campaign in range(6) for student in students
    ]  # fmt: skip
    assert judged(claims) == []
    assert judged(claims, settled(*students)) == []


def test_a_village_with_one_operator_is_no_ring() -> None:
    people = [f"v{number}" for number in range(12)]
    claims = [
        claim(name, turn, hours=30 * turn + place, device="operator", network="village", payer="operator",
              address=f"own-{name}")
        for place, name in enumerate(people) for turn in range(2)
    ]  # fmt: skip
    assert judged(claims, settled(*people)) == []


def test_camouflage_does_not_hide_a_ring_and_does_not_draw_in_others() -> None:
    random = Random(5)
    crowd = [
        claim(f"a{number}", turn, hours=random.uniform(0, 700), campaign=f"c{random.randrange(9)}",
              device=f"own{number}", network=f"gateway{random.randrange(30)}", payee=f"self{number}")
        for number in range(400) for turn in range(3)
    ]  # fmt: skip
    disguise = [
        claim(f"r{place}", 100 + turn, hours=random.uniform(0, 700), campaign=f"c{random.randrange(9)}",
              device=f"clean{place}", network=f"gateway{random.randrange(30)}", payee=f"self-r{place}")
        for place in range(12) for turn in range(12)
    ]  # fmt: skip
    found = judged([*crowd, *ring_of(12), *disguise])
    assert guilty(found) == {f"r{place}" for place in range(12)}


def test_claims_in_lockstep_and_one_more_tie_are_enough() -> None:
    random = Random(6)
    strangers = [
        claim(f"a{number}", turn, random.uniform(0, 700), f"c{random.randrange(12)}", device=f"own{number}",
              payee=f"self{number}")
        for number in range(300) for turn in range(4)
    ]  # fmt: skip
    together = [
        claim(f"r{place}", campaign=f"c{campaign}", hours=50 * campaign + random.uniform(0, 2), device=f"own-r{place}",
              payee=f"p{place % 3}")
        for place in range(10) for campaign in range(8)
    ]  # fmt: skip
    assert guilty(judged([*strangers, *together])) == {f"r{place}" for place in range(10)}


def test_a_farm_that_takes_coupons_from_one_device_is_a_ring() -> None:
    claims = ring_of(6, turns=3, payee="")
    assert judged(claims) == []
    farms = {f"r{place}": "farm" for place in range(6)}
    assert guilty(rings(claims, {}, POLICY, Suspects(farms))) == set(farms)


def test_the_owner_of_a_stolen_account_is_a_victim() -> None:
    stolen = [claim("old", turn, hours=2 + turn, device="r-d0", payee="r-p") for turn in range(5)]
    ring = judged([*ring_of(8), *stolen], settled("old"))[0]
    told = {member.account_id: member for member in ring.members}
    assert told["old"].victim
    assert not any(member.victim for name, member in told.items() if name != "old")
    assert guilty([ring]) == {f"r{place}" for place in range(8)}
    mine = settled("old")
    mine["old"].devices["r-d0"] = NOW - timedelta(days=100)
    assert not any(member.victim for member in judged([*ring_of(8), *stolen], mine)[0].members), "his own device"


def test_who_took_one_in_good_faith_from_the_same_network_is_left_out() -> None:
    bystander = [claim("taker", device="own-taker", network="r-n", payee="own-taker")]
    found = judged([*ring_of(8, network="r-n"), *bystander], settled("taker"))
    assert guilty(found) == {f"r{place}" for place in range(8)}


def test_the_order_of_claims_changes_nothing() -> None:
    claims: list[Claim] = [*ring_of(8), *ring_of(5, name="q"), *[claim(f"a{number}") for number in range(30)]]
    first = judged(claims)
    assert [len(ring.members) for ring in first] == [8, 5]
    for seed in range(3):
        mixed = list(claims)
        Random(seed).shuffle(mixed)
        assert judged(mixed) == first


def heard_of(people: list[str], campaigns: int, hours: float, **ties: Any) -> list[Claim]:
    """Each takes one coupon of each campaign, within some hours of hearing of it."""
    random = Random(7)
    return [
        claim(name, campaign=f"c{campaign}", hours=90 * campaign + random.uniform(0, hours),
              **{kind: of(name) if callable(of) else of for kind, of in ties.items()})
        for campaign in range(campaigns) for name in people
    ]  # fmt: skip


def strangers(campaigns: int) -> list[Claim]:
    random = Random(8)
    return [
        claim(f"x{number}", campaign=f"c{campaign}", hours=random.uniform(0, 700), device=f"own-x{number}")
        for campaign in range(campaigns) for number in range(300)
    ]  # fmt: skip


def test_an_operator_who_takes_for_all_neighbours_at_one_sitting_makes_no_ring_of_them() -> None:
    people = [f"v{number}" for number in range(30)]
    village = heard_of(people, 6, 1.0, device="till", network="line", payer="operator", payee="phone-{}".format)
    assert judged([*strangers(6), *village], settled(*people[:20])) == []


def test_people_with_lives_of_their_own_who_hear_of_things_together_are_no_ring() -> None:
    donors = [f"d{number}" for number in range(30)]
    evening = heard_of(donors, 5, 2.0, device="own-{}".format, payee="charity")
    assert judged([*strangers(5), *evening], settled(*donors[:20])) == []
    assert guilty(judged([*strangers(5), *evening])) == set(donors), "thirty without any life are another thing"


def test_three_meetings_of_those_who_share_a_payee_are_enough() -> None:
    ring = [f"r{number}" for number in range(9)]
    acts = heard_of(ring, 3, 1.0, device="own-{}".format, payee="p")
    assert guilty(judged([*strangers(3), *acts])) == set(ring)
