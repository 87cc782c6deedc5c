"""`agora access …`: who reads people, what leaves, what was planted, and the scope of a breach."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import click
import msgspec

from agoranomos.access.canaries.actions import KINDS, Kind
from agoranomos.access.exports.actions import Wish
from agoranomos.access.logs.files import log_files
from agoranomos.access.logs.forms import FORMS, FormName
from agoranomos.access.rooms import Access
from agoranomos.access.scope.model import Scope, encoded
from agoranomos.access.service import ExportShown, ReaderShown
from agoranomos.engine.spark.asked import session_for
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import LOCAL as LOCAL_ENGINE
from agoranomos.terminal import engine_options, json_option, settings_of, write_out

as_of_option = click.option("--as-of", metavar="TIME", help="RFC 3339, with an offset; without it: now.")
SCOPE_FILE, PEOPLE_FILE, SEAL_FILE = "scope.json", "people.jsonl", "seal.json"


class AccessContext(Context, Protocol):
    """A context that knows the access desk."""

    @property
    def access(self) -> Access: ...


class Seal(msgspec.Struct, frozen=True):
    """Where a scope is sealed: the entry of the audit log, and the size of the tree that was signed over it."""

    digest: str
    audit_index: int
    tree_size: int


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def access() -> None:
    """Who reads people: logs, readers, exports, canaries, the scope of a breach."""


@access.command()
@click.argument("inputs", nargs=-1, required=True, metavar="LOGS…")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder of results.")
@click.option("--subject", "templates", multiple=True, metavar="ADDRESS", help="Shows a person: /users/{user}/reviews.")
@click.option("--format", "form", type=click.Choice(sorted(FORMS)), help="By default each file tells its own.")
@engine_options
@json_option
@click.pass_obj
def logs(
    context: AccessContext, inputs: tuple[str, ...], out: Path, templates: tuple[str, ...], form: FormName | None,
    engine_name: str, master: str | None, spark_conf: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Read web logs (combined, nginx JSON, CloudFront; also .gz, .zst) and judge who reads whom.

    --subject may be given again; without it every page is a subject. OUT gets readers.parquet, findings.jsonl,
    refused.jsonl and summary.json.
    """
    from agoranomos.access.logs.judging import judge_logs  # compiled parts take seconds to load

    until, policy = context.access.clock(), context.access.harvest_policy
    files = [Path(each.path) for each in log_files(inputs)] if engine_name != LOCAL_ENGINE else []
    with ExitStack() as stack:
        session = stack.enter_context(
            session_for(
                engine_name, master, settings_of(spark_conf), shared=[out], seen=files,
                tell=lambda words: click.echo(words, err=True),
            )
        )  # fmt: skip
        reader = None
        if session is not None:
            from agoranomos.access.logs.away import AwayReader

            folder = Path(
                stack.enter_context(TemporaryDirectory(dir=out, prefix="reading-", ignore_cleanup_errors=True))
            )
            reader = AwayReader(session, folder, templates, until=until, form=form)
        summary = judge_logs(inputs, out, templates, form=form, until=until, policy=policy, reader=reader)
    write_out(
        summary, as_json, f"{summary.lines:,} lines, {summary.pairs:,} pairs of {summary.readers:,} readers in {out}",
        *(f"{count:>9,} lines refused: {reason}" for reason, count in summary.refused.items()),
        f"{summary.findings:>9,} readers are worth a look (findings.jsonl)",
    )  # fmt: skip


