"""A made market, and the rules that look at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from agoranomos.kernel.events import Event, parse_line
from agoranomos.rules.book import Book, Used
from agoranomos.rules.written import read_rules, rule_files
from tests.engine.market.builders import lines, make_settings

HERE: Final = Path(__file__).parent
WATCHED: Final = "watched_stores"


def make_book(entries: Mapping[str, datetime | None] | None = None, standing: str = "shadow") -> Book:
    """The rules of this folder, with `entries` on the list of watched stores."""
    written = read_rules(rule_files([HERE]), [WATCHED])
    used = [
        Used(written=each, version=1, standing="live" if standing == each.rule.id else "shadow") for each in written
    ]
    return Book(used, lists={WATCHED: entries or {}}, name="test")


@lru_cache(maxsize=1)
def market_lines() -> tuple[bytes, ...]:
    """Twelve days of a small market, as JSON lines."""
    return tuple(lines(make_settings(12, sellers=30, buyers=600)))


def market_file(folder: Path) -> Path:
    """The same as a file."""
    path = folder / "events.jsonl"
    path.write_bytes(b"".join(market_lines()))
    return path


@lru_cache(maxsize=1)
def market_events() -> tuple[Event, ...]:
    """The same as events, in order."""
    return tuple(parse_line(line) for line in market_lines())
