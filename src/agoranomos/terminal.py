"""What commands of all rooms share: the option `--json`, and writing out what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import click
import msgspec

LOCAL: Final = "local"
SPARK: Final = "spark"
ENGINES: Final = (LOCAL, SPARK)
FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def write_out(value: Any, as_json: bool, *lines: str) -> None:
    """`value` as a line of JSON, or `lines` for people."""
    if as_json:
        click.echo(msgspec.json.encode(value).decode())
        return
    for line in lines:
        click.echo(line)


def engine_options(function: FunctionT) -> FunctionT:
    """`--engine`, `--master` and `--spark-conf` of commands that a cluster can do the work of."""
    for option in (
        click.option("--spark-conf", multiple=True, metavar="NAME=VALUE", help="A setting of Spark's own; repeatable."),
        click.option(
            "--master", metavar="URL", help="The cluster of --engine spark: spark://HOST:7077, yarn, k8s://…, local[2]."
        ),
        click.option("--engine", "engine_name", type=click.Choice(ENGINES), default=LOCAL, help="Where it runs."),
    ):
        function = option(function)
    return function


def settings_of(given: Sequence[str]) -> dict[str, str]:
    """`name=value` words as a mapping; raises click's UsageError for others."""
    found = {}
    for word in given:
        name, sign, value = word.partition("=")
        if not (sign and name):
            raise click.UsageError(f"--spark-conf wants NAME=VALUE, and got {word!r}")
        found[name] = value
    return found
