"""`agora referrals …`: what goes to authorities, and what becomes of it."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, get_args

import click
import msgspec

from agoranomos.cases.referral import queries
from agoranomos.cases.referral.actions import Purpose
from agoranomos.cases.referral.model import ABOUT_KINDS, STATES, About, AboutKind, Figures, Made, Referral, State, Year
from agoranomos.cases.referral.rooms import Referrals
from agoranomos.evidence.checking import checked
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import Invalid
from agoranomos.staff.model import LOCAL
from agoranomos.staff.presenting import approval_shown
from agoranomos.terminal import json_option, write_out
from agoranomos.vault.tokens import Kind


class ReferralContext(Context, Protocol):
    """A context with the room of referrals."""

    @property
    def referrals(self) -> Referrals:
        """The room."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def referrals() -> None:
    """What goes to the police and other authorities: evidence packages, who had them in hands, what came of it."""


@referrals.command("open")
@click.argument("kind", type=click.Choice(ABOUT_KINDS))
@click.argument("subject_id", metavar="ID")
@click.option("--to", "authority", required=True, metavar="AUTHORITY", help="One of those in the policy.")
@click.option("--case", "case_id", help="The case that it comes from.")
@json_option
@click.pass_obj
def open_referral(
    context: ReferralContext, kind: AboutKind, subject_id: str, authority: str, case_id: str | None, as_json: bool
) -> None:
    """Open a referral of KIND ID to an authority; nothing goes out yet."""
    found = context.referrals.service.open(About(kind, subject_id), authority, because=case_id, by=LOCAL)
    write_out(found, as_json, _line(found))


