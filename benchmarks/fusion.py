"""Is the fused score calibrated? A made catalogue with truth, through the judge, the reader of complaints and the sum.

No public set says of listings whether the goods are fake. So the catalogue is made, and the figures say that the sum
does what it promises where its sources depend on each other as they do here; they say nothing of the field. Sellers are
of six kinds, and what a kind does ties its text, its prices and its complaints together: that is what plain naive Bayes
overstates. Fakes are made more often than they are and weighed down to their share, 1.8 %.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final, NamedTuple

from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.texts import review_text
from agoranomos.engine.stream.monitor import Out
from agoranomos.engine.stream.run import Run
from agoranomos.goods.complaints.monitor import ComplaintMonitor
from agoranomos.goods.desk.monitor import GoodsMonitor
from agoranomos.goods.evidence.adding import SETTINGS, Settings, add_up
from agoranomos.goods.evidence.model import PRIOR, Source, Weight, probability
from agoranomos.goods.evidence.scales import weigh
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.listings.monitor import assess_all
from agoranomos.goods.listings.weights import weights_of
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.money import Money
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table

START: Final = datetime(2026, 3, 1, tzinfo=UTC)
DAYS: Final = 60
SEED: Final = 11
SHARE: Final = probability(PRIOR)
# Name, what it is, kind of goods, price of the genuine article in yuan.
GOODS: Final = (
    ("Nike", "运动鞋 男款 透气", "shoes", 699), ("Adidas", "跑步鞋 女", "shoes", 599),
    ("Gucci", "手提包 真皮", "bags", 9800), ("Louis Vuitton", "托特包 大号", "bags", 14500),
    ("Rolex", "机械表 男", "watches", 68000), ("Omega", "腕表 自动", "watches", 32000),
    ("SK-II", "精华 230ml", "cosmetics", 1190), ("Lancome", "粉底液 30ml", "cosmetics", 420),
    ("Apple", "蓝牙耳机 主动降噪", "audio", 1299), ("Bose", "头戴耳机", "audio", 1999),
    ("Ray-Ban", "太阳镜 男女", "eyewear", 980), ("Chanel", "香水 50ml", "perfume", 1050),
)  # fmt: skip
_TRADE: Final = ("1:1", "顶级复刻", "高仿", "纯原 品质", "原单", "专柜品质 支持验货")
_INNOCENT: Final = ("专柜同款", "海外直邮", "换季清仓", "微瑕 特价", "支持验货", "假一赔十", "包邮")
_ACCUSED: Final = """怀疑是假货，和专柜的完全不一样
不是正品，鞋标都是歪的
假货，差评
感觉不像正品，做工粗糙
扫码查不到，应该是假的
找人鉴定了，是假的
这也叫正品？
闻起来味道不对，以前买的不是这样
高仿吧，走线乱七八糟
Fake, the logo is wrong
和图片一样但总觉得哪里不对
I don't think these are authentic
左边专柜买的，右边这家的，自己看""".splitlines()


class Kind(NamedTuple):
    """A kind of seller: its share of stores, the share of its goods that are fake, of genuine prices what it asks, how
    often it disguises names and uses words of the trade or of sales, and the share of buyers who say that it is fake.
    """

    stores: float
    fake: float
    price: tuple[float, float]
    disguised: float
    trade: float
    innocent: float
    told: float


KINDS: Final[Mapping[str, Kind]] = {
    "honest": Kind(0.62, 0.0, (0.75, 1.1), 0.0002, 0.0004, 0.15, 0.0006),
    "outlet": Kind(0.14, 0.0, (0.3, 0.7), 0.0005, 0.002, 0.6, 0.0015),
    "sloppy": Kind(0.08, 0.0, (0.5, 1.0), 0.001, 0.004, 0.4, 0.004),
    "brazen": Kind(0.05, 0.9, (0.06, 0.25), 0.7, 0.8, 0.3, 0.02),
    "hidden": Kind(0.06, 0.7, (0.2, 0.6), 0.5, 0.25, 0.4, 0.05),
    "clean": Kind(0.05, 0.6, (0.4, 0.9), 0.02, 0.03, 0.4, 0.04),
}
"""The last three are made more often than they are. How often honest sellers write like the others is set by the false
alarms on real catalogues: four in 10,000 listings (docs/quality/listing-text.md)."""
SENSITIVE: Final = 0.96
SPECIFIC: Final = 0.985
"""How often an appraiser knows a fake, and a genuine article."""


class Made(NamedTuple):
    """A listing of the made catalogue, and the truth about it."""

    listing: Listing
    kind: str
    fake: bool


class Known(NamedTuple):
    """What is known of a listing in the end, and the truth; `share`: what it stands for among all listings."""

    made: Made
    weights: tuple[Weight, ...]
    share: float


class Shop:
    """The room that weighs what was judged before, and appraisals by how often appraisers are right."""

    name, version = "goods.shop", "1"
    hears = ("listing.submitted", "testbuy.appraised")

    def __init__(self, judged: Mapping[str, Sequence[Weight]]) -> None:
        self._judged = judged

    def foresee(self, events: Sequence[Event]) -> None:
        """Everything was judged before."""

    def hear(self, event: Event, out: Out) -> None:
        """A listing, or an appraisal."""
        data = event.data
        if event.type == "listing.submitted":
            weigh(out, *self._judged[data["listing_id"]])
        elif data["verdict"] != "inconclusive":
            fake = data["verdict"] == "counterfeit"
            weight = math.log(SENSITIVE / (1 - SPECIFIC)) if fake else math.log((1 - SENSITIVE) / SPECIFIC)
            weigh(
                out,
                Weight(
                    subject=Subject("listing", data["listing_id"]), source="appraisal", code="goods.appraised",
                    weight=weight, message="It was appraised.", at=event.time, store_id=data["store_id"],
                    key=data["testbuy_id"],
                ),
            )  # fmt: skip

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Asks for no alarm."""

    def state(self) -> bytes:
        """Nothing."""
        return b""

    def resume(self, state: bytes) -> None:
        """See `state`."""


