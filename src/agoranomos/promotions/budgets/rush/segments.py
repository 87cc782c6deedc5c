"""Segments in the store: what happened to the names of a rush, one after another, many at a time.

The key of a segment is the fence: whoever decides by all segments below n inserts segment n, and decides again when
somebody else was there before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import insert_ignore
from agoranomos.promotions.budgets.model import Coupon
from agoranomos.promotions.budgets.tables import promo_coupons, promo_rushes, promo_segments

Kind = Literal["claims", "gone", "void"]
_R, _S, _C = promo_rushes.c, promo_segments.c, promo_coupons.c


class Claims(msgspec.Struct, array_like=True, gc=False):
    """Coupons that were given, in columns; one value where all have the same."""

    coupons: list[str]
    accounts: list[str]
    devices: list[str | None] | None
    payees: list[str | None] | None
    at: list[datetime]
    until: list[datetime | None]
    amounts: list[int] | int

    def coupon(self, campaign_id: str, row: int) -> Coupon:
        """One of them as it was given."""
        until = self.until[0] if len(self.until) == 1 else self.until[row]
        return Coupon(
            campaign_id=campaign_id, coupon_id=self.coupons[row], account_id=self.accounts[row],
            state="claimed" if until is None else "reserved", claimed_at=self.at[row], reserved_until=until,
            amount=self.amounts if isinstance(self.amounts, int) else self.amounts[row],
            device_id=self.devices[row] if self.devices else None, payee_id=self.payees[row] if self.payees else None,
        )  # fmt: skip


class Segment(msgspec.Struct, frozen=True):
    """One as it lies in the store; `body` is read when it is wanted."""

    number: int
    kind: Kind
    token: str


def packed(coupons: Sequence[Coupon]) -> bytes:
    """The body of a segment of claims."""
    devices = [each.device_id for each in coupons]
    payees = [each.payee_id for each in coupons]
    until = [each.reserved_until for each in coupons]
    amounts = [each.amount for each in coupons]
    alike = until.count(until[0]) == len(until)
    return _ENCODER.encode(
        Claims(
            [each.coupon_id for each in coupons], [each.account_id for each in coupons],
            devices if any(devices) else None, payees if any(payees) else None, [each.claimed_at for each in coupons],
            until[:1] if alike else until, amounts[0] if amounts.count(amounts[0]) == len(amounts) else amounts,
        )
    )  # fmt: skip


def claims_of(body: bytes) -> Claims:
    """What `packed` put in."""
    return _CLAIMS.decode(body)


def names_of(body: bytes) -> list[str]:
    """The coupons of a segment of another kind."""
    return _NAMES.decode(body)


def rush_of(connection: sa.Connection, campaign_id: str) -> str | None:
    """The rush that a campaign is in; held until the transaction ends: meanwhile none begins or ends."""
    for _ in range(2):
        row = connection.execute(_SHARED, {"campaign": campaign_id}).first()
        if row is not None:
            return row.rush_id  # type: ignore[no-any-return] # a column of text
        insert_ignore(connection, promo_rushes, [{"campaign_id": campaign_id, "rush_id": None}])
    raise AssertionError("the row was put in")


def current(connection: sa.Connection, campaign_id: str) -> str | None:
    """The rush that a campaign is in, for whoever holds the campaign's own row."""
    return connection.execute(_CURRENT, {"campaign": campaign_id}).scalar_one_or_none()


def alone(connection: sa.Connection, campaign_id: str, *, wait: bool = False) -> bool:
    """Whether nobody else looks at the campaign's coupons just now; until the transaction ends none begins to. `wait`:
    until nobody does.
    """
    insert_ignore(connection, promo_rushes, [{"campaign_id": campaign_id, "rush_id": None}])
    return connection.execute(_WAITED if wait else _ALONE, {"campaign": campaign_id}).first() is not None


