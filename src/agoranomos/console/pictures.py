"""Pictures for whoever looks at a listing: its own beside those it is compared with, without metadata, blurred first.

Only files under the folder that is looked at are shown, only those that a listing or brand names, and only what is no
program: nothing is fetched from addresses that outsiders wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from litestar import Response, Router, get
from litestar.params import FromQuery

from agoranomos.console.addresses import with_query
from agoranomos.console.frame import AnyRequest, FromId, Text
from agoranomos.console.rooms import Console
from agoranomos.console.subjects.queries import submitted
from agoranomos.engine.pictures.stripping.parts import Stripped
from agoranomos.engine.pictures.stripping.strip import strip
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.ids import is_id
from agoranomos.sellers.identity.photos.eyes import Eyes
from agoranomos.web.auth import PERMISSION

PICTURES_MAX: Final = 12
"""So many pictures of one listing or brand are shown."""
BESIDE_MAX: Final = 6
"""With so many others one listing is compared."""
BYTES_MAX: Final = 12 << 20
_TYPES: Final = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}
_KINDS: Final = ("listing", "brand")


class Album(msgspec.Struct, frozen=True, kw_only=True):
    """The pictures of one thing: (address here, as it was named) of each; "" for one that is not shown here."""

    kind: str
    id: str
    pictures: list[tuple[str, str]]


def albums(console: Console, connection: sa.Connection, listing_id: str, found: Sequence[Finding]) -> list[Album]:
    """That of a listing, and those of the listings and brands that what was `found` compares it with."""
    others = [("listing", each.id) for one in found for each in one.related if each.kind == "listing"]
    others += [
        ("brand", brand) for one in found for reason in one.reasons
        if isinstance(brand := reason.evidence.get("brand_id"), str)
    ]  # fmt: skip
    wanted = [("listing", listing_id), *(each for each in dict.fromkeys(others) if each[1] != listing_id)]
    made = [_album(kind, name, _named(console, connection, kind, name)) for kind, name in wanted[: BESIDE_MAX + 1]]
    return [each for each in made if each.pictures]


def pages_router(console: Console) -> Router:
    """`/pictures?kind=…&id=…&n=…`."""
    eyes = Eyes(console.sellers.pictures_root if console.sellers else None)

    @get("/pictures", sync_to_thread=True)
    def picture(
        request: AnyRequest, kind: FromQuery[Text] = "listing", wanted: FromId = "", n: FromQuery[Text] = "0"
    ) -> Response[bytes]:  # fmt: skip
        del request
        place = int(n) if n.isascii() and n.isdigit() and len(n) < 4 else PICTURES_MAX
        with console.store.reading() as connection:
            named = _named(console, connection, kind, wanted) if kind in _KINDS and is_id(wanted) else []
        data = eyes.bytes_of(named[place], BYTES_MAX) if place < min(len(named), PICTURES_MAX) else None
        clean = strip(data) if data is not None else None
        if not isinstance(clean, Stripped) or clean.kind not in _TYPES:
            raise NotFound("there is no picture here that can be shown")
        return Response(
            clean.data, media_type=_TYPES[clean.kind],
            headers={"cache-control": "private, max-age=300", "content-disposition": "inline"},
        )  # fmt: skip

    return Router("/", route_handlers=[picture], include_in_schema=False, opt={PERMISSION: "findings.read"})


def _named(console: Console, connection: sa.Connection, kind: str, name: str) -> list[str]:
    """The references that a listing or a brand names."""
    if kind == "listing":
        return [str(each) for each in submitted(connection, kind, name).get("pictures", ())]
    if console.goods is None:
        return []
    brand = console.goods.brands.snapshot().by_id.get(name)
    return [] if brand is None else list(brand.reference_pictures)


def _album(kind: str, name: str, named: Sequence[str]) -> Album:
    def address(place: int, given: str) -> str:
        away = "://" in given[:12] or given.startswith(("//", "data:"))
        return "" if away else with_query("/pictures", kind=kind, id=name, n=str(place))

    shown: list[tuple[str, str]] = [(address(place, each), each) for place, each in enumerate(named[:PICTURES_MAX])]
    return Album(kind=kind, id=name, pictures=shown)
