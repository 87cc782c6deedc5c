"""`agora cases …`: attachments, statements, bulk decisions, second opinions, known cases, curves."""

from __future__ import annotations

from pathlib import Path

import click

from agoranomos.cases.bulk.actions import BulkRuling
from agoranomos.cases.bulk.queries import Bulk
from agoranomos.cases.calibration.fitting import Fit
from agoranomos.cases.calibration.queries import Calibrated
from agoranomos.cases.commands import CaseContext, cases, limit_option, line, lines_of
from agoranomos.cases.desk.model import OUTCOMES, Outcome
from agoranomos.cases.quality.kappa import Agreement
from agoranomos.cases.statements.wording import LANGS, Lang
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.clock import rfc3339
from agoranomos.staff.model import LOCAL
from agoranomos.staff.presenting import approval_shown
from agoranomos.terminal import json_option, write_out

clause_option = click.option("--clause", required=True, help="The clause of the policy, such as counterfeit.")
approval_option = click.option(
    "--approval", "approval_id", help="The approval of the second person, when it takes one."
)


@cases.command("attach")
@click.argument("case_id")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@click.pass_obj
def attach(context: CaseContext, case_id: str, file: Path, as_json: bool) -> None:
    """Attach FILE: a picture, PDF, ZIP or text, at most 5 MB."""
    paper = context.cases.papers.attach(case_id, file.name, file.read_bytes(), by=LOCAL)
    write_out(paper, as_json, f"{paper.paper_id}  {paper.media_type}  {paper.size:,} bytes  {paper.name}")


@cases.command("open-attachment")
@click.argument("case_id")
@click.argument("paper_id")
@click.option("--purpose", required=True, help="What it is opened for; it is written down.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where it is written to.")
@json_option
@click.pass_obj
def open_attachment(
    context: CaseContext, *, case_id: str, paper_id: str, purpose: str, out: Path, as_json: bool
) -> None:  # fmt: skip
    """Write an attached file to a new file."""
    paper, content = context.cases.papers.open(case_id, paper_id, purpose, by=LOCAL)
    with out.open("xb") as file:
        file.write(content)
    write_out(paper, as_json, f"{paper.name}: {paper.size:,} bytes, SHA-256 {paper.sha256}")


@cases.command("statements")
@click.argument("case_id")
@click.option("--lang", type=click.Choice(LANGS), default="en", show_default=True)
@json_option
@click.pass_obj
def statements(context: CaseContext, case_id: str, lang: Lang, as_json: bool) -> None:
    """Show what each party is told."""
    found = context.cases.service.statements(case_id)
    lines = (text for each in found for text in (f"To {each.party.kind} {each.party.id}", "", each.text[lang], ""))
    write_out({"items": found}, as_json, *lines)


