"""What every answer carries, whatever became of the request: a request id and strict browser
headers.

Set in the `before_send` hook and not in a middleware, because routes that do not exist pass no
middleware and their 404 page needs the headers as much as any other.
"""

from __future__ import annotations

import re
import secrets
from typing import Any, Final

from litestar.types import Message, Scope

REQUEST_ID_HEADER = "x-request-id"
_REQUEST_ID_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_STATE_KEY = "agoranomos_request_id"
_STATUS_KEY = "agoranomos_status"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        # Nothing is allowed that is not named: no frame, no plug-in, no script but files of our own, which asks
        # nobody but us.
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",  # browsers from before frame-ancestors
    "cross-origin-resource-policy": "same-origin",
}
"""Of every answer."""
DOCUMENT_HEADERS = {
    # Page addresses carry decision ids; they are nobody else's business.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
"""Of every answer that a browser could show as a document: JSON is none."""
# As they go out: put together once, for every answer carries them.
_RAW: Final = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_RAW_FOR_DOCUMENTS: Final = [(name.encode(), value.encode()) for name, value in DOCUMENT_HEADERS.items()]
_RAW_REQUEST_ID: Final = REQUEST_ID_HEADER.encode()
_OURS: Final = frozenset((_RAW_REQUEST_ID, *(name for name, _ in [*_RAW, *_RAW_FOR_DOCUMENTS])))


def request_id(scope: Scope) -> str:
    """The id of this request: the caller's `X-Request-Id` when it is well formed, else a new one.

    A caller's id is taken so that one id runs through a marketplace's own logs and ours; anything
    outside 1..64 characters of `A-Za-z0-9._-` is replaced, since it would end up in logs and pages.
    """
    state: dict[str, Any] = scope.setdefault("state", {})
    known = state.get(_STATE_KEY)
    if isinstance(known, str):
        return known
    given = header(scope, _RAW_REQUEST_ID)
    fresh = given if given and _REQUEST_ID_PATTERN.fullmatch(given) else secrets.token_hex(16)
    state[_STATE_KEY] = fresh
    return fresh


def header(scope: Scope, name: bytes) -> str | None:
    """The first value of the header `name` (small letters), without reading the others."""
    for each, value in scope["headers"]:
        if each == name:
            return value.decode("latin-1")
    return None


def status_of(scope: Scope) -> int:
    """The status that the request was answered with; 500 when it was not."""
    return int(scope.get("state", {}).get(_STATUS_KEY, 500))


async def stamp(message: Message, scope: Scope) -> None:
    """Litestar's `before_send` hook: adds the request id, the headers above and a cache rule, and notes the status."""
    if message["type"] != "http.response.start":
        return
    scope["state"][_STATUS_KEY] = message["status"]
    headers, kind, cached = [], b"", False
    for name, value in message.get("headers", ()):
        lower = name.lower()
        if lower not in _OURS:
            headers.append((name, value))
            cached = cached or lower == b"cache-control"
            kind = value if lower == b"content-type" else kind
    headers += _RAW
    if b"json" not in kind:
        headers += _RAW_FOR_DOCUMENTS
    headers.append((_RAW_REQUEST_ID, request_id(scope).encode()))
    if not cached:
        # Pages and decisions are about one seller; only what is the same for all may stay in a cache.
        headers.append((b"cache-control", b"no-store"))
    message["headers"] = headers
