"""Links: a question to a million sellers, all links among them, and who is found; beside Splink in the same run.

The base is made of digests at once, with what makes linking hard in the right proportions: names and areas fall off as
ranks do, agents lend telephones and devices, households share rooms, one seller in fifty is a returner. Quality is that
of `links_quality`, and of public sets where AGORA_SHARED_DATA names them: FEBRL, whose truth is known, and shops of
Taobao, all of which are honest as far as anybody knows.
"""

from __future__ import annotations

import csv
import os
import resource
import time
from collections.abc import Iterator
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from agoranomos.engine.links import splinking
from agoranomos.engine.links.clusters import groups
from agoranomos.engine.links.facets import PARTS, facets_of
from agoranomos.engine.links.index import Index
from agoranomos.engine.links.slots import FIRST, WIDTH, digest, row_of
from agoranomos.engine.links.training import fitted
from agoranomos.sellers.links.policy import load_policy
from benchmarks.links_quality import run as quality
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, percentile

QUESTIONS: Final = 3_000
SPLINK_QUESTIONS: Final = 3
SPLINK_SELLERS_MAX: Final = 1_000_000
RETURNERS: Final = 0.02
MEASURED: Final = (
    "sellers", "made ready, s", "learned, s", "one question, median CPU ms", "one question, p99 CPU ms",
    "one question, p99 ms of the clock", "all links, s", "links found", "groups, s", "memory, GB",
)  # fmt: skip
Numbers = npt.NDArray[np.uint64]


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - every benchmark is given its materials
    """Speed beside Splink, quality on made people, public sets."""
    tables = [speed(size.feature_keys)]
    sellers = max(400, min(20_000, size.listings * 3))
    tables.append(quality.table(sellers, per_level=max(5, sellers // 200))[0])
    if (shared := os.environ.get("AGORA_SHARED_DATA")) and Path(shared, "sellers").is_dir():
        tables.append(public(Path(shared, "sellers")))
    return tables


def base(sellers: int, seed: int = 1) -> Numbers:
    """Rows of digests (sellers x WIDTH)."""
    draws = np.random.default_rng(seed)
    many = sellers
    parts = {
        "area": _ranked(draws, many, 2_800, 60), "year": draws.integers(1958, 2006, many).astype(np.uint64),
        "day": draws.integers(0, 365, many).astype(np.uint64), "serial": draws.integers(0, 999, many).astype(np.uint64),
        "surname": _ranked(draws, many, 400, 6),
    }  # fmt: skip
    table = np.zeros((many, WIDTH), np.uint64)
    given = _ranked(draws, many, 12_000, 60)
    agents = draws.integers(0, max(1, many // 120), many).astype(np.uint64)  # about twelve clients for each agent
    lent, home = draws.random(many) < 0.1, draws.random(many) < 0.04
    own = np.arange(many, dtype=np.uint64) + np.uint64(seed << 44)  # another seed, other people
    lender = np.where(lent, agents + np.uint64(1 << 40), own)
    neighbour = np.where(home, own // np.uint64(2) * np.uint64(2), own)
    tower = draws.random(many) < 0.12
    values = {
        "number": _mix(1, *parts.values(), own), "name": _mix(2, parts["surname"], given),
        "sound": _mix(3, parts["surname"], given // np.uint64(3)), "phone": _mix(4, lender),
        "bank": _mix(5, own), "mailbox": np.where(draws.random(many) < 0.5, _mix(6, own), 0),
        "room": _mix(7, neighbour), "room_in_city": _mix(8, neighbour),
        "site": _mix(9, np.where(tower, own % np.uint64(max(1, many // 300)) + np.uint64(1 << 41), neighbour)),
        "device": _mix(10, lender),
        "network": _mix(11, draws.integers(0, max(1, many // 4), many).astype(np.uint64)),
    }  # fmt: skip
    for name, column in values.items():
        table[:, FIRST[name]] = column
    for number, (one, other) in enumerate(combinations(PARTS, 2)):
        table[:, FIRST[f"{one}_{other}"]] = _mix(20 + number, parts[one], parts[other])
    for photo in ("face_photo", "id_photo"):
        table[:, FIRST[photo]] = draws.integers(1, 2**63, many).astype(np.uint64)
    for name in ("picture", "text"):  # goods of suppliers, some of them the same as others'
        shown = draws.integers(0, many * 4, (many, 3)).astype(np.uint64)
        table[:, FIRST[name] : FIRST[name] + 3] = np.sort(_mix(40 + FIRST[name], shown), axis=1)
    _return(draws, table)
    return table


def _return(draws: np.random.Generator, table: Numbers) -> None:
    """One in fifty is an earlier one with another number and name, a new telephone or a new account."""
    many = len(table)
    again = draws.choice(many, int(many * RETURNERS), replace=False)
    before = draws.integers(0, many, len(again))
    kept = [
        FIRST[name]
        for name in ("device", "room", "room_in_city", "site", "area_day", "area_surname", "day_surname", "bank")
    ]
    table[np.ix_(again, np.array(kept))] = table[np.ix_(before, np.array(kept))]
    half = again[: len(again) // 2]
    table[half, FIRST["bank"]] = _mix(99, half.astype(np.uint64))


def _ranked(draws: np.random.Generator, many: int, kinds: int, flat: int) -> Numbers:
    weights = 1.0 / (np.arange(kinds) + flat)
    return np.searchsorted(np.cumsum(weights / weights.sum()), draws.random(many)).astype(np.uint64)


def _mix(salt: int, *columns: Numbers) -> Numbers:
    out = np.full(columns[0].shape, salt * 0x9E3779B97F4A7C15 & (2**64 - 1), np.uint64)
    with np.errstate(over="ignore"):
        for column in columns:
            out = (out ^ column) * np.uint64(0xBF58476D1CE4E5B9)
            out ^= out >> np.uint64(29)
    return out | np.uint64(1)


def speed(sellers: int) -> Table:
    """Ours and Splink's, each in a process of its own, so that the memory of each can be told."""
    rows = [("", "ours", "Splink", "ratio")]
    ours, theirs = (_apart(which, sellers) for which in (_ours, _theirs))
    for what in MEASURED:
        mine, other = ours.get(what), theirs.get(what)
        ratio = f"{other / mine:,.0f}" if mine and other and what.endswith((" s", "ms", "clock")) else ""
        rows.append((what, _shown(mine), _shown(other), ratio))
    notes = ("Splink is not installed: pip install 'agoranomos[links]'",) if not theirs else ()
    return Table("a question to all sellers, and all links among them", rows[0], tuple(rows[1:]), notes)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _apart(which: Any, sellers: int) -> dict[str, float]:
    with get_context("spawn").Pool(1) as pool:
        found: dict[str, float] = pool.apply(which, (sellers,))
        return found


def _ours(sellers: int) -> dict[str, float]:
    warm = Index(load_policy().model)
    warm.add_all(["a", "b"], base(2))  # compiled before anything is timed
    warm.meets(warm.row(0))
    list(warm.sweep())
    fitted(warm, warm.parameters)
    table = base(sellers)
    found: dict[str, float] = {"sellers": float(sellers)}
    begun = time.process_time()
    index = Index(load_policy().model)
    index.add_all([f"u{number}" for number in range(sellers)], table)
    found["made ready, s"] = time.process_time() - begun
    begun = time.process_time()
    index.weigh_by(fitted(index, index.parameters))
    found["learned, s"] = time.process_time() - begun
    asked = base(sellers, seed=2)[-QUESTIONS:]
    known = table[np.random.default_rng(3).integers(0, sellers, len(asked))].copy()
    known[:, FIRST["number"]] += np.uint64(2)  # half of the questions: returners with another number
    asked[::2] = known[::2]
    del table
    times, wall = [], []
    for row in asked:
        begun, cpu = time.perf_counter(), time.thread_time()
        index.meets(row)
        times.append((time.thread_time() - cpu) * 1e3)
        wall.append((time.perf_counter() - begun) * 1e3)
    found["one question, median CPU ms"], found["one question, p99 CPU ms"] = (
        percentile(times, 0.5),
        percentile(times, 0.99),
    )
    found["one question, p99 ms of the clock"] = percentile(wall, 0.99)
    begun = time.process_time()
    pairs = [(index.seller_of(one), index.seller_of(other)) for one, other, _ in index.sweep()]
    found["all links, s"], found["links found"] = time.process_time() - begun, float(len(pairs))
    begun = time.process_time()
    groups(pairs, 3)
    found["groups, s"] = time.process_time() - begun
    found["memory, GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return found


def _theirs(sellers: int) -> dict[str, float]:
    if not splinking.installed():
        return {}
    many = min(sellers, SPLINK_SELLERS_MAX)
    index = Index(load_policy().model)
    index.add_all([f"u{number}" for number in range(many)], base(many))
    table = splinking.table_of(index)
    asked = table.slice(0, SPLINK_QUESTIONS).to_pylist()
    del index
    found: dict[str, float] = {"sellers": float(many)}
    cpu = time.process_time()
    linker, database = splinking.trained(table)
    found["learned, s"] = time.process_time() - cpu
    times, wall = [], []
    for number, record in enumerate(asked):
        begun, cpu = time.perf_counter(), time.process_time()  # it works in threads of its own
        splinking.asked(linker, database, record | {"unique_id": -1 - number}, f"question_{number}")
        times.append((time.process_time() - cpu) * 1e3)
        wall.append((time.perf_counter() - begun) * 1e3)
    found["one question, median CPU ms"], found["one question, p99 CPU ms"] = percentile(times, 0.5), max(times)
    found["one question, p99 ms of the clock"] = max(wall)
    cpu = time.process_time()
    found["links found"] = float(len(splinking.linked(linker, 0.5)))
    found["all links, s"] = time.process_time() - cpu
    found["memory, GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return found


def public(folder: Path) -> Table:
    """FEBRL against its truth, and the links among 20,000 honest shops."""
    rows = []
    for number in (1, 2, 3):
        file = folder / "febrl" / f"dataset{number}.csv"
        if file.exists():
            rows.append((f"FEBRL {number}: precision, recall of pairs", *_febrl(file)))
    shops = list(_shops(folder / "taobao_shops"))
    if shops:
        index = Index(load_policy().model)
        for seller_id, data in shops:
            index.add(
                seller_id, row_of({name: digest(f"{name}\0{text}") for name, text in facets_of(data).items()}, {})
            )
        index.weigh_by(fitted(index, index.parameters))
        pairs = list(index.sweep())
        rows.append((f"false links among {len(shops):,} shops (name and region)", str(len(pairs)), ""))
    return Table("public sets", ("set", "first", "second"), tuple(rows))


def _febrl(file: Path) -> tuple[str, str]:
    index = Index(load_policy().model)
    truth: dict[str, list[str]] = {}
    with file.open(newline="") as lines:
        for record in csv.DictReader(lines, skipinitialspace=True):
            data = {
                "legal_name": f"{record['surname']} {record['given_name']}", "id_number": record["soc_sec_id"],
                "birth_date": record["date_of_birth"],
                "address": f"{record['street_number']} {record['address_1']}, {record['suburb']}",
            }  # fmt: skip
            name = record["rec_id"].strip()
            truth.setdefault(name.split("-")[1], []).append(name)
            index.add(name, row_of({slot: digest(f"{slot}\0{text}") for slot, text in facets_of(data).items()}, {}))
    index.weigh_by(fitted(index, index.parameters))
    true = {pair for names in truth.values() for pair in combinations(sorted(names), 2)}
    found = {tuple(sorted((index.seller_of(one), index.seller_of(other)))) for one, other, _ in index.sweep()}
    right = len(found & true)
    return f"{right / max(1, len(found)):.4f}", f"{right / max(1, len(true)):.4f}"


def _shops(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="gb18030", errors="replace", newline="") as lines:
            for record in csv.DictReader(lines):
                if record.get("店铺id"):
                    yield (
                        record["店铺id"],
                        {"legal_name": record["卖家昵称"], "address": "", "region": record["店铺区域"]},
                    )
