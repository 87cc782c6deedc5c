"""All SQL of the two scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.intake.following import Bookmark
from agoranomos.judgements.tables import findings
from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.findings import Finding
from agoranomos.reviews.pressure.telling import PRESSURE
from agoranomos.reviews.score.memory import Cases, Decided
from agoranomos.reviews.score.model import Review
from agoranomos.reviews.score.scoring import EXTORTION, RING
from agoranomos.reviews.score.tables import score_cases, score_progress, score_reviews

_AT_A_TIME: Final = 500
_T: Final = score_reviews.c


BOOKMARK: Final = Bookmark(score_progress, "reviews", 0x73636F72650001)  # "score": the advisory lock of whoever follows


def load(connection: sa.Connection, wanted: Mapping[str, Iterable[str]]) -> list[Review]:
    """The reviews with one of these values in one of these columns (`review_id`, `order_id`, `author_id`)."""
    found: dict[str, Review] = {}
    for column, values in wanted.items():
        for part in _parts(sorted(set(values) - {""})):
            for row in connection.execute(sa.select(_T.told).where(_T[column].in_(part)).order_by(_T.review_id)):
                review = msgspec.msgpack.decode(row.told, type=Review)
                found[review.review_id] = review
    return list(found.values())


def write(connection: sa.Connection, reviews: Iterable[Review]) -> None:
    """Writes reviews, new ones and known ones."""
    rows = [
        {
            "review_id": each.review_id, "store_id": each.store_id, "author_id": each.author_id,
            "order_id": each.order_id, "told": msgspec.msgpack.encode(each),
        }
        for each in sorted(reviews, key=lambda each: each.review_id)
    ]  # fmt: skip
    for start in range(0, len(rows), _AT_A_TIME):
        upsert(connection, score_reviews, rows[start : start + _AT_A_TIME], ["review_id"])


def of_store(connection: sa.Connection, store_id: str) -> list[Review]:
    """All reviews of a store."""
    query = sa.select(_T.told).where(_T.store_id == store_id).order_by(_T.review_id)
    return [msgspec.msgpack.decode(row.told, type=Review) for row in connection.execute(query)]


def found_of(connection: sa.Connection, store_id: str) -> list[Finding]:
    """The findings on reviews of a store, on accounts that wrote some, and on the store, as far as they count here."""
    table = findings.c
    about = (
        (RING, "review", sa.select(_T.review_id).where(_T.store_id == store_id)),
        (EXTORTION, "review", sa.select(_T.review_id).where(_T.store_id == store_id)),
        (EXTORTION, "account", sa.select(_T.author_id).where(_T.store_id == store_id)),
        (PRESSURE, "store", sa.select(sa.literal(store_id))),
    )
    meant = sa.or_(
        *(sa.and_(table.code == code, table.subject_kind == kind, table.subject_id.in_(ids))
          for code, kind, ids in about)
    )  # fmt: skip
    query = sa.select(table.document).where(meant, table.status == "live").order_by(table.finding_id)
    return [msgspec.convert(row.document, Finding) for row in connection.execute(query)]


def decide(connection: sa.Connection, cases: Cases) -> None:
    """Writes decisions; of two about one subject the later one stands."""
    for (kind, subject_id), decided in sorted(cases.items()):
        where = sa.and_(score_cases.c.subject_kind == kind, score_cases.c.subject_id == subject_id)
        known = connection.execute(sa.select(score_cases.c.at).where(where)).scalar_one_or_none()
        if known is None or known <= decided.at:
            row = {"subject_kind": kind, "subject_id": subject_id, "at": decided.at, "cleared": decided.cleared}
            upsert(connection, score_cases, [row], ["subject_kind", "subject_id"])


def cases_of(connection: sa.Connection, store_id: str) -> Cases:
    """What was decided about reviews of a store, and the accounts that wrote some."""
    own = sa.or_(
        *(
            sa.and_(score_cases.c.subject_kind == kind, score_cases.c.subject_id.in_(
                sa.select(_T[column]).where(_T.store_id == store_id)
            ))
            for kind, column in (("review", "review_id"), ("account", "author_id"))
        )
    )  # fmt: skip
    rows = connection.execute(sa.select(score_cases).where(own))
    return {(row.subject_kind, row.subject_id): Decided(row.at, row.cleared) for row in rows}


def _parts(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), _AT_A_TIME):
        yield values[start : start + _AT_A_TIME]
