"""Eyes: each content is decoded once, what became known later is searched for alone, and time has an end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from PIL import ImageOps

from agoranomos.engine.pictures.guard import Guard
from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.places import placed
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.pictures.eyes import Caches, Eyes
from agoranomos.goods.pictures.judge import Attending
from agoranomos.goods.pictures.model import Reference, Role
from agoranomos.goods.pictures.references import References, Shelf
from tests.engine.pictures.drawing import drawn, file_of, signed

pytestmark = pytest.mark.slow


def references(*known: tuple[Role, int, int], state: int = 0) -> References:
    """Known pictures: role, what they show, number."""
    made = {}
    for role, seed, number in known:
        each = Reference(role=role, content=f"{seed:064x}", name=f"p{seed}", number=number)
        made[each.key] = each
    index = Index.build((f"{role}:{seed:064x}", signed(drawn(seed))) for role, seed, _ in known)
    return References([Shelf(index, made)], (len(known), state))


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard]:
    with Guard() as made:
        yield made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    for seed in range(3):
        (folder / f"{seed}.jpg").write_bytes(file_of(ImageOps.mirror(drawn(seed)), quality=80))
    (folder / "0 again.jpg").write_bytes((folder / "0.jpg").read_bytes())
    return folder


def eyes(root: Path, known: References, guard: Guard, **options: object) -> Eyes:
    return Eyes(root, known, Caches(root.parent / "cache"), guard=guard, **options)  # type: ignore[arg-type]


def names(made: Eyes, *paths: str) -> list[list[str]]:
    return [[one.name for one in each.resembles] for each in made.look(paths).seen]


def test_a_content_is_decoded_once(root: Path, guard: Guard) -> None:
    looked = eyes(root, references(("fake", 0, 1)), guard).look(["0.jpg", "0 again.jpg", "1.jpg", "0.jpg"])
    assert looked.decoded == 2
    assert [[one.name for one in each.resembles] for each in looked.seen] == [["p0"], ["p0"], [], ["p0"]]
    assert [each.path for each in looked.seen] == ["0.jpg", "0 again.jpg", "1.jpg", "0.jpg"]
    assert eyes(root, references(("fake", 0, 1)), guard).look(["0.jpg", "1.jpg"]).decoded == 0


def test_what_became_known_later_is_found_and_what_was_removed_is_not(root: Path, guard: Guard) -> None:
    made = eyes(root, references(("fake", 0, 1), state=1), guard)
    assert names(made, "0.jpg", "1.jpg") == [["p0"], []]
    made.show(references(("fake", 0, 1), ("genuine", 1, 2), state=2))
    assert names(made, "0.jpg", "1.jpg") == [["p0"], ["p1"]]
    made.show(references(("genuine", 1, 2), state=2))
    assert names(made, "0.jpg", "1.jpg") == [[], ["p1"]]


def test_brands_own_pictures_are_known_beside_the_stores(root: Path, guard: Guard) -> None:
    made = eyes(root, references(("fake", 0, 1), state=1), guard)
    plain = made.version
    brand = Brand(brand_id="nike", names=("Nike",), reference_pictures=("2.jpg", "no-such.jpg", "https://a.example/b"))
    made.know(references(("fake", 0, 1), state=1), [brand])
    (seen,) = made.look(["2.jpg"]).seen
    assert [(one.role, one.name, one.brand_id) for one in seen.resembles] == [("genuine", "2", "nike")]
    assert made.version != plain
    made.know(references(("fake", 0, 1), state=1), [])
    assert names(made, "2.jpg") == [[]]
    assert made.version == plain


def test_nothing_is_begun_when_the_time_is_over(root: Path, guard: Guard) -> None:
    ticks = count()
    made = eyes(root, references(("fake", 0, 1)), guard, clock=lambda: float(next(ticks)))
    seen = made.look(["0.jpg", "https://a.example/b", "1.jpg", "2.jpg"], until=1.0).seen
    assert [each.skipped for each in seen] == [None, "not_at_hand", "out_of_time", "out_of_time"]


def test_many_threads_share_eyes_that_learn(root: Path, guard: Guard) -> None:
    now = [0.0]
    known = [references(("fake", 0, 1), state=1)]
    attending = Attending(
        lambda: eyes(root, known[0], guard), renew=lambda made: made.show(known[0]), renew_s=30, seconds_max=None,
        clock=lambda: now[0],
    )  # fmt: skip

    def shown(path: str) -> list[str]:
        return [one.name for one in attending.look([path])[0].resembles]

    assert shown("1.jpg") == []
    known[0] = references(("fake", 0, 1), ("fake", 1, 2), state=2)
    now[0] = 29.0
    assert shown("1.jpg") == []
    now[0] = 30.0
    assert shown("1.jpg") == ["p1"]
    assert attending.version() == "2.2"
    attending.close()
    assert shown("0.jpg") == ["p0"], "closed eyes open again"
    attending.close()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("http://a.example/x.jpg", "not_at_hand"), ("HTTPS://a.example/x.jpg", "not_at_hand"),
        ("//cdn.example/x.jpg", "not_at_hand"), ("s3://bucket/x", "not_at_hand"),
        ("data:image/png;base64,", "not_at_hand"),
        ("phash:0123456789abcdef", "hash_only"), ("", "missing"), ("a\0b", "missing"), ("no-such.jpg", "missing"),
        ("x" * 5_000, "missing"), ("../root.jpg", "outside_root"), ("/etc/passwd", "outside_root"),
        ("0.jpg/../../x", "outside_root"), ("\udcff.jpg", "missing"),
    ],
)  # fmt: skip
def test_only_files_under_the_root_are_opened(root: Path, given: str, why: str) -> None:
    assert placed(str(root.resolve()), given) == why


def test_links_and_absolute_paths_within_the_root_are_followed(root: Path) -> None:
    real = root.resolve()
    (root / "inner.jpg").symlink_to(root / "0.jpg")
    (root / "outer.jpg").symlink_to(root.parent)
    (root / "loop.jpg").symlink_to("loop.jpg")
    assert placed(str(real), "inner.jpg") == real / "0.jpg"
    assert placed(str(real), str(real / "0.jpg")) == real / "0.jpg"
    assert placed(str(real), "outer.jpg") == "outside_root"
    assert placed(str(real), "./a/../0.jpg") == real / "0.jpg"
