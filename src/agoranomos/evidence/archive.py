"""Writing a package: files go into the archive as they are made, so that it may be larger than memory.

The same files and the same key give the same bytes: nothing is compressed (compressors differ between machines), and
no moment of packing is written. What is signed is a list of all files with their SHA-256 (`manifest.json`, and
`manifest.note` in the form of C2SP signed-note).
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from typing import IO, Any, Final

import msgspec

from agoranomos.audit.notes import Note, SigningKey
from agoranomos.evidence.names import cell, member_name
from agoranomos.evidence.verify import AMOUNTS, FORM, MANIFEST, NOTE
from agoranomos.kernel.errors import Invalid

VERIFY: Final = "verify.py"
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest that an archive can say: when it was packed is no part of the evidence."""
_BUFFER: Final = 1 << 16


class Listed(msgspec.Struct, frozen=True):
    """A file of the package."""

    name: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All files but itself and its signature. `keys`: the public keys that sign it and the audit log; `facts` are
    figures for whoever reads only this; `totals` is what `amounts.csv` adds up to, by currency in minor units.
    """

    form: str
    kind: str
    package_id: str
    made_at: str | None
    keys: dict[str, str]
    facts: dict[str, Any]
    totals: dict[str, int] | None
    files: tuple[Listed, ...]


class PackageWriter:
    """Takes the files of a package one after the other; `finished` signs them."""

    def __init__(self, out: IO[bytes]) -> None:
        """`out` is a file that can be written and sought in."""
        self._archive = zipfile.ZipFile(out, "w", zipfile.ZIP_STORED)
        self._listed: dict[str, Listed] = {}
        self._totals: dict[str, int] | None = None

    def add(self, name: str, raw: bytes) -> None:
        """A whole file. Raises Invalid for a name that is no safe one, or is taken."""
        with self._opened(name) as write:
            write(raw)

    def add_json(self, name: str, value: Any) -> None:
        """A value as JSON that people can read."""
        self.add(name, text_of(value))

    def add_lines(self, name: str, values: Iterable[Any]) -> int:
        """Values as lines of JSON; how many."""
        count, encoder = 0, msgspec.json.Encoder(order="deterministic")
        with self._opened(name) as write:
            for value in values:
                write(encoder.encode(value) + b"\n")
                count += 1
        return count

    def add_table(self, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Rows as CSV for spreadsheets, whose cells calculate nothing; how many."""
        count, text = 0, io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        with self._opened(name) as write:
            text.write("\ufeff")  # by this, spreadsheets know that it is UTF-8
            writer.writerow(header)
            for row in rows:
                writer.writerow([cell(each) for each in row])
                count += 1
                if text.tell() > _BUFFER:
                    write(text.getvalue().encode())
                    text.seek(0)
                    text.truncate()
            write(text.getvalue().encode())
        return count

    def add_amounts(self, rows: Iterable[tuple[str, str, str, int, str, int]]) -> dict[str, int]:
        """`amounts.csv`: person, role, basis, amount in minor units, currency, number of things; the totals, to which
        the manifest says it adds up.
        """
        totals: dict[str, int] = {}

        def summed() -> Iterator[tuple[str, str, str, int, str, int]]:
            for row in rows:
                totals[row[4]] = totals.get(row[4], 0) + row[3]
                yield row

        self.add_table(AMOUNTS, ("person", "role", "basis", "amount", "currency", "count"), summed())
        self._totals = dict(sorted(totals.items()))
        return self._totals

    def finished(
        self, kind: str, package_id: str, key: SigningKey, *, made_at: str | None = None,
        facts: Mapping[str, Any] | None = None, audit_key: str | None = None,
    ) -> Manifest:  # fmt: skip
        """Adds the program that checks it, signs the list of files and closes the archive."""
        self.add(VERIFY, verify_program())
        keys = {"package": str(key.verifier)} | ({"audit": audit_key} if audit_key else {})
        manifest = Manifest(
            form=FORM, kind=kind, package_id=package_id, made_at=made_at, keys=keys, facts=dict(facts or {}),
            totals=self._totals, files=tuple(self._listed[name] for name in sorted(self._listed)),
        )  # fmt: skip
        raw = text_of(manifest)
        text = signed_text(raw)
        self.add(MANIFEST, raw)
        self.add(NOTE, str(Note(text, (key.sign(text),))).encode())
        self._archive.close()
        return manifest

    @contextmanager
    def _opened(self, name: str) -> Iterator[Any]:
        if member_name(name).casefold() in {each.casefold() for each in self._listed}:
            raise Invalid(f"the package has a file called {name} already")
        entry = zipfile.ZipInfo(name, _MOMENT)
        entry.create_system = 3  # the same on every machine
        entry.external_attr = 0o644 << 16
        digest, size = hashlib.sha256(), 0
        with self._archive.open(entry, "w", force_zip64=True) as file:

            def write(raw: bytes) -> None:
                nonlocal size
                digest.update(raw)
                size += len(raw)
                file.write(raw)

            yield write
        self._listed[name] = Listed(name, size, digest.hexdigest())


def signed_text(manifest: bytes) -> str:
    """What is signed of a manifest: nothing else that the key signs begins like this."""
    return f"{FORM}\n{hashlib.sha256(manifest).hexdigest()}\n"


def text_of(value: Any) -> bytes:
    """JSON that people can read, the same bytes for the same value."""
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1) + b"\n"


def verify_program() -> bytes:
    """The program that goes with every package."""
    return (resources.files(__package__) / VERIFY).read_bytes()