def put_rush(connection: sa.Connection, campaign_id: str, rush_id: str | None) -> None:
    """The campaign is in that rush now, or in none."""
    connection.execute(promo_rushes.update().where(_R.campaign_id == campaign_id).values(rush_id=rush_id))


def rushes(connection: sa.Connection) -> list[tuple[str, str, bool]]:
    """(campaign, rush, whether claims have no rows yet) of all that are in one; whoever has waited longest first."""
    waiting = sa.and_(_S.rush_id == _R.rush_id, _S.drained_at.is_(None))
    oldest = sa.func.min(_S.written_at)
    query = (
        sa.select(_R.campaign_id, _R.rush_id, oldest.label("oldest"))
        .select_from(promo_rushes.outerjoin(promo_segments, waiting))
        .where(_R.rush_id.is_not(None))
        .group_by(_R.campaign_id, _R.rush_id)
        .order_by(oldest.is_(None), oldest, _R.campaign_id)
    )
    return [(row.campaign_id, row.rush_id, row.oldest is not None) for row in connection.execute(query)]


def since(connection: sa.Connection, rush_id: str, number: int) -> list[Segment]:
    """The segments from `number` on, without their bodies."""
    rows = connection.execute(_SINCE, {"rush": rush_id, "number": number})
    return [Segment(row.number, row.kind, row.token) for row in rows]


def bodies(connection: sa.Connection, rush_id: str, number: int) -> Iterator[tuple[Segment, bytes]]:
    """The segments from `number` on, a few at a time."""
    while rows := connection.execute(_BODIES, {"rush": rush_id, "number": number}).all():
        for row in rows:
            yield Segment(row.number, row.kind, row.token), row.body
        number = rows[-1].number + 1


def put(
    connection: sa.Connection, rush_id: str, segment: Segment, body: bytes, claims: int, now: datetime
) -> bool:  # fmt: skip
    """Keeps a segment; False where there is one of that number."""
    row = {
        "rush_id": rush_id, "number": segment.number, "kind": segment.kind, "token": segment.token, "claims": claims,
        "body": body, "written_at": now, "drained_at": None if claims else now,
    }  # fmt: skip
    return insert_ignore(connection, promo_segments, [row]) == 1


def append(
    connection: sa.Connection, rush_id: str, kind: Kind, coupons: Sequence[str], token: str, now: datetime
) -> None:
    """Keeps that coupons are given back, or void, after all that has happened so far."""
    number = connection.execute(_LAST, {"rush": rush_id}).scalar_one()
    body = _ENCODER.encode(list(coupons))
    while not put(connection, rush_id, Segment(number + 1, kind, token), body, 0, now):
        number += 1


def claims(connection: sa.Connection, rush_id: str) -> tuple[int, int]:
    """How many claims there are in segments, and how many of them have no rows yet."""
    row = connection.execute(_COUNTED, {"rush": rush_id}).one()
    return int(row[0]), int(row[1])


def undrained(connection: sa.Connection, rush_id: str, wanted: Collection[str]) -> Iterator[tuple[int, bytes]]:
    """Number and body of segments that have no rows yet, a few at a time; for few coupons only of those that may have
    them.
    """
    if 0 < len(wanted) <= _FEW:
        for coupon in sorted(wanted):
            yield from _with(connection, rush_id, coupon.encode())
        return
    number = 0
    while wanted and (rows := connection.execute(_UNDRAINED, {"rush": rush_id, "number": number}).all()):
        yield from ((row.number, row.body) for row in rows)
        number = rows[-1].number + 1


def _with(connection: sa.Connection, rush_id: str, name: bytes) -> Iterator[tuple[int, bytes]]:
    """Those in which these bytes stand, looked for by the database: whatever waits need not come here."""
    has = sa.func.position if connection.dialect.name == "postgresql" else sa.func.instr
    mark = sa.bindparam("name", name, type_=sa.LargeBinary)
    stands = has(mark.op("IN")(_S.body)) if connection.dialect.name == "postgresql" else has(_S.body, mark)
    query = sa.select(_S.number, _S.body).where(*_OPEN, stands > 0).order_by(_S.number)
    for row in connection.execute(query, {"rush": rush_id}):
        yield row.number, row.body


