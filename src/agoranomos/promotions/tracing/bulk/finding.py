"""The rings of whole histories: which steps are done in which order, wherever each is done, and what is written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import msgspec
import numpy as np

from agoranomos.engine.replay.dealing import events_in
from agoranomos.engine.replay.parts import Part, parted
from agoranomos.engine.scan.sources import Source
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.files import replace_whole
from agoranomos.promotions.registration.policy import Policy as SignUpPolicy
from agoranomos.promotions.tracing.bulk import rows, steps
from agoranomos.promotions.tracing.bulk.gathering import Gathered, gathered
from agoranomos.promotions.tracing.bulk.steps import Step, Verb, folder_of, read_back
from agoranomos.promotions.tracing.model import Member, Ring
from agoranomos.promotions.tracing.policy import Policy
from agoranomos.promotions.tracing.telling import ring_id

PIECE_BYTES: Final = 16 << 20
"""Of files, for one task of reading."""
EVENTS_A_PART: Final = 400_000
_READ: Final = ("identities", "signs", "coupons", "orders")
"""What of reading nobody reads any more after the orders; the rest is read once more."""


class Hands(Protocol):
    """Does a step: each of `tasks` by its number, in a folder of its own that lies where `steps.folder_of` says."""

    parts_min: int
    """Into so many parts at least work is cut, for all who do it to have some."""

    def do(self, step: Step, tasks: Sequence[Sequence[Part]]) -> None:
        """Raises Invalid when it cannot be done."""


class Here:
    """Does a step in this process, task by task."""

    parts_min = 1

    def do(self, step: Step, tasks: Sequence[Sequence[Part]]) -> None:
        """See `Hands`."""
        for number, task in enumerate(tasks):
            folder = folder_of(Path(step.scratch), step.verb, number)
            folder.mkdir(parents=True)
            step.do(number, task, folder)


class Shown(msgspec.Struct, frozen=True):
    """A ring as it is written: a line of JSON."""

    ring_id: str
    at: datetime
    since: datetime
    anchor: str
    kinds: tuple[str, ...]
    campaigns: tuple[str, ...]
    members: tuple[Member, ...]


class RingSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What was read and found; `claims` are those of the window, and `accounts` those whose claims were taken up one by
    one, as they share something telling or may be in a ring. `at` is None where nothing was heard.
    """

    lines: int
    events: int
    rejected: int
    repeated: int
    claims: int
    accounts: int
    rings: int
    members: int
    victims: int
    at: datetime | None


def found_in(
    sources: Sequence[Source], policy: Policy, sign_ups: SignUpPolicy, scratch: Path, *, as_of: datetime | None = None,
    hands: Hands | None = None, piece_bytes: int = PIECE_BYTES, events_a_part: int = EVENTS_A_PART,
) -> tuple[list[Ring], RingSummary]:  # fmt: skip
    """The rings in events of `sources` up to `as_of`, by default the latest of them; and how much that was.

    `scratch` is an empty folder of `hands`, with room for about as much as the events take. How the work is cut changes
    nothing of what is found. Raises Invalid.
    """
    hands = hands or Here()
    pieces = list(_pieces(parted(sources, piece_bytes), piece_bytes))
    parts = max(hands.parts_min, -(-events_in(sources) // events_a_part), 1)
    step = Step("read", str(scratch), len(pieces), parts, policy, sign_ups, as_of)
    hands.do(step, pieces)
    read = _read(step)
    _do(hands, step, "repeats")
    read.repeated, last = _repeated(step)
    if last is None:
        return [], _summary(read, None, as_of)
    moment = as_of or last
    step = msgspec.structs.replace(step, as_of=moment)
    for verb in ("signs", "coupons", "orders", "accounts", "keys", "acts"):
        _do(hands, step, verb)
        if verb == "orders":
            for path in (path for name in _READ for path in step.files("read", name)):
                path.unlink()
    found = gathered(step)
    return found.rings, _summary(read, found, moment)


def write_rings(rings: Sequence[Ring], at: datetime | None, path: Path) -> None:
    """A line for each ring, the largest first; the file is there whole or not at all. Raises Invalid."""
    try:
        replace_whole(path, "".join(f"{line}\n" for line in _lines(rings, at)))
    except OSError as error:
        raise Invalid(f"{path} cannot be written to ({error.strerror}); name another file") from error


def _lines(rings: Sequence[Ring], at: datetime | None) -> Iterator[str]:
    for ring in rings:
        assert at is not None, "a ring took something"
        shown = Shown(ring_id(ring), at, ring.since, ring.anchor, ring.kinds, ring.campaigns, ring.members)
        yield msgspec.json.encode(shown).decode()


def _pieces(parts: Sequence[Part], bytes_max: int) -> Iterator[tuple[Part, ...]]:
    """Parts of files, so many in one piece as are not too much: a task costs more than a small file."""
    held, size = list[Part](), 0
    for part in parts:
        more = (part.source.size if part.end is None else part.end) - part.start
        if held and size + more > bytes_max:
            yield tuple(held)
            held, size = [], 0
        held.append(part)
        size += more
    if held:
        yield tuple(held)


def _do(hands: Hands, step: Step, verb: Verb) -> None:
    hands.do(msgspec.structs.replace(step, verb=verb), [() for _ in range(step.parts)])


def _read(step: Step) -> rows.Read:
    whole = rows.Read()
    for path in step.files("read", steps.COUNTS):
        each = read_back(path, rows.Read)
        whole.lines += each.lines
        whole.events += each.events
        whole.rejected += each.rejected
    return whole


def _repeated(step: Step) -> tuple[int, datetime | None]:
    """Brings together which lines repeat others, where all following steps look for it: how many, and when the last of
    all events was.
    """
    lasts = [read_back(path, datetime | None) for path in step.files("repeats", steps.COUNTS)]  # type: ignore[arg-type]
    paths = step.files("repeats", steps.REPEATED)
    repeated = np.sort(np.concatenate([np.load(path) for path in paths]))
    np.save(Path(step.scratch) / steps.REPEATED, repeated)
    shutil.rmtree(Path(step.scratch) / "repeats")
    return len(repeated), max((at for at in lasts if at is not None), default=None)


def _summary(read: rows.Read, found: Gathered | None, at: datetime | None) -> RingSummary:
    members = [each for ring in found.rings for each in ring.members] if found else []
    victims = sum(each.victim for each in members)
    return RingSummary(
        lines=read.lines, events=read.events, rejected=read.rejected, repeated=read.repeated,
        claims=found.claims if found else 0, accounts=found.accounts if found else 0,
        rings=len(found.rings) if found else 0, members=len(members) - victims, victims=victims, at=at,
    )  # fmt: skip
