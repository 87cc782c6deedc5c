"""Rings in parts are those of everything at once, to the byte, however the work is cut and whatever the files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from agoranomos.engine.market.plots.top_up_glitch import TopUpGlitch
from agoranomos.engine.stream.lines import event_files
from agoranomos.main import cli
from agoranomos.promotions.tracing.bulk.dealing import Dealt, dealt_to, home_of
from agoranomos.promotions.tracing.bulk.finding import Shown
from agoranomos.promotions.tracing.bulk.rows import NEEDED
from agoranomos.promotions.tracing.memory import HEARS
from tests.builders import NOW
from tests.engine.market.builders import lines, make_settings
from tests.promotions.tracing.bulk.whole import all_at_once, as_written, history, in_parts

INCIDENT = Path(__file__).parents[4] / "docs" / "examples" / "coupon-incident.jsonl"


@pytest.mark.parametrize(
    ("seed", "cut"), [(1, {"events_a_part": 500, "piece_bytes": 200_000}), (2, {"events_a_part": 2_000}), (3, {})]
)
def test_parts_find_what_all_at_once_finds(tmp_path: Path, seed: int, cut: dict[str, int]) -> None:
    (tmp_path / "events").mkdir()
    sources = history(tmp_path / "events", seed)
    whole = all_at_once(sources)
    found, summary = in_parts(sources[::-1], tmp_path, cut=cut)
    assert as_written(found, tmp_path) == as_written(whole, tmp_path)
    kinds = {kind for ring in whole for kind in ring.kinds}
    assert kinds >= {"device", "payee", "payer", "conduct", "registration", "network"}, "the history shows little"
    members = {each.account_id for ring in whole for each in ring.members}
    assert {f"{name}{number}" for name in "rfz" for number in range(7)} <= members
    assert (summary.rejected, summary.rings) == (3, len(whole))
    assert summary.repeated >= 40
    assert 0 < summary.accounts < summary.events
    left = {path.name for path in (tmp_path / "scratch" / "read").rglob("*")}
    assert "coupons" not in left, "what nobody reads any more takes no room"


def test_of_a_made_market_with_a_plot_as_well(tmp_path: Path) -> None:
    settings = make_settings(4, buyers=150, sellers=10)
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(lines(settings, TopUpGlitch(ring=12))))
    sources = event_files([tmp_path / "events.jsonl"])
    found, summary = in_parts(sources, tmp_path, cut={"events_a_part": 3_000})
    assert as_written(found, tmp_path) == as_written(all_at_once(sources), tmp_path)
    assert summary.rings >= 1
    assert summary.members >= 10


def test_as_of_an_earlier_moment_only_what_was_before_it_counts(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    sources, moment = history(tmp_path / "events", 4), NOW + timedelta(days=55)
    found, summary = in_parts(sources, tmp_path, as_of=moment)
    assert summary.at == moment
    assert found == all_at_once(sources, moment)
    members = {each.account_id for ring in found for each in ring.members}
    assert "z0" in members, "as of that day its second season was within the window, and its first one before it"
    assert "r0" not in members, "it acted later"


def test_what_nobody_did_is_no_ring(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text('{"type": "page.viewed"}\n\nno event\n')
    found, summary = in_parts(event_files([tmp_path / "none.jsonl"]), tmp_path)
    assert (found, summary.lines, summary.events, summary.rejected, summary.at) == ([], 2, 0, 1, None)


def test_all_types_of_event_that_tie_somebody_are_read() -> None:
    moved = {"order.delivered", "order.refunded", "order.shipped"}  # no claim hangs on them
    assert set(HEARS) - moved == NEEDED


def test_the_command_writes_a_line_for_each_ring_and_opens_no_store(tmp_path: Path) -> None:
    out, home = tmp_path / "out" / "rings.jsonl", tmp_path / "home"
    ran = CliRunner().invoke(
        cli, ["promotions", "rings", str(INCIDENT), "--out", str(out), "--json"], env={"AGORA_HOME": str(home)}
    )
    assert ran.exit_code == 0, ran.output
    summary = msgspec.json.decode(ran.stdout)
    assert (summary["rings"], summary["members"], summary["victims"], summary["claims"]) == (1, 8, 1, 65)
    (ring,) = [msgspec.json.decode(line, type=Shown) for line in out.read_bytes().splitlines()]
    assert [each.account_id for each in ring.members if each.victim] == ["old"]
    assert ring.ring_id.startswith("ring_")
    assert [path.name for path in out.parent.iterdir()] == ["rings.jsonl"]
    assert not (home / "agoranomos.sqlite3").exists()


def test_where_nothing_can_be_written_the_command_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "rings.jsonl"
    ran = CliRunner().invoke(
        cli, ["promotions", "rings", str(INCIDENT), "--out", str(out)], env={"AGORA_HOME": str(tmp_path / "home")}
    )
    assert ran.exit_code != 0
    assert "name another file" in f"{ran.output}{ran.exception}"


def test_rows_come_to_the_part_of_their_key_alone(tmp_path: Path) -> None:
    dealt = Dealt[int](4)
    for number in range(50):
        dealt.add(f"k{number}", number)
    dealt.add_to_all(["k1", "k2", "k1"], 99)
    dealt.write(tmp_path / "rows")
    for part in range(4):
        ((*got,),) = dealt_to(part, [tmp_path / "rows"], int)
        both = {home_of("k1", 4), home_of("k2", 4)}
        assert got == [each for each in range(50) if home_of(f"k{each}", 4) == part] + [99] * (part in both)