def oldest(connection: sa.Connection, rush_id: str) -> int | None:
    """The oldest that has no rows yet."""
    number: int | None = connection.execute(_OLDEST, {"rush": rush_id}).scalar()
    return number


def held(connection: sa.Connection, rush_id: str, number: int) -> bytes | None:
    """The body of one, held against others that would write its rows; None when they have."""
    row = connection.execute(_HELD, {"rush": rush_id, "number": number}).first()
    return None if row is None else row.body


def drained(connection: sa.Connection, rush_id: str, number: int, now: datetime) -> None:
    """The claims of a segment are rows now."""
    where = (_S.rush_id == rush_id, _S.number == number)
    connection.execute(promo_segments.update().where(*where).values(drained_at=now))


def last_written(connection: sa.Connection, rush_id: str) -> datetime | None:
    """When the last segment was written."""
    query = sa.select(sa.func.max(_S.written_at)).where(_S.rush_id == rush_id)
    at: datetime | None = connection.execute(query).scalar_one()
    return at


def forget(connection: sa.Connection, rush_id: str) -> None:
    """Deletes the segments of a rush that is over."""
    connection.execute(promo_segments.delete().where(_S.rush_id == rush_id))


def holders(connection: sa.Connection, campaign_id: str) -> Iterator[tuple[str, str, str | None, bool]]:
    """All coupons that are rows: coupon, account, device, and whether it is void."""
    query = sa.select(_C.coupon_id, _C.account_id, _C.device_id, _C.state).where(_C.campaign_id == campaign_id)
    for row in connection.execute(query).yield_per(10_000):
        yield row.coupon_id, row.account_id, row.device_id, row.state == "voided"


_AT_ONCE: Final = 8
_FEW: Final = 4
"""Coupons, up to which the database looks for them."""
_rush = sa.bindparam("rush", type_=sa.Text)
_number = sa.bindparam("number", type_=sa.BigInteger)
_CURRENT = sa.select(_R.rush_id).where(_R.campaign_id == sa.bindparam("campaign", type_=sa.Text))
_SHARED = _CURRENT.with_for_update(read=True)
_ALONE = _CURRENT.with_for_update(skip_locked=True)
_WAITED = _CURRENT.with_for_update()
_SINCE = sa.select(_S.number, _S.kind, _S.token).where(_S.rush_id == _rush, _S.number >= _number).order_by(_S.number)
_BODIES = sa.select(promo_segments).where(_S.rush_id == _rush, _S.number >= _number).order_by(_S.number).limit(_AT_ONCE)
_LAST = sa.select(sa.func.coalesce(sa.func.max(_S.number), -1)).where(_S.rush_id == _rush)
_COUNTED = sa.select(
    sa.func.coalesce(sa.func.sum(_S.claims), 0),
    sa.func.coalesce(sa.func.sum(sa.case((_S.drained_at.is_(None), _S.claims), else_=0)), 0),
).where(_S.rush_id == _rush)
_OPEN = (_S.rush_id == _rush, _S.drained_at.is_(None))
_UNDRAINED = sa.select(_S.number, _S.body).where(*_OPEN, _S.number >= _number).order_by(_S.number).limit(_AT_ONCE)
_OLDEST = sa.select(sa.func.min(_S.number)).where(*_OPEN)
_HELD = sa.select(_S.number, _S.body).where(*_OPEN, _S.number == _number).with_for_update()
_ENCODER: Final = msgspec.msgpack.Encoder()
_CLAIMS: Final = msgspec.msgpack.Decoder(Claims)
_NAMES: Final = msgspec.msgpack.Decoder(list[str])
