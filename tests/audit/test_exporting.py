"""The exported log, read as any client of tlog-tiles reads it: from its files alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from agoranomos.audit import exporting
from agoranomos.audit.notes import Checkpoint, Note
from agoranomos.audit.tables import audit_entries, audit_tiles
from agoranomos.audit.tiles import Tile
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from tests.audit.log import KEY, Log, codes, make_entry
from tests.audit.test_merkle import naive_root


@pytest.fixture
def log(store: Store) -> Log:
    return Log(store)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the log is exported to; the embedded store lies beside it."""
    made = tmp_path / "exported"
    made.mkdir()
    return made


def export(log: Log, folder: Path) -> exporting.Exported:
    with log.store.reading() as connection:
        return exporting.export(connection, folder)


def test_files_are_where_the_specification_has_them(log: Log, folder: Path) -> None:
    with pytest.raises(NotFound, match="nothing is signed"):
        export(log, folder)
    log.grow(300)
    assert export(log, folder) == exporting.Exported(300, 5)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {
        "checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44",
    }  # fmt: skip
    head = Checkpoint.parse(Note.parse((folder / "checkpoint").read_text("utf-8")).text)
    bundle = (folder / "tile/entries/001.p/44").read_bytes()
    length = int.from_bytes(bundle[:2], "big")
    assert bundle[2 : 2 + length] == make_entry(256).leaf()
    first = (folder / "tile/0/000").read_bytes()
    assert first[:32] == hashlib.sha256(b"\x00" + make_entry(0).leaf()).digest()
    assert (folder / "tile/1/000.p/1").read_bytes() == naive_root(log.leaves()[:256])
    assert head.root == naive_root(log.leaves())


def test_an_export_goes_on_where_the_last_one_ended(log: Log, folder: Path) -> None:
    log.grow(300)
    export(log, folder)
    assert export(log, folder).files == 0
    log.grow(300)
    assert export(log, folder) == exporting.Exported(600, 5)
    copy = exporting.read(folder)
    assert copy.problems() == []
    assert len(copy.leaves) == 600
    assert copy.note.signed_by(KEY.verifier) is not None
    assert log.verify(copy).ok
    log.grow(5)
    assert log.verify(copy).ok, "an older copy is the beginning"


def test_another_log_does_not_go_into_the_same_folder(log: Log, folder: Path) -> None:
    log.grow(5)
    export(log, folder)
    with log.store.transaction() as connection:
        connection.execute(audit_tiles.update().values(hashes=bytes(5 * 32)))
    with pytest.raises(Conflict, match="another log"):
        export(log, folder)


@pytest.mark.parametrize(
    ("name", "said"),
    [("tile/0/000.p/5", "tile 0/000.p/5 does not hold"), ("tile/entries/000.p/5", "its entries do not make the tree")],
)
def test_a_changed_copy_is_noticed(log: Log, folder: Path, name: str, said: str) -> None:
    log.grow(5)
    export(log, folder)
    content = bytearray((folder / name).read_bytes())
    content[40] ^= 1
    (folder / name).write_bytes(content)
    assert said in exporting.read(folder).problems()[0]
    (folder / name).write_bytes(content[:-1])
    assert exporting.read(folder).problems()
    (folder / name).unlink()
    assert exporting.read(folder).problems()


def test_a_copy_signed_by_another_is_not_believed(log: Log, folder: Path) -> None:
    log.grow(5)
    export(log, folder)
    text = (folder / "checkpoint").read_text("utf-8")
    (folder / "checkpoint").write_text(text.replace("audit\n5", "audit\n4"), "utf-8")
    assert "checkpoint_changed" in codes(log.verify(exporting.read(folder)))
    (folder / "checkpoint").unlink()
    with pytest.raises(Invalid, match="holds no exported log"):
        exporting.read(folder)


def test_only_tiles_of_the_signed_tree_are_given(log: Log) -> None:
    log.grow(300)
    log.record(10)
    with log.store.reading() as connection:
        assert len(exporting.resource(connection, Tile(0, 1, 44))) == 44 * 32
        assert len(exporting.resource(connection, Tile(0, 1, 3))) == 3 * 32, "the partial tile of an earlier size"
        for beyond in (Tile(0, 1, 45), Tile(0, 2, 1), Tile(1, 0, 2), Tile(2, 0, 1), Tile(-1, 1, 45)):
            with pytest.raises(NotFound):
                exporting.resource(connection, beyond)
    with log.store.transaction() as connection:
        connection.execute(audit_entries.delete().where(audit_entries.c.leaf_index == 7))
        connection.execute(audit_tiles.delete())
        with pytest.raises(Conflict, match="entries are missing"):
            exporting.resource(connection, Tile(-1, 0, 256))
        with pytest.raises(Conflict, match="hashes are missing"):
            exporting.resource(connection, Tile(0, 0, 256))
