"""`agora rules …`: rules from files into the book, through shadow to live, and back.

Whoever works at the machine can propose, try and end; making something live needs a second person who has signed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import click
import msgspec

from agoranomos.engine.rules.errors import Problem, RuleError
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.clock import parse_rfc3339, rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Subject
from agoranomos.rules import queries, snoozing
from agoranomos.rules.hits import Comparison
from agoranomos.rules.model import RuleHit, Snooze, Standing, Version
from agoranomos.rules.service import RuleService
from agoranomos.rules.snoozing import NewSnooze
from agoranomos.rules.written import Written, rule_files
from agoranomos.staff.model import LOCAL
from agoranomos.staff.presenting import approval_shown
from agoranomos.terminal import json_option, write_out

HELP = {"help_option_names": ["-h", "--help"]}


class RuleContext(Context, Protocol):
    """A context that knows the rule book."""

    def rules(self) -> RuleService:
        """Rules, lists, snoozes and queues."""


files_argument = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
limit_option = click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)


@click.group(context_settings=HELP)
def rules() -> None:
    """Rules as data: check and import files, try in shadow, promote with a second person, snooze."""


@rules.command()
@files_argument
@json_option
@click.pass_obj
def check(context: RuleContext, files: tuple[Path, ...], as_json: bool) -> None:
    """Read FILES (or folders of them) and say everything that is wrong, with line and column; exit code 1 if so.

    Lists that rules look in are those of the store.
    """
    found, problems = _read(context.rules(), files)
    shown = [msgspec.to_builtins(each._asdict()) for each in problems]
    lines = [str(each) for each in problems] or [f"{len(found)} rules are in order."]
    write_out({"rules": [each.rule.id for each in found], "problems": shown}, as_json, *lines)
    if problems:
        raise SystemExit(1)


@rules.command("import")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--starter", is_flag=True, help="The rules that come with the system, instead of FILES.")
@click.option("--shadow", is_flag=True, help="Let them run in shadow at once.")
@json_option
@click.pass_obj
def import_rules(
    context: RuleContext, files: tuple[Path, ...], starter: bool, shadow: bool, as_json: bool
) -> None:  # fmt: skip
    """Propose the rules in FILES as the next versions; what has not changed stays as it is. All or nothing."""
    if bool(files) == starter:
        raise click.UsageError("give FILES, or --starter")
    service = context.rules()
    found, problems = (service.read_starter(by=LOCAL), ()) if starter else _read(service, files)
    if problems:
        for each in problems:
            click.echo(str(each), err=True)
        raise SystemExit(1)
    versions = service.propose(found, by=LOCAL, shadow=shadow)
    write_out({"items": versions}, as_json, *map(_version_line, versions))


@rules.command("list")
@click.option("--status", type=click.Choice(["draft", "shadow", "live", "expired"]), help="Only those.")
@limit_option
@click.option("--after", default="", metavar="RULE_ID", help="Go on after this rule.")
@json_option
@click.pass_obj
def list_rules(context: RuleContext, status: Any, limit: int, after: str, as_json: bool) -> None:
    """List the rules in the order of their ids."""
    with context.store().reading() as connection:
        found = queries.list_standings(connection, status=status, after=after, limit=limit)
    write_out({"items": found}, as_json, *map(standing_line, found))


@rules.command("show")
@click.argument("rule_id")
@click.option("--version", type=click.IntRange(1), help="This version; otherwise the newest.")
@json_option
@click.pass_obj
def show_rule(context: RuleContext, rule_id: str, version: int | None, as_json: bool) -> None:
    """Show a rule as data, with the features that it asks."""
    with context.store().reading() as connection:
        standing = queries.get_standing(connection, rule_id)
        found = queries.get_version(connection, rule_id, version or standing.latest)
    document = msgspec.json.format(msgspec.json.encode(found.document), indent=2).decode()
    declared = [f"feature {msgspec.json.encode(each).decode()}" for each in found.features]
    write_out(found, as_json, standing_line(standing), _version_line(found), document, *declared)


@rules.command()
@click.argument("rule_id")
@json_option
@click.pass_obj
def history(context: RuleContext, rule_id: str, as_json: bool) -> None:
    """What was done to a rule, by whom and when, and what waits for a second person."""
    with context.store().reading() as connection:
        queries.get_standing(connection, rule_id)
        found = queries.changes_of(connection, rule_id)
    waiting = context.rules().waiting(rule_id)
    lines = [
        f"{rfc3339(each.at)}  {each.verb:9} version {each.version}  by {each.by}"
        + (f"  {each.approval_id}" if each.approval_id else "")
        for each in found
    ]
    lines += [_waits(each) for each in waiting]
    write_out({"items": found, "waiting": [approval_shown(each) for each in waiting]}, as_json, *lines)


@rules.command()
@click.argument("rule_id")
@click.option("--version", type=click.IntRange(1), help="This version; otherwise the newest.")
@json_option
@click.pass_obj
def shadow(context: RuleContext, rule_id: str, version: int | None, as_json: bool) -> None:
    """Let a version run in shadow: evaluated and recorded, without effect."""
    standing = context.rules().put_into_shadow(rule_id, version, by=LOCAL)
    write_out(standing, as_json, standing_line(standing))


@rules.command()
@click.argument("rule_id")
@click.option("--version", type=click.IntRange(1), help="Refuse unless this is the version in shadow.")
@json_option
@click.pass_obj
def promote(context: RuleContext, rule_id: str, version: int | None, as_json: bool) -> None:
    """Ask for the version in shadow to go live: a second person agrees to it, signed in."""
    approval = context.rules().ask_promotion(rule_id, version, by=LOCAL)
    write_out(approval_shown(approval), as_json, _waits(approval))


@rules.command()
@click.argument("rule_id")
@click.argument("version", type=click.IntRange(1))
@json_option
@click.pass_obj
def rollback(context: RuleContext, rule_id: str, version: int, as_json: bool) -> None:
    """Ask for VERSION, which was live before, to be live again: a second person agrees to it, signed in."""
    approval = context.rules().ask_rollback(rule_id, version, by=LOCAL)
    write_out(approval_shown(approval), as_json, _waits(approval))


@rules.command()
@click.argument("rule_id")
@click.option("--shadow-only", is_flag=True, help="What is live stays live.")
@json_option
@click.pass_obj
def expire(context: RuleContext, rule_id: str, shadow_only: bool, as_json: bool) -> None:
    """End a rule: nothing of it is evaluated any more."""
    standing = context.rules().expire(rule_id, shadow_only=shadow_only, by=LOCAL)
    write_out(standing, as_json, standing_line(standing))


@rules.command()
@click.argument("code")
@click.argument("subject", metavar="KIND:ID")
@click.option("--reason", required=True, help="Why; people read it.")
@click.option("--days", type=click.IntRange(1, 180), default=30, show_default=True)
@click.option("--case", "case_id", help="The case in which somebody looked.")
@json_option
@click.pass_obj
def snooze(
    context: RuleContext, code: str, subject: str, reason: str, days: int, case_id: str | None, as_json: bool
) -> None:
    """Let the rule or detector CODE not count for one subject, such as store:s1; it goes on matching."""
    wanted = NewSnooze(
        code=code, subject=subject_of(subject), reason=reason, until=context.now() + timedelta(days=days),
        case_id=case_id,
    )  # fmt: skip
    made = context.rules().snooze(wanted, by=LOCAL)
    write_out(made, as_json, _snooze_line(made))


@rules.command()
@click.argument("snooze_id")
@json_option
@click.pass_obj
def unsnooze(context: RuleContext, snooze_id: str, as_json: bool) -> None:
    """Let a snoozed rule or detector count again."""
    ended = context.rules().end_snooze(snooze_id, by=LOCAL)
    write_out(ended, as_json, f"{ended.snooze_id} is over.")


@rules.command()
@click.option("--over", is_flag=True, help="Also those that hold no more.")
@limit_option
@click.option("--after", default="", metavar="SNOOZE_ID", help="Go on after this snooze.")
@json_option
@click.pass_obj
def snoozes(context: RuleContext, over: bool, limit: int, after: str, as_json: bool) -> None:
    """List what is snoozed, for whom, until when, and why."""
    with context.store().reading() as connection:
        found = snoozing.listed(connection, context.now(), over=over, after=after, limit=limit)
    write_out({"items": found}, as_json, *map(_snooze_line, found))


@rules.command()
@click.argument("rule_id")
@click.option("--since", metavar="TIME", help="RFC 3339; otherwise from when both were evaluated.")
@click.option("--until", metavar="TIME", help="RFC 3339; otherwise until now.")
@json_option
@click.pass_obj
def compare(context: RuleContext, rule_id: str, since: str | None, until: str | None, as_json: bool) -> None:
    """Hold the version in shadow against the live one over the same time."""
    found = context.rules().compare(rule_id, _moment(since), _moment(until))
    write_out(found, as_json, *_comparison_lines(found))


def subject_of(text: str) -> Subject:
    """The subject that is written `store:s1`. Raises Invalid."""
    kind, _, subject_id = text.partition(":")
    try:
        return msgspec.convert({"kind": kind, "id": subject_id}, Subject)
    except msgspec.ValidationError as error:
        raise Invalid("a subject is written as its kind and id, such as store:s1 or listing:l7") from error


def standing_line(each: Standing) -> str:
    """A rule in one line."""
    live = f"live {each.live_version}" if each.live_version else "not live"
    tried = f", {each.shadow_version} in shadow" if each.shadow_version else ""
    return f"{each.rule_id}  {live}{tried}, newest {each.latest}"


def _read(service: RuleService, paths: tuple[Path, ...]) -> tuple[list[Written], tuple[Problem, ...]]:
    try:
        return service.read(rule_files(paths)), ()
    except RuleError as error:
        return [], error.problems


def _moment(text: str | None) -> datetime | None:
    return parse_rfc3339(text) if text is not None else None


def _version_line(each: Version) -> str:
    return f"{each.rule_id}  version {each.version} ({each.status}), proposed by {each.proposed_by}"


def _waits(approval: Approval) -> str:
    wanted = approval.wanted
    return (
        f"{approval.approval_id}  {wanted.kind} of version {wanted.params['version']} waits for a second person, "
        f"until {rfc3339(approval.expires_at)}"
    )


def _snooze_line(each: Snooze) -> str:
    case = f" ({each.case_id})" if each.case_id else ""
    state = f"ended {rfc3339(each.ended_at)}" if each.ended_at else f"until {rfc3339(each.until)}"
    return f"{each.snooze_id}  {each.code}  {each.subject.kind}:{each.subject.id}  {state}  {each.reason}{case}"


def _comparison_lines(found: Comparison) -> list[str]:
    lines = [
        f"{found.rule_id} from {rfc3339(found.since)} to {rfc3339(found.until)}",
        f"{'':22}{'hits':>8}{'subjects':>10}",
        f"{f'live, version {found.live_version}':22}{found.live_hits:>8,}{found.live_subjects:>10,}",
        f"{f'shadow, version {found.shadow_version}':22}{found.shadow_hits:>8,}{found.shadow_subjects:>10,}",
        f"{'both':22}{found.both_hits:>8,}{found.both_subjects:>10,}",
    ]
    for name, examples in (("only live", found.only_live), ("only shadow", found.only_shadow), ("both", found.both)):
        lines += [f"{name}: {_hit_line(each)}" for each in examples]
    if not found.complete:
        lines.append("There are more hits than were compared: choose a shorter time with --since and --until.")
    return lines


def _hit_line(hit: RuleHit) -> str:
    facts = ", ".join(f"{name} = {msgspec.json.encode(value).decode()}" for name, value in hit.facts.items())
    return f"{rfc3339(hit.at)} {hit.subject.kind}:{hit.subject.id} event {hit.event_id}: {facts}"
