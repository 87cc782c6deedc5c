"""The sweep of a cluster, whose tasks are done by this process: the same links, groups and findings as without.

`tests/engine/spark/test_links.py` has a real one.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from agoranomos.engine.scan.trouble import ScanStopped
from agoranomos.intake.actions import accept
from agoranomos.intake.noting import noted
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import parse_line
from agoranomos.sellers.commands import sellers
from agoranomos.sellers.links import away, commands
from agoranomos.wiring import Wiring
from tests.builders import NOW
from tests.engine.links.people import person
from tests.sellers.links.events import application, plain
from tests.sellers.links.test_service import history

HERE: Any = object()


class Here:
    """In the place of `engine.spark.tasks`."""

    @staticmethod
    def run(
        session: Any, tool: Any, tasks: Mapping[str, Any], folder: Path, *, kept: str
    ) -> Iterator[tuple[str, Path]]:  # fmt: skip
        assert session is HERE
        assert kept
        for name, task in tasks.items():
            made = folder / f"made-{name}"
            made.mkdir()
            sent, what = pickle.loads(pickle.dumps((tool, task)))
            sent.open()(what, made)
            yield name, made


@pytest.fixture
def wiring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    """A store with a returner and twins, and a cluster that is this process."""

    @contextmanager
    def session_for(engine: str, master: str | None, *_: Any, shared: list[Path], **__: Any) -> Iterator[Any]:
        assert shared == [tmp_path / "home"]
        yield None if engine == "local" else HERE

    monkeypatch.setattr(commands, "session_for", session_for)
    monkeypatch.setattr(away, "tasks", Here)
    monkeypatch.setattr(away, "slots", lambda _: 2)
    made = Wiring(tmp_path / "home", clock=lambda: NOW)
    twins = [plain("seller.applied", application(f"t{number}", person(3))) for number in range(3)]
    with made.store().transaction() as connection:
        ready = [noted(made.notings(), made.vault().keys, each) for each in [*history(), *map(parse_line, twins)]]
        accept(connection, made.vault(), ready, now=NOW)
    yield made
    made.store().close()


def sweep(wiring: Wiring, *words: str) -> Any:
    run = CliRunner().invoke(sellers, ["sweep", "--json", *words], obj=wiring)
    assert run.exit_code == 0, run.output
    return msgspec.json.decode(run.stdout)


def test_the_links_are_those_of_this_machine(wiring: Wiring, tmp_path: Path) -> None:
    here = sweep(wiring, "--links", str(tmp_path / "here.parquet"))
    assert here["groups"] == [["back", "s0"], ["s3", "t0", "t1", "t2"]]
    there = sweep(wiring, "--engine", "spark", "--master", "x", "--links", str(tmp_path / "there.parquet"))
    assert there == here
    assert (tmp_path / "there.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()
    found = pq.read_table(tmp_path / "here.parquet").to_pylist()
    assert len(found) == here["pairs"] == 7
    assert {(each["seller_id"], each["other_id"]) for each in found} >= {("back", "s0"), ("t2", "t0")}
    assert all(each["log_odds"] > 0.0 and each["probability"] > 0.5 for each in found)
    assert not list((tmp_path / "home").glob("sweep-*")), "nothing is left behind"


def test_others_may_go_on_while_the_cluster_works(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a transaction nor the index is held: an application that comes in is heard."""
    late = [plain("seller.applied", application("late", person(5)))]

    def run(*given: Any, **more: Any) -> Iterator[tuple[str, Path]]:
        while late:
            with wiring.store().transaction() as connection:
                event = noted(wiring.notings(), wiring.vault().keys, parse_line(late.pop()))
                accept(connection, wiring.vault(), [event], now=NOW)
            wiring.sellers.links.follow(wiring.sellers.keep_found)
        yield from Here.run(*given, **more)

    monkeypatch.setattr(away, "tasks", type("Other", (), {"run": staticmethod(run)}))
    there = sweep(wiring, "--engine", "spark", "--master", "x")
    assert "late" not in str(there["groups"]), "the links are of the moment at which it began"
    assert ["late", "s5"] in sweep(wiring)["groups"]


def test_a_cluster_that_gives_up_is_said(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any, kept: str, **__: Any) -> Iterator[tuple[str, Path]]:
        raise ScanStopped(f"The cluster gave up. {kept}")

    monkeypatch.setattr(away, "tasks", type("Other", (), {"run": staticmethod(run)}))
    run_ = CliRunner().invoke(sellers, ["sweep", "--engine", "spark", "--master", "x"], obj=wiring)
    assert isinstance(run_.exception, Invalid)
    assert str(run_.exception.message).endswith("Nothing of a sweep is kept.")
    crossed = CliRunner().invoke(sellers, ["sweep", "--cross-check", "--engine", "spark"], obj=wiring)
    assert crossed.exit_code == 2
    missing = CliRunner().invoke(sellers, ["sweep", "--links", "/nowhere/at/all.parquet"], obj=wiring)
    assert isinstance(missing.exception, Invalid)
