"""Photos lose what tells of their maker and keep every pixel; and no file, however built, does harm."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from agoranomos.engine.pictures.bounds import Limits, Skip
from agoranomos.engine.pictures.stripping.parts import Stripped, exif_of, orientation_of
from agoranomos.engine.pictures.stripping.strip import strip
from tests.engine.pictures.drawing import drawn, file_of

SECRET = b"Anna-Camera-3121N-12127E"
PLACE = {1: "N", 2: (31.0, 14.0, 1.0), 3: "E", 4: (121.0, 28.0, 1.0)}
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(turned: int = 1) -> Image.Exif:
    """EXIF with a camera, a place and how the picture is turned."""
    told = Image.Exif()
    told[0x010F] = SECRET.decode()
    told[0x0112] = turned
    told.get_ifd(0x8825).update(PLACE)
    return told


def pixels(data: bytes) -> Any:
    """As they are shown, each frame of it, in the file's own turn."""
    with Image.open(io.BytesIO(data)) as picture:
        frames = []
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            frames.append(np.asarray(picture.convert("RGBA")))
        return frames


def same(one: bytes, other: bytes) -> bool:
    """Whether both show the same, to the pixel."""
    return all(np.array_equal(a, b) for a, b in zip(pixels(one), pixels(other), strict=True))


def stripped(data: bytes) -> Stripped:
    """What must be possible."""
    found = strip(data)
    assert isinstance(found, Stripped), found
    return found


def jpeg(**options: Any) -> bytes:
    """A JPEG with everything."""
    options = {"exif": exif(options.pop("turned", 1)), "icc_profile": PROFILE, "comment": SECRET, "xmp": XMP, **options}
    return file_of(drawn(1, (90, 70)), "JPEG", **options)


