"""The same picture in unrelated stores, as it is told: by hash, by file, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from agoranomos.engine.pictures.signature import Signature
from agoranomos.engine.stream.monitor import Out
from agoranomos.goods.evidence.model import Weight
from agoranomos.goods.evidence.scales import Scales
from agoranomos.goods.pictures import gallery as galleries
from agoranomos.goods.pictures.hashes import DISTANCE_MAX, Hashes, hash_in
from agoranomos.goods.pictures.model import Resembled, Seen
from agoranomos.goods.pictures.monitor import PictureMonitor, Sight
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.findings import Finding
from tests.builders import NOW, make_data, make_event
from tests.engine.pictures.drawing import drawn, file_of, signed

HASH = 0x0F1E2D3C4B5A6978
FAR = HASH ^ 0x00000000FFFFFFFF


def phash(value: int) -> str:
    return f"phash:{value:016x}"


def bits(count: int) -> int:
    """HASH with so many bits turned."""
    return HASH ^ (0x5555555555555555 & ((1 << (2 * count)) - 1))


class Desk:
    """The monitor, and what it says to listings one after another."""

    def __init__(self, sight: Sight | None = None) -> None:
        self.monitor = PictureMonitor(sight)
        self.out = Out()
        self.scales = Scales(self.out)
        self.number = 0

    def hear(self, kind: str, **data: Any) -> list[Finding]:
        self.number += 1
        at = rfc3339(NOW + timedelta(minutes=self.number))
        told = make_event(kind, id=f"e{self.number}", time=at, data={**make_data(kind), **data})
        self.monitor.hear(parse_event(told), self.scales)
        return [each for each in self.out.take() if isinstance(each, Finding)]

    def show(self, listing: str, store: str, *pictures: str, kind: str = "listing.submitted") -> dict[str, Finding]:
        found = self.hear(kind, listing_id=listing, store_id=store, pictures=list(pictures))
        return {each.subject.id: each for each in found}

    def weights(self) -> list[tuple[str, float]]:
        return [(each.subject.id, each.weight) for each in self.scales.noted if isinstance(each, Weight)]


def test_the_second_unrelated_seller_is_told_and_so_is_the_first() -> None:
    desk = Desk()
    assert desk.show("l1", "s1", phash(HASH)) == {}
    found = desk.show("l2", "s2", "https://a.example/1.jpg", phash(HASH))
    assert set(found) == {"l1", "l2"}
    assert {each.code for each in found.values()} == {"goods.picture_shared"}
    assert found["l1"].ring_id == found["l2"].ring_id is not None
    assert found["l2"].score == pytest.approx(0.70, abs=0.01)
    assert found["l2"].reasons[0].message.startswith("Picture 2 of 2 is also shown by 1 other, unrelated seller")
    assert {(one.kind, one.id, one.role) for one in found["l1"].related} == {
        ("listing", "l2", "member"), ("store", "s2", "member"),
    }  # fmt: skip
    assert [name for name, weight in desk.weights() if weight > 0] == ["l2", "l1"]


@pytest.mark.parametrize(("apart", "same"), [(0, True), (1, True), (DISTANCE_MAX, True), (DISTANCE_MAX + 1, False)])
def test_hashes_are_the_same_within_a_distance(apart: int, same: bool) -> None:
    desk = Desk()
    desk.show("l1", "s1", phash(HASH))
    assert bool(desk.show("l2", "s2", phash(bits(apart)))) is same


def test_stores_of_one_seller_share_nothing() -> None:
    desk = Desk()
    for store in ("s1", "s2"):
        desk.hear("store.opened", store_id=store, seller_id="u1")
    desk.show("l1", "s1", phash(HASH))
    assert desk.show("l2", "s2", phash(HASH)) == {}
    assert desk.show("l3", "s1", phash(HASH)) == {}


def test_a_brands_own_picture_is_nobodys_theft() -> None:
    desk = Desk()
    desk.hear("brand.registered", brand_id="b1", names=["Brand"], reference_pictures=[phash(bits(2)), "own/front.jpg"])
    desk.show("l1", "s1", phash(HASH))
    assert desk.show("l2", "s2", phash(HASH)) == {}
    assert set(desk.show("l3", "s3", phash(FAR))) | set(desk.show("l4", "s4", phash(FAR))) == {"l3", "l4"}


def test_plain_pictures_and_addresses_say_nothing() -> None:
    desk = Desk()
    plain = ("phash:0000000000000000", "phash:8000000000000001")
    for picture in (*plain, "https://a.example/1.jpg", "a.jpg"):
        desk.show(f"1 {picture}", "s1", picture)
        assert desk.show(f"2 {picture}", "s2", picture) == {}


def test_what_is_shown_no_longer_ends_it_and_takes_its_weight_back() -> None:
    desk = Desk()
    desk.show("l1", "s1", phash(HASH))
    first = desk.show("l2", "s2", phash(HASH))["l2"]
    assert desk.show("l2", "s2", phash(FAR), kind="listing.updated") == {}
    assert desk.weights()[-1] == ("l2", 0.0)
    again = desk.show("l2", "s2", phash(HASH), kind="listing.updated")["l2"]
    assert (again.id == first.id, again.revision) == (False, 1), "a new episode"
    desk.hear("listing.removed", listing_id="l2")
    desk.hear("listing.removed", listing_id="l1")
    assert desk.show("l3", "s3", phash(HASH)) == {}


def test_more_sellers_revise_at_steps_and_a_crowd_is_common() -> None:
    desk = Desk()
    told: dict[str, list[int]] = {}
    for number in range(60):
        for listing, finding in desk.show(f"l{number}", f"s{number}", phash(HASH)).items():
            told.setdefault(listing, []).append(finding.revision)
    assert told["l0"] == [1, 2, 3, 4, 5], "at 2, 3, 5, 10 and 20; with 50 it is below the line"
    assert "l49" not in told
    assert max(map(len, told.values())) <= 5


class Files:
    """Files that show what `drawn` draws; the brand's own among them."""

    def __init__(self, **shown: int) -> None:
        self.signatures_of = {
            name: signed(file_of(drawn(seed), quality=60 + len(name))) for name, seed in shown.items()
        }

    def look(self, named: Sequence[str]) -> list[Seen]:
        found = []
        for name in named:
            file = name.removesuffix(".jpg").removesuffix(".png")
            if file not in self.signatures_of:
                found.append(Seen(path=name, skipped="missing"))
                continue
            own = Resembled(
                role="genuine", name="n", content="0" * 64, brand_id="b1", score=0.99, marks=90, share=0.9, how="whole"
            )  # fmt: skip
            resembles = (own,) if file.startswith("own") else ()
            found.append(Seen(path=name, content=file, marks=len(self.signatures_of[file]), resembles=resembles))
        return found

    def signatures(self, contents: Sequence[str]) -> Mapping[str, Signature]:
        return {each: self.signatures_of[each] for each in contents}

    @property
    def sight(self) -> Sight:
        return Sight(self.look, self.signatures)


