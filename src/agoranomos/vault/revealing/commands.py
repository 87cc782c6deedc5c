"""`agora vault permit|reveal|find|…`: personal data read back at the machine itself, with the same trace."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Final, Protocol, cast, get_args

import click
import msgspec

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.masking.masks import labelled, masked, partly, spans
from agoranomos.terminal import json_option, write_out
from agoranomos.vault.revealing.model import Permit, Wish
from agoranomos.vault.revealing.service import RevealService
from agoranomos.vault.subjects import whom
from agoranomos.vault.tokens import Kind

LOCAL: Final = Actor("system", "command_line")


class RevealContext(Context, Protocol):
    """A context with the service of permits."""

    @property
    def revealing(self) -> RevealService:
        """Permits, and what is read under them."""


case_option = click.option("--case", "case_id", required=True, metavar="ID", help="The case that it is needed for.")
purpose_option = click.option("--purpose", required=True, help="What it is needed for; see the vault's policy.")
limit_option = click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
kind_choice = click.Choice(get_args(Kind))


@click.command()
@click.argument("subjects", metavar="KIND:ID…", nargs=-1, required=True)
@case_option
@purpose_option
@json_option
@click.pass_obj
def permit(context: RevealContext, subjects: tuple[str, ...], case_id: str, purpose: str, as_json: bool) -> None:
    """Ask for a permit to read what is kept of KIND:ID, such as seller:s-1; over many, somebody else has to agree."""
    try:
        wish = msgspec.convert(
            {"case_id": case_id, "purpose": purpose, "subjects": [whom(each) for each in subjects]}, Wish
        )
    except msgspec.ValidationError as error:
        raise Invalid(f"this cannot be asked for: {error}") from error
    asked = context.revealing.ask(wish, by=LOCAL)
    waits = f"; {asked.approval_id} waits for a second person" if asked.approval_id else ""
    write_out(asked, as_json, f"{asked.permit_id} is {asked.state(context.now())}{waits}")


@click.command()
@click.argument("permit_id")
@click.argument("subjects", metavar="[KIND:ID]…", nargs=-1)
@click.option("--kind", "kinds", type=kind_choice, multiple=True, help="Only this kind; may be given again.")
@json_option
@click.pass_obj
def reveal(
    context: RevealContext, permit_id: str, subjects: tuple[str, ...], kinds: tuple[str, ...], as_json: bool
) -> None:
    """Read personal data under the permit PERMIT_ID. It is recorded first, and counts against the day's budget."""
    found = context.revealing.reveal(
        permit_id, [whom(each) for each in subjects], cast("tuple[Kind, ...]", kinds), by=LOCAL
    )
    write_out({"items": found}, as_json, *(f"{each.subject.key}  {each.kind:14}  {each.value}" for each in found))


@click.command()
@click.argument("kind", type=kind_choice)
@case_option
@purpose_option
@json_option
@click.pass_obj
def find(context: RevealContext, kind: Kind, case_id: str, purpose: str, as_json: bool) -> None:
    """Find of whom a value of KIND is kept. It is read from standard input: what is typed behind a command stays in the
    shell's history.
    """
    if sys.stdin.isatty():
        value = str(click.prompt("Value", hide_input=True, err=True))
    else:
        value = sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise Invalid("give the value on standard input")
    found = context.revealing.search(kind, value, case_id=case_id, purpose=purpose, by=LOCAL)
    lines = [each.key for each in found.subjects] or ["kept of nobody"]
    write_out(found, as_json, *lines, *(["… and of others"] if found.more else []))


@click.command()
@limit_option
@json_option
@click.pass_obj
def permits(context: RevealContext, limit: int, as_json: bool) -> None:
    """List permits, newest first."""
    found, now = context.revealing.permits(limit=limit), context.now()
    items = [{**msgspec.to_builtins(each), "state": each.state(now)} for each in found]
    write_out({"items": items}, as_json, *(_line(each, each.state(now)) for each in found))


@click.command()
@click.argument("permit_id")
@json_option
@click.pass_obj
def end(context: RevealContext, permit_id: str, as_json: bool) -> None:
    """End the permit PERMIT_ID before its time."""
    write_out(context.revealing.end(permit_id, by=LOCAL), as_json, f"{permit_id} is over")


@click.command()
@limit_option
@json_option
@click.pass_obj
def reveals(context: RevealContext, limit: int, as_json: bool) -> None:
    """List who read what, by tokens, newest first."""
    found = context.revealing.reveals(after=None, limit=limit)
    lines = [f"{rfc3339(each.at)}  {each.actor}  {each.token}  {each.purpose}" for each in found]
    write_out({"items": found}, as_json, *lines)


@click.command()
@json_option
@click.pass_obj
def budget(context: RevealContext, as_json: bool) -> None:
    """Show how much may still be read today from this command line."""
    left = context.revealing.left(by=LOCAL)
    told = f"values {left.values:,} of {left.values_per_day:,}, searches {left.searches:,} of {left.searches_per_day:,}"
    write_out(left, as_json, f"{left.role}: {told}; all together {left.together:,} of {left.together_per_day:,}")


@click.command()
@click.option("--partly", "some", is_flag=True, help="Leave so much that people can tell one from another.")
@json_option
def mask(*, some: bool, as_json: bool) -> None:
    """Print standard input, a text, without what leads to a person."""
    text = sys.stdin.read()
    shown = masked(text, partly if some else labelled)
    counts = Counter(each.kind for each in spans(text))
    if as_json:
        write_out({"text": shown, "found": dict(sorted(counts.items()))}, as_json)
    else:
        click.echo(shown, nl=False)


COMMANDS: Final = (permit, reveal, find, permits, end, reveals, budget, mask)


def _line(each: Permit, state: str) -> str:
    until = f" until {rfc3339(each.until)}" if each.until else ""
    people = each.subjects[0] if len(each.subjects) == 1 else f"{len(each.subjects):,} people"
    return f"{each.permit_id}  {state}{until}  {each.actor}  {each.purpose} {each.case_id}  {people}"