@cases.command("bulk")
@click.argument("outcome", type=click.Choice(OUTCOMES))
@click.argument("case_ids", nargs=-1, required=True)
@clause_option
@click.option("--reason", required=True, help="Why; the parties read it.")
@click.option("--action", "actions", multiple=True, help="A kind such as listing.remove; repeatable.")
@approval_option
@json_option
@click.pass_obj
def bulk(
    context: CaseContext, *, outcome: Outcome, case_ids: tuple[str, ...], clause: str, reason: str,
    actions: tuple[str, ...], approval_id: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Decide many cases together: all or none."""
    ruling = BulkRuling(outcome=outcome, clause=clause, reason=reason, actions=actions)
    found = context.cases.bulk.decide(case_ids, ruling, by=LOCAL, approval_id=approval_id)
    if isinstance(found, Approval):
        _waits(found, as_json)
        return
    write_out(found, as_json, _bulk_line(found))


@cases.command("undo-bulk")
@click.argument("bulk_id")
@json_option
@click.pass_obj
def undo_bulk(context: CaseContext, bulk_id: str, as_json: bool) -> None:
    """Undo what was decided together, as a whole."""
    found = context.cases.bulk.undo(bulk_id, by=LOCAL)
    write_out(found, as_json, _bulk_line(found))


@cases.command("bulks")
@limit_option
@json_option
@click.pass_obj
def bulks(context: CaseContext, limit: int, as_json: bool) -> None:
    """List what was decided together, newest first."""
    found = context.cases.bulk.listed(after=None, limit=limit)
    write_out({"items": found}, as_json, *(_bulk_line(each) for each in found))


@cases.command("second")
@click.argument("case_id", required=False)
@click.argument("outcome", type=click.Choice(OUTCOMES), required=False)
@click.option("--clause", help="The clause of the policy, such as counterfeit.")
@json_option
@click.pass_obj
def second(
    context: CaseContext, *, case_id: str | None, outcome: Outcome | None, clause: str | None, as_json: bool
) -> None:  # fmt: skip
    """Take the next second opinion, or give one: CASE_ID OUTCOME --clause CLAUSE."""
    if case_id is None:
        view = context.cases.quality.take(by=LOCAL)
        write_out(view, as_json, *lines_of(view))
        return
    if outcome is None or clause is None:
        raise click.UsageError("give an outcome and a clause as well")
    found = context.cases.quality.give(case_id, outcome, clause, by=LOCAL)
    agrees = "the same as the first" if found.first_outcome == outcome else f"the first said {found.first_outcome}"
    write_out(found, as_json, f"{case_id}  {outcome}: {agrees}")


@cases.command("plant")
@click.argument("case_id")
@json_option
@click.pass_obj
def plant(context: CaseContext, case_id: str, as_json: bool) -> None:
    """Hide a copy of a decided case among those that wait, to see how people decide it."""
    found = context.cases.quality.plant(case_id, by=LOCAL)
    write_out(found, as_json, line(found))


@cases.command("quality")
@click.option("--days", type=click.IntRange(1, 3_650), default=90, show_default=True)
@json_option
@click.pass_obj
def quality(context: CaseContext, days: int, as_json: bool) -> None:
    """Show how far people agree, and how they do on known cases."""
    found = context.cases.quality.report(days)
    lines = [f"{found.waiting} second opinions wait.", f"all           {_agreement(found.overall)}"]
    lines += [f"{each.name:13} {_agreement(each.agreement)}" for each in [*found.by_queue, *found.by_clause]]
    lines += [
        f"{each.actor}: {each.right} of {each.decided} known cases right ({each.low:.0%} to {each.high:.0%}),"
        f" {each.missed} missed, {each.wronged} wronged"
        for each in found.reviewers
    ]
    write_out(found, as_json, *lines)


@cases.command("calibrate")
@click.argument("code", required=False)
@json_option
@click.pass_obj
def calibrate(context: CaseContext, code: str | None, as_json: bool) -> None:
    """Show how scores fare on decided cases, or propose a curve for CODE."""
    if code is not None:
        curve = context.cases.calibration.propose(code, by=LOCAL)
        write_out(curve, as_json, f"{curve.calibration_id}  {_fit_line(curve.fit)}")
        return
    found = context.cases.calibration.fits()
    write_out({"items": found}, as_json, *(_fit_line(each) for each in found))


@cases.command("curves")
@limit_option
@json_option
@click.pass_obj
def curves(context: CaseContext, limit: int, as_json: bool) -> None:
    """List curves for scores, newest first."""
    found = context.cases.calibration.listed(after=None, limit=limit)
    write_out({"items": found}, as_json, *(f"{each.calibration_id}  {each.state:8}  {each.code}" for each in found))


@cases.command("apply-curve")
@click.argument("calibration_id")
@approval_option
@json_option
@click.pass_obj
def apply_curve(context: CaseContext, calibration_id: str, approval_id: str | None, as_json: bool) -> None:
    """Apply a proposed curve, once a second person has agreed."""
    found = context.cases.calibration.apply(calibration_id, by=LOCAL, approval_id=approval_id)
    if isinstance(found, Calibrated):
        write_out(found, as_json, f"{found.calibration_id}  {found.state}  {found.code}")
        return
    _waits(found, as_json)


@cases.command("end-curve")
@click.argument("code")
@json_option
@click.pass_obj
def end_curve(context: CaseContext, code: str, as_json: bool) -> None:
    """Count the scores of CODE as their detector gives them again."""
    ended = context.cases.calibration.end(code, by=LOCAL)
    write_out({"ended": ended}, as_json, "The curve has ended." if ended else "No curve was applied.")


def _waits(approval: Approval, as_json: bool) -> None:
    words = f"This takes a second person: agora approvals approve {approval.approval_id}"
    write_out(approval_shown(approval), as_json, words, f"Then ask again with --approval {approval.approval_id}")


def _bulk_line(bulk: Bulk) -> str:
    undone = f"  undone {rfc3339(bulk.undone_at)}" if bulk.undone_at else ""
    return f"{bulk.bulk_id}  {len(bulk.case_ids)} cases {bulk.outcome} by {bulk.clause}{undone}"


def _agreement(found: Agreement) -> str:
    if found.kappa is None:
        return f"{found.pairs} pairs"
    kappa = f"kappa {found.kappa:.2f} ({found.low:.2f} to {found.high:.2f})"
    return f"{found.pairs} pairs, {found.agreed:.0%} the same, {kappa}"


def _fit_line(fit: Fit) -> str:
    if fit.drift is None:
        return f"{fit.code}: {fit.why_not}"
    drift = f"drift {fit.drift:+.3f} ({fit.drift_low:+.3f} to {fit.drift_high:+.3f}){' DRIFTED' if fit.drifted else ''}"
    gain = f", {fit.method}: error {fit.brier:.4f} to {fit.brier_fitted:.4f}" if fit.brier_fitted is not None else ""
    why = f"; {fit.why_not}" if fit.why_not else ""
    return f"{fit.code}: {fit.right} of {fit.count} right, {drift}{gain}{why}"
