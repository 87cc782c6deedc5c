"""The verbs of retention, given an open transaction: place a hold, lift it with two people, do a step of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry, seal
from agoranomos.kernel import calendar
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval, Wanted
from agoranomos.kernel.dialects import take_turn
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.retained import Kept
from agoranomos.retention import queries
from agoranomos.retention.model import Hold, HoldKind, Part, Run, Standing
from agoranomos.retention.policy import Policy
from agoranomos.staff import approving
from agoranomos.vault.erasing import erase_now
from agoranomos.vault.subjects import Whom

LIFT: Final = "retention.lift"
ROWS_AT_A_TIME: Final = 500
NOTE_MAX: Final = 2_000
_RUNNING: Final = 0x72657461696E  # "retain": the advisory lock of whoever does a step

Forgets = Callable[[sa.Connection, Whom], int]
"""Deletes what a room has made of somebody's data; returns how many rows went."""
Covers = Callable[[sa.Connection, str, str], Iterable[tuple[str, str]]]
"""(kind, id) of what else a hold on something keeps: the members of a case, the stores of a seller."""
Stands = Callable[[sa.Connection], Iterable[Standing]]
"""The holds that nobody placed."""


@dataclass(frozen=True)
class Tools:
    """What verbs work with: the kinds of data, the schedule, what a hold covers, which holds stand by themselves, what
    rooms forget about a person, and random bytes.
    """

    kept: Sequence[Kept]
    policy: Policy
    covers: Covers
    stands: Stands
    forgets: Sequence[Forgets]
    draws: Callable[[int], bytes]


def place(
    connection: sa.Connection, tools: Tools, kind: HoldKind, subject_id: str, *, why: str, note: str,
    until: datetime | None, by: Actor, now: datetime,
) -> Hold:  # fmt: skip
    """Keeps data about something from being ended. Raises Invalid for what is no id or code, or a moment gone by."""
    if not is_id(subject_id):
        raise Invalid("an id has 1 to 128 printable characters", pointer="/subject_id")
    if not is_id(why) or any(map(str.isspace, why)) or "@" in why:
        raise Invalid("why is a code without spaces, such as litigation; words go into the note", pointer="/why")
    if len(note) > NOTE_MAX:
        raise Invalid(f"a note has at most {NOTE_MAX:,} characters", pointer="/note")
    if until is not None and until <= now:
        raise Invalid("a hold lasts until a moment to come, or until it is lifted", pointer="/until")
    hold = Hold(
        hold_id=derived("hd", kind, subject_id, why, str(by), now.isoformat()), kind=kind, subject_id=subject_id,
        why=why, note=note, placed_at=now, placed_by=str(by), until=until,
    )  # fmt: skip
    if queries.add_hold(connection, hold):
        entry = _entry("retention.hold", "hold", hold.hold_id, by, now, held_kind=kind, why=why)
        record(connection, entry, {"note": seal(note, tools.draws(16))} if note else None)
    return hold


def ask_to_lift(connection: sa.Connection, hold_id: str, *, by: Actor, now: datetime) -> Approval:
    """Asks a second person to agree that a hold ends. Raises NotFound, Conflict when it has ended."""
    return approving.request(connection, _lift_wanted(connection, hold_id, now), by=by, now=now)


def lift(connection: sa.Connection, hold_id: str, approval_id: str, *, by: Actor, now: datetime) -> Hold:
    """Ends a hold, once a second person has agreed. Raises NotFound, Conflict."""
    approving.spend(connection, approval_id, _lift_wanted(connection, hold_id, now), by=by, now=now)
    queries.lift(connection, hold_id, str(by), now)
    record(connection, _entry("retention.lift", "hold", hold_id, by, now, approval_id=approval_id))
    return queries.get_hold(connection, hold_id)


def held(connection: sa.Connection, tools: Tools, now: datetime) -> dict[str, set[str]]:
    """Kind of subject → ids that any hold keeps at `now`."""
    found: dict[str, set[str]] = {}
    placed = [(each.kind, each.subject_id) for each in queries.standing(connection, now)]
    for kind, name in [*placed, *((each.kind, each.subject_id) for each in tools.stands(connection))]:
        found.setdefault(kind, set()).add(name)
        for also, other in tools.covers(connection, kind, name):
            found.setdefault(also, set()).add(other)
    return found


def why_held(connection: sa.Connection, tools: Tools, kind: str, subject_id: str, now: datetime) -> str | None:
    """Which hold keeps the data of somebody, in words; None when none does."""
    placed = [(each.kind, each.subject_id, each.why, each.hold_id) for each in queries.standing(connection, now)]
    by_itself = [(each.kind, each.subject_id, each.why, "by itself") for each in tools.stands(connection)]
    for on, name, why, hold_id in [*placed, *by_itself]:
        covered = {(on, name), *tools.covers(connection, on, name)}
        if (kind, subject_id) in covered:
            return f"a hold ({why}, {hold_id}) is on {on} {name}"
    return None


