"""The same base through Splink, as a cross-check: what two ways of weighing agree on needs no third.

Splink (Ministry of Justice, UK) is the reference implementation of Fellegi and Sunter's model at scale. It is an
optional part (`pip install agoranomos[links]`) of a pinned major version; its plain weights are known to let those pass
who change their name, so a link of ours that it lacks is no mistake by itself. It sees the digests that we see.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import pyarrow as pa

from agoranomos.engine.links.index import Index
from agoranomos.engine.links.slots import FIRST
from agoranomos.kernel.errors import Invalid

PAIRS_SAMPLED: Final = 2_000_000
_ALONE: Final = ("phone", "bank", "device", "room")
_BLOCKS: Final = (
    ("number",), ("phone",), ("bank",), ("device",), ("room",), ("area_day", "area_serial"),
    ("area_year", "area_day"), ("year_day", "area_serial"), ("year_day", "year_serial", "sound"),
)  # fmt: skip
_COLUMNS: Final = (
    "number", "name", "sound", "phone", "bank", "room", "device", "area_year", "area_day", "area_serial",
    "year_day", "year_serial", "day_serial",
)  # fmt: skip


def installed() -> bool:
    """Whether Splink is there."""
    return importlib.util.find_spec("splink") is not None


def table_of(index: Index) -> pa.Table:
    """The rows that stand, with a column for each slot that Splink compares; null where nothing is known."""
    rows = np.fromiter((at for _, at in index.live()), np.int64)
    found = index.rows.table[rows]
    columns: dict[str, Any] = {"unique_id": pa.array(rows)}
    for name in _COLUMNS:
        values = found[:, FIRST[name]].view(np.int64)
        columns[name] = pa.array(values, mask=values == 0)
    return pa.table(columns)


def trained(table: pa.Table) -> tuple[Any, Any]:
    """Splink's linker, trained without labels on `table`, and its database. Raises Invalid where it is missing."""
    if not installed():
        raise Invalid("Splink is not installed; install the extra: pip install 'agoranomos[links]'")
    # It takes a second to import, and few need it.
    from splink import Linker, SettingsCreator, block_on  # noqa: PLC0415
    from splink.internals.duckdb.database_api import DuckDBAPI  # noqa: PLC0415

    database = DuckDBAPI()
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=_comparisons(),
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in _BLOCKS],
        probability_two_random_records_match=1.0 / max(2, len(table)),
    )
    with _quiet():
        linker = Linker(database.register(table, table_name="sellers"), settings, log_level=logging.ERROR)
        linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS_SAMPLED, seed=1)
        for column in ("device", "bank", "number"):
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(block_on(column))
            except Exception:  # noqa: S112 - no pair agrees there: nothing to learn from
                continue
    return linker, database


def linked(linker: Any, line: float) -> dict[tuple[int, int], float]:
    """The pairs of rows (the later one first) that it holds for one, and how likely."""
    with _quiet():
        found = linker.inference.predict(threshold_match_probability=line).as_pyarrow_table()
    ones, others = found["unique_id_l"].to_pylist(), found["unique_id_r"].to_pylist()
    likely = found["match_probability"].to_pylist()
    return {(max(one, other), min(one, other)): p for one, other, p in zip(ones, others, likely, strict=True)}


def asked(linker: Any, database: Any, record: dict[str, Any], name: str) -> int:
    """How many of all it holds for the same as one new record; `name` tells the question apart from others."""
    with _quiet():
        one = database.register(pa.Table.from_pylist([record]), table_name=name)
        found = linker.inference.predict_between(one, linker._input_tables_dict["sellers"])
        return len(found.as_pyarrow_table())


def _comparisons() -> list[Any]:
    import splink.comparison_level_library as levels  # noqa: PLC0415
    import splink.comparison_library as comparisons  # noqa: PLC0415

    agree = "({0}_l = {0}_r)".format
    identity = comparisons.CustomComparison(
        output_column_name="identity",
        comparison_levels=[
            levels.NullLevel("number"),
            levels.ExactMatchLevel("number"),
            levels.CustomLevel(f"{agree('area_day')} and {agree('area_serial')}", "three parts"),
            levels.CustomLevel(f"{agree('area_year')} and {agree('area_day')}", "three parts, not the serial"),
            levels.CustomLevel(f"{agree('year_day')} or {agree('area_serial')} or {agree('area_day')}", "two parts"),
            levels.ElseLevel(),
        ],
    )
    name = comparisons.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            levels.NullLevel("name"),
            levels.ExactMatchLevel("name", term_frequency_adjustments=True),
            levels.CustomLevel(agree("sound"), "sounds the same"),
            levels.ElseLevel(),
        ],
    )
    alone = [comparisons.ExactMatch(column).configure(term_frequency_adjustments=True) for column in _ALONE]
    return [identity, name, *alone]


@contextmanager
def _quiet() -> Iterator[None]:
    """Splink tells its progress to the log, at length."""
    log = logging.getLogger("splink")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)
