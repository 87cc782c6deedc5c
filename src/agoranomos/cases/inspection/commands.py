"""`agora inspections …`: what is shared with authorities that inspect goods, and what they report."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, get_args

import click
import msgspec

from agoranomos.cases.inspection.model import MAKERS, Inspection, Maker, Report
from agoranomos.cases.inspection.redress import From
from agoranomos.cases.inspection.service import InspectionService
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import Money
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option, write_out


class _Room(Protocol):
    @property
    def inspections(self) -> InspectionService: ...


class InspectionContext(Context, Protocol):
    """A context with the room of referrals, which inspections share."""

    @property
    def referrals(self) -> _Room:
        """The room."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def inspections() -> None:
    """Shared with authorities that inspect goods: forms about factories and suppliers, and what they found."""


@inspections.command()
@click.argument("maker", type=click.Choice(MAKERS))
@click.argument("maker_id", metavar="ID")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False, writable=True), help="Write it as a package.")
@json_option
@click.pass_obj
def form(context: InspectionContext, maker: Maker, maker_id: str, out: Path | None, as_json: bool) -> None:
    """Tell what a factory or supplier delivered, where that is sold, and what was said of it."""
    service = context.referrals.inspections
    try:
        found = (
            service.form(maker, maker_id, by=LOCAL) if out is None else service.package(maker, maker_id, out, by=LOCAL)
        )
    except OSError as error:
        raise Invalid(f"{out} cannot be written ({error.strerror}); choose another --out") from error
    counts = f"{len(found.batches):,} batches, {found.pieces:,} pieces, {found.spoken_against:,} spoken against"
    stores, sellers = ", ".join(found.stores) or "—", ", ".join(found.sellers) or "—"
    lines = [
        f"{maker} {found.id}: {counts}",
        f"stores {stores}; sellers {sellers}; {len(found.listings):,} listings",
    ]
    write_out(found, as_json, *lines, *([f"Written to {out}"] if out else []))


@inspections.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@click.pass_obj
def receive(context: InspectionContext, file: Path, as_json: bool) -> None:
    """Take in what an authority reports: a JSON file with a list of reports. Failed inspections become cases."""
    try:
        reports = msgspec.json.decode(file.read_bytes(), type=list[Report])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Invalid(f"{file.name} is no list of reports: {error}") from error
    found = context.referrals.inspections.receive(reports, by=LOCAL)
    write_out({"items": found}, as_json, *map(_line, found))


@inspections.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@click.pass_obj
def list_inspections(context: InspectionContext, limit: int, as_json: bool) -> None:
    """List what was received, the last first."""
    found = context.referrals.inspections.listed(after=None, limit=limit)
    write_out({"items": found}, as_json, *map(_line, found))


@inspections.command()
@click.argument("kind", type=click.Choice(get_args(From)))
@click.argument("subject_id", metavar="ID")
@json_option
@click.pass_obj
def redress(context: InspectionContext, kind: From, subject_id: str, as_json: bool) -> None:
    """Show what was done for buyers of a case, batch or listing, and what stores owe for it."""
    found = context.referrals.inspections.redress(kind, subject_id)
    paid = ", ".join(str(Money(amount, currency)) for currency, amount in found.refunds.items()) or "nothing"
    done = f"{found.informed:,} told, {found.refunded:,} refunded with {paid}, {found.stopped:,} parcels stopped"
    lines = [f"{len(found.recalls)} recalls: {done}"]
    lines += [f"  {each.store_id} owes {Money(each.settled, each.currency)}" for each in found.owed]
    lines += [f"  {each} has no recall" for each in found.missing]
    write_out(found, as_json, *lines)


def _line(inspection: Inspection) -> str:
    about = f"{inspection.about.kind}:{inspection.about.id}"
    cases = f"  cases {', '.join(inspection.case_ids)}" if inspection.case_ids else ""
    when = rfc3339(inspection.inspected_at)
    return f"{inspection.authority} {inspection.reference}  {when}  {about} {inspection.result}{cases}"
