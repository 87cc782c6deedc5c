"""`agora testbuys …`: plan, draw, follow each purchase to its verdict, and estimate what was missed."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import click

from agoranomos.audit.actions import checkpoint
from agoranomos.audit.notes import SigningKey
from agoranomos.goods.rooms import Rooms
from agoranomos.goods.testbuys import queries
from agoranomos.goods.testbuys.estimating import Estimate
from agoranomos.goods.testbuys.model import Plan, Purchase, Shopper, State, Verdict
from agoranomos.goods.testbuys.service import TestBuyService, candidates_of
from agoranomos.goods.testbuys.shoppers import Sent
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.money import MINOR_DIGITS, Money
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option, write_out


class TestBuyContext(Context, Protocol):
    """A context that can also buy and sign."""

    @property
    def rooms(self) -> Rooms:
        """The rooms of the goods desk."""

    def audit_key(self, origin: str | None = None) -> SigningKey:
        """The signing key of the audit log."""


limit_option = click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
MOVES = ("bought", "received", "sent", "cancelled", "lost", "booked")
VERDICTS = ("genuine", "counterfeit", "inconclusive")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def testbuys() -> None:
    """Goods bought anonymously and appraised: plans, purchases, verdicts, and what they say of the shelf."""


@testbuys.command()
@click.argument("budget", type=click.FloatRange(min=0.01))
@click.option("--category", "categories", multiple=True, help="Only these; may be given again.")
@click.option("--from", "file", type=FILE, help="Candidates from a file of JSON lines, instead of what is on sale.")
@json_option
@click.pass_obj
def plan(context: TestBuyContext, budget: float, categories: tuple[str, ...], file: Path | None, as_json: bool) -> None:
    """Commit to a plan for BUDGET (yuan, or what the policy counts in): nothing is drawn yet."""
    service = context.rooms.testbuys
    currency = service.policy.currency
    money = Money(round(budget * 10 ** MINOR_DIGITS[currency]), currency)
    candidates = candidates_of(file.read_bytes(), service.policy) if file else None
    made = service.plan(money, categories=categories, candidates=candidates, by=LOCAL)
    waits = [f"It waits for a second person: {made.approval_id}"] if made.approval_id else []
    write_out(made, as_json, _plan_line(made), f"committed to in entry {made.entry} of the audit log", *waits)


@testbuys.command()
@click.argument("plan_id")
@json_option
@click.pass_obj
def draw(context: TestBuyContext, plan_id: str, as_json: bool) -> None:
    """Draw what is to be bought; signs the audit log first, as half of the seed is its root."""
    with context.store().transaction() as connection:
        queries.get_plan(connection, plan_id)
        checkpoint(connection, context.audit_key(), context.now())
    service = context.rooms.testbuys
    drawn = service.draw(plan_id, by=LOCAL)
    with context.store().reading() as connection:
        found = queries.of_plan(connection, plan_id)
    nobody = sum(each.shopper_id is None for each in found)
    lines = [_plan_line(drawn), f"{len(found)} to buy, at most {_sum(found, drawn)}"]
    lines += [f"{nobody} of them without a shopper: add some, then `agora testbuys assign`"] if nobody else []
    write_out({"plan": drawn, "items": found}, as_json, *lines)


@testbuys.command()
@click.argument("plan_id")
@json_option
@click.pass_obj
def drop(context: TestBuyContext, plan_id: str, as_json: bool) -> None:
    """Give a plan up before it is drawn."""
    dropped = context.rooms.testbuys.drop(plan_id, by=LOCAL)
    write_out(dropped, as_json, _plan_line(dropped))


@testbuys.command()
@limit_option
@json_option
@click.pass_obj
def plans(context: TestBuyContext, limit: int, as_json: bool) -> None:
    """List plans, newest first, also those that were dropped."""
    with context.store().reading() as connection:
        found = queries.list_plans(connection, after=None, limit=limit)
    write_out({"items": found}, as_json, *map(_plan_line, found))


@testbuys.command()
@click.argument("plan_id")
@json_option
@click.pass_obj
def verify(context: TestBuyContext, plan_id: str, as_json: bool) -> None:
    """Draw a plan again from what was committed to; exit code 1 when something does not fit."""
    good, wrong = context.rooms.testbuys.verify(plan_id)
    write_out(
        {"verified": good, "wrong": wrong}, as_json, *(wrong or ["The same draw comes of what was committed to."])
    )
    if not good:
        raise SystemExit(1)


@testbuys.command()
@click.argument("plan_id")
@json_option
@click.pass_obj
def estimate(context: TestBuyContext, plan_id: str, as_json: bool) -> None:
    """What the verdicts of a plan say of the shelf, and of what nobody had seen."""
    found = context.rooms.testbuys.estimate(plan_id)
    head = f"{found.purchases} purchases, {found.open} under way, {found.unclear} came to nothing"
    write_out(found, as_json, head, _estimate_line("all", found.all), _estimate_line("unseen", found.unseen))


@testbuys.command("list")
@click.option("--plan", "plan_id", help="Only of this plan.")
@click.option("--state", type=click.Choice([each.value for each in State]), help="Only in this state.")
@click.option("--shopper", "shopper_id", help="Only of this shopper.")
@click.option("--after", default="", metavar="ID", help="Go on after this test buy.")
@limit_option
@json_option
@click.pass_obj
def list_purchases(
    context: TestBuyContext, plan_id: str | None, state: State | None, shopper_id: str | None, after: str, limit: int,
    as_json: bool,
) -> None:  # fmt: skip
    """List test buys in the order of ids."""
    with context.store().reading() as connection:
        found = queries.listed(
            connection, plan_id=plan_id, state=state, shopper_id=shopper_id, after=after, limit=limit
        )
    write_out({"items": found}, as_json, *map(_line, found))


@testbuys.command()
@click.argument("testbuy_id")
@json_option
@click.pass_obj
def show(context: TestBuyContext, testbuy_id: str, as_json: bool) -> None:
    """Show a test buy with every step and verdict."""
    found = context.rooms.testbuys.show(testbuy_id)
    steps = [f"{rfc3339(each.at)}  {each.after}  by {each.by}" for each in found.moves]
    said = [f"{rfc3339(each.at)}  {each.verdict}  says {each.appraiser_id}" for each in found.appraisals]
    write_out(found, as_json, _line(found.purchase), *steps, *said)


@testbuys.command()
@click.argument("testbuy_id")
@click.argument("state", type=click.Choice(MOVES))
@click.option("--cost", type=click.FloatRange(min=0), help="What a lost or booked one came to.")
@json_option
@click.pass_obj
def move(context: TestBuyContext, testbuy_id: str, state: str, cost: float | None, as_json: bool) -> None:
    """Move a test buy on; `booked` settles its cost, `cancelled` and `lost` release it."""
    service = context.rooms.testbuys
    money = None if cost is None else _money(cost, service)
    moved = service.move(testbuy_id, State(state), cost=money, by=LOCAL)
    write_out(moved, as_json, _line(moved))


@testbuys.command()
@click.argument("testbuy_id")
@click.argument("shopper_id")
@click.argument("address_id")
@json_option
@click.pass_obj
def assign(context: TestBuyContext, testbuy_id: str, shopper_id: str, address_id: str, as_json: bool) -> None:
    """Have SHOPPER_ID make a test buy, delivered to ADDRESS_ID."""
    given = context.rooms.testbuys.assign(testbuy_id, Sent(shopper_id, address_id), by=LOCAL)
    write_out(given, as_json, _line(given))


@testbuys.command()
@click.argument("testbuy_id")
@click.argument("verdict", type=click.Choice(VERDICTS))
@click.option("--appraiser", "appraiser_id", required=True, help="Who said so: an opaque id.")
@click.option("--cost", required=True, type=click.FloatRange(min=0), help="What it has come to, appraisal included.")
@click.option("--batch", "batch_id", help="The batch that the article is of, when it says so.")
@json_option
@click.pass_obj
def appraise(
    context: TestBuyContext, testbuy_id: str, verdict: Verdict, appraiser_id: str, cost: float, batch_id: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Enter what an appraiser said; all desks hear it."""
    service = context.rooms.testbuys
    found = service.appraise(testbuy_id, appraiser_id, verdict, _money(cost, service), batch_id=batch_id, by=LOCAL)
    write_out(found, as_json, _line(found))


