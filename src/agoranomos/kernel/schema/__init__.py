"""A typed body for every event of the contract, one file per concern."""

from __future__ import annotations

from agoranomos.kernel.schema import access, cases, goods, orders, promotions, reviews, sellers
from agoranomos.kernel.schema.base import Body

CONCERNS = (sellers, goods, orders, promotions, reviews, access, cases)

TYPES: dict[str, type[Body]] = {kind: form for concern in CONCERNS for kind, form in concern.TYPES.items()}
"""The known types of event and the form of their data."""
