"""The rules of a replay: from files, by the status that these say, with lists that are empty."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from agoranomos.rules.book import Book, book_of_files
from agoranomos.rules.written import read_rules, rule_files

_LISTED: Final = re.compile(r"listed\s*\(\s*'([^']+)'", re.IGNORECASE)


def replayed_book(path: Path) -> Book:
    """The book of the rules in a file or folder; its name is a hash of their text. Raises RuleError, Invalid.

    A replay starts empty, so every list that a rule names is there, without values.
    """
    files = rule_files([path])
    lists = {name for _, text in files for name in _LISTED.findall(text)}
    digest = hashlib.blake2b(digest_size=4)
    for _, text in files:
        digest.update(hashlib.blake2b(text.encode()).digest())
    return book_of_files(read_rules(files, lists), f"rules+{digest.hexdigest()}")
