"""How many codes that are not one's own somebody may try."""

from __future__ import annotations

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Tries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Misses of one account, device, network (of 256 addresses) and of a whole campaign that cost nothing, as long as
    none is more than `window_minutes` after the one before. Each further one shuts out for `first_s`, and twice as long
    each time, up to `most_s`. A campaign shuts nobody out: beyond `campaign` misses what others may miss is divided by
    `guarded`.
    """

    account: Count = 5
    device: Count = 5
    network: Count = 30
    campaign: Count = 300
    guarded: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 5
    window_minutes: Annotated[int, msgspec.Meta(ge=1, le=10_080)] = 60
    first_s: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 30
    most_s: Annotated[int, msgspec.Meta(ge=1, le=604_800)] = 86_400
