"""What is measured of rules: the figures are right on a small market, and real histories are read as events."""

from __future__ import annotations

import sys
from datetime import date
from itertools import islice
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agoranomos.engine.market.plots.top_up_glitch import TopUpGlitch
from agoranomos.engine.market.world import Settings
from agoranomos.kernel.events import parse_line
from benchmarks import real_histories, rule_quality


@pytest.mark.slow
def test_a_hit_is_put_down_to_who_takes_part(tmp_path: Path) -> None:
    settings = Settings(seed=7, start=date(2026, 3, 1), days=5, sellers=20, buyers=300)
    found, truth = rule_quality.measure(tmp_path, settings, [TopUpGlitch()])
    by_rule = {each.rule: each for each in found}
    devices = by_rule["promotions.device_of_many_accounts"]
    assert set(devices.by) == {"top-up-glitch"}
    ring = {person for person, each in truth.items() if each.role == "ring"}
    assert devices.plotters["top-up-glitch, ring"] == ring
    assert by_rule["reviews.praise_in_a_burst"].hits == 0
    shown = rule_quality.page(found, truth, settings, [TopUpGlitch()])
    assert f"| top-up-glitch, ring | {len(ring)} | {len(ring)} |" in shown


@pytest.mark.parametrize("name", real_histories.SETS)
def test_real_histories_are_events(shared_data: Path, name: str) -> None:
    read, path, _ = real_histories.SETS[name]
    if not (shared_data / path).exists():
        pytest.skip(f"{path} is not there")
    first = [parse_line(msgspec.json.encode(row)) for row in islice(read(shared_data), 50)]
    assert len({each.identity for each in first}) == 50
