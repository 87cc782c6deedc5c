"""Checking a package in here: by the very program that goes with it, and by a key that is given."""

from __future__ import annotations

from pathlib import Path

import msgspec

from agoranomos.evidence.archive import Manifest
from agoranomos.evidence.verify import MANIFEST, Package, Unreadable, Wrong, manifest_of, problems
from agoranomos.kernel.errors import Invalid


def checked(file: Path, key: str | None = None, audit_key: str | None = None) -> Manifest:
    """The manifest of a package that is whole and was signed by `key` (None: by the one that it names). Raises Invalid
    and says what is wrong.
    """
    try:
        with Package(str(file)) as package:
            manifest, _ = manifest_of(package, key)
            found = problems(package, manifest, audit_key)
            raw = package.read(MANIFEST)
    except (Unreadable, Wrong) as error:
        raise Invalid(f"this cannot be verified: {error}") from error
    if found:
        raise Invalid(f"this cannot be verified: {'; '.join(found[:5])}")
    return msgspec.json.decode(raw, type=Manifest)
