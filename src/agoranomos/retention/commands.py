"""`agora retention …`: the schedule, holds, and runs."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import click

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.retention import queries
from agoranomos.retention.model import HOLD_KINDS, Hold, HoldKind, Run
from agoranomos.retention.rooms import Retention
from agoranomos.staff.model import LOCAL
from agoranomos.staff.presenting import approval_shown
from agoranomos.terminal import json_option, write_out


class RetentionContext(Context, Protocol):
    """A context with the room of retention."""

    @property
    def retention(self) -> Retention:
        """The room."""


limit_option = click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def retention() -> None:
    """How long data is kept, what a hold keeps longer, and runs of the schedule."""


@retention.command()
@json_option
@click.pass_obj
def schedule(context: RetentionContext, as_json: bool) -> None:
    """List the kinds of data: how long each is kept, what happens then, on which basis."""
    tools = context.retention.service.tools
    told = [(each, tools.policy.kinds[each.kind]) for each in tools.kept]
    items = [
        {"kind": kept.kind, "about": kept.about, "action": kept.action, "days": line.days, "basis": line.basis}
        for kept, line in told
    ]
    lines = (f"{kept.kind:22} {line.days or 'for good':>8}  {kept.action:7} {kept.about}" for kept, line in told)
    write_out({"version": tools.policy.version, "kinds": items}, as_json, *lines)


@retention.command()
@click.option("--dry-run", is_flag=True, help="Count, and do nothing.")
@json_option
@click.pass_obj
def run(context: RetentionContext, dry_run: bool, as_json: bool) -> None:
    """Do what the schedule says is due; goes on where an interrupted run stopped. A running server does so daily."""
    service = context.retention.service
    if dry_run:
        done = service.dry_run(by=LOCAL)
    else:
        done = service.run(by=LOCAL, told=lambda each: click.echo(_progress(each), err=True))
    write_out(done, as_json, *_run_lines(done))


@retention.command()
@limit_option
@json_option
@click.pass_obj
def runs(context: RetentionContext, limit: int, as_json: bool) -> None:
    """List runs, newest first."""
    with context.store().reading() as connection:
        found = queries.list_runs(connection, after=None, limit=limit)
    lines = (f"{each.run_id}  {rfc3339(each.started_at)}  {_progress(each)}" for each in found)
    write_out({"items": found}, as_json, *lines)


@retention.command()
@limit_option
@json_option
@click.pass_obj
def holds(context: RetentionContext, limit: int, as_json: bool) -> None:
    """List holds, newest first, also those that were lifted."""
    with context.store().reading() as connection:
        found = queries.list_holds(connection, after=None, limit=limit)
    write_out({"items": found}, as_json, *map(_hold_line, found))


@retention.command()
@click.argument("kind", type=click.Choice(HOLD_KINDS))
@click.argument("subject_id", metavar="ID")
@click.option("--why", required=True, metavar="CODE", help="Such as litigation.")
@click.option("--note", default="", help="In words.")
@click.option("--until", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="Without it: until it is lifted.")
@json_option
@click.pass_obj
def hold(
    context: RetentionContext, kind: HoldKind, subject_id: str, why: str, note: str, until: datetime | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Keep data about KIND ID from being ended or erased."""
    placed = context.retention.service.place(kind, subject_id, why=why, note=note, until=until, by=LOCAL)
    write_out(placed, as_json, _hold_line(placed))


@retention.command()
@click.argument("hold_id", metavar="HOLD")
@click.option("--approval", "approval_id", help="Lift it, as a second person has agreed.")
@json_option
@click.pass_obj
def lift(context: RetentionContext, hold_id: str, approval_id: str | None, as_json: bool) -> None:
    """Ask a second person to agree that a hold ends; with --approval, end it."""
    service = context.retention.service
    if approval_id is None:
        asked = service.ask_to_lift(hold_id, by=LOCAL)
        write_out(approval_shown(asked), as_json, f"{asked.approval_id} waits for a second person.")
        return
    lifted = service.lift(hold_id, approval_id, by=LOCAL)
    write_out(lifted, as_json, _hold_line(lifted))


def _hold_line(hold: Hold) -> str:
    ends = f"until {rfc3339(hold.until)}" if hold.until else "until it is lifted"
    state = f"lifted {rfc3339(hold.lifted_at)}" if hold.lifted_at else ends
    return f"{hold.hold_id}  {hold.kind}:{hold.subject_id}  {hold.why}  {state}"


def _progress(run: Run) -> str:
    done, gone = sum(each.done for each in run.parts), sum(each.gone for each in run.parts)
    return f"{done} of {len(run.parts)} kinds, {gone:,} rows"


def _run_lines(run: Run) -> list[str]:
    verbs = {"delete": "deleted", "thin": "thinned", "erase": "erased"}
    lines = []
    for each in run.parts:
        verb = f"to be {verbs[each.action]}" if run.dry else verbs[each.action]
        held = f", {each.held:,} held" if each.held else ""
        lines.append(f"{each.kind:22} older than {rfc3339(each.before)}: {each.gone:,} {verb}{held}")
    return lines
