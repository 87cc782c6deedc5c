"""What other rooms know of an applicant: whom he is tied to, what he must show. They hand it in; none is imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.decisions import Hit
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Reason


class Advice(msgspec.Struct, frozen=True):
    """A hit of another room with the outcome that it calls for, and its reasons. Its findings are its own to keep."""

    hit: Hit
    reasons: tuple[Reason, ...] = ()


Adviser = Callable[[sa.Connection, Event], Sequence[Advice]]
"""Asked in the transaction of the check about `seller.applied`, with tokens and notes in it. Changes nothing."""
