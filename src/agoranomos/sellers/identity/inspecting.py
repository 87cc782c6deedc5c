"""Looks at an application while it can be read, and says what may be known of it ever after: see `seen`.

Deterministic, and never fails: whatever people write into the fields, something is said about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from agoranomos.kernel.calendar import OFFSET, after
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.sellers import SellerApplied
from agoranomos.sellers.identity import cards, names
from agoranomos.sellers.identity.numbers import accounts, areas, firms, passports, resident
from agoranomos.sellers.identity.numbers.writing import LENGTH_MAX, date_of, plain
from agoranomos.sellers.identity.photos.eyes import Eyes
from agoranomos.sellers.identity.photos.eyes import Seen as Looked
from agoranomos.sellers.identity.photos.model import ROLES, Role
from agoranomos.sellers.identity.seen import Seen, masked
from agoranomos.vault.keys import KeyRing

"""Ages are counted on the calendar of the marketplace."""


class Inspector:
    """Looks at applications; at their photos with `eyes`."""

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes

    def note(self, keys: KeyRing, event: Event) -> Mapping[str, Any]:
        """See `intake.noting`."""
        assert isinstance(event.body, SellerApplied), "the body of seller.applied"
        body, at = event.body, after(event.time, OFFSET).date()
        looked = self._looked(keys, body)
        said = _Said(body, at)
        card = looked.get("id_photo")
        if card is not None and card.grey is not None:
            said.read_card(self._eyes.text_in(card.grey))
        seen = Seen(
            id_kind=body.id_kind,
            number_kind=said.number_kind,
            number_mask=masked(said.plain[:LENGTH_MAX]),
            number=tuple(said.number),
            agreement=tuple(said.agreement),
            licence_kind=said.licence_kind,
            licence=tuple(said.licence),
            account_kind=said.account_kind,
            account=tuple(said.account),
            account_bank=said.account_bank,
            mrz=tuple(said.mrz),
            card=said.card.codes,
            card_differs=said.card.differs,
            photos={role: each.photo for role, each in looked.items()},
        )
        noted: dict[str, Any] = msgspec.to_builtins(seen)
        return noted

    def _looked(self, keys: KeyRing, body: SellerApplied) -> dict[Role, Looked]:
        def digest(data: bytes) -> str:
            return keys.digest(b"photo\0" + data)[:16].hex()

        given: dict[Role, str | None] = {role: getattr(body, role) for role in ROLES}
        return {role: self._eyes.look(each, digest) for role, each in given.items() if each}


class _Said:
    """What the fields of one application say, by themselves and beside each other."""

    def __init__(self, body: SellerApplied, at: date) -> None:
        self.body, self.at = body, at
        self.plain = plain(body.id_number)
        self.number_kind = "other"
        self.number: list[str] = []
        self.agreement: list[str] = []
        self.licence_kind, self.licence = "", list[str]()
        self.account_kind, self.account, self.account_bank = "", list[str](), ""
        self.mrz: list[str] = []
        self.card = cards.ReadCard(())
        self.birth: date | None = None
        self.female: bool | None = None
        self.province: str | None = None
        self.typed_birth = date_of(body.birth_date) if body.birth_date else None
        {"cn_resident": self._resident, "passport": self._passport, "business": self._firm}[body.id_kind]()
        self._birth_date()
        self._region()
        self._licence()
        self._account()

    def _resident(self) -> None:
        read = resident.read(self.plain, self.at)
        if read is None:
            self.number.append("form")
            self._person_name(han=True)
            return
        self.number_kind, self.birth, self.female, self.province = read.kind, read.birth, read.female, read.province
        self.number += read.wrong
        foreign = read.kind in {"permanent_resident", "old_permanent_resident", "residence_permit"}
        self._person_name(han=None if foreign else True)

    def _passport(self) -> None:
        read = passports.lines_in(self.body.id_number, self.at)
        if read is not None:
            self.number_kind = "mrz"
            self._machine_lines(read, self.plain)
        elif resident.read(self.plain, self.at) is not None:
            self.number_kind = "resident"  # the kind was chosen by mistake: what the number says counts all the same
            self._resident()
            self.agreement.append("kind_differs")
            return
        elif passports.number_fits(self.plain):
            self.number_kind = "passport"
        else:
            self.number.append("form")
        self._person_name(han=None)

    def _firm(self) -> None:
        read = firms.read(self.plain)
        name = self.body.legal_name
        if names.script_of(name) in {"empty"}:
            self.agreement.append("name_signs")
        if read is None:
            self.number.append("form")
            return
        self.number_kind, self.province = read.kind, read.province
        self.number += read.wrong
        if not read.trader and not names.looks_like_firm(name):
            self.agreement.append("name_no_firm")

    def _person_name(self, *, han: bool | None) -> None:
        """`han`: in which script the document has its name; None when either may be."""
        script = names.script_of(self.body.legal_name)
        if script in {"empty", "signs"}:
            self.agreement.append("name_signs")
        elif han and script == "latin":
            self.agreement.append("name_latin")
        elif han and script != "han":
            self.agreement.append("name_script")
        if script == "han" and names.looks_like_firm(self.body.legal_name) and len(self.body.legal_name.strip()) > 4:
            self.agreement.append("name_firm")

    def _birth_date(self) -> None:
        if not self.body.birth_date:
            return
        if self.typed_birth is None:
            self.agreement.append("birth_unreadable")
        elif self.birth is not None and self.birth != self.typed_birth:
            self.agreement.append("birth_differs")
        elif self.birth is None and self.body.id_kind != "business":
            self.agreement += [f"birth_{code}" for code in resident.wrong_age(self.typed_birth, self.at)]

    def _region(self) -> None:
        said = areas.province_in(self.body.region or "")
        if said is not None and self.province is not None and said != self.province:
            self.agreement.append("region_differs")

    def _licence(self) -> None:
        code = plain(self.body.licence_number or "")
        if not code:
            return
        read = firms.read(code)
        if read is not None:
            self.licence_kind = read.kind
            self.licence += read.wrong
        if self.body.id_kind == "business" and read is not None and len(code) == len(self.plain) and code != self.plain:
            self.agreement.append("licence_differs")

    def _account(self) -> None:
        number = plain(self.body.bank_account or "")
        if number:
            read = accounts.read(number, firm=self.body.id_kind == "business")
            self.account_kind, self.account_bank = read.kind, read.bank or ""
            self.account += read.wrong

    def _machine_lines(self, read: passports.Mrz, typed: str) -> None:
        self.mrz += read.wrong
        self.birth = self.birth or read.birth
        if read.names and not names.same_in_latin(self.body.legal_name, read.names):
            self.mrz.append("mrz_name_differs")
        if passports.number_fits(typed) and read.number != typed:
            self.mrz.append("mrz_number_differs")

    def read_card(self, text: str | None) -> None:
        """Compares what was typed with the text on the card; None: no text could be read here."""
        if text is None:
            self.card = cards.ReadCard(("not_read",))
            return
        lines = passports.lines_in(text, self.at)
        if lines is not None and self.body.id_kind == "passport":
            self._machine_lines(lines, self.plain)
            if self.typed_birth is not None and lines.birth is not None and lines.birth != self.typed_birth:
                self.mrz.append("mrz_birth_differs")
        self.card = cards.compare(text, self.plain, self.body.legal_name, female=self.female)
