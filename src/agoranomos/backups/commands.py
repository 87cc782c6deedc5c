"""`agora backup` and `agora restore`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from agoranomos.audit import actions as audit
from agoranomos.audit import keys
from agoranomos.audit.commands import VKEY, AuditContext
from agoranomos.audit.notes import VerifierKey
from agoranomos.backups import actions
from agoranomos.backups.model import STORE, Manifest
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.terminal import json_option, write_out


class _Proving(click.Command):
    """A Conflict is a copy that is not what it should be, or a place that is taken: exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Conflict as error:
            click.echo(f"Error: {error.message}", err=True)
            raise SystemExit(1) from error


key_option = click.option(
    "--key", "log_keys", type=VKEY, multiple=True, help="A public key of the audit log; by default this home's own."
)


@click.command(cls=_Proving)
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def backup(context: AuditContext, folder: Path, as_json: bool) -> None:
    """Copy the embedded store into the new folder FOLDER while it is in use, and prove the copy by its audit log.

    Keys are not in it: keep audit.key and vault.keys elsewhere than the store's copies.
    """
    store = context.store()
    now = context.now()
    key = context.audit_key()
    with store.transaction() as connection:
        audit.checkpoint(connection, key, now)  # so that all entries up to now are under a signature
    made = actions.back_up(store, folder, [key.verifier], at=rfc3339(now), tell=_say)
    _show(made, as_json, f"{folder} holds the store as of {made.at}")


@click.command(cls=_Proving)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--to", "place", type=click.Path(path_type=Path, dir_okay=False), help="The store's file; by default AGORA_HOME's."
)
@key_option
@json_option
@click.pass_obj
def restore(
    context: AuditContext, folder: Path, place: Path | None, log_keys: tuple[VerifierKey, ...], as_json: bool
) -> None:
    """Make the embedded store from the backup in FOLDER; it is there when its audit log was proven, or not at all."""
    trusted = log_keys or _own(context)
    where = place or context.home / STORE
    made = actions.restore(folder, where, trusted, tell=_say)
    _show(made, as_json, f"{where} is the store as of {made.at}")


def _own(context: AuditContext) -> Sequence[VerifierKey]:
    own = keys.find(context.home, context.given_audit_key)
    if own is None:
        raise Invalid("there is no key of the log here: put audit.key into AGORA_HOME first, or say --key PUBLIC-KEY")
    return [own.verifier]


def _say(words: str) -> None:
    click.echo(words, err=True)


def _show(made: Manifest, as_json: bool, first: str) -> None:
    write_out(
        msgspec.to_builtins(made), as_json,
        f"{first}: {made.size:,} bytes, revision {made.revision}.",
        f"Its audit log has {made.entries:,} entries, {made.sealed:,} of them under checkpoints: "
        "all as they were signed.",
    )  # fmt: skip
