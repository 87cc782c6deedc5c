"""Lists over HTTP, a page at a time: a cursor says where the last page ended, whatever was added since."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.ids import is_id

ItemT = TypeVar("ItemT")
KeyT = TypeVar("KeyT")

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 500
_NO_CURSOR: Final = "this is no cursor of this list; take `next` of the page before as it is"

_Number = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]  # what a database takes for a row's number
Cursor = Annotated[
    str, QueryParameter(max_length=512, description="`next` of the page before; without it the list begins")
]  # fmt: skip
Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX, description="Items on a page")]


class Page(msgspec.Struct, Generic[ItemT], frozen=True):
    """Some items of a list; `next` is the cursor of the page after this one, null on the last."""

    items: list[ItemT]
    next: str | None = None


def encode(*key: Any) -> str:
    """The cursor that stands behind the item with this sort key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def decode(cursor: str, form: type[KeyT]) -> KeyT | None:
    """The sort key (a tuple type `form`) behind which the page begins; None for the first page. Raises Invalid."""
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=form)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise Invalid(_NO_CURSOR) from error


def after_id(cursor: str) -> str:
    """The id behind which a page of a list in the order of ids begins; "" for the first page. Raises Invalid."""
    key = decode(cursor, tuple[str])
    if key is None:
        return ""
    if not is_id(key[0]):  # a NUL in it would make PostgreSQL fail
        raise Invalid(_NO_CURSOR)
    return key[0]


def after_time(cursor: str) -> tuple[datetime, str] | None:
    """The time and id behind which a page of a list, newest first, begins; None for the first page. Raises Invalid."""
    key = decode(cursor, tuple[datetime, str])
    if key is not None and (key[0].tzinfo is None or not is_id(key[1])):
        raise Invalid(_NO_CURSOR)
    return key


def after_number(cursor: str) -> int:
    """The number behind which a page of a list in the order of numbers (from 0) begins; -1 for the first page. Raises
    Invalid.
    """
    key = decode(cursor, tuple[_Number])
    return -1 if key is None else key[0]


def after_rank(cursor: str) -> tuple[float, str] | None:
    """The number and id behind which a page of a list, the highest number first, begins; None for the first page.
    Raises Invalid.
    """
    key = decode(cursor, tuple[float, str])
    if key is not None and not (is_id(key[1]) and abs(key[0]) < 1 << 62):
        raise Invalid(_NO_CURSOR)
    return key


def page_of(found: list[ItemT], limit: int, key: Callable[[ItemT], tuple[Any, ...]]) -> Page[ItemT]:
    """The page of `limit` items with the sort `key`; one more was asked for, to know whether there is a next."""
    items = found[:limit]
    return Page(items, encode(*key(items[-1])) if len(found) > limit else None)