def begin(connection: sa.Connection, tools: Tools, *, by: Actor, now: datetime) -> Run:
    """The run that goes on, else a new one."""
    take_turn(connection, _RUNNING)
    going = queries.open_run(connection)
    if going is not None:
        return going
    run = planned(connection, tools, by=by, now=now, dry=False)
    queries.put_run(connection, run)
    told = _entry("retention.begin", "retention_run", run.run_id, by, now, policy=run.policy_version)
    record(connection, told)
    return run


def planned(connection: sa.Connection, tools: Tools, *, by: Actor, now: datetime, dry: bool) -> Run:
    """A run with all its parts; in a dry one they say what would go, and nothing is done."""
    holds = held(connection, tools, now)
    parts = []
    for kept in tools.kept:
        line = tools.policy.kinds[kept.kind]
        if not line.days:
            continue
        before = calendar.after(now, -timedelta(days=line.days))
        free, back = queries.count(connection, kept, before, holds)
        parts.append(
            Part(
                kind=kept.kind, action=kept.action, days=line.days, basis=line.basis, before=before,
                gone=free if dry else 0, held=back, done=dry,
            )
        )  # fmt: skip
    return Run(
        run_id=derived("rr", str(by), now.isoformat()), started_at=now, started_by=str(by),
        policy_version=tools.policy.version, parts=tuple(parts), dry=dry, ended_at=now if dry else None,
    )  # fmt: skip


def step(connection: sa.Connection, tools: Tools, run_id: str, *, by: Actor, now: datetime) -> Run:
    """Does the next step of a run: some rows of one kind, and how far it came, in one transaction. Holds are looked at
    again in each. Raises NotFound.
    """
    take_turn(connection, _RUNNING)
    run = queries.get_run(connection, run_id)
    if run.ended_at is not None:
        return run
    kinds = {each.kind: each for each in tools.kept}
    place_of = next((at for at, each in enumerate(run.parts) if not each.done), None)
    if place_of is None:
        return _ended(connection, run, by, now)
    part = run.parts[place_of]
    kept = kinds.get(part.kind)
    moved = msgspec.structs.replace(part, done=True) if kept is None else _part(connection, tools, kept, part, by, now)
    parts = (*run.parts[:place_of], moved, *run.parts[place_of + 1 :])
    run = msgspec.structs.replace(run, parts=parts)
    queries.put_run(connection, run)
    if moved.done and moved.gone:
        told = _entry(
            f"retention.{moved.action}", "retention_run", run.run_id, by, now, of=moved.kind, gone=moved.gone,
            held=moved.held, days=moved.days,
        )  # fmt: skip
        record(connection, told)
    return run


def forget(connection: sa.Connection, tools: Tools, about: Whom) -> int:
    """Deletes what rooms have made of somebody's data: prints, digests, what a provider said. How many rows went."""
    return sum(each(connection, about) for each in tools.forgets)


def _part(connection: sa.Connection, tools: Tools, kept: Kept, part: Part, by: Actor, now: datetime) -> Part:
    holds = held(connection, tools, now)
    after = str(part.after[0]) if part.after else None
    rows = queries.page(connection, kept, part.before, holds, after=after, limit=ROWS_AT_A_TIME)
    keys = [tuple(row[: len(kept.key)]) for row in rows]
    last: tuple[str | int, ...] | None = None
    match kept.action:
        case "delete":
            gone = queries.delete(connection, kept, keys)
        case "thin":
            gone = queries.thin(connection, kept, rows)
        case "erase":
            gone = sum(_erased(connection, tools, kept, str(key[0]), by, now) for key in keys)
            last = (str(keys[-1][0]),) if keys else part.after
    return msgspec.structs.replace(part, gone=part.gone + gone, after=last, done=len(rows) < ROWS_AT_A_TIME)


def _erased(connection: sa.Connection, tools: Tools, kept: Kept, name: str, by: Actor, now: datetime) -> int:
    assert kept.person is not None, "whoever is erased is somebody"
    about = Whom(kept.person, name)
    erased = erase_now(connection, about, because=f"{kept.kind}", by=by, now=now)
    forgotten = forget(connection, tools, about)
    return int(erased is not None or forgotten > 0)


def _ended(connection: sa.Connection, run: Run, by: Actor, now: datetime) -> Run:
    run = msgspec.structs.replace(run, ended_at=now)
    queries.put_run(connection, run)
    gone = sum(each.gone for each in run.parts)
    record(connection, _entry("retention.end", "retention_run", run.run_id, by, now, gone=gone))
    return run


def _lift_wanted(connection: sa.Connection, hold_id: str, now: datetime) -> Wanted:
    hold = queries.get_hold(connection, hold_id)
    if not hold.stands(now):
        raise Conflict("this hold has ended already")
    beneficiaries = (hold.subject_id,)
    return Wanted(
        kind=LIFT, subject_kind="hold", subject_id=hold_id, params={"why": hold.why}, beneficiaries=beneficiaries
    )


def _entry(verb: str, kind: str, name: str, by: Actor, now: datetime, **params: str | int) -> Entry:
    return Entry(at=now, actor=by, verb=verb, subject_kind=kind, subject_id=name, params=params)
