"""What was found about the staff, for who audits."""

from __future__ import annotations

from agoranomos.judgements import queries
from agoranomos.judgements.queries import AboutStaff
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.lists import Place
from agoranomos.kernel.store import Store


class InsiderService:
    """Reads findings on staff."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def found(self, about: AboutStaff, *, after: Place | None, limit: int) -> list[Finding]:
        """At most `limit` findings behind `after`, newest first."""
        with self._store.reading() as connection:
            return queries.list_staff_findings(connection, about, after=after, limit=limit)

    def finding(self, finding_id: str) -> Finding:
        """The latest revision. Raises NotFound."""
        with self._store.reading() as connection:
            return queries.get_staff_finding(connection, finding_id)
