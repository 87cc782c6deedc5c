"""The rules of a replay: from files, by the status that these say, with lists that are empty."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agoranomos.rules.book import Book, book_of_files
from agoranomos.rules.written import Written, read_rules, rule_files, starter_files

STARTER: Final = "starter"
"""In the place of a file: the rules that come with the system, as they are."""
_LIVE: Final = re.compile(r"""status["']?\s*:\s*["']?live""")
_LISTED: Final = re.compile(r"listed\s*\(\s*'([^']+)'", re.IGNORECASE)


def replayed_book(given: str | None) -> Book:
    """The book of the rules in a file or folder, or of `starter`. Raises RuleError, Invalid.

    Without any, those of the starter rules that are live. A replay starts empty: every list that a rule names is
    there, without values. The name of the book is a hash of the text.
    """
    if given is None:
        files = starter_files()
        if not any(_LIVE.search(text) for _, text in files):  # to read them takes longer than a small history
            return book_of_files([], "")
        live = [each for each in _read(files) if each.rule.status == "live"]
        return book_of_files(live, "rules+shipped" if live else "")
    files = starter_files() if given == STARTER else rule_files([Path(given)])
    digest = hashlib.blake2b(digest_size=4)
    for _, text in files:
        digest.update(hashlib.blake2b(text.encode()).digest())
    return book_of_files(_read(files), f"rules+{digest.hexdigest()}")


def _read(files: Sequence[tuple[str, str]]) -> list[Written]:
    return read_rules(files, {name for _, text in files for name in _LISTED.findall(text)})
