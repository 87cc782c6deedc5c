"""The formats of web logs: how a file tells its own, and what its fields are called."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.access.logs import kernels
from agoranomos.access.logs.kernels import (
    ADDRESS,
    AGENT,
    CLOUDFRONT,
    COMBINED,
    DATE,
    JSON,
    METHOD,
    QUERY,
    REQUEST,
    STATUS,
    TARGET,
    TIME,
    USER,
)

FormName = Literal["combined", "json", "cloudfront"]
FORMS: Final[dict[FormName, int]] = {"combined": COMBINED, "json": JSON, "cloudfront": CLOUDFRONT}
_JSON_NAMES: Final[dict[int, tuple[str, ...]]] = {
    ADDRESS: ("remote_addr", "client_ip", "ip"),
    USER: ("remote_user", "user_id", "user"),
    TIME: ("time_iso8601", "time_local", "msec", "time", "timestamp", "@timestamp"),
    METHOD: ("request_method", "method"),
    TARGET: ("request_uri", "uri", "path"),
    REQUEST: ("request",),
    STATUS: ("status",),
    AGENT: ("http_user_agent", "user_agent", "agent"),
}
"""What nginx's variables are called, and what people call them; the first that a line has counts."""
_CLOUDFRONT_NAMES: Final = {
    "date": DATE, "time": TIME, "c-ip": ADDRESS, "cs-method": METHOD, "cs-uri-stem": TARGET, "sc-status": STATUS,
    "cs(User-Agent)": AGENT, "cs-uri-query": QUERY,
}  # fmt: skip
_CLOUDFRONT_ORDER: Final = (
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) "
    "cs-uri-query cs(Cookie)"
)
_TABS_MIN: Final = 10
_FIELDS: Final = b"#Fields:"


class Form(msgspec.Struct, frozen=True):
    """A format as the kernel takes it: `code`, and for CloudFront which column is which field (-1: none)."""

    code: int
    columns: npt.NDArray[np.int64]


def form_of(head: bytes, name: FormName | None = None) -> Form:
    """The format of a file that begins with `head`; `name` when somebody says it."""
    lines = [line for line in head.splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(_FIELDS)), None)
    code = FORMS[name] if name else _guessed(lines)
    order = said.removeprefix(_FIELDS).decode("utf-8", "replace") if said else _CLOUDFRONT_ORDER
    columns = [_CLOUDFRONT_NAMES.get(column, -1) for column in order.split()]
    return Form(code, np.array(columns, np.int64))


def json_names() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """The hashes of the names of fields, and the field of each."""
    pairs = [(name, field) for field, names in _JSON_NAMES.items() for name in names]
    zero = np.uint64(0)
    hashes = [kernels.hashed(np.frombuffer(name.encode(), np.uint8), 0, len(name), zero, zero) for name, _ in pairs]
    return np.array(hashes, np.uint64), np.array([field for _, field in pairs], np.int64)


def _guessed(lines: list[bytes]) -> int:
    first = next((line for line in lines if not line.startswith(b"#")), b"")
    if first.lstrip()[:1] == b"{":
        return JSON
    return CLOUDFRONT if first.count(b"\t") >= _TABS_MIN or (lines and lines[0].startswith(b"#")) else COMBINED
