"""`agora webhooks …`: where actions are delivered, what became of the deliveries, and once more."""

from __future__ import annotations

from contextlib import closing
from typing import Protocol

import click

from agoranomos.enforcement import endpoints
from agoranomos.enforcement.delivering import Deliverer
from agoranomos.enforcement.model import DeliveryState
from agoranomos.enforcement.service import ActionService
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.context import Context
from agoranomos.terminal import json_option, write_out

LOCAL = Actor("system", "command_line")
"""Whoever may use the command line may read the store anyway."""


class WebhookContext(Context, Protocol):
    """A context that can also act."""

    def actions(self) -> ActionService:
        """The store, vault, policy and clock of actions."""

    def deliverer(self) -> Deliverer:
        """What delivers them."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def webhooks() -> None:
    """Where actions are delivered, and what became of the deliveries."""


@webhooks.command()
@click.argument("url")
@click.option("--allow-private", is_flag=True, help="It is inside: loopback, private addresses and http are allowed.")
@json_option
@click.pass_obj
def add(context: WebhookContext, url: str, allow_private: bool, as_json: bool) -> None:
    """Deliver actions to URL from now on; shows the secret, once."""
    with context.store().transaction() as connection:
        endpoint, secret = endpoints.add(
            connection, context.actions().vault, url, allow_private=allow_private, by=LOCAL, now=context.now()
        )
    write_out(
        {"endpoint_id": endpoint.id, "secret": secret}, as_json, f"{endpoint.id} {endpoint.url}",
        f"The secret, shown only now: {secret}",
    )  # fmt: skip


@webhooks.command("list")
@json_option
@click.pass_obj
def list_endpoints(context: WebhookContext, as_json: bool) -> None:
    """List the endpoints."""
    with context.store().reading() as connection:
        found = endpoints.listed(connection)
    write_out(found, as_json, *(f"{each.id}  {each.state:8}  {each.url}" for each in found))


@webhooks.command()
@click.argument("endpoint_id")
@json_option
@click.pass_obj
def rotate(context: WebhookContext, endpoint_id: str, as_json: bool) -> None:
    """Make a new secret and show it, once; the old one signs beside it for a day."""
    service = context.actions()
    with context.store().transaction() as connection:
        secret = endpoints.rotate(
            connection, service.vault, endpoint_id, by=LOCAL, policy=service.policy, now=context.now()
        )
    write_out({"endpoint_id": endpoint_id, "secret": secret}, as_json, f"The secret, shown only now: {secret}")


@webhooks.command()
@click.argument("endpoint_id")
@json_option
@click.pass_obj
def remove(context: WebhookContext, endpoint_id: str, as_json: bool) -> None:
    """Deliver nothing more to an endpoint."""
    with context.store().transaction() as connection:
        endpoints.remove(connection, endpoint_id, by=LOCAL, policy=context.actions().policy, now=context.now())
    write_out({"endpoint_id": endpoint_id, "state": "removed"}, as_json, f"{endpoint_id} is removed.")


@webhooks.command()
@click.argument("endpoint_id")
@json_option
@click.pass_obj
def test(context: WebhookContext, endpoint_id: str, as_json: bool) -> None:
    """Post a test message to an endpoint now, once; exit code 1 when it is not taken."""
    with closing(context.deliverer()) as deliverer:
        code = deliverer.test(endpoint_id)
    taken = code == ""
    words = "It was taken." if taken else f"It was not taken: {code}"
    write_out({"endpoint_id": endpoint_id, "taken": taken, "reason": code or None}, as_json, words)
    if not taken:
        raise SystemExit(1)


@webhooks.command("deliveries")
@click.option("--status", type=click.Choice(["waiting", "delivered", "dead", "stopped"]), help="Only those.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--after", default="", metavar="ID", help="Go on after this delivery.")
@json_option
@click.pass_obj
def list_deliveries(
    context: WebhookContext, status: DeliveryState | None, limit: int, after: str, as_json: bool
) -> None:
    """List deliveries in the order of their ids; --status dead are the dead letters."""
    with context.store().reading() as connection:
        found = endpoints.deliveries(connection, status=status, after=after, limit=limit)
    lines = (
        f"{each.status:9}  {each.id}  {each.action_id}  attempts {each.attempts}  {each.reason or ''}".rstrip()
        for each in found
    )
    write_out(found, as_json, *lines)


@webhooks.command()
@click.argument("delivery_id", required=False)
@click.option("--dead", is_flag=True, help="All dead letters, at most 1,000.")
@json_option
@click.pass_obj
def redeliver(context: WebhookContext, delivery_id: str | None, dead: bool, as_json: bool) -> None:
    """Deliver DELIVERY_ID, or all dead letters, once more; `agora serve` does it."""
    if (delivery_id is None) != dead:
        raise click.UsageError("give the id of a delivery, or --dead")
    with context.store().transaction() as connection:
        if delivery_id is None:
            count = endpoints.redeliver_dead(connection, by=LOCAL, now=context.now())
        else:
            endpoints.redeliver(connection, delivery_id, by=LOCAL, now=context.now())
            count = 1
    write_out({"redelivered": count}, as_json, f"{count} will be delivered again.")