@pytest.mark.slow
@pytest.mark.parametrize("loose", [1, 64], ids=["by the index", "one by one"])
def test_copies_of_a_file_are_the_same_picture(loose: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agoranomos.goods.pictures.monitor._LOOSE_MAX", loose)
    desk = Desk(Files(a=1, aa=1, other=2, own=3, ownn=3).sight)
    assert desk.show("l1", "s1", "a.jpg") == {}
    assert desk.show("l2", "s2", "other.jpg", "missing.jpg") == {}
    found = desk.show("l3", "s3", "aa.jpg")
    assert set(found) == {"l1", "l3"}
    assert "the same picture, probability" in found["l3"].reasons[0].message
    assert "the same file" in desk.show("l4", "s4", "other.jpg")["l4"].reasons[0].message
    assert desk.show("l5", "s5", "own.jpg") | desk.show("l6", "s6", "ownn.jpg") == {}


@pytest.mark.slow
def test_who_goes_on_says_the_same() -> None:
    files = Files(a=1, aa=1, b=2)
    shown = [("l1", "s1", "a.jpg"), ("l2", "s2", phash(HASH)), ("l3", "s3", "b.jpg"), ("l4", "s4", "aa.jpg"),
             ("l5", "s5", phash(bits(3))), ("l4", "s4", "b.jpg")]  # fmt: skip
    whole = Desk(files.sight)
    expected = [whole.show(*each) for each in shown]
    for cut in range(1, len(shown)):
        first, second = Desk(files.sight), Desk(files.sight)
        said = [first.show(*each) for each in shown[:cut]]
        second.monitor.resume(first.monitor.state())
        second.number = first.number
        assert said + [second.show(*each) for each in shown[cut:]] == expected


def test_what_was_shown_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(galleries, "PICTURES_MAX", 2)
    desk = Desk()
    far = [phash(HASH ^ (0xFFFF << (16 * k))) for k in range(4)]
    desk.show("l0", "s0", *far[:2])
    desk.show("l1", "s1", far[0])
    desk.show("l2", "s2", far[2])
    known = desk.monitor._known.gallery
    assert list(known.pictures) == [far[0], far[2]]
    assert known.listings["l0"] == [far[0]]
    assert set(known.copies) == {far[0], far[2]}
    assert set(desk.show("l3", "s3", far[0])) == {"l0", "l1", "l3"}


def test_the_nearest_of_many_hashes_is_found() -> None:
    assert hash_in("PHASH:0F1E2D3C4B5A6978") == HASH
    assert hash_in("phash:0f1e2d3c4b5a697") is None
    known = Hashes((str(k), (HASH * (2 * k + 3)) % 2**64) for k in range(500))
    assert len(known) == 500
    known.add("near", bits(1))
    assert known.nearest(HASH) == ("near", 1)
