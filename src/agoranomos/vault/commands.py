"""`agora vault …`: the master keys, what they have wrapped, erasing a person, and what shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import click
import sqlalchemy as sa

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.staff.presenting import approval_shown
from agoranomos.terminal import json_option, write_out
from agoranomos.vault import erasing, masters, proving_erasure
from agoranomos.vault.keys import Vault
from agoranomos.vault.masters import Master, Wrapped
from agoranomos.vault.revealing import commands as revealing
from agoranomos.vault.revealing.service import RevealService
from agoranomos.vault.subjects import Whom, whom

LOCAL = Actor("system", "command_line")
"""Whoever may use the command line may read the store anyway."""
HELP = {"help_option_names": ["-h", "--help"]}


class Retaining(Protocol):
    """What keeps somebody's data, and what goes with it."""

    def held(self, connection: sa.Connection, about: Whom) -> str | None:
        """See `erasing.Held`."""

    def forget(self, connection: sa.Connection, about: Whom) -> int:
        """See `erasing.Forget`."""


class _Retention(Protocol):
    @property
    def service(self) -> Retaining: ...


class VaultContext(Context, Protocol):
    """A context that can also open the vault, and change its key ring."""

    def vault(self) -> Vault: ...

    @property
    def retention(self) -> _Retention:
        """Holds, and what rooms make of personal data."""

    @property
    def revealing(self) -> RevealService:
        """Permits, and what is read under them."""

    def wrapped(self) -> Sequence[Wrapped]:
        """All kinds of things that master keys have wrapped."""

    def add_vault_key(self, reference: str | None = None) -> tuple[str, str]:
        """Puts a new master key behind the others, or that which `reference` names elsewhere; its id, and what is left
        to be done by hand ("" when nothing).
        """

    def drop_vault_key(self, key_id: str) -> str:
        """Takes a master key out of the ring; says what is left to be done by hand."""


@click.group(context_settings=HELP)
def vault() -> None:
    """Personal data under seal: master keys, reading back under a permit, erasing a person."""


@vault.group(context_settings=HELP)
def keys() -> None:
    """The master keys, by their ids; none is ever shown."""


@keys.command("list")
@json_option
@click.pass_obj
def list_keys(context: VaultContext, as_json: bool) -> None:
    """List the master keys: what each is used for, and how much it has wrapped."""
    ring = context.vault().keys
    with context.store().reading() as connection:
        found = masters.listed(connection, ring, context.wrapped())
    write_out({"items": found}, as_json, *map(_line, found))


@keys.command()
@click.option("--elsewhere", metavar="NAME", help="A key that lies elsewhere: pkcs11:LABEL or transit:NAME.")
@json_option
@click.pass_obj
def add(context: VaultContext, elsewhere: str | None, as_json: bool) -> None:
    """Put a new master key behind the others: it wraps what is put away from now on."""
    context.vault()  # a ring that was never used is made first
    key_id, by_hand = context.add_vault_key(elsewhere)
    with context.store().transaction() as connection:
        masters.added(connection, key_id, by=LOCAL, now=context.now())
    write_out({"id": key_id, "by_hand": by_hand or None}, as_json, f"{key_id} is the newest key.")
    if by_hand:
        click.echo(by_hand, err=True)


@keys.command()
@click.argument("key_id")
@json_option
@click.pass_obj
def retire(context: VaultContext, key_id: str, as_json: bool) -> None:
    """Let the master key KEY_ID go, which has nothing wrapped any more; backups from before cannot be read then."""
    with context.store().transaction() as connection:
        masters.retire(connection, context.vault().keys, key_id, context.wrapped(), by=LOCAL, now=context.now())
    by_hand = context.drop_vault_key(key_id)
    write_out({"id": key_id, "by_hand": by_hand or None}, as_json, f"{key_id} is retired.")
    if by_hand:
        click.echo(by_hand, err=True)


@vault.command()
@json_option
@click.pass_obj
def rewrap(context: VaultContext, as_json: bool) -> None:
    """Wrap with the newest master key whatever older ones have wrapped; goes on where an interrupted call stopped."""
    done: dict[str, int] = {}
    for kind in context.wrapped():
        done[kind.name] = 0
        while step := _step(context, kind):
            done[kind.name] += step
            click.echo(_counted({kind.name: done[kind.name]}), err=True)
    write_out({"rewrapped": done}, as_json, f"Wrapped anew: {_counted(done)}.")


@vault.command()
@click.argument("subject", required=False, metavar="KIND:ID")
@click.option("--approval", help="Do what was agreed to under this approval.")
@json_option
@click.pass_obj
def erase(context: VaultContext, subject: str | None, approval: str | None, as_json: bool) -> None:
    """Erase all personal data of KIND:ID, such as seller:s-1: ask for it, then do it with --approval.

    Somebody who has signed in has to agree in between.
    """
    if (subject is None) == (approval is None):
        raise click.UsageError("give KIND:ID to ask for an erasure, or --approval to do it")
    with context.store().transaction() as connection:
        if approval is not None:
            held, forget = context.retention.service.held, context.retention.service.forget
            gone = erasing.erase(connection, approval, by=LOCAL, now=context.now(), held=held, forget=forget)
            write_out(gone, as_json, f"{gone.kind}:{gone.id} is erased, values {gone.values}.")
            return
        about = whom(str(subject))
        held = context.retention.service.held
        asked = erasing.request(connection, about.kind, about.id, by=LOCAL, now=context.now(), held=held)
    write_out(approval_shown(asked), as_json, f"{asked.approval_id} waits for a second person.")


@vault.command()
@click.argument("subject", metavar="KIND:ID")
@json_option
@click.pass_obj
def proof(context: VaultContext, subject: str, as_json: bool) -> None:
    """Show that KIND:ID was erased: when, by whom, how much, which key, and what is left.

    With --json, `proof` of each erasure is what `agora audit check-proof` checks. Exit 1 when something is left.
    """
    with context.store().reading() as connection:
        shown = proving_erasure.shown(connection, whom(subject))
    lines = [_erasure(each) for each in shown.erasures]
    left = shown.left
    lines.append(f"left: data keys {left.data_keys}, values {left.values}")
    if left.shared_with_others:
        lines.append(f"kept of other people: {left.shared_with_others} of the same values")
    write_out(shown, as_json, *lines)
    if left.data_keys or left.values:
        raise SystemExit(1)


for each in revealing.COMMANDS:
    vault.add_command(each)


def _erasure(each: proving_erasure.Erasure) -> str:
    kinds = ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in each.kinds.items()) or "nothing"
    signed = f"under a checkpoint of {each.proof.size}" if each.proof else "under no checkpoint yet"
    closed = "backups are closed" if each.backups_closed_at else f"backups open as long as {each.master_id} is kept"
    return f"{rfc3339(each.at)}  {each.actor}  {kinds}; entry {each.audit_index} {signed}; {closed}"


def _step(context: VaultContext, kind: Wrapped) -> int:
    with context.store().transaction() as connection:
        return masters.rewrap(connection, context.vault(), kind, by=LOCAL, now=context.now())


def _line(key: Master) -> str:
    uses = " ".join(key.uses) or ("retired" if key.retired_at else "old")
    return f"{key.id}  {uses:12}  {_counted(key.wraps)}{'' if key.in_ring else '  (not in the ring)'}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())
