"""How a campaign stands, in the store: whoever takes a block of its budget, or tells what was seen, holds its row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import among, insert_ignore
from agoranomos.promotions.breaker.policy import Standing
from agoranomos.promotions.breaker.watch import Watch
from agoranomos.promotions.campaigns.model import Declared
from agoranomos.promotions.guard.tables import promo_guarded, promo_newcomers, promo_progress

_G, _N = promo_guarded.c, promo_newcomers.c
PROGRESS = "promotions"
_HOLD = sa.select(_G.campaign_id).where(_G.campaign_id == sa.bindparam("campaign")).with_for_update()


class Guarded(msgspec.Struct):
    """A campaign's row. `funded`: account of the ledger → what was put into it."""

    campaign_id: str
    since: datetime
    standing: Standing
    watch: Watch
    funded: dict[str, int]
    minute: datetime | None
    in_minute: int
    resumed_by: str | None

    def room(self, now: datetime, pace: float) -> int:
        """How many may still be given in this minute, while it is slowed."""
        if self.minute is None or (now - self.minute).total_seconds() >= 60:
            self.minute, self.in_minute = now, 0
        return max(0, int(pace) - self.in_minute)

    def wait_s(self, now: datetime) -> int:
        """Seconds until the next minute."""
        return 60 if self.minute is None else max(1, 60 - int((now - self.minute).total_seconds()))


def opened(connection: sa.Connection, declared: Declared) -> Guarded:
    """The row of a campaign, made when it is missing, and locked until the transaction ends."""
    fresh = {
        "campaign_id": declared.id, "since": declared.declared_at, "standing": "running",
        "watch": msgspec.to_builtins(Watch()), "funded": {}, "in_minute": 0,
    }  # fmt: skip
    insert_ignore(connection, promo_guarded, [fresh])
    query = sa.select(promo_guarded).where(_G.campaign_id == declared.id).with_for_update()
    return _guarded(connection.execute(query).one())


def hold(connection: sa.Connection, campaign_id: str) -> None:
    """Locks the row of a campaign, of which blocks were taken, until the transaction ends."""
    connection.execute(_HOLD, {"campaign": campaign_id})


def found(connection: sa.Connection, campaign_id: str) -> Guarded | None:
    """The row of a campaign, as others have left it."""
    row = connection.execute(sa.select(promo_guarded).where(_G.campaign_id == campaign_id)).first()
    return None if row is None else _guarded(row)


def not_running(connection: sa.Connection) -> list[str]:
    """Campaigns that are slowed or stopped."""
    query = sa.select(_G.campaign_id).where(_G.standing != "running").order_by(_G.campaign_id)
    return list(connection.execute(query).scalars())


def save(connection: sa.Connection, guarded: Guarded) -> None:
    """Keeps the row."""
    row = {name: getattr(guarded, name) for name in Guarded.__struct_fields__}
    row |= {"watch": msgspec.to_builtins(guarded.watch), "standing": guarded.watch.standing}
    campaign_id = row.pop("campaign_id")
    connection.execute(promo_guarded.update().where(_G.campaign_id == campaign_id), row)


def note_newcomers(connection: sa.Connection, rows: Iterable[tuple[str, str, datetime]]) -> None:
    """(account or device, id, when): keeps when each was first told of."""
    named = [{"kind": kind, "id": each, "seen_at": at} for kind, each, at in rows]
    insert_ignore(connection, promo_newcomers, named)


def newcomers(connection: sa.Connection, kind: str, ids: Sequence[str]) -> dict[str, datetime]:
    """When those of the accounts or devices were first told of that anybody told of."""
    query = sa.select(_N.id, _N.seen_at).where(_N.kind == kind, among(_N.id, "ids"))
    return {row.id: row.seen_at for row in connection.execute(query, {"ids": list(ids)})}


def tells_of_accounts(connection: sa.Connection) -> bool:
    """Whether anybody tells when accounts register."""
    return connection.execute(sa.select(_N.id).where(_N.kind == "account").limit(1)).first() is not None


def progress(connection: sa.Connection) -> tuple[int, datetime | None]:
    """How far the log was heard, and the time of the first event that was."""
    query = sa.select(promo_progress).where(promo_progress.c.name == PROGRESS)
    row = connection.execute(query).first()
    return (0, None) if row is None else (row.position, row.began_at)


def _guarded(row: sa.Row[Any]) -> Guarded:
    fields = {name: getattr(row, name) for name in Guarded.__struct_fields__}
    return Guarded(**{**fields, "watch": msgspec.convert(row.watch, Watch)})
