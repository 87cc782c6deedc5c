"""The judge of listings: the sieve drops nothing that counts, and how it is called changes nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import product
from pathlib import Path

import msgspec
import pytest

from agoranomos.engine.text.repeating import Harmless
from agoranomos.goods.brands.model import PriceBand
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.listings import bounds
from agoranomos.goods.listings.fusion import FUSED_CODES
from agoranomos.goods.listings.judge import TextJudge, batch_listings, build_judge, listings_batch
from agoranomos.goods.listings.model import Assessment, Concern, Listing
from agoranomos.goods.listings.prices import in_yuan
from agoranomos.kernel.findings import finding_id
from tests.builders import make_brand, make_listing, make_money

AT = "2026-05-01T00:00:00Z"

_NAMES = (
    "Nike", "NIKE", "Louis Vuitton", "adidas", "耐克", "阿迪达斯", "香奈儿", "Gucci", "Rolex", "Apple",
    "Ray-Ban", "3M",
    "Uniqlo", "SK-II", "나이키", "Найк", "グッチ", "Chanel No5", "iPhone 15", "Air Force 1", "Dior", "小米", "Coach",
)  # fmt: skip
_DISGUISED = (
    "N1ke", "Ｎｉｋｅ", "Niкe", "N I K E", "ni ke", "nikke", "N\u200bike", "ekin", "耐 克", "耐尅", "nai克",
    "Gυссі", "Guccii", "gu cci",
    "Lоuіs Vuіttоn", "Louis Vuiton", "L0uis Vuitt0n", "ad1das", "addidas", "阿迪 达斯", "阿笛达斯", "香奈几",
    "cha nel", "R0lex",
    "rollex", "驴牌", "小香", "大勾", "三叶草", "LV", "AJ1", "𝐃𝐢𝐨𝐫", "ᗪior", "ſupreme",
)  # fmt: skip
_GOODS = (
    "running shoes 42", "运动鞋 男", "手提包 女 新款", "watch automatic", "case for phone",
    "organizer insert for", "zapatos", "tas wanita",
    "кроссовки мужские", "운동화", "スニーカー", "T-shirt", "手表", "eau de parfum 100 ml", "poster",
    "strap compatible with", "",
)  # fmt: skip
_WORDS = (
    "", "1:1", "高仿", "复刻", "A货", "replica", "莆田", "莆 田", "原单 尾货", "same as original", "KW super",
    "tiruan", "réplica", "懂的来",
    "100% authentic", "second hand", "二手", "in the style of", "纯原", "精仿", "top grade AAA", "реплика",
    "이미테이션",
)  # fmt: skip
_CONTACTS = (
    "", "加微信 abc12345", "＋VX：bag_8899", "whatsapp +86 138 1234 5678", "一三八一二三四五六七八",
    "QQ 12345678", "薇❤信 shoe_77",
    "telegram @shop_99", "13812345678", "ISBN 9787302423287", "儿童手表 微信聊天", "line id: abc_123",
    "t.me/shop77", "支付宝 私下转账",
)  # fmt: skip
_CATEGORIES = (
    "",
    "shoes",
    "bags",
    "watches",
    "Phones & Accessories > Cases",
    "食品",
    "kosmetik",
    "perfume",
)
_PRICES = (None, 100, 9_900, 59_900, 1_200_000)


def make_market(count: int, seed: int) -> list[Listing]:
    """Listings of every kind, honest, disguised and absurd ones; most say little, so that they are near the line."""
    rng = random.Random(seed)

    def seldom(choices: Sequence[str]) -> str:
        return rng.choice(choices) if rng.random() < 0.25 else ""

    listings = []
    for number in range(count):
        pool = _NAMES if rng.random() < 0.5 else _DISGUISED
        names = [rng.choice(pool) for _ in range(rng.choice((0, 1, 1, 1, 2, 5)))]
        parts = [*names, rng.choice(_GOODS), seldom(_WORDS)]
        rng.shuffle(parts)
        price = rng.choice(_PRICES)
        listings.append(
            make_listing(
                f"l{number}",
                store_id=f"s{number % 9}",
                title=rng.choice((" ", "", "/", " - ")).join(part for part in parts if part) or "x",
                description=" ".join(seldom(choices) for choices in (_WORDS, _CONTACTS, _GOODS, _NAMES)),
                brand=rng.choice(("", "", *_NAMES[:6])),
                category=rng.choice(_CATEGORIES),
                price=None if price is None else make_money(price, rng.choice(("CNY", "USD", "JPY", "IDR"))),
                seller_id=rng.choice((None, f"seller{number % 4}")),
                listed_at=rng.choice((None, AT)),
            )
        )
    return listings


@cache
def market() -> list[Listing]:
    return make_market(500, 3)


def over_the_line(judge: TextJudge, assessment: Assessment) -> dict[Concern, float]:
    """What of an assessment may not be lost."""
    return {c: score for c, score in assessment.scores.items() if score >= judge.report_line}


def losses(judge: TextJudge, listings: Sequence[Listing]) -> list[tuple[Listing, dict[Concern, float]]]:
    """Listings of which the sieve drops something at or above the report line."""
    verdicts = judge.assess_batch(listings_batch(listings))
    kept = dict(zip(verdicts.rows, verdicts.assessments, strict=True))
    lost = []
    for row, listing in enumerate(listings):
        whole = judge.explain(listing)[1]
        expected = over_the_line(judge, whole)
        if expected and (row not in kept or over_the_line(judge, kept[row]) != expected):
            lost.append((listing, expected))
        elif row in kept:
            assert kept[row] == whole, "what is kept is seen as a whole"
    return lost


@pytest.mark.slow
def test_the_sieve_is_a_bound(judge: TextJudge) -> None:
    assert losses(judge, market()) == []
    flagged = len(all_findings(judge))
    assert 100 < flagged < len(market()) - 50, "the market is worth sieving"


@pytest.mark.parametrize("report_line", [0.2, 0.8, 0.95])
@pytest.mark.slow
def test_the_sieve_is_a_bound_wherever_the_report_line_is(
    registry: RegistrySnapshot, judge_cache: Path, report_line: float
) -> None:
    other = build_judge(registry, cache=judge_cache, report_line=report_line)
    assert losses(other, market()) == []


_CORNERS = (
    "telegram @ shopname shoes", "bag wechat eight six one five nine four two eight three eight",
    "shoes ig @ eight five two nine four nine five", "call one two three four five six seven eight",
    "手机壳 8613812345678", "手机壳 13812345678 2024", "手机壳 0086 13812345678", "鞋 Q：740232669", "鞋 q号 740232669",
    "包 ＋8613812345678", "shoes call: 9881533738", "dress mail x.y7@proton.me", "dress email me x.y7 (at) gmail.com",
    "微信 伊酒吾耳三四五六", "XNE 原单 尾货 运动鞋", "x.n.e 纯原 尾单 鞋", "【彷品】 包", "Gucci 【彷品】",
    "果子家 原单 女包", "gucci prada chanel dior bag", "Gucci gucci Prada prada bag", "Rolex watch", "Louis Vuitton",
    "Neverfull", "驴牌 LV",
)  # fmt: skip


@pytest.mark.slow
def test_the_sieve_is_a_bound_in_the_corners(judge: TextJudge) -> None:
    listings = [
        make_listing(
            f"c{number}", title=title, brand=brand, category=category,
            price=None if price is None else make_money(price, "CNY"),
        )
        for number, (title, brand, category, price) in enumerate(
            product(_CORNERS, ("", "无品牌", "Nike"), ("", "shoes", "bags", "phones", "food"), (None, 900, 20_000))
        )
    ]  # fmt: skip
    assert losses(judge, listings) == []


@pytest.mark.slow
def test_no_context_lifts_a_listing_above_its_bound(judge: TextJudge) -> None:
    for listing in market():
        batch = listings_batch([listing])
        hits = judge._hits(judge._all_hits, batch, *judge._weighed_with(batch))
        reading = judge._reader.interpret([listing], hits, [0])[0]
        stated = judge._reader.shelf.of_path(listing.category)
        accessory = judge._reader.shelf.surely_accessory(listing.category)
        most = bounds.counterfeit_most(
            listing, reading.drafts, reading.terms, stated, in_yuan(listing.price), admitted=reading.admitted,
            accessory=accessory,
        )  # fmt: skip
        of_goods = bounds.prohibited_most(listing, reading.terms, stated, judge._classes, accessory=accessory)
        away = bounds.diversion_of(listing, reading.terms, reading.runs)
        whole = judge.explain(listing)[1]
        bound_of = {Concern.COUNTERFEIT: most, Concern.DIVERSION: away, Concern.PROHIBITED: of_goods}
        for concern, bound in bound_of.items():
            weights = [one.weight for one in whole.signals if one.concern is concern and one.weight > 0]
            assert sum(weights) <= bound + bounds.ROUNDING, listing
        assert away <= bounds.diversion_most(reading.terms, numbers=bool(reading.runs)) + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_sieve_is_a_bound_in_large_markets(judge: TextJudge, seed: int) -> None:
    assert losses(judge, make_market(3_000, 100 + seed)) == []


# --- how it is called changes nothing ---


@pytest.mark.slow
def test_one_by_one_and_in_batches(judge: TextJudge) -> None:
    listings = market()[:300]
    single = [judge.assess(one) for one in listings]
    for size in (7, 300):
        for at in range(0, len(listings), size):
            part = listings[at : at + size]
            verdicts = judge.assess_batch(listings_batch(part))
            assert list(verdicts.rows) == sorted(set(verdicts.rows))
            for row, assessment in zip(verdicts.rows, verdicts.assessments, strict=True):
                assert assessment == single[at + row]
            missing = set(range(len(part))) - set(verdicts.rows)
            assert all(over_the_line(judge, single[at + row]) == {} for row in missing)


@pytest.mark.slow
def test_a_glance_finds_what_the_sieve_finds(judge: TextJudge) -> None:
    empty = 0
    for one in market():
        glanced = judge.glance(one)
        batch = listings_batch([one])
        found = len(judge._hits(judge._near_line, batch, *judge._weighed_with(batch)))
        assert (glanced is None) == (found > 0)
        assert glanced is None or glanced == judge.assess(one)
        empty += glanced is not None
    assert 100 < empty < len(market()) - 100, "both happen"


@pytest.mark.slow
def test_many_threads_at_once_judge_as_one_does(judge: TextJudge) -> None:
    listings = market()[:400]
    alone = [judge.assess(one) for one in listings]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            assert list(pool.map(judge.assess, listings)) == alone


@pytest.mark.slow
def test_order_does_not_matter(judge: TextJudge) -> None:
    listings = market()[:400]
    order = random.Random(1).sample(range(len(listings)), len(listings))
    straight = judge.assess_batch(listings_batch(listings))
    turned = judge.assess_batch(listings_batch([listings[i] for i in order]))
    by_id = {a.listing_id: a for a in straight.assessments}
    assert {a.listing_id: a for a in turned.assessments} == by_id
    assert [order[row] for row in turned.rows] == [int(a.listing_id[1:]) for a in turned.assessments]


def test_twice_the_same(judge: TextJudge) -> None:
    batch = listings_batch(market()[:200])
    assert judge.assess_batch(batch) == judge.assess_batch(batch)


@pytest.mark.slow
def test_another_judge_of_the_same_things_judges_the_same(
    judge: TextJudge, registry: RegistrySnapshot, judge_cache: Path
) -> None:
    other = build_judge(registry, cache=judge_cache)
    assert other.version == judge.version
    batch = listings_batch(market()[:200])
    assert other.assess_batch(batch) == judge.assess_batch(batch)


def test_an_empty_batch(judge: TextJudge) -> None:
    assert judge.assess_batch(listings_batch([])) == judge.assess_batch(listings_batch([make_listing(title="x")]))


def test_a_harmless_listing_has_no_score(judge: TextJudge) -> None:
    assessment = judge.assess(make_listing(title="Hand-thrown stoneware mug, 350 ml", category="home"))
    assert (assessment.scores, assessment.signals, assessment.findings) == ({}, (), ())
    assert (assessment.listing_id, assessment.store_id, assessment.score) == ("l1", "s1", 0.0)


def test_columns_and_listings_hold_the_same() -> None:
    listings = [msgspec.structs.replace(one, pictures=()) for one in market()[:100]]
    assert batch_listings(listings_batch(listings)) == listings


@pytest.mark.parametrize("text", ["\ud800", "N1ke \udfff 莆田", "\0", "\x7f\x1b[31m", "\u202eekiN", "a\u0301" * 500])
def test_any_characters_are_judged(judge: TextJudge, text: str) -> None:
    assessment = judge.assess(make_listing(title=text, description=text, brand=text))
    msgspec.json.encode(assessment)


# --- findings keep the contract ---


def all_findings(judge: TextJudge) -> list[tuple[Listing, Assessment]]:
    verdicts = judge.assess_batch(listings_batch(market()), at=AT)
    return [(market()[row], a) for row, a in zip(verdicts.rows, verdicts.assessments, strict=True) if a.findings]


def test_findings_keep_the_contract(judge: TextJudge) -> None:
    known = {detector.code: detector.version for detector in judge.detectors}
    judged = all_findings(judge)
    assert len(judged) > 100
    for listing, assessment in judged:
        assert len({finding.id for finding in assessment.findings}) == len(assessment.findings)
        for finding in assessment.findings:
            assert finding.code in known or finding.code in FUSED_CODES.values()
            assert finding.id == finding_id(finding.code, finding.subject, listing.listed_at or "")
            assert (finding.subject.kind, finding.subject.id) == ("listing", listing.listing_id)
            assert judge.report_line <= finding.score <= assessment.score
            assert (finding.revision, finding.status, finding.at) == (1, "live", AT)
            assert finding.reasons
            assert all(r.message and r.evidence["message_zh"] and r.evidence["quotes"] for r in finding.reasons)
            related = [(r.kind, r.role) for r in finding.related]
            assert related[0] == ("store", "tie")
            assert finding.related[0].id == listing.store_id
            assert (("seller", "tie") in related) == (listing.seller_id is not None)
            assert all(role == "reference" for kind, role in related if kind == "brand")
            assert len(set(finding.related)) == len(finding.related)
            msgspec.json.encode(finding)


def test_quotes_are_the_sellers_own_words(judge: TextJudge) -> None:
    for listing, assessment in all_findings(judge):
        for signal in assessment.signals:
            for quote in signal.quotes:
                assert getattr(listing, quote.field)[quote.start : quote.end] == quote.text != ""


def test_ids_depend_on_what_is_judged_and_not_on_when(judge: TextJudge) -> None:
    listing = make_listing(title="N1ke 莆田 高仿 1:1", category="shoes")
    batch = listings_batch([listing])
    first = judge.assess_batch(batch, at=AT).assessments[0].findings
    later = judge.assess_batch(batch, at="2026-06-01T00:00:00Z").assessments[0].findings
    assert [f.id for f in first] == [f.id for f in later]
    assert {f.at for f in later} == {"2026-06-01T00:00:00Z"}
    other = judge.assess(make_listing("l2", title=listing.title, category="shoes")).findings
    assert {f.id for f in first}.isdisjoint(f.id for f in other)


# --- what it is there for ---


@pytest.mark.parametrize(
    ("title", "way"),
    [
        (template.format(name), way)
        for (name, way), template in product(
            [
                ("Ｎ１ＫＥ", "styled"), ("Niкe", "lookalike"), ("N I K E", "spaced"), ("N\u200bike", "invisible"),
                ("Lоuіs Vuіttоn", "lookalike"), ("L0uis Vuitt0n", "leet"), ("𝐋𝐨𝐮𝐢𝐬 𝐕𝐮𝐢𝐭𝐭𝐨𝐧", "styled"),
                ("ad1das", "leet"), ("аdidаs", "lookalike"), ("a d i d a s", "spaced"), ("耐\u200b克", "invisible"),
            ],
            ("{} 莆田 1:1", "高仿 {} 运动鞋", "{} replica shoes"),
        )
    ],
)  # fmt: skip
def test_a_disguised_fake_is_reported(judge: TextJudge, title: str, way: str) -> None:
    facts, assessment = judge.explain(make_listing(title=title, category="shoes", price=make_money(9_900)))
    assert way in {one for mention in facts.mentions for one in mention.ways}
    assert assessment.scores[Concern.COUNTERFEIT] >= 0.9
    assert judge.assess(facts.listing) == assessment


@pytest.mark.parametrize(
    "title",
    [
        "you can on any day use it", "Kanon", "1200 W hair dryer", "em tape, 10 m, against dust",
        "3M tape 10 m", "группа тг",
        "tr team", "田字格本 田字格 小学生", "apple juice 1 l", "小米粥 500 g", "Nike Air Force 1",
        "阿迪达斯 运动鞋 官方",
        "Ray Ban sunglasses", "case for Samsung Xiaomi Huawei Oppo", "LANCÔME Hypnôse",
        "Häagen-Dazs ice cream", "磁吸数据线",
        "福建莆田桂圆干 500g", "儿童手表 微信聊天", "懂你的温柔 小说", "Кроссовки мужские белые",
        "나이키 운동화", "mặc đẹp", "pâte à tartiner",
    ],
)  # fmt: skip
def test_an_honest_listing_is_not(judge: TextJudge, title: str) -> None:
    facts, assessment = judge.explain(make_listing(title=title, category="", price=None))
    assert assessment.findings == ()
    assert [mention for mention in facts.mentions if mention.hidden] == []


@pytest.mark.slow  # compiles
def test_what_is_written_once_counts_once(judge: TextJudge) -> None:
    signals = judge.assess(make_listing(title="Nike 莆田纯原 1:1 复-刻 运动鞋")).signals
    for signal in signals:
        spans = [(each.field, each.start, each.end) for each in signal.quotes]
        assert len(set(spans)) == len(spans), signal.code
    assert [each.text for signal in signals if signal.code == "goods.grade_named" for each in signal.quotes] == [
        "莆田纯原"
    ]


@pytest.fixture(scope="module")
def small(judge_cache: Path) -> TextJudge:
    """A judge that knows three brands: two of watches, whose band was learned from 25 listings or by a person, and one
    that names its only store.
    """
    watches = [
        make_brand(
            name,
            names=(name,),
            categories=("watches",),
            floors={"watches": make_money(3_000_000)},
            price_bands=(PriceBand(low=make_money(18_100), high=make_money(22_900), category="watches", n=learned),),
            much_copied=True,
            source="seed",
        )
        for name, learned in (("Rolex", 25), ("Omega", None))
    ]
    named = make_brand(
        "zzz-brand",
        names=("Zzyzxora",),
        authorised_store_ids=("s1",),
        categories=("shoes",),
        floors={"shoes": make_money(90_000)},
    )
    return build_judge(RegistrySnapshot([*watches, named]), cache=judge_cache)


@pytest.mark.parametrize(("name", "said"), [("Rolex", "floor"), ("Omega", "band")])
def test_fakes_in_the_catalogue_do_not_teach_away_the_least_price(small: TextJudge, name: str, said: str) -> None:
    listing = make_listing(title=f"{name} watch", category="watches", price=make_money(5_000))
    found = {signal.code: signal.values for signal in small.assess(listing).signals}
    assert found["goods.price_too_low"]["said_by"] == said


def test_a_text_is_read_again_in_a_store_that_may_not_sell_the_brand(
    small: TextJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small, "_harmless", Harmless(bytes(16)))
    for store, flagged in (("s1", 0), ("s2", 1), ("s1", 0)):
        one = make_listing(title="Zzyzxora shoes", store_id=store)
        assert sum(len(each.findings) for each in small.assess_batch(listings_batch([one])).assessments) == flagged, (
            store
        )


def test_a_named_store_is_spoken_for(small: TextJudge) -> None:
    titles = [make_listing(title="Zzyzxora shoes", store_id=store) for store in ("s1", "s2")]
    own, foreign = (small.explain(one)[1] for one in titles)
    assert own.findings == ()
    assert next(f.code for f in foreign.findings) in (
        "goods.brand_not_authorised",
        "goods.suspected_counterfeit",
    )
    assert small.assess(titles[1]) == foreign


@pytest.mark.slow
def test_a_version_names_all_that_changes_answers(
    registry: RegistrySnapshot, judge: TextJudge, judge_cache: Path
) -> None:
    from agoranomos.goods.listings.fusion import Priors

    others = [
        build_judge(registry, cache=judge_cache, report_line=0.6).version,
        build_judge(registry, cache=judge_cache, priors=Priors(diversion=-3.0)).version,
    ]
    assert len({judge.version, *others}) == 3


_VERSION = """
import sys
from pathlib import Path
from agoranomos.goods.brands.snapshot import load_snapshot
from agoranomos.goods.listings.judge import build_judge
print(build_judge(load_snapshot(), cache=Path(sys.argv[1])).version)
"""


@pytest.mark.slow
def test_version_is_the_same_in_every_process(judge: TextJudge, judge_cache: Path) -> None:
    for seed in ("0", "9"):
        done = subprocess.run(
            [sys.executable, "-c", _VERSION, str(judge_cache)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == judge.version


def test_prices_of_the_market_are_known() -> None:
    assert any(in_yuan(listing.price) > 0 for listing in market())
