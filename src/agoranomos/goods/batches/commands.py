"""`agora batches …`: which batches there are, and what came of one."""

from __future__ import annotations

from typing import Any, Protocol

import click
import msgspec

from agoranomos.goods.batches import queries
from agoranomos.goods.batches.model import Batch, Share, Trace
from agoranomos.goods.rooms import Rooms
from agoranomos.kernel.context import Context
from agoranomos.terminal import json_option, write_out


class BatchContext(Context, Protocol):
    """A context that knows batches."""

    @property
    def rooms(self) -> Rooms:
        """The rooms of the goods desk."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def batches() -> None:
    """Batches of goods, from the warehouse to the shelf and the parcel."""


@batches.command("list")
@click.option("--condemned", is_flag=True, help="Only those that something speaks against.")
@click.option("--store", "store_id", help="Only of this store.")
@click.option("--supplier", "supplier_id", help="Only of this supplier.")
@click.option("--factory", help="Only of this factory.")
@click.option("--after", default="", metavar="ID", help="Go on after this batch.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def list_batches(
    context: BatchContext, condemned: bool, store_id: str | None, supplier_id: str | None, factory: str | None,
    after: str, limit: int, as_json: bool,
) -> None:  # fmt: skip
    """List batches in the order of ids."""
    service = context.rooms.batches
    service.follow()
    with service.store.reading() as connection:
        found = queries.listed(
            connection, condemned=condemned, store_id=store_id, supplier_id=supplier_id, factory=factory,
            after=after, limit=limit,
        )  # fmt: skip
    write_out({"items": found}, as_json, *map(_batch_line, found))


@batches.command()
@click.argument("batch_id")
@click.option("--orders", type=click.IntRange(0, 100_000), default=20, show_default=True, help="Show so many.")
@json_option
@click.pass_obj
def trace(context: BatchContext, batch_id: str, orders: int, as_json: bool) -> None:
    """Every listing, order and buyer that a batch reached, what is left of it, and what else came from its source.

    With --json everything is printed, whatever --orders says.
    """
    found = context.rooms.batches.trace(batch_id)
    write_out(_document(found), as_json, *_lines(found, orders))


def _document(found: Trace) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return {**plain, "orders_certain": found.certain, "orders_expected": found.expected}


def _lines(found: Trace, orders: int) -> list[str]:
    lines = [_batch_line(found.batch)]
    for listing in found.listings:
        beside = f", beside {', '.join(listing.beside)}" if listing.beside else ""
        lines.append(f"feeds {listing.listing_id}: {listing.share:.0%} of what it sends next{beside}")
    lines.append(
        f"{len(found.orders)} orders of {len(found.buyers)} buyers: {found.certain} certainly, "
        f"{found.expected:g} by expectation"
    )
    lines += [_order_line(each) for each in found.orders[:orders]]
    if len(found.orders) > orders:
        lines.append(f"… and {len(found.orders) - orders} more: --orders, or --json for all")
    if found.stock is not None:
        stock = found.stock
        lines.append(f"left: {stock.expected:g} expected, {stock.least} to {stock.most} possible")
    for kin in found.kin:
        spoken = f", {kin.why}" if kin.why else ""
        lines.append(f"same {' and '.join(kin.same)}: {kin.batch_id} of {kin.store_id}{spoken}")
    return lines


def _batch_line(each: Batch) -> str:
    came = f"{each.quantity:,} articles" if each.quantity is not None else "quantity unknown"
    source = f"supplier {each.supplier_id or 'unknown'}, factory {each.factory or 'unknown'}"
    return f"{each.batch_id}  of {each.store_id or 'unknown'}  {came}  {source}  {each.why or 'nothing against it'}"


def _order_line(each: Share) -> str:
    chance = "certain" if each.basis == "shipped" else f"{each.probability:.0%} ({each.basis})"
    return f"{each.order_id}  {each.listing_id}  {each.buyer_id}  {each.stage}  {chance}"
