"""What the detectors of pictures may see, and the contract they keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from agoranomos.engine.detectors import Detector
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Listing, Signal
from agoranomos.goods.pictures.model import Resembled, Seen


class PictureFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A listing with what was read in its words (`listing`), what was seen in its pictures (`seen`, in their order),
    the registry (`brands`, by id), and what the detectors of texts make of the words in its pictures (`spoken`, with
    the number of the picture)."""

    listing: ListingFacts
    seen: tuple[Seen, ...] = ()
    brands: Mapping[str, Brand] = {}
    spoken: tuple[tuple[int, Signal], ...] = ()

    def genuine(self) -> Iterator[tuple[int, Resembled]]:
        """The pictures (numbered from 1) that are a brand's own, with the brand's picture that they show best."""
        for number, each in enumerate(self.seen, start=1):
            best = next((one for one in each.resembles if one.role == "genuine"), None)
            if best is not None:
                yield number, best

    def brand_name(self, brand_id: str) -> str:
        """What people call the brand."""
        brand = self.brands.get(brand_id)
        return brand.main_name if brand else brand_id


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A listing with what was seen in its pictures, for a detector's hits and misses; `title` says it in words."""

    title: str
    listing: Listing
    seen: tuple[Seen, ...]


class PictureDetector(Detector[PictureFacts, Any, Signal, Example], frozen=True, kw_only=True):
    """A detector of pictures; `registry` are the brands that its examples are judged with."""

    registry: tuple[Brand, ...] = ()


def noticed(seen: Sequence[Seen]) -> bool:
    """Whether any detector could have something to say of these pictures."""
    return any(each.resembles or each.codes or each.text or each.elsewhere for each in seen)


def ordinal(number: int, total: int) -> tuple[str, str]:
    """Picture 2 of 5, in English and Chinese."""
    if total == 1:
        return "The picture", "图片"
    return f"Picture {number} of {total}", f"第 {number} 张图片（共 {total} 张）"
