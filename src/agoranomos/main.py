"""The command line, and the only reader of the environment.

Exit codes: 0 done, 1 a check or verification failed, 2 wrong use or input, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import click

from agoranomos import __version__
from agoranomos.kernel.collecting import collect_seldom
from agoranomos.kernel.errors import AgoranomosError

# Command → module that holds it and its name there; imported when called, so that --help is quick.
_COMMANDS = {
    "access": ("agoranomos.access.commands", "access"),
    "insiders": ("agoranomos.access.insiders.commands", "insiders"),
    "approvals": ("agoranomos.staff.commands", "approvals"),
    "audit": ("agoranomos.audit.commands", "audit"),
    "batches": ("agoranomos.goods.batches.commands", "batches"),
    "brands": ("agoranomos.goods.brands.commands", "brands"),
    "cases": ("agoranomos.cases.more_commands", "cases"),
    "complaints": ("agoranomos.goods.complaints.commands", "complaints"),
    "backup": ("agoranomos.backups.commands", "backup"),
    "restore": ("agoranomos.backups.commands", "restore"),
    "db": ("agoranomos.commands", "db"),
    "demo": ("agoranomos.commands", "demo"),
    "doctor": ("agoranomos.commands", "doctor"),
    "features": ("agoranomos.rules.holders.commands", "features"),
    "keys": ("agoranomos.staff.commands", "keys"),
    "notices": ("agoranomos.goods.notices.commands", "notices"),
    "people": ("agoranomos.staff.commands", "people"),
    "lists": ("agoranomos.rules.lists_commands", "lists"),
    "pictures": ("agoranomos.goods.pictures.commands", "pictures"),
    "promotions": ("agoranomos.promotions.commands", "promotions"),
    "queues": ("agoranomos.rules.lists_commands", "queues"),
    "profiles": ("agoranomos.goods.profiles.commands", "profiles"),
    "programmes": ("agoranomos.goods.programmes.commands", "programmes"),
    "redress": ("agoranomos.goods.redress.commands", "redress"),
    "reviews": ("agoranomos.reviews.commands", "reviews"),
    "rules": ("agoranomos.rules.backtest.commands", "rules"),
    "ingest": ("agoranomos.intake.commands", "ingest_command"),
    "jobs": ("agoranomos.commands", "jobs"),
    "inspections": ("agoranomos.cases.inspection.commands", "inspections"),
    "referrals": ("agoranomos.cases.referral.commands", "referrals"),
    "retention": ("agoranomos.retention.commands", "retention"),
    "replay": ("agoranomos.replaying.commands", "replay"),
    "market": ("agoranomos.commands", "market"),
    "report": ("agoranomos.reports.commands", "report_command"),
    "scan": ("agoranomos.goods.listings.commands", "scan_command"),
    "sellers": ("agoranomos.sellers.commands", "sellers"),
    "serve": ("agoranomos.commands", "serve"),
    "stream": ("agoranomos.intake.streaming", "stream_command"),
    "testbuys": ("agoranomos.goods.testbuys.commands", "testbuys"),
    "vault": ("agoranomos.vault.commands", "vault"),
    "webhooks": ("agoranomos.enforcement.commands", "webhooks"),
}


class Commands(click.Group):
    """Loads commands when they are called, and turns refusals into messages and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except AgoranomosError as error:
            click.echo(f"Error: {error.message}", err=True)
            raise SystemExit(2) from error
        except KeyboardInterrupt:
            click.echo("Interrupted; the same command goes on where it stopped.", err=True)
            raise SystemExit(130) from None


def home_folder(environment: Mapping[str, str]) -> Path:
    """`AGORA_HOME`, else `agoranomos` in the user's data folder."""
    if environment.get("AGORA_HOME"):
        return Path(environment["AGORA_HOME"]).expanduser()
    data = environment.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "agoranomos"


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="agora")
@click.option(
    "--policy",
    type=click.Path(path_type=Path, exists=True),
    help="A listing policy (TOML), or a folder of policies.",
)
@click.option(
    "--queues",
    "queues_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A policy of queues (TOML): what people can look at, and what is at stake.",
)
@click.pass_context
def cli(ctx: click.Context, policy: Path | None, queues_file: Path | None) -> None:
    """The integrity system of an online marketplace.

    AGORA_HOME is the folder of the embedded store and caches; AGORA_DATABASE_URL points to PostgreSQL;
    AGORA_AUDIT_KEY is the signing key of the audit log, AGORA_VAULT_KEY holds the keys of personal data, by default
    in files under AGORA_HOME.

    AGORA_VAULT_PKCS11 and AGORA_VAULT_TRANSIT say where master keys lie that the ring only names.

    AGORA_PUBLIC_URL is the address that browsers use; AGORA_OIDC_ISSUER, AGORA_OIDC_CLIENT_ID and
    AGORA_OIDC_CLIENT_SECRET name the identity provider that people sign in through.

    AGORA_FEATURE_HOLDERS says where counts of features are held, AGORA_FEATURE_SECRET what is known to those who hold
    and who ask, AGORA_FEATURE_DEADLINE_MS how long a check waits for them.
    """
    if ctx.invoked_subcommand == "replay":  # half a second is much to it, and it needs nothing of the rest
        from agoranomos.replaying.desks import Replaying

        ctx.obj = Replaying(
            home_folder(os.environ),
            policy_file=policy,
            vault_keys=os.environ.get("AGORA_VAULT_KEY") or None,
            database_url=os.environ.get("AGORA_DATABASE_URL") or None,
        )
        return
    from agoranomos.rules.holders.settings import FeatureSettings
    from agoranomos.staff.company import SignInSettings
    from agoranomos.vault.elsewhere.settings import KeySettings
    from agoranomos.wiring import Wiring

    ctx.obj = Wiring(
        home_folder(os.environ),
        database_url=os.environ.get("AGORA_DATABASE_URL") or None,
        policy_file=policy,
        queues_file=queues_file,
        audit_key=os.environ.get("AGORA_AUDIT_KEY") or None,
        sign_in=SignInSettings(
            public_url=os.environ.get("AGORA_PUBLIC_URL", ""),
            issuer=os.environ.get("AGORA_OIDC_ISSUER", ""),
            client_id=os.environ.get("AGORA_OIDC_CLIENT_ID", ""),
            client_secret=os.environ.get("AGORA_OIDC_CLIENT_SECRET", ""),
        ),
        vault_keys=os.environ.get("AGORA_VAULT_KEY") or None,
        feature_settings=FeatureSettings(
            holders=os.environ.get("AGORA_FEATURE_HOLDERS", "").strip(),
            secret=os.environ.get("AGORA_FEATURE_SECRET", ""),
            deadline_ms=os.environ.get("AGORA_FEATURE_DEADLINE_MS", ""),
        ),
        key_settings=KeySettings(
            pkcs11_module=os.environ.get("AGORA_VAULT_PKCS11") or None,
            pkcs11_token=os.environ.get("AGORA_VAULT_PKCS11_TOKEN", ""),
            pkcs11_pin=os.environ.get("AGORA_VAULT_PKCS11_PIN", ""),
            transit_url=os.environ.get("AGORA_VAULT_TRANSIT") or None,
            transit_token=os.environ.get("AGORA_VAULT_TRANSIT_TOKEN", ""),
        ),
    )


def main() -> None:
    """The console script `agora`."""
    collect_seldom()
    # Worker processes and redirected output on machines with an ASCII locale still speak UTF-8.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    cli(prog_name="agora")


if __name__ == "__main__":
    main()
