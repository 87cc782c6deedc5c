"""Importing files into the registry: one transaction, and a second run changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa

from agoranomos.goods.brands import actions
from agoranomos.goods.brands.formats import FileReject, Parsed, read_brands


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, in numbers of brands; `skipped` are items that are no brands of goods."""

    added: int
    changed: int
    unchanged: int
    skipped: int
    rejected: int
    rejects: tuple[FileReject, ...]


def import_brands(connection: sa.Connection, paths: Iterable[Path], now: datetime) -> ImportReport:
    """Registers the brands of `paths` in the given transaction; raises Invalid for a file that
    cannot be read.

    A brand that stands in the files twice counts once per row; the last row is what is kept.
    """
    parsed = read_files(paths)
    changes = actions.register(connection, parsed.brands, now)
    return ImportReport(
        added=changes.count("added"),
        changed=changes.count("changed"),
        unchanged=changes.count("unchanged"),
        skipped=parsed.skipped,
        rejected=len(parsed.rejects),
        rejects=tuple(parsed.rejects),
    )


def read_files(paths: Iterable[Path]) -> Parsed:
    """The brands of all `paths` in their order, as one."""
    parts = [read_brands(path) for path in paths]
    return Parsed(
        [brand for part in parts for brand in part.brands],
        [reject for part in parts for reject in part.rejects],
        sum(part.skipped for part in parts),
    )
