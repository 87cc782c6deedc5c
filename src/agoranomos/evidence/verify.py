"""Checks an evidence package. Needs Python 3.9 or newer and nothing else: no other program, no network.

    python3 verify.py PACKAGE.zip [--key KEY] [--audit-key KEY] [--json]
    python3 verify.py FOLDER      … the same of an unpacked package

KEY is the public key of the marketplace, which it publishes; you should have it by another way than with this package.
Without it the keys that the package itself names are used: then the answer is "as it was signed by whoever made it".

What is checked: every file is there, with the bytes that the manifest lists, and no other file; the manifest is the one
that was signed (Ed25519, RFC 8032); amounts add up to the totals of the manifest; every entry of the audit log in it is
in the tree (RFC 9162) whose root the log's key has signed. Exit code 0: all of it holds; 1: something does not, and it
is said what; 2: this is no package, or the call is wrong.

A copy of this file is in every package. A package that somebody has changed may hold a changed copy: take it from
somewhere else, and compare its SHA-256 with the one that the marketplace publishes.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

Point = tuple[int, int, int, int]
Listed = dict[str, tuple[int, str]]

FORM = "agoranomos evidence package, form 1"
MANIFEST = "manifest.json"
NOTE = "manifest.note"
AMOUNTS = "amounts.csv"
DOCUMENTS = "documents.csv"
CHECKPOINT = "audit/checkpoint.txt"
ENTRIES = "audit/entries.jsonl"
LARGEST = 1 << 31
"""Bytes of a file that are read at most; a package has smaller ones."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){0,3}")
_PART = 1 << 20


class Wrong(Exception):
    """The package is not as it was signed; the message says what differs."""


class Unreadable(Exception):
    """This is no evidence package."""


# ---- Ed25519, RFC 8032 section 5.1: verification only, so nothing here is secret ----

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(scalar: int, point: Point) -> Point:
    found = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = _add(found, point)
        point = _add(point, point)
        scalar >>= 1
    return found


