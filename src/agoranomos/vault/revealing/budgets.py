"""How much somebody may still see today: counted under a lock, so that it holds however many ask at once."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.calendar import day_of
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import NotFound
from agoranomos.staff import queries as staff
from agoranomos.staff.model import AT_THE_MACHINE
from agoranomos.vault.revealing.model import Refused
from agoranomos.vault.revealing.policy import LOCAL, Budget, Policy
from agoranomos.vault.revealing.tables import vault_budgets

KEPT_DAYS: Final = 35
"""What was used up before that is forgotten."""
_table = vault_budgets.c


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody may see today, and what of it is used: `values` of `values_per_day`, `searches` likewise."""

    role: str
    values: int
    values_per_day: int
    searches: int
    searches_per_day: int
    together: int
    together_per_day: int


def take(
    connection: sa.Connection, policy: Policy, by: Actor, now: datetime, *, values: int = 0, searches: int = 0
) -> Left:
    """Uses up some of today's budget of `by`, and of the role. Raises Refused when there is not so much left."""
    role, budget = _budget(connection, policy, by)
    mine, ours, day = str(by), f"role:{role}", day_of(now)
    fresh = {"day": day, "values_shown": 0, "searches": 0}
    if insert_ignore(connection, vault_budgets, [fresh | {"who": who} for who in sorted((mine, ours))]):
        connection.execute(sa.delete(vault_budgets).where(_table.day < day - KEPT_DAYS))
    used = _used(connection, (mine, ours), day, lock=True)
    if used[mine][0] + values > budget.values_per_day:
        left = budget.values_per_day - used[mine][0]
        raise Refused("budget", f"{max(0, left):,} of your {budget.values_per_day:,} values are left for today")
    if used[ours][0] + values > budget.values_per_day_together:
        raise Refused("budget_together", "all people of your role together have seen what they may for today")
    if used[mine][1] + searches > budget.searches_per_day:
        raise Refused("budget", f"your {budget.searches_per_day:,} searches of today are made")
    rows = sa.update(vault_budgets).where(_table.who.in_((mine, ours)), _table.day == day)
    connection.execute(rows.values(values_shown=_table.values_shown + values, searches=_table.searches + searches))
    return _left(role, policy, used, mine, values, searches)


def left(connection: sa.Connection, policy: Policy, by: Actor, now: datetime) -> Left:
    """What `by` may see today. Raises Refused for whoever has no budget."""
    role, _ = _budget(connection, policy, by)
    used = _used(connection, (str(by), f"role:{role}"), day_of(now), lock=False)
    return _left(role, policy, used, str(by), 0, 0)


def _budget(connection: sa.Connection, policy: Policy, by: Actor) -> tuple[str, Budget]:
    found = policy.largest(_roles(connection, by))
    if found is None:
        raise Refused("no_budget", "none of your roles has a budget for personal data; see the vault's policy")
    return found


def _roles(connection: sa.Connection, by: Actor) -> frozenset[str]:
    if by in AT_THE_MACHINE or by.kind == "system":
        return frozenset({LOCAL})
    if by.kind != "person":
        return frozenset()
    try:
        return frozenset(staff.get_person(connection, by.id).roles)
    except NotFound:
        return frozenset()


def _used(connection: sa.Connection, names: tuple[str, str], day: int, *, lock: bool) -> dict[str, tuple[int, int]]:
    query = sa.select(_table.who, _table.values_shown, _table.searches)
    query = query.where(_table.who.in_(names), _table.day == day).order_by(_table.who)
    rows = connection.execute(query.with_for_update() if lock else query)
    return dict.fromkeys(names, (0, 0)) | {row[0]: (row[1], row[2]) for row in rows}


def _left(role: str, policy: Policy, used: dict[str, tuple[int, int]], mine: str, values: int, searches: int) -> Left:
    budget = policy.budgets[role]
    return Left(
        role=role, values=used[mine][0] + values, values_per_day=budget.values_per_day,
        searches=used[mine][1] + searches, searches_per_day=budget.searches_per_day,
        together=used[f"role:{role}"][0] + values, together_per_day=budget.values_per_day_together,
    )  # fmt: skip
