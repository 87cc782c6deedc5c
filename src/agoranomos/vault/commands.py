"""`agora vault …`: the master keys, what they have wrapped, and erasing a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, get_args

import click
import msgspec

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import Invalid
from agoranomos.staff.presenting import approval_shown
from agoranomos.vault import erasing, masters
from agoranomos.vault.erasing import SubjectKind
from agoranomos.vault.keys import Vault
from agoranomos.vault.masters import Master, Wrapped

LOCAL = Actor("system", "command_line")
"""Whoever may use the command line may read the store anyway."""
HELP = {"help_option_names": ["-h", "--help"]}


class VaultContext(Context, Protocol):
    """A context that can also open the vault, and change its key ring."""

    def vault(self) -> Vault: ...

    def wrapped(self) -> Sequence[Wrapped]:
        """All kinds of things that master keys have wrapped."""

    def add_vault_key(self) -> tuple[str, str]:
        """Puts a new master key behind the others; its id, and what is left to be done by hand ("" when nothing)."""

    def drop_vault_key(self, key_id: str) -> str:
        """Takes a master key out of the ring; says what is left to be done by hand."""


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _print(value: Any, as_json: bool, *lines: str) -> None:
    if as_json:
        click.echo(msgspec.json.encode(value).decode())
    else:
        for line in lines:
            click.echo(line)


@click.group(context_settings=HELP)
def vault() -> None:
    """Personal data under seal: master keys, and erasing a person."""


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
    _print({"items": found}, as_json, *map(_line, found))


@keys.command()
@json_option
@click.pass_obj
def add(context: VaultContext, as_json: bool) -> None:
    """Put a new master key behind the others: it wraps what is put away from now on."""
    context.vault()  # a ring that was never used is made first
    key_id, by_hand = context.add_vault_key()
    with context.store().transaction() as connection:
        masters.added(connection, key_id, by=LOCAL, now=context.now())
    _print({"id": key_id, "by_hand": by_hand or None}, as_json, f"{key_id} is the newest key.")
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
    _print({"id": key_id, "by_hand": by_hand or None}, as_json, f"{key_id} is retired.")
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
    _print({"rewrapped": done}, as_json, f"Wrapped anew: {_counted(done)}.")


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
            gone = erasing.erase(connection, approval, by=LOCAL, now=context.now())
            _print(gone, as_json, f"{gone.kind}:{gone.id} is erased, values {gone.values}.")
            return
        kind, subject_id = _parsed(str(subject))
        asked = erasing.request(connection, kind, subject_id, by=LOCAL, now=context.now())
    _print(approval_shown(asked), as_json, f"{asked.approval_id} waits for a second person.")


def _step(context: VaultContext, kind: Wrapped) -> int:
    with context.store().transaction() as connection:
        return masters.rewrap(connection, context.vault(), kind, by=LOCAL, now=context.now())


def _parsed(subject: str) -> tuple[SubjectKind, str]:
    kind, _, subject_id = subject.partition(":")
    if kind not in get_args(SubjectKind) or not subject_id:
        raise Invalid("a subject is written seller:ID, account:ID or rights_holder:ID")
    return kind, subject_id  # type: ignore[return-value] # one of them


def _line(key: Master) -> str:
    uses = " ".join(key.uses) or ("retired" if key.retired_at else "old")
    return f"{key.id}  {uses:12}  {_counted(key.wraps)}{'' if key.in_ring else '  (not in the ring)'}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())
