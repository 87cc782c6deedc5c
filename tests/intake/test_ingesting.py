"""Files into the log: every line accounted for, whatever it is packed in and whenever it was interrupted."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from click.testing import CliRunner

from agoranomos.engine.scan.progress import Silent
from agoranomos.intake import ingesting, progress, queries
from agoranomos.intake.ingesting import Ingest, Summary, sources_of, write_rejects
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store, open_store
from agoranomos.main import cli
from benchmarks.kills import torment
from tests.builders import NOW, make_lines, make_vault
from tests.intake.builders import PERSON, applied, raw

VAULT = make_vault()


class Interrupted(Exception):
    """In the place of a kill."""


class Stopping(Silent):
    """Interrupts after so many chunks."""

    def __init__(self, chunks: int) -> None:
        self.left = chunks

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Interrupted


def ingest(store: Store, *paths: Path | str, chunks: int = 0) -> Summary:
    sources = sources_of([str(path) for path in paths])
    return Ingest(store, VAULT, sources, clock=lambda: NOW, watcher=Stopping(chunks)).run()


def ids(store: Store) -> list[str]:
    with store.reading() as connection:
        return [one.event.id for one in queries.read_after(connection, 0)]


def some(count: int, prefix: str = "e") -> list[dict[str, Any]]:
    return [raw(f"{prefix}{number}") for number in range(count)]


def write(path: Path, values: Sequence[Any]) -> Path:
    """`values` in the form that the name of the file says."""
    text = make_lines(values)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text))
    elif path.suffix == ".zst":
        path.write_bytes(zstandard.compress(text))
    elif path.suffix == ".parquet":
        columns = {key: [value.get(key) for value in values] for key in ("id", "source", "type", "time", "subject")}
        columns["data"] = [json.dumps(value["data"]) for value in values]
        pq.write_table(pa.table(columns), path, row_group_size=4)
    else:
        path.write_bytes(text)
    return path


NAMES = ("a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet")


@pytest.mark.parametrize("name", NAMES)
def test_all_forms_are_read(store: Store, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, some(10))
    summary = ingest(store, path)
    assert (summary.lines, summary.accepted, summary.rejected, summary.repeated) == (10, 10, 0, 0)
    assert summary.by_type == {"order.delivered": 10}
    assert ids(store) == [f"e{number}" for number in range(10)]


@pytest.mark.parametrize("name", NAMES)
def test_an_interrupted_call_goes_on_where_it_stopped(
    store: Store, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingesting, "CHUNK_LINES", 3)
    first, second = write(tmp_path / f"1{name}", some(10)), write(tmp_path / f"2{name}", some(10, "f"))
    for _ in range(7):
        with pytest.raises(Interrupted):
            ingest(store, first, second, chunks=1)
    summary = ingest(store, first, second)
    assert (summary.lines, summary.accepted, summary.repeated) == (20, 20, 0)
    assert summary.lines_now == 1
    assert ids(store) == [f"e{number}" for number in range(10)] + [f"f{number}" for number in range(10)]


def test_a_call_that_was_finished_reads_again_and_counts_repeats(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [*some(10), b"broken"])
    assert ingest(store, path).accepted == 10
    again = ingest(store, path)
    assert (again.lines, again.accepted, again.repeated, again.rejected) == (11, 0, 10, 1)
    assert len(ids(store)) == 10


def test_a_file_that_changed_is_read_from_its_start(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingesting, "CHUNK_LINES", 3)
    path = write(tmp_path / "a.jsonl", some(10))
    with pytest.raises(Interrupted):
        ingest(store, path, chunks=2)
    write(path, some(2, "new") + some(10))
    summary = ingest(store, path)
    assert (summary.accepted, summary.repeated) == (6, 6)


def test_rejects_are_located_and_not_repeated(store: Store, tmp_path: Path) -> None:
    values = [
        raw("e1"), b"", b'{"SECRET": ', raw("e2", "order.placed", data={"paid": "SECRET"}), b"x" * (2 << 20),
        raw("e3"), b'{"id": "SECRET", "id": "SECRET"}',
    ]  # fmt: skip
    path = write(tmp_path / "a.jsonl", values)
    summary = ingest(store, path)
    assert (summary.lines, summary.accepted, summary.rejected) == (6, 2, 4)
    write_rejects(store, summary.run_id, tmp_path / "rejects.jsonl")
    text = (tmp_path / "rejects.jsonl").read_text("utf-8")
    assert "SECRET" not in text
    rejects = [json.loads(line) for line in text.splitlines()]
    assert [(one["line"], one["pointer"]) for one in rejects] == [(3, ""), (4, "/data/paid"), (5, ""), (7, "/id")]
    assert {one["file"] for one in rejects} == {str(path)}
    assert ["byte" in rejects[0]["reason"], "1 MiB" in rejects[2]["reason"], "twice" in rejects[3]["reason"]] == [
        True
    ] * 3


@pytest.mark.slow
def test_a_file_that_breaks_off_gives_what_it_has(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl.gz", some(20_000))
    path.write_bytes(path.read_bytes()[:-500])
    good = write(tmp_path / "b.jsonl", some(3, "f"))
    summary = ingest(store, path, good)
    assert summary.rejected == 1
    assert summary.accepted == summary.lines - 1 > 10_000
    with store.reading() as connection:
        [reject] = progress.rejects_of(connection, summary.run_id)
    assert reject.line == summary.accepted - 3 + 1
    assert "damaged" in reject.reason


def test_rows_of_parquet_are_rejected_one_by_one(store: Store, tmp_path: Path) -> None:
    rows = some(5)
    rows[2]["time"] = "2026-05-01"
    rows[3]["data"] = {"order_id": ""}
    summary = ingest(store, write(tmp_path / "a.parquet", rows))
    assert (summary.accepted, summary.rejected) == (3, 2)
    with store.reading() as connection:
        found = [(one.line, one.pointer) for one in progress.rejects_of(connection, summary.run_id)]
    assert found == [(3, "/time"), (4, "/data/order_id")]


def test_folders_globs_and_repeated_names(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    write(folder / "a.jsonl", some(2, "a"))
    write(folder / "b.jsonl", some(2, "b"))
    summary = ingest(store, folder, folder / "*.jsonl", folder / "a.jsonl")
    assert (summary.files, summary.accepted, summary.repeated) == (2, 4, 0)


def test_what_is_no_events_file_is_wrong_input(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n")
    with pytest.raises(Invalid):
        sources_of([str(tmp_path / "a.csv")])
    with pytest.raises(NotFound):
        sources_of([str(tmp_path / "none.jsonl")])


@pytest.mark.slow
def test_two_processes_over_the_same_files_do_not_mix(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingesting, "CHUNK_LINES", 3)
    path = write(tmp_path / "a.jsonl", some(10))

    class Other(Silent):
        begun = False

        def tick(self) -> None:
            if not self.begun:
                self.begun = True
                ingest(store, path)

    with pytest.raises(Conflict, match="another process"):
        Ingest(store, VAULT, sources_of([str(path)]), clock=lambda: NOW, watcher=Other()).run()
    assert ids(store) == [f"e{number}" for number in range(10)]


def test_chunks_are_bounded_by_their_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingesting, "CHUNK_BYTES", 1000)
    lines = [(number, msgspec.json.encode(event)) for number, event in enumerate(some(50), start=1)]
    parts = list(ingesting.chunks(iter(lines)))
    assert sum(part.lines for part in parts) == 50
    assert all(part.size < 1000 + 300 for part in parts)
    assert parts[-1].last == 50


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    return tmp_path / "home"


@pytest.mark.slow
def test_the_command_says_what_became_of_the_lines(home: Path, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl", [raw("e1"), raw("e1"), raw("e1", data={"order_id": "o"}), raw("e2", minutes=-11), b"{"]
    )
    rejects = tmp_path / "rejects.jsonl"
    said = CliRunner().invoke(cli, ["ingest", str(path), "--rejects", str(rejects)])
    assert said.exit_code == 0
    assert "2 accepted, 2 repeated, 1 rejected." in said.stdout
    assert "1  repeated with other content" in said.stdout
    assert "1  came more than ten minutes behind" in said.stdout
    assert json.loads(rejects.read_text("utf-8"))["line"] == 5
    again = CliRunner().invoke(cli, ["ingest", str(path), "--json"])
    summary = json.loads(again.stdout)
    assert (summary["accepted"], summary["repeated"], summary["conflicting"], summary["rejected"]) == (0, 4, 1, 1)


def test_wrong_input_is_exit_2(home: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["ingest", str(tmp_path / "none.jsonl")])
    assert said.exit_code == 2
    assert said.stderr.startswith("Error: there is no file")
    path = write(tmp_path / "a.jsonl", [b"{"])
    assert CliRunner().invoke(cli, ["ingest", str(path), "--rejects", str(tmp_path / "no" / "r.jsonl")]).exit_code == 2


@pytest.mark.slow
def test_no_personal_data_in_any_file_of_the_home(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [applied(), applied(birth_date=7)])
    said = CliRunner().invoke(cli, ["ingest", str(path), "--rejects", str(tmp_path / "rejects.jsonl")])
    assert said.exit_code == 0
    files = [each for each in [*home.rglob("*"), tmp_path / "rejects.jsonl"] if each.is_file()]
    raw_bytes = b"".join(each.read_bytes() for each in files) + said.output.encode()
    assert b"seller.applied" in raw_bytes
    for plain in (*PERSON.values(), "PLAIN"):
        assert plain.encode() not in raw_bytes


@pytest.mark.slow
def test_another_home_with_the_same_keys_has_the_same_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_VAULT_KEY", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")
    path = write(tmp_path / "a.jsonl", [applied()])
    names = []
    for number in range(2):
        monkeypatch.setenv("AGORA_HOME", str(tmp_path / f"home{number}"))
        assert CliRunner().invoke(cli, ["ingest", str(path)]).exit_code == 0
        assert not (tmp_path / f"home{number}" / "vault.keys").exists()
        store = open_store(str(tmp_path / f"home{number}" / "agoranomos.sqlite3"))
        with store.reading() as connection:
            names.append(queries.read_after(connection, 0)[0].event.data["legal_name"])
        store.close()
    assert names[0] == names[1] != PERSON["legal_name"]


@pytest.mark.slow
def test_standard_input(home: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "agoranomos.main", "ingest", "-", "--json"]
    for accepted in (3, 0):
        done = subprocess.run(command, input=make_lines(some(3)), capture_output=True, env=os.environ, check=True)
        summary = json.loads(done.stdout)
        assert (summary["lines"], summary["accepted"], summary["repeated"]) == (3, accepted, 3 - accepted)


@pytest.mark.slow
def test_killed_again_and_again_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    outcome = torment(tmp_path, kills=6, events=20_000, seed=3)
    assert outcome.whole, outcome
    assert outcome.amid >= 1, outcome
