"""`agora promotions trace|incident|remedy|evidence|evidence-verify`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Protocol

import click
import msgspec

from agoranomos.evidence.checking import checked
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import Invalid
from agoranomos.promotions.remedies.plan import summary
from agoranomos.promotions.remedies.service import RemedyService
from agoranomos.promotions.tracing.service import Traced, TraceService
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option, write_out


class _Rooms(Protocol):
    @property
    def traces(self) -> TraceService: ...
    @property
    def remedies(self) -> RemedyService: ...


class RemedyContext(Context, Protocol):
    """A context that knows remedies."""

    @property
    def promotions(self) -> _Rooms:
        """The rooms of the promotions desk."""


@click.command()
@click.argument("coupon_id")
@json_option
@click.pass_obj
def trace(context: RemedyContext, coupon_id: str, as_json: bool) -> None:
    """Follow a coupon to the account, device, order, payee and refund."""
    context.promotions.traces.follow()
    found = context.promotions.traces.coupon(coupon_id)
    write_out(found, as_json, *_story(found))


@click.command()
@click.argument("campaign_id")
@json_option
@click.pass_obj
def incident(context: RemedyContext, campaign_id: str, as_json: bool) -> None:
    """Show who had the good of a campaign, the rings among them, and the plan of remedies."""
    context.promotions.traces.follow()
    found = context.promotions.remedies.look(campaign_id)
    told: dict[str, Any] = {**msgspec.to_builtins(found.incident), "plan": found.plan}
    write_out(told, as_json, *summary(found.incident, found.plan), f"plan {found.plan.plan_id}")


@click.command()
@click.argument("campaign_id")
@click.option("--plan", "plan_id", required=True, metavar="PLAN", help="The plan that `incident` showed.")
@json_option
@click.pass_obj
def remedy(context: RemedyContext, campaign_id: str, plan_id: str, as_json: bool) -> None:
    """Ask for the remedies of a plan; a second person agrees before anything is done."""
    context.promotions.traces.follow()
    asked = context.promotions.remedies.ask(campaign_id, plan_id, by=LOCAL)
    lines = [
        f"{each.id}: {each.actions:,} actions, {', '.join(f'{count:,} {name}' for name, count in each.counts.items())}"
        for each in asked.measures
    ]
    write_out(asked, as_json, *lines)


@click.command()
@click.argument("campaign_id")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False, writable=True))
@json_option
@click.pass_obj
def evidence(context: RemedyContext, campaign_id: str, out: Path, as_json: bool) -> None:
    """Write the evidence about the rings of a campaign as a signed archive."""
    context.promotions.traces.follow()
    raw, key = context.promotions.remedies.evidence(campaign_id, by=LOCAL)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(raw)
    except OSError as error:
        raise Invalid(f"{out} cannot be written ({error.strerror}); choose another --out") from error
    write_out(
        {"file": str(out), "bytes": len(raw), "key": key}, as_json, f"Written to {out}; it verifies with the key", key
    )


@click.command("evidence-verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", required=True, help="The public key of the marketplace.")
@json_option
def verify(file: Path, key: str, as_json: bool) -> None:
    """Check that evidence is whole and was signed by a marketplace; exit code 1 when not."""
    try:
        manifest = checked(file, key)
    except Invalid as error:
        click.echo(f"Error: {error.message}", err=True)
        sys.exit(1)
    facts = manifest.facts
    write_out(
        manifest, as_json,
        f"{facts['campaign_id']}: {facts['suspects']:,} suspects, {facts['victims']:,} victims, "
        f"{len(manifest.files)} files as they were signed",
    )  # fmt: skip


def _story(found: Traced) -> list[str]:
    coupon, order = found.coupon, found.order
    moments = {
        "issued": coupon.issued_at, "claimed": coupon.claimed_at, "redeemed": coupon.redeemed_at,
        "refunded": coupon.refunded_at, "voided": coupon.voided_at,
    }  # fmt: skip
    lines = [f"{coupon.coupon_id} of {coupon.campaign_id}, account {coupon.account_id}"]
    lines += [f"  {name:9} {rfc3339(at)}" for name, at in moments.items() if at is not None]
    facts = {
        "device": coupon.device_id,
        "order": coupon.order_id,
        "payee": coupon.payee_id or (order.payee_id if order else ""),
    }
    lines += [f"  {name:9} {value}" for name, value in facts.items() if value]
    if order is not None and order.refunded:
        lines.append(f"  paid back {order.refunded} of {order.paid}")
    return lines
