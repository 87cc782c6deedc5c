"""Edited copies are found; unrelated pictures are not."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageOps

from agoranomos.engine.pictures.clusters import cluster
from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.matching import compared
from agoranomos.engine.pictures.signature import signature
from benchmarks.picture_quality import edits
from tests.engine.pictures.drawing import drawn, file_of, signed

KNOWN = {f"p{seed}": drawn(seed) for seed in range(12)}
INDEX = Index.build((name, signed(picture)) for name, picture in KNOWN.items())


@pytest.mark.parametrize("name", edits.SINGLE)
@pytest.mark.slow
def test_an_edited_copy_is_found(name: str) -> None:
    chance = random.Random(name)
    data = edits.applied([name], KNOWN["p3"], chance, drawn(99))
    matches = INDEX.search(signed(data))
    assert [match.name for match in matches] == ["p3"]
    assert matches[0].score > 0.9


@pytest.mark.slow
def test_unrelated_pictures_do_not_match() -> None:
    for seed in range(100, 130):
        assert INDEX.search(signed(drawn(seed))) == []


def test_three_edits_are_found() -> None:
    data = edits.applied(["mirror", "rotation 6°", "border"], KNOWN["p5"], random.Random(4), drawn(99))
    match = INDEX.search(signed(data))[0]
    assert match.name == "p5"
    assert match.mirrored
    assert match.words.startswith("mirrored, turned by about 6°")


def test_the_match_says_how_the_picture_lies() -> None:
    picture = KNOWN["p1"]
    width, height = picture.size
    half = picture.crop((0, 0, width // 2, height))
    match = compared(signed(half), signed(picture))
    assert match is not None
    assert not match.mirrored
    assert match.seen == pytest.approx(0.5, abs=0.03)
    assert match.covers == pytest.approx(1, abs=0.03)
    assert match.degrees == pytest.approx(0, abs=1)
    assert match.words == f"cropped to about {round(match.seen * 100)} % of its area"
    sheet = Image.new("RGB", (2 * width, height), "white")
    sheet.paste(picture, (width, 0))
    match = compared(signed(sheet), signed(picture))
    assert match is not None
    assert match.seen == 1
    assert match.words.startswith("filling about 5")


@pytest.mark.parametrize("degrees", [-90, -25, 5, 40, 180])
def test_turns_are_measured(degrees: int) -> None:
    turned = KNOWN["p2"].rotate(-degrees, expand=True)  # Pillow turns anticlockwise
    match = compared(signed(turned), signed(KNOWN["p2"]))
    assert match is not None
    assert abs((match.degrees - degrees + 180) % 360 - 180) < 1


def test_a_mirrored_picture_has_the_same_codes() -> None:
    plain, mirrored = signed(KNOWN["p7"]), signed(ImageOps.mirror(KNOWN["p7"]))
    codes = {tuple(each) for each in plain.words.tolist()}
    same = sum(tuple(each) in codes for each in mirrored.words.tolist())
    assert same > len(mirrored) / 10
    match = compared(mirrored, plain)
    assert match is not None
    assert match.mirrored
    assert match.words == "mirrored"


def test_the_same_bytes_give_the_same_signature() -> None:
    data = file_of(KNOWN["p4"])
    assert signed(data).packed() == signed(data).packed()


def test_a_picture_without_marks_matches_nothing() -> None:
    plain = signed(Image.new("RGB", (300, 300), "grey"))
    assert INDEX.search(plain) == []
    assert compared(plain, plain) is None


def test_the_same_picture_makes_a_group() -> None:
    chance = random.Random(6)
    signatures = {name: signed(picture) for name, picture in KNOWN.items()}
    for number, name in enumerate(("mirror", "crop 10 %", "sticker")):
        signatures[f"copy-{number}"] = signed(edits.applied([name], KNOWN["p8"], chance, drawn(99)))
    signatures["z"] = signed(edits.applied(["watermark"], KNOWN["p0"], chance, drawn(99)))
    groups = cluster(signatures)
    assert [group.names for group in groups] == [("copy-0", "copy-1", "copy-2", "p8"), ("p0", "z")]
    assert all(group.score >= 0.9 for group in groups)
    assert cluster(dict(reversed(signatures.items()))) == groups
    assert cluster({}) == []


def test_signature_is_whole_from_its_packed_form() -> None:
    made = signature(file_of(KNOWN["p9"]))
    again = type(made).unpacked(made.packed())  # type: ignore[union-attr]
    assert again is not None
    match = compared(again, made)  # type: ignore[arg-type]
    assert match is not None
    assert match.share == 1
