"""Where holders of features are, as the environment says it; apart from `asking`, since every command reads it."""

from __future__ import annotations

import msgspec


class FeatureSettings(msgspec.Struct, frozen=True):
    """`holders`: see `addresses`; empty: this process counts by itself. `secret` is what holders and those who ask
    share, `deadline_ms` how long a check waits for them (empty: as shipped).
    """

    holders: str = ""
    secret: str = ""
    deadline_ms: str = ""
