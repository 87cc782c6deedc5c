"""The desks over a history: shared out among processes they say what one process says; each imports its own alone."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from agoranomos.access.exposure.deciding import CHECK as READ_CHECK
from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event
from agoranomos.engine.market.world import Settings
from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay_desks
from agoranomos.engine.stream.lines import event_files
from agoranomos.goods.listings.deciding import CHECK
from agoranomos.main import cli
from agoranomos.replaying.desks import DESKS_CHECKS, LISTING_CHECK, NOTED, Replaying
from agoranomos.sellers.rooms import SELLERS_CHECKS
from agoranomos.wiring import Wiring


@pytest.fixture
def market(tmp_path: Path) -> Path:
    settings = Settings(seed=3, start=date(2026, 1, 1), days=6, sellers=12, buyers=150)
    path = tmp_path / "market.jsonl"
    path.write_bytes(b"".join(one.line() for one in generate(settings) if isinstance(one, Event)))
    return path


@pytest.mark.slow
def test_the_desks_of_a_market_say_the_same_in_any_number_of_processes(
    market: Path, tmp_path: Path, judge_cache: Path
) -> None:
    replaying = Replaying(tmp_path / "home", cache=judge_cache, rules="starter")
    said = {}
    for processes in (1, 2, 3):
        out = tmp_path / f"out-{processes}"
        replay_desks(
            event_files([market]), replaying.desks(), out, progress=Progress(lambda _: None), processes=processes,
            telling=replaying.telling(), own_process_bytes_min=0,
        )  # fmt: skip
        said[processes] = {each.name: each.read_bytes() for each in out.iterdir()}
    assert said[1] == said[2] == said[3]
    summary = json.loads(said[1]["summary.json"])
    assert sum(summary["decisions"].values()) > 100
    assert summary["findings"]


def test_desks_go_to_other_processes_and_what_they_are_made_of_stays_there(tmp_path: Path) -> None:
    desks = Replaying(tmp_path).desks()
    names = [seat.name for seat in desks.seats]
    sent = pickle.loads(pickle.dumps(desks))
    made = sent.monitors([names.index("redress"), names.index("retaliation")])
    assert [(place, monitor.name) for place, monitor in made] == [
        ((names.index("redress"), 0), "goods.redress"),
        ((names.index("retaliation"), 0), "sellers.retaliation"),
    ]
    assert len(pickle.dumps(sent)) == len(pickle.dumps(desks)), "policies are read where they are needed"


@pytest.mark.slow
def test_rules_have_a_seat_of_their_own_and_hear_first(tmp_path: Path) -> None:
    with_rules = Replaying(tmp_path, rules="starter").desks()
    without = Replaying(tmp_path).desks()
    assert [monitor.name for _, monitor in with_rules.monitors()] == [monitor.name for _, monitor in without.monitors()]
    assert with_rules.seats[0].name == "rules"
    assert len(with_rules.seats) == len(without.seats) + 1


@pytest.mark.slow
@pytest.mark.parametrize("seat", ["goods", "sellers", "campaigns", "coupons", "rings", "reviews", "access"])
def test_who_hears_imports_neither_the_store_nor_the_web(seat: str, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from agoranomos.replaying.desks import Replaying;"
        f"desks = Replaying(Path({str(tmp_path)!r})).desks(); names = [each.name for each in desks.seats];"
        f"desks.monitors([names.index({seat!r})]); desks.make_view();"
        "found = {name.partition('.')[0] for name in sys.modules};"
        "found &= {'sqlalchemy', 'litestar', 'duckdb', 'httpcore', 'pypinyin', 'click'}; assert not found, found"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.slow
def test_only_who_needs_compiled_code_waits_for_it(tmp_path: Path) -> None:
    """And nobody for SciPy, which compiled code would load for products of matrices."""
    code = (
        "import sys; from pathlib import Path; from agoranomos.replaying.desks import COMPILED, Replaying;"
        f"desks = Replaying(Path({str(tmp_path)!r})).desks();"
        "late = [number for number, each in enumerate(desks.seats) if COMPILED in each.needs];"
        "desks.monitors(set(range(len(desks.seats))) - set(late)); assert 'numba' not in sys.modules;"
        "desks.monitors(late); assert 'numba' in sys.modules;"
        "from numba.core.registry import cpu_target; cpu_target.target_context.refresh();"
        "assert 'scipy.linalg' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.slow
def test_what_is_noted_live_is_noted_in_a_replay(tmp_path: Path) -> None:
    assert frozenset(Wiring(tmp_path).notings()) == NOTED
    assert SELLERS_CHECKS | {CHECK, READ_CHECK} == DESKS_CHECKS
    assert LISTING_CHECK == CHECK


def test_what_cannot_be_used_is_said_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "nothing.toml").write_text("")
    (tmp_path / "e.jsonl").write_text("")
    for wrong in (["--policy", str(tmp_path / "policies")], ["--rules", str(tmp_path / "none")]):
        given = ["replay", str(tmp_path / "e.jsonl"), "--out", str(tmp_path / "out"), *wrong]
        result = CliRunner().invoke(cli, given, env={"AGORA_HOME": str(tmp_path / "home")})
        assert result.exit_code == 2, result.output
        assert result.stderr.startswith("Error: ")
    assert not (tmp_path / "out").exists()
