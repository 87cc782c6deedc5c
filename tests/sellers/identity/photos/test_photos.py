"""Photos: measures, prints, and files of strangers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from agoranomos.engine.pictures.bounds import REASONS
from agoranomos.engine.pictures.decoding import Grey
from agoranomos.sellers.identity.photos import editing, measuring
from agoranomos.sellers.identity.photos.eyes import LIMITS, Eyes
from agoranomos.sellers.identity.photos.matching import BITS_MAX, bits_of, same_photo, telling
from agoranomos.sellers.identity.photos.model import Photo, bits_between
from tests.sellers.identity.photos.cards import card, cloned, copies, held, jpeg, opened, spliced

CARDS = [card(seed) for seed in range(8)]
HELD = [held(each, seed) for seed, each in enumerate(CARDS)]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("photos")


@pytest.fixture(scope="module")
def eyes(root: Path) -> Iterator[Eyes]:
    one = Eyes(root)
    yield one
    one.close()


def digest(data: bytes) -> str:
    return f"{len(data)}"


@pytest.mark.parametrize("photos", [CARDS, HELD], ids=["scanned", "held"])
def test_copies_of_a_photo_are_known_and_other_cards_are_not(photos: list[Grey]) -> None:
    prints = [measuring.print_of(each) for each in photos]
    assert min(bits_of(one, other) for one, other in combinations(prints, 2)) > BITS_MAX
    for print_, photo in zip(prints, photos, strict=True):
        far = {name for name, copy in copies(photo).items() if bits_of(print_, measuring.print_of(copy)) > BITS_MAX}
        assert far == set()


def test_the_hash_of_64_bits_cannot_tell_cards_apart_which_is_why_it_weighs_little() -> None:
    hashes = [measuring.phash_of(each) for each in CARDS]
    assert min(bits_between(one, other) for one, other in combinations(hashes, 2)) <= 4


def test_focus_and_light_are_measured() -> None:
    sharp = HELD[0]
    blurred: Grey = cv2.GaussianBlur(sharp, (0, 0), 5)  # type: ignore[assignment]
    assert measuring.sharpness(sharp) > 300
    assert measuring.sharpness(blurred) < 30
    assert measuring.exposure(np.zeros((40, 40), np.uint8)) == (1.0, 0.0)
    assert measuring.exposure(np.full((40, 40), 255, np.uint8)) == (0.0, 1.0)


@pytest.mark.slow
def test_traces_of_editing_are_seen_in_the_plain_case() -> None:
    assert max(editing.levels(opened(jpeg(each))) for each in HELD) < 6
    assert editing.levels(opened(jpeg(spliced(HELD[0], HELD[1]), 95))) > 10
    assert max(editing.copied(each) for each in HELD) < 0.003 < editing.copied(cloned(HELD[0]))


@pytest.mark.parametrize("shape", [(16, 16), (16, 400), (1_000, 16)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_pictures_with_nothing_in_them(shape: tuple[int, int], value: int) -> None:
    grey = np.full(shape, value, np.uint8)
    photo = Photo(state="read", content=f"{value}", print=measuring.print_of(grey), phash=measuring.phash_of(grey))
    assert editing.copied(grey) == 0.0
    assert editing.levels(grey) < 1.0
    assert not telling(photo)
    assert not same_photo(photo, msgspec.structs.replace(photo, content="another"))


def test_what_cannot_be_looked_at_is_said(eyes: Eyes, root: Path) -> None:
    (root / "folder").mkdir()
    (root / "out").symlink_to("/etc/hostname")
    said = {
        given: (seen.photo.state, seen.photo.why)
        for given in (
            "", "https://example.com/1.jpg", "data:image/png;base64,AA", "none.jpg", "../x", "/etc/passwd", "out",
            "a\0b", "folder", "x" * 5_000,
        )
        for seen in [eyes.look(given, digest)]
    }  # fmt: skip
    assert said[""] == ("missing", "")
    assert {said["https://example.com/1.jpg"], said["data:image/png;base64,AA"]} == {("not_looked_at", "url")}
    assert said["none.jpg"] == said["a\0b"] == said["x" * 5_000] == ("unread", "not_there")
    assert said["../x"] == said["/etc/passwd"] == said["out"] == ("unread", "outside")
    assert said["folder"] == ("unread", "unreadable")
    assert eyes.look("phash:0123456789ABCDEF", digest).photo == Photo(state="hash_only", phash="0123456789abcdef")
    assert Eyes(None).look("a.jpg", digest).photo == Photo(state="not_looked_at", why="no_root")


@pytest.mark.slow
def test_files_of_strangers(eyes: Eyes, root: Path) -> None:
    whole = jpeg(HELD[0])
    bomb = cv2.imencode(".png", np.zeros((8_000, 8_000), np.uint8))[1].tobytes()
    files = {
        "good.jpg": (whole, None),
        "cut.jpg": (whole[: len(whole) // 3], "broken"),
        "start.jpg": (whole[:40], "broken"),
        "empty.jpg": (b"", "empty"),
        "words.jpg": (b"this is no picture, it only says so", "not_a_picture"),
        "bomb.png": (bomb, "too_large"),
        "vector.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind_not_read"),
        "tiny.png": (cv2.imencode(".png", np.zeros((8, 8), np.uint8))[1].tobytes(), "too_small"),
        "large.jpg": (whole + bytes(10 << 20), None),  # ten million bytes, most of them of no use
        "larger.jpg": (whole + bytes(LIMITS.bytes_max), "too_many_bytes"),
    }
    for name, (data, why) in files.items():
        (root / name).write_bytes(data)
        seen = eyes.look(name, digest)
        if why is None or (name == "cut.jpg" and seen.photo.state == "read"):
            assert seen.photo.state == "read", name
            assert (seen.photo.side_min, len(seen.photo.print), len(seen.photo.phash)) == (900, 144, 16)
        else:
            assert (seen.photo.state, seen.photo.why) == ("unread", why), name
            assert why in REASONS


def test_bytes_go_to_a_provider_within_bounds(eyes: Eyes, root: Path) -> None:
    (root / "a.jpg").write_bytes(b"12345")
    assert eyes.bytes_of("a.jpg", 5) == b"12345"
    assert eyes.bytes_of("a.jpg", 4) is None
    assert eyes.bytes_of("../a.jpg", 5) is None
    assert eyes.bytes_of("https://example.com/a.jpg", 5) is None
