"""What people do to a picture before they use it again; made with Pillow alone, no code shared with the kernel.

Each edit takes a picture, a source of chance and a second picture (for the collage), and gives a picture. Sizes,
places, colours and words are drawn by chance, so that nothing can be tuned to one form of an edit.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from typing import Final

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

Edit = Callable[[Image.Image, random.Random, Image.Image], Image.Image]

_WORDS: Final = ("SHOP 88", "NEW 2024", "50% OFF", "BEST PRICE", "FREE POST", "www.shop.example", "SALE", "TOP QUALITY")


def encoded(picture: Image.Image, quality: int) -> bytes:
    """The picture as JPEG."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def recompressed(quality: int) -> Edit:
    """Compressed again with a low quality."""
    return lambda picture, _chance, _other: Image.open(io.BytesIO(encoded(picture, quality))).convert("RGB")


def resized(picture: Image.Image, chance: random.Random, _other: Image.Image) -> Image.Image:
    """Between 45 and 70 % of its size, its shape a little changed."""
    share = chance.uniform(0.45, 0.7)
    shape = chance.uniform(0.97, 1.03)
    return picture.resize((int(picture.width * share), int(picture.height * share * shape)), Image.Resampling.BICUBIC)


def cropped(share: float) -> Edit:
    """So much is cut off on each of the four sides, moved a little at random."""

    def cut(picture: Image.Image, chance: random.Random, _other: Image.Image) -> Image.Image:
        left = 2 * share * chance.uniform(0.35, 0.65)
        top = 2 * share * chance.uniform(0.35, 0.65)
        width, height = picture.size
        kept = 1 - 2 * share
        box = (left * width, top * height, (left + kept) * width, (top + kept) * height)
        return picture.crop(tuple(round(each) for each in box))  # type: ignore[arg-type]

    return cut


def bordered(picture: Image.Image, chance: random.Random, _other: Image.Image) -> Image.Image:
    """A plain border of 4 to 12 % of the width."""
    width = int(picture.width * chance.uniform(0.04, 0.12))
    return ImageOps.expand(picture, width, chance.choice(("white", "black", "#d02020", "#e8e0c8")))


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(8, size))


