"""Known pictures: what adding and removing them does, on both databases, and that the index keeps up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from agoranomos.audit.queries import entries
from agoranomos.engine.pictures.signature import Signature, content_hash
from agoranomos.goods.pictures import actions, queries
from agoranomos.goods.pictures.actions import Change, Offered
from agoranomos.goods.pictures.model import Role
from agoranomos.goods.pictures.references import References
from agoranomos.goods.pictures.service import PictureService
from agoranomos.kernel.actors import SYSTEM
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.store import Store
from tests.builders import NOW
from tests.engine.pictures.drawing import drawn, file_of, signed

FILES = {seed: file_of(drawn(seed), quality=85) for seed in range(4)}
SIGNED = {seed: signed(data) for seed, data in FILES.items()}


def offered(seed: int, name: str = "") -> Offered:
    content = content_hash(FILES[seed]).hex()
    return Offered(content=content, name=name or f"p{seed}", source="test", signature=SIGNED[seed])


def add(store: Store, role: Role, seeds: Sequence[int], brand_id: str | None = None, minutes: int = 0) -> list[Change]:
    with store.transaction() as connection:
        return actions.add(
            connection, role, [offered(seed) for seed in seeds], brand_id=brand_id, by=SYSTEM,
            now=NOW + timedelta(minutes=minutes),
        )  # fmt: skip


def service(store: Store, folder: Path) -> PictureService:
    return PictureService(store, folder, folder / "cache", lambda: NOW)


def found(references: References, asked: Signature) -> list[tuple[str, str, str | None]]:
    return [(one.role, one.name, one.brand_id) for one in references.search(asked)]


def test_adding_twice_changes_nothing_and_roles_do_not_mix(store: Store) -> None:
    assert add(store, "fake", [0, 1]) == ["added", "added"]
    assert add(store, "fake", [1, 0, 2, 2], minutes=1) == ["unchanged", "unchanged", "added", "unchanged"]
    assert add(store, "genuine", [0, 3], "nike", minutes=2) == ["known_otherwise", "added"]
    assert add(store, "fake", [0], "nike", minutes=3) == ["changed"]
    assert add(store, "fake", [0], minutes=4) == ["unchanged"]
    with store.reading() as connection:
        known = queries.references(connection)
        verbs = [kept.leaf.decode() for kept in entries(connection, 0, 100)]
    assert [(each.role, each.name, each.brand_id) for each in known] == [
        ("fake", "p0", "nike"), ("fake", "p1", None), ("fake", "p2", None), ("genuine", "p3", "nike"),
    ]  # fmt: skip
    assert [each.number for each in known] == sorted({each.number for each in known})
    assert len(verbs) == 4
    assert all("picture.add" in each for each in verbs), "what changed nothing is not recorded"


def test_the_index_follows_the_store(store: Store, tmp_path: Path) -> None:
    pictures = service(store, tmp_path)
    assert found(pictures.references(), SIGNED[0]) == []
    add(store, "fake", [0, 1])
    assert found(pictures.references(), SIGNED[0]) == [("fake", "p0", None)]
    add(store, "genuine", [3], "nike", minutes=1)
    references = pictures.references()
    assert found(references, SIGNED[3]) == [("genuine", "p3", "nike")]
    with store.reading() as connection:
        first = queries.references(connection)[1].number
    assert found(references.later_than(first), SIGNED[3]) == [("genuine", "p3", "nike")]
    assert found(references.later_than(first), SIGNED[0]) == []
    with store.transaction() as connection:
        actions.remove(connection, "p0", None, by=SYSTEM, now=NOW)
    assert found(pictures.references(), SIGNED[0]) == []
    assert len(pictures.references()) == 2
    assert add(store, "fake", [0], minutes=1) == ["added"], "with a number that no other had"
    assert found(pictures.references(), SIGNED[0]) == [("fake", "p0", None)]


def test_a_damaged_index_is_made_anew(store: Store, tmp_path: Path) -> None:
    add(store, "fake", [0, 1])
    pictures = service(store, tmp_path)
    pictures.references()
    for path in (tmp_path / "pictures" / "known.msgpack", *(tmp_path / "pictures" / "index").rglob("names.json")):
        path.write_bytes(b"\xc1 nonsense")
    assert found(pictures.references(), SIGNED[1]) == [("fake", "p1", None)]


def test_a_copy_for_other_processes_outlives_the_original(store: Store, tmp_path: Path) -> None:
    add(store, "fake", [0])
    pictures = service(store, tmp_path)
    pictures.references().save(tmp_path / "copy")
    add(store, "fake", [1, 2], minutes=1)
    pictures.references()
    assert found(References.open(tmp_path / "copy"), SIGNED[0]) == [("fake", "p0", None)]
    assert References.open(tmp_path / "copy").number == 1_777_622_400_000_000


def test_what_is_not_known_cannot_be_removed(store: Store) -> None:
    with store.transaction() as connection, pytest.raises(NotFound, match="agora pictures list"):
        actions.remove(connection, "p9", None, by=SYSTEM, now=NOW)


def test_pages(store: Store) -> None:
    add(store, "fake", [0, 1, 2], "nike")
    add(store, "genuine", [3], minutes=1)
    with store.reading() as connection:
        first = queries.page(connection, role="fake", brand_id="nike", after=0, limit=2)
        rest = queries.page(connection, role=None, brand_id=None, after=first[-1].number, limit=9)
    assert [each.name for each in first] == ["p0", "p1"]
    assert [each.name for each in rest] == ["p2", "p3"]
