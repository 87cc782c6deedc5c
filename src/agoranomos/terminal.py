"""What commands of all rooms share: the option `--json`, and writing out what was asked for."""

from __future__ import annotations

from typing import Any

import click
import msgspec

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def write_out(value: Any, as_json: bool, *lines: str) -> None:
    """`value` as a line of JSON, or `lines` for people."""
    if as_json:
        click.echo(msgspec.json.encode(value).decode())
        return
    for line in lines:
        click.echo(line)
