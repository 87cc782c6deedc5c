"""Draws pictures of imaginary goods, and a catalogue that shows them: python3 draw_pictures.py FOLDER"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np


def goods(seed: int):
    """A picture full of shapes, always the same for a seed."""
    chance = np.random.default_rng(seed)
    picture = np.full((400, 480, 3), chance.integers(0, 256, 3), np.uint8)
    for _ in range(60):
        x, y = (int(each) for each in chance.integers(0, (480, 400)))
        wide, tall = (int(each) for each in chance.integers(8, 90, 2))
        colour = tuple(int(each) for each in chance.integers(0, 256, 3))
        if chance.random() < 0.5:
            cv2.rectangle(picture, (x, y), (x + wide, y + tall), colour, -1)
        else:
            cv2.ellipse(picture, (x, y), (wide, tall), 0, 0, 360, colour, -1)
    return picture


def main(folder: Path) -> None:
    for name in ("fakes", "nike", "market"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    sneaker, official, dress = goods(1), goods(2), goods(3)
    framed = cv2.copyMakeBorder(cv2.flip(sneaker, 1)[30:, 40:], 25, 25, 25, 25, cv2.BORDER_CONSTANT, value=(0, 0, 200))
    pictures = {
        "fakes/fake-sneaker-7.jpg": sneaker,
        "nike/air-front.jpg": official,
        "market/a.jpg": framed,
        "market/b.jpg": cv2.resize(official, (360, 300)),
        "market/c.jpg": dress,
        "market/d.jpg": cv2.convertScaleAbs(dress, alpha=0.8, beta=30),
    }
    for name, picture in pictures.items():
        cv2.imwrite(str(folder / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
    (folder / "market" / "broken.jpg").write_bytes((folder / "market" / "c.jpg").read_bytes()[:900])
    shown = {
        "l1": ["a.jpg"], "l2": ["b.jpg"], "l3": ["c.jpg", "broken.jpg"],
        "l4": ["d.jpg", "https://img.example/d.jpg"],
    }  # fmt: skip
    titles = {"l1": "running shoes", "l2": "running shoes", "l3": "summer dress", "l4": "summer dress"}
    with (folder / "listings.jsonl").open("w") as out:
        for number, (listing, paths) in enumerate(shown.items(), start=1):
            row = {"listing_id": listing, "store_id": f"store-{number}", "title": titles[listing]}
            out.write(json.dumps({**row, "price_amount": 19900, "currency": "CNY", "picture_paths": paths}) + "\n")


main(Path(sys.argv[1]))