@testbuys.command()
@click.option("--add", "shopper_id", help="Add this shopper, or addresses of theirs.")
@click.option("--address", "address_ids", multiple=True, help="An address of the one who is added.")
@click.option("--retire", help="This shopper buys no more.")
@json_option
@click.pass_obj
def shoppers(
    context: TestBuyContext, shopper_id: str | None, address_ids: tuple[str, ...], retire: str | None, as_json: bool
) -> None:
    """List who buys, or add somebody; ids are opaque, names and addresses are kept elsewhere."""
    service = context.rooms.testbuys
    if shopper_id:
        service.add_shopper(shopper_id, address_ids, by=LOCAL)
    if retire:
        service.retire_shopper(retire, by=LOCAL)
    with context.store().reading() as connection:
        found = queries.shoppers(connection)
    write_out({"items": found}, as_json, *map(_shopper_line, found))


@testbuys.command()
@click.option("--days", type=click.IntRange(1, 3_650), default=365, show_default=True)
@json_option
@click.pass_obj
def appraisers(context: TestBuyContext, days: int, as_json: bool) -> None:
    """How far appraisers agree over what two or more of them have seen."""
    found = context.rooms.testbuys.agreement(days)
    alpha = "not to be told" if found.alpha is None else f"{found.alpha:.2f}"
    lines = [
        f"{name}  {each.articles} articles, {each.shared} with others"
        + ("" if each.agreed is None else f", agreed with {each.agreed:.0%}")
        for name, each in found.appraisers.items()
    ]
    write_out(found, as_json, f"{found.articles} articles seen twice, Krippendorff's alpha {alpha}", *lines)


def _money(amount: float, service: TestBuyService) -> Money:
    currency = service.policy.currency
    return Money(round(amount * 10 ** MINOR_DIGITS[currency]), currency)


def _plan_line(each: Plan) -> str:
    return (
        f"{each.plan_id}  {each.state:9}  {each.budget}  {each.listings:,} listings in {len(each.sizes)} strata, "
        f"{each.listings_expected:.0f} to be bought on average"
    )


def _line(each: Purchase) -> str:
    who = f"{each.shopper_id} to {each.address_id}" if each.shopper_id else "nobody"
    verdict = f"  {each.verdict}" if each.verdict else ""
    return f"{each.testbuy_id}  {each.state:9}  {each.listing_id} of {each.store_id}  {who}  {each.cost_max}{verdict}"


def _shopper_line(each: Shopper) -> str:
    return f"{each.shopper_id}  {'buys' if each.active else 'left'}  {', '.join(each.address_ids)}"


def _sum(found: list[Purchase], drawn: Plan) -> Money:
    return Money(sum(each.cost_max.amount for each in found), drawn.budget.currency)


def _estimate_line(name: str, found: Estimate | None) -> str:
    if found is None:
        return f"{name}: no clear verdict yet"
    return (
        f"{name}: {found.rate:.2%} of {found.listings:,} listings sell fakes, between {found.low:.2%} and "
        f"{found.high:.2%} (95 %), by {found.fakes} among {found.answers} clear verdicts"
    )
