"""`agora sellers credit`, `credit-export` and `credit-verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.sellers.conduct.printing import ConductContext
from agoranomos.sellers.credit.service import verified
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option, write_out


@click.command()
@click.argument("seller_id")
@click.option("--as-of", metavar="TIME", help="As of this moment, such as 2026-05-01T00:00:00+08:00.")
@json_option
@click.pass_obj
def credit(context: ConductContext, seller_id: str, as_of: str | None, as_json: bool) -> None:
    """Show a seller's credit of conduct: the score, and every point that it is made of."""
    context.sellers.hear()
    found = context.sellers.offices.credit.show(seller_id, as_of=parse_rfc3339(as_of) if as_of else None)
    score = found.score
    lines = (f"{each.points:4} of {each.points_max:3}  {each.about.en}: {each.value:g}" for each in score.weighed)
    write_out(found, as_json, f"{score.score} of {score.score_max}", f"{score.base:4}         to begin with", *lines)


@click.command("credit-export")
@click.argument("seller_id")
@click.option("--to", "recipient", required=True, metavar="RECIPIENT", help="Whom the seller has agreed to.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False, writable=True))
@json_option
@click.pass_obj
def export(context: ConductContext, seller_id: str, recipient: str, out: Path, as_json: bool) -> None:
    """Write a signed score for a lender, with the seller's consent."""
    context.sellers.hear()
    done = context.sellers.offices.credit.export(seller_id, recipient, by=LOCAL)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(done.note, "utf-8")
    except OSError as error:
        raise Invalid(f"{out} cannot be written ({error.strerror}); choose another --out") from error
    write_out(done, as_json, f"Written to {out}; it verifies with the key", done.key)


@click.command("credit-verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", required=True, help="The public key of the marketplace.")
@json_option
def verify(file: Path, key: str, as_json: bool) -> None:
    """Check that a score was signed by a marketplace; exit code 1 when it was not."""
    try:
        said = verified(file.read_text("utf-8", errors="replace"), key)
    except Invalid as error:
        click.echo(f"Error: {error.message}", err=True)
        sys.exit(1)
    found = msgspec.json.decode(said)
    write_out(
        found,
        as_json,
        f"{found['seller_id']}  {found['score']['score']}  as of {found['as_of']}  for {found['recipient']}",
    )
