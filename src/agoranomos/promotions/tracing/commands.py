"""`agora promotions rings`: the rings in whole histories."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import click

from agoranomos.engine.spark.asked import session_for
from agoranomos.kernel.clock import parse_rfc3339, rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import Invalid
from agoranomos.terminal import engine_options, json_option, settings_of, write_out


class _Rooms(Protocol):
    @property
    def policy_folders(self) -> Sequence[Path]: ...


class RingContext(Context, Protocol):
    """A context that knows by which policies rings are judged."""

    @property
    def promotions(self) -> _Rooms:
        """The rooms of the promotions desk."""


@click.command("rings")
@click.argument("events", nargs=-1, required=True, metavar="EVENTS…")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Write a line for each ring here."
)
@click.option("--as-of", metavar="TIME", help="RFC 3339, with an offset; without it: the latest event.")
@engine_options
@json_option
@click.pass_obj
def rings(
    context: RingContext, events: tuple[str, ...], out: Path, as_of: str | None, engine_name: str, master: str | None,
    spark_conf: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Find the rings around coupons in a whole history, at one moment; nothing is kept in the store.

    EVENTS are files, folders or globs of CloudEvents: .jsonl (also .gz, .zst) or .parquet, in any order.
    """
    # Compiled parts take their time to load.
    from agoranomos.engine.stream.lines import event_files  # noqa: PLC0415
    from agoranomos.promotions.policies import ring_policies  # noqa: PLC0415
    from agoranomos.promotions.tracing.bulk.finding import Hands, found_in, write_rings  # noqa: PLC0415

    moment = parse_rfc3339(as_of) if as_of else None
    sources = event_files(events)
    policy, sign_ups = ring_policies(context.promotions.policy_folders)
    folder = out.absolute().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"{folder} cannot be written to ({error.strerror}); name another file") from error
    with ExitStack() as stack:
        session = stack.enter_context(
            session_for(
                engine_name, master, settings_of(spark_conf), shared=[folder],
                seen=[Path(each.path) for each in sources], tell=lambda words: click.echo(words, err=True),
            )
        )  # fmt: skip
        hands: Hands | None = None
        if session is not None:
            # Only a cluster needs it.
            from agoranomos.promotions.tracing.bulk.away import Away  # noqa: PLC0415

            hands = Away(session)
        scratch = TemporaryDirectory(dir=folder, prefix=".rings-", ignore_cleanup_errors=True)
        found, summary = found_in(
            sources, policy, sign_ups, Path(stack.enter_context(scratch)), as_of=moment, hands=hands
        )
    write_rings(found, summary.at, out)
    at = f" by {rfc3339(summary.at)}" if summary.at else ""
    lines = [
        f"{summary.events:,} events of {summary.lines:,} lines, {summary.claims:,} claims{at}",
        f"{summary.rings:>9,} rings of {summary.members:,} accounts, with {summary.victims:,} victims, in {out}",
        f"{summary.repeated:>9,} events repeated, {summary.rejected:,} lines rejected",
    ]
    write_out(summary, as_json, *lines)
