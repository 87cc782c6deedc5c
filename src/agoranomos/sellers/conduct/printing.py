"""What the commands about conduct share."""

from __future__ import annotations

from typing import Any, Protocol

import click
import msgspec

from agoranomos.kernel.context import Context
from agoranomos.sellers.conduct.offices import Offices

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class Rooms(Protocol):
    """The rooms of the sellers desk, as far as these commands need them."""

    @property
    def offices(self) -> Offices: ...

    def hear(self) -> None:
        """Lets the rooms about conduct hear all of the log."""


class ConductContext(Context, Protocol):
    """A context that knows sellers."""

    @property
    def sellers(self) -> Rooms: ...


def show(value: Any, as_json: bool, *lines: str) -> None:
    """`value` as JSON, or `lines`."""
    if as_json:
        click.echo(msgspec.json.encode(value).decode())
        return
    for line in lines:
        click.echo(line)