@referrals.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those.")
@click.option("--to", "authority", metavar="AUTHORITY", help="Only those to this authority.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@click.pass_obj
def list_referrals(
    context: ReferralContext, state: State | None, authority: str | None, limit: int, as_json: bool
) -> None:  # fmt: skip
    """List referrals, newest first."""
    wanted = queries.Wanted(state=state, authority=authority)
    with context.store().reading() as connection:
        found = queries.listed(connection, wanted, after=None, limit=limit)
    write_out({"items": found}, as_json, *map(_line, found))


@referrals.command("show")
@click.argument("referral_id", metavar="REFERRAL")
@json_option
@click.pass_obj
def show_referral(context: ReferralContext, referral_id: str, as_json: bool) -> None:
    """Show a referral: its packages, the chain of custody, what was reported."""
    found = context.referrals.service.show(referral_id)
    lines = [_line(found.referral), *map(_package_line, found.packages)]
    for step in found.custody:
        package = f"  package {step.package}" if step.package else ""
        lines.append(f"  {rfc3339(step.at)}  {step.verb:8} {step.actor}{package}  audit entry {step.audit_index}")
    lines += [f"  {rfc3339(each.at)}  reported {_figures(each.figures)}" for each in found.outcomes]
    write_out(found, as_json, *lines)


@referrals.command("ask-personal")
@click.argument("referral_id", metavar="REFERRAL")
@click.option("--purpose", required=True, metavar="CODE", help="What it is needed for, such as criminal_complaint.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(get_args(Kind)), help="Of data of suspects.")
@click.option("--people", default=0, type=click.IntRange(0), help="Of how many suspects at most.")
@click.option("--attachments", is_flag=True, help="Also what is attached to the case by now.")
@json_option
@click.pass_obj
def ask_personal(
    context: ReferralContext, referral_id: str, purpose: str, kinds: tuple[Kind, ...], people: int, attachments: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Ask a second person to agree that a package opens personal data of suspects, or attachments of the case."""
    wanted = Purpose(purpose=purpose, kinds=kinds, people=people)
    asked = context.referrals.service.ask_for_personal(referral_id, wanted, by=LOCAL, attachments=attachments)
    write_out(approval_shown(asked), as_json, f"{asked.approval_id} waits for a second person.")


@referrals.command()
@click.argument("referral_id", metavar="REFERRAL")
@click.option("--approval", "approval_id", help="Personal data is in it, as was agreed to under this approval.")
@json_option
@click.pass_obj
def make(context: ReferralContext, referral_id: str, approval_id: str | None, as_json: bool) -> None:
    """Gather all that is known of the matter, and make a package of it."""
    service = context.referrals.service
    service.traces.follow()
    made = service.make(referral_id, by=LOCAL, approval_id=approval_id)
    write_out(made, as_json, _package_line(made))


@referrals.command()
@click.argument("referral_id", metavar="REFERRAL")
@click.option("--number", type=click.IntRange(1), help="Which package; the last one when it is left out.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False, writable=True))
@json_option
@click.pass_obj
def fetch(context: ReferralContext, referral_id: str, number: int | None, out: Path, as_json: bool) -> None:
    """Take a package into your hands, which becomes a link of the chain of custody."""
    service = context.referrals.service
    path, made = service.fetch(referral_id, number, by=LOCAL)
    try:
        shutil.copyfile(path, out)
    except OSError as error:
        raise Invalid(f"{out} cannot be written ({error.strerror}); choose another --out") from error
    key, audit_key = str(service.key().verifier), str(service.audit_key().verifier)
    told = {"file": str(out), "sha256": made.sha256, "key": key, "audit_key": audit_key}
    write_out(
        told, as_json, f"Written to {out}; it verifies with these keys", f"--key {key}", f"--audit-key {audit_key}"
    )


@referrals.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--key", help="The public key of the marketplace for evidence.")
@click.option("--audit-key", help="The public key of its audit log.")
@json_option
def verify(file: Path, key: str | None, audit_key: str | None, as_json: bool) -> None:
    """Check a package, or a folder it was unpacked into, as its verify.py does; exit code 1 when it is not whole."""
    try:
        manifest = checked(file, key, audit_key)
    except Invalid as error:
        click.echo(f"Error: {error.message}", err=True)
        sys.exit(1)
    whose = "" if key else "  (by the key that it names itself)"
    entries = manifest.facts.get("audit_entries", 0)
    write_out(manifest, as_json, f"whole: {len(manifest.files)} files, {entries} entries of the audit log{whose}")


@referrals.command("ask-to-send")
@click.argument("referral_id", metavar="REFERRAL")
@json_option
@click.pass_obj
def ask_to_send(context: ReferralContext, referral_id: str, as_json: bool) -> None:
    """Ask a second person to agree that the last package goes out."""
    asked = context.referrals.service.ask_to_send(referral_id, by=LOCAL)
    write_out(approval_shown(asked), as_json, f"{asked.approval_id} waits for a second person.")


@referrals.command()
@click.argument("referral_id", metavar="REFERRAL")
@click.option("--approval", "approval_id", required=True, help="Under which a second person has agreed.")
@json_option
@click.pass_obj
def send(context: ReferralContext, referral_id: str, approval_id: str, as_json: bool) -> None:
    """Note that the last package went to the authority."""
    sent = context.referrals.service.send(referral_id, approval_id, by=LOCAL)
    write_out(sent, as_json, _line(sent))


@referrals.command()
@click.argument("referral_id", metavar="REFERRAL")
@click.argument("verb", type=click.Choice(["receive", "accept", "reject", "close", "withdraw"]))
@click.option("--reference", help="The authority's own number.")
@json_option
@click.pass_obj
def move(context: ReferralContext, referral_id: str, verb: Any, reference: str | None, as_json: bool) -> None:
    """Note that the authority received, accepted or rejected it, or that we closed or withdrew it."""
    moved = context.referrals.service.move(referral_id, verb, by=LOCAL, reference=reference)
    write_out(moved, as_json, _line(moved))


@referrals.command()
@click.argument("referral_id", metavar="REFERRAL")
@click.option("--cases", type=int, default=0)
@click.option("--suspects", type=int, default=0)
@click.option("--detained", type=int, default=0)
@click.option("--convicted", type=int, default=0)
@click.option("--involved", type=int, default=0, help="Amount in minor units.")
@click.option("--recovered", type=int, default=0, help="Amount in minor units.")
@click.option("--currency", default="CNY", show_default=True)
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="When; now if it is left out.")
@json_option
@click.pass_obj
def report(context: ReferralContext, /, referral_id: str, at: datetime | None, as_json: bool, **figures: Any) -> None:
    """Note what the authority reported, beside what it reported before; a negative figure takes something back."""
    try:
        told = msgspec.convert(figures, Figures)
    except msgspec.ValidationError as error:
        raise Invalid(f"these figures cannot be kept: {error}") from error
    outcome = context.referrals.service.report(referral_id, told, by=LOCAL, at=at)
    write_out(outcome, as_json, f"{rfc3339(outcome.at)}  reported {_figures(outcome.figures)}")


@referrals.command()
@click.argument("first", type=int)
@click.argument("last", type=int, required=False)
@json_option
@click.pass_obj
def years(context: ReferralContext, first: int, last: int | None, as_json: bool) -> None:
    """Add up what came of referrals in the years FIRST to LAST."""
    found = context.referrals.service.years(first, first if last is None else last)
    write_out({"items": found}, as_json, *map(_year_line, found))


@referrals.command()
@json_option
@click.pass_obj
def authorities(context: ReferralContext, as_json: bool) -> None:
    """List the authorities of the policy, and the personal data that each may be given."""
    known = context.referrals.service.policy.authorities
    lines = (f"{name}  {each.chinese} {each.english}: {', '.join(each.personal)}" for name, each in known.items())
    write_out({"authorities": known}, as_json, *lines)


def _line(referral: Referral) -> str:
    about = f"{referral.about.kind}:{referral.about.id}"
    return f"{referral.referral_id}  {referral.state:9}  {about} to {referral.authority}  {rfc3339(referral.opened_at)}"


def _package_line(made: Made) -> str:
    personal = ", with personal data" if made.personal else ""
    people = made.facts.get("people", 0)
    return f"  package {made.number}: {people:,} people, {made.bytes:,} bytes{personal}, SHA-256 {made.sha256}"


def _figures(figures: Figures) -> str:
    told = msgspec.structs.asdict(figures)
    currency = told.pop("currency")
    return ", ".join(f"{name} {count:,}" for name, count in told.items() if count) + f" ({currency})"


def _year_line(year: Year) -> str:
    money = ", ".join(f"{amount:,} {currency}" for currency, amount in year.recovered.items()) or "0"
    return (
        f"{year.year}  {year.sent:,} sent, {year.accepted:,} accepted, {year.rejected:,} rejected; "
        f"{year.cases:,} cases, {year.suspects:,} suspects; recovered {money}"
    )
