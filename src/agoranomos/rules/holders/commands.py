"""`agora features …`: the processes that hold what features have counted."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Final, Protocol

import click

from agoranomos.engine.features.sharing import Share, share_of
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.collecting import spare_what_stays
from agoranomos.kernel.context import Context
from agoranomos.rules.holders.addresses import address_of, require_secret
from agoranomos.rules.holders.asking import Holders
from agoranomos.rules.holders.holder import Holder
from agoranomos.rules.holders.serving import hold as hold_at
from agoranomos.rules.holders.settings import FeatureSettings
from agoranomos.terminal import json_option
from agoranomos.web import logs

SWITCH_S: Final = 0.000_5
"""How long a thread that reads the log may keep one that answers waiting: Python's 5 ms are a tenth of a deadline."""


class FeatureContext(Context, Protocol):
    """A context that knows where features are held."""

    clock: Clock
    feature_settings: FeatureSettings

    def holder(self, share: Share, folder: Path | None = None) -> Holder:
        """Who counts a share, kept in a folder (None: under the home folder)."""

    def holders(self) -> Holders:
        """Whoever asks all holders."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def features() -> None:
    """Counts of features in processes of their own, each for a part of the keys."""


@features.command()
@click.option("--part", "share", required=True, metavar="I/N", help="Which part of the keys is counted, such as 1/2.")
@click.option("--listen", required=True, metavar="ADDRESS", help="unix:/path or host:port.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where what was counted is kept; by default `features` in AGORA_HOME.",
)
@json_option
@click.pass_obj
def hold(context: FeatureContext, share: str, listen: str, folder: Path | None, *, as_json: bool) -> None:
    """Follow the log, count a part of the keys, and answer whoever asks for them.

    Over the network AGORA_FEATURE_SECRET is needed, the same for all; on a socket of this machine its file says who may
    ask. It answers when all of the log is counted.
    """
    logs.configure(context.clock, requests=False)
    address = address_of(listen)
    secret = require_secret(context.feature_settings.secret, (address,))
    holder, said = context.holder(share_of(share), folder), list[bool]()

    def ready() -> None:
        if not said:
            said.append(True)
            told = {"part": str(holder.share), "address": str(address)}
            click.echo(json.dumps(told) if as_json else f"Part {holder.share} of the features on {address}")

    sys.setswitchinterval(SWITCH_S)
    spare_what_stays()
    hold_at(holder, address, secret, secrets.token_bytes, ready)


@features.command()
@json_option
@click.pass_obj
def holders(context: FeatureContext, *, as_json: bool) -> None:
    """How the holders of AGORA_FEATURE_HOLDERS stand; exit code 1 when nobody answers for some part."""
    asked = context.holders()
    asked.look()
    standings, missing = asked.standings(), asked.missing()
    asked.close()
    if as_json:
        told = [
            {"part": each.part, "address": each.address, "away": each.away, "position": each.position}
            for each in standings
        ]
        click.echo(json.dumps({"holders": told, "missing": missing}))
    for each in () if as_json else standings:
        state = "away" if each.away else f"counted up to {each.position}"
        click.echo(f"{each.part:>4}  {each.address}  {state}")
    if missing:
        raise SystemExit(1)
