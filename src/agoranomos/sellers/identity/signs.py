"""What a detector says, and how a detector of applications shows what it must and must not hit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from agoranomos.engine.detectors import Detector
from agoranomos.sellers.identity.facts import NOT_CHECKED, Used, Verdict
from agoranomos.sellers.identity.photos.model import Photo, Role


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """Something about an application. `weight`: natural log-odds that it does not show who applies; below zero what
    speaks for the applicant. `way` tells the signs of one detector apart; `tell` is the key of what the applicant may
    read about it (`telling`), "" when he must not learn of it.
    """

    code: str
    way: str
    weight: float
    message: str
    message_zh: str
    tell: str = ""
    values: dict[str, Any] = {}


class Means(NamedTuple):
    """What a code means: its weight, and the words for people who work on cases and for the applicant (`tell`)."""

    weight: float
    message: str
    message_zh: str
    tell: str = ""


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a detector that has no others. `weights`: other weights than the shipped ones, by what it found
    (`Sign.way`).
    """

    weights: Mapping[str, float] = MappingProxyType({})


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """An application for the test of a detector: fields that differ from an ordinary one; photos as if they had been
    looked at; the text that is read from the card.
    """

    fields: Mapping[str, str] = {}
    photos: Mapping[Role, Photo] = {}
    used: tuple[Used, ...] = ()
    verdict: Verdict = NOT_CHECKED
    text: str | None = None


IdentityDetector = Detector[Any, Any, Sign, Example]


def example(
    *, photos: Mapping[Role, Photo] | None = None, used: tuple[Used, ...] = (), verdict: Verdict = NOT_CHECKED,
    text: str | None = None, **fields: str,
) -> Example:  # fmt: skip
    """See `Example`."""
    return Example(fields=fields, photos=photos or {}, used=used, verdict=verdict, text=text)


def signs(
    code: str, found: Iterable[str], means: Mapping[str, Means], weights: Mapping[str, float], **values: Any
) -> Iterator[Sign]:
    """A sign for each of the codes in `found` that has a meaning here; `weights` of the policy go before its own."""
    for way in found:
        if way in means:
            weight, message, message_zh, tell = means[way]
            yield Sign(
                code=code, way=way, weight=weights.get(way, weight), message=message.format(**values),
                message_zh=message_zh.format(**values), tell=tell, values=dict(values),
            )  # fmt: skip
