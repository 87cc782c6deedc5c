"""`agora sellers appeals`, `appeal` and `complainant`."""

from __future__ import annotations

import click

from agoranomos.kernel.clock import rfc3339
from agoranomos.sellers.appeals.actions import Ruling
from agoranomos.sellers.appeals.model import Appeal, State
from agoranomos.sellers.conduct.printing import ConductContext
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option, write_out


@click.command()
@click.option("--state", type=click.Choice(("filed", "granted", "rejected")), help="Only in this state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def appeals(context: ConductContext, state: State | None, limit: int, as_json: bool) -> None:
    """List appeals, newest first."""
    context.sellers.hear()
    found = context.sellers.offices.appeals.listed(state=state, limit=limit)
    write_out({"items": found}, as_json, *map(_line, found))


@click.command()
@click.argument("appeal_id")
@click.argument("ruling", type=click.Choice(("granted", "rejected")))
@json_option
@click.pass_obj
def appeal(context: ConductContext, appeal_id: str, ruling: Ruling, as_json: bool) -> None:
    """Decide an appeal; granted, everything that rested on the case is taken back."""
    decided = context.sellers.offices.appeals.decide(appeal_id, ruling, by=LOCAL)
    write_out(decided, as_json, _line(decided))


@click.command()
@click.argument("account_id")
@json_option
@click.pass_obj
def complainant(context: ConductContext, account_id: str, as_json: bool) -> None:
    """Show how somebody's complaints of fakes came out, and what the next one weighs."""
    context.sellers.hear()
    found = context.sellers.offices.appeals.complainant(account_id)
    says = "  complains in bad faith" if found.doubtful else ""
    write_out(found, as_json, f"{account_id}  {found.right} right, {found.wrong} wrong, weight {found.weight}{says}")


def _line(each: Appeal) -> str:
    until = f"  to be decided by {rfc3339(each.decide_by)}" if each.state == "filed" else ""
    return f"{each.appeal_id}  {each.state:8}  {each.case_id or each.decision_id}{until}"
