"""`/v1/reviews/photos`: a photo as it came goes in, the same without metadata comes out; nothing of it is kept."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, Router, post
from litestar.connection import ASGIConnection
from litestar.datastructures import ResponseHeader
from litestar.handlers import BaseRouteHandler
from litestar.params import RawBody

from agoranomos.engine.pictures.bounds import REASONS, Limits, Skip
from agoranomos.engine.pictures.signature import content_hash
from agoranomos.engine.pictures.stripping.strip import strip
from agoranomos.kernel.errors import Invalid
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import bodies, problems
from agoranomos.web.problems import TooLarge, WrongMediaType, media_type_of

TYPES: Final = {
    "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif", "heic": "image/heic",
}  # fmt: skip
"""Kind of file → media type of what comes back; which of its two HEIC and AVIF say themselves."""
BYTES: Final = "application/octet-stream"
TAKEN: Final = (BYTES, *TYPES.values(), "image/avif")
BYTES_MAX: Final = 20 << 20
_LIMITS: Final = Limits(bytes_max=BYTES_MAX)
_OF_KINDS: Final = frozenset(("not_a_picture", "kind_not_read"))
_TOO_MUCH: Final = frozenset(("too_many_bytes", "too_large", "too_many_scans"))
_REMOVED: Final = "agora-removed"
_NAME: Final = "agora-photo-name"


async def photos_only(request: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Lets through a file as such: no form of another site can send one."""
    if media_type_of(request) not in TAKEN:
        raise WrongMediaType(f"send the photo itself as one of {', '.join(TAKEN)}")


def api_router() -> Router:
    """One address."""

    @post("/photos", status_code=200, sync_to_thread=True, guards=[photos_only], summary="Strip a photo",
          operation_id="stripPhoto", opt={PERMISSION: "checks.run"}, request_max_body_size=BYTES_MAX,
          operation_class=bodies(dict.fromkeys(TAKEN, str), answers=TAKEN[1:]), response_headers=_HEADERS,
          media_type=BYTES, responses=problems(400, 401, 403, 413, 415))  # fmt: skip
    def stripped(body: RawBody) -> Response[bytes]:
        """The photo to the pixel, and how it is turned, without place, time, camera, owner, thumbnails, colour profiles
        and whatever else a file may tell; at most 20 MB of JPEG, PNG, WebP, GIF, HEIC or AVIF. Nothing is kept.

        `agora-removed` names what went; `agora-photo-name` is a name made of the content alone, to keep it under.
        """
        found = strip(body, _LIMITS)
        if isinstance(found, Skip):
            raise _refusal(found)
        name = f"{content_hash(found.data).hex()[:32]}.{_ending(found.kind, found.data)}"
        headers = {_REMOVED: ", ".join(found.removed), _NAME: name}
        return Response(found.data, media_type=_type(found.kind, found.data), headers=headers)

    return Router("/v1/reviews", route_handlers=[stripped], tags=["Reviews"])


_HEADERS: Final = [
    ResponseHeader(name=_REMOVED, description="What was left out, separated by commas; empty: nothing had to go",
                   documentation_only=True),
    ResponseHeader(name=_NAME, description="A name made of the content: cameras' names tell when a photo was taken",
                   documentation_only=True),
]  # fmt: skip


def _refusal(skip: Skip) -> Invalid:
    message = f"this photo cannot be stripped, so do not show it: {REASONS[skip.reason]}"
    if skip.reason in _OF_KINDS:
        return WrongMediaType(message)
    return TooLarge(message) if skip.reason in _TOO_MUCH else Invalid(message)


def _ending(kind: str, data: bytes) -> str:
    return "avif" if kind == "heic" and data[8:11] == b"avi" else kind


def _type(kind: str, data: bytes) -> str:
    return "image/avif" if _ending(kind, data) == "avif" else TYPES[kind]
