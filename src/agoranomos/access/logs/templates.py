"""Which addresses of a site show a person: `/users/{user}/reviews`, `/orders/*/buyer?id={user}`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.kernel.errors import Invalid

_PLACE: Final = re.compile(r"\{([a-z_]{1,32})\}")
_LITERAL, _ANY, _ID = 0, 1, 2
TEMPLATES_MAX: Final = 64


class Templates(msgspec.Struct, frozen=True):
    """Templates as the kernel takes them: rows of first part, last part, start and length of a query's name; parts of
    kind and span in `literals`; a tag for each, which is that of its placeholder.
    """

    rows: npt.NDArray[np.int64]
    parts: npt.NDArray[np.int64]
    literals: npt.NDArray[np.uint8]
    tags: npt.NDArray[np.uint64]


def templates_of(written: Sequence[str]) -> Templates:
    """`written` as templates. `*` stands for any part; one `{name}` for the id. Ids of one name are one kind, whatever
    address they stand in. Raises Invalid, naming the template.
    """
    if len(written) > TEMPLATES_MAX:
        raise Invalid(f"at most {TEMPLATES_MAX} addresses can be told apart; give fewer")
    rows, parts, literals, tags = [], list[tuple[int, int, int]](), bytearray(), []
    for text in written:
        path, _, query = text.partition("?")
        places = _PLACE.findall(text)
        if not path.startswith("/") or len(places) != 1 or (query and not re.fullmatch(r"[\w.\-]+=\{\w+\}", query)):
            raise Invalid(
                f"{text[:60]!r} is no address with one place for an id; write /users/{{user}} or /show?id={{user}}"
            )
        first = len(parts)
        for part in path.rstrip("/").split("/")[1:]:
            kind = _ID if _PLACE.fullmatch(part) else _ANY if part == "*" else _LITERAL
            if kind == _LITERAL and set(part) & set("{}*"):
                raise Invalid(f"{text[:60]!r}: an id or * stands for a whole part between two slashes")
            parts.append((kind, len(literals), len(literals) + len(part.encode())))
            literals += part.encode()
        name = query.partition("=")[0].encode()
        rows.append((first, len(parts), len(literals), len(name)))
        literals += name
        tags.append(int.from_bytes(hashlib.blake2b(places[0].encode(), digest_size=8).digest(), "big"))
    return Templates(
        np.array(rows, np.int64).reshape(-1, 4),
        np.array(parts, np.int64).reshape(-1, 3),
        np.frombuffer(bytes(literals) or b"\0", np.uint8),
        np.array(tags, np.uint64),
    )
