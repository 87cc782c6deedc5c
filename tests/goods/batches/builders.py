"""Events of goods on their way, in hours after NOW."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agoranomos.kernel.clock import rfc3339
from tests.builders import NOW

CNY = {"amount": 9900, "currency": "CNY"}


def raw(kind: str, hours: float, **data: Any) -> dict[str, Any]:
    identity = f"{kind}-{hours}-{sorted(map(str, data.values()))}"[:128]
    at = rfc3339(NOW + timedelta(hours=hours))
    return {"specversion": "1.0", "id": identity, "source": "shop", "type": kind, "time": at, "data": data}


def received(batch: str, hours: float = 0, quantity: int | None = 10, **more: Any) -> dict[str, Any]:
    data = {"batch_id": batch, "warehouse_id": "w1", "store_id": "s1", **more}
    return raw("goods.received", hours, **(data if quantity is None else {**data, "quantity": quantity}))


def listed(batch: str | None, hours: float = 0, listing: str = "l1", kind: str = "listing.submitted") -> dict[str, Any]:
    data = {"listing_id": listing, "store_id": "s1", "title": "shoes", "price": CNY}
    return raw(kind, hours, **(data if batch is None else {**data, "batch_id": batch}))


def placed(order: str, hours: float, listing: str = "l1", quantity: int = 1, buyer: str = "") -> dict[str, Any]:
    lines = [{"listing_id": listing, "quantity": quantity, "price": CNY}]
    return raw(
        "order.placed", hours, order_id=order, buyer_id=buyer or f"b-{order}", store_id="s1", lines=lines, paid=CNY
    )


def shipped(order: str, hours: float, batch: str | None = None) -> dict[str, Any]:
    return raw("order.shipped", hours, order_id=order, **({} if batch is None else {"batch_id": batch}))


def delivered(order: str, hours: float) -> dict[str, Any]:
    return raw("order.delivered", hours, order_id=order)


def refunded(order: str, hours: float) -> dict[str, Any]:
    return raw("order.refunded", hours, order_id=order, amount=CNY)


def condemned(batch: str, hours: float) -> dict[str, Any]:
    return raw("batch.condemned", hours, batch_id=batch, reason="lead in the paint")


def sold(count: int, *, start: float = 1, listing: str = "l1", batch: str | None = None) -> list[dict[str, Any]]:
    """So many orders of one article each, placed and shipped one after the other."""
    names = [f"o-{listing}-{start:g}-{number:03}" for number in range(count)]
    events = []
    for number, name in enumerate(names):
        events += [placed(name, start + number, listing), shipped(name, start + number + 0.5, batch)]
    return events
