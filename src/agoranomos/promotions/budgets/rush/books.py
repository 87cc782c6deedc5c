"""The books of a process: one for each rush and thread, as a book is no longer right when two write into it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from agoranomos.promotions.budgets.rush.book import Book
from agoranomos.promotions.budgets.terms import Terms

KEPT: Final = timedelta(minutes=1)
"""How long a book is kept that nobody writes into."""


class Books(threading.local):
    """`draw` tells apart who writes."""

    def __init__(self, draw: Callable[[], str]) -> None:
        """Called in each thread that first asks."""
        self._draw = draw
        self._books: dict[str, tuple[Book, datetime]] = {}

    def of(self, terms: Terms, rush_id: str, now: datetime) -> Book:
        """The book of a rush for the caps that hold now."""
        kinds = tuple(cap.kind for cap in terms.caps)
        book, _ = self._books.get(terms.campaign_id, (None, now))
        if book is None or book.rush_id != rush_id or book.kinds != kinds:
            book = Book(rush_id, terms.campaign_id, kinds, self._draw())
        self.tidy(now)
        self._books[terms.campaign_id] = book, now
        return book

    def tidy(self, now: datetime) -> None:
        """Lets go of the books that this thread has not written into for a while."""
        self._books = {name: kept for name, kept in self._books.items() if kept[1] > now - KEPT}
