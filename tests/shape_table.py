"""Makes ``engine/text/data/shapes.txt`` anew: which everyday Chinese characters look alike to the eye.

``.venv/bin/python -m tests.shape_table`` draws the characters of GB 2312 with Noto Sans CJK and Noto Serif CJK (SIL
Open Font License; Debian's fonts-noto-cjk), blurs them as a hurried reader does, and ranks them by how much two
drawings have in common, those that share a part first. Only the ranking is written, nothing of the fonts.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from agoranomos.engine.text import shapes, variants
from agoranomos.engine.text.folding import fold_table
from agoranomos.engine.text.lexicon import fold_texts
from agoranomos.goods.brands.seed import seed_brands

FONTS = tuple(f"/usr/share/fonts/opentype/noto/Noto{face}CJK-Regular.ttc" for face in ("Sans", "Serif"))
SIMPLIFIED = 2
"""The place of the Chinese face in those collections."""
PIXELS = 32
BLUR = 1.2
KEPT = 32
LIKEST = 8
"""So many come first whatever they are made of."""
SHARED_PART = 0.2
"""Added to the correlation of two characters that share a part."""
Drawings = npt.NDArray[np.float32]


def drawn(characters: str, font: str) -> Drawings:
    """Each character as a blurred drawing of mean 0 and length 1, a row each."""
    face = ImageFont.truetype(font, PIXELS, index=SIMPLIFIED)
    rows = np.zeros((len(characters), PIXELS, PIXELS), np.float32)
    for row, char in zip(rows, characters, strict=True):
        image = Image.new("L", (PIXELS, PIXELS), 0)
        ImageDraw.Draw(image).text((PIXELS / 2, PIXELS / 2), char, font=face, fill=255, anchor="mm")
        row[:] = np.asarray(image, np.float32)
    around = range(-4, 5)
    kernel = [float(np.exp(-0.5 * (step / BLUR) ** 2)) for step in around]
    for axis in (1, 2):
        rows = np.sum([w * np.roll(rows, step, axis) for w, step in zip(kernel, around, strict=True)], axis=0)
    flat = rows.reshape(len(characters), -1)
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    return flat


def wanted(characters: str) -> list[str]:
    """Who gets a line: the first level of GB 2312, ordered by sound, and every character of a shipped name."""
    named = {char for brand in seed_brands() for name in brand.called() for char in name}
    first_level = characters[: characters.index("座") + 1]
    return [char for char in characters if char in first_level or char in named]


def main() -> int:
    """Command line."""
    everyday = variants.everyday_characters()
    kept = np.diff(fold_texts(everyday, fold_table()).starts) > 0  # bare strokes are signs to the fold
    characters = "".join(char for char, keep in zip(everyday, kept, strict=True) if keep)
    sheets = [drawn(characters, font) for font in FONTS]
    likeness: Drawings = np.mean(np.stack([sheet @ sheet.T for sheet in sheets]), axis=0)
    lines = []
    for char in wanted(characters):
        likest = likeness[characters.index(char)]
        shared = [SHARED_PART * variants.related_shapes(char, other) for other in characters]
        by_eye, by_part = (np.argsort(-scores, kind="stable") for scores in (likest, likest + np.array(shared)))
        ranked = dict.fromkeys(characters[at] for at in (*by_eye[: LIKEST + 1], *by_part))
        lines.append(char + "".join([other for other in ranked if other != char][:KEPT]))
    path = Path(shapes.__file__).parent / "data" / "shapes.txt"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    print(f"{len(lines)} characters -> {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
