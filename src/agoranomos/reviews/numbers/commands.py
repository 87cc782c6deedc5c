"""`agora reviews numbers …` and `agora reviews report`: virtual numbers by hand, and a buyer who has had enough."""

from __future__ import annotations

from typing import Any, Protocol

import click
import msgspec

from agoranomos.kernel.clock import parse_rfc3339, rfc3339
from agoranomos.kernel.context import Context
from agoranomos.reviews.numbers.model import CALLERS, REFUSALS, Binding, Caller
from agoranomos.reviews.numbers.service import NumberService
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option


class _Rooms(Protocol):
    @property
    def numbers(self) -> NumberService: ...


class NumberContext(Context, Protocol):
    """A context that knows the reviews desk."""

    @property
    def reviews(self) -> _Rooms:
        """The rooms of the reviews desk."""


@click.group()
def numbers() -> None:
    """Virtual numbers: buyer, courier and store reach each other while an order lives."""


@numbers.command()
@click.argument("order_id")
@click.option("--store", "store_id", required=True, metavar="ID")
@click.option("--account", "account_id", required=True, metavar="ID", help="The buyer.")
@click.option("--until", metavar="TIME", help="RFC 3339; without it: as long as the policy says.")
@json_option
@click.pass_obj
def bind(
    context: NumberContext, order_id: str, store_id: str, account_id: str, until: str | None, as_json: bool
) -> None:
    """Give the order ORDER_ID a number; the one that lives is given again."""
    ends = parse_rfc3339(until) if until else None
    _show(context.reviews.numbers.bind(order_id, store_id, account_id, until=ends, by=LOCAL), as_json, whole=True)


@numbers.command()
@click.argument("order_id")
@json_option
@click.pass_obj
def rotate(context: NumberContext, order_id: str, as_json: bool) -> None:
    """Give an order another number in the place of the one that it has."""
    _show(context.reviews.numbers.rotate(order_id, by=LOCAL), as_json, whole=True)


@numbers.command()
@click.argument("order_id")
@json_option
@click.pass_obj
def end(context: NumberContext, order_id: str, as_json: bool) -> None:
    """End the number of an order: nobody is put through any more."""
    _show(context.reviews.numbers.end(order_id, by=LOCAL), as_json)


@numbers.command()
@click.argument("order_id")
@json_option
@click.pass_obj
def show(context: NumberContext, order_id: str, as_json: bool) -> None:
    """Show the newest number of an order, and how often it was called."""
    _show(context.reviews.numbers.get(order_id), as_json)


@numbers.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def list_numbers(context: NumberContext, limit: int, as_json: bool) -> None:
    """List numbers, newest first."""
    found = context.reviews.numbers.listed(limit=limit)
    if as_json:
        click.echo(msgspec.json.encode({"items": [_hidden(each) for each in found]}).decode())
        return
    for each in found:
        click.echo(_line(each, each.shown()))


@numbers.command()
@click.argument("virtual_number")
@click.option("--from", "caller", type=click.Choice(CALLERS), required=True, help="As whom the exchange knows them.")
@click.option("--call", "call_id", required=True, metavar="ID", help="The id of the call; again with it counts once.")
@json_option
@click.pass_obj
def call(context: NumberContext, virtual_number: str, caller: Caller, call_id: str, as_json: bool) -> None:
    """Say whether a call of VIRTUAL_NUMBER is put through, as the exchange would ask; exit code 1 when it is not."""
    rung = context.reviews.numbers.ring(virtual_number, caller, call_id)
    if as_json:
        click.echo(msgspec.json.encode(rung).decode())
    else:
        click.echo("Put through." if rung.refused is None else f"Refused: {REFUSALS[rung.refused]}")
    if not rung.put_through:
        raise SystemExit(1)


@numbers.command()
@json_option
@click.pass_obj
def sweep(context: NumberContext, as_json: bool) -> None:
    """Finish what was begun and tell the provider what is over; `agora serve` does so by itself."""
    done = context.reviews.numbers.sweep()
    click.echo(msgspec.json.encode({"swept": done}).decode() if as_json else f"{done:,} numbers seen to")


@click.command()
@click.option("--buyer", "buyer_id", required=True, metavar="ID")
@click.option("--store", "store_id", required=True, metavar="ID")
@click.option("--review", "review_id", metavar="ID", help="The review that it is about.")
@click.option("--text", help="In the buyer's own words.")
@json_option
@click.pass_obj
def report(
    context: NumberContext, buyer_id: str, store_id: str, review_id: str | None, text: str | None, as_json: bool
) -> None:
    """Report harassment for a buyer: the store cannot reach them from now on."""
    found = context.reviews.numbers.report(buyer_id, store_id, review_id=review_id, text=text, by=LOCAL)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    click.echo(f"{found.report_id}: {len(found.actions)} actions protect the buyer")
    for each in found.actions:
        click.echo(f"  {each.kind}  {each.subject.kind} {each.subject.id}")


def _show(binding: Binding, as_json: bool, *, whole: bool = False) -> None:
    """The whole number only where it was asked for."""
    if as_json:
        click.echo(msgspec.json.encode(binding if whole else _hidden(binding)).decode())
        return
    click.echo(_line(binding, binding.virtual_number or "-" if whole else binding.shown()))


def _hidden(binding: Binding) -> Any:
    return {**msgspec.to_builtins(binding), "virtual_number": binding.shown()}


def _line(each: Binding, number: str) -> str:
    counts = each.counts
    calls = f"{counts.through} put through, {counts.refused} refused"
    return f"{each.order_id}  {number}  {each.state} until {rfc3339(each.expires_at)}  {calls}"
