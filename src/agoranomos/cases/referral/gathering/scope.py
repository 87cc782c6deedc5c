"""From what a referral is about to all that belongs to it: stores, listings, members of a ring, recalls."""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.cases.referral.model import About
from agoranomos.goods.batches import queries as batches
from agoranomos.goods.redress import queries as redress
from agoranomos.goods.redress.model import Recall
from agoranomos.goods.trade.queries import store_of_listing
from agoranomos.judgements import queries as judgements
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.findings import Finding
from agoranomos.sellers.points.queries import seller_of_store, stores_of_seller

FINDINGS_MAX: Final = 5_000
"""Of one subject; more are counted in the log, and not quoted."""


NARROW: Final = frozenset({"listing", "batch"})
"""Matters of certain goods: whose they are is told, and nothing else of these sellers and stores."""
SELLING: Final = frozenset({"seller", "store"})


class Scope(msgspec.Struct, kw_only=True):
    """Ids by kind, findings on them, and recalls of their listings; `left_out` are kinds of which only ids are told."""

    ids: dict[str, set[str]]
    left_out: frozenset[str]
    findings: list[Finding]
    recalls: list[Recall]
    suspects: dict[tuple[str, str], Finding | None]
    victims: dict[tuple[str, str], Finding]


def scope_of(connection: sa.Connection, about: About) -> Scope:
    """All that belongs to `about`. Raises NotFound when nothing at all is known of it."""
    left_out = SELLING if about.kind in NARROW else frozenset[str]()
    scope = Scope(
        ids={about.kind: {about.id}}, left_out=left_out, findings=[], recalls=[], suspects={}, victims={}
    )  # fmt: skip
    if about.kind == "ring":
        _ring(connection, about.id, scope)
    else:
        _belongings(connection, about, scope)
    scope.recalls = [redress.get(connection, each) for each in _recall_ids(connection, scope)]
    for recall in scope.recalls:
        scope.ids.setdefault("listing", set()).add(recall.listing_id)
    for kind, name in told_of(scope):
        if kind != "ring":
            _findings_on(connection, kind, name, scope)
    _name_suspects(about, scope)
    return scope


def told_of(scope: Scope) -> list[tuple[str, str]]:
    """(kind, id) of all of which more than the id is told, in order."""
    kinds = sorted(scope.ids.keys() - scope.left_out)
    return [(kind, name) for kind in kinds for name in sorted(scope.ids[kind])]


def _belongings(connection: sa.Connection, about: About, scope: Scope) -> None:
    stores, sellers, listings = set[str](), set[str](), set[str]()
    match about.kind:
        case "listing":
            stores |= {store} if (store := store_of_listing(connection, about.id)) else set()
        case "store":
            stores.add(about.id)
        case "seller":
            stores |= set(stores_of_seller(connection, about.id))
        case "batch":
            batch = batches.get(connection, about.id)
            stores |= {batch.store_id} if batch.store_id else set()
            listings |= set(batches.listings_of(connection, about.id))
            for kind, name in (("supplier", batch.supplier_id), ("factory", batch.factory)):
                if name:
                    scope.ids.setdefault(kind, set()).add(name)
        case _:
            pass
    sellers |= {seller for store in stores if (seller := seller_of_store(connection, store))}
    for kind, names in (("store", stores), ("seller", sellers), ("listing", listings)):
        if names:
            scope.ids.setdefault(kind, set()).update(names)


def _ring(connection: sa.Connection, ring_id: str, scope: Scope) -> None:
    found = _all_findings(connection, judgements.About(ring_id=ring_id))
    if not found:
        raise NotFound("no finding names such a ring; see `agora cases` or GET /v1/findings")
    for finding in found:
        scope.ids.setdefault(finding.subject.kind, set()).add(finding.subject.id)


def _findings_on(connection: sa.Connection, kind: str, name: str, scope: Scope) -> None:
    known = {each.id for each in scope.findings}
    about = judgements.About(subject_kind=kind, subject_id=name, status="live")
    scope.findings += [each for each in _all_findings(connection, about) if each.id not in known]


def _all_findings(connection: sa.Connection, about: judgements.About) -> list[Finding]:
    return judgements.list_findings(connection, about, after=None, limit=FINDINGS_MAX)


def _recall_ids(connection: sa.Connection, scope: Scope) -> list[str]:
    listings = scope.ids.get("listing", set())
    stores = set[str]() if "store" in scope.left_out else scope.ids.get("store", set())
    found = set(redress.recalls_of_listings(connection, listings)) if listings else set()
    if stores:
        found |= set(redress.recalls_of_stores(connection, stores))
    return sorted(found)


def _name_suspects(about: About, scope: Scope) -> None:
    """Who is said to have done it: members of a ring, else whoever sells; `related` says who suffered."""
    by_subject: dict[tuple[str, str], Finding] = {
        (each.subject.kind, each.subject.id): each for each in reversed(scope.findings)
    }
    for finding in scope.findings:
        for other in finding.related:
            if other.role == "victim":
                scope.victims[other.kind, other.id] = finding
    kinds = {"ring": tuple(scope.ids), "account": ("account",)}.get(
        about.kind, ("seller", "store", "supplier", "factory")
    )
    for kind in kinds:
        for name in sorted(scope.ids.get(kind, ())):
            if kind != "ring" and (kind, name) not in scope.victims:
                scope.suspects[kind, name] = by_subject.get((kind, name))