def png(**options: Any) -> bytes:
    """A PNG with everything."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", SECRET.decode())
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    texts.add_text("Comment", SECRET.decode(), zip=True)
    options = {"exif": exif(options.pop("turned", 1)), "icc_profile": PROFILE, "dpi": (71, 71), **options}
    return file_of(drawn(2, (90, 70)).convert(options.pop("mode", "RGB")), "PNG", pnginfo=texts, **options)


def webp(**options: Any) -> bytes:
    """A WebP with everything."""
    options = {"exif": exif(options.pop("turned", 1)), "icc_profile": PROFILE, "xmp": XMP, **options}
    return file_of(drawn(3, (90, 70)), "WEBP", **options)


def avif(**options: Any) -> bytes:
    """An AVIF with everything, built as HEIC is."""
    options = {"exif": exif(options.pop("turned", 1)), "icc_profile": PROFILE, "xmp": XMP, **options}
    return file_of(drawn(4, (90, 70)), "AVIF", **options)


def animation(kind: str) -> bytes:
    """Three frames that go on for ever."""
    frames = [drawn(number, (60, 40)) for number in range(3)]
    options: dict[str, Any] = {"comment": SECRET} if kind == "GIF" else {"exif": exif(), "xmp": XMP}
    return file_of(frames[0], kind, save_all=True, append_images=frames[1:], loop=0, duration=50, **options)


def segment(marker: int, body: bytes) -> bytes:
    """One of a JPEG."""
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def with_everything() -> bytes:
    """A JPEG with IPTC, a second picture, a thumbnail in two places, and a video behind it, too."""
    plain = jpeg()
    more = [
        segment(0xED, b"Photoshop 3.0\0" + SECRET), segment(0xE0, b"JFXX\0\x10" + file_of(drawn(5, (20, 20)))),
        segment(0xE2, b"MPF\0" + SECRET), segment(0xE5, SECRET), segment(0xEF, SECRET),
    ]  # fmt: skip
    return b"".join((plain[:2], *more, plain[2:], b"MotionPhoto_Data", SECRET))


FILES: dict[str, Callable[[], bytes]] = {
    "jpeg": jpeg,
    "jpeg, progressive": lambda: jpeg(progressive=True),
    "jpeg, grey": lambda: file_of(drawn(1, (90, 70)).convert("L"), exif=exif(), comment=SECRET),
    "jpeg, cmyk": lambda: file_of(drawn(1, (90, 70)).convert("CMYK"), exif=exif(), comment=SECRET),
    "jpeg, restarts": lambda: jpeg(restart_marker_blocks=2),
    "jpeg, with everything": with_everything,
    "png": png,
    "png, palette": lambda: png(mode="P"),
    "png, alpha": lambda: png(mode="RGBA"),
    "png, one bit": lambda: png(mode="1"),
    "png, animated": lambda: animation("PNG"),
    "png, trailing": lambda: png() + SECRET,
    "webp": webp,
    "webp, lossless": lambda: webp(lossless=True),
    "webp, animated": lambda: animation("WEBP"),
    "webp, trailing": lambda: webp() + SECRET,
    "gif": lambda: file_of(drawn(6, (60, 40)), "GIF", comment=SECRET),
    "gif, animated": lambda: animation("GIF"),
    "gif, trailing": lambda: animation("GIF") + SECRET,
    "avif": avif,
    "avif, trailing box": lambda: avif() + struct.pack(">I4s", 8 + len(SECRET), b"mpvd") + SECRET,
}


@pytest.mark.parametrize("name", FILES)
def test_what_tells_of_its_maker_goes_and_every_pixel_stays(name: str) -> None:
    data = FILES[name]()
    made = stripped(data)
    assert made.removed
    assert SECRET not in made.data
    assert SECRET[4:16] not in made.data
    assert b"xmpmeta" not in made.data
    assert PROFILE[:64] not in made.data
    assert same(jpeg() if name == "jpeg, with everything" else data, made.data)
    with Image.open(io.BytesIO(made.data)) as picture:
        assert picture.getexif().get_ifd(0x8825) == {}
        assert "icc_profile" not in picture.info
        assert "comment" not in picture.info
    again = stripped(made.data)
    assert (again.data, again.removed) == (made.data, ()), "there is nothing left to leave out"


def test_what_went_is_named() -> None:
    assert stripped(with_everything()).removed == (
        "iptc", "thumbnail", "further pictures", "app5", "app15", "exif", "xmp", "colour profile", "comment",
        "trailing data",
    )  # fmt: skip
    assert set(stripped(png()).removed) == {"text", "exif", "colour profile", "resolution"}
    assert set(stripped(webp()).removed) == {"exif", "xmp", "colour profile"}


@pytest.mark.parametrize("make", [jpeg, png, webp])
@pytest.mark.parametrize("turned", [3, 6, 8])
def test_how_it_is_turned_stays(make: Callable[..., bytes], turned: int) -> None:
    made = stripped(make(turned=turned))
    with Image.open(io.BytesIO(made.data)) as picture:
        assert dict(picture.getexif()) == {0x0112: turned}


@given(st.integers(1, 8), st.binary(max_size=60))
def test_the_turn_is_read_from_any_bytes(turned: int, noise: bytes) -> None:
    assert orientation_of(exif_of(turned)) == turned
    assert 1 <= orientation_of(b"II*\0" + noise) <= 8
    assert 1 <= orientation_of(noise) <= 8


def chunk(kind: bytes, body: bytes) -> bytes:
    """One of a PNG."""
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def test_what_hides_behind_the_picture_in_its_own_data_goes() -> None:
    """A screenshot that was cropped in its place keeps the rest of the larger one there."""
    plain = file_of(drawn(2, (90, 70)), "PNG")
    at = plain.index(b"IEND") - 4
    hidden = plain[:at] + chunk(b"IDAT", SECRET) + chunk(b"IDAT", SECRET) + plain[at:]
    made = stripped(hidden)
    assert made.removed == ("data behind the picture",)
    assert made.data == plain


def test_a_bomb_is_refused() -> None:
    head = struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)
    bomb = zlib.compress(bytes(50_000_000))
    whole = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", bomb) + chunk(b"IEND", b"")
    assert strip(whole) == Skip("broken")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"hello", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind_not_read"),
        (b"II*\0" + bytes(40), "kind_not_read"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "kind_not_read"),
        (b"\xff\xd8", "cut off"),
        (b"GIF89a", "broken"),
        (b"RIFF\xff\xff\xff\x7fWEBPVP8 ", "broken"),
    ],
)
def test_what_cannot_be_done_is_said(data: bytes, reason: str) -> None:
    found = strip(data)
    assert isinstance(found, Skip)
    assert found.reason == (reason if reason != "cut off" else "broken")


def test_bounds() -> None:
    data = jpeg()
    assert strip(data, Limits(bytes_max=100)) == Skip("too_many_bytes")
    assert strip(data, Limits(jpeg_pixels_max=10, pixels_max=10)) == Skip("too_large")
    assert strip(jpeg(progressive=True), Limits(scans_max=2)) == Skip("too_many_scans")


SMALL = {name: FILES[name]() for name in ("jpeg", "png", "webp", "gif", "avif")}


@given(st.sampled_from(sorted(SMALL)), st.data())
def test_no_damaged_file_does_harm(name: str, data: st.DataObject) -> None:
    """Cut off anywhere, or changed in some bytes: a picture without metadata, or a reason; never an error."""
    whole = bytearray(SMALL[name])
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(whole)) | st.just(len(whole)))
    found = strip(bytes(whole[:end]))
    assert isinstance(found, Skip | Stripped)
    if isinstance(found, Stripped):
        assert b"xmpmeta" not in found.data


BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBP", b"GIF89a", b"\0\0\0\x18ftypheic")


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=300))
def test_no_made_up_file_does_harm(begin: bytes, rest: bytes) -> None:
    assert isinstance(strip(begin + rest), Skip | Stripped)
