"""`agora promotions lint`: whether campaigns make sense together, before they are launched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import click
import msgspec

from agoranomos.kernel.context import Context
from agoranomos.kernel.money import Money
from agoranomos.promotions.campaigns.files import read_campaigns
from agoranomos.promotions.lint.policy import load_policy
from agoranomos.promotions.lint.report import LargestLoss, Report, ShownReceipt
from agoranomos.promotions.lint.service import LintService, read_goods


class _Rooms(Protocol):
    @property
    def lint(self) -> LintService: ...


class LintContext(Context, Protocol):
    """A context that knows the lint."""

    @property
    def promotions(self) -> _Rooms:
        """The rooms of the promotions desk."""


FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("lint")
@click.argument("file", type=FILE)
@click.option("--policy", type=FILE, help="What differs from the shipped policy (TOML, YAML or JSON).")
@click.option(
    "--goods", type=FILE, help="The goods: CSV or JSON lines with listing_id, price_amount, currency, category."
)
@click.option("--accounts", type=click.IntRange(1), help="So many accounts work together.")
@click.option("--with-live", is_flag=True, help="Together with all campaigns in the store that are not over.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def lint(
    context: LintContext, file: Path, policy: Path | None, goods: Path | None, accounts: int | None, with_live: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Look for the worst basket that the campaigns of FILE allow together; exit 1 when anything is refused.

    FILE is YAML or JSON: a list of campaigns that will be live together.
    """
    rules = load_policy(policy) if policy is not None else context.promotions.lint.policy
    if accounts is not None:
        rules = msgspec.structs.replace(rules, accounts=accounts)
    report = context.promotions.lint.lint(
        read_campaigns(file), policy=rules, listed=read_goods(goods) if goods else None, with_live=with_live
    )
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
    else:
        for line in lines(report):
            click.echo(line)
    if report.refused:
        raise SystemExit(1)


def lines(report: Report) -> Iterator[str]:
    """The report for people: what is refused first."""
    for verdict in report.campaigns:
        if verdict.refused:
            yield f"refused: {verdict.campaign_id}"
            yield from (f"  {each.en}{f'  ({each.pointer})' if each.pointer else ''}" for each in verdict.reasons)
        yield from (f"note: {verdict.campaign_id}: {each.en}" for each in verdict.remarks)
    if not report.complete:
        yield "There may be more combinations that are refused: fix these and look again."
    for worst in report.lowest:
        kind = "goods as good as cash" if worst.cash_equivalent else "other goods"
        yield f"lowest paid-to-face for {kind}: {worst.receipt.paid_to_face:.4f} (floor {worst.floor:g})"
        yield from _receipt(worst.receipt)
        if worst.proven:
            yield f"  proven: nothing is lower by more than {worst.gap:g}"
        else:
            yield f"  not proven: nothing is below {worst.bound:.4f}"
    for loss in report.losses:
        yield from _loss(loss)
    count = sum(each.refused for each in report.campaigns)
    yield f"{count} of {len(report.campaigns)} campaigns refused" if report.refused else "All may be launched."


def _receipt(receipt: ShownReceipt) -> Iterator[str]:
    yield f"  {receipt.en}"
    for line in receipt.lines:
        yield f"    {line.quantity} x {line.goods} at {line.price}"
    for step in receipt.steps:
        yield f"    {step.campaign_id}: {step.takes}: -{step.taken}, {step.left} left"


def _loss(loss: LargestLoss) -> Iterator[str]:
    more = "" if loss.proven else f", at most {loss.bound}"
    yield f"largest loss in one order: {loss.one_order}{more}"
    if loss.receipt is not None:
        yield from _receipt(loss.receipt)
    one, many = _amount(loss.one_account), _amount(loss.all_accounts)
    yield f"largest loss by one account: {one}; by {loss.accounts:,} accounts: {many}"
    for each in loss.by_campaign:
        if each.unnoticed is not None:
            amount = Money(each.unnoticed, loss.currency)
            yield f"  {each.campaign_id}: new accounts can take {amount} within the share of them that it declares"


def _amount(money: Money | None) -> str:
    return "without bound" if money is None else str(money)
