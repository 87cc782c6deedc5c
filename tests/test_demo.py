"""The demonstration: a market in a store of its own, taken in once, whatever it is interrupted by."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from agoranomos.demo import Market, fill, filling, wiring_for
from agoranomos.engine.market.plots import chosen
from agoranomos.engine.stream.live import Live
from agoranomos.engine.stream.ordering import LATENESS
from agoranomos.goods.desk.monitor import NAME
from agoranomos.intake import ingesting
from agoranomos.intake.queries import count_by_type, read_after
from agoranomos.intake.tables import intake_events
from agoranomos.judgements.tables import findings
from agoranomos.kernel.store import Store
from agoranomos.main import cli
from agoranomos.wiring import Wiring
from tests.builders import NOW

SMALL = {"days": 3, "sellers": 10, "buyers": 100}


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    return Wiring(tmp_path, clock=lambda: NOW)


def market(wiring: Wiring, *plots: str, **changes: int) -> Market:
    return Market(**{**SMALL, **changes}, plots=tuple(chosen(plots, wiring.plots())))


def logged(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(intake_events)).scalar_one())


def test_each_market_has_a_store_of_its_own(wiring: Wiring, tmp_path: Path) -> None:
    markets = [
        Market(), Market(days=8), market(wiring), market(wiring, "top-up-glitch"),
        market(wiring, "top-up-glitch:ring=5"), market(wiring, "top-up-glitch", "returning-seller"),
    ]  # fmt: skip
    homes = [wiring_for(wiring, each).home for each in markets]
    assert homes[0] == tmp_path / "demo"
    assert len(set(homes)) == len(homes)
    assert all(home.is_relative_to(tmp_path / "demo") for home in homes)
    assert market(wiring, "top-up-glitch").name.startswith("top-up-glitch-")
    assert market(wiring, *(plot.name for plot in wiring.plots())).name == market(
        wiring, *(plot.name for plot in wiring.plots())
    ).name  # fmt: skip


@pytest.mark.slow
def test_the_market_is_taken_in_once_and_its_truth_is_kept_apart(wiring: Wiring) -> None:
    wanted = market(wiring, "disguised-brand", "returning-seller:per_level=1")
    own = wiring_for(wiring, wanted)
    told = list(fill(own, wanted))
    summary = json.loads((own.home / "market" / "summary.json").read_bytes())
    assert summary["plots"] == ["disguised-brand", "returning-seller"]
    assert date.fromisoformat(summary["start"]) == date(2026, 4, 28), "the market ends yesterday"
    assert told[0].startswith(f"A market of {summary['events']:,} events")
    assert logged(own.store()) == summary["events"]
    truth = (own.home / "market" / "truth.jsonl").read_text("utf-8")
    assert Counter(json.loads(line)["plot"] for line in truth.splitlines())["disguised-brand"] == 27
    with own.store().reading() as connection:
        assert count_by_type(connection) == summary["by_type"]
        assert not any("disguised-brand" in str(each.event.data) for each in read_after(connection, 0))
    assert list(fill(own, wanted)) == []
    own.store().close()
    later = Wiring(own.home, clock=lambda: NOW.replace(month=6))
    assert list(fill(later, wanted)) == [], "opened again another day it is the same market"
    later.store().close()


@pytest.mark.slow
def test_what_was_interrupted_goes_on(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingesting, "CHUNK_LINES", 100)
    wanted = market(wiring)
    own = wiring_for(wiring, wanted)
    steps = fill(own, wanted)
    next(steps)
    taken = ingesting.Ingest._advance

    def broken(self: ingesting.Ingest, *arguments: object) -> object:
        if logged(own.store()) >= 300:
            raise KeyboardInterrupt
        return taken(self, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(ingesting.Ingest, "_advance", broken)
        with pytest.raises(KeyboardInterrupt):
            list(steps)
    assert logged(own.store()) == 300
    list(fill(own, wanted))
    assert logged(own.store()) == json.loads((own.home / "market" / "summary.json").read_bytes())["events"]
    own.store().close()


def test_it_goes_on_behind_the_pages_and_stops_nobody(wiring: Wiring, caplog: pytest.LogCaptureFixture) -> None:
    wanted = market(wiring)
    own = wiring_for(wiring, wanted)
    told: list[str] = []
    done = threading.Event()

    def tell(words: str) -> None:
        told.append(words)
        if "in the log" in words:
            done.set()

    with filling(own, wanted, tell):
        assert done.wait(120)
    assert logged(own.store()) > 1_000
    own.store().close()
    with filling(own, market(wiring, days=0), tell):
        assert "market" not in {thread.name for thread in threading.enumerate()}
    assert len(told) == 2
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--plot", "bribe"], "there is no plot"), (["--plot", "top-up-glitch:rings=1"], "settings of top-up-glitch")],
)
def test_wrong_plots_are_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, ["demo", *arguments], env={"AGORA_HOME": str(tmp_path)})
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.slow
def test_the_desks_find_what_was_planted(tmp_path: Path, judge: object, judge_cache: Path) -> None:
    (tmp_path / "cache").symlink_to(judge_cache)
    wiring = Wiring(tmp_path, clock=lambda: NOW)
    wanted = market(wiring, "disguised-brand", days=5)
    own = wiring_for(wiring, wanted)
    list(fill(own, wanted))
    rows = [json.loads(line) for line in (own.home / "market" / "truth.jsonl").read_text("utf-8").splitlines()]
    copies = {row["subject"]["id"] for row in rows if row["role"] == "copy"}

    follower = next(each for each in own.followers() if each._lease_name == f"monitor:{NAME}")
    live = Live(
        own.store(), follower._make, read_after=follower._read_after, keep=follower._keep, mine=lambda _: None,
        prepare=follower._prepare,
    )  # fmt: skip
    while not live.step(NOW + LATENESS).idle:
        pass
    with own.store().reading() as connection:
        found = set(connection.execute(sa.select(findings.c.subject_id)).scalars())
    assert len(copies) == 24
    assert copies <= found
    own.store().close()