def _x_of(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if square == 0:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P:
        return None
    return _P - x if (x & 1) != sign else x


def _point(raw: bytes) -> Point | None:
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = _x_of(y, sign) if y < _P else None
    return None if x is None else (x, y, 1, x * y % _P)


_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is that of the key `public` (32 bytes) over `message`."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, first = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or first is None or scalar >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    left = _times(scalar, _BASE)
    right = _add(first, _times(int.from_bytes(digest, "little") % _L, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


# ---- signed notes (c2sp.org/signed-note) ----


def key_of(text: str) -> tuple[str, bytes, bytes]:
    """(name, id, public key) of `name+hash+base64`. Raises Unreadable."""
    try:
        name, given, encoded = text.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Unreadable("a key is written name+hash+base64; copy it whole") from None
    if len(raw) != 33 or raw[0] != 1:
        raise Unreadable("this key is not one for Ed25519")
    found = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if found.hex() != given:
        raise Unreadable("the key does not agree with its hash; copy it again, whole")
    return name, found, raw[1:]


def text_signed_by(note: str, key: str, what: str) -> str:
    """The text of a note that `key` has signed. Raises Wrong."""
    name, key_id, public = key_of(key)
    text, found, lines = note.rpartition("\n\n")
    if not found:
        raise Wrong(what + " has no signature")
    text += "\n"
    for line in lines.splitlines():
        dash, _, rest = line.partition(" ")
        who, _, encoded = rest.partition(" ")
        if dash != "\u2014" or who != name:
            continue
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise Wrong(what + " has a signature that cannot be read") from None
        if raw[:4] == key_id:
            if not signed(public, text.encode(), raw[4:]):
                raise Wrong("the signature of " + name + " is not over this text of " + what)
            return text
    raise Wrong(name + " has not signed " + what + " with the key that was given")


# ---- the Merkle tree of the audit log (RFC 9162) ----


def root_of(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root to which `path` leads from the entry `leaf` at `index` of `size`; None when its length is wrong."""
    if not 0 <= index < size:
        return None
    node, last, root = index, size - 1, hashlib.sha256(b"\0" + leaf).digest()
    for sibling in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = hashlib.sha256(b"\1" + sibling + root).digest()
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            root = hashlib.sha256(b"\1" + root + sibling).digest()
        node >>= 1
        last >>= 1
    return root if last == 0 else None


# ---- the package ----


class Package:
    """The files of a package, in an archive or a folder; nothing is unpacked."""

    def __init__(self, place: str) -> None:
        self.archive: zipfile.ZipFile | None = None
        self.folder = Path(place)
        if self.folder.is_dir():
            files = [each for each in self.folder.rglob("*") if each.is_symlink() or not each.is_dir()]
            self.names = sorted(each.relative_to(self.folder).as_posix() for each in files)
            return
        try:
            self.archive = zipfile.ZipFile(place)
        except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
            raise Unreadable("this is no archive that can be read (" + type(error).__name__ + ")") from None
        self.names = [each.filename for each in self.archive.infolist()]

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        if self.archive is not None:
            self.archive.close()

    def _open(self, name: str) -> IO[bytes]:
        if self.archive is not None:
            return self.archive.open(name)
        path = self.folder.joinpath(*name.split("/"))
        if path.is_symlink() or not path.is_file():
            raise ValueError(name)
        return path.open("rb")

    def parts(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, a part at a time. Raises Wrong."""
        try:
            with self._open(name) as file:
                size = 0
                while True:
                    part = file.read(_PART)
                    if not part:
                        return
                    size += len(part)
                    if size > LARGEST:
                        raise Wrong(name + " is larger than a file of a package")
                    yield part
        except (
            OSError,
            KeyError,
            EOFError,
            ValueError,
            RuntimeError,
            zipfile.BadZipFile,
            NotImplementedError,
        ) as error:
            raise Wrong(name + " cannot be read (" + type(error).__name__ + ")") from None

    def read(self, name: str) -> bytes:
        """A whole file. Raises Wrong."""
        return b"".join(self.parts(name))

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, one by one. Raises Wrong."""
        rest = b""
        for part in self.parts(name):
            *whole, rest = (rest + part).split(b"\n")
            yield from whole
        if rest:
            yield rest


def manifest_of(package: Package, key: str | None = None) -> tuple[dict[str, Any], str]:
    """(manifest, key that signed it). Raises Unreadable when there is none, Wrong when it is not the signed one."""
    if MANIFEST not in package.names or NOTE not in package.names:
        raise Unreadable("there is no signed manifest in it; this is no evidence package, or it was taken out")
    raw = package.read(MANIFEST)
    try:
        manifest = json.loads(raw.decode("utf-8"))
        listed = {each["name"]: (int(each["bytes"]), str(each["sha256"])) for each in manifest["files"]}
        named = manifest["keys"]["package"]
        form = manifest["form"]
        note = package.read(NOTE).decode("utf-8")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Wrong(MANIFEST + " cannot be read") from None
    if form != FORM:
        raise Unreadable("this package has another form than this program knows: " + str(form)[:80])
    key = key or str(named)
    try:
        text = text_signed_by(note, key, "the manifest")
    except Unreadable as error:
        raise Wrong("the key: " + str(error)) from None
    if text != FORM + "\n" + hashlib.sha256(raw).hexdigest() + "\n":
        raise Wrong("the manifest is not the one that was signed")
    manifest["listed"] = listed
    return manifest, key


def problems(package: Package, manifest: dict[str, Any], audit_key: str | None = None) -> list[str]:
    """All that is wrong with the files of a package whose manifest holds, in words."""
    found: list[str] = []
    listed: Listed = manifest["listed"]
    known = set(listed) | {MANIFEST, NOTE}
    twice = sorted(name for name, count in Counter(package.names).items() if count > 1)
    found += [name[:200] + " is in it twice" for name in twice]
    found += [name[:200] + " is not in the manifest" for name in sorted(set(package.names) - known)]
    for name in sorted(known):
        if not _NAME.fullmatch(name):
            found.append(name[:200] + " is no name of a file in a package")
        elif name not in package.names:
            found.append(name + " is missing")
        elif name in listed:
            found.extend(_changed(package, name, *listed[name]))
    if found:
        return found
    for check in (_sums, _attached, partial(_proofs, audit_key=audit_key)):
        try:
            check(package, manifest)
        except (Wrong, Unreadable) as error:
            found.append(str(error))
        except (ValueError, KeyError, TypeError, IndexError, csv.Error, RecursionError) as error:
            found.append("a file that is checked cannot be read (" + type(error).__name__ + ")")
    return found


def _changed(package: Package, name: str, size: int, digest: str) -> list[str]:
    there, seen = hashlib.sha256(), 0
    try:
        for part in package.parts(name):
            there.update(part)
            seen += len(part)
    except Wrong as error:
        return [str(error)]
    same = (seen, there.hexdigest()) == (size, digest)
    return [] if same else [name + " is not as it was when the manifest was signed"]


def _sums(package: Package, manifest: dict[str, Any]) -> None:
    totals = manifest.get("totals")
    if totals is None:
        return
    sums: dict[str, int] = {}
    lines = (line.decode("utf-8-sig" if not number else "utf-8") for number, line in enumerate(package.lines(AMOUNTS)))
    for row in csv.DictReader(lines):
        sums[row["currency"]] = sums.get(row["currency"], 0) + int(row["amount"])
    if {name: amount for name, amount in sums.items() if amount} != {
        name: each for name, each in totals.items() if each
    }:
        raise Wrong("the amounts in " + AMOUNTS + " do not add up to the totals of the manifest")


def _attached(package: Package, manifest: dict[str, Any]) -> None:
    if DOCUMENTS not in package.names:
        return
    listed: Listed = manifest["listed"]
    lines = (
        line.decode("utf-8-sig" if not number else "utf-8") for number, line in enumerate(package.lines(DOCUMENTS))
    )
    told = {row["file"]: row["sha256"] for row in csv.DictReader(lines) if row["file"]}
    if told != {name: listed[name][1] for name in listed if name.startswith("documents/")}:
        raise Wrong("the attachments are not those that " + DOCUMENTS + " lists")


def _proofs(package: Package, manifest: dict[str, Any], audit_key: str | None) -> None:
    if ENTRIES not in package.names:
        return
    key = audit_key or manifest["keys"]["audit"]
    lines = text_signed_by(package.read(CHECKPOINT).decode("utf-8"), key, "the checkpoint of the audit log").split("\n")
    size, root = int(lines[1]), base64.b64decode(lines[2], validate=True)
    for line in package.lines(ENTRIES):
        entry = json.loads(line.decode("utf-8"))
        path = [base64.b64decode(each, validate=True) for each in entry["path"]]
        if root_of(entry["index"], size, entry["leaf"].encode("utf-8", "surrogatepass"), path) != root:
            raise Wrong("entry " + str(entry["index"]) + " is not in the audit log that the checkpoint signs")


def report(place: str, key: str | None = None, audit_key: str | None = None) -> dict[str, Any]:
    """What checking `place` comes to, as one value for people and programs. Raises Unreadable."""
    with Package(place) as package:
        try:
            manifest, used = manifest_of(package, key)
        except Wrong as error:
            return {"holds": False, "problems": [str(error)], "files": len(package.names)}
        found = problems(package, manifest, audit_key)
        proofs = 0 if found or ENTRIES not in package.names else sum(1 for _ in package.lines(ENTRIES))
    return {
        "holds": not found, "problems": found, "files": len(manifest["listed"]), "kind": manifest.get("kind"),
        "package_id": manifest.get("package_id"), "made_at": manifest.get("made_at"), "totals": manifest.get("totals"),
        "audit_entries": proofs, "signed_by": used, "key_was_given": key is not None,
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """The program."""
    parser = argparse.ArgumentParser(description="Check an evidence package.")
    parser.add_argument("package", help="the archive, or the folder it was unpacked into")
    parser.add_argument("--key", help="the public key of the marketplace for evidence")
    parser.add_argument("--audit-key", help="the public key of the marketplace's audit log")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    given = parser.parse_args(arguments)
    try:
        for key in (given.key, given.audit_key):
            if key is not None:
                key_of(key)
        told = report(given.package, given.key, given.audit_key)
    except Unreadable as error:
        sys.stderr.write("Error: " + str(error) + "\n")
        return 2
    out = io.StringIO()
    if given.json:
        out.write(json.dumps(told, ensure_ascii=True, sort_keys=True) + "\n")
    elif told["holds"]:
        out.write("The package is whole: {files} files, {audit_entries} entries of the audit log.\n".format(**told))
        out.write("Signed by {}\n".format(told["signed_by"]))
        if not told["key_was_given"]:
            out.write("This key came with the package: compare it with the one that the marketplace publishes.\n")
    else:
        out.writelines(
            "WRONG: " + each.encode("ascii", "backslashreplace").decode() + "\n" for each in told["problems"]
        )
    sys.stdout.write(out.getvalue())
    return 0 if told["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
