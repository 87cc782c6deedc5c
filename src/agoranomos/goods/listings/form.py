"""The form in which a seller writes a listing: what was typed, what is wrong with it, what it
becomes.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from agoranomos.goods.listings.model import Listing
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.money import AMOUNT_MAX, MINOR_DIGITS, Money

TITLE_LENGTH_MAX: Final = 300
DESCRIPTION_LENGTH_MAX: Final = 20_000
SHORT_LENGTH_MAX: Final = 100
# What most sellers need stands on top of the list; all of ISO 4217 follows.
COMMON_CURRENCIES: Final = ("CNY", "USD", "EUR", "GBP", "HKD", "JPY", "KRW")
CURRENCIES: Final = (*COMMON_CURRENCIES, *sorted(set(MINOR_DIGITS) - set(COMMON_CURRENCIES)))
_DRAFT = re.compile(r"[A-Za-z0-9_-]{16,40}")
_PRICE = re.compile(r"\d{1,15}(?:\.\d{1,3})?")


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """The fields as the seller typed them. `draft` ties the checks of one listing in the making
    together.
    """

    draft: str
    title: str = ""
    price: str = ""
    currency: str = "CNY"
    category: str = ""
    brand: str = ""
    description: str = ""
    store_id: str = ""


class Wrong(msgspec.Struct, frozen=True):
    """A field that cannot be used, and the key of the text that says why."""

    field: str
    why: str


def new_draft() -> str:
    """An unguessable name for a listing that has no id yet."""
    return secrets.token_urlsafe(16)


def typed(fields: Mapping[str, Any]) -> Typed:
    """What a browser sent, tidied: line ends as LF, one-line fields on one line, a draft of its
    own.
    """
    values = {name: _text(fields.get(name)) for name in Typed.__struct_fields__}
    description = values.pop("description")
    values = {name: " ".join(value.splitlines()).strip() for name, value in values.items()}
    draft = values["draft"] if _DRAFT.fullmatch(values["draft"]) else new_draft()
    currency = values["currency"].upper() or "CNY"
    return Typed(**{**values, "draft": draft, "currency": currency}, description=description.strip())


def listing_from(form: Typed) -> Listing | list[Wrong]:
    """The listing that the seller wrote, or everything that is wrong with it."""
    wrong = []
    if not form.title:
        wrong.append(Wrong("title", "wrong.title.missing"))
    elif len(form.title) > TITLE_LENGTH_MAX:
        wrong.append(Wrong("title", "wrong.title.long"))
    price = _price(form.price, form.currency)
    if form.currency not in MINOR_DIGITS:
        wrong.append(Wrong("currency", "wrong.currency"))
    elif price is None:
        wrong.append(Wrong("price", "wrong.price"))
    wrong += [
        Wrong(field, "wrong.short") for field in ("category", "brand") if len(getattr(form, field)) > SHORT_LENGTH_MAX
    ]
    if len(form.description) > DESCRIPTION_LENGTH_MAX:
        wrong.append(Wrong("description", "wrong.description"))
    if not is_id(form.store_id):
        wrong.append(Wrong("store_id", "wrong.store"))
    if wrong:
        return wrong
    return Listing(
        listing_id=f"draft-{form.draft}",
        store_id=form.store_id,
        title=form.title,
        price=price,
        description=form.description,
        brand=form.brand,
        category=form.category,
    )


def _text(value: Any) -> str:
    """One field; a repeated one counts once, an upload not at all."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else ""


def _price(text: str, currency: str) -> Money | None:
    """`text` such as `1,299.00` as money; None when it is no price or finer than the currency's
    minor unit.
    """
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    if not _PRICE.fullmatch(plain, endpos=len(plain)) or not plain.isascii() or currency not in MINOR_DIGITS:
        return None
    minor = Decimal(plain) * 10 ** MINOR_DIGITS[currency]
    if minor != minor.to_integral_value() or minor > AMOUNT_MAX:
        return None
    return Money(int(minor), currency)