def watermarked(picture: Image.Image, chance: random.Random, _other: Image.Image) -> Image.Image:
    """Half-transparent words over the whole picture, slanted."""
    layer = Image.new("RGBA", (2 * picture.width, 2 * picture.height))
    draw = ImageDraw.Draw(layer)
    size = picture.width / chance.uniform(8, 14)
    word = chance.choice(_WORDS)
    colour = (*chance.choice(((255, 255, 255), (40, 40, 40))), chance.randint(70, 150))
    for y in range(0, layer.height, int(size * chance.uniform(3, 5))):
        draw.text((chance.uniform(0, size * 3), y), f"{word}      " * 8, colour, _font(size))
    layer = layer.rotate(chance.uniform(15, 40))
    corner = (picture.width // 2, picture.height // 2)
    layer = layer.crop((*corner, corner[0] + picture.width, corner[1] + picture.height))
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def lettered(picture: Image.Image, chance: random.Random, _other: Image.Image) -> Image.Image:
    """A band of colour with large words across, and a line of words elsewhere."""
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    tall = height * chance.uniform(0.12, 0.2)
    top = chance.choice((0, height - tall, height * chance.uniform(0.2, 0.6)))
    draw.rectangle((0, top, width, top + tall), chance.choice(("#d02020", "#101010", "#ffd020", "#2050d0")))
    draw.text((width * 0.05, top + tall * 0.2), chance.choice(_WORDS), "white", _font(tall * 0.6))
    draw.text(
        (width * chance.uniform(0, 0.4), height * chance.random() * 0.9),
        chance.choice(_WORDS),
        "red",
        _font(width / 12),
    )
    return picture


def stickered(picture: Image.Image, chance: random.Random, _other: Image.Image) -> Image.Image:
    """An opaque round or square sticker that hides 5 to 12 % of the picture."""
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    side = (width * height * chance.uniform(0.05, 0.12)) ** 0.5
    left, top = chance.uniform(0, width - side), chance.uniform(0, height - side)
    shape = chance.choice((draw.ellipse, draw.rectangle))
    shape((left, top, left + side, top + side), chance.choice(("#ff3030", "#ffe000", "#20a040", "white")))
    draw.text(
        (left + side * 0.2, top + side * 0.35), chance.choice(("NEW", "HOT", "-30%")), "black", _font(side * 0.28)
    )
    return picture


def mirrored(picture: Image.Image, _chance: random.Random, _other: Image.Image) -> Image.Image:
    """Left and right exchanged."""
    return ImageOps.mirror(picture)


def rotated(degrees: float) -> Edit:
    """Turned to one of both sides, with empty corners or (half the time) cut so that none show."""

    def turn(picture: Image.Image, chance: random.Random, _other: Image.Image) -> Image.Image:
        angle = chance.choice((-degrees, degrees))
        fill = chance.choice(("white", "black"))
        full = chance.random() < 0.5
        turned = picture.rotate(angle, Image.Resampling.BICUBIC, expand=full, fillcolor=fill)
        if full:
            return turned
        cut = 0.012 * degrees
        width, height = turned.size
        return turned.crop((int(width * cut), int(height * cut), int(width * (1 - cut)), int(height * (1 - cut))))

    return turn


def screenshot(picture: Image.Image, chance: random.Random, _other: Image.Image) -> Image.Image:
    """On a telephone's screen: a bar above, title, price and buttons below."""
    width = int(picture.width * chance.uniform(1.0, 1.15))
    height = int(width * chance.uniform(1.7, 2.1))
    dark = chance.random() < 0.3
    screen = Image.new("RGB", (width, max(height, int(picture.height * 1.35))), "#181818" if dark else "white")
    draw = ImageDraw.Draw(screen)
    ink = "white" if dark else "black"
    top = int(width * chance.uniform(0.12, 0.2))
    draw.text((width * 0.05, 4), f"{chance.randint(0, 23)}:{chance.randint(10, 59)}", ink, _font(width / 24))
    draw.text((width * 0.8, 4), f"5G {chance.randint(9, 99)}%", ink, _font(width / 26))
    draw.text((width * 0.05, top * 0.5), "<  Item", ink, _font(width / 18))
    screen.paste(picture, ((width - picture.width) // 2, top))
    below = top + picture.height
    draw.text((width * 0.05, below + 8), f"¥ {chance.randint(20, 2000)}", "#e02020", _font(width / 12))
    draw.text(
        (width * 0.05, below + 12 + width / 10), chance.choice(_WORDS) + " sneakers dress shirt", ink, _font(width / 20)
    )
    draw.rounded_rectangle((width * 0.5, screen.height - width * 0.13, width * 0.97, screen.height - 6), 12, "#ff5000")
    draw.text((width * 0.6, screen.height - width * 0.1), "Buy now", "white", _font(width / 18))
    return screen


def collage(picture: Image.Image, chance: random.Random, other: Image.Image) -> Image.Image:
    """Beside another picture of the same height."""
    other = other.resize((max(1, int(other.width * picture.height / other.height)), picture.height))
    first, second = (picture, other) if chance.random() < 0.5 else (other, picture)
    sheet = Image.new("RGB", (first.width + second.width, picture.height))
    sheet.paste(first, (0, 0))
    sheet.paste(second, (first.width, 0))
    return sheet


def recoloured(picture: Image.Image, chance: random.Random, _other: Image.Image) -> Image.Image:
    """Lighter or darker, with more or less contrast."""
    picture = ImageEnhance.Brightness(picture).enhance(chance.choice((0.75, 1.25)))
    return ImageEnhance.Contrast(picture).enhance(chance.choice((0.75, 1.3)))


SINGLE: Final[Mapping[str, Edit]] = {
    "recompress q30": recompressed(30),
    "recompress q60": recompressed(60),
    "resize": resized,
    "colours": recoloured,
    "crop 5 %": cropped(0.05),
    "crop 10 %": cropped(0.10),
    "crop 20 %": cropped(0.20),
    "border": bordered,
    "watermark": watermarked,
    "text overlay": lettered,
    "sticker": stickered,
    "mirror": mirrored,
    "rotation 3°": rotated(3),
    "rotation 6°": rotated(6),
    "rotation 10°": rotated(10),
    "screenshot": screenshot,
    "collage 2x1": collage,
}
_KIND: Final = {name: name.split()[0] for name in SINGLE}
_LAST: Final = ("border", "screenshot", "collage", "resize", "recompress")
"""In a combination these come after the others, as they do in life."""


def combination(count: int, chance: random.Random) -> list[str]:
    """The names of `count` edits of different kinds, in the order in which they are made."""
    chosen: list[str] = []
    while len(chosen) < count:
        name = chance.choice(list(SINGLE))
        if _KIND[name] not in {_KIND[each] for each in chosen}:
            chosen.append(name)
    return sorted(chosen, key=lambda name: _LAST.index(_KIND[name]) if _KIND[name] in _LAST else -1)


def applied(names: list[str], picture: Image.Image, chance: random.Random, other: Image.Image) -> bytes:
    """The edited picture as JPEG."""
    for name in names:
        picture = SINGLE[name](picture, chance, other)
    return encoded(picture, chance.choice((75, 85, 92)))
