"""The rings of a history with all of it in memory, as they are defined; and histories with much that goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from agoranomos.engine.scan.sources import Source
from agoranomos.engine.stream.lines import event_files, lines
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event, parse_line
from agoranomos.promotions.policies import ring_policies
from agoranomos.promotions.registration.farms import Farms
from agoranomos.promotions.tracing.bulk.finding import Hands, RingSummary, found_in, write_rings
from agoranomos.promotions.tracing.bulk.rows import NEEDED
from agoranomos.promotions.tracing.conduct import crowds_of
from agoranomos.promotions.tracing.judging import Suspects, rings
from agoranomos.promotions.tracing.memory import Memory
from agoranomos.promotions.tracing.model import Ring
from tests.builders import NOW

NO_CUT: Mapping[str, int] = {}
POLICY, SIGN_UPS = ring_policies(())


def all_at_once(sources: Sequence[Source], as_of: datetime | None = None) -> list[Ring]:
    """The rings by `rings` over everything, heard in the order of a replay."""
    memory, farms = Memory({}, {}, {}), Farms(SIGN_UPS)
    heard = [each for each in _in_order(sources) if as_of is None or each.time <= as_of]
    for event in heard:
        if event.type == "account.registered":
            farms.hear(event)
        memory.hear(event)
    moment = as_of or heard[-1].time
    since, before = (moment - timedelta(days=days) for days in (POLICY.window_days, POLICY.sharing_days))
    claims = sorted(memory.claims(before), key=lambda each: (each.at, each.coupon_id))
    recent, earlier = [each for each in claims if each.at >= since], [each for each in claims if each.at < since]
    suspects = Suspects(farms.known.farm_of, crowds=crowds_of(claims), earlier=earlier)
    return rings(recent, memory.people, POLICY, suspects)


def _in_order(sources: Sequence[Source]) -> Iterable[Event]:
    """Each event once, the earliest of its identity."""
    found = list[tuple[datetime, str, str, bytes, Event]]()
    for source in sources:
        for _, line in lines(source):
            try:
                event = parse_line(line)
            except Invalid:
                continue
            if event.type in NEEDED:
                found.append((event.time, event.source, event.id, line, event))
    seen = set[tuple[str, str]]()
    for *_, event in sorted(found, key=lambda each: each[:4]):
        if event.identity not in seen:
            seen.add(event.identity)
            yield event


def in_parts(
    sources: Sequence[Source],
    folder: Path,
    hands: Hands | None = None,
    as_of: datetime | None = None,
    cut: Mapping[str, int] = NO_CUT,
) -> tuple[list[Ring], RingSummary]:
    """The rings by the steps."""
    scratch = folder / "scratch"
    scratch.mkdir()
    return found_in(sources, POLICY, SIGN_UPS, scratch, as_of=as_of, hands=hands, **dict(cut))


def as_written(found: Sequence[Ring], folder: Path) -> bytes:
    """What a file of these rings holds."""
    write_rings(found, NOW, folder / "rings.jsonl")
    return (folder / "rings.jsonl").read_bytes()


def history(folder: Path, seed: int, *, crowd: int = 220) -> list[Source]:
    """Three files, in no order: rings on devices, with payees and by lockstep alone, a farm at sign-up, a device that
    many share, coupons that others take than were given them, orders that are told twice or late, repeats, and lines
    that are none.
    """
    random = Random(seed)
    rows = [*_people(random, crowd), *_crowd(random, crowd), *_rings(random)]
    rows += random.sample(rows, 40)  # told twice
    texts = [json.dumps(row).encode() for row in rows]
    texts += [b"{", b'{"type": "coupon.claimed"}', b"[]", b'{"type": "page.viewed"}']
    # One identity at two times: the earlier counts. At one time: either, as long as it is always the same.
    again = random.choice([row for row in rows if row["type"] == "coupon.claimed"])
    later = {**again, "time": rfc3339(NOW + timedelta(days=300)), "data": {**again["data"], "account_id": "a1"}}
    texts += [json.dumps({**again, "data": {**again["data"], "account_id": "a0"}}).encode(), json.dumps(later).encode()]
    random.shuffle(texts)
    for number in range(3):
        (folder / f"{number}.jsonl").write_bytes(b"\n".join(texts[number::3]) + b"\n")
    return event_files([folder])


def _row(kind: str, name: str, at: datetime, **data: Any) -> dict[str, Any]:
    told = {key: value for key, value in data.items() if value is not None}
    return {"id": name, "source": "shop", "type": kind, "time": rfc3339(at), "data": told}


def _cny(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}


def _people(random: Random, crowd: int) -> Iterable[dict[str, Any]]:
    for number in range(crowd):
        at = NOW + timedelta(days=random.uniform(-400, 170))
        yield _row("account.registered", f"g{number}", at, account_id=f"a{number}", device_id=f"d{number}")
        if number % 3 == 0:
            line = {"listing_id": "l", "quantity": 1, "price": _cny(900)}
            yield _row("order.placed", f"b{number}", at + timedelta(days=2), order_id=f"b{number}", store_id="s",
                       buyer_id=f"a{number}", lines=[line], paid=_cny(900), device_id=f"old{number}")  # fmt: skip
        yield _row("session.started", f"s{number}", at + timedelta(days=1), account_id=f"a{number}",
                   principal_kind=random.choice(("buyer", "staff")), device_id=f"phone{number // 2}")  # fmt: skip
    for number in range(9):  # a farm, all of one device and network within an hour
        at = NOW + timedelta(days=50, minutes=4 * number)
        yield _row("account.registered", f"f{number}", at, account_id=f"f{number}", device_id="farm", ip="10.9.9.9",
                   email=f"lucky{number:02}@mail.example")  # fmt: skip


def _crowd(random: Random, crowd: int) -> Iterable[dict[str, Any]]:
    for number in range(3 * crowd):
        who = f"a{random.randrange(crowd)}"
        device = "till" if number % 2 else f"d{who}"  # what more share than may
        at = NOW + timedelta(days=random.uniform(-300, 170))
        campaign = random.choice(("c0", "c1", "c2", "c3", "l0", "l1", "l2", "l3", "l4", "z0", "z1", "z2"))
        yield from _coupon(random, f"x{number}", campaign, who, at, device=device, payee=f"p-{who}",
                           network=f"10.0.{number % 40}.1")  # fmt: skip


def _rings(random: Random) -> Iterable[dict[str, Any]]:
    for number in range(9):
        for turn in range(4):
            at = NOW + timedelta(days=60 + 9 * turn, minutes=number + random.random())
            ties: dict[str, Any] = {"device": f"ring{number % 2}", "payee": "boss"}
            yield from _coupon(random, f"r{number}-{turn}", f"c{turn}", f"r{number}", at, **ties)
            yield from _coupon(random, f"f{number}-{turn}", f"c{turn}", f"f{number}", at + timedelta(days=3),
                               device=f"of-f{number}", payee="boss2" if turn else f"p-f{number}")  # fmt: skip
    for turn, days in enumerate((-150, -60, 100)):  # who share a payer, once a season: the window has one of them
        for number in range(8):
            at = NOW + timedelta(days=days, minutes=5 * number)
            yield from _coupon(random, f"z{number}-{turn}", f"z{turn}", f"z{number}", at, device=f"of-z{number}",
                               payer="bank")  # fmt: skip
    for turn in range(5):  # in lockstep, with a network of their own
        for number in range(7):
            at = NOW + timedelta(days=20 + 15 * turn, hours=turn, minutes=random.uniform(0, 50))
            yield from _coupon(random, f"l{number}-{turn}", f"l{turn}", f"l{number}", at, network="10.8.8.8",
                               device=f"of-l{number}")  # fmt: skip


def _coupon(
    random: Random, name: str, campaign: str, who: str, at: datetime, *, device: str = "", payee: str = "",
    network: str = "", payer: str = "",
) -> Iterable[dict[str, Any]]:  # fmt: skip
    minute = timedelta(minutes=1)
    coupon = {"coupon_id": name, "campaign_id": campaign}
    to = who if random.random() < 0.8 else "a3"  # given to one and taken by another
    if random.random() < 0.7:
        yield _row("coupon.issued", f"i-{name}", at - minute, **coupon, account_id=to, face_value=_cny(700))
    mine = {**coupon, "account_id": who}
    yield _row("coupon.claimed", f"c-{name}", at, **mine, device_id=device or None, ip=network or None)
    order = f"o-{name}"
    if payer or random.random() < 0.6:
        names = [name] if random.random() < 0.7 else [name, "x1", "x2"]
        line = {"listing_id": random.choice(("l1", "l2")), "quantity": 1, "price": _cny(1_500)}
        placed = {"order_id": order, "buyer_id": who, "store_id": "s", "lines": [line], "paid": _cny(800)}
        # Some orders do not name their coupon, and only its use names them.
        yield _row("order.placed", f"p-{name}", at + minute, **placed, payer_token=payer or None, coupon_ids=names,
                   device_id=device or None, recipient_token=f"t-{who}" if payee else None)  # fmt: skip
        if random.random() < 0.2:
            more = {**placed, "paid": _cny(810)}
            yield _row("order.placed", f"q-{name}", at + 3 * minute, **more, coupon_ids=[f"x{len(name)}"],
                       payer_token=payer or None)  # fmt: skip
    if random.random() < 0.9:
        yield _row("coupon.redeemed", f"u-{name}", at + 2 * minute, **mine, order_id=order, payee_id=payee or None,
                   paid=_cny(800))  # fmt: skip
    if random.random() < 0.1:
        yield _row("coupon.refunded", f"v-{name}", at + 9 * minute, **mine)
