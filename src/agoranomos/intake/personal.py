"""Which fields of which events hold personal data: desks see tokens in their place, live and in a replay alike."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from agoranomos.kernel.events import Event, typed
from agoranomos.vault.keys import KeyRing
from agoranomos.vault.tokens import Kind, Personal, token_of


class Rule(msgspec.Struct, frozen=True):
    """`fields` with their kinds; whom they are about is said by the id in the field `about`."""

    subject: str
    about: str
    fields: dict[str, Kind]


RULES: Final[dict[str, Rule]] = {
    "seller.applied": Rule(
        "seller",
        "seller_id",
        {
            "legal_name": "name",
            "id_number": "id_number",
            "birth_date": "birth_date",
            "phone": "phone",
            "email": "email",
            "bank_account": "bank_account",
            "licence_number": "licence_number",
            "address": "address",
            "id_photo": "photo",
            "holding_photo": "photo",
            "face_photo": "photo",
        },
    ),
    "account.registered": Rule("account", "account_id", {"legal_name": "name"}),
    "notice.filed": Rule(
        "rights_holder",
        "rights_holder_id",
        {
            "filer_name": "name",
            "filer_email": "email",
            "filer_phone": "phone",
            "filer_address": "address",
            "signature": "name",
        },
    ),
}
"""Other events hold ids, tokens of the marketplace's own, and words that are judged as they stand."""


def veiled(keys: KeyRing, event: Event) -> Event:
    """`event` as desks see it, whoever hands it to them: the event log, which holds no other form, or a replay."""
    data, found = without_personal(keys, event)
    return msgspec.structs.replace(event, data=data, body=typed(data, type(event.body), "/data")) if found else event


def without_personal(keys: KeyRing, event: Event) -> tuple[dict[str, Any], list[Personal]]:
    """The data of `event` with tokens in it, and what they stand for. Changes nothing in any store."""
    rule = RULES.get(event.type)
    if rule is None:
        return event.data, []
    data, found = dict(event.data), []
    subject = f"{rule.subject}:{data[rule.about]}"
    for name, kind in rule.fields.items():
        value = data.get(name)
        if value:
            data[name] = token_of(keys, kind, value)
            found.append(Personal(data[name], subject, value))
    return data, found
