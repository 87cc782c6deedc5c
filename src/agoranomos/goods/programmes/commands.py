"""`agora programmes …`: who is on the way back, how far, and what is still in force."""

from __future__ import annotations

from typing import Protocol

import click

from agoranomos.goods.programmes import queries
from agoranomos.goods.programmes.model import Enrolment, EnrolmentState
from agoranomos.goods.rooms import Rooms
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option, write_out


class ProgrammeContext(Context, Protocol):
    """A context that knows programmes."""

    @property
    def rooms(self) -> Rooms:
        """The rooms of the goods desk."""


STATES = ("asked", "refused", "active", "completed", "expelled", "left")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def programmes() -> None:
    """A way back for offenders: enrolment, milestones, restrictions lifted and restored."""


@programmes.command()
@click.argument("seller_id")
@click.option("--programme", default="original_brand", show_default=True, help="A programme of the policy.")
@json_option
@click.pass_obj
def enrol(context: ProgrammeContext, seller_id: str, programme: str, as_json: bool) -> None:
    """Ask for a seller to be enrolled: a second person agrees to it, signed in."""
    asked = context.rooms.programmes.ask(seller_id, programme, by=LOCAL)
    write_out(asked, as_json, _line(asked), f"It waits for a second person: {asked.approval_id}")


@programmes.command()
@click.argument("enrolment_id")
@json_option
@click.pass_obj
def leave(context: ProgrammeContext, enrolment_id: str, as_json: bool) -> None:
    """End an enrolment; all restrictions are back."""
    left = context.rooms.programmes.leave(enrolment_id, by=LOCAL)
    write_out(left, as_json, _line(left))


@programmes.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only in this state.")
@click.option("--after", default="", metavar="ID", help="Go on after this enrolment.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def list_enrolments(
    context: ProgrammeContext, state: EnrolmentState | None, after: str, limit: int, as_json: bool
) -> None:
    """List enrolments in the order of ids, as they stand now."""
    context.rooms.programmes.settle()
    with context.store().reading() as connection:
        found = queries.listed(connection, state=state, after=after, limit=limit)
    write_out({"items": found}, as_json, *map(_line, found))


@programmes.command()
@click.argument("enrolment_id")
@json_option
@click.pass_obj
def show(context: ProgrammeContext, enrolment_id: str, as_json: bool) -> None:
    """Show an enrolment as it stands now, with the facts that it rests on."""
    service = context.rooms.programmes
    service.settle()
    found = service.show(enrolment_id)
    facts = [
        f"{rfc3339(each.at)}  {each.kind:9}  {each.fact_id}" + ("  overturned" if each.overturned else "")
        for each in found.facts
    ]
    force = f"in force: {', '.join(found.enrolment.in_force) or 'nothing'}"
    reached = f"reached: {', '.join(found.enrolment.reached) or 'nothing'}"
    write_out(found, as_json, _line(found.enrolment), reached, force, *facts)


def _line(each: Enrolment) -> str:
    relapses = f"  {each.relapses} relapses" if each.relapses else ""
    return f"{each.enrolment_id}  {each.seller_id}  {each.programme}  {each.state}{relapses}"
