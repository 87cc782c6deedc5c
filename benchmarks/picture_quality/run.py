"""Recall by edit at one wrong match in 100,000 comparisons: ``python -m benchmarks.picture_quality.run``.

For PDQ and imagehash the line is drawn on the judged pairs themselves, where it is best for them: the loosest that
keeps the share of wrong matches. The kernel's line is 0.5, fixed in its code before.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from PIL import Image

from benchmarks.measuring import Table
from benchmarks.picture_quality import contenders, edits, photos

WRONG_SHARE_MAX: Final = 1e-5
STEPS: Final = (0.5, 0.7, 0.9, 0.99)
TWO, THREE = "two edits", "three edits"


class Asked(msgspec.Struct, frozen=True):
    """An edited picture: the number of its photo among the known ones (-1: not known), the groups of what it shows
    (its own and that of the partner in a collage), its edits."""

    known: int
    groups: tuple[int, int]
    names: list[str]
    data: bytes

    @property
    def family(self) -> str:
        """The name of its line in the table."""
        return self.names[0] if len(self.names) == 1 else (TWO if len(self.names) == 2 else THREE)


def opened(path: Path) -> Image.Image:
    """The photo in colours."""
    with Image.open(path) as picture:
        return picture.convert("RGB")


def asked_for(
    known: Sequence[photos.Photo], others: Sequence[photos.Photo], combinations: int, chance: random.Random
) -> list[Asked]:
    """Every edit of every known photo, and combinations; of each photo that is not known some combinations."""
    partners = others[: len(others) // 2]
    made = []
    for number, photo in enumerate(known):
        picture = opened(photo.path)
        plans = [[name] for name in edits.SINGLE]
        plans += [edits.combination(count, chance) for count in (2, 3) for _ in range(combinations)]
        for names in plans:
            partner = chance.choice(partners)
            data = edits.applied(names, picture, chance, opened(partner.path))
            made.append(Asked(number, (photo.group, partner.group), names, data))
    for photo in others[len(others) // 2 :]:
        for _ in range(3):
            names = edits.combination(chance.choice((1, 2, 3)), chance)
            partner = chance.choice(partners)
            data = edits.applied(names, opened(photo.path), chance, opened(partner.path))
            made.append(Asked(-1, (photo.group, partner.group), names, data))
    return made


class Result(msgspec.Struct, frozen=True):
    """`line`: the score from which a pair is called the same; recall by family; wrong matches of so many pairs."""

    contender: str
    line: float
    recall: dict[str, float]
    wrong: int
    pairs: int
    wrong_pairs: list[tuple[int, int]]
    told: list[tuple[float, int, int]]
    """Lower end of a step of scores, pairs told in it, how many of these are right."""

    @property
    def mean(self) -> float:
        """Mean recall over the families."""
        return statistics.fmean(self.recall.values())


def judged(
    contender: contenders.Contender, known: Sequence[photos.Photo], asked: Sequence[Asked], line: float | None
) -> Result:
    """The result of one contender; with `line` None the loosest line within WRONG_SHARE_MAX."""
    scores: Any = contender.scores([each.path.read_bytes() for each in known], [each.data for each in asked])
    groups = np.array([each.group for each in known])
    shown = np.array([each.groups for each in asked])
    unlike = (groups[None] != shown[:, :1]) & (groups[None] != shown[:, 1:])
    crossed = np.sort(scores[unlike])[::-1]
    if line is None:
        line = float(np.nextafter(crossed[int(len(crossed) * WRONG_SHARE_MAX)], np.float32(np.inf)))
    found: dict[str, list[bool]] = {}
    for row, each in enumerate(asked):
        if each.known >= 0:
            found.setdefault(each.family, []).append(bool(scores[row, each.known] >= line))
    wrong = np.argwhere(unlike & (scores >= line))
    recall = {name: statistics.fmean(hits) for name, hits in found.items()}
    pairs = [(int(row), int(column)) for row, column in wrong]
    told = []
    for low, high in itertools.pairwise((*STEPS, np.inf)):
        inside = (scores >= low) & (scores < high)
        told.append((low, int(inside.sum()), int((inside & ~unlike).sum())))
    return Result(contender.name, line, recall, len(wrong), int(unlike.sum()), pairs, told)


def table(results: Sequence[Result], counts: Mapping[str, int]) -> Table:
    """Recall by edit, contenders side by side."""
    names = [*edits.SINGLE, TWO, THREE]
    rows = [(name, *(f"{each.recall[name]:.3f}" for each in results)) for name in names]
    rows.append(("mean", *(f"{each.mean:.3f}" for each in results)))
    rows.append(("wrong matches", *(f"{each.wrong} of {each.pairs:,}" for each in results)))
    rows.append(("line", *(f"{each.line:g}" for each in results)))
    notes = tuple(f"{key}: {value:,}" for key, value in counts.items())
    return Table("Recall by edit", ("edit", *(each.contender for each in results)), tuple(rows), notes)


def reliability(result: Result) -> Table:
    """What share of the pairs told with a score is right."""
    rows = [
        (f"{low:g} and more", f"{told:,}", f"{right / told:.3f}" if told else "-") for low, told, right in result.told
    ]
    return Table(f"Scores of {result.contender}", ("score", "pairs", "right"), tuple(rows))


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, help="folder of shared data, with pictures/ below it")
    parser.add_argument("--half", choices=("development", "judging"), default="judging")
    parser.add_argument("--known", type=int, default=150)
    parser.add_argument("--others", type=int, default=100)
    parser.add_argument("--combinations", type=int, default=5, help="of two and of three edits, each, per photo")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", help="contender; may be given again")
    parser.add_argument("--wrong", type=Path, help="writes the wrong pairs of the first contender here, to look at")
    options = parser.parse_args(argv)
    chosen = photos.half(photos.grouped(photos.listed(options.shared)), options.half)
    known = chosen[: options.known]
    groups = {each.group for each in known}
    others = [each for each in chosen[options.known :] if each.group not in groups][: options.others]
    asked = asked_for(known, others, options.combinations, random.Random(options.seed))
    print(f"{len(known)} known, {len(asked)} asked", file=sys.stderr, flush=True)
    results = []
    for contender in contenders.ALL:
        if options.only and contender.name not in options.only:
            continue
        results.append(judged(contender, known, asked, 0.5 if "agoranomos" in contender.name else None))
        print(contender.name, f"{results[-1].mean:.3f}", file=sys.stderr, flush=True)
    print(table(results, {"known pictures": len(known), "asked pictures": len(asked)}).text())
    if "agoranomos" in results[0].contender:
        print(reliability(results[0]).text())
    if options.wrong:
        save_wrong(results[0], known, asked, options.wrong)
    return 0


def save_wrong(result: Result, known: Sequence[photos.Photo], asked: Sequence[Asked], folder: Path) -> None:
    """Each wrong pair side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (row, column) in enumerate(result.wrong_pairs):
        (folder / f"{number}-asked-{'+'.join(asked[row].names).replace('/', '')}.jpg").write_bytes(asked[row].data)
        (folder / f"{number}-known.jpg").write_bytes(known[column].path.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
