"""The evidence for a referral: one archive whose every file is listed with its hash, and the list is signed.

The same incident gives the same bytes, so that two copies can be compared. Whoever has the public key can check a copy
without us: unpack it, compute SHA-256, compare with `manifest.json`, verify `manifest.note` (C2SP signed-note,
Ed25519).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from agoranomos.audit.notes import Note, NoteError, SigningKey, VerifierKey
from agoranomos.kernel.errors import Invalid
from agoranomos.promotions.remedies.plan import Plan
from agoranomos.promotions.tracing.service import Traces

FORM: Final = "agoranomos evidence of an incident, form 1"
"""The first line of what is signed: nothing else that the key signs begins like this."""
MANIFEST: Final = "manifest.json"
NOTE: Final = "manifest.note"
BYTES_MAX: Final = 1 << 30
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest that an archive can say: when it was packed is no part of the evidence."""
_READ_ME: Final = """Evidence of an incident around a campaign.

incident.json    what was given, to whom; rings with the ties that hold them together
members.jsonl    each member of a ring and each victim: score, reasons, value
coupons.jsonl    each coupon of theirs, from its issue to its use, with the ids of the events
orders.jsonl     each order that these coupons paid for
plan.json        what was planned about it, with amounts
manifest.json    the SHA-256 of each file
manifest.note    the manifest's SHA-256, signed (C2SP signed-note, Ed25519)

Amounts are whole minor units. Accounts, devices and payees are ids of the marketplace, which knows the people.
"""


class Listed(msgspec.Struct, frozen=True):
    """A file of the archive."""

    name: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """All files but itself and its signature."""

    form: str
    campaign_id: str
    suspects: int
    victims: int
    value: int
    currency: str
    files: tuple[Listed, ...]


def packed(traces: Traces, plan: Plan, key: SigningKey) -> bytes:
    """The archive. Raises Invalid when there is no ring: nobody is referred for taking much."""
    incident = traces.incident
    accused = {name for ring in incident.rings for name in (*ring.members, *ring.victims)}
    if not accused:
        raise Invalid("no ring was found in this incident; taking much is no reason for a referral")
    coupons = [each for each in traces.coupons if each.account_id in accused]
    paid_for = {each.order_id for each in coupons}
    orders = [order for name, order in sorted(traces.memory.orders.items()) if name in paid_for]
    members = [each for each in incident.beneficiaries if each.account_id in accused]
    files = {
        "README.txt": _READ_ME.encode(),
        "coupons.jsonl": _lines(coupons),
        "incident.json": _text(incident),
        "members.jsonl": _lines(members),
        "orders.jsonl": _lines(orders),
        "plan.json": _text(plan),
    }
    listed = tuple(Listed(name, len(raw), hashlib.sha256(raw).hexdigest()) for name, raw in sorted(files.items()))
    manifest = Manifest(
        form=FORM, campaign_id=incident.campaign_id,
        suspects=len({name for ring in incident.rings for name in ring.members}),
        victims=len({name for ring in incident.rings for name in ring.victims}),
        value=sum(each.value for each in members), currency=incident.currency, files=listed,
    )  # fmt: skip
    raw = _text(manifest)
    signed = _signed(raw)
    files |= {MANIFEST: raw, NOTE: str(Note(signed, (key.sign(signed),))).encode()}
    return _archive(files)


def verified(raw: bytes, key: str) -> Manifest:
    """The manifest of an archive that is whole and was signed by `key`. Raises Invalid and says what is wrong."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(each.file_size for each in archive.infolist()) > BYTES_MAX:
                raise Invalid("this archive is too large to be one of ours")
            files = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise Invalid("this is no archive that can be read") from error
    if MANIFEST not in files or NOTE not in files:
        raise Invalid("the archive has no signed manifest")
    manifest_raw = files[MANIFEST]
    try:
        note = Note.parse(files[NOTE].decode("utf-8", "replace"))
        signature = note.signed_by(VerifierKey.parse(key))
        manifest = msgspec.json.decode(manifest_raw, type=Manifest)
    except (NoteError, msgspec.MsgspecError) as error:
        raise Invalid(f"this cannot be verified: {error}") from error
    if signature is None:
        raise Invalid("this key has not signed it; ask the marketplace for its public key")
    if note.text != _signed(manifest_raw):
        raise Invalid("the manifest is not the one that was signed")
    listed = {each.name: each for each in manifest.files}
    if set(files) != {*listed, MANIFEST, NOTE}:
        raise Invalid("the archive has other files than its manifest lists")
    for name, each in sorted(listed.items()):
        if hashlib.sha256(files[name]).hexdigest() != each.sha256:
            raise Invalid(f"{name} is not as it was when the manifest was signed")
    return manifest


def _signed(manifest: bytes) -> str:
    return f"{FORM}\n{hashlib.sha256(manifest).hexdigest()}\n"


def _text(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1) + b"\n"


def _lines(values: Iterable[Any]) -> bytes:
    return b"".join(msgspec.json.encode(value, order="deterministic") + b"\n" for value in values)


def _archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, raw in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, raw)
    return out.getvalue()