def run(materials: Materials, size: Size) -> list[Table]:
    """Quality of several sums, reliability of the one in use, and what lines by cost save."""
    known = watched(materials.judge(), size.listings)
    scored = {name: [(of(one), one) for one in known] for name, of in _sums().items()}
    return [_quality(scored), _reliability(scored["as used"]), _costs(scored["as used"])]


def made(count: int, seed: int = SEED) -> list[Made]:
    """About `count` listings, ten to a store."""
    rng = random.Random(seed)
    shares = [kind.stores for kind in KINDS.values()]
    found = []
    for store in range(max(8, count // 10)):
        name = rng.choices(list(KINDS), shares)[0]
        found += [_listing(rng, name, f"s{store}", f"l{store}-{number}") for number in range(10)]
    return found


def _listing(rng: random.Random, name: str, store: str, listing_id: str) -> Made:
    kind = KINDS[name]
    brand, what, category, price = rng.choice(GOODS)
    fake = rng.random() < kind.fake
    words = [brand, what]
    if fake or kind.fake == 0:
        if rng.random() < kind.disguised:
            words[0] = rng.choice((".".join, " ".join, "*".join))(brand)
        if rng.random() < kind.trade:
            words.append(rng.choice(_TRADE))
    if rng.random() < kind.innocent:
        words.append(rng.choice(_INNOCENT))
    low, high = kind.price if fake or kind.fake == 0 else (0.6, 1.0)
    listing = Listing(
        listing_id=listing_id, store_id=store, title=" ".join(words), category=category,
        price=Money(round(price * 100 * rng.uniform(low, high)), "CNY"),
    )  # fmt: skip
    return Made(listing, name, fake)


def watched(judge: TextJudge, count: int) -> list[Known]:
    """What the desk knows of each listing after two months of orders, reviews and test buys."""
    catalogue = made(count)
    judged = {
        one.listing.listing_id: weights_of(one.listing, assessment, START)
        for one, assessment in zip(catalogue, assess_all(judge, [each.listing for each in catalogue]), strict=True)
    }
    desk = GoodsMonitor([Shop(judged), ComplaintMonitor()])
    run = Run([desk])
    for day in _days(catalogue, judged):
        run.feed(day)
    fakes = sum(one.fake for one in catalogue)
    weighed = {True: SHARE / max(1, fakes), False: (1 - SHARE) / (len(catalogue) - fakes)}
    now = START + timedelta(days=DAYS)
    return [Known(one, tuple(desk.weights_on(one.listing.listing_id, now)), weighed[one.fake]) for one in catalogue]


def _days(catalogue: Sequence[Made], judged: Mapping[str, Sequence[Weight]]) -> Iterator[list[Event]]:
    """The events of each day, in order."""
    rng, stream = random.Random(SEED + 1), Stream.of(SEED, "reviews")
    rates = {one.listing.listing_id: _told(rng, one) for one in catalogue}
    sales = {one.listing.listing_id: min(4.0, rng.lognormvariate(-0.6, 0.9)) for one in catalogue}
    yield [_event("listing.submitted", f"n-{one.listing.listing_id}", 0, 0, _told_of(one.listing)) for one in catalogue]
    for day in range(1, DAYS):
        told: list[Event] = []
        for one in catalogue:
            listing = one.listing
            for number in range(_poisson(rng, sales[listing.listing_id])):
                told += _bought(rng, stream, listing, f"{listing.listing_id}-{day}-{number}", day, rates)
            suspect = sum(weight.weight for weight in judged[listing.listing_id]) > 2.5
            if rng.random() < (0.25 if suspect else 0.03) / DAYS:
                told.append(_appraised(rng, one, day))
        yield sorted(told, key=lambda event: (event.time, event.source, event.id))


def _told(rng: random.Random, one: Made) -> float:
    """The share of buyers of this listing who say that it is fake."""
    mean = KINDS[one.kind].told if one.fake or KINDS[one.kind].fake == 0 else KINDS["honest"].told
    return rng.betavariate(0.8, 0.8 / mean - 0.8)


def _bought(
    rng: random.Random, stream: Stream, listing: Listing, key: str, day: int, rates: Mapping[str, float]
) -> Iterable[Event]:
    """An order, and what its buyer says of it."""
    lines = [{"listing_id": listing.listing_id, "quantity": 1, "price": _money(listing)}]
    data = {
        "order_id": key, "buyer_id": f"b-{key}", "store_id": listing.store_id, "lines": lines, "paid": _money(listing),
    }  # fmt: skip
    minute = rng.randrange(1400)
    yield _event("order.placed", key, day, minute, data)
    accuses = rng.random() < rates[listing.listing_id]
    if accuses or rng.random() < 0.05:
        rating = 1 if accuses else rng.choices((5, 4, 3, 2, 1), (60, 20, 8, 5, 7))[0]
        text = rng.choice(_ACCUSED) if accuses else review_text(stream, rating)
        said: dict[str, Any] = {
            "review_id": key,
            "author_id": f"b-{key}",
            "store_id": listing.store_id,
            "order_id": key,
        }
        said |= {"listing_id": listing.listing_id, "rating": rating, "text": text}
        yield _event("review.posted", f"r-{key}", day, minute + 1, said)


def _appraised(rng: random.Random, one: Made, day: int) -> Event:
    right = rng.random() < (SENSITIVE if one.fake else SPECIFIC)
    verdict = "counterfeit" if one.fake == right else "genuine"
    identity = f"t-{one.listing.listing_id}-{day}"
    data = {
        "testbuy_id": identity, "listing_id": one.listing.listing_id, "store_id": one.listing.store_id,
        "verdict": verdict if rng.random() < 0.95 else "inconclusive", "appraiser_id": "a1",
        "cost": _money(one.listing),
    }  # fmt: skip
    return _event("testbuy.appraised", identity, day, 1439, data)


def _event(kind: str, identity: str, day: int, minute: int, data: dict[str, Any]) -> Event:
    at = rfc3339(START + timedelta(days=day, minutes=minute))
    return parse_event({"specversion": "1.0", "id": identity, "source": "made", "type": kind, "time": at, "data": data})


def _told_of(listing: Listing) -> dict[str, Any]:
    return {
        "listing_id": listing.listing_id, "store_id": listing.store_id, "title": listing.title,
        "price": _money(listing), "category": listing.category,
    }  # fmt: skip


def _money(listing: Listing) -> dict[str, Any]:
    assert listing.price is not None
    return {"amount": listing.price.amount, "currency": listing.price.currency}


def _poisson(rng: random.Random, mean: float) -> int:
    left, count = math.exp(-mean), 0
    product = rng.random()
    while product > left:
        product *= rng.random()
        count += 1
    return count


def _sums() -> dict[str, Callable[[Known], float]]:
    """The sums that are compared: each gives a score."""
    now = START + timedelta(days=DAYS)
    free: dict[Source, tuple[float, float]] = dict.fromkeys(SETTINGS.caps, (40.0, 40.0))

    def by(settings: Settings, sources: frozenset[str] | None = None) -> Callable[[Known], float]:
        return lambda one: (
            add_up([each for each in one.weights if sources is None or each.source in sources], now, settings).score
        )

    return {
        "the share of fakes, for all": lambda _: SHARE,
        "text and price alone": by(SETTINGS, frozenset({"text", "price"})),
        "complaints alone": by(SETTINGS, frozenset({"complaints"})),
        "naive Bayes, all sources": by(Settings(caps=free, further=1.0)),
        "with caps": by(Settings(further=1.0)),
        "further sources 0.9": by(Settings(further=0.9)),
        "as used": by(SETTINGS),
        "further sources 0.7": by(Settings(further=0.7)),
        "further sources 0.5": by(Settings(further=0.5)),
    }


Scored = Sequence[tuple[float, Known]]


def _quality(scored: Mapping[str, Scored]) -> Table:
    rows = []
    for name, scores in scored.items():
        brier = sum(one.share * (score - one.made.fake) ** 2 for score, one in scores)
        loss = -sum(one.share * math.log(max(1e-6, score if one.made.fake else 1 - score)) for score, one in scores)
        rows.append((name, f"{brier:.5f}", f"{loss:.4f}", *(f"{_caught(scores, line):.2f}" for line in (0.5, 0.9))))
    count = len(next(iter(scored.values())))
    return Table(
        f"{count:,} made listings, two months, weighed to {SHARE:.1%} fakes",
        ("sum", "Brier", "log loss", "found at 0.5", "at 0.9"),
        tuple(rows),
        ("Brier and log loss: less is better. found: the share of fakes at or above the line.",),
    )


def _caught(scores: Scored, line: float) -> float:
    fakes = [score >= line for score, one in scores if one.made.fake]
    return sum(fakes) / max(1, len(fakes))


def _reliability(scores: Scored) -> Table:
    edges = (0.0, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 1.01)
    rows = []
    for low, high in pairwise(edges):
        mine = [(score, one) for score, one in scores if low <= score < high]
        whole = sum(one.share for _, one in mine)
        if whole:
            mean = sum(score * one.share for score, one in mine) / whole
            fake = sum(one.share for _, one in mine if one.made.fake) / whole
            label = f"{low:g} to {min(high, 1):g}"
            rows.append((label, f"{len(mine):,}", f"{whole:.2%}", f"{mean:.3f}", f"{fake:.3f}"))
    return Table(
        "Reliability of the sum as used",
        ("score", "listings", "of the catalogue", "mean score", "share of fakes"),
        tuple(rows),
        ("Calibrated where the last two columns agree; shares of fakes are weighed like the catalogue.",),
    )


def _costs(scores: Scored) -> Table:
    rows = []
    for false_alarm, missed in ((1, 4), (1, 1), (4, 1), (9, 1), (19, 1)):
        line = false_alarm / (false_alarm + missed)
        by_line = {round(at / 100, 2): _cost(scores, at / 100, false_alarm, missed) for at in range(1, 100)}
        best = min(by_line, key=lambda at: (by_line[at], at))
        mine = _cost(scores, line, false_alarm, missed)
        always = _cost(scores, 2.0, false_alarm, missed)
        rows.append(
            (
                f"{false_alarm} : {missed}",
                f"{line:.2f}",
                f"{mine:.2f}",
                f"{by_line[best]:.2f}",
                f"{best:.2f}",
                f"{always:.2f}",
            )
        )
    return Table(
        "Lines by cost, the sum as used",
        ("false alarm : missed fake", "line", "cost", "least cost", "its line", "cost of doing nothing"),
        tuple(rows),
        ("Costs for 1,000 listings in units of the smaller one; the line is false alarm / (false alarm + missed).",),
    )


def _cost(scores: Scored, line: float, false_alarm: float, missed: float) -> float:
    per = 0.0
    for score, one in scores:
        if score >= line and not one.made.fake:
            per += one.share * false_alarm
        elif score < line and one.made.fake:
            per += one.share * missed
    return 1000 * per
