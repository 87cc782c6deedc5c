"""People and rows for tests of links: drawn from a stream, with tables that the scorer does not share."""

from __future__ import annotations

from typing import Any

from agoranomos.engine.links.facets import PHOTOS, facets_of, phash_of
from agoranomos.engine.links.parameters import Parameters
from agoranomos.engine.links.slots import Row, digest, row_of
from agoranomos.engine.market.sellers import new_person
from agoranomos.engine.market.shops import Person
from agoranomos.engine.market.streams import Stream
from agoranomos.sellers.links.policy import load_policy


def parameters() -> Parameters:
    """The shipped model."""
    return load_policy().model


def person(seed: int) -> Person:
    """Somebody with a resident identity card."""
    stream = Stream.of(seed, "tests of links")
    return next(one for number in range(64) if (one := new_person(stream.child(number))).id_kind == "cn_resident")


def row(data: dict[str, Any], **sets: list[int]) -> Row:
    """The row of an application in the clear."""
    scalars = {name: digest(f"{name}\0{text}") for name, text in facets_of(data).items()}
    for photo in PHOTOS:
        if value := data.get(photo):
            phash = phash_of(value)
            scalars[photo] = digest(value) if phash is None else phash
    device, ip = data.get("device_id"), data.get("ip")
    own = {
        "device": [digest(device)] if device else [],
        "network": [digest(ip.rpartition(".")[0])] if ip else [],
    }
    return row_of(scalars, own | sets)
