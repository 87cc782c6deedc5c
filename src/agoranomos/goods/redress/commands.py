"""`agora redress …`: what follows from confirmed fakes, order by order, and what stores owe."""

from __future__ import annotations

from typing import Protocol

import click

from agoranomos.goods.redress import queries
from agoranomos.goods.redress.actions import settle
from agoranomos.goods.redress.model import Line, Recall, RecallState
from agoranomos.goods.redress.queries import Asking
from agoranomos.goods.rooms import Rooms
from agoranomos.goods.trade.following import position
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.money import Money
from agoranomos.terminal import json_option, write_out


class RedressContext(Context, Protocol):
    """A context with the rooms of the goods desk."""

    @property
    def rooms(self) -> Rooms:
        """The rooms."""


limit_option = click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def redress() -> None:
    """After a confirmed fake: who is told and refunded, which parcels are stopped, what stores owe."""


@redress.command("follow")
@json_option
@click.pass_obj
def follow(context: RedressContext, as_json: bool) -> None:
    """Hear what is new in the event log, and book what became of refunds; a running server does so by itself."""
    store, live, now = context.store(), context.rooms.live, context.now()
    done = False
    while not done:
        with store.transaction() as connection:
            done = live.step(connection, now)
    with store.transaction() as connection:
        heard = position(connection)
    after = None
    while after != "":
        with store.transaction() as connection:
            after = settle(connection, now, after=after or "")
    write_out({"position": heard}, as_json, f"Heard up to position {heard:,} of the log.")


@redress.command("list")
@click.option("--state", type=click.Choice(["standing", "withdrawn"]), help="Only those.")
@click.option("--listing", help="Only those of this listing.")
@limit_option
@json_option
@click.pass_obj
def list_recalls(
    context: Context, state: RecallState | None, listing: str | None, limit: int, as_json: bool
) -> None:  # fmt: skip
    """List recalls, newest first."""
    with context.store().reading() as connection:
        found = queries.listed(connection, state=state, listing_id=listing, after=None, limit=limit)
    write_out({"items": found}, as_json, *map(_line, found))


@redress.command("show")
@click.argument("recall_id")
@limit_option
@click.option("--after", default="", metavar="ORDER", help="Go on after this order.")
@json_option
@click.pass_obj
def show_recall(context: Context, recall_id: str, limit: int, after: str, as_json: bool) -> None:
    """Show a recall: its causes, and what becomes of each order on which basis."""
    with context.store().reading() as connection:
        recall = queries.get(connection, recall_id)
        orders = queries.orders_of(connection, recall_id, after=after, limit=limit)
    lines = [_line(recall)]
    for cause in recall.causes:
        batch = f", batch {cause.batch_id}" if cause.batch_id else ""
        lines.append(f"  {cause.kind} {cause.id}{batch}{', overturned' if cause.overturned else ''}")
    lines += [f"  measure {each}" for each in recall.measure_ids]
    lines += map(_order_line, orders)
    write_out({"recall": recall, "orders": orders}, as_json, *lines)


@redress.command("letters")
@click.option("--order", "order_id", metavar="ORDER", help="About this order.")
@click.option("--buyer", "buyer_id", metavar="BUYER", help="To this buyer.")
@click.option("--recall", "recall_id", metavar="RECALL", help="Of this recall.")
@click.option("--batch", "batch_id", metavar="BATCH", help="Because of this batch.")
@click.option("--finding", "finding_id", metavar="FINDING", help="Resting on this finding.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="The words shown.")
@limit_option
@json_option
@click.pass_obj
def show_letters(context: Context, /, lang: str, limit: int, as_json: bool, **about: str | None) -> None:
    """List what buyers are told, order by order, newest first."""
    with context.store().reading() as connection:
        found = queries.letters(connection, Asking(**about), after=None, limit=limit)
    lines = (
        f"{each.order_id}  {each.buyer_id or 'unknown'}  {each.says}  {each.status}\n  {each.words[lang]}"
        for each in found
    )
    write_out({"items": found}, as_json, *lines)


@redress.command("owed")
@limit_option
@click.option("--after", default="", metavar="STORE", help="Go on after this store.")
@json_option
@click.pass_obj
def show_owed(context: Context, limit: int, after: str, as_json: bool) -> None:
    """List what stores are charged with."""
    with context.store().reading() as connection:
        found = queries.owed(connection, after=after, limit=limit)
    lines = (
        f"{each.store_id}  owes {Money(each.settled, each.currency)}, reserved {Money(each.reserved, each.currency)}"
        for each in found
    )
    write_out({"items": found}, as_json, *lines)


def _line(recall: Recall) -> str:
    refunds = ", ".join(str(Money(each.refund, each.currency)) for each in recall.totals) or "nothing"
    return (
        f"{recall.recall_id}  {recall.state:9}  {recall.listing_id}  since {rfc3339(recall.began_at)}  "
        f"{recall.informed} orders, {recall.refunded} refunded with {refunds}, {recall.stopped} stopped"
    )


def _order_line(line: Line) -> str:
    share = f" ({line.share:.0%})" if line.share is not None else ""
    stop = "  parcel stopped" if line.stop else ""
    coupons = f"  coupons {', '.join(line.coupon_ids)}" if line.coupon_ids else ""
    return f"  {line.order_id}  {line.basis}{share}  paid {line.paid}, refund {line.refund}{stop}{coupons}"
