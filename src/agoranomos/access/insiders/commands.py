"""`agora insiders …`: what was found about the staff."""

from __future__ import annotations

import click
import msgspec

from agoranomos.access.commands import AccessContext
from agoranomos.judgements.queries import AboutStaff
from agoranomos.kernel.findings import Finding
from agoranomos.terminal import json_option


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def insiders() -> None:
    """Staff who stand out beside their colleagues."""


@insiders.command("list")
@click.option("--staff", "staff_id", metavar="ID", help="Only about this member of staff.")
@click.option("--code", metavar="CODE", help="Only findings of this code, such as staff.looks_without_case.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def list_insiders(
    context: AccessContext, staff_id: str | None, code: str | None, limit: int, as_json: bool
) -> None:  # fmt: skip
    """List what was found about the staff, newest first."""
    about = AboutStaff(code=code, staff_id=staff_id)
    found = context.access.insiders.found(about, after=None, limit=limit)
    if as_json:
        click.echo(msgspec.json.encode({"items": found}).decode())
        return
    for each in found:
        click.echo(_line(each))
    if not found:
        click.echo("Nothing was found about the staff.")


@insiders.command()
@click.argument("finding_id")
@json_option
@click.pass_obj
def show(context: AccessContext, finding_id: str, as_json: bool) -> None:
    """Show a finding: what was counted, what is usual, and the events it rests on."""
    found = context.access.insiders.finding(finding_id)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    click.echo(_line(found))
    for reason in found.reasons:
        click.echo(reason.message)
        for name, value in reason.evidence.items():
            if name != "message_zh":
                click.echo(f"  {name}: {value}")
    for related in found.related:
        click.echo(f"  {related.role} {related.kind} {related.id}")
    click.echo(f"events: {', '.join(found.event_ids)}")


def _line(each: Finding) -> str:
    return f"{each.id}  {each.at}  {each.score:.2f}  {each.code}  {each.subject.id}"
