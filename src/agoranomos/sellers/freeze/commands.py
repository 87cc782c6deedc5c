"""`agora sellers frozen`, `freeze` and `release`: money that sellers see and cannot withdraw."""

from __future__ import annotations

import click

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.money import Money
from agoranomos.sellers.conduct.printing import ConductContext
from agoranomos.sellers.freeze.model import Freeze, Scope, State
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option, write_out

STATES = ("held", "released", "refunded", "expired")
SCOPES = ("order", "listing", "store")


@click.command()
@click.option("--state", type=click.Choice(STATES), help="Only in this state.")
@click.option("--store", "store_id", metavar="STORE_ID", help="Only of this store.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def frozen(context: ConductContext, state: State | None, store_id: str | None, limit: int, as_json: bool) -> None:
    """List frozen money, newest first."""
    context.sellers.hear()
    found = context.sellers.offices.freezes.listed(state=state, store_id=store_id, limit=limit)
    write_out({"items": found}, as_json, *map(_line, found))


@click.command()
@click.argument("scope", type=click.Choice(SCOPES))
@click.argument("scope_id")
@click.option("--store", "store_id", required=True, metavar="STORE_ID", help="The store whose money it is.")
@click.option("--because", required=True, metavar="ID", help="The finding, decision or case that it is for.")
@json_option
@click.pass_obj
def freeze(
    context: ConductContext, scope: Scope, scope_id: str, store_id: str, because: str, as_json: bool
) -> None:  # fmt: skip
    """Freeze what an order, listing or store has earned, and earns."""
    begun = context.sellers.offices.freezes.freeze(scope, scope_id, store_id, because=because, by=LOCAL)
    write_out(begun, as_json, _line(begun))


@click.command()
@click.argument("freeze_id")
@click.option("--currency", default="CNY", show_default=True)
@click.option("--amount", type=click.IntRange(1), help="Minor units; without it all that is left.")
@click.option("--because", required=True, metavar="ID", help="The finding, decision or case that it is for.")
@click.option("--lifts", is_flag=True, help="No more is frozen afterwards.")
@json_option
@click.pass_obj
def release(
    context: ConductContext, freeze_id: str, currency: str, amount: int | None, because: str, lifts: bool, as_json: bool
) -> None:
    """Release frozen money, all or a part; much takes a second person."""
    done = context.sellers.offices.freezes.release(
        freeze_id, currency=currency, amount=amount, because=because, by=LOCAL, lifts=lifts
    )
    waits = "; it waits for a second person" if done.state == "asked" else ""
    write_out(done, as_json, f"{done.freeze_id}  {Money(done.amount, done.currency)}  {done.state}{waits}")


def _line(each: Freeze) -> str:
    sums = ", ".join(
        " ".join(f"{name} {Money(value, currency)}" for name, value in _told(each, currency).items())
        for currency in sorted(each.sums)
    )
    until = f"  until {rfc3339(each.ends_at)}" if each.state == "held" else ""
    return f"{each.freeze_id}  {each.state:8}  {each.scope} {each.scope_id}  {sums or 'no money yet'}{until}"


def _told(each: Freeze, currency: str) -> dict[str, int]:
    sums = each.sums[currency]
    told = {"held": sums.held, "released": sums.released, "refunded": sums.refunded, "expired": sums.expired}
    return {name: value for name, value in told.items() if value} or {"held": 0}
