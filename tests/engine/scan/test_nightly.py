"""Nightly scans: what has not changed is not judged again, and what comes out is what a scan of everything gives."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agoranomos.engine.scan import journal as journals
from agoranomos.engine.scan import run as running
from agoranomos.engine.scan import units
from agoranomos.engine.scan.run import Hands, Workers, scan
from agoranomos.engine.scan.sources import expand
from agoranomos.engine.scan.summary import Summary
from agoranomos.engine.scan.work import work
from tests.engine.scan.builders import make_listing, make_listings, write
from tests.engine.scan.judges import Word

AT = "2026-05-01T00:00:00Z"


@pytest.fixture(autouse=True)
def _small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "_TEXT_BYTES", 16 << 10)


def here(judged: list[str]) -> Hands:
    """Hands that judge in this process, and note where what they judge comes from."""

    class Here:
        peak_bytes = 0

        def __init__(self, source: Any, folder: Path, on_done: Any) -> None:
            self.lost: list[units.Unit] = []
            self._judge, self._folder, self._on_done = source.open(), folder, on_done

        def __enter__(self) -> Here:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing was begun."""

        def run(self, given: Any, tick: Any) -> None:  # noqa: ARG002 - as pools are called
            for unit in given:
                judged.append(Path(unit.source.path).name)
                self._on_done(unit, work(unit, self._judge, self._folder, lambda _: None))

    def hands(source: Any, folder: Path, on_rows: Any, on_done: Any) -> Workers:
        return Here(source, folder, on_done)

    return hands


class Catalogue:
    """Files of listings; some of them twice, in different files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "catalogue"
        self.folder.mkdir()
        self.out = folder / "out"
        self.full = folder / "full"
        write(self.folder / "b.jsonl", [*make_listings(300), make_listing(1, currency="RMB")])
        write(self.folder / "c.csv", [make_listing(number) for number in range(280, 400)])

    def night(self, **more: Any) -> tuple[Summary, list[str]]:
        """One nightly scan: what it says, and the files of which something was judged."""
        judged: list[str] = []
        options: dict[str, Any] = {"judge": Word(), "at": AT} | more
        judge, at = options["judge"], options["at"]
        sources = expand([self.folder], skip=self.out)
        summary = scan(sources, judge, self.out, workers=1, at=at, hands=here(judged), nightly=True)
        return summary, sorted(set(judged))

    def same_as_all(self, judge: Word | None = None) -> None:
        """Holds what lies there against a scan of everything."""
        shutil.rmtree(self.full, ignore_errors=True)
        sources = expand([self.folder], skip=self.out)
        scan(sources, judge or Word(), self.full, workers=1, at=AT, hands=here([]))
        for name in ("findings.parquet", "rejects.parquet"):
            assert (self.out / name).read_bytes() == (self.full / name).read_bytes()


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path)


def test_only_what_has_changed_is_judged(catalogue: Catalogue) -> None:
    assert catalogue.night()[1] == ["b.jsonl", "c.csv"]
    summary, judged = catalogue.night()
    assert (judged, summary.timing.unchanged_rows, summary.rows) == ([], 421, 421)
    catalogue.same_as_all()
    write(catalogue.folder / "a.jsonl", [make_listing(5, title="a replica, listed before the others")])
    assert catalogue.night()[1] == ["a.jsonl"]
    catalogue.same_as_all()  # though the new file goes before the others, and makes a repeat of one of theirs
    write(catalogue.folder / "c.csv", make_listings(350)[320:])
    summary, judged = catalogue.night()
    assert (judged, summary.timing.unchanged_rows) == (["c.csv"], 302)
    catalogue.same_as_all()
    (catalogue.folder / "b.jsonl").unlink()
    assert catalogue.night()[1] == []
    assert sorted(each.name for each in catalogue.out.iterdir()) == [".night", "findings.parquet", "summary.json"]


def test_a_file_of_the_same_size_that_was_written_again_is_judged_again(catalogue: Catalogue) -> None:
    catalogue.night()
    path = catalogue.folder / "c.csv"
    path.write_bytes(path.read_bytes().replace(b"replica", b"genuine"))
    os.utime(path, ns=(0, 0))
    assert catalogue.night()[1] == ["c.csv"]
    catalogue.same_as_all()


def test_another_judge_judges_everything(catalogue: Catalogue) -> None:
    catalogue.night()
    other = Word("genuine", version="2")
    assert catalogue.night(judge=other)[1] == ["b.jsonl", "c.csv"]
    catalogue.same_as_all(other)


STEPS: list[tuple[Any, str]] = [
    (running, "repeated"),
    (running, "merge_findings"),
    (running, "write_json"),
    (journals, "keep"),
    (journals, "_second_name"),
    (shutil, "rmtree"),
]


@pytest.mark.parametrize(("where", "step"), STEPS, ids=[step for _, step in STEPS])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_step_loses_nothing(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, where: Any, step: str, after: bool
) -> None:
    """The program is gone in the second night; the third has to say what a scan of everything says."""
    catalogue.night()
    write(catalogue.folder / "a.jsonl", [make_listing(900, title="a replica that came on the second day")])
    whole: Callable[..., Any] = getattr(where, step)

    def dies(*given: Any, **more: Any) -> Any:
        if after:
            whole(*given, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(where, step, dies)
        with pytest.raises(KeyboardInterrupt):
            catalogue.night()
    write(catalogue.folder / "d.jsonl", [make_listing(901, title="a replica that came on the third day")])
    catalogue.night()
    catalogue.same_as_all()
    assert catalogue.night()[1] == []


def test_parts_that_are_gone_are_made_anew(catalogue: Catalogue) -> None:
    catalogue.night()
    for part in (catalogue.out / journals.NIGHT).glob("*.findings.arrow"):
        part.unlink()
    assert catalogue.night()[1] == ["b.jsonl", "c.csv"]
    catalogue.same_as_all()
