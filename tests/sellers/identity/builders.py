"""Applications for tests: an ordinary one, of which a test states only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from agoranomos.engine.pictures.decoding import Grey
from agoranomos.intake.noting import NOTES, noted_and_veiled
from agoranomos.kernel.events import Event, parse_event
from agoranomos.sellers.identity.book import MemoryBook
from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.inspecting import Inspector
from agoranomos.sellers.identity.noted import facts_of, seen_of
from agoranomos.sellers.identity.photos.eyes import Digest, Eyes, Seen
from agoranomos.sellers.identity.photos.model import Photo
from agoranomos.sellers.identity.seen import ROOM
from agoranomos.sellers.identity.signs import Example, Sign
from tests.builders import make_vault

ORDINARY = {
    "application_id": "a-1",
    "seller_id": "s-1",
    "legal_name": "李伟",
    "id_kind": "cn_resident",
    "id_number": "330106199003072212",
    "region": "浙江",
}
EYES = Eyes(None)


def raw_application(number: int = 1, /, **fields: Any) -> dict[str, Any]:
    """The event as decoded JSON; each `number` has ids of its own. A field that is None is left out."""
    own = {"application_id": f"a-{number}", "seller_id": f"s-{number}"}
    data = {name: value for name, value in (ORDINARY | own | fields).items() if value is not None}
    return {
        "id": f"e-{number}",
        "source": "market",
        "type": "seller.applied",
        "time": f"2026-05-01T08:{number // 60 % 60:02d}:{number % 60:02d}+08:00",
        "data": data,
    }


def make_application(number: int = 1, /, eyes: Eyes = EYES, **fields: Any) -> Event:
    """The event as desks see it: noted, and with tokens."""
    notings = {"seller.applied": {ROOM: Inspector(eyes).note}}
    return noted_and_veiled(notings, make_vault().keys, parse_event(raw_application(number, **fields)))


def make_facts(given: Example | None = None, **fields: Any) -> ApplicationFacts:
    """What detectors see of an application."""
    given = given or Example(fields=fields)
    event = make_application(eyes=_Told(given), **_with_photos(given))
    facts = facts_of(event, MemoryBook(), given.verdict)
    return msgspec.structs.replace(facts, used=given.used)


def make_signs(detector: Any, given: Example) -> list[Sign]:
    """What `detector` says of an example."""
    return list(detector.inspect(make_facts(given), detector.settings))


def with_photos(event: Event, photos: Mapping[str, Photo]) -> Event:
    """`event` as if these photos had been seen."""
    seen = msgspec.structs.replace(seen_of(event), photos=photos)
    return msgspec.structs.replace(event, extensions={NOTES: {ROOM: msgspec.to_builtins(seen)}})


def _with_photos(given: Example) -> dict[str, str]:
    card = {"id_photo": "id_photo"} if given.text is not None else {}
    return {**given.fields, **{role: role for role in given.photos}, **card}


class _Told(Eyes):
    """Eyes that see what an example says."""

    def __init__(self, given: Example) -> None:
        super().__init__(None)
        self._given = given

    def look(self, given: str | None, digest: Digest) -> Seen:  # noqa: ARG002 - as in eyes
        written = given == "id_photo" and self._given.text is not None
        grey: Grey | None = np.zeros((32, 32), np.uint8) if written else None
        photos: Mapping[str, Photo] = self._given.photos  # type: ignore[assignment] # roles
        return Seen(photos.get(given or "", Photo(state="missing")), grey)

    def text_in(self, grey: Grey) -> str | None:  # noqa: ARG002 - as in eyes
        return self._given.text
