"""What other rooms know of an applicant: whom he is tied to, what he must show. They hand it in; none is imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding

if TYPE_CHECKING:  # a tenth of a second, which a replay does without
    import sqlalchemy as sa

Adviser = Callable[["sa.Connection", Event], Sequence[Finding]]
"""Asked in the transaction of the check about `seller.applied`, with tokens and notes in it. Keeps and changes nothing:
whoever finds something says so by himself when the application comes in; here it has a say in what is decided.
"""
MemoryAdviser = Callable[[Event], Sequence[Finding]]
"""The same in a replay."""
