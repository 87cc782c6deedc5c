"""Where things are shown: one place says so, for every link of every page."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode


def subject_url(kind: str, subject_id: str) -> str:
    """The page of a listing, store, account …: ids are anything that is printable, a slash included."""
    return f"/subjects/{quote(kind, safe='')}?{urlencode({'id': subject_id})}"


def finding_url(finding_id: str) -> str:
    """The page of a finding."""
    return f"/findings/{quote(finding_id, safe='')}"


def with_query(path: str, /, **values: str | None) -> str:
    """`path` with those of `values` that are something."""
    filled: Mapping[str, str] = {name: value for name, value in values.items() if value}
    return f"{path}?{urlencode(filled)}" if filled else path