@access.command()
@click.option("--after", default="", metavar="ID", help="Go on after this reader.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@as_of_option
@json_option
@click.pass_obj
def readers(context: AccessContext, after: str, limit: int, as_of: str | None, as_json: bool) -> None:
    """List who reads people, and how many different ones they were shown."""
    service = context.access.service
    service.follow()
    found = service.readers(after=after, limit=limit, as_of=parse_rfc3339(as_of) if as_of else None)
    write_out({"items": found}, as_json, *map(_reader_line, found))


@access.command()
@click.argument("principal_id")
@as_of_option
@json_option
@click.pass_obj
def reader(context: AccessContext, principal_id: str, as_of: str | None, as_json: bool) -> None:
    """Show a reader: limits, contract, windows."""
    service = context.access.service
    service.follow()
    found = service.reader(principal_id, as_of=parse_rfc3339(as_of) if as_of else None)
    lines = [
        f"{each.days:>3} days: {each.reads:,} reads of {each.people:,} people, {each.strangers:,} of them strangers"
        for each in found.windows
    ]
    limits = ", ".join(f"{name} {value:,}" for name, value in msgspec.structs.asdict(found.limits).items())
    write_out(found, as_json, _reader_line(found), *lines, f"limits: {limits}")


@access.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def exports(context: AccessContext, limit: int, as_json: bool) -> None:
    """List exports, newest first."""
    context.access.service.follow()
    found = context.access.service.exports(limit=limit)
    write_out({"items": found}, as_json, *map(_export_line, found))


@access.command()
@click.option("--reader", "principal_id", required=True, metavar="ID", help="Who will read it.")
@click.option("--purpose", required=True)
@click.option("--field", "fields", multiple=True, required=True, help="A field that would leave; may be given again.")
@click.option("--region", required=True, metavar="CODE", help="Where it goes.")
@click.option("--people", type=click.IntRange(0), help="Of how many people.")
@json_option
@click.pass_obj
def ask(
    context: AccessContext, principal_id: str, purpose: str, fields: tuple[str, ...], region: str, people: int | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Ask for an export; it waits until enough others agree."""
    wish = Wish(
        principal_id=principal_id, purpose=purpose, fields=fields, destination_region=region, subject_count=people
    )  # fmt: skip
    asked = context.access.service.ask(wish, by=LOCAL)
    write_out(asked, as_json, _export_line(asked))


@access.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("values", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE")
@json_option
@click.pass_obj
def plant(context: AccessContext, kind: Kind, values: Path, as_json: bool) -> None:
    """Plant the account ids or numbers in FILE, one a line, which the marketplace gives to nobody."""
    lines = [line.strip() for line in values.read_text("utf-8", "replace").splitlines()]
    planted = context.access.service.plant(kind, [line for line in lines if line], by=LOCAL)
    write_out({"items": planted}, as_json, f"{len(planted):,} planted")


@access.command()
@click.argument("export_id")
@json_option
@click.pass_obj
def canaries(context: AccessContext, export_id: str, as_json: bool) -> None:
    """Give the export EXPORT_ID a planted number and a record of its own, to be put among its rows."""
    given = context.access.service.assign(export_id, by=LOCAL)
    write_out({"items": given}, as_json, *(f"{each.kind:7} {each.value}" for each in given))


@access.command()
@click.option("--principal", "principals", multiple=True, metavar="ID", help="A reader; may be given again.")
@click.option("--finding", "finding_id", metavar="ID", help="The reader of a finding, and the members of its ring.")
@click.option("--from", "since", required=True, metavar="TIME", help="RFC 3339, with an offset.")
@click.option("--to", "until", metavar="TIME", help="RFC 3339; without it: now.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder of results.")
@json_option
@click.pass_obj
def scope(
    context: AccessContext, principals: tuple[str, ...], finding_id: str | None, since: str, until: str | None,
    out: Path, as_json: bool,
) -> None:  # fmt: skip
    """Make the scope of a breach: whom readers were shown, which fields, when; sealed by the audit log.

    OUT gets scope.json, people.jsonl (a line for each person) and seal.json.
    """
    scopes = context.access.scopes
    named = [*principals, *(scopes.principals_of(finding_id) if finding_id else ())]
    if not named:
        raise Invalid("name readers with --principal, or a finding with --finding")
    made = scopes.make(named, parse_rfc3339(since), parse_rfc3339(until) if until else context.access.clock(), by=LOCAL)
    seal = Seal(made.digest, made.audit_index, made.tree_size)
    out.mkdir(parents=True, exist_ok=True)
    (out / SCOPE_FILE).write_bytes(encoded(made.scope))
    (out / PEOPLE_FILE).write_bytes(made.people)
    (out / SEAL_FILE).write_bytes(msgspec.json.encode(seal) + b"\n")
    write_out({"scope": made.scope, "seal": seal}, as_json, *_scope_lines(made.scope), _sealed(seal, out))


@access.command("verify")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@json_option
@click.pass_obj
def verify_scope(context: AccessContext, folder: Path, as_json: bool) -> None:
    """Verify that the scope in FOLDER is the one that was sealed; exit code 1 when it is not."""
    try:
        seal = msgspec.json.decode((folder / SEAL_FILE).read_bytes(), type=Seal)
        raw, people = (folder / SCOPE_FILE).read_bytes(), (folder / PEOPLE_FILE).read_bytes()
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise NotFound(f"{folder} holds no scope: {SCOPE_FILE}, {PEOPLE_FILE} and {SEAL_FILE} are needed") from error
    found = context.access.scopes.verified(raw, people, seal.audit_index)
    if isinstance(found, str):
        write_out({"verified": False, "reason": found}, as_json, f"Not verified: {found}")
        raise SystemExit(1)
    write_out(
        {"verified": True, "scope": found}, as_json, f"Verified: entry {seal.audit_index} of the audit log seals it."
    )


def _reader_line(each: ReaderShown) -> str:
    month = each.windows[-1]
    return f"{each.kind:8}  {each.principal_id}  {month.people:,} people in {month.days} days"


def _export_line(each: ExportShown) -> str:
    export = each.export
    agreed = f"{len(export.agreed)} of {each.approvers} agreed"
    return f"{export.export_id}  {each.state:8}  {export.purpose} to {export.region}, {agreed}"


def _scope_lines(found: Scope) -> list[str]:
    lines = [f"{found.certain:,} people for certain, at most {found.possible:,} more"]
    lines += [f"{people:>9,} people: {field}" for field, people in found.fields.items()]
    lines += [f"{each.people:>9,} people in {each.reads:,} reads: {each.principal_id}" for each in found.principals]
    if found.fellows:
        lines.append(f"{len(found.fellows):>9,} others used a device or address of theirs (scope.json)")
    return lines


def _sealed(seal: Seal, out: Path) -> str:
    return f"Written to {out}; sealed by entry {seal.audit_index} of the audit log."
