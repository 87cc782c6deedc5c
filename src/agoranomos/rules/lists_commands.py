"""`agora lists …` and `agora queues …`: values that rules look up, and what people look at first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import Money
from agoranomos.rules import lists as listing
from agoranomos.rules.capacity import Place
from agoranomos.rules.commands import HELP, RuleContext, limit_option
from agoranomos.rules.model import NewEntry
from agoranomos.rules.queues import Today
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option, write_out


@click.group(context_settings=HELP)
def lists() -> None:
    """Lists that rules look values up in: allow, deny, watch; each value with a reason and, if wanted, an end."""


@lists.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(["allow", "deny", "watch"]), required=True)
@json_option
@click.pass_obj
def create(context: RuleContext, name: str, kind: Any, as_json: bool) -> None:
    """Make the list NAME, which rules call listed('NAME', …)."""
    made = context.rules().create_list(name, kind, by=LOCAL)
    write_out(made, as_json, f"{made.list_id}  {made.kind}  {made.entries:,} values")


@lists.command("list")
@limit_option
@click.option("--after", default="", metavar="NAME", help="Go on after this list.")
@json_option
@click.pass_obj
def list_lists(context: RuleContext, limit: int, after: str, as_json: bool) -> None:
    """List all lists."""
    with context.store().reading() as connection:
        found = listing.listed(connection, context.now(), after=after, limit=limit)
    write_out({"items": found}, as_json, *(f"{each.list_id}  {each.kind}  {each.entries:,} values" for each in found))


@lists.command("show")
@click.argument("name")
@limit_option
@click.option("--after", default="", metavar="VALUE", help="Go on after this value.")
@json_option
@click.pass_obj
def show_list(context: RuleContext, name: str, limit: int, after: str, as_json: bool) -> None:
    """Show what stands on the list NAME, with reasons."""
    with context.store().reading() as connection:
        found = listing.entries_of(connection, name, context.now(), after=after, limit=limit)
    lines = (
        f"{each.value}  {each.reason}" + (f"  until {rfc3339(each.expires_at)}" if each.expires_at else "")
        for each in found
    )
    write_out({"items": found}, as_json, *lines)


@lists.command()
@click.argument("name")
@click.argument("values", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; people read it.")
@click.option("--days", type=click.IntRange(1, 3_650), help="For so many days; otherwise for good.")
@json_option
@click.pass_obj
def add(
    context: RuleContext, name: str, values: tuple[str, ...], reason: str, days: int | None, as_json: bool
) -> None:  # fmt: skip
    """Put VALUES on the list NAME."""
    until = context.now() + timedelta(days=days) if days is not None else None
    entries = [NewEntry(value=value, reason=reason, expires_at=until) for value in values]
    _added(context, name, entries, as_json)


@lists.command()
@click.argument("name")
@click.argument("values", nargs=-1, required=True)
@json_option
@click.pass_obj
def remove(context: RuleContext, name: str, values: tuple[str, ...], as_json: bool) -> None:
    """Take VALUES off the list NAME."""
    gone = context.rules().take_off_list(name, values, by=LOCAL)
    write_out({"removed": gone}, as_json, f"{gone:,} of {len(set(values)):,} were on {name} and are no longer.")


@lists.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--reason", default="", help="The reason of those that bring none.")
@json_option
@click.pass_obj
def import_list(context: RuleContext, name: str, file: Path, reason: str, as_json: bool) -> None:
    """Put the values in FILE on the list NAME: plain lines, or .jsonl with value, reason and expires_at."""
    _added(context, name, _entries(file, reason), as_json)


@click.group(context_settings=HELP)
def queues() -> None:
    """Queues: what to look at first, within what people have time for."""


@queues.command("list")
@json_option
@click.pass_obj
def list_queues(context: RuleContext, as_json: bool) -> None:
    """List the queues of the policy."""
    policy = context.rules().queues
    lines = [
        f"{name}  {queue.per_day:,} subjects a day  {' '.join(queue.codes)}"
        for name, queue in sorted(policy.queues.items())
    ]
    write_out(policy, as_json, *lines)


@queues.command("show")
@click.argument("name")
@json_option
@click.pass_obj
def show_queue(context: RuleContext, name: str, as_json: bool) -> None:
    """Show what fits into the rest of the day, the threshold that would fit, and how often it was right."""
    found = context.rules().today(name)
    write_out(found, as_json, *_queue_lines(found))


def _added(context: RuleContext, name: str, entries: Sequence[NewEntry], as_json: bool) -> None:
    count = context.rules().add_to_list(name, entries, by=LOCAL)
    write_out({"added": len(entries), "entries": count}, as_json, f"{name} has {count:,} values now.")


def _entries(file: Path, reason: str) -> list[NewEntry]:
    """What stands in a file. Raises Invalid with the number of the line."""
    found = []
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            if file.suffix == ".jsonl":
                entry = msgspec.json.decode(line, type=_Line)
                found.append(
                    NewEntry(value=entry.value, reason=entry.reason or reason, expires_at=entry.expires_at)
                )  # fmt: skip
            else:
                found.append(NewEntry(value=line.decode("utf-8").strip(), reason=reason))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Invalid(f"{file}:{number}: a value is expected, or an object with value and reason") from error
    if not found:
        raise Invalid(f"{file} holds no values")
    return found


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    value: str
    reason: str = ""
    expires_at: datetime | None = None


def _queue_lines(found: Today) -> list[str]:
    threshold, precision = found.threshold, found.precision
    done = f"{found.decided_today:,} of {found.per_day:,} that people have time for are decided"
    lines = [f"{found.queue} on {found.day}: {found.waiting:,} subjects wait; {done}"]
    lines += [_place_line(number, place, found.currency) for number, place in enumerate(found.places, start=1)]
    fits = (
        f"from score {threshold.score:.2f} on, {threshold.per_day_at:.1f} subjects a day come"
        if threshold.score is not None
        else "no score is high enough"
    )
    lines.append(f"Threshold that fits since {found.measured_from}: {fits}; of all scores {threshold.per_day_all:.1f}")
    if precision.precision is None or precision.low is None or precision.high is None:
        lines.append(f"Precision: none of {precision.shown:,} shown was decided yet")
    else:
        lines.append(
            f"Precision: {precision.upheld:,} of {precision.decided:,} decided were upheld, {precision.precision:.0%} "
            f"({precision.low:.0%} to {precision.high:.0%}); {precision.shown:,} shown"
        )
    return lines


def _place_line(number: int, place: Place, currency: str) -> str:
    first = place.findings[0]
    stake = Money(first.exposure, currency)
    more = f" and {len(place.findings) - 1} more" if len(place.findings) > 1 else ""
    usual = "" if first.exposure_known else " usually"
    return (
        f"{number:>4}  {place.subject.kind}:{place.subject.id}  {first.code} {first.score:.2f}{more}  "
        f"{stake} at stake{usual}, expected harm {Money(round(place.harm), currency)}"
    )
